//! The port of what operators open in a disaster.

use super::HeldRefreshToken;
use crate::domain::grant::Grant;
use crate::domain::ids::{ClientId, RepresentationId};
use crate::domain::representation::Representation;
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// A request of one operator, and what became of it. Kept for ever: it is the record of what operators did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldEmergency {
    /// Its id, and that of the representation that it opens.
    pub id: RepresentationId,
    /// For which third party.
    pub client: ClientId,
    /// Who asked, by the name of their key.
    pub requested_by: String,
    /// Their signed statement.
    pub request: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be approved.
    pub expires_at: Timestamp,
    /// Who approved it, and their signed statement.
    pub approval: Option<(String, String)>,
}

/// What a second operator opens.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// Who approves, by the name of their key; never who asked.
    pub by: &'a str,
    /// Their signed statement.
    pub approval: &'a str,
    /// As what the person sees it; its id is the request's.
    pub representation: &'a Representation,
    /// What the third party may do.
    pub grant: &'a Grant,
    /// By what it does it.
    pub token: &'a HeldRefreshToken,
}

/// What operators ask for and open in a disaster: a record of its own, which nothing erases.
#[async_trait]
pub trait EmergencyStore: Send + Sync {
    /// Writes a request, and leaves its leaf.
    async fn insert_emergency(&self, new: &HeldEmergency) -> Result<(), Fault>;
    /// The request with this id.
    async fn find_emergency(&self, id: &RepresentationId) -> Result<Option<HeldEmergency>, Fault>;
    /// Requests, newest first.
    async fn list_emergencies(&self, limit: u32) -> Result<Vec<HeldEmergency>, Fault>;
    /// Opens a request that another operator made and nobody opened yet: statement, representation, grant and token in one
    /// transaction, with their leaves. True for one caller only; of any number of approvals one counts; none for a person
    /// whose account was erased.
    async fn open_emergency(&self, opening: &Opening<'_>, at: Timestamp) -> Result<bool, Fault>;
}
