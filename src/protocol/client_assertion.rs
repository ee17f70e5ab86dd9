//! How a client proves itself: `private_key_jwt` (RFC 7523 §2.2, OpenID Connect Core §9), as FAPI 2.0 narrows it.

use super::code::INVALID_CLIENT;
use super::form::Form;
use super::jose::{Algorithm, Compact, Header, JoseError, KeySet, Presence, Times, Window, decode_part, read};
use crate::domain::ids::ClientId;
use crate::domain::{Digest, Refusal, Timestamp};
use serde::Deserialize;
use std::borrow::Cow;
use std::time::Duration;

/// The only value of `client_assertion_type`.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// `typ` values taken: none, `JWT`, and the explicit one that newer clients write.
const TYPES: [&str; 3] = ["", "JWT", "client-authentication+jwt"];

const WINDOW: Window = Window {
    // FAPI 2.0 SP §5.3.2.1-13: 10 s ahead is accepted, over 60 s is refused.
    ahead: Duration::from_secs(15),
    oldest: Duration::from_mins(6),
    grace: Duration::ZERO,
    // Its jti is remembered until then.
    longest: Some(Duration::from_mins(6)),
    iat: Presence::Optional,
    exp: Presence::Required,
};

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow, default)]
    iss: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    sub: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    aud: Option<Audience<'a>>,
    #[serde(borrow, default)]
    jti: Option<Cow<'a, str>>,
}

/// An `aud` claim (RFC 7519 §4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Audience<'a> {
    /// One party, as a string.
    One(#[serde(borrow)] Cow<'a, str>),
    /// Any number of parties.
    Several(#[serde(borrow)] Vec<Cow<'a, str>>),
    /// No audience at all.
    Other(serde::de::IgnoredAny),
}

impl Audience<'_> {
    /// Whether it is, or contains, `party`.
    pub(super) fn names(&self, party: &str) -> bool {
        match self {
            Self::One(one) => one == party,
            Self::Several(several) => several.iter().any(|one| one == party),
            Self::Other(_) => false,
        }
    }
}

/// An assertion whose text was read but not believed yet.
#[derive(Debug)]
pub struct ClaimedClient<'a> {
    assertion: &'a str,
    /// Who it says it is.
    pub client: ClientId,
}

/// An assertion that passed every check but the one for replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedAssertion {
    /// Digest of client and `jti`: to be taken once.
    pub mark: Digest,
    /// Until when the mark must be remembered.
    pub expires_at: Timestamp,
    /// What it was signed by.
    algorithm: Algorithm,
}

impl VerifiedAssertion {
    /// Refuses an algorithm other than the one that the client registered, if it did.
    ///
    /// # Errors
    /// `invalid_client` naming it.
    pub fn check_algorithm(&self, registered: Option<&str>) -> Result<(), Refusal> {
        match registered {
            Some(alg) if alg != self.algorithm.as_str() => {
                Err(refused(format!("this client registered {alg} for its assertions")))
            }
            _ => Ok(()),
        }
    }
}

fn refused(public: impl Into<String>) -> Refusal {
    Refusal::new(INVALID_CLIENT, public).at("client_assertion")
}

impl<'a> ClaimedClient<'a> {
    /// Finds in a form who the caller claims to be.
    ///
    /// # Errors
    /// `invalid_client` when there is no assertion, when a secret was sent instead, or when `client_id`, `iss` and
    /// `sub` do not name one client.
    pub fn find(form: &'a Form) -> Result<Self, Refusal> {
        if form.get("client_secret").is_some() {
            return Err(refused("clients prove themselves by private_key_jwt; a client_secret is never taken"));
        }
        let assertion = form.get("client_assertion").ok_or_else(|| {
            refused("the parameter client_assertion is missing; authenticate by private_key_jwt (RFC 7523)")
        })?;
        if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
            return Err(refused(format!("client_assertion_type must be {ASSERTION_TYPE}")).at("client_assertion_type"));
        }
        let token = Compact::split(assertion).map_err(unreadable)?;
        let bytes = decode_part(token.claims).map_err(unreadable)?;
        let claims: Claims<'_> = read(&bytes).map_err(unreadable)?;
        // RFC 7523 §3 items 1 and 2.
        let (Some(iss), Some(sub)) = (claims.iss, claims.sub) else {
            return Err(refused("the assertion needs iss and sub, both the client_id"));
        };
        let client = ClientId::parse(&sub).map_err(|_| refused("the assertion's sub is no client_id"))?;
        if iss != sub || form.get("client_id").is_some_and(|id| id != client.as_str()) {
            return Err(refused("client_id, and the assertion's iss and sub, must all be the same"));
        }
        Ok(Self { assertion, client })
    }

    /// The name of the key that it says it is signed by, if it can be read.
    #[must_use]
    pub fn kid(&self) -> Option<String> {
        let token = Compact::split(self.assertion).ok()?;
        let bytes = decode_part(token.header).ok()?;
        read::<Header<'_>>(&bytes).ok()?.kid().map(str::to_owned)
    }

    /// Verifies the assertion with the client's registered keys. `issuer` is the only audience (FAPI 2.0 SP
    /// §5.3.2.1-8): an endpoint's address, or an array, is refused.
    ///
    /// # Errors
    /// `invalid_client`, saying which claim is wrong.
    pub fn verify(&self, keys: &KeySet, issuer: &str, now: Timestamp) -> Result<VerifiedAssertion, Refusal> {
        let token = Compact::split(self.assertion).map_err(unreadable)?;
        let header_bytes = decode_part(token.header).map_err(unreadable)?;
        let header: Header<'_> = read(&header_bytes).map_err(unreadable)?;
        let alg = header.check(&TYPES).map_err(unreadable)?;
        let mut result = Err(JoseError::UnknownKey);
        for key in keys.candidates(header.kid(), alg) {
            result = token.verify(alg, key);
            if result.is_ok() {
                break;
            }
        }
        result.map_err(unreadable)?;
        let bytes = decode_part(token.claims).map_err(unreadable)?;
        let claims: Claims<'_> = read(&bytes).map_err(unreadable)?;
        if !matches!(&claims.aud, Some(Audience::One(aud)) if aud == issuer) {
            return Err(refused(format!("the assertion's aud must be the issuer {issuer}, as a string")));
        }
        let jti = claims.jti.filter(|jti| (1..=256).contains(&jti.len()));
        let jti = jti.ok_or_else(|| refused("the assertion needs a jti of 1 to 256 characters"))?;
        let (_, exp) = WINDOW.check(read::<Times>(&bytes).map_err(unreadable)?, now).map_err(unreadable)?;
        let expires_at = exp.ok_or_else(|| unreadable(JoseError::Malformed))?;
        // A client_id has no line feed, so no other pair of client and jti gives this text.
        Ok(VerifiedAssertion { mark: Digest::of(&format!("{}\n{jti}", self.client)), expires_at, algorithm: alg })
    }
}

fn unreadable(error: JoseError) -> Refusal {
    refused(format!("the client assertion {error}"))
}

#[cfg(test)]
mod tests;
