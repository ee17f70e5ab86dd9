//! Decisions of note of the operator's rules (refusals, and consents asked for), kept so that they can be explained.

use crate::domain::decision::DecisionRecord;
use crate::domain::ids::{ClientId, DecisionId};
use crate::domain::{Fault, Refusal};
use crate::store::Store;
use moka::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// For how long a decision that was kept is not written again.
const QUIET: Duration = Duration::from_hours(1);
/// Most decisions remembered at once.
const MOST_REMEMBERED: u64 = 100_000;
/// Most different decisions of one client that one node keeps in [`QUIET`]: a program that tries everything that there
/// is to try must not fill the store.
const MOST_OF_ONE: u32 = 5_000;

/// Keeps decisions.
pub struct Decisions {
    store: Arc<dyn Store>,
    kept: Cache<DecisionId, ()>,
    counts: Cache<ClientId, Arc<AtomicU32>>,
}

impl Decisions {
    /// Keeps them in `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        let cache = || Cache::builder().time_to_live(QUIET);
        Self {
            store,
            kept: cache().max_capacity(MOST_REMEMBERED).build(),
            counts: Cache::builder().time_to_live(QUIET).max_capacity(MOST_REMEMBERED).build(),
        }
    }

    /// Keeps what is not kept yet. Whether each can be looked up from now on: its failure is told to the log, and the
    /// decision stands all the same.
    pub async fn keep(&self, records: &[DecisionRecord]) -> bool {
        let mut new: Vec<DecisionRecord> = Vec::new();
        for record in records.iter().filter(|record| !self.kept.contains_key(&record.id)) {
            if !self.is_within_bounds(&record.facts.client) {
                tracing::warn!(client.id = record.facts.client.as_str(), "has too many decisions to keep them all");
                return false;
            }
            if new.iter().all(|other| other.id != record.id) {
                new.push(record.clone());
            }
        }
        match self.write(&new).await {
            Ok(()) => true,
            Err(fault) => {
                tracing::error!(%fault, "a decision of the rules was not kept");
                false
            }
        }
    }

    /// The refusal, with the id of its decision only if that can be looked up.
    pub async fn keep_of(&self, mut refusal: Refusal) -> Refusal {
        if let Some(decision) = refusal.decision.take()
            && self.keep(std::slice::from_ref(&*decision)).await
        {
            refusal.decision = Some(decision);
        }
        refusal
    }

    fn is_within_bounds(&self, client: &ClientId) -> bool {
        let count = self.counts.get_with_by_ref(client, Arc::default);
        count.fetch_add(1, Ordering::Relaxed) < MOST_OF_ONE
    }

    async fn write(&self, new: &[DecisionRecord]) -> Result<(), Fault> {
        if new.is_empty() {
            return Ok(());
        }
        self.store.insert_decisions(new).await?;
        for record in new {
            self.kept.insert(record.id.clone(), ());
            tracing::info!(
                policy.decision = record.id.as_str(),
                policy.rule = record.rule,
                policy.is_allowed = record.is_allowed,
                policy.action = record.facts.action.as_str(),
                client.id = record.facts.client.as_str(),
                "the rules decided"
            );
        }
        Ok(())
    }
}
