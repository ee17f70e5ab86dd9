//! The port of establishments of companies.
//!
//! One has a version that every change counts up, a lease included: a signature, a step and a cancellation are each one
//! conditional write, and of two who hold the same one, one finds that it is another by now.

use super::Before;
use crate::domain::establishment::{Establishment, EstablishmentAct};
use crate::domain::ids::{ClientId, EstablishmentId};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;

/// An establishment as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldEstablishment {
    /// The establishment.
    pub establishment: Establishment,
    /// Counts its changes.
    pub version: u64,
}

/// What beginning one came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedEstablishment {
    /// It is new, and durable.
    New,
    /// The client began it before, by the same key and body.
    Same(Box<HeldEstablishment>),
    /// The client began another one by this key.
    KeyReused,
}

/// One change, whole or not at all.
#[derive(Clone, Debug)]
pub struct EstablishmentChange {
    /// As it is from now on.
    pub establishment: Establishment,
    /// The version that was read.
    pub version: u64,
    /// When there is something to do; never when absent.
    pub due_at: Option<Timestamp>,
    /// What was done, where the log of evidence is told.
    pub act: Option<EstablishmentAct>,
}

/// Establishments of companies.
#[async_trait]
pub trait EstablishmentStore: Send + Sync {
    /// Writes a new one with its leaf and the digests of its founders' codes, by place, unless the client sent the key
    /// before: of any number of callers with one key, one inserts.
    async fn insert_establishment(&self, new: &Establishment, codes: &[Digest])
    -> Result<InsertedEstablishment, Fault>;
    /// The one with this id.
    async fn find_establishment(&self, id: &EstablishmentId) -> Result<Option<HeldEstablishment>, Fault>;
    /// The one that a founder's code opens, and the founder's place.
    async fn find_establishment_by_code(&self, code: Digest) -> Result<Option<(HeldEstablishment, usize)>, Fault>;
    /// Those of a client, newest first.
    async fn list_establishments(
        &self,
        client: &ClientId,
        before: &Before<EstablishmentId>,
    ) -> Result<Vec<HeldEstablishment>, Fault>;
    /// Writes a change with its leaf; false, and nothing is written, when it is another by now. Codes are forgotten once
    /// nobody can sign any more.
    async fn update_establishment(&self, change: &EstablishmentChange) -> Result<bool, Fault>;
    /// Lends one that is due until `until`, to one caller only; counts as a change.
    async fn lease_establishment(&self, now: Timestamp, until: Timestamp) -> Result<Option<HeldEstablishment>, Fault>;
}
