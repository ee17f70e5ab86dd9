//! The port of questions to citizens who answer away from the client (RFC 8628, CIBA).

use crate::domain::decoupled::DecoupledRequest;
use crate::domain::grant::Grant;
use crate::domain::ids::{ClientId, DecoupledId, GrantId, SubjectId};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;
use std::time::Duration;

/// How long after its end a question is still known, so that its client is told that it is over.
pub const DECOUPLED_KEPT: Duration = Duration::from_hours(1);
/// How much slower a client must ask each time it asked too soon (RFC 8628 §3.5).
pub const SLOWER: Duration = Duration::from_secs(5);
/// How much sooner than agreed a client may ask, since networks are not even.
pub const EARLY: Duration = Duration::from_secs(1);
/// The slowest pace that a client is driven to.
pub const SLOWEST: Duration = Duration::from_mins(1);

/// A question, as it is first kept.
#[derive(Clone, Debug)]
pub struct NewDecoupled<'a> {
    /// The question.
    pub request: &'a DecoupledRequest,
    /// Digest of the `device_code` or `auth_req_id`.
    pub digest: Digest,
    /// Digest of the user code; for a device.
    pub user_code: Option<Digest>,
    /// Who is asked, where the client named them.
    pub subject: Option<&'a SubjectId>,
    /// The least time between two polls.
    pub pace: Duration,
}

/// What a poll came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Polled {
    /// The citizen agreed, and this caller took the answer, first and only.
    Granted(GrantId),
    /// The citizen refused.
    Refused,
    /// Not answered yet.
    Pending,
    /// Not answered yet, and asked too soon: the pace is slower now.
    TooSoon,
    /// Its time is over.
    Over,
    /// There is none such of this client, or its answer was taken.
    Unknown,
}

/// Questions to citizens who answer elsewhere, and whom a client may ask so.
#[async_trait]
pub trait DecoupledStore: Send + Sync {
    /// Keeps a new question; false, and nothing is kept, when its user code is another's.
    async fn insert_decoupled(&self, new: &NewDecoupled<'_>) -> Result<bool, Fault>;
    /// The open question with this user code, which is this person's from now on. Of several persons the first gets
    /// it, and may ask again; to all others there is none.
    async fn claim_decoupled(
        &self,
        user_code: Digest,
        subject: &SubjectId,
        now: Timestamp,
    ) -> Result<Option<DecoupledRequest>, Fault>;
    /// The person's open question with this id, unless it is over.
    async fn find_decoupled(
        &self,
        id: &DecoupledId,
        subject: &SubjectId,
        now: Timestamp,
    ) -> Result<Option<DecoupledRequest>, Fault>;
    /// The person's open questions that are not over, those that end first first; at most `limit`.
    async fn list_decoupled(
        &self,
        subject: &SubjectId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<DecoupledRequest>, Fault>;
    /// Answers the person's open question: writes the grant, or a refusal where there is none. True for one caller
    /// only, and nothing is written for any other.
    async fn take_decoupled_decision(
        &self,
        id: &DecoupledId,
        subject: &SubjectId,
        grant: Option<&Grant>,
        now: Timestamp,
    ) -> Result<bool, Fault>;
    /// Asks for the answer; one caller only takes it, and whoever asks too soon must be slower from now on.
    async fn poll_decoupled(&self, digest: Digest, client: &ClientId, now: Timestamp) -> Result<Polled, Fault>;
    /// Keeps whom a pairwise subject stands for.
    async fn put_pairwise(&self, sub: Digest, subject: &SubjectId) -> Result<(), Fault>;
    /// Whom a pairwise subject stands for.
    async fn find_pairwise(&self, sub: Digest) -> Result<Option<SubjectId>, Fault>;
}
