//! Counting limits: GCRA (the generic cell rate algorithm) by `governor`, over a state that can be looked at before
//! anything is taken.
//!
//! Each key's whole state is one number, its theoretical arrival time: the moment at which the limit will be whole
//! again. A call looks at all its keys under their shards' locks; `governor` says yes or no for each and what the
//! number would become; only when all say yes are the numbers written.

use super::rate::{Rate, as_nanos};
use crate::domain::Timestamp;
use crate::hot::ports::{Charge, Quota, Standing, Verdict};
use governor::RateLimiter;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, StateStore};
use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Shards; a power of two, enough that two cores rarely meet.
const SHARDS: usize = 64;
/// Keys kept per shard at most: about a million in all, 32 MB when full.
const KEYS_PER_SHARD: usize = 16_384;
/// How long a shard goes on before a call sweeps it of keys whose limit is whole again.
const UPKEEP_EVERY: Duration = Duration::from_secs(10);
/// A full shard is swept no more often than this, lest a flood of keys make every call a sweep.
const UPKEEP_WHEN_FULL_EVERY: Duration = Duration::from_secs(1);

/// Limits counted in this process.
pub struct LocalQuotas {
    shards: Box<[Mutex<Shard>]>,
    // Keyed at random, so that nobody outside can choose keys that meet in one place.
    hasher: RandomState,
    keys_per_shard: usize,
}

impl Default for LocalQuotas {
    fn default() -> Self {
        Self::with_room(KEYS_PER_SHARD)
    }
}

