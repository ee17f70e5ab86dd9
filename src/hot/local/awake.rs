//! What stays awake only while it is used: when each was used last.

use super::super::ports::Awake;
use crate::domain::{Digest, Fault, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Kept at most: some 100 MB when full. One costs its maker a person's decision.
const MOST: usize = 1_000_000;
/// How long the table goes on before a use sweeps it of what sleeps.
const UPKEEP_EVERY: Duration = Duration::from_mins(1);

/// Last uses kept in this process.
#[derive(Default)]
pub struct LocalAwake {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// When it was used last, and until when that can matter.
    last: HashMap<[u8; 32], (Timestamp, Timestamp)>,
    next_upkeep: Option<Timestamp>,
}

impl LocalAwake {
    /// Whether it is awake; where it is, this is its last use from now on.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the table is full: what can't be remembered must not go on.
    pub fn keep(&self, awake: &Awake<'_>, now: Timestamp) -> Result<bool, Fault> {
        let (key, mut kept) = (*Digest::of(awake.key).as_bytes(), self.lock());
        kept.upkeep(now);
        if !kept.is_awake(&key, awake, now) {
            kept.last.remove(&key);
            return Ok(false);
        }
        if kept.last.len() >= MOST && !kept.last.contains_key(&key) {
            return Err(Fault::Unavailable { what: "memory", source: None });
        }
        // A clock set back takes nothing away.
        let last = kept.last.get(&key).map_or(now, |(last, _)| now.max(*last));
        kept.last.insert(key, (last, last.plus(awake.idle)));
        Ok(true)
    }

    /// Whether it is awake, and nothing else.
    pub fn is_awake(&self, awake: &Awake<'_>, now: Timestamp) -> bool {
        self.lock().is_awake(Digest::of(awake.key).as_bytes(), awake, now)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn is_awake(&self, key: &[u8; 32], awake: &Awake<'_>, now: Timestamp) -> bool {
        let last = self.last.get(key).map_or(awake.since, |(last, _)| awake.since.max(*last));
        now.since(last) < awake.idle
    }

    fn upkeep(&mut self, now: Timestamp) {
        if self.next_upkeep.is_some_and(|at| now < at) && self.last.len() < MOST {
            return;
        }
        self.last.retain(|_, (_, until)| *until > now);
        self.next_upkeep = Some(now.plus(UPKEEP_EVERY));
    }
}
