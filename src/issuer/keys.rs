//! The counter's own keys: a series for each use, made ahead, published before they sign, kept on after they stopped.
//!
//! When they change is the store's ([`crate::store::rotation`]). The `kid` outside is the key's thumbprint.
//!
//! Signing keys are published before they sign, so that whoever verifies knows them in time. Keys that messages are
//! encrypted to go the other way: every node can open with the next one before anybody is told of it, and with the
//! former one for as long as somebody may have it in a cache.
//!
//! Keys that sign statements are never taken out of their own set: what they signed is kept by others, and shown years
//! later.

mod rotation;
mod series;

pub use crate::store::rotation::Rotation;
pub use rotation::rotate_now;
pub use series::KeyUse;

use super::IssuerParts;
use crate::domain::profile::KeyManagement;
use crate::domain::{Fault, Timestamp};
use crate::protocol::jose::jwe::{Decrypter, Decrypters};
use crate::protocol::jose::{Es256Signer, PublishedKeys, PublishedSet};
use crate::store::HeldKey;
use crate::store::rotation::{active, is_kept};
use rotation::in_order;
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};

/// The keys in use.
pub struct Keys {
    rotation: Rotation,
    encryption: Vec<KeyManagement>,
    signers: RwLock<Signers>,
    decrypters: RwLock<Decrypters>,
    published: PublishedKeys,
    statements: RwLock<Arc<str>>,
}

/// What signs at one moment.
#[derive(Clone)]
struct Signers {
    access_tokens: Arc<Es256Signer>,
    messages: Arc<Es256Signer>,
    statements: Arc<Es256Signer>,
}

/// Everything that the store holds of our keys, opened.
struct Loaded {
    signers: Signers,
    decrypters: Decrypters,
    published: PublishedSet,
    statements: Arc<str>,
}

impl Keys {
    /// `encryption` is how request objects may be encrypted to us.
    pub(super) async fn open(
        rotation: Rotation,
        encryption: Vec<KeyManagement>,
        parts: &IssuerParts,
    ) -> Result<Self, Fault> {
        let loaded = load(rotation, &encryption, parts).await?;
        let published = PublishedKeys::default();
        publish(&published, &loaded.published)?;
        let (signers, decrypters) = (RwLock::new(loaded.signers), RwLock::new(loaded.decrypters));
        let statements = RwLock::new(loaded.statements);
        Ok(Self { rotation, encryption, signers, decrypters, published, statements })
    }

    /// Makes, activates and retires keys as their times come.
    pub(super) async fn refresh(&self, parts: &IssuerParts) -> Result<(), Fault> {
        let loaded = load(self.rotation, &self.encryption, parts).await?;
        // In this order: nobody may encrypt to a key that we cannot open with, and no token may be signed by a key that
        // nobody can find.
        *self.decrypters.write().unwrap_or_else(PoisonError::into_inner) = loaded.decrypters;
        publish(&self.published, &loaded.published)?;
        *self.statements.write().unwrap_or_else(PoisonError::into_inner) = loaded.statements;
        *self.signers.write().unwrap_or_else(PoisonError::into_inner) = loaded.signers;
        Ok(())
    }

    /// What signs access tokens now.
    pub(super) fn signer(&self) -> Arc<Es256Signer> {
        Arc::clone(&self.signers.read().unwrap_or_else(PoisonError::into_inner).access_tokens)
    }

    /// What signs everything else now.
    pub(super) fn message_signer(&self) -> Arc<Es256Signer> {
        Arc::clone(&self.signers.read().unwrap_or_else(PoisonError::into_inner).messages)
    }

    /// What signs statements now.
    pub(super) fn statement_signer(&self) -> Arc<Es256Signer> {
        Arc::clone(&self.signers.read().unwrap_or_else(PoisonError::into_inner).statements)
    }

