//! The counter's signing keys: made ahead, published before they sign, published on after they stopped.
//!
//! A key's row has the number in the series as its id, and the store writes each id once: of two nodes that make the
//! next key at one moment, one wins and both use it. The `kid` outside is the key's thumbprint.

use super::IssuerParts;
use crate::domain::{Entropy, Fault, MasterKey, Timestamp};
use crate::protocol::jose::{Es256Signer, PublishedKeys};
use crate::store::{HeldKey, Store};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

const PURPOSE: &str = "signing";

/// When keys change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// How long a key signs.
    pub period: Duration,
    /// How long a key is published before it signs: longer than anyone caches the key set.
    pub lead: Duration,
    /// How long a key stays published after it stopped: longer than any token lives.
    pub overlap: Duration,
}

impl Default for Rotation {
    fn default() -> Self {
        let day = Duration::from_hours(24);
        Self { period: day * 30, lead: day, overlap: day }
    }
}

/// The keys in use.
pub struct Keys {
    rotation: Rotation,
    active: RwLock<Arc<Es256Signer>>,
    published: PublishedKeys,
}

/// What must be written for the keys to be in order.
#[derive(Debug, PartialEq, Eq)]
struct Due {
    /// When the next key starts to sign, if it must be made now.
    make: Option<Timestamp>,
    /// Keys that stop to be published, and when.
    retire: Vec<(String, Timestamp)>,
}

impl Rotation {
    /// `held` is oldest first.
    fn due(&self, held: &[HeldKey], now: Timestamp) -> Due {
        let make = match held.last() {
            None => Some(now),
            Some(newest) => {
                let next = newest.active_from.plus(self.period);
                // A service that slept past the change still publishes the new key before it signs.
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

/// The key that signs at `now`: the newest that has started; before any has, the first.
fn active(held: &[HeldKey], now: Timestamp) -> Option<&HeldKey> {
    held.iter().rev().find(|key| key.active_from <= now).or_else(|| held.first())
}

impl Keys {
    pub(super) async fn open(rotation: Rotation, parts: &IssuerParts) -> Result<Self, Fault> {
        let (signer, jwks) = load(rotation, parts).await?;
        let published = PublishedKeys::default();
        publish(&published, &jwks)?;
        Ok(Self { rotation, active: RwLock::new(Arc::new(signer)), published })
    }

    /// Makes, activates and retires keys as their times come.
    pub(super) async fn refresh(&self, parts: &IssuerParts) -> Result<(), Fault> {
        let (signer, jwks) = load(self.rotation, parts).await?;
        // Published first: no token may be signed by a key that nobody can find.
        publish(&self.published, &jwks)?;
        *self.active.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(signer);
        Ok(())
    }

    /// What signs now.
    pub(super) fn signer(&self) -> Arc<Es256Signer> {
        Arc::clone(&self.active.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn published(&self) -> PublishedKeys {
        self.published.clone()
    }
}

fn publish(published: &PublishedKeys, jwks: &[serde_json::Value]) -> Result<(), Fault> {
    published.replace(jwks).map_err(|error| Fault::Internal(format!("our own key set: {error}")))
}

async fn load(rotation: Rotation, parts: &IssuerParts) -> Result<(Es256Signer, Vec<serde_json::Value>), Fault> {
    let now = parts.clock.now();
    let mut held = parts.store.list_keys(PURPOSE).await?;
    let due = rotation.due(&held, now);
    if let Some(active_from) = due.make {
        let id = format!("signing:{}", held.len() + 1);
        let (_, document) = Es256Signer::generate()?;
        let sealed = parts.master.seal(&id, document.expose(), &*parts.entropy)?;
        let purpose = PURPOSE.to_owned();
        let key = HeldKey { id, purpose, sealed, created_at: now, active_from, retired_at: None };
        // False when another node was first; its key is read below.
        parts.store.insert_key(&key).await?;
    }
    for (id, at) in &due.retire {
        parts.store.retire_key(id, *at).await?;
    }
    if due.make.is_some() || !due.retire.is_empty() {
        held = parts.store.list_keys(PURPOSE).await?;
    }
    let active = active(&held, now).ok_or_else(|| Fault::Internal("there is no signing key".into()))?;
    let signer = open(active, parts)?;
    let mut jwks = Vec::new();
    for key in held.iter().filter(|key| key.retired_at.is_none_or(|at| now < at)) {
        jwks.push(open(key, parts)?.public_jwk().clone());
    }
    Ok((signer, jwks))
}

/// Makes the next signing key at once, published now and signing after `lead`; none when one is waiting already.
///
/// # Errors
/// [`Fault`] when the store does not answer.
pub async fn rotate_now(
    ground: (&dyn Store, &MasterKey, &dyn Entropy),
    lead: Duration,
    now: Timestamp,
) -> Result<Option<String>, Fault> {
    let (store, master, entropy) = ground;
    let held = store.list_keys(PURPOSE).await?;
    if held.last().is_some_and(|newest| newest.active_from > now) {
        return Ok(None);
    }
    let id = format!("signing:{}", held.len() + 1);
    let (_, document) = Es256Signer::generate()?;
    let sealed = master.seal(&id, document.expose(), entropy)?;
    let purpose = PURPOSE.to_owned();
    let active_from = if held.is_empty() { now } else { now.plus(lead) };
    let key = HeldKey { id: id.clone(), purpose, sealed, created_at: now, active_from, retired_at: None };
    Ok(store.insert_key(&key).await?.then_some(id))
}

fn open(key: &HeldKey, parts: &IssuerParts) -> Result<Es256Signer, Fault> {
    Es256Signer::from_pkcs8(&parts.master.open(&key.id, &key.sealed)?)
}

#[cfg(test)]
mod tests;
