//! The counter's own public keys, as published under `jwks_uri`: read on every call, replaced at a rotation.

use super::{JwkError, PublicKey, RawJwk};
use serde::Deserialize;
use std::sync::{Arc, PoisonError, RwLock};

/// A shared holder: clones see the same keys; reading takes one short read lock.
#[derive(Clone, Debug)]
pub struct PublishedKeys(Arc<RwLock<Arc<Published>>>);

#[derive(Debug)]
struct Published {
    keys: Vec<Arc<PublicKey>>,
    json: Arc<str>,
}

impl Default for PublishedKeys {
    fn default() -> Self {
        let json = Arc::from(r#"{"keys":[]}"#);
        Self(Arc::new(RwLock::new(Arc::new(Published { keys: Vec::new(), json }))))
    }
}

impl PublishedKeys {
    /// Replaces all keys by `jwks`, public JWKs each with a `kid`.
    ///
    /// # Errors
    /// [`JwkError`] when one is not acceptable, has no `kid`, or two share one (FAPI 2.0 SP §5.4.2-3); the keys stay
    /// as they were.
    pub fn replace(&self, jwks: &[serde_json::Value]) -> Result<(), JwkError> {
        let mut keys: Vec<Arc<PublicKey>> = Vec::with_capacity(jwks.len());
        for jwk in jwks {
            let key = RawJwk::deserialize(jwk).map_err(|_| JwkError::Malformed)?.parse()?;
            if key.kid().is_none() || keys.iter().any(|k| k.kid() == key.kid()) {
                return Err(JwkError::Malformed);
            }
            keys.push(Arc::new(key));
        }
        let json = serde_json::json!({ "keys": jwks }).to_string().into();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Published { keys, json });
        Ok(())
    }

    /// The key with this `kid`.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<Arc<PublicKey>> {
        self.read().keys.iter().find(|key| key.kid() == Some(kid)).cloned()
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
