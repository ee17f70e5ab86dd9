//! Places among a few, each held until given back or until its time is over.

use super::super::ports::Place;
use crate::domain::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long the table goes on before a call sweeps it of places whose time is over.
const UPKEEP_EVERY: Duration = Duration::from_mins(1);

/// Places kept in this process.
#[derive(Default)]
pub struct LocalPlaces {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// What is counted, to who holds a place there and until when.
    by_key: HashMap<String, HashMap<String, Timestamp>>,
    next_upkeep: Option<Timestamp>,
}

impl LocalPlaces {
    /// Takes a place; false when all are taken. The same holder asking again keeps its place, until the later time.
    pub fn enter(&self, place: &Place<'_>, now: Timestamp) -> bool {
        let mut held = self.lock();
        held.upkeep(now);
        let holders = held.by_key.entry(place.key.to_owned()).or_default();
        holders.retain(|_, until| *until > now);
        if let Some(until) = holders.get_mut(place.holder) {
            *until = place.until.max(*until);
            return true;
        }
        if holders.len() >= usize::try_from(place.most).unwrap_or(usize::MAX) {
            return false;
        }
        holders.insert(place.holder.to_owned(), place.until);
        true
    }

    /// Gives the place back; nothing happens when it wasn't held.
    pub fn leave(&self, key: &str, holder: &str) {
        let mut held = self.lock();
        if let Some(holders) = held.by_key.get_mut(key) {
            holders.remove(holder);
            if holders.is_empty() {
                held.by_key.remove(key);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn upkeep(&mut self, now: Timestamp) {
        if self.next_upkeep.is_some_and(|at| now < at) {
            return;
        }
        self.by_key.retain(|_, holders| holders.values().any(|until| *until > now));
        self.next_upkeep = Some(now.plus(UPKEEP_EVERY));
    }
}
