//! The port of what a consent allows for now: how often it is used, whether its person holds it still, and what they
//! said before.

use super::InsertedRequest;
use crate::domain::grant::Grant;
use crate::domain::ids::GrantId;
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

/// What inserting a request that counts came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CountedRequest {
    /// As without counting; only [`InsertedRequest::New`] has cost a use.
    Inserted(InsertedRequest),
    /// Every use of the span is taken: nothing was written.
    UsedUp,
}

/// What a consent allows for now.
#[async_trait]
pub trait ConsentStore: Send + Sync {
    /// Writes a new request as [`insert_request`](super::RequestStore::insert_request) does, and takes one use of its
    /// grant's in the same transaction: both, or neither. A request that is not new takes none.
    async fn insert_counted_request(
        &self,
        request: &RetrievalRequest,
        lease: Lease<'_>,
        one: &Use,
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
