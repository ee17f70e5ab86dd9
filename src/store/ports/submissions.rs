//! The ports of filings: what was taken on, the queue of what goes to agencies, and the one cursor of what changed.
//!
//! A delivery has a version that every change counts up, a lease included. Whoever changes one names the version that it
//! read: of two who hold the same delivery, one finds that it is another by now and must not act on what it thought.

mod bulk;
mod drafts;
mod webhooks;

pub use bulk::{BulkChange, BulkHoldingStore, BulkPiece, BulkStore, HeldBulk, InsertedBulk, NewPiece, SealedBulk};
pub use drafts::{DraftStore, HeldDraft, InsertedDraft};
pub use webhooks::WebhookStore;

use crate::domain::ids::{ClientId, DeliveryId, DraftId, SubmissionId};
use crate::domain::submission::{Delivery, Submission, SubmissionEvent, SubmissionState};
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::{Before, FiledDeposit};
use async_trait::async_trait;

/// A filing to be written down whole: itself, its parts with their sealed contents, its event and its leaf.
#[derive(Clone, Debug)]
pub struct NewSubmission {
    /// The filing.
    pub submission: Submission,
    /// Its parts, each with its content as sealed.
    pub deliveries: Vec<(Delivery, Vec<u8>)>,
    /// How large the filer's share of an agency's turns is; 1 is the usual one.
    pub weight: u32,
    /// Whether it is a part of what was taken on before: then its delegation was in force at that time, and is not asked for
    /// here.
    pub is_taken_on: bool,
    /// The draft that it was, with the tag of what was handed in: taken away in the same write.
    pub draft: Option<(DraftId, String)>,
    /// The deposit that it files, in the same write.
    pub deposit: Option<FiledDeposit>,
}

/// What inserting a filing came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedSubmission {
    /// It is new, and durable.
    New,
    /// The filer sent the same key with the same body before: this one answers.
    Same(Box<Submission>),
    /// The filer sent the same key with another body before.
    KeyReused,
    /// It is for another company, and the delegation is not in force any more: nothing was written.
    NotDelegated,
    /// Its draft is another by now, or gone: nothing was written.
    DraftChanged,
    /// Its deposit is filed already, or not declared any more: nothing was written.
    DepositChanged,
}

impl InsertedSubmission {
    /// What it means that `new` was not written, when `earlier` came with the same key.
    pub(in crate::store) fn from_earlier(new: &Submission, earlier: Submission) -> Self {
        if earlier.key == new.key { Self::Same(Box::new(earlier)) } else { Self::KeyReused }
    }
}

/// A delivery as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldDelivery {
    /// The delivery.
    pub delivery: Delivery,
    /// Counts its changes.
    pub version: u64,
    /// What is still to be sent, sealed; none once the agency has it.
    pub content: Option<Vec<u8>>,
}

/// What a worker wants to do at an agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Send what waits, in turn by filer.
    Sends,
    /// Look how what it has stands, the longest due first.
    Looks,
}

/// What a worker asks to be lent.
#[derive(Clone, Debug)]
pub struct Leasing {
    /// Of which agency.
    pub agency: String,
    /// For what.
    pub lane: Lane,
    /// The present moment.
    pub now: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// At most this many.
    pub limit: u32,
    /// How many of the agency's deliveries may be lent out at all, to every worker together.
    pub most: u32,
}

/// What becomes of a delivery's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// It stays.
    Keep,
    /// It is erased: the agency has it, or nobody will.
    Drop,
    /// This takes its place, sealed.
    Replace(Vec<u8>),
}

/// One change of a delivery.
#[derive(Clone, Debug)]
pub struct DeliveryChange {
    /// As it is from now on, with the states that it passed.
    pub delivery: Delivery,
    /// The version that was read.
    pub version: u64,
    /// When there is something to do; never when absent.
    pub due_at: Option<Timestamp>,
    /// Until when it stays lent to who changes it; given back when absent.
    pub lease: Option<Timestamp>,
    /// Its content.
    pub content: Content,
    /// When.
    pub at: Timestamp,
}

/// How much is under way at one agency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgencyLoad {
    /// Its name, also when it is not configured any more.
    pub agency: String,
    /// Deliveries that are to be sent, those that wait for a person among them.
    pub to_send: u64,
    /// Deliveries that it has and has not decided.
    pub in_review: u64,
    /// Deliveries that wait for a person.
    pub parked: u64,
}

/// Which filings are looked for.
#[derive(Clone, Debug)]
pub struct SubmissionFilter {
    /// Whose.
    pub client: ClientId,
    /// With this `Idempotency-Key` (its digest).
    pub key: Option<Digest>,
    /// Standing so.
    pub state: Option<SubmissionState>,
    /// Taken on from this moment.
    pub from: Option<Timestamp>,
    /// Taken on before this moment.
    pub to: Option<Timestamp>,
}

/// Filings as their filers see them.
#[async_trait]
pub trait SubmissionStore: Send + Sync {
    /// Writes a filing down, with its parts, its event, its leaf and its `Idempotency-Key`, all or nothing, unless the
    /// client sent the key before: of any number of callers with one key, one inserts.
    async fn insert_submission(&self, new: &NewSubmission) -> Result<InsertedSubmission, Fault>;
    /// The filing with this id.
    async fn find_submission(&self, id: &SubmissionId) -> Result<Option<Submission>, Fault>;
    /// The parts of these filings, by place.
    async fn list_deliveries(&self, of: &[SubmissionId]) -> Result<Vec<HeldDelivery>, Fault>;
    /// Filings, newest first.
    async fn list_submissions(
        &self,
        filter: &SubmissionFilter,
        before: &Before<SubmissionId>,
    ) -> Result<Vec<Submission>, Fault>;
    /// What changed after this place, in order; of one filer, or of all. Nothing that is written later ever has a place
    /// at or before one that was given.
    async fn list_submission_events(
        &self,
        client: Option<&ClientId>,
        after: u64,
        limit: u32,
    ) -> Result<Vec<SubmissionEvent>, Fault>;
}

/// The queue of what goes to agencies.
#[async_trait]
pub trait DeliveryStore: Send + Sync {
    /// Lends deliveries that are due, each to one caller only, and never more of one agency than may be lent out at all.
    async fn lease_deliveries(&self, wanted: &Leasing) -> Result<Vec<HeldDelivery>, Fault>;
    /// Writes a change, the filing's own state and the events, all or nothing; false, and nothing is written, when the
    /// delivery is another by now.
    async fn update_delivery(&self, change: &DeliveryChange) -> Result<bool, Fault>;
    /// The delivery with this id.
    async fn find_delivery(&self, id: &DeliveryId) -> Result<Option<HeldDelivery>, Fault>;
    /// How much is under way at each agency that has any, by name.
    async fn count_deliveries(&self) -> Result<Vec<AgencyLoad>, Fault>;
    /// Deliveries whose content is still to be sent, by id, after this one.
    async fn list_sealed_deliveries(&self, after: &str, limit: u32) -> Result<Vec<HeldDelivery>, Fault>;
    /// Puts `sealed` in the place of the content that `seen` holds; false when it holds something else by now.
    async fn reseal_delivery(&self, seen: &HeldDelivery, sealed: &[u8]) -> Result<bool, Fault>;
    /// Deliveries that wait for a person, by id, after this one.
    async fn list_parked(&self, after: &str, limit: u32) -> Result<Vec<HeldDelivery>, Fault>;
}
