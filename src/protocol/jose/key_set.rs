//! A client's registered keys (a JWK Set, RFC 7517 §5).

use super::{Algorithm, JwkError, PublicKey, RawJwk};
use serde::Deserialize;

/// Most keys in one set: enough for two of each kind during a change, and little to try through.
const MOST_KEYS: usize = 16;

/// Public keys to choose from by `kid` and algorithm; none by default.
#[derive(Debug, Default)]
pub struct KeySet(Vec<PublicKey>);

impl KeySet {
    /// Reads a JWK Set. Keys that are not for our signatures (encryption keys, other curves) are passed over; a
    /// private key anywhere refuses the whole set, since it is no secret any more.
    ///
    /// # Errors
    /// [`JwkError`] when there is no `keys` array, it has too many, one is private, too small or malformed, or none
    /// can be used.
    pub fn parse(jwks: &serde_json::Value) -> Result<Self, JwkError> {
        let keys = jwks.get("keys").and_then(serde_json::Value::as_array).ok_or(JwkError::Malformed)?;
        if keys.len() > MOST_KEYS {
            return Err(JwkError::Malformed);
        }
        let mut usable = Vec::with_capacity(keys.len());
        for key in keys {
            match RawJwk::deserialize(key).map_err(|_| JwkError::Malformed)?.parse() {
                Ok(key) => usable.push(key),
                Err(JwkError::Kind | JwkError::Use) => {}
                Err(error) => return Err(error),
            }
        }
        if usable.is_empty() { Err(JwkError::Kind) } else { Ok(Self(usable)) }
    }

    /// Whether a key of this name is among them; any will do where none is named.
    #[must_use]
    pub fn has(&self, kid: Option<&str>) -> bool {
        kid.is_none_or(|kid| self.0.iter().any(|key| key.kid() == Some(kid)))
    }

    /// The keys that a token with this `kid` and `alg` may be signed by. Two keys with one `kid` are told apart by
    /// their kind (FAPI 2.0 SP §5.4.3); without a `kid` every key of the algorithm is a candidate.
    pub fn candidates<'s>(&'s self, kid: Option<&'s str>, alg: Algorithm) -> impl Iterator<Item = &'s PublicKey> {
        self.0.iter().filter(move |key| key.algorithm() == alg && (kid.is_none() || key.kid() == kid))
    }
}