impl LocalQuotas {
    fn with_room(keys_per_shard: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::new(Shard::default())).collect();
        Self { shards, hasher: RandomState::new(), keys_per_shard }
    }

    /// Charges one unit to every limit, or to none.
    #[must_use]
    pub fn charge(&self, charges: &[Charge], now: Timestamp) -> Verdict {
        let now = nanos(now);
        let keys: Vec<u64> = charges.iter().map(|charge| self.hasher.hash_one(charge.key.as_str())).collect();
        let mut held = self.lock(&keys);
        let mut trials: Vec<Trial> = Vec::with_capacity(charges.len());
        for (charge, &key) in charges.iter().zip(&keys) {
            let rate = Rate::of(charge.quota);
            let index = shard_of(key);
            let Some(shard) = find(&mut held, index) else { continue };
            let key = shard.make_room(key, rate, now, self.keys_per_shard);
            // The same key twice in one call is charged twice.
            let before = trials
                .iter()
                .rev()
                .find(|trial| trial.key == key)
                .map_or_else(|| shard.tat(key), |trial| Some(trial.after()));
            trials.push(Trial { shard: index, ..Trial::new(key, rate, before, now) });
        }
        let is_allowed = trials.iter().all(|trial| trial.next.is_some());
        if is_allowed {
            for trial in &trials {
                if let (Some(shard), Some(next)) = (find(&mut held, trial.shard), trial.next) {
                    shard.tats.insert(trial.key, next);
                }
            }
        }
        Verdict { is_allowed, standings: trials.iter().map(|trial| trial.standing(is_allowed, now)).collect() }
    }

    /// Charges one unit to one limit: the short way for checks that stand before everything else.
    pub fn charge_one(&self, key: &impl Hash, quota: Quota, now: Timestamp) -> (bool, Standing) {
        let now = nanos(now);
        let key = self.hasher.hash_one(key);
        let rate = Rate::of(quota);
        let Some(shard) = self.shards.get(shard_of(key)) else { return (true, rate.standing(0)) };
        let mut shard = lock(shard);
        let key = shard.make_room(key, rate, now, self.keys_per_shard);
        let trial = Trial::new(key, rate, shard.tat(key), now);
        if let Some(next) = trial.next {
            shard.tats.insert(key, next);
        }
        (trial.next.is_some(), trial.standing(trial.next.is_some(), now))
    }

    /// How many keys are counted now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).tats.len()).sum()
    }

    /// Whether no key is counted now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Locks the shards of all `keys`, each once and in one order, so that two calls never wait for each other.
    fn lock(&self, keys: &[u64]) -> Vec<(usize, MutexGuard<'_, Shard>)> {
        let mut wanted: Vec<usize> = keys.iter().map(|&key| shard_of(key)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted.into_iter().filter_map(|index| Some((index, lock(self.shards.get(index)?)))).collect()
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    // A panic elsewhere can't leave a shard half written: each write is one insert.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find<'a>(held: &'a mut [(usize, MutexGuard<'_, Shard>)], index: usize) -> Option<&'a mut Shard> {
    held.iter_mut().find(|(at, _)| *at == index).map(|(_, shard)| &mut **shard)
}

/// The shard of a key: its upper bits, since the map inside uses the lower ones.
fn shard_of(key: u64) -> usize {
    usize::try_from(key >> 32).unwrap_or_default() % SHARDS
}

fn nanos(now: Timestamp) -> u64 {
    u64::try_from(now.millis()).unwrap_or_default().saturating_mul(1_000_000)
}

/// Keys are hashed already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

#[derive(Default)]
struct Shard {
    tats: HashMap<u64, u64, BuildHasherDefault<AsIs>>,
    next_upkeep: u64,
}

impl Shard {
    fn tat(&self, key: u64) -> Option<u64> {
        self.tats.get(&key).copied()
    }

    /// The key to count under: `key` itself, or, in a shard that stays full of keys still counting, one that all
    /// newcomers with this rate share. A flood of new keys then throttles itself instead of growing the table.
    fn make_room(&mut self, key: u64, rate: Rate, now: u64, most: usize) -> u64 {
        let is_full = self.tats.len() >= most;
        if now >= self.next_upkeep {
            self.tats.retain(|_, tat| *tat > now);
            if self.tats.capacity() > self.tats.len().saturating_mul(4) {
                self.tats.shrink_to(self.tats.len().saturating_mul(2));
            }
            let pause = if self.tats.len() >= most { UPKEEP_WHEN_FULL_EVERY } else { UPKEEP_EVERY };
            self.next_upkeep = now.saturating_add(as_nanos(pause));
        } else if is_full {
            self.next_upkeep = self.next_upkeep.min(now.saturating_add(as_nanos(UPKEEP_WHEN_FULL_EVERY)));
        }
        if self.tats.len() < most || self.tats.contains_key(&key) { key } else { rate.shared_key() }
    }
}

/// One key weighed against its limit, nothing written yet.
struct Trial {
    shard: usize,
    key: u64,
    rate: Rate,
    before: u64,
    /// The new arrival time, if there is one more to take.
    next: Option<u64>,
}

impl Trial {
    fn new(key: u64, rate: Rate, tat: Option<u64>, now: u64) -> Self {
        // No call can push the arrival time further than the whole period from its own time. One that is further came
        // from a clock that has since been set back; it must not lock its key until then.
        let before = tat.unwrap_or(0).min(now.saturating_add(rate.whole()));
        let next = weigh(rate, (before > 0).then_some(Nanos::new(before)), Nanos::new(now));
        Self { shard: shard_of(key), key, rate, before, next: next.map(Nanos::as_u64) }
    }

    fn after(&self) -> u64 {
        self.next.unwrap_or(self.before)
    }

    fn standing(&self, is_charged: bool, now: u64) -> Standing {
        let tat = if is_charged { self.after() } else { self.before };
        self.rate.standing(tat.saturating_sub(now))
    }
}

/// Asks `governor` whether one more is possible `now` for a key whose state is `tat`; gives the state after it.
fn weigh(rate: Rate, tat: Option<Nanos>, now: Nanos) -> Option<Nanos> {
    let quota = governor::Quota::with_period(Duration::from_nanos(rate.step))?.allow_burst(rate.burst);
    let look = Look { tat, next: Cell::new(None) };
    // A limiter counts from the moment its clock showed when it was made; ours always begins at zero, so that its
    // states are absolute times and outlive it.
    let limiter = RateLimiter::<_, _, _, NoOpMiddleware<Nanos>>::new(quota, look, CallClock(Cell::new(Nanos::new(0))));
    limiter.clock().0.set(now);
    limiter.check().ok()?;
    limiter.into_state_store().next.get()
}

/// The clock of one look: shows what it is set to.
struct CallClock(Cell<Nanos>);

impl Clock for CallClock {
    type Instant = Nanos;
    fn now(&self) -> Nanos {
        self.0.get()
    }
}

/// A state store that shows one state and keeps the new one aside, for its owner to write or to drop.
struct Look {
    tat: Option<Nanos>,
    next: Cell<Option<Nanos>>,
}

impl StateStore for Look {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (outcome, next) = decide(self.tat)?;
        self.next.set(Some(next));
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests;
