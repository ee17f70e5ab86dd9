//! One agency as the loops see it: how many places, how fast, whether it is worth asking.

use crate::adapters::agency::Agency;
use crate::adapters::breaker::{Breaker, BreakerSettings, Health, Pulse};
use crate::adapters::maintenance::Closures;
use crate::domain::Timestamp;
use crate::telemetry::metric;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// One agency.
pub(super) struct Post {
    pub agency: Arc<dyn Agency>,
    breaker: Breaker,
    /// Places of this process; the store counts those of all.
    pub places: Arc<Semaphore>,
    /// When the next call may be made.
    next: Mutex<Timestamp>,
    closures: Arc<Closures>,
}

impl Post {
    pub fn new(agency: Arc<dyn Agency>, closures: Arc<Closures>) -> Self {
        let places = Arc::new(Semaphore::new(usize::from(agency.settings().most_at_once)));
        // A delivery is one call, and there may be few: three that failed say enough.
        let breaker = Breaker::new(BreakerSettings { least_calls: 3, ..BreakerSettings::default() });
        Self { agency, breaker, places, next: Mutex::new(Timestamp::from_millis(0)), closures }
    }

    /// Takes the next moment at which a call may be made; gives how long it is until then.
    pub fn turn(&self, now: Timestamp) -> Duration {
        let gap = Duration::from_secs(1) / u32::from(self.agency.settings().calls_per_second.max(1));
        // The moment itself is always whole, so a panic elsewhere leaves nothing to fear.
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = (*next).max(now);
        *next = mine.plus(gap);
        mine.since(now)
    }

    /// For how long a delivery is lent: one call, its turn before it, and the writes around it.
    pub fn lease(&self) -> Duration {
        self.agency.settings().call_timeout() + SLACK
    }

    /// Notes how a call of the agency went.
    pub fn report(&self, health: Health, now: Timestamp) {
        self.breaker.report(health, now);
        metric::agency_called(&self.agency.settings().name, health == Health::Well);
    }

    /// How the agency did lately.
    pub fn pulse(&self) -> Pulse {
        self.breaker.pulse()
    }

    /// How many may be begun now: all free places while the agency is well, one to find out whether it is again.
    pub fn free(&self, now: Timestamp) -> u32 {
        let free = u32::try_from(self.places.available_permits()).unwrap_or(u32::MAX);
        // What is stopped as planned is not called; what is for it waits.
        if self.closures.of(&format!("agency:{}", self.agency.settings().name)).is_some() {
            return 0;
        }
        // What is begun waits for its turn at the agency's pace: no longer than a second, or its lease would run out.
        let free = free.min(u32::from(self.agency.settings().calls_per_second));
        let is_closed = self.breaker.is_closed();
        metric::agency_open(&self.agency.settings().name, is_closed);
        match is_closed {
            true => free,
            false if self.breaker.enter(now).is_ok() => free.min(1),
            false => 0,
        }
    }
}

/// What a lease lasts beyond the longest call.
pub(super) const SLACK: Duration = Duration::from_secs(6);
