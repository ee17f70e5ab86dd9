//! Series of keys: when the next is made, when it comes into use and until when the former one is kept.
//!
//! A key's row has the number in its series as its id, and the store writes each id once: of two nodes that make the
//! next key at one moment, one wins and both use it.

use super::{HeldKey, Store};
use crate::domain::{Entropy, Fault, MasterKey, Secret, Timestamp};
use std::time::Duration;

/// When keys change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// How long a key is the one in use.
    pub period: Duration,
    /// How long a key is there before it is used: longer than anyone caches the key set.
    pub lead: Duration,
    /// How long a key is kept after it stopped: longer than anything that was signed by it is checked.
    pub overlap: Duration,
}

impl Default for Rotation {
    fn default() -> Self {
        let day = Duration::from_hours(24);
        Self { period: day * 30, lead: day, overlap: day }
    }
}

/// What must be written for a series to be in order.
#[derive(Debug, PartialEq, Eq)]
pub struct Due {
    /// When the next key comes into use, if it must be made now.
    pub make: Option<Timestamp>,
    /// Keys that stop to be kept, and when.
    pub retire: Vec<(String, Timestamp)>,
}

impl Rotation {
    /// `held` is oldest first.
    #[must_use]
    pub fn due(&self, held: &[HeldKey], now: Timestamp) -> Due {
        let make = match held.last() {
            None => Some(now),
            Some(newest) => {
                let next = newest.active_from.plus(self.period);
                // A service that slept past the change still publishes the new key before it is used.
                (now >= next.minus(self.lead)).then(|| next.max(now.plus(self.lead)))
            }
        };
        let retire = held
            .iter()
            .zip(held.iter().skip(1))
            .filter(|(key, next)| key.retired_at.is_none() && next.active_from <= now)
            .map(|(key, next)| (key.id.clone(), next.active_from.plus(self.overlap)))
            .collect();
        Due { make, retire }
    }
}

/// The key in use at `now`: the newest that has started; before any has, the first.
#[must_use]
pub fn active(held: &[HeldKey], now: Timestamp) -> Option<&HeldKey> {
    held.iter().rev().find(|key| key.active_from <= now).or_else(|| held.first())
}

/// Whether a key is kept still: the one in use, the next, and a former one for a while.
#[must_use]
pub fn is_kept(key: &HeldKey, now: Timestamp) -> bool {
    key.retired_at.is_none_or(|at| now < at)
}

/// What keeps and seals a series.
#[derive(Clone, Copy)]
pub struct Keeper<'k> {
    /// Where.
    pub store: &'k dyn Store,
    /// Seals the keys.
    pub master: &'k MasterKey,
    /// For the seals.
    pub entropy: &'k dyn Entropy,
}

/// A series of keys.
#[derive(Clone, Copy)]
pub struct Series<'s> {
    /// Its name in the store, and the beginning of each key's id.
    pub purpose: &'s str,
    /// Makes a new key: its PKCS#8 document.
    pub generate: &'s (dyn Fn() -> Result<Secret<Vec<u8>>, Fault> + Send + Sync),
}

impl Series<'_> {
    /// Its keys, oldest first, after what was due is written.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer, or no key can be made.
    pub async fn in_order(
        &self,
        rotation: Rotation,
        keeper: Keeper<'_>,
        now: Timestamp,
    ) -> Result<Vec<HeldKey>, Fault> {
        let held = keeper.store.list_keys(self.purpose).await?;
        let due = rotation.due(&held, now);
        if due.make.is_none() && due.retire.is_empty() {
            return Ok(held);
        }
        if let Some(active_from) = due.make {
            // False when another node was first; its key is read below.
            keeper.store.insert_key(&self.next(held.len(), keeper, (now, active_from))?).await?;
        }
        for (id, at) in &due.retire {
            keeper.store.retire_key(id, *at).await?;
        }
        keeper.store.list_keys(self.purpose).await
    }

    /// Makes the next key at once, known now and used after `lead`; none when one is waiting already.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer, or no key can be made.
    pub async fn rotate_now(
        &self,
        keeper: Keeper<'_>,
        lead: Duration,
        now: Timestamp,
    ) -> Result<Option<String>, Fault> {
        let held = keeper.store.list_keys(self.purpose).await?;
        if held.last().is_some_and(|newest| newest.active_from > now) {
            return Ok(None);
        }
        let active_from = if held.is_empty() { now } else { now.plus(lead) };
        let key = self.next(held.len(), keeper, (now, active_from))?;
        Ok(keeper.store.insert_key(&key).await?.then_some(key.id))
    }

    fn next(
        &self,
        before: usize,
        keeper: Keeper<'_>,
        (created_at, active_from): (Timestamp, Timestamp),
    ) -> Result<HeldKey, Fault> {
        let id = format!("{}:{}", self.purpose, before + 1);
        let sealed = keeper.master.seal(&id, (self.generate)()?.expose(), keeper.entropy)?;
        Ok(HeldKey { id, purpose: self.purpose.to_owned(), sealed, created_at, active_from, retired_at: None })
    }
}
