//! How grants are ended before their time, as both engines are told.

use super::statement::Statement;
use crate::domain::Timestamp;
use crate::domain::grant::RevokedBy;

/// Which grants end, when, and by whom.
#[derive(Clone)]
pub(super) struct Ending {
    /// The statement that ends them, with what it looks for, the moment and the reason; gives id, client and person.
    pub revoke: Statement,
    /// What it looks for.
    pub of: Looked,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: RevokedBy,
}

/// What a statement that ends grants looks for.
#[derive(Clone)]
pub(super) enum Looked {
    /// An id.
    For(String),
    /// At most this many, by its own condition.
    Few(u32),
}
