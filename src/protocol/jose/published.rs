//! The counter's own public keys, as published under `jwks_uri`: read on every call, replaced at a rotation.

use super::{JwkError, PublicKey, RawJwk};
use serde::Deserialize;
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};

/// A shared holder: clones see the same keys; reading takes one short read lock.
#[derive(Clone, Debug)]
pub struct PublishedKeys(Arc<RwLock<Arc<Published>>>);

/// What is published, by use: public JWKs, each with a `kid`.
#[derive(Clone, Debug, Default)]
pub struct PublishedSet {
    /// Keys that sign access tokens.
    pub access_tokens: Vec<Value>,
    /// Keys that sign everything else.
    pub messages: Vec<Value>,
    /// Keys that messages to us are encrypted to.
    pub encryption: Vec<Value>,
}

#[derive(Debug)]
struct Published {
    access_tokens: Vec<Arc<PublicKey>>,
    messages: Vec<Arc<PublicKey>>,
    json: Arc<str>,
}

impl Default for PublishedKeys {
    fn default() -> Self {
        let json = Arc::from(r#"{"keys":[]}"#);
        let (access_tokens, messages) = (Vec::new(), Vec::new());
        Self(Arc::new(RwLock::new(Arc::new(Published { access_tokens, messages, json }))))
    }
}

impl PublishedKeys {
    /// Replaces all keys by `jwks`, all of which sign access tokens.
    ///
    /// # Errors
    /// As [`PublishedKeys::replace_all`].
    pub fn replace(&self, jwks: &[Value]) -> Result<(), JwkError> {
        self.replace_all(&PublishedSet { access_tokens: jwks.to_vec(), ..PublishedSet::default() })
    }

    /// Replaces all keys.
    ///
    /// # Errors
    /// [`JwkError`] when one is not acceptable, has no `kid`, or two share one (FAPI 2.0 SP §5.4.2-3); the keys stay
    /// as they were.
    pub fn replace_all(&self, set: &PublishedSet) -> Result<(), JwkError> {
        let jwks: Vec<&Value> = [&set.access_tokens, &set.messages, &set.encryption].into_iter().flatten().collect();
        let mut kids: Vec<Option<&str>> = jwks.iter().map(|jwk| jwk.get("kid").and_then(Value::as_str)).collect();
        kids.sort_unstable();
        if kids.contains(&None) || kids.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(JwkError::Malformed);
        }
        let json = serde_json::json!({ "keys": jwks }).to_string().into();
        let fresh = Published { access_tokens: read(&set.access_tokens)?, messages: read(&set.messages)?, json };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(())
    }

    /// The key with this `kid`, if it signs access tokens.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<Arc<PublicKey>> {
        with_kid(&self.read().access_tokens, kid)
    }

    /// The key with this `kid`, if it signs messages to clients.
    #[must_use]
    pub fn find_for_messages(&self, kid: &str) -> Option<Arc<PublicKey>> {
        with_kid(&self.read().messages, kid)
    }

    /// The JWK Set as its endpoint gives it.
    #[must_use]
    pub fn json(&self) -> Arc<str> {
        Arc::clone(&self.read().json)
    }

    fn read(&self) -> Arc<Published> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn read(jwks: &[Value]) -> Result<Vec<Arc<PublicKey>>, JwkError> {
    let key = |jwk| RawJwk::deserialize(jwk).map_err(|_| JwkError::Malformed)?.parse().map(Arc::new);
    jwks.iter().map(key).collect()
}

fn with_kid(keys: &[Arc<PublicKey>], kid: &str) -> Option<Arc<PublicKey>> {
    keys.iter().find(|key| key.kid() == Some(kid)).cloned()
}
