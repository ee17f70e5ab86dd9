//! A pushed authorization request (RFC 9126), from its form to a value that keeps every rule.

use super::authorization_details;
use super::authorization_request::{AuthorizationRequest, GrantManagement};
use super::code::{INTERACTION_REQUIRED, INVALID_GRANT_ID, INVALID_REQUEST, INVALID_SCOPE, UNSUPPORTED_RESPONSE_TYPE};
use super::dpop::{self, DpopCause};
use super::form::Form;
use super::jose::Jkt;
use super::{claims, pkce, redirect_uri, request_object, target, token_request};
use crate::domain::Refusal;
use crate::domain::acr::Acr;
use crate::domain::client::Client;
use crate::domain::consent::Ask;
use crate::domain::ids::{GrantId, InteractionId};
use crate::domain::profile::ResponseMode;
use crate::domain::scope::{Scope, ScopeSet};
use crate::domain::words::Lang;
use std::borrow::Cow;
use std::time::Duration;

/// What every `request_uri` begins with (RFC 9126 §2.2).
pub const URI_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// How long a `request_uri` may be opened: under 600 s (FAPI 2.0 SP §5.3.2.2-12), and long enough to sign in by card.
pub const LIFE: Duration = Duration::from_mins(9);
/// Longest `state`; the checklist of FAPI 2.0 SP §5.3.2.2 note 4 asks for more than 1000.
const MOST_STATE: usize = 4096;
/// Longest `nonce`; 64 must be taken (FAPI 2.0 SP §5.3.2.2-14).
const MOST_NONCE: usize = 256;

fn refused(public: impl Into<String>, at: &str) -> Refusal {
    Refusal::new(INVALID_REQUEST, public).at(at)
}

/// The parameters that count: those of the request object where there is one, and then none beside it (RFC 9101 §5),
/// else those of the form itself, unless the client is registered to sign.
///
/// # Errors
/// `invalid_request_object`, or `invalid_request` when the client must sign and did not.
pub fn unwrap<'f>(form: &'f Form, expected: &request_object::Expected<'_>) -> Result<Cow<'f, Form>, Refusal> {
    // RFC 9126 §2.1: request_uri MUST NOT be provided here.
    if form.get("request_uri").is_some() {
        return Err(refused("request_uri must not be pushed; push the parameters themselves", "request_uri"));
    }
    match form.get("request") {
        Some(object) => request_object::open(object, expected).map(Cow::Owned),
        None if expected.client.profile.messages.require_signed_request_object => Err(request_object::missing()),
        None => Ok(Cow::Borrowed(form)),
    }
}

/// Reads the parameters that `client` pushed, as [`unwrap`] gave them. `proof` is the key of the DPoP proof beside
/// them, if any.
///
/// # Errors
/// A code of RFC 6749 §4.1.2.1 or of an extension, naming the parameter.
pub fn parse(form: &Form, client: &Client, proof: Option<Jkt>) -> Result<AuthorizationRequest, Refusal> {
    if form.require("response_type")? != "code" {
        let public = "response_type must be code";
        return Err(Refusal::new(UNSUPPORTED_RESPONSE_TYPE, public).at("response_type"));
    }
    let redirect_uri = form.require("redirect_uri")?;
    if !redirect_uri::is_registered(redirect_uri, &client.redirect_uris) {
        return Err(refused("redirect_uri is not one of the registered ones, letter for letter", "redirect_uri"));
    }
    let scope = scope(form, client)?;
    if form.get("prompt").is_some_and(|prompt| prompt.split(' ').any(|word| word == "none")) {
        let public = "the consent page is always shown; prompt must not be none";
        return Err(Refusal::new(INTERACTION_REQUIRED, public).at("prompt"));
    }
    Ok(AuthorizationRequest {
        client_id: client.id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        scope,
        state: text(form, "state", MOST_STATE)?,
        nonce: text(form, "nonce", MOST_NONCE)?,
        code_challenge: pkce::challenge(form)?.to_owned(),
        dpop_jkt: dpop_jkt(form, proof)?.map(|jkt| jkt.to_string()),
        ask: ask(form, scope)?,
        acr: form.get("acr_values").and_then(Acr::parse).max(claims::essential_acr(form)?),
        max_age: max_age(form)?,
        hand_over: form
            .get("login_hint")
            .filter(|hint| is_hand_over(hint))
            .and_then(|hint| InteractionId::parse(hint).ok()),
        resources: target::all(form)?,
        grant_management: grant_management(form)?,
        lang: form.get("ui_locales").and_then(Lang::of_locales),
        response_mode: response_mode(form, client)?,
    })
}

/// Whether a hint has the form of ours: what a client means otherwise, perhaps an address of somebody, is not kept.
fn is_hand_over(hint: &str) -> bool {
    hint.len() == 24 && hint.starts_with("i_")
}

