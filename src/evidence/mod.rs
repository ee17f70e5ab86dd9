//! What happened, written so that it can be shown: the access history.
