//! DPoP proofs (RFC 9449): who calls must hold the key that the token names.
//!
//! Every check of §4.3 is here, in its order. The parsed key is kept by thumbprint, since a client signs thousands of
//! proofs with one key, and header and claims are read without copying. Whether a proof was seen before is not
//! decided here: [`Proof::mark`] is what to take, once, in the hot state.

use super::jose::{Compact, Header, Jkt, JoseError, Presence, PublicKey, RawJwk, Times, Window, decode_part, read};
use super::nonce::Nonces;
use crate::domain::{Digest, Timestamp};
use moka::sync::Cache;
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How old a proof may be. Its mark must be remembered for that long.
pub const OLDEST: Duration = Duration::from_mins(1);
/// How far in the future a proof may be made (FAPI 2.0 SP §5.3.2.1-13 asks for at least 10 s).
pub const AHEAD: Duration = Duration::from_secs(15);
/// Parsed keys kept, some 1 KiB each.
const KEYS: u64 = 10_000;
/// Longest proof, with room for an RSA key of 4096 bits.
const MOST: usize = 4096;
/// Longest `jti` looked at.
const MOST_JTI: usize = 256;

const WINDOW: Window = Window {
    ahead: AHEAD,
    oldest: OLDEST,
    grace: Duration::from_secs(5),
    longest: None,
    iat: Presence::Required,
    exp: Presence::Optional,
};

/// The call that a proof must be for.
#[derive(Clone, Copy, Debug)]
pub struct ProofContext<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's target as the caller sees it; query and fragment do not matter.
    pub uri: &'a str,
    /// The access token beside it, at a resource; none at the token endpoint.
    pub access_token: Option<&'a str>,
    /// The present moment.
    pub now: Timestamp,
}

/// A proof that passed every check but the one for replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Thumbprint of the key that signed it.
    pub jkt: Jkt,
    /// Digest of key and `jti`: to be taken once.
    pub mark: Digest,
    /// Until when the mark must be remembered.
    pub expires_at: Timestamp,
    /// When it was made.
    pub issued_at: Timestamp,
    /// The server nonce in it, if any.
    pub nonce: Option<String>,
}

/// Why a proof is not accepted; each text fits "the DPoP proof …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DpopError {
    /// It is no acceptable JWS.
    #[error("{0}")]
    Jose(#[from] JoseError),
    /// `jti` is missing, empty or too long.
    #[error("needs a jti of 1 to 256 characters")]
    Id,
    /// `htm` is another method.
    #[error("has an htm other than the request's method")]
    Method,
    /// `htu` is another address.
    #[error("has an htu other than the request's address")]
    Uri,
    /// `ath` is missing or another token's.
    #[error("has no ath, or one that is not the access token's hash")]
    TokenHash,
}

#[derive(Deserialize)]
struct ProofHeader<'a> {
    #[serde(borrow)]
    jwk: RawJwk<'a>,
}

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    jti: Cow<'a, str>,
    #[serde(borrow)]
    htm: Cow<'a, str>,
    #[serde(borrow)]
    htu: Cow<'a, str>,
    #[serde(borrow, default)]
    ath: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    nonce: Option<Cow<'a, str>>,
    #[serde(default)]
    iat: Option<f64>,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default)]
    exp: Option<f64>,
}

/// Verifies proofs; keeps the keys it has parsed.
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: Cache<Jkt, Arc<PublicKey>>,
}

impl Default for Verifier {
    fn default() -> Self {
        Self { keys: Cache::new(KEYS) }
    }
}

