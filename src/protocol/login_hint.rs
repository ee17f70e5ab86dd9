//! Whom a client means when the citizen is not at its page (CIBA Core §7.1): a pairwise subject that it knows, said in
//! one of three ways.

use super::code::{EXPIRED_LOGIN_HINT_TOKEN, INVALID_REQUEST, UNKNOWN_USER_ID};
use super::form::Form;
use super::id_token_hint::IdTokenHint;
use super::jose::{Compact, Header, JoseError, KeySet, Presence, PublishedKeys, Times, Window, decode_part, read};
use crate::domain::ids::ClientId;
use crate::domain::{Refusal, Timestamp};
use serde::Deserialize;
use std::borrow::Cow;
use std::time::Duration;

/// `typ` of a `login_hint_token`, so that no other token of the client's is taken for one (RFC 8725 §3.11).
pub const HINT_TYPE: &str = "login-hint+jwt";
/// Longest `login_hint`.
const MOST: usize = 256;

/// A client may make one for a queue at a desk, not for a drawer.
const WINDOW: Window = Window {
    ahead: Duration::from_secs(15),
    oldest: Duration::from_hours(1),
    grace: Duration::ZERO,
    longest: Some(Duration::from_hours(1)),
    iat: Presence::Optional,
    exp: Presence::Required,
};

/// A hint, not believed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginHint<'a> {
    /// `login_hint`: the pairwise subject itself.
    Subject(&'a str),
    /// `login_hint_token`: a JWT signed by the client, with the subject as a subject identifier (RFC 9493 §3.2.3).
    Token(&'a str),
    /// `id_token_hint`: an id_token that the client was given.
    IdToken(&'a str),
}

/// Who said it, and by which keys it is believed.
#[derive(Clone, Copy)]
pub struct HintContext<'a> {
    /// Our issuer identifier.
    pub issuer: &'a str,
    /// The client.
    pub client: &'a ClientId,
    /// The client's keys.
    pub client_keys: &'a KeySet,
    /// Our keys.
    pub our_keys: &'a PublishedKeys,
    /// The present moment.
    pub now: Timestamp,
}

#[derive(Deserialize)]
struct TokenClaims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    aud: Cow<'a, str>,
    #[serde(borrow)]
    sub_id: SubjectIdentifier<'a>,
}

#[derive(Deserialize)]
struct SubjectIdentifier<'a> {
    #[serde(borrow)]
    format: Cow<'a, str>,
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    sub: Cow<'a, str>,
}

impl<'a> LoginHint<'a> {
    /// The one hint of a form.
    ///
    /// # Errors
    /// `invalid_request` when there is none, or more than one (CIBA Core §7.1).
    pub fn find(form: &'a Form) -> Result<Self, Refusal> {
        let refused = |public: &str, at: &str| Refusal::new(INVALID_REQUEST, public).at(at);
        let (login, token) = (form.get("login_hint"), form.get("login_hint_token"));
        match (login, token, form.get("id_token_hint")) {
            (Some(subject), None, None) if subject.len() <= MOST => Ok(Self::Subject(subject)),
            (Some(_), None, None) => Err(refused("login_hint must be a sub that this client was given", "login_hint")),
            (None, Some(token), None) => Ok(Self::Token(token)),
            (None, None, Some(token)) => Ok(Self::IdToken(token)),
            _ => Err(refused("send one of login_hint, login_hint_token and id_token_hint", "login_hint")),
        }
    }

    /// The pairwise subject that is meant. Whether the client knows such a person is the caller's question.
    ///
    /// # Errors
    /// `invalid_request` for a token that is not what it must be; `expired_login_hint_token`; `unknown_user_id` for an
    /// id_token of another client.
    pub fn subject(&self, context: &HintContext<'_>) -> Result<String, Refusal> {
        match self {
            Self::Subject(subject) => Ok((*subject).to_owned()),
            Self::Token(token) => by_token(token, context),
            Self::IdToken(token) => by_id_token(token, context),
        }
    }
}

fn by_token(token: &str, context: &HintContext<'_>) -> Result<String, Refusal> {
    let refused = |error: JoseError| {
        let code = if error == JoseError::Expired { EXPIRED_LOGIN_HINT_TOKEN } else { INVALID_REQUEST };
        Refusal::new(code, format!("the login_hint_token {error}")).at("login_hint_token")
    };
    let parts = Compact::split(token).map_err(refused)?;
    let header = decode_part(parts.header).map_err(refused)?;
    let header: Header<'_> = read(&header).map_err(refused)?;
    let alg = header.check(&[HINT_TYPE]).map_err(refused)?;
    let verified = context.client_keys.candidates(header.kid(), alg).find(|key| parts.verify(alg, key).is_ok());
    if verified.is_none() {
        return Err(refused(JoseError::Signature));
    }
    let bytes = decode_part(parts.claims).map_err(refused)?;
    WINDOW.check(read::<Times>(&bytes).map_err(refused)?, context.now).map_err(refused)?;
    let claims: TokenClaims<'_> = read(&bytes).map_err(refused)?;
    let is_ours = claims.iss == context.client.as_str() && claims.aud == context.issuer;
    if is_ours && claims.sub_id.format == "iss_sub" && claims.sub_id.iss == context.issuer {
        return Ok(claims.sub_id.sub.into_owned());
    }
    let public =
        "the login_hint_token needs iss (this client), aud (the issuer) and sub_id of format iss_sub (RFC 9493)";
    Err(Refusal::new(INVALID_REQUEST, public).at("login_hint_token"))
}

/// That it is over does not matter: it only says whom the client once saw (OpenID Connect Core §3.1.2.1).
fn by_id_token(token: &str, context: &HintContext<'_>) -> Result<String, Refusal> {
    let refused = |error| Refusal::new(INVALID_REQUEST, format!("the id_token_hint {error}")).at("id_token_hint");
    let hint = IdTokenHint::read(token, context.our_keys).map_err(refused)?;
    if hint.issuer != context.issuer || hint.audience != context.client.as_str() {
        let public = "the id_token_hint was not issued to this client";
        return Err(Refusal::new(UNKNOWN_USER_ID, public).at("id_token_hint"));
    }
    Ok(hint.subject)
}
