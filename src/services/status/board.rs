//! The board of the moment.

use super::view::{Seen, StatusReport};
use super::{DAYS, FRESH, MOST_NOTICES, TOLD_FOR};
use crate::adapters::breaker::Pulse;
use crate::adapters::maintenance::{Closure, Closures};
use crate::domain::service_status::{ComponentCode, ComponentDay, ComponentState, StatusNotice, StatusNoticeKind};
use crate::domain::{Clock, Fault, Timestamp, Words};
use crate::services::turns::forever;
use crate::store::Store;
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How old what is known of the queue may be.
const QUEUE_FRESH: Duration = Duration::from_secs(30);
/// How long something may wait in nobody's hands before the queue is said to be slow.
const OVERDUE: Duration = Duration::from_mins(10);

/// What is known of a component at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// How it stands.
    pub state: ComponentState,
    /// When a call of it ended well last, since this process began.
    pub last_success: Option<Timestamp>,
}

/// A look at what is known of a component, in memory.
pub type Look = dyn Fn() -> Sighting + Send + Sync;

/// A component as the composition root names it.
pub struct Component {
    /// Its code.
    pub code: ComponentCode,
    /// What people read.
    pub name: Words,
    /// What is known of it.
    pub look: Box<Look>,
}

/// What it is made of.
pub struct StatusParts {
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// What is stopped as planned, for those who call.
    pub closures: Arc<Closures>,
    /// The components, in the order in which they are shown.
    pub components: Vec<Component>,
    /// The address that everybody sees, without a slash at its end.
    pub public_url: String,
}

/// How the service stands.
pub struct Status {
    parts: StatusParts,
    looking: tokio::sync::Mutex<()>,
    last: Mutex<Option<(Timestamp, Arc<StatusReport>)>>,
    // What this process wrote down for which day, so that only what is worse is written.
    noted: Mutex<BTreeMap<ComponentCode, (NaiveDate, ComponentState)>>,
    told: Mutex<Told>,
    queue: Mutex<Option<(Timestamp, Sighting)>>,
}

/// What the store said last.
#[derive(Clone, Default)]
struct Told {
    notices: Arc<Vec<StatusNotice>>,
    days: Arc<Vec<ComponentDay>>,
}

/// What the pulses of one component say: nothing where nobody called.
#[must_use]
pub fn look_of(pulses: &[Pulse]) -> Sighting {
    let last_success = pulses.iter().filter_map(|pulse| pulse.last_well).max();
    let open = pulses.iter().filter(|pulse| !pulse.is_closed).count();
    let called = pulses.iter().any(|pulse| pulse.last_well.is_some() || pulse.last_ill.is_some());
    let stumbles = || pulses.iter().any(|pulse| pulse.last_ill > pulse.last_well);
    let state = match open {
        _ if !called => ComponentState::Unknown,
        0 if stumbles() => ComponentState::Degraded,
        0 => ComponentState::Operational,
        open if open == pulses.len() => ComponentState::Outage,
        _ => ComponentState::Degraded,
    };
    Sighting { state, last_success }
}

fn keep<T>(place: &Mutex<T>, value: T) {
    *place.lock().unwrap_or_else(PoisonError::into_inner) = value;
}

impl Status {
    /// The board of its parts; nothing is looked at yet.
    #[must_use]
    pub fn new(parts: StatusParts) -> Self {
        Self {
            parts,
            looking: tokio::sync::Mutex::new(()),
            last: Mutex::default(),
            noted: Mutex::default(),
            told: Mutex::default(),
            queue: Mutex::default(),
        }
    }

