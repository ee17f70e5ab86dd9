//! The port of drafts: filings that are being written.

use crate::domain::draft::Draft;
use crate::domain::ids::{ClientId, DraftId};
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// A draft as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldDraft {
    /// The draft.
    pub draft: Draft,
    /// What it says, sealed.
    pub content: Vec<u8>,
}

/// What inserting one came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedDraft {
    /// It is new.
    New,
    /// The filer sent the same key before: this one is there.
    Earlier(Box<HeldDraft>),
    /// The filer has as many as may be.
    TooMany,
}

/// Drafts. What is handed in is taken away by the write that takes the filing on
/// ([`insert_submission`](super::SubmissionStore::insert_submission)).
#[async_trait]
pub trait DraftStore: Send + Sync {
    /// Writes a new one, unless the client sent the key before, or has `most` already: of any number of callers with one key,
    /// one inserts.
    async fn insert_draft(&self, new: &HeldDraft, most: u32) -> Result<InsertedDraft, Fault>;
    /// The one with this id, unless its time is over.
    async fn find_draft(&self, id: &DraftId, now: Timestamp) -> Result<Option<HeldDraft>, Fault>;
    /// A client's, newest first, without what they say.
    async fn list_drafts(&self, client: &ClientId, now: Timestamp) -> Result<Vec<Draft>, Fault>;
    /// Writes another version in place of the one with the tag `seen`; false, and nothing is written, when there is none.
    async fn update_draft(&self, next: &HeldDraft, seen: &str) -> Result<bool, Fault>;
    /// Throws away the one with this tag; false when there is none.
    async fn delete_draft(&self, id: &DraftId, seen: &str) -> Result<bool, Fault>;
    /// Some with what they say, by id, after this one.
    async fn list_sealed_drafts(&self, after: &str, limit: u32) -> Result<Vec<HeldDraft>, Fault>;
    /// Writes what it says as it was sealed anew; false when it is another by now.
    async fn reseal_draft(&self, seen: &HeldDraft, sealed: &[u8]) -> Result<bool, Fault>;
}
