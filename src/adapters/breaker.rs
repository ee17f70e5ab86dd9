//! A circuit breaker: stops asking a provider that keeps failing, and finds out cheaply when it is back.
//!
//! Closed while things go well. Opens when, within a rolling window, enough calls ended and too many of them failed.
//! While open every call is refused at once, with how long. After its rest one call at a time is let through (half
//! open): a success closes it, a failure opens it again for twice as long.

use crate::domain::Timestamp;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How touchy a breaker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Fewer ended calls than this within the window never open it.
    pub least_calls: u32,
    /// Opens when this share of them failed, in percent.
    pub failure_percent: u32,
    /// How long it rests at first.
    pub rest: Duration,
    /// How long it rests at most.
    pub longest_rest: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            least_calls: 10,
            failure_percent: 50,
            rest: Duration::from_secs(2),
            longest_rest: Duration::from_mins(1),
        }
    }
}

/// Seconds that the rolling window looks back.
const WINDOW: usize = 10;

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    second: i64,
    calls: u32,
    failures: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open { until: Timestamp, rest: Duration },
    HalfOpen { probe_until: Timestamp, rest: Duration },
}

#[derive(Debug)]
struct Inside {
    state: State,
    window: [Tally; WINDOW],
    last_well: Option<Timestamp>,
    last_ill: Option<Timestamp>,
}

/// How what a breaker stands before did lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// Whether calls are let through freely.
    pub is_closed: bool,
    /// When a call ended well last, since this process began.
    pub last_well: Option<Timestamp>,
    /// When one did not.
    pub last_ill: Option<Timestamp>,
}

/// One breaker, for one provider at one backend.
#[derive(Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    inside: Mutex<Inside>,
}

/// How a call that was let through ended, as far as the provider's health goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answered, whatever it said.
    Well,
    /// It did not answer, or not sensibly.
    Ill,
}

impl Breaker {
    /// A closed one.
    #[must_use]
    pub fn new(settings: BreakerSettings) -> Self {
        let window = [Tally::default(); WINDOW];
        let inside = Inside { state: State::Closed, window, last_well: None, last_ill: None };
        Self { settings, inside: Mutex::new(inside) }
    }

    /// Asks to be let through.
    ///
    /// # Errors
    /// How long until asking again makes sense.
    pub fn enter(&self, now: Timestamp) -> Result<(), Duration> {
        let mut inside = self.lock();
        match inside.state {
            State::Closed => Ok(()),
            State::Open { until, .. } if now < until => Err(until.since(now)),
            State::HalfOpen { probe_until, .. } if now < probe_until => Err(probe_until.since(now)),
            // A probe that never told how it ended (its caller went away) gives its place to the next.
            State::Open { rest, .. } | State::HalfOpen { rest, .. } => {
                inside.state = State::HalfOpen { probe_until: now.plus(rest), rest };
                Ok(())
            }
        }
    }

    /// Tells how a call that was let through ended.
    pub fn report(&self, health: Health, now: Timestamp) {
        let mut inside = self.lock();
        inside.count(health, now);
        match health {
            Health::Well => inside.last_well = Some(now),
            Health::Ill => inside.last_ill = Some(now),
        }
        match (inside.state, health) {
            (State::HalfOpen { .. }, Health::Well) => {
                inside.window = [Tally::default(); WINDOW];
                inside.state = State::Closed;
            }
            (State::HalfOpen { rest, .. }, Health::Ill) => {
                let rest = rest.saturating_mul(2).min(self.settings.longest_rest);
                inside.state = State::Open { until: now.plus(rest), rest };
            }
            (State::Closed, Health::Ill) if self.is_too_ill(&inside, now) => {
                let rest = self.settings.rest;
                inside.state = State::Open { until: now.plus(rest), rest };
            }
            _ => {}
        }
    }

    /// Whether calls are let through freely.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lock().state == State::Closed
    }

    /// How what it stands before did lately.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        let inside = self.lock();
        Pulse { is_closed: inside.state == State::Closed, last_well: inside.last_well, last_ill: inside.last_ill }
    }

    fn is_too_ill(&self, inside: &Inside, now: Timestamp) -> bool {
        let oldest = now.seconds() - i64::try_from(WINDOW).unwrap_or(i64::MAX);
        let fresh = inside.window.iter().filter(|t| t.second > oldest && t.second <= now.seconds());
        let (calls, failures) = fresh.fold((0_u32, 0_u32), |(c, f), t| (c + t.calls, f + t.failures));
        calls >= self.settings.least_calls && failures * 100 >= calls * self.settings.failure_percent
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // A panic elsewhere cannot leave the tallies in a state worth fearing.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn count(&mut self, health: Health, now: Timestamp) {
        let second = now.seconds();
        let place = usize::try_from(second.rem_euclid(10)).unwrap_or_default();
        if let Some(tally) = self.window.get_mut(place) {
            if tally.second != second {
                *tally = Tally { second, ..Tally::default() };
            }
            tally.calls = tally.calls.saturating_add(1);
            tally.failures = tally.failures.saturating_add(u32::from(health == Health::Ill));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + seconds)
    }

    fn opened() -> Breaker {
        let breaker = Breaker::new(BreakerSettings::default());
        for _ in 0..10 {
            breaker.enter(at(0)).unwrap();
            breaker.report(Health::Ill, at(0));
        }
        breaker
    }

    #[test]
    fn it_opens_when_half_of_enough_calls_failed_and_not_before() {
        let breaker = Breaker::new(BreakerSettings::default());
        for n in 0..9 {
            breaker.report(if n % 2 == 0 { Health::Ill } else { Health::Well }, at(0));
            assert!(breaker.is_closed());
        }
        breaker.report(Health::Ill, at(0));
        assert!(!breaker.is_closed());
        assert_eq!(breaker.enter(at(0)), Err(Duration::from_secs(2)));
    }

    #[test]
    fn old_failures_are_forgotten() {
        let breaker = Breaker::new(BreakerSettings::default());
        for _ in 0..9 {
            breaker.report(Health::Ill, at(0));
        }
        breaker.report(Health::Ill, at(11));
        assert!(breaker.is_closed());
    }

    #[test]
    fn after_its_rest_one_probe_goes_through_and_decides() {
        let breaker = opened();
        assert!(breaker.enter(at(1)).is_err());
        assert!(breaker.enter(at(2)).is_ok());
        assert!(breaker.enter(at(2)).is_err(), "only one probe at a time");
        breaker.report(Health::Ill, at(3));
        assert_eq!(breaker.enter(at(3)), Err(Duration::from_secs(4)), "twice as long");
        assert!(breaker.enter(at(7)).is_ok());
        breaker.report(Health::Well, at(7));
        assert!(breaker.is_closed());
    }

    #[test]
    fn a_probe_that_vanished_does_not_lock_it() {
        let breaker = opened();
        assert!(breaker.enter(at(2)).is_ok());
        assert!(breaker.enter(at(4)).is_ok());
    }

    #[test]
    fn an_outage_that_lasts_makes_longer_rests_up_to_a_bound() {
        let breaker = opened();
        let mut now = 2;
        for _ in 0..10 {
            breaker.enter(at(now)).unwrap();
            breaker.report(Health::Ill, at(now));
            now += 60;
        }
        breaker.enter(at(now)).unwrap();
        breaker.report(Health::Ill, at(now));
        assert_eq!(breaker.enter(at(now)), Err(Duration::from_mins(1)));
    }
}