    /// Every key that ever signed statements or will next, as a JWK Set.
    pub(super) fn statement_keys(&self) -> Arc<str> {
        Arc::clone(&self.statements.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What opens request objects encrypted to us.
    pub(super) fn decrypters(&self) -> Decrypters {
        self.decrypters.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn published(&self) -> PublishedKeys {
        self.published.clone()
    }
}

fn publish(published: &PublishedKeys, set: &PublishedSet) -> Result<(), Fault> {
    published.replace_all(set).map_err(|error| Fault::Internal(format!("our own key set: {error}")))
}

async fn load(rotation: Rotation, encryption: &[KeyManagement], parts: &IssuerParts) -> Result<Loaded, Fault> {
    let now = parts.clock.now();
    let held = in_order(KeyUse::AccessTokens, rotation, parts).await?;
    let (tokens, token_jwks) = signing(&held, now, parts)?;
    let held = in_order(KeyUse::Messages, rotation, parts).await?;
    let (messages, message_jwks) = signing(&held, now, parts)?;
    let (mut decrypters, mut encryption_jwks) = (Vec::new(), Vec::new());
    for management in encryption {
        let usage = KeyUse::Encryption(*management);
        let held = in_order(usage, rotation, parts).await?;
        let newest = active(&held, now).ok_or_else(|| none(usage))?;
        for key in held.iter().filter(|key| is_kept(key, now)) {
            let opened = usage.decrypter(&parts.master.open(&key.id, &key.sealed)?)?;
            if key.id == newest.id {
                encryption_jwks.push(opened.public_jwk().clone());
            }
            decrypters.push(opened);
        }
    }
    let held = in_order(KeyUse::Statements, rotation, parts).await?;
    let (statements, _) = signing(&held, now, parts)?;
    let signers =
        Signers { access_tokens: Arc::new(tokens), messages: Arc::new(messages), statements: Arc::new(statements) };
    let statements = for_ever(&held, parts)?;
    let published = PublishedSet { access_tokens: token_jwks, messages: message_jwks, encryption: encryption_jwks };
    Ok(Loaded { signers, decrypters: Decrypters::new(decrypters), published, statements })
}

/// The key that signs now, and the public keys by which it, its next and its former ones are verified.
fn signing(held: &[HeldKey], now: Timestamp, parts: &IssuerParts) -> Result<(Es256Signer, Vec<Value>), Fault> {
    let open = |key: &HeldKey| Es256Signer::from_pkcs8(&parts.master.open(&key.id, &key.sealed)?);
    let signer = open(active(held, now).ok_or_else(|| Fault::Internal("there is no signing key".into()))?)?;
    let kept = held.iter().filter(|key| is_kept(key, now));
    let jwks = kept.map(|key| Ok(open(key)?.public_jwk().clone())).collect::<Result<_, Fault>>()?;
    Ok((signer, jwks))
}

/// All keys of a series as a JWK Set; each says since when it is there and, once it stopped, until when it can have signed
/// (`iat` and `exp`, as OpenID Federation 1.0 §8.7 has them for former keys).
fn for_ever(held: &[HeldKey], parts: &IssuerParts) -> Result<Arc<str>, Fault> {
    let jwk = |key: &HeldKey| {
        let mut jwk = Es256Signer::from_pkcs8(&parts.master.open(&key.id, &key.sealed)?)?.public_jwk().clone();
        if let Some(members) = jwk.as_object_mut() {
            members.insert("iat".to_owned(), key.created_at.seconds().into());
            members.extend(key.retired_at.map(|end| ("exp".to_owned(), end.seconds().into())));
        }
        Ok(jwk)
    };
    let keys = held.iter().map(jwk).collect::<Result<Vec<Value>, Fault>>()?;
    Ok(serde_json::json!({ "keys": keys }).to_string().into())
}

fn none(usage: KeyUse) -> Fault {
    Fault::Internal(format!("there is no key for {usage}"))
}

/// A parsed key that opens messages.
type AnyDecrypter = Arc<dyn Decrypter>;

#[cfg(test)]
mod tests;
