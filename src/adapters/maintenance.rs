//! What is stopped as planned (計画停止): whoever is to ask a system behind the counter looks here first, in memory.

use super::breaker::Pulse;
use super::selfinfo::{Call, Reason, Retrieved, SelfInformationSource, Trouble};
use crate::domain::clearance::Clearance;
use crate::domain::ids::StatusNoticeId;
use crate::domain::{Clock, Refusal, Timestamp};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// When to ask again where nobody knows until when it is stopped, or its time is over and it was not ended.
const ASK_AGAIN: Duration = Duration::from_mins(5);
/// The longest that a caller is told to wait.
const LONGEST: Duration = Duration::from_hours(24);

/// That one component is stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// By which planned maintenance.
    pub notice: StatusNoticeId,
    /// Until when, as planned.
    pub until: Option<Timestamp>,
}

impl Closure {
    /// How long a caller should wait.
    #[must_use]
    pub fn retry_after(&self, now: Timestamp) -> Duration {
        let left = self.until.map(|until| until.since(now)).filter(|left| !left.is_zero());
        left.map_or(ASK_AGAIN, |left| left.clamp(Duration::from_secs(1), LONGEST))
    }

    /// What a caller is told.
    #[must_use]
    pub fn refusal(&self, now: Timestamp) -> Refusal {
        let until = self.until.map(|until| format!(" until {}", until.rfc3339())).unwrap_or_default();
        let words = format!(
            "The system that answers this is stopped as planned{until} (計画停止): {} at /status tells why.",
            self.notice
        );
        Refusal::new("under_maintenance", words).retry_after(self.retry_after(now))
    }
}

/// All that is stopped at this moment, by component.
#[derive(Debug, Default)]
pub struct Closures(RwLock<BTreeMap<String, Closure>>);

impl Closures {
    /// Puts what is stopped now in the place of what was.
    pub fn put(&self, all: BTreeMap<String, Closure>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = all;
    }

    /// Whether this component is stopped.
    #[must_use]
    pub fn of(&self, component: &str) -> Option<Closure> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(component).cloned()
    }

    /// Whether this component may be asked.
    ///
    /// # Errors
    /// `under_maintenance`, naming the maintenance and when to come back.
    pub fn check(&self, component: &str, now: Timestamp) -> Result<(), Refusal> {
        self.of(component).map_or(Ok(()), |closure| Err(closure.refusal(now)))
    }
}

/// A source of self-information that is not asked while it is stopped.
pub struct Maintained {
    component: String,
    source: Arc<dyn SelfInformationSource>,
    closures: Arc<Closures>,
    clock: Arc<dyn Clock>,
}

impl Maintained {
    /// The backend `name`, asked unless `closures` say that it is stopped.
    #[must_use]
    pub fn new(
        name: &str,
        source: Arc<dyn SelfInformationSource>,
        (closures, clock): (Arc<Closures>, Arc<dyn Clock>),
    ) -> Self {
        Self { component: format!("backend:{name}"), source, closures, clock }
    }
}

#[async_trait]
impl SelfInformationSource for Maintained {
    async fn retrieve(&self, clearance: &Clearance, call: &Call<'_>) -> Retrieved {
        if let Some(closure) = self.closures.of(&self.component) {
            let pause = closure.retry_after(self.clock.now());
            return Retrieved::Failed(Trouble { reason: Reason::Maintenance, retry_after: Some(pause) });
        }
        self.source.retrieve(clearance, call).await
    }

    fn wake(&self, handle: &str) {
        self.source.wake(handle);
    }

    fn pulses(&self) -> Vec<Pulse> {
        self.source.pulses()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_told_what_stops_it_and_when_to_come_back() {
        let at = |seconds: i64| Timestamp::from_seconds(1_800_000_000 + seconds);
        let closures = Closures::default();
        closures.check("payments", at(0)).unwrap();
        let notice = StatusNoticeId::parse("stn_1").unwrap();
        closures.put([("payments".to_owned(), Closure { notice, until: Some(at(90)) })].into());
        let refusal = closures.check("payments", at(0)).unwrap_err();
        assert_eq!((refusal.code, refusal.retry_after), ("under_maintenance", Some(Duration::from_secs(90))));
        assert!(refusal.public.contains("stn_1"), "{}", refusal.public);
        closures.check("agency:other", at(0)).unwrap();
        let late = closures.check("payments", at(100)).unwrap_err();
        assert_eq!(late.retry_after, Some(ASK_AGAIN), "it goes on until it is ended by hand");
        closures.put(BTreeMap::new());
        closures.check("payments", at(0)).unwrap();
    }
}
