//! How the binding of a browser holds.
