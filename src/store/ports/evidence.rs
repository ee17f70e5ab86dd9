//! The ports of the log of evidence: what waits for it, what is in it, and what an auditor reads.
//!
//! Nothing here writes a single leaf. An engine queues the leaf of an event itself, in the transaction that writes the
//! event down: an access line, a grant's change, a client's, a key's. So there is no event without its leaf, and none is
//! lost between the two.

use crate::domain::ids::{ClientId, GrantId, ReceiptId, SubjectId};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;
use std::time::Duration;

/// A leaf that waits to be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingLeaf {
    /// Its number in the queue.
    pub number: i64,
    /// Whose receipt it is.
    pub receipt: ReceiptId,
    /// What is logged.
    pub commitment: Digest,
}

/// A tile of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldTile {
    /// Its level.
    pub level: u8,
    /// Its index within the level.
    pub index: u64,
    /// Its hashes, one after the other.
    pub hashes: Vec<u8>,
}

/// A signed head of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCheckpoint {
    /// How many leaves.
    pub size: u64,
    /// When it was signed.
    pub at: Timestamp,
    /// The signed note.
    pub note: String,
}

/// What one append writes, whole or not at all.
#[derive(Clone, Debug)]
pub struct Append {
    /// How many leaves the log has had.
    pub from: u64,
    /// The leaves that are appended, in order.
    pub leaves: Vec<PendingLeaf>,
    /// The tiles that change or are new.
    pub tiles: Vec<HeldTile>,
    /// The head afterwards.
    pub checkpoint: HeldCheckpoint,
}

/// What is kept of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldReceipt {
    /// Its id.
    pub receipt: ReceiptId,
    /// When it happened.
    pub at: Timestamp,
    /// The third party that it concerns.
    pub client: Option<ClientId>,
    /// The person that it concerns.
    pub subject: Option<SubjectId>,
    /// What hides the record.
    pub salt: [u8; 32],
    /// The record, as it was committed to.
    pub record: String,
    /// Its place in the log; none while it waits.
    pub index: Option<u64>,
}

/// A leaf of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLeaf {
    /// Its place.
    pub index: u64,
    /// Whose receipt it is.
    pub receipt: ReceiptId,
    /// What is logged.
    pub commitment: Digest,
    /// Salt and record, unless they were erased.
    pub kept: Option<([u8; 32], String)>,
}

/// The log as it grows and is read.
#[async_trait]
pub trait EvidenceStore: Send + Sync {
    /// Leaves that wait, the first first.
    async fn list_pending_leaves(&self, limit: u32) -> Result<Vec<PendingLeaf>, Fault>;
    /// How many leaves wait.
    async fn count_pending_leaves(&self) -> Result<u64, Fault>;
    /// The newest head, or the first of at least `size`; none while there is none such.
    async fn find_checkpoint(&self, size: Option<u64>) -> Result<Option<HeldCheckpoint>, Fault>;
    /// Those of these tiles (level, index) that are there.
    async fn list_tiles(&self, ids: &[(u8, u64)]) -> Result<Vec<HeldTile>, Fault>;
    /// Appends leaves, if the log still has as many as this append begins from and all of them still wait: true for one
    /// caller only, and nothing is written for any other.
    async fn append_leaves(&self, append: &Append) -> Result<bool, Fault>;
    /// What is kept under this receipt.
    async fn find_receipt(&self, receipt: &ReceiptId) -> Result<Option<HeldReceipt>, Fault>;
    /// What is kept of a grant's changes, the newest first.
    async fn list_consent_receipts(&self, grant: &GrantId, limit: u32) -> Result<Vec<HeldReceipt>, Fault>;
    /// The commitments of leaves from `from` on, in order.
    async fn list_commitments(&self, from: u64, limit: u32) -> Result<Vec<Digest>, Fault>;
}

/// The log as an auditor and a witness see it.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// How many leaves the log says it has.
    async fn find_log_size(&self) -> Result<u64, Fault>;
    /// Leaves from `from` on with what is kept of them, in order.
    async fn list_leaves(&self, from: u64, limit: u32) -> Result<Vec<HeldLeaf>, Fault>;
    /// Heads of more than `after` leaves (of any number when absent), the smallest first.
    async fn list_checkpoints(&self, after: Option<u64>, limit: u32) -> Result<Vec<HeldCheckpoint>, Fault>;
    /// Drops heads from before `until` that are not the last of their span of time, at most `limit` of them; gives how
    /// many. Spans are counted from 1970, and the newest head stays always.
    async fn thin_checkpoints(&self, until: Timestamp, span: Duration, limit: u32) -> Result<u64, Fault>;
    /// Puts `note` in the place of `seen.note`; true for one caller only.
    async fn replace_checkpoint(&self, seen: &HeldCheckpoint, note: &str) -> Result<bool, Fault>;
}