/// `max_age` in seconds; `prompt=login` asks for a sign-in that is made now (OpenID Connect Core §3.1.2.1).
fn max_age(form: &Form) -> Result<Option<u32>, Refusal> {
    if form.get("prompt").is_some_and(|prompt| prompt.split(' ').any(|word| word == "login")) {
        return Ok(Some(0));
    }
    let seconds = form.get("max_age").map(str::parse).transpose();
    seconds.map_err(|_| refused("max_age must be a whole number of seconds", "max_age"))
}

/// `grant_management_action` with its `grant_id` (Grant Management §5.2). Whether there is such a grant is the issuer's
/// question.
fn grant_management(form: &Form) -> Result<GrantManagement, Refusal> {
    let grant = form.get("grant_id").map(GrantId::parse).transpose().map_err(|_| {
        Refusal::new(INVALID_GRANT_ID, "grant_id is none that was given in a token response").at("grant_id")
    })?;
    let needed = || refused("grant_id is needed with this grant_management_action", "grant_id");
    match (form.get("grant_management_action"), grant) {
        (None | Some("create"), None) => Ok(GrantManagement::Create),
        (None | Some("create"), Some(_)) => {
            Err(refused("grant_id goes with grant_management_action merge or replace", "grant_id"))
        }
        (Some("merge"), grant) => Ok(GrantManagement::Merge { grant: grant.ok_or_else(needed)? }),
        (Some("replace"), grant) => Ok(GrantManagement::Replace { grant: grant.ok_or_else(needed)? }),
        (Some(_), _) => {
            let public = "grant_management_action must be create, merge or replace here";
            Err(refused(public, "grant_management_action"))
        }
    }
}

/// What was asked for must be one of the registered modes, so that a client that registered only `jwt` never gets a
/// response that is not signed (Message Signing §5.4.1).
fn response_mode(form: &Form, client: &Client) -> Result<ResponseMode, Refusal> {
    let asked = match form.get("response_mode") {
        None | Some("query") => ResponseMode::Query,
        Some("jwt" | "query.jwt") => ResponseMode::Jwt,
        Some(_) => return Err(refused("response_mode must be query, jwt or query.jwt", "response_mode")),
    };
    let registered = &client.profile.messages.response_modes;
    if registered.is_empty() || registered.contains(&asked) {
        return Ok(asked);
    }
    let only = if asked == ResponseMode::Query { "jwt" } else { "query" };
    Err(refused(format!("response_mode must be the registered one: {only}"), "response_mode"))
}

/// The scope asked for, within what the client is registered for.
pub(super) fn scope(form: &Form, client: &Client) -> Result<ScopeSet, Refusal> {
    let scope = token_request::scope(form)?.filter(|scope| !scope.is_empty());
    let scope = scope.ok_or_else(|| Refusal::new(INVALID_SCOPE, "the parameter scope is missing").at("scope"))?;
    let own = Scope::ALL.into_iter().find(|one| one.is_of_the_client() && scope.has(*one));
    if let Some(own) = own.map(Scope::as_str) {
        let public = format!("{own} is for a client's own company: ask for it by client_credentials");
        return Err(Refusal::new(INVALID_SCOPE, public).at("scope"));
    }
    if scope.is_within(client.scope) {
        Ok(scope)
    } else {
        let public = format!("scope is over what this client is registered for: {}", client.scope);
        Err(Refusal::new(INVALID_SCOPE, public).at("scope"))
    }
}

/// The details and the scope that opens their door belong together, so that neither says more than the other.
pub(super) fn ask(form: &Form, scope: ScopeSet) -> Result<Option<Ask>, Refusal> {
    let ask = form.get("authorization_details").map(authorization_details::parse).transpose()?;
    match (&ask, scope.has(Scope::SelfInformation)) {
        (Some(_), false) => Err(refused("authorization_details need the scope self_information", "scope")),
        (None, true) => Err(refused("the scope self_information needs authorization_details", "authorization_details")),
        _ => Ok(ask),
    }
}

/// RFC 9449 §10: the code is bound to the key named by `dpop_jkt` or by the proof; both must be the same (§10.1).
fn dpop_jkt(form: &Form, proof: Option<Jkt>) -> Result<Option<Jkt>, Refusal> {
    let named = form.get("dpop_jkt").map(Jkt::parse).transpose();
    let named = named.map_err(|_| refused("dpop_jkt must be a base64url SHA-256 thumbprint", "dpop_jkt"))?;
    match (named, proof) {
        (Some(named), Some(proof)) if named != proof => {
            let words = "dpop_jkt is not the thumbprint of the DPoP proof's key";
            Err(dpop::refusal(INVALID_REQUEST, DpopCause::Key, words).at("dpop_jkt"))
        }
        (named, proof) => Ok(named.or(proof)),
    }
}

fn text(form: &Form, name: &'static str, most: usize) -> Result<Option<String>, Refusal> {
    let value = form.get(name);
    if value.is_some_and(|value| value.len() > most || value.chars().any(char::is_control)) {
        return Err(refused(format!("{name} must be at most {most} bytes without control characters"), name));
    }
    Ok(value.map(str::to_owned))
}

#[cfg(test)]
mod tests;
