//! What comes out of what a backend sent.
