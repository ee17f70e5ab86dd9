//! Request objects (RFC 9101): an authorization request as one JWT signed by the client, pushed as `request`.
//!
//! Read as FAPI 2.0 Message Signing §5.3.1 narrows them: `aud`, `nbf` and `exp` are there, none lies more than an hour
//! from the other, and nothing beside the object counts. What comes out is a [`Form`], so that one reader
//! ([`super::pushed_request`]) applies the same rules to signed and to plain requests.

use super::client_assertion::Audience;
use super::code::{INVALID_REQUEST, INVALID_REQUEST_OBJECT};
use super::form::Form;
use super::jose::jwe::{self, Decrypters};
use super::jose::{
    Algorithm, Compact, Header, JoseError, KeySet, Presence, Times, Window, decode_part, read, read_members,
};
use crate::domain::client::Client;
use crate::domain::{Refusal, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::time::Duration;

/// `typ` values taken: the explicit one (Message Signing §5.3.1-5), and those of clients that know none.
const TYPES: [&str; 3] = ["oauth-authz-req+jwt", "JWT", ""];
/// Longest object, in characters: every item of the catalogue asked for takes about a fifth.
const MOST: usize = 65_536;
/// Longest encrypted object: base64url once more, and its header.
const MOST_ENCRYPTED: usize = 90_112;
/// How old `nbf` may be (Message Signing §5.3.1-3).
const OLDEST: Duration = Duration::from_hours(1);
/// How long after `nbf` it may last (Message Signing §5.3.1-4).
const LONGEST: Duration = Duration::from_hours(1);

const WINDOW: Window = Window {
    // FAPI 2.0 SP §5.3.2.1-13: 10 s ahead is accepted, over 60 s is refused.
    ahead: Duration::from_secs(15),
    oldest: Duration::from_hours(24),
    grace: Duration::ZERO,
    longest: None,
    iat: Presence::Optional,
    exp: Presence::Required,
};

/// Members of the object that are about the object itself, and no parameters of a request.
const ENVELOPE: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "sub"];

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow, default)]
    iss: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    sub: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    client_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    aud: Option<Audience<'a>>,
}

/// Whose object it must be, for whom, and when it is read.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The authenticated client.
    pub client: &'a Client,
    /// Its keys.
    pub keys: &'a KeySet,
    /// Our keys that it may have encrypted the object to.
    pub decrypters: &'a Decrypters,
    /// Our issuer identifier.
    pub issuer: &'a str,
    /// The present moment.
    pub now: Timestamp,
}

fn refused(public: impl Into<String>) -> Refusal {
    Refusal::new(INVALID_REQUEST_OBJECT, public).at("request")
}

fn unreadable(error: JoseError) -> Refusal {
    refused(format!("the request object {error}"))
}

/// Verifies a signed request object, opening it first where it is encrypted (RFC 9101 §6.1), and gives its parameters.
///
/// # Errors
/// `invalid_request_object` (RFC 9101 §7) saying what is wrong with the object; `invalid_request` for what is wrong
/// with a parameter in it.
pub fn open(token: &str, expected: &Expected<'_>) -> Result<Form, Refusal> {
    let token = opened(token, expected.decrypters)?;
    let parts = Compact::split_within(&token, MOST).map_err(unreadable)?;
    verify(&parts, expected)?;
    let bytes = decode_part(parts.claims).map_err(unreadable)?;
    check_parties(&read(&bytes).map_err(unreadable)?, expected)?;
    check_times(read(&bytes).map_err(unreadable)?, expected.now)?;
    parameters(&bytes)
}

/// The signed object itself. Signed then encrypted, never encrypted alone (RFC 9101 §6.1): what comes out is verified
/// like any other.
fn opened<'t>(token: &'t str, decrypters: &Decrypters) -> Result<Cow<'t, str>, Refusal> {
    if !jwe::is_encrypted(token) {
        return Ok(Cow::Borrowed(token));
    }
    let inner = decrypters.open_jwt(token, MOST_ENCRYPTED);
    inner.map(Cow::Owned).map_err(|error| refused(format!("the encrypted request object {error}")))
}

