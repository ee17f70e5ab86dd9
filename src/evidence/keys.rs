//! The log's own keys: a series of Ed25519 keys under the log's name, sealed under the master key.
//!
//! The newest signs. Former ones stay, since their signatures stay: an auditor knows them all.

use super::note::{KeyKind, Signer, Verifier};
use crate::domain::{Entropy, Fault, MasterKey, Secret, Timestamp};
use crate::store::{HeldKey, Store};
use std::sync::Arc;

/// What the store calls them by.
pub const PURPOSE: &str = "evidence";

/// What keys are opened and made with.
#[derive(Clone, Copy)]
pub struct KeyParts<'a> {
    /// Holds them, sealed.
    pub store: &'a dyn Store,
    /// Opens them.
    pub master: &'a MasterKey,
    /// The log's name.
    pub origin: &'a str,
}

/// The name of the log in a store: the one that it began with, whatever the counter is called now; `otherwise` for a new
/// log. Nothing hangs on it but what a key signed under it.
///
/// # Errors
/// [`Fault`] when the store is away.
pub async fn name_of(store: &dyn Store, otherwise: &str) -> Result<String, Fault> {
    let newest = store.find_checkpoint(None).await?;
    let name = newest.as_ref().and_then(|head| head.note.lines().next()).unwrap_or(otherwise);
    Ok(name.to_owned())
}

/// The keys of a log, oldest first.
#[derive(Clone, Default)]
pub struct LogKeys(Vec<(String, Arc<Signer>)>);

impl LogKeys {
    /// Every key that the store holds.
    ///
    /// # Errors
    /// [`Fault`] when the store is away, or a key does not open under the master key.
    pub async fn load(parts: KeyParts<'_>) -> Result<Self, Fault> {
        let held = parts.store.list_keys(PURPOSE).await?;
        let opened = held.into_iter().map(|key| Ok((key.id.clone(), Arc::new(open(&key, parts)?))));
        opened.collect::<Result<Vec<_>, Fault>>().map(Self)
    }

    /// Whether these are the keys with these ids.
    pub(super) fn are(&self, held: &[HeldKey]) -> bool {
        self.0.len() == held.len() && self.0.iter().zip(held).all(|((id, _), key)| *id == key.id)
    }

    /// The one that signs.
    #[must_use]
    pub fn newest(&self) -> Option<&Arc<Signer>> {
        self.0.last().map(|(_, signer)| signer)
    }

    /// What their signatures are verified with, newest first.
    #[must_use]
    pub fn verifiers(&self) -> Vec<Verifier> {
        self.0.iter().rev().map(|(_, signer)| signer.verifier().clone()).collect()
    }
}

fn open(key: &HeldKey, parts: KeyParts<'_>) -> Result<Signer, Fault> {
    let seed = parts.master.open(&key.id, &key.sealed)?;
    let seed = <[u8; 32]>::try_from(seed.as_slice());
    let seed = Secret::new(seed.map_err(|_| Fault::Internal(format!("the key {} has another length", key.id)))?);
    Signer::new(parts.origin, KeyKind::Log, &seed).map_err(|error| Fault::Internal(format!("the log's key: {error}")))
}

/// Makes the next key of the log; false when another was faster.
///
/// # Errors
/// [`Fault`] when the store is away.
pub async fn make_key(parts: KeyParts<'_>, entropy: &dyn Entropy, now: Timestamp) -> Result<bool, Fault> {
    let number = parts.store.list_keys(PURPOSE).await?.len() + 1;
    let mut seed = [0_u8; 32];
    entropy.fill(&mut seed);
    let seed = Secret::new(seed);
    let id = format!("{PURPOSE}:{number}");
    let key = HeldKey {
        sealed: parts.master.seal(&id, seed.expose(), entropy)?,
        id,
        purpose: PURPOSE.to_owned(),
        created_at: now,
        active_from: now,
        retired_at: None,
    };
    parts.store.insert_key(&key).await
}
