//! The engine of one node: hot state in this process's own memory.

use super::local::{LocalAwake, LocalMarks, LocalPlaces, LocalQuotas};
use super::ports::{Awake, Charge, Hot, Invalidation, Invalidations, Place, Quotas, ReplayMarks, Verdict, Wakefulness};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;
use tokio::sync::broadcast;

/// How many invalidations a slow listener may be behind before it is told that it missed some; a grant's word is a few
/// dozen bytes.
pub(super) const BACKLOG: usize = 1024;

/// Hot state of one node.
pub struct MemoryHot {
    quotas: LocalQuotas,
    marks: LocalMarks,
    places: LocalPlaces,
    awake: LocalAwake,
    word: broadcast::Sender<Invalidation>,
    remembers_since: Timestamp,
}

impl MemoryHot {
    /// An empty state that starts `now`. `first_start` says that this installation never ran before, so that there is
    /// no proof it could have forgotten.
    #[must_use]
    pub fn new(now: Timestamp, first_start: bool) -> Self {
        let remembers_since = if first_start { Timestamp::from_millis(0) } else { now };
        Self {
            quotas: LocalQuotas::default(),
            marks: LocalMarks::default(),
            places: LocalPlaces::default(),
            awake: LocalAwake::default(),
            word: broadcast::Sender::new(BACKLOG),
            remembers_since,
        }
    }
}

#[async_trait]
impl ReplayMarks for MemoryHot {
    async fn take_mark(&self, mark: Digest, expires_at: Timestamp, now: Timestamp) -> Result<bool, Fault> {
        self.marks.take(&mark, expires_at, now)
    }

    fn remembers_since(&self) -> Timestamp {
        self.remembers_since
    }
}

#[async_trait]
impl Quotas for MemoryHot {
    async fn charge(&self, charges: &[Charge], now: Timestamp) -> Result<Verdict, Fault> {
        Ok(self.quotas.charge(charges, now))
    }

    async fn enter(&self, place: &Place<'_>, now: Timestamp) -> Result<bool, Fault> {
        Ok(self.places.enter(place, now))
    }

    async fn leave(&self, key: &str, holder: &str) -> Result<(), Fault> {
        self.places.leave(key, holder);
        Ok(())
    }
}

#[async_trait]
impl Wakefulness for MemoryHot {
    async fn keep_awake(&self, awake: &Awake<'_>, now: Timestamp) -> Result<bool, Fault> {
        self.awake.keep(awake, now)
    }

    async fn is_awake(&self, awake: &Awake<'_>, now: Timestamp) -> Result<bool, Fault> {
        Ok(self.awake.is_awake(awake, now))
    }
}

#[async_trait]
impl Invalidations for MemoryHot {
    async fn publish(&self, what: &Invalidation) -> Result<(), Fault> {
        // An error only says that nobody listens, which is no fault of the teller.
        let _ = self.word.send(what.clone());
        Ok(())
    }

    fn subscribe(&self) -> broadcast::Receiver<Invalidation> {
        self.word.subscribe()
    }
}

impl Hot for MemoryHot {
    fn engine(&self) -> &'static str {
        "memory"
    }
}
