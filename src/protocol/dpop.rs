//! DPoP proofs (RFC 9449): who calls must hold the key that the token names.
//!
//! Every check of §4.3 is here, in its order. The parsed key is kept by thumbprint, since a client signs thousands of
//! proofs with one key, and header and claims are read without copying. Whether a proof was seen before is not
//! decided here: [`Proof::mark`] is what to take, once, in the hot state.

mod cause;

use super::jose::{Compact, Header, Jkt, JoseError, Presence, PublicKey, RawJwk, Times, Window, decode_part, read};
use super::nonce::Nonces;
use crate::domain::{Digest, Timestamp};
pub use cause::{DpopCause, DpopError, refusal};
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

#[derive(Deserialize)]
struct ProofHeader<'a> {
    #[serde(borrow, default)]
    jwk: Option<RawJwk<'a>>,
}

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow, default)]
    jti: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    htm: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    htu: Option<Cow<'a, str>>,
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
        let alg = header_of(&header_bytes)?.check(&["dpop+jwt"])?;
        let no_key = || DpopError::new(DpopCause::Jwk, "needs a jwk with the public key that signs it");
        let jwk = read::<ProofHeader<'_>>(&header_bytes).map_err(|_| no_key())?.jwk.ok_or_else(no_key)?;
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
            mark: mark(jkt, claims.jti.as_deref().unwrap_or_default()),
            expires_at: issued_at.plus(OLDEST).plus(Duration::from_secs(1)),
            issued_at,
            nonce: claims.nonce.map(Cow::into_owned),
        })
    }
}

/// The header; one without an `alg` text is told so.
fn header_of(bytes: &[u8]) -> Result<Header<'_>, DpopError> {
    #[derive(Deserialize)]
    struct Named {
        alg: Option<serde_json::Value>,
    }
    read(bytes).map_err(|error| match read::<Named>(bytes) {
        Ok(Named { alg: Some(serde_json::Value::String(_)) }) | Err(_) => error.into(),
        Ok(_) => JoseError::Algorithm.into(),
    })
}

impl Claims<'_> {
    fn check(&self, context: &ProofContext<'_>) -> Result<Timestamp, DpopError> {
        if !self.jti.as_deref().is_some_and(|jti| (1..=MOST_JTI).contains(&jti.len())) {
            return Err(DpopError::new(DpopCause::Jti, "needs a jti of 1 to 256 characters"));
        }
        // RFC 9110 §9.1: methods are case-sensitive.
        if self.htm.as_deref() != Some(context.method) {
            let words = format!("needs the htm of this request: {}", context.method);
            return Err(DpopError::new(DpopCause::Method, words));
        }
        if !self.htu.as_deref().is_some_and(|htu| is_same_target(htu, context.uri)) {
            let words = format!("needs the htu of this request: {}", without_query(context.uri));
            return Err(DpopError::new(DpopCause::Uri, words));
        }
        let issued_at = self.issued_at(context.now)?;
        if let Some(token) = context.access_token {
            let right = Digest::of(token).base64url();
            if self.ath.as_deref() != Some(right.as_str()) {
                let words = "needs the ath of this access token: its base64url SHA-256";
                return Err(DpopError::new(DpopCause::Ath, words));
            }
        }
        Ok(issued_at)
    }

    fn issued_at(&self, now: Timestamp) -> Result<Timestamp, DpopError> {
        let needed = || DpopError::new(DpopCause::Time, "needs an iat: seconds since 1970, as a number");
        let iat = self.iat.ok_or_else(needed)?;
        let times = Times { iat: Some(iat), nbf: self.nbf, exp: self.exp };
        match WINDOW.check(times, now) {
            Ok((iat, _)) => iat.ok_or_else(needed),
            // Not the proof's own number, only how far off it is.
            Err(JoseError::NotYet | JoseError::Expired) => {
                #[expect(clippy::cast_precision_loss, reason = "told in whole seconds")]
                let off = iat - now.seconds() as f64;
                let words = format!(
                    "has iat {off:+.0} s from our clock: it may be {} s old and {} s ahead, and nbf and exp must allow it",
                    OLDEST.as_secs(),
                    AHEAD.as_secs()
                );
                Err(DpopError::new(DpopCause::Time, words))
            }
            Err(_) => Err(needed()),
        }
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
