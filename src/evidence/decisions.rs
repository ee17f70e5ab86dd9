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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::client::{ClientClass, ClientStatus};
    use crate::domain::decision::{Action, Facts};
    use crate::domain::{Digest, Timestamp};

    fn record(client: &str, days: u32) -> DecisionRecord {
        let facts = Facts {
            client: ClientId::parse(client).unwrap(),
            class: ClientClass::Bank,
            status: ClientStatus::Production,
            action: Action::ReadCatalogue,
            data_set: None,
            acr: None,
            purpose: None,
            access_days: Some(days),
            hour: 12,
        };
        DecisionRecord::new(facts, (false, "no"), Digest::of("rules"), Timestamp::from_seconds(0))
    }

    #[tokio::test]
    async fn one_client_cannot_fill_the_store_and_a_refusal_names_only_what_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("x.db").display());
        let store = crate::store::open(&url, &Arc::new(crate::domain::MasterKey::new([7; 32]))).await.unwrap();
        let decisions = Decisions::new(Arc::clone(&store));
        let all: Vec<DecisionRecord> = (0..MOST_OF_ONE).map(|days| record("c_loud", days)).collect();
        for some in all.chunks(250) {
            assert!(decisions.keep(some).await);
        }
        assert!(decisions.keep(&all[..250]).await, "what is kept costs nothing");
        let over = Refusal::new("refused_by_policy", "no").decided(record("c_loud", MOST_OF_ONE));
        assert_eq!(decisions.keep_of(over).await.decision, None);
        assert_eq!(store.find_decision(&record("c_loud", MOST_OF_ONE).id).await.unwrap(), None);
        let quiet = Refusal::new("refused_by_policy", "no").decided(record("c_quiet", 1));
        let told = decisions.keep_of(quiet).await.decision.unwrap().id;
        assert!(store.find_decision(&told).await.unwrap().is_some());
        assert_eq!(decisions.keep_of(Refusal::new("not_found", "none")).await.decision, None);
    }
}
