//! The way into the log: how many leaves wait, and when no more disclosures may add to them.
//!
//! A change that a citizen or an operator decides is never held up: its leaf waits as long as it must. What can wait is
//! the next disclosure.

use crate::domain::Refusal;
use crate::telemetry::metric;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

/// When to ask again while the log is full.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Why the log does not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The store is away, or the log is damaged.
    Failing,
    /// The machine's clock is behind the newest head.
    ClockWentBack,
    /// The log has heads and no key to sign the next with.
    KeyLost,
}

impl Trouble {
    const ALL: [Self; 3] = [Self::Failing, Self::ClockWentBack, Self::KeyLost];

    /// What is wrong and how to mend it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Failing => {
                "the store does not take its leaves, or it is damaged: see the log and `madoguchi audit verify`"
            }
            Self::ClockWentBack => {
                "the machine's clock is more than a minute behind the newest checkpoint: set the clock right"
            }
            Self::KeyLost => {
                "it has checkpoints and its key is gone: restore the store's keys from a backup, or make a new key with `madoguchi audit rotate`"
            }
        }
    }
}

/// How the way in stands.
#[derive(Debug)]
pub struct Intake {
    most: u64,
    waiting: AtomicU64,
    admitted: AtomicU64,
    trouble: AtomicU8,
}

impl Intake {
    /// Open until `most` leaves wait.
    #[must_use]
    pub const fn new(most: u64) -> Self {
        Self { most, waiting: AtomicU64::new(0), admitted: AtomicU64::new(0), trouble: AtomicU8::new(0) }
    }

    /// Asks to add the leaf of one disclosure.
    ///
    /// # Errors
    /// `evidence_unavailable` when as many leaves wait as may.
    pub fn admit(&self) -> Result<(), Refusal> {
        self.has_room()?;
        self.admitted.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn has_room(&self) -> Result<(), Refusal> {
        let waiting = self.waiting.load(Ordering::Relaxed) + self.admitted.load(Ordering::Relaxed);
        if waiting < self.most {
            return Ok(());
        }
        let words = "The log of evidence does not keep up, and nothing is disclosed without it. Try again later.";
        let refusal = Refusal::new("evidence_unavailable", words).retry_after(ASK_AGAIN);
        Err(match self.trouble() {
            Some(trouble) => refusal.private(trouble.words()),
            None => refusal,
        })
    }

    /// Whether a load balancer should send more.
    ///
    /// # Errors
    /// `evidence_unavailable` when it is full, or when only an operator can make it move again.
    pub fn check(&self) -> Result<(), Refusal> {
        self.has_room()?;
        match self.trouble() {
            None | Some(Trouble::Failing) => Ok(()),
            Some(trouble) => {
                let words = format!("The log of evidence does not move: {}.", trouble.words());
                Err(Refusal::new("evidence_unavailable", words).retry_after(ASK_AGAIN))
            }
        }
    }

    /// Why the log does not move, if it does not.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        Trouble::ALL.into_iter().find(|trouble| *trouble as u8 + 1 == self.trouble.load(Ordering::Relaxed))
    }

    /// Notes how many leaves wait; what was admitted before is among them.
    pub(super) fn count(&self, waiting: u64) {
        metric::evidence_waits(waiting);
        self.waiting.store(waiting, Ordering::Relaxed);
        self.admitted.store(0, Ordering::Relaxed);
    }

    /// Notes why the log does not move; true when that is news.
    pub(super) fn note(&self, trouble: Option<Trouble>) -> bool {
        metric::evidence_moves(trouble.is_none());
        let now = trouble.map_or(0, |trouble| trouble as u8 + 1);
        self.trouble.swap(now, Ordering::Relaxed) != now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_takes_no_more_until_it_moved() {
        let intake = Intake::new(2);
        assert!(intake.admit().is_ok() && intake.admit().is_ok());
        let refusal = intake.admit().unwrap_err();
        assert_eq!((refusal.code, refusal.retry_after), ("evidence_unavailable", Some(ASK_AGAIN)));
        assert!(intake.check().is_err());
        intake.count(1);
        assert!(intake.admit().is_ok() && intake.admit().is_err());
    }

    #[test]
    fn trouble_that_needs_an_operator_is_told() {
        let intake = Intake::new(2);
        assert!(intake.note(Some(Trouble::Failing)) && !intake.note(Some(Trouble::Failing)));
        assert!(intake.check().is_ok(), "the store's own check speaks for itself");
        for trouble in [Trouble::ClockWentBack, Trouble::KeyLost] {
            assert!(intake.note(Some(trouble)));
            assert!(intake.check().unwrap_err().public.contains(trouble.words()));
            assert!(intake.admit().is_ok(), "leaves wait; none is lost");
            intake.count(0);
        }
        assert!(intake.note(None) && intake.check().is_ok());
    }
}
