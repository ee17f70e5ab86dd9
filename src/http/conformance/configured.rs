//! Checks of how the process was started.

use super::facts::{Deployment, Facts, ListenerKind};
use super::report::State;
use serde_json::Value;

/// The state, and the line of the configuration that it follows from.
pub(super) fn look(id: &str, facts: &Facts<'_>) -> (State, String) {
    let deployment = facts.deployment;
    match id {
        "public_url_is_https" => public_url(facts.issuer),
        "listener_uses_tls" => listener(deployment),
        "proxies_are_few" => proxies(deployment),
        "outbound_is_tls" => outbound(deployment),
        "replay_memory_is_shared" => replay_memory(facts.engine, deployment.is_hot_shared),
        "issuer_is_the_public_url" => issuer(facts),
        "endpoints_are_the_issuers_own" => endpoints(facts),
        _ => (State::Broken, format!("nothing here is called {id}")),
    }
}

/// Every id that [`look`] knows.
#[cfg(test)]
pub(super) const KNOWN: [&str; 7] = [
    "public_url_is_https",
    "listener_uses_tls",
    "proxies_are_few",
    "outbound_is_tls",
    "replay_memory_is_shared",
    "issuer_is_the_public_url",
    "endpoints_are_the_issuers_own",
];

fn state(holds: bool) -> State {
    if holds { State::Met } else { State::Broken }
}

fn public_url(issuer: &str) -> (State, String) {
    (state(issuer.starts_with("https://")), format!("server.public_url = {issuer:?}"))
}

fn listener(deployment: &Deployment) -> (State, String) {
    match (deployment.listener, deployment.is_loopback) {
        (ListenerKind::Tls, _) => (State::Met, "server.tls_certificate_file is set: TLS 1.3 and 1.2".into()),
        (ListenerKind::BehindProxy, true) => {
            (State::Met, "server.behind_tls_proxy = true, and server.listen is a loopback address".into())
        }
        // The hop from the proxy is the operator's to protect; nothing here can see it.
        (ListenerKind::BehindProxy, false) if !deployment.trusted_proxies.is_empty() => {
            let words = "server.behind_tls_proxy = true, and server.listen can be reached from other machines: only \
                         server.trusted_proxies may be able to";
            (State::Partial, words.into())
        }
        (ListenerKind::BehindProxy, false) => {
            let words = "server.behind_tls_proxy = true, but server.listen can be reached from other machines and \
                         server.trusted_proxies names no proxy";
            (State::Broken, words.into())
        }
        (ListenerKind::Plain, _) => (State::Broken, "it listens in the clear, to develop against only".into()),
    }
}

fn proxies(deployment: &Deployment) -> (State, String) {
    let wide = deployment.trusted_proxies.iter().filter(|network| network.is_wide()).count();
    let line = format!("server.trusted_proxies names {} network(s)", deployment.trusted_proxies.len());
    if wide == 0 { (State::Met, line) } else { (State::Broken, format!("{line}, {wide} of which hold(s) strangers")) }
}

fn outbound(deployment: &Deployment) -> (State, String) {
    let bare = deployment.outbound.iter().filter(|outbound| !outbound.is_protected);
    let bare: Vec<String> = bare.map(|outbound| format!("{} ({}:)", outbound.key, outbound.scheme)).collect();
    if bare.is_empty() {
        (State::Met, format!("{} connection(s) to elsewhere, all TLS or on this machine", deployment.outbound.len()))
    } else {
        (State::Broken, format!("in the clear, or without a checked certificate: {}", bare.join(", ")))
    }
}

fn replay_memory(engine: &str, is_shared: bool) -> (State, String) {
    let hot = if is_shared { "redis" } else { "memory" };
    let line = format!("store.url is {engine}, hot.url is {hot}");
    match (engine, is_shared) {
        // One node may run so; a second one would not know which proofs the first has seen.
        ("postgres", false) => (State::Partial, format!("{line}: right for one node only")),
        _ => (State::Met, line),
    }
}

fn issuer(facts: &Facts<'_>) -> (State, String) {
    let told = facts.metadata.get("issuer").and_then(Value::as_str).unwrap_or_default();
    let openid = facts.resource.pointer("/authorization_servers/0").and_then(Value::as_str).unwrap_or_default();
    (state(told == facts.issuer && openid == facts.issuer), format!("issuer = {told:?}"))
}

/// Every address in the metadata, those of the aliases too.
fn endpoints(facts: &Facts<'_>) -> (State, String) {
    let (own, mtls) = (format!("{}/", facts.issuer), facts.deployment.mtls_url.as_ref().map(|url| format!("{url}/")));
    let members = facts.metadata.as_object();
    let plain = members.into_iter().flatten().filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri");
    let aliases = facts.metadata.get("mtls_endpoint_aliases").and_then(Value::as_object);
    let foreign = |own: &str, value: &Value| value.as_str().is_none_or(|url| !url.starts_with(own));
    let mut strange: Vec<&str> =
        plain.clone().filter(|(_, v)| foreign(&own, v)).map(|(name, _)| name.as_str()).collect();
    let aliased = aliases.into_iter().flatten();
    strange.extend(aliased.filter(|(_, v)| foreign(mtls.as_ref().unwrap_or(&own), v)).map(|(name, _)| name.as_str()));
    let count = plain.count();
    match (strange.is_empty() && count > 0, facts.issuer.starts_with("https://")) {
        (true, true) => (State::Met, format!("{count} endpoints, all under {own}")),
        (true, false) => (State::Broken, format!("{count} endpoints under {own}, which is not https")),
        (false, _) => (State::Broken, format!("elsewhere: {}", strange.join(", "))),
    }
}
