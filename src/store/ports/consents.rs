//! The port of what a consent allows for now: how often it is used, whether its person holds it still, and what they
//! said before.

use super::InsertedRequest;
use crate::domain::grant::Grant;
use crate::domain::ids::GrantId;
use crate::domain::predicate::Threshold;
use crate::domain::retrieval::RetrievalRequest;
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// To whom a new request is lent, and until when.
#[derive(Clone, Copy, Debug)]
pub struct Lease<'a> {
    /// The worker.
    pub owner: &'a str,
    /// Until when.
    pub until: Timestamp,
}

/// One use of a consent whose uses are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// In which span, by a name of its own among those of the grant.
    pub span: String,
    /// How many uses the span has.
    pub allowed: u32,
    /// Until when the count must be kept.
    pub kept_until: Timestamp,
}

/// What a request takes of what was allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Charge {
    /// A use of its consent, where uses are counted.
    pub one: Option<Use>,
    /// The thresholds that its answers tell.
    pub thresholds: Vec<Threshold>,
}

impl Charge {
    /// Whether it takes nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.one.is_none() && self.thresholds.is_empty()
    }
}

/// How far the thresholds of one line are told, when one more was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThresholdsTold {
    /// Which of the request's thresholds was one too many.
    pub place: usize,
    /// How many are remembered.
    pub told: u32,
    /// When the first of them is forgotten.
    pub frees_at: Option<Timestamp>,
}

impl ThresholdsTold {
    /// Of a line whose remembered thresholds are kept until `kept`.
    #[must_use]
    pub(in crate::store) fn of(place: usize, mut kept: Vec<Timestamp>, allowed: u32) -> Self {
        kept.sort_unstable();
        let allowed = usize::try_from(allowed).unwrap_or(usize::MAX);
        // As many must be forgotten as there are over the limit, and one more.
        let frees_at = if allowed == 0 { None } else { kept.get(kept.len().saturating_sub(allowed)).copied() };
        Self { place, told: u32::try_from(kept.len()).unwrap_or(u32::MAX), frees_at }
    }
}

/// What inserting a request that counts came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CountedRequest {
    /// As without counting; only [`InsertedRequest::New`] has cost a use.
    Inserted(InsertedRequest),
    /// Every use of the span is taken: nothing was written.
    UsedUp,
    /// One of its thresholds is one more than may be told: nothing was written.
    TooManyThresholds(ThresholdsTold),
}

/// What a consent allows for now.
#[async_trait]
pub trait ConsentStore: Send + Sync {
    /// Writes a new request as [`insert_request`](super::RequestStore::insert_request) does, and takes what it costs in
    /// the same transaction: all, or nothing. A request that is not new takes nothing. A threshold that is remembered at
    /// the request's own time costs nothing; a new one is remembered, unless its line has as many as are allowed.
    async fn insert_counted_request(
        &self,
        request: &RetrievalRequest,
        lease: Lease<'_>,
        charge: &Charge,
    ) -> Result<CountedRequest, Fault>;
    /// How many uses of a span are taken.
    async fn find_used(&self, grant: &GrantId, span: &str) -> Result<u32, Fault>;
    /// Holds a grant in force still; in the same transaction cancels its open requests and drops their results. Its
    /// tokens stay. True for one caller only.
    async fn pause_grant(&self, id: &GrantId, at: Timestamp) -> Result<bool, Fault>;
    /// Lets a paused grant go on whose time is not over; true for one caller only.
    async fn resume_grant(&self, id: &GrantId, now: Timestamp) -> Result<bool, Fault>;
    /// What a grant was before newer decisions took its place, newest first.
    async fn list_superseded(&self, id: &GrantId) -> Result<Vec<Grant>, Fault>;
}
