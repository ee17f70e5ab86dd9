//! `/conformance` and strict readiness: what is said of a sound installation, and what turns red when something breaks.

mod page;

use crate::support::calls::Told;
use crate::support::installation::Installation;
use crate::support::registered::registration;
use madoguchi::cli::wire::Plan;
use madoguchi::domain::Clock as _;
use madoguchi::domain::client::{Client, ClientClass, ClientStatus};
use madoguchi::http::conformance::{ListenerKind, Outbound};
use madoguchi::http::edge::Network;
use madoguchi::protocol::jose::Es256Signer;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// A gateway that is served as it should be.
fn sound(plan: &mut Plan) {
    plan.public_url = "https://madoguchi.example".into();
    plan.identity.redirect_uri = "https://madoguchi.example/sign-in/callback".into();
    plan.deployment.listener = ListenerKind::Tls;
    plan.deployment.strict = true;
}

async fn told(installation: &Installation, path: &str) -> Told {
    let url = format!("{}{path}", installation.nodes[0].url);
    Told::by(reqwest::Client::new().get(url)).await
}

/// The report, worked out anew.
async fn report(installation: &Installation) -> Value {
    installation.clock.advance(Duration::from_secs(6));
    let told = told(installation, "/conformance.json").await;
    assert_eq!(told.status, 200, "{told:?}");
    told.body
}

fn clauses(report: &Value) -> impl Iterator<Item = &Value> {
    report["sections"].as_array().unwrap().iter().flat_map(|section| section["clauses"].as_array().unwrap())
}

/// The broken checks behind the broken clauses.
fn broken_checks(report: &Value) -> BTreeSet<&str> {
    let broken = clauses(report).filter(|clause| clause["state"] == "broken");
    let findings = broken.flat_map(|clause| clause["findings"].as_array().unwrap());
    findings.filter(|finding| finding["state"] == "broken").map(|finding| finding["check"].as_str().unwrap()).collect()
}

fn state<'r>(report: &'r Value, id: &str) -> &'r str {
    clauses(report).find(|clause| clause["id"] == id).unwrap()["state"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sound_installation_has_no_broken_clause_and_passes_its_own_test() {
    let installation = Installation::start_changed(1, sound).await;
    let report = report(&installation).await;
    assert_eq!(broken_checks(&report), BTreeSet::new(), "{report:#}");
    assert_eq!((&report["issuer"], &report["strict"]), (&json!("https://madoguchi.example"), &json!(true)));
    let findings = clauses(&report).flat_map(|clause| clause["findings"].as_array().unwrap());
    let mut tested = 0;
    for finding in findings.filter(|finding| finding["asks"] == "self_test") {
        assert_eq!(finding["state"], "met", "{finding}");
        tested += 1;
    }
    assert!(tested > 40, "{tested}");
    let counts = &report["counts"];
    let all: u64 = ["met", "partial", "not_offered", "broken"].iter().map(|name| counts[name].as_u64().unwrap()).sum();
    assert_eq!(all, clauses(&report).count() as u64);
    let ready = told(&installation, "/readyz").await;
    assert_eq!(ready.status, 200, "{ready:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_counter_in_the_clear_is_told_so_and_nothing_else() {
    let installation = Installation::start(1).await;
    let report = report(&installation).await;
    let bare =
        ["endpoints_are_the_issuers_own", "listener_uses_tls", "pages_are_sent_under_hsts", "public_url_is_https"];
    assert_eq!(broken_checks(&report), BTreeSet::from(bare), "{report:#}");
    // It is for development, so it says so and serves.
    assert_eq!(told(&installation, "/readyz").await.status, 200);
}

/// A clause, the check that must see it, and what breaks it.
type Breach<'b> = (&'b str, &'b str, &'b dyn Fn(&mut Plan));

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_setting_that_breaks_turns_its_clauses_red_and_strict_readiness_off() {
    let bare = |key: &str| Outbound { key: key.into(), scheme: "redis".into(), is_protected: false };
    let changes: [Breach<'_>; 5] = [
        ("5.2.1-1", "public_url_is_https", &|plan| plan.public_url = "http://madoguchi.example".into()),
        ("5.2.1-2", "listener_uses_tls", &|plan| plan.deployment.listener = ListenerKind::Plain),
        ("RFC 9700 §4.13 hop", "listener_uses_tls", &|plan| {
            plan.deployment.listener = ListenerKind::BehindProxy;
            plan.deployment.is_loopback = false;
        }),
        ("RFC 9700 §4.13", "proxies_are_few", &|plan| {
            plan.deployment.trusted_proxies = vec![Network::parse("0.0.0.0/0").unwrap()];
        }),
        ("5.2.1-5", "outbound_is_tls", &|plan| plan.deployment.outbound = vec![bare("hot.url")]),
    ];
    for (clause, check, change) in changes {
        let installation = Installation::start_changed(1, |plan| {
            sound(plan);
            change(plan);
        })
        .await;
        let report = report(&installation).await;
        assert_eq!(state(&report, clause), "broken", "{check}");
        assert!(broken_checks(&report).contains(check), "{check}");
        let ready = told(&installation, "/readyz").await;
        assert_eq!(ready.brief(), (503, "not_conformant"), "{ready:?}");
        assert!(ready.body["detail"].as_str().unwrap().contains(clause), "{ready:?}");
        assert_eq!(told(&installation, "/livez").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registration_that_is_too_weak_turns_its_clause_red_while_it_may_act() {
    let installation = Installation::start_changed(1, sound).await;
    let key = Es256Signer::generate().unwrap().0;
    let good = registration("bank", ClientClass::Bank, key.public_jwk());
    let short = json!({"keys": [{"kty": "RSA", "kid": "k", "alg": "PS256", "e": "AQAB", "n": "x".repeat(172)}]});
    let twice = json!({"keys": [key.public_jwk(), key.public_jwk()]});
    let weak = [
        ("5.4.1-2", Client { jwks: short, ..good.clone() }),
        ("5.4.2-3", Client { jwks: twice, ..good.clone() }),
        ("5.3.2.1-3", Client { jwks: json!({"keys": []}), ..good.clone() }),
        ("5.3.2.2-8", Client { redirect_uris: vec!["http://bank.example/callback".into()], ..good.clone() }),
        ("RateLimit", Client { rate_plan: "gratis".into(), ..good.clone() }),
    ];
    for (clause, client) in weak {
        // Written past every check, as by somebody at the database.
        installation.store.store.put_client(&client, installation.clock.now()).await.unwrap();
        assert_eq!(state(&report(&installation).await, clause), "broken", "{clause}");
        let suspended = Client { status: ClientStatus::Suspended, ..client };
        installation.store.store.put_client(&suspended, installation.clock.now()).await.unwrap();
        let report = report(&installation).await;
        assert_ne!(state(&report, clause), "broken", "{clause}");
        assert!(!report.to_string().contains("bank.example/callback"), "no client is named");
    }
}
