//! The port of bulk filings: the file as it comes, piece by piece, what was found in it, and what it was handed on as.

use crate::domain::bulk::Bulk;
use crate::domain::ids::{BulkId, ClientId, SubmissionId};
use crate::domain::submission::{Finding, SubmissionState};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;

/// A bulk filing as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBulk {
    /// The filing.
    pub bulk: Bulk,
    /// Counts its changes.
    pub version: u64,
    /// What all its records have in common, sealed; none once it is over.
    pub office: Option<Vec<u8>>,
}

/// What inserting one came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedBulk {
    /// It is new.
    New,
    /// The filer sent the same key with the same body before: this one answers.
    Same(Box<Bulk>),
    /// The filer sent the same key with another body before.
    KeyReused,
}

impl InsertedBulk {
    /// What it means that `new` was not written, when `earlier` came with the same key.
    pub(in crate::store) fn from_earlier(new: &Bulk, earlier: Bulk) -> Self {
        if earlier.key == new.key { Self::Same(Box::new(earlier)) } else { Self::KeyReused }
    }
}

/// A piece that came: whole lines of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPiece {
    /// Its place, from 0.
    pub no: u32,
    /// Its first line, from 1.
    pub first_line: u64,
    /// How many lines it has.
    pub lines: u64,
    /// How many of them are rejected.
    pub rejected: u64,
    /// Its bytes, sealed.
    pub content: Vec<u8>,
    /// What was found, by line.
    pub outcomes: Vec<(u64, Vec<Finding>)>,
}

/// A piece as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkPiece {
    /// Its place, from 0.
    pub no: u32,
    /// Its first line, from 1.
    pub first_line: u64,
    /// How many lines it has.
    pub lines: u64,
    /// The filing that it was handed on as.
    pub submission: Option<SubmissionId>,
}

/// One change, whole or not at all.
#[derive(Clone, Debug)]
pub struct BulkChange {
    /// As it is from now on.
    pub bulk: Bulk,
    /// The version that was read.
    pub version: u64,
    /// When there is something to do; never when absent.
    pub due_at: Option<Timestamp>,
    /// A piece that came.
    pub piece: Option<NewPiece>,
    /// A piece that was handed on, as which filing: its bytes are erased.
    pub handed_on: Option<(u32, SubmissionId)>,
}

/// Bulk filings.
#[async_trait]
pub trait BulkStore: Send + Sync {
    /// Writes a new one with its sealed `office`, unless the client sent the key before: of any number of callers with one
    /// key, one inserts.
    async fn insert_bulk(&self, bulk: &Bulk, office: &[u8]) -> Result<InsertedBulk, Fault>;
    /// The one with this id.
    async fn find_bulk(&self, id: &BulkId) -> Result<Option<HeldBulk>, Fault>;
    /// Writes a change; false, and nothing is written, when it is another by now. Once it is over, what it held is erased.
    async fn update_bulk(&self, change: &BulkChange) -> Result<bool, Fault>;
    /// Lends one that is due until `until`, to one caller only; counts as a change.
    async fn lease_bulk(&self, now: Timestamp, until: Timestamp) -> Result<Option<HeldBulk>, Fault>;
    /// A piece with its sealed bytes; without them when it is handed on, or erased.
    async fn find_bulk_piece(&self, id: &BulkId, no: u32) -> Result<Option<(BulkPiece, Option<Vec<u8>>)>, Fault>;
    /// Pieces, by place, from the one that holds this line on.
    async fn list_bulk_pieces(&self, id: &BulkId, line: u64, limit: u32) -> Result<Vec<BulkPiece>, Fault>;
    /// What was found in lines from `from` to `to`, both included, by line.
    async fn list_bulk_outcomes(&self, id: &BulkId, from: u64, to: u64) -> Result<Vec<(u64, Vec<Finding>)>, Fault>;
    /// How many records stand where: by the state of the filing that they were handed on in, none while they wait;
    /// not those whose filing was kept as long as the operator's schedule says.
    async fn count_bulk_records(&self, id: &BulkId) -> Result<Vec<(Option<SubmissionState>, u64)>, Fault>;
}

/// Something sealed that a bulk filing holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedBulk {
    /// Of which.
    pub bulk: BulkId,
    /// The piece whose bytes it is; what all records have in common when none.
    pub piece: Option<u32>,
    /// As it is sealed.
    pub sealed: Vec<u8>,
}

/// What bulk filings hold: found by their key, and sealed anew.
#[async_trait]
pub trait BulkHoldingStore: Send + Sync {
    /// The one that this client began with this key.
    async fn find_bulk_by_key(&self, client: &ClientId, key: Digest) -> Result<Option<HeldBulk>, Fault>;
    /// What records have in common, by bulk filing, after this one.
    async fn list_sealed_offices(&self, after: &str, limit: u32) -> Result<Vec<SealedBulk>, Fault>;
    /// Pieces whose bytes are here, by bulk filing and place, after this one.
    async fn list_sealed_pieces(&self, after: (&str, i64), limit: u32) -> Result<Vec<SealedBulk>, Fault>;
    /// Puts `sealed` in the place of what `seen` holds; false when it holds something else by now.
    async fn reseal_bulk(&self, seen: &SealedBulk, sealed: &[u8]) -> Result<bool, Fault>;
}
