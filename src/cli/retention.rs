//! Erasure on schedule: what was kept about people as long as the operator's rules say is erased, some at a time. Before
//! that, what a version before sealing left in clear is sealed.

use crate::domain::{Clock, Fault, Kept};
use crate::policy::Policies;
use crate::store::Store;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Records of an earlier version that are sealed at once, at most.
const BATCH: u32 = 500;
/// How often it is looked whether something is due, and how soon again while more is due than one turn erases.
const EVERY: Duration = Duration::from_mins(1);
const WHILE_MORE: Duration = Duration::from_secs(1);

/// What one turn erased, or what is due: how many of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased(BTreeMap<Kept, u64>);

impl Erased {
    /// How many of one kind.
    #[must_use]
    pub fn of(&self, kind: Kept) -> u64 {
        self.0.get(&kind).copied().unwrap_or_default()
    }

    /// Whether there is none of any kind.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.0.values().all(|count| *count == 0)
    }

    /// Each kind of which there are any.
    pub fn counts(&self) -> impl Iterator<Item = (Kept, u64)> {
        self.0.iter().map(|(kind, count)| (*kind, *count)).filter(|(_, count)| *count > 0)
    }

    /// These too.
    pub fn add(&mut self, more: &Self) {
        for (kind, count) in more.counts() {
            *self.0.entry(kind).or_default() += count;
        }
    }
}

impl FromIterator<(Kept, u64)> for Erased {
    fn from_iter<T: IntoIterator<Item = (Kept, u64)>>(counts: T) -> Self {
        Self(counts.into_iter().filter(|(_, count)| *count > 0).collect())
    }
}

impl fmt::Display for Erased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_nothing() {
            return f.write_str("nothing");
        }
        let told: Vec<String> = self.counts().map(|(kind, count)| format!("{count} {}", kind.as_str())).collect();
        f.write_str(&told.join(", "))
    }
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
        let rules = self.policies.now();
        let mut counts = Vec::new();
        for (kind, until) in rules.retention().due(self.clock.now()) {
            counts.push((kind, self.store.count_old(kind, until).await?));
        }
        Ok(counts.into_iter().collect())
    }

    /// Erases some of what is due, and takes it out of the engine's files.
    ///
    /// # Errors
    /// [`Fault`] when the store is away or its files are held; what is left undone is done in the next turn.
    pub async fn turn(&self) -> Result<Erased, Fault> {
        let (rules, now) = (self.policies.now(), self.clock.now());
        let mut counts = Vec::new();
        for (kind, until) in rules.retention().due(now) {
            let count = self.store.erase_old(kind, until, (now, kind.batch())).await?;
            self.owe(count);
            counts.push((kind, count));
        }
        if self.is_owed.swap(false, Ordering::Relaxed)
            && let Err(fault) = self.store.forget_erased().await
        {
            self.owe(1);
            return Err(fault);
        }
        Ok(counts.into_iter().collect())
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
                    for (kind, records) in erased.counts() {
                        tracing::info!(kind = kind.as_str(), records, "what was kept long enough is erased");
                    }
                    let is_more = erased.counts().any(|(kind, count)| count >= u64::from(kind.batch()));
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
