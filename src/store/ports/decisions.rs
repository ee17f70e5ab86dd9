//! The port of what the operator's rules decided, and of what they must be held against when they change.

use crate::domain::decision::DecisionRecord;
use crate::domain::grant::Grant;
use crate::domain::ids::{DecisionId, GrantId};
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// Decisions of the operator's rules.
#[async_trait]
pub trait DecisionStore: Send + Sync {
    /// Keeps decisions; one that is kept already lasts longer by it.
    async fn insert_decisions(&self, records: &[DecisionRecord]) -> Result<(), Fault>;
    /// The decision with this id.
    async fn find_decision(&self, id: &DecisionId) -> Result<Option<DecisionRecord>, Fault>;
    /// Grants that persons gave and that have not ended (paused ones too), by id, those after `after` only.
    async fn list_grants_in_force(
        &self,
        after: Option<&GrantId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Grant>, Fault>;
    /// How many there are of them.
    async fn count_grants_in_force(&self, now: Timestamp) -> Result<u64, Fault>;
}