fn verify(parts: &Compact<'_>, expected: &Expected<'_>) -> Result<(), Refusal> {
    let bytes = decode_part(parts.header).map_err(unreadable)?;
    let header: Header<'_> = read(&bytes).map_err(unreadable)?;
    let alg = header.check(&TYPES).map_err(unreadable)?;
    let registered = expected.client.profile.messages.request_object_signing_alg.as_deref();
    if registered.is_some_and(|registered| registered != alg.as_str()) {
        return Err(refused("the request object has an alg other than the registered request_object_signing_alg"));
    }
    signed_by(parts, (header.kid(), alg), expected.keys).map_err(unreadable)
}

fn signed_by(parts: &Compact<'_>, (kid, alg): (Option<&str>, Algorithm), keys: &KeySet) -> Result<(), JoseError> {
    let mut result = Err(JoseError::UnknownKey);
    for key in keys.candidates(kid, alg) {
        result = parts.verify(alg, key);
        if result.is_ok() {
            break;
        }
    }
    result
}

fn check_parties(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<(), Refusal> {
    let client = expected.client.id.as_str();
    // RFC 9101 §6.3; the client was authenticated, so both must be it.
    if claims.client_id.as_deref() != Some(client) || claims.iss.as_deref() != Some(client) {
        return Err(refused("the request object's client_id and iss must both be the client_id"));
    }
    // RFC 9101 §10.8: an object with the client as its subject could be taken for a client assertion.
    if claims.sub.as_deref() == Some(client) {
        return Err(refused("the request object must not have the client_id as its sub"));
    }
    if claims.aud.as_ref().is_some_and(|aud| aud.names(expected.issuer)) {
        Ok(())
    } else {
        // Message Signing §5.3.1-2.
        Err(refused(format!("the request object's aud must be or contain the issuer {}", expected.issuer)))
    }
}

fn check_times(times: Times, now: Timestamp) -> Result<(), Refusal> {
    let (_, exp) = WINDOW.check(times, now).map_err(unreadable)?;
    let nbf = times.not_before().map_err(unreadable)?;
    let (Some(nbf), Some(exp)) = (nbf, exp) else {
        return Err(refused("the request object needs nbf and exp"));
    };
    if nbf.plus(OLDEST) < now {
        return Err(refused("the request object's nbf is more than 60 minutes ago"));
    }
    if exp > nbf.plus(LONGEST) {
        return Err(refused("the request object's exp is more than 60 minutes after its nbf"));
    }
    Ok(())
}

/// The parameters as the form would have had them: text as it is, anything else as its JSON (`authorization_details`
/// and `claims` are JSON in a form too, RFC 9396 §2 and OpenID Connect Core §5.5; numbers are their digits).
fn parameters(claims: &[u8]) -> Result<Form, Refusal> {
    let members = read_members(claims).map_err(unreadable)?;
    let mut pairs = Vec::with_capacity(members.len());
    for (name, value) in members {
        // RFC 9101 §4.
        if name == "request" || name == "request_uri" {
            return Err(refused(format!("a request object must not hold {name}")));
        }
        if ENVELOPE.contains(&name.as_str()) {
            continue;
        }
        if let Some(text) = text_of(value)? {
            pairs.push((name, text));
        }
    }
    Form::of(pairs)
}

fn text_of(value: &RawValue) -> Result<Option<String>, Refusal> {
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text).map(Some).map_err(|_| unreadable(JoseError::Malformed)),
        Some(b'n') => Ok(None),
        _ => Ok(Some(text.to_owned())),
    }
}

/// What a client that must sign its requests is told when it did not.
#[must_use]
pub fn missing() -> Refusal {
    let public = "this client is registered to push signed request objects; send the parameter request (RFC 9101)";
    Refusal::new(INVALID_REQUEST, public).at("request")
}

#[cfg(test)]
mod tests;
