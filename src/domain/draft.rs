//! A draft (下書き): a filing that is being written. Nobody has it but its filer, nothing is acknowledged, and it is kept sealed
//! until it is handed in, thrown away, or forgotten.

use super::ids::{ClientId, DraftId};
use super::refusal::Refusal;
use super::retrieval::IdempotencyKey;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a draft is kept after its last change.
pub const DRAFT_LIFE: Duration = Duration::from_hours(24 * 30);
/// Most drafts of one client.
pub const MOST_DRAFTS: u32 = 1000;

/// A draft, without what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its id, and last part of its address.
    pub id: DraftId,
    /// Whose software writes it.
    pub client: ClientId,
    /// The filer's `Idempotency-Key` at its beginning.
    pub key: IdempotencyKey,
    /// Names what it says now: another with every change, never one that was.
    pub tag: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

impl Draft {
    /// When it is forgotten unless it is changed before.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.changed_at.plus(DRAFT_LIFE)
    }

    /// Refuses whoever saw another version of it.
    ///
    /// # Errors
    /// `precondition_failed`.
    pub fn is_as_seen(&self, tag: &str) -> Result<(), Refusal> {
        if self.tag == tag {
            return Ok(());
        }
        let words = "It was changed since: read it again, and decide anew.";
        Err(Refusal::new("precondition_failed", words).at("If-Match"))
    }
}
