//! The port of who may act for whom, and of what was decided so.

use crate::domain::grant::Grant;
use crate::domain::ids::{GrantId, RepresentationId, SubjectId};
use crate::domain::representation::{Representation, Turn};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;

/// What a turn came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turned {
    /// Nothing: it is not there, its time is over, or it was so already.
    Nothing,
    /// It is so now, and these grants that were given by it ended, are held still, or go on with it.
    Done(Vec<GrantId>),
}

impl Turned {
    /// Whether it was this caller's change.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }
}

/// Who may act for whom. Every change leaves its leaf for the log of evidence in the same transaction.
#[async_trait]
pub trait RepresentationStore: Send + Sync {
    /// Writes a new one; one between the same two on the same ground whose time is over ends for it. False, and nothing
    /// is written, while another between the same two on the same ground stands: of many callers one gets a yes.
    async fn insert_representation(&self, new: &Representation) -> Result<bool, Fault>;
    /// The one with this id, whatever its state.
    async fn find_representation(&self, id: &RepresentationId) -> Result<Option<Representation>, Fault>;
    /// By whom a person is represented, newest first, whatever the state.
    async fn list_representatives(&self, principal: &SubjectId, limit: u32) -> Result<Vec<Representation>, Fault>;
    /// Whom a person represents, newest first, whatever the state.
    async fn list_represented(&self, representative: &SubjectId, limit: u32) -> Result<Vec<Representation>, Fault>;
    /// Changes one whose time is not over, and in the same transaction every grant that was given by it: what ends with
    /// it ends as a revoked grant does, what is held still as a paused one. Done for the one caller whose change it was;
    /// `operator` is the name of the one who did it, unless one of the two did.
    async fn turn_representation(
        &self,
        id: &RepresentationId,
        turn: Turn,
        operator: Option<&str>,
        at: Timestamp,
    ) -> Result<Turned, Fault>;
    /// Holds still, for the suspended card of `person`, everything that is in force in which they have a part, and what was
    /// given by it, in one transaction that takes the provider's event too; the grants held, or none when the event was
    /// taken before.
    async fn freeze_for_card(
        &self,
        person: &SubjectId,
        (event, kept_until): (Digest, Timestamp),
        at: Timestamp,
    ) -> Result<Option<Vec<GrantId>>, Fault>;
    /// What was given by one, newest first.
    async fn list_grants_by(&self, id: &RepresentationId, limit: u32) -> Result<Vec<Grant>, Fault>;
}
