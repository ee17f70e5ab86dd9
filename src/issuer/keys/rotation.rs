//! When keys change, and the writing of it.

use super::series::KeyUse;
use crate::domain::{Entropy, Fault, MasterKey, Timestamp};
use crate::issuer::IssuerParts;
use crate::store::{HeldKey, Store};
use std::time::Duration;

/// When keys change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// How long a key is the one in use.
    pub period: Duration,
    /// How long a key is there before it is used: longer than anyone caches the key set.
    pub lead: Duration,
    /// How long a key is kept after it stopped: longer than any token lives.
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
pub(super) struct Due {
    /// When the next key comes into use, if it must be made now.
    pub make: Option<Timestamp>,
    /// Keys that stop to be kept, and when.
    pub retire: Vec<(String, Timestamp)>,
}

impl Rotation {
    /// `held` is oldest first.
    pub(super) fn due(&self, held: &[HeldKey], now: Timestamp) -> Due {
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
pub(super) fn active(held: &[HeldKey], now: Timestamp) -> Option<&HeldKey> {
    held.iter().rev().find(|key| key.active_from <= now).or_else(|| held.first())
}

/// The keys of a series, oldest first, after what was due is written.
pub(super) async fn in_order(usage: KeyUse, rotation: Rotation, parts: &IssuerParts) -> Result<Vec<HeldKey>, Fault> {
    let now = parts.clock.now();
    let held = parts.store.list_keys(usage.as_str()).await?;
    let due = rotation.due(&held, now);
    if due.make.is_none() && due.retire.is_empty() {
        return Ok(held);
    }
    if let Some(active_from) = due.make {
        let key = next(usage, held.len(), (&*parts.master, &*parts.entropy), (now, active_from))?;
        // False when another node was first; its key is read below.
        parts.store.insert_key(&key).await?;
    }
    for (id, at) in &due.retire {
        parts.store.retire_key(id, *at).await?;
    }
    parts.store.list_keys(usage.as_str()).await
}

/// Makes the next key of a series at once, known now and used after `lead`; none when one is waiting already.
///
/// # Errors
/// [`Fault`] when the store does not answer.
pub async fn rotate_now(
    usage: KeyUse,
    (store, master, entropy): (&dyn Store, &MasterKey, &dyn Entropy),
    lead: Duration,
    now: Timestamp,
) -> Result<Option<String>, Fault> {
    let held = store.list_keys(usage.as_str()).await?;
    if held.last().is_some_and(|newest| newest.active_from > now) {
        return Ok(None);
    }
    let active_from = if held.is_empty() { now } else { now.plus(lead) };
    let key = next(usage, held.len(), (master, entropy), (now, active_from))?;
    Ok(store.insert_key(&key).await?.then_some(key.id))
}

fn next(
    usage: KeyUse,
    before: usize,
    (master, entropy): (&MasterKey, &dyn Entropy),
    (created_at, active_from): (Timestamp, Timestamp),
) -> Result<HeldKey, Fault> {
    let id = usage.id(before + 1);
    let sealed = master.seal(&id, usage.generate()?.expose(), entropy)?;
    Ok(HeldKey { id, purpose: usage.as_str().to_owned(), sealed, created_at, active_from, retired_at: None })
}
