//! The port of who may act for whom.

use crate::domain::ids::{RepresentationId, SubjectId};
use crate::domain::representation::{Representation, Turn};
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

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
    /// Changes one whose time is not over; true for the one caller whose change it was.
    async fn turn_representation(&self, id: &RepresentationId, turn: Turn, at: Timestamp) -> Result<bool, Fault>;
}