impl Verifier {
    /// Checks `proof` for the call in `context`.
    ///
    /// # Errors
    /// [`DpopError`], naming what is wrong.
    pub fn verify(&self, proof: &str, context: &ProofContext<'_>) -> Result<Proof, DpopError> {
        if proof.len() > MOST {
            return Err(JoseError::TooLong.into());
        }
        let token = Compact::split(proof)?;
        let header_bytes = decode_part(token.header)?;
        let alg = read::<Header<'_>>(&header_bytes)?.check(&["dpop+jwt"])?;
        let jwk = read::<ProofHeader<'_>>(&header_bytes)?.jwk;
        let jkt = jwk.thumbprint().map_err(JoseError::Key)?;
        let claims_bytes = decode_part(token.claims)?;
        let claims: Claims<'_> = read(&claims_bytes)?;
        let issued_at = claims.check(context)?;
        // The costly part comes last, when everything cheap was right.
        if let Some(key) = self.keys.get(&jkt) {
            token.verify(alg, &key)?;
        } else {
            let key = jwk.parse().map_err(JoseError::Key)?;
            token.verify(alg, &key)?;
            self.keys.insert(jkt, Arc::new(key));
        }
        Ok(Proof {
            jkt,
            mark: mark(jkt, &claims.jti),
            expires_at: issued_at.plus(OLDEST).plus(Duration::from_secs(1)),
            issued_at,
            nonce: claims.nonce.map(Cow::into_owned),
        })
    }
}

impl Claims<'_> {
    fn check(&self, context: &ProofContext<'_>) -> Result<Timestamp, DpopError> {
        if self.jti.is_empty() || self.jti.len() > MOST_JTI {
            return Err(DpopError::Id);
        }
        // RFC 9110 §9.1: methods are case-sensitive.
        if self.htm != context.method {
            return Err(DpopError::Method);
        }
        if !is_same_target(&self.htu, context.uri) {
            return Err(DpopError::Uri);
        }
        let times = Times { iat: self.iat, nbf: self.nbf, exp: self.exp };
        let (iat, _) = WINDOW.check(times, context.now)?;
        if let Some(token) = context.access_token {
            let right = Digest::of(token).base64url();
            if self.ath.as_deref() != Some(right.as_str()) {
                return Err(DpopError::TokenHash);
            }
        }
        iat.ok_or(DpopError::Jose(JoseError::Malformed))
    }
}

fn mark(jkt: Jkt, jti: &str) -> Digest {
    let mut bytes = Vec::with_capacity(32 + jti.len());
    bytes.extend_from_slice(jkt.as_bytes());
    bytes.extend_from_slice(jti.as_bytes());
    Digest::of_bytes(&bytes)
}

/// RFC 9449 §4.3 item 9: compared without query and fragment, after RFC 3986 §6.2.2 and §6.2.3 normalisation
/// (case of scheme and host, default port, dot segments). Texts that are equal need no parsing.
fn is_same_target(claimed: &str, actual: &str) -> bool {
    if without_query(claimed) == without_query(actual) {
        return true;
    }
    let (Ok(mut claimed), Ok(mut actual)) = (Url::parse(claimed), Url::parse(actual)) else { return false };
    for url in [&mut claimed, &mut actual] {
        url.set_query(None);
        url.set_fragment(None);
    }
    claimed == actual
}

fn without_query(uri: &str) -> &str {
    uri.split(['?', '#']).next().unwrap_or(uri)
}

/// What decides whether a proof must show one of our nonces.
#[derive(Clone, Copy, Debug)]
pub struct NonceRule<'a> {
    /// Our nonces.
    pub nonces: &'a Nonces,
    /// Whether this client's proofs always must.
    pub is_required: bool,
    /// From when on every mark is remembered: a proof that could have been made, and seen, before then must show a
    /// nonce made since.
    pub remembers_since: Timestamp,
    /// The present moment.
    pub now: Timestamp,
}

impl NonceRule<'_> {
    /// Whether `proof` is acceptable as to its nonce. When not, the answer is `use_dpop_nonce` with
    /// [`Nonces::issue`] (RFC 9449 §8).
    #[must_use]
    pub fn accepts(&self, proof: &Proof) -> bool {
        // A proof seen before a restart may carry an `iat` that lies ahead of it.
        let may_be_forgotten = proof.issued_at <= self.remembers_since.plus(AHEAD);
        if !self.is_required && !may_be_forgotten {
            return true;
        }
        let issued_at = proof.nonce.as_deref().and_then(|nonce| self.nonces.issued_at(nonce, self.now));
        issued_at.is_some_and(|at| !may_be_forgotten || at >= self.remembers_since)
    }
}

#[cfg(test)]
mod tests;
