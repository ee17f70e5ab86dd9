//! Erasure on schedule: what was kept about people as long as the operator's rules say is erased, some at a time.

use crate::domain::{Clock, Fault};
use crate::policy::Policies;
use crate::store::Store;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Records of one kind that one turn erases, at most.
const BATCH: u32 = 500;
/// How often it is looked whether something is due, and how soon again while more is due than one turn erases.
const EVERY: Duration = Duration::from_mins(1);
const WHILE_MORE: Duration = Duration::from_secs(1);

/// What one turn erased, or what is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Salts and records of events.
    pub evidence_records: u64,
    /// Lines of the access history.
    pub accesses: u64,
}

/// The task beside the server. Any number of nodes may run it at once.
pub struct Retention {
    store: Arc<dyn Store>,
    policies: Arc<Policies>,
    clock: Arc<dyn Clock>,
    /// Whether the engine's files may hold what was erased; at first nobody knows what a former process left undone.
    is_owed: AtomicBool,
}

impl Retention {
    /// Erases from `store` by the rules in force.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, policies: Arc<Policies>, clock: Arc<dyn Clock>) -> Self {
        Self { store, policies, clock, is_owed: AtomicBool::new(true) }
    }

    /// How much is due now.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn due(&self) -> Result<Erased, Fault> {
        let Some(due) = self.policies.now().retention().due(self.clock.now()) else { return Ok(Erased::default()) };
        Ok(Erased {
            evidence_records: self.store.count_old_receipts(due.evidence_records).await?,
            accesses: self.store.count_old_accesses(due.access_history).await?,
        })
    }

    /// Erases some of what is due, and takes it out of the engine's files.
    ///
    /// # Errors
    /// [`Fault`] when the store is away or its files are held; what is left undone is done in the next turn.
    pub async fn turn(&self) -> Result<Erased, Fault> {
        let mut erased = Erased::default();
        if let Some(due) = self.policies.now().retention().due(self.clock.now()) {
            erased.evidence_records = self.store.erase_receipts(due.evidence_records, BATCH).await?;
            self.owe(erased.evidence_records);
            erased.accesses = self.store.erase_accesses(due.access_history, BATCH).await?;
            self.owe(erased.accesses);
        }
        if self.is_owed.swap(false, Ordering::Relaxed)
            && let Err(fault) = self.store.forget_erased().await
        {
            self.owe(1);
            return Err(fault);
        }
        Ok(erased)
    }

    fn owe(&self, erased: u64) {
        if erased > 0 {
            self.is_owed.store(true, Ordering::Relaxed);
        }
    }

    /// Turn after turn. A failure waits for the next.
    pub async fn run_forever(&self) {
        loop {
            let pause = match self.turn().await {
                Ok(erased) => {
                    let Erased { evidence_records, accesses } = erased;
                    if erased != Erased::default() {
                        tracing::info!(evidence_records, accesses, "what was kept long enough is erased");
                    }
                    let is_more = evidence_records.max(accesses) >= u64::from(BATCH);
                    if is_more { WHILE_MORE } else { EVERY }
                }
                Err(error) => {
                    tracing::warn!(error = %error, "what was kept long enough could not be erased");
                    EVERY
                }
            };
            tokio::time::sleep(pause).await;
        }
    }
}
