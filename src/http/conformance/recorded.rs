//! Checks of what is registered and kept: clients and keys. Clients are counted, never named.

use super::facts::Facts;
use super::report::State;
use crate::domain::Fault;
use crate::domain::client::Client;
use crate::issuer::{Rotation, check_registration};
use crate::store::HeldKey;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use std::collections::BTreeSet;

/// Bytes of the shortest RSA modulus taken (FAPI 2.0 SP §5.4.1-2).
const LEAST_RSA_BYTES: usize = 256;

/// The state, and what it follows from.
pub(super) fn look(id: &str, facts: &Facts<'_>) -> (State, String) {
    match id {
        "clients_are_confidential" => clients(facts, |client| !can_prove_itself(client)),
        "client_keys_are_strong" => clients(facts, |client| keys_of(&client.jwks).any(|key| weakness(key).is_some())),
        "client_redirects_are_https" => clients(facts, has_bad_redirect),
        "client_jwks_are_https" => {
            clients(facts, |client| client.profile.jwks_uri.as_ref().is_some_and(|uri| !uri.starts_with("https://")))
        }
        "client_keys_have_their_own_names" => clients(facts, |client| has_a_name_twice(&client.jwks)),
        "clients_have_their_rate_plan" => clients(facts, |client| !facts.parts.limits.has_plan(&client.rate_plan)),
        "a_signing_key_is_in_use" => signing_key(facts),
        "published_keys_are_public" => published(&facts.published, |key| key.get("kid").is_none() || is_private(key)),
        "published_keys_are_strong" => published(&facts.published, |key| weakness(key).is_some()),
        _ => (State::Broken, format!("nothing here is called {id}")),
    }
}

/// Every id that [`look`] knows.
#[cfg(test)]
pub(super) const KNOWN: [&str; 9] = [
    "clients_are_confidential",
    "client_keys_are_strong",
    "client_redirects_are_https",
    "client_jwks_are_https",
    "client_keys_have_their_own_names",
    "clients_have_their_rate_plan",
    "a_signing_key_is_in_use",
    "published_keys_are_public",
    "published_keys_are_strong",
];

fn away(fault: &Fault) -> (State, String) {
    tracing::warn!(fault = %fault, "conformance could not look into the store");
    (State::Broken, "the store does not answer".into())
}

fn clients(facts: &Facts<'_>, is_at_fault: impl Fn(&Client) -> bool) -> (State, String) {
    let all = match &facts.clients {
        Ok(all) => all,
        Err(fault) => return away(fault),
    };
    // Who may not act harms nobody.
    let acting: Vec<&Client> =
        all.iter().filter(|client| client.status.may_act_in(facts.parts.gateway.settings().environment)).collect();
    match acting.iter().filter(|client| is_at_fault(client)).count() {
        0 => (State::Met, format!("{} registered client(s) that may act", acting.len())),
        at_fault => (State::Broken, format!("{at_fault} of {} registered client(s) that may act", acting.len())),
    }
}

fn can_prove_itself(client: &Client) -> bool {
    use crate::domain::profile::ClientAuthentication::{PrivateKeyJwt, SelfSignedTlsClientAuth, TlsClientAuth};
    match &client.profile.authentication {
        TlsClientAuth(_) => true,
        PrivateKeyJwt | SelfSignedTlsClientAuth => {
            keys_of(&client.jwks).next().is_some() || client.profile.jwks_uri.is_some()
        }
    }
}

fn has_bad_redirect(client: &Client) -> bool {
    check_registration(client).is_err_and(|refusal| refusal.pointer.as_deref() == Some("redirect_uris"))
}

fn keys_of(jwks: &Value) -> impl Iterator<Item = &Value> {
    jwks.get("keys").and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(key: &'a Value, member: &str) -> &'a str {
    key.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// RFC 7518 §6: what only the owner of a key may hold.
fn is_private(key: &Value) -> bool {
    ["d", "p", "q", "dp", "dq", "qi", "k", "oth"].iter().any(|member| key.get(member).is_some())
}

fn weakness(key: &Value) -> Option<&'static str> {
    if is_private(key) {
        return Some("private");
    }
    match text(key, "kty") {
        "RSA" => {
            let modulus = URL_SAFE_NO_PAD.decode(text(key, "n")).unwrap_or_default();
            let bytes = modulus.iter().skip_while(|byte| **byte == 0).count();
            (bytes < LEAST_RSA_BYTES).then_some("short")
        }
        "EC" => (!matches!(text(key, "crv"), "P-256" | "P-384" | "P-521")).then_some("curve"),
        "OKP" => (!matches!(text(key, "crv"), "Ed25519" | "X25519")).then_some("curve"),
        _ => Some("kind"),
    }
}

/// Keys of another kind may share a name (FAPI 2.0 SP §5.4.3 says how to choose then), but two of one kind may not.
fn has_a_name_twice(jwks: &Value) -> bool {
    let mut seen = BTreeSet::new();
    let named = keys_of(jwks).filter(|key| key.get("kid").is_some());
    let mut marks = named.map(|key| ["kid", "kty", "crv", "use", "alg"].map(|member| text(key, member).to_owned()));
    marks.any(|mark| !seen.insert(mark))
}

fn published(jwks: &Value, is_at_fault: impl Fn(&Value) -> bool) -> (State, String) {
    let keys: Vec<&Value> = keys_of(jwks).collect();
    let names: BTreeSet<&str> = keys.iter().map(|key| text(key, "kid")).collect();
    let at_fault = keys.iter().filter(|key| is_at_fault(key)).count();
    let kinds: BTreeSet<&str> = keys.iter().map(|key| text(key, "kty")).collect();
    let line = format!("{} key(s) at /oauth/jwks: {}", keys.len(), kinds.into_iter().collect::<Vec<_>>().join(", "));
    if keys.is_empty() || at_fault > 0 || names.len() < keys.len() {
        return (State::Broken, format!("{line}; {at_fault} at fault, {} name(s)", names.len()));
    }
    (State::Met, line)
}

fn signing_key(facts: &Facts<'_>) -> (State, String) {
    let keys = match &facts.signing_keys {
        Ok(keys) => keys,
        Err(fault) => return away(fault),
    };
    let started = |key: &&HeldKey| key.active_from <= facts.now && key.retired_at.is_none_or(|end| end > facts.now);
    let Some(newest) = keys.iter().filter(started).max_by_key(|key| key.active_from) else {
        return (State::Broken, "no signing key has started".into());
    };
    let days = facts.now.since(newest.active_from).as_secs() / 86_400;
    let line = format!("the signing key has been in use for {days} day(s); {} kept", keys.len());
    // The upkeep makes the next one in time; one that is far over its period says that the upkeep does not run.
    let is_late = facts.now.since(newest.active_from) > Rotation::default().period * 2;
    (if is_late { State::Broken } else { State::Met }, line)
}