    /// The address that everybody sees.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.parts.public_url
    }

    /// How the service stands, no older than [`FRESH`].
    pub async fn report(&self) -> Arc<StatusReport> {
        if let Some(report) = self.remembered() {
            return report;
        }
        let _looking = self.looking.lock().await;
        // Somebody else may have looked meanwhile.
        match self.remembered() {
            Some(report) => report,
            None => self.look().await,
        }
    }

    /// Looks again and again, so that what is stopped is known where nobody asks, and days are noted.
    pub async fn look_forever(self: Arc<Self>) {
        let turn = || async {
            self.report().await;
            self.forget().await.map(|()| false)
        };
        forever(FRESH, "old days of the service's status could not be forgotten", turn).await;
    }

    fn remembered(&self) -> Option<Arc<StatusReport>> {
        let now = self.parts.clock.now();
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let known = last.as_ref().filter(|(at, _)| now >= *at && now.since(*at) < FRESH);
        known.map(|(_, report)| Arc::clone(report))
    }

    async fn look(&self) -> Arc<StatusReport> {
        let now = self.parts.clock.now();
        let (told, is_stored) = self.told(now).await;
        self.parts.closures.put(closures(&told.notices, now));
        let own = Own { is_stored, queue: self.queue(now).await, now };
        let seen: Vec<Seen<'_>> = self.parts.components.iter().map(|one| see(one, &told, &own)).collect();
        let worst = seen.iter().map(|one| (one.component.code.clone(), one.state));
        let (days, today) = (self.worse(worst, now.date_in_japan()), now.date_in_japan());
        if is_stored
            && !days.is_empty()
            && let Err(fault) = self.note(days).await
        {
            tracing::warn!(%fault, "how components stood could not be noted");
        }
        let report = Arc::new(StatusReport::of(&seen, (&told.notices, &told.days), (now, today)));
        keep(&self.last, Some((now, Arc::clone(&report))));
        report
    }

    /// What the store says, or said last; and whether it answers.
    async fn told(&self, now: Timestamp) -> (Told, bool) {
        match self.ask(now).await {
            Ok(told) => {
                keep(&self.told, told.clone());
                (told, true)
            }
            Err(fault) => {
                tracing::warn!(%fault, "the store does not say how the service stands");
                (self.told.lock().unwrap_or_else(PoisonError::into_inner).clone(), false)
            }
        }
    }

    async fn ask(&self, now: Timestamp) -> Result<Told, Fault> {
        let store = &self.parts.store;
        store.ping().await?;
        let notices = store.list_status_notices(now.minus(TOLD_FOR), MOST_NOTICES).await?;
        let days = store.list_component_days(first_day(now)).await?;
        Ok(Told { notices: Arc::new(notices), days: Arc::new(days) })
    }

    /// Whether something that should have been sent was not; asked less often than the rest.
    async fn queue(&self, now: Timestamp) -> Sighting {
        let last = *self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, sighting)) = last
            && now >= at
            && now.since(at) < QUEUE_FRESH
        {
            return sighting;
        }
        let sighting = match self.overdue(now).await {
            Ok(false) => Sighting { state: ComponentState::Operational, last_success: Some(now) },
            Ok(true) => Sighting { state: ComponentState::Degraded, last_success: None },
            Err(_) => Sighting { state: ComponentState::Outage, last_success: None },
        };
        keep(&self.queue, Some((now, sighting)));
        sighting
    }

    async fn overdue(&self, now: Timestamp) -> Result<bool, Fault> {
        let agencies = self.parts.components.iter().filter_map(|one| one.code.as_str().strip_prefix("agency:"));
        for agency in agencies.filter(|name| self.parts.closures.of(&format!("agency:{name}")).is_none()) {
            if self.parts.store.has_overdue_delivery(agency, now.minus(OVERDUE)).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is worse than was noted for this day by this process.
    fn worse(
        &self,
        seen: impl Iterator<Item = (ComponentCode, ComponentState)>,
        today: NaiveDate,
    ) -> Vec<ComponentDay> {
        let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news =
            |code: &ComponentCode, state| noted.get(code).is_none_or(|(day, worst)| *day != today || state > *worst);
        let fresh = seen.filter(|(code, state)| *state != ComponentState::Unknown && is_news(code, *state));
        fresh.map(|(component, worst)| ComponentDay { component, day: today, worst }).collect()
    }

    async fn note(&self, mut days: Vec<ComponentDay>) -> Result<(), Fault> {
        days.sort_by(|one, other| one.component.cmp(&other.component));
        self.parts.store.put_component_days(&days).await?;
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.extend(days.into_iter().map(|one| (one.component, (one.day, one.worst))));
        Ok(())
    }

    async fn forget(&self) -> Result<(), Fault> {
        self.parts.store.delete_component_days(first_day(self.parts.clock.now())).await.map(drop)
    }
}

/// Keeps what is stopped as planned up to date in a process that shows no board.
pub async fn follow(store: &Arc<dyn Store>, clock: &Arc<dyn Clock>, to: &Arc<Closures>) {
    let turn = || async {
        let now = clock.now();
        let notices = store.list_status_notices(now.minus(TOLD_FOR), MOST_NOTICES).await?;
        to.put(closures(&notices, now));
        Ok(false)
    };
    forever(FRESH, "what is stopped as planned could not be read", turn).await;
}

/// What the board itself found out.
struct Own {
    is_stored: bool,
    queue: Sighting,
    now: Timestamp,
}

fn see<'a>(component: &'a Component, told: &Told, own: &Own) -> Seen<'a> {
    let sighting = match component.code.as_str() {
        "counter" if own.is_stored => Sighting { state: ComponentState::Operational, last_success: Some(own.now) },
        "counter" => Sighting { state: ComponentState::Outage, last_success: None },
        "deliveries" => own.queue,
        _ => (component.look)(),
    };
    let weighs =
        told.notices.iter().filter(|one| one.is_in_effect(own.now) && one.components.contains(&component.code));
    let mut state = sighting.state;
    for notice in weighs {
        state = match notice.kind {
            // What is stopped as planned is not broken, whatever its calls come to.
            StatusNoticeKind::Maintenance => ComponentState::Maintenance,
            StatusNoticeKind::Incident => state.max(notice.impact),
        };
    }
    Seen { component, state, last_success: sighting.last_success }
}

/// The first day that is told of.
fn first_day(now: Timestamp) -> NaiveDate {
    let today = now.date_in_japan();
    today.checked_sub_days(Days::new(u64::from(DAYS) - 1)).unwrap_or(today)
}

/// What is stopped at this moment.
pub(super) fn closures(notices: &[StatusNotice], now: Timestamp) -> BTreeMap<String, Closure> {
    let stopping = notices.iter().filter(|one| one.kind == StatusNoticeKind::Maintenance && one.is_in_effect(now));
    let each = stopping.flat_map(|one| {
        let closure = Closure { notice: one.id.clone(), until: one.ends_at };
        one.components.iter().map(move |code| (code.to_string(), closure.clone()))
    });
    each.collect()
}
