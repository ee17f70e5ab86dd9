//! Erasure on schedule: what was kept about people as long as the operator's rules say is erased, some at a time. Before
//! that, what a version before sealing left in clear is sealed.

use crate::domain::{Clock, Fault};
use crate::policy::Policies;
use crate::store::Store;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Records of one kind that one turn erases, at most.
const BATCH: u32 = 500;
/// Consents that one turn erases, at most: each with all that hangs on it.
const FEW: u32 = 50;
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
    /// Consents that ended, with all that hung on them.
    pub consents: u64,
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
        let consents = match due.ended_consents {
            Some(until) => self.store.count_ended_consents(None, until).await?,
            None => 0,
        };
        Ok(Erased {
            consents,
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
            if let Some(until) = due.ended_consents {
                erased.consents = self.store.erase_consents(None, until, (self.clock.now(), FEW)).await?;
                self.owe(erased.consents);
            }
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

    /// Seals what a version before sealing left in clear. What is done is done: the next start goes on.
    async fn seal_earlier(&self) {
        loop {
            match self.store.seal_earlier(BATCH).await {
                Ok(0) => return,
                Ok(records) => {
                    self.owe(records);
                    tracing::info!(records, "records of an earlier version are sealed");
                }
                Err(error) => {
                    tracing::warn!(error = %error, "records of an earlier version could not be sealed");
                    tokio::time::sleep(EVERY).await;
                }
            }
        }
    }

    /// Turn after turn. A failure waits for the next.
    pub async fn run_forever(&self) {
        self.seal_earlier().await;
        loop {
            let pause = match self.turn().await {
                Ok(erased) => {
                    let Erased { evidence_records, accesses, consents } = erased;
                    if erased != Erased::default() {
                        tracing::info!(evidence_records, accesses, consents, "what was kept long enough is erased");
                    }
                    let is_more = evidence_records.max(accesses) >= u64::from(BATCH) || consents >= u64::from(FEW);
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
