//! Dynamic client registration (RFC 7591), as FAPI 2.0 and the operator narrow it.

use super::counter::{Counter, with};
use super::register::Registry;
use actix_web::test::TestRequest;
use futures_util::future::join_all;
use madoguchi::domain::client::ClientStatus;
use madoguchi::domain::ids::ClientId;
use madoguchi::issuer::registration::{Approval, set_status};
use madoguchi::protocol::jose::Es256Signer;
use serde_json::{Value, json};

fn key() -> Es256Signer {
    Es256Signer::generate().unwrap().0
}

#[actix_web::test]
async fn a_registration_acts_only_once_the_operator_let_it() {
    let registry = Registry::open().await;
    let counter = &registry.counter;
    let (party, told) = registry.registered().await;
    assert_eq!(told.json["registration_status"], "draft");
    assert_eq!(told.json["software_id"], "software-1");
    assert_eq!(told.json["client_name"], "Mihon Health");
    assert_eq!(told.headers.get("cache-control").unwrap(), "no-store");
    for to in [None, Some(ClientStatus::UnderReview), Some(ClientStatus::Sandbox)] {
        if let Some(to) = to {
            registry.approve(party.id, to).await;
        }
        // This installation serves real persons, and one that is still being tried may act among made-up ones only.
        let refused = counter.post("/oauth/par", &counter.pushed(&party), None).await;
        assert_eq!(refused.error(), (401, "invalid_client"), "{to:?}");
    }
    registry.approve(party.id, ClientStatus::Production).await;
    let tokens = counter.tokens(&party).await;
    assert_eq!(tokens.json["token_type"], "DPoP");
    registry.approve(party.id, ClientStatus::Suspended).await;
    let refused = counter.post("/oauth/par", &counter.pushed(&party), None).await;
    assert_eq!(refused.error(), (401, "invalid_client"));
}

#[actix_web::test]
async fn no_step_can_be_left_out_and_who_made_each_is_written_down() {
    let registry = Registry::open().await;
    let (party, _) = registry.registered().await;
    let id = ClientId::parse(party.id).unwrap();
    let store = registry.counter.store();
    let to = |to| Approval { to, by: "mihon".into(), note: String::new() };
    for skipped in [ClientStatus::Sandbox, ClientStatus::Production, ClientStatus::Draft] {
        assert!(set_status(store, &id, &to(skipped), registry.counter.now()).await.is_err(), "{skipped:?}");
    }
    registry.approve(party.id, ClientStatus::UnderReview).await;
    let held = store.find_registration(&id).await.unwrap().unwrap();
    let kept: Value = serde_json::from_str(&held.body).unwrap();
    assert_eq!(kept["changes"][0]["by"], json!({"who": "owner"}));
    assert_eq!(kept["changes"][1]["by"], json!({"who": "operator", "name": "mihon"}));
    assert_eq!(kept["changes"][1]["to"], "under_review");
}

#[actix_web::test]
async fn a_statement_makes_one_registration_however_many_ask() {
    let registry = Registry::open().await;
    let request = registry.request(&key(), &json!({}));
    let replies = join_all((0..50).map(|_| registry.post(&request))).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(made, 1);
    assert!(replies.iter().all(|r| r.status == 201 || r.error() == (400, "invalid_software_statement")));
}

#[actix_web::test]
async fn what_a_third_party_cannot_say_about_itself_is_refused() {
    let registry = Registry::open().await;
    let own = registry.statement(&json!({"scope": null, "purposes": null}));
    let mut private = key().public_jwk().clone();
    private["d"] = json!("AAAA");
    let small = json!({"kty": "RSA", "n": "w".repeat(170), "e": "AQAB"});
    for (changes, code, named) in [
        (json!({"software_statement": null}), "invalid_software_statement", "software_statement"),
        (json!({"software_statement": "a.b.c"}), "invalid_software_statement", ""),
        (json!({"software_statement": 7}), "invalid_software_statement", "software_statement"),
        (json!({"client_id": "bank"}), "invalid_client_metadata", "client_id"),
        (json!({"token_endpoint_auth_method": "none"}), "invalid_client_metadata", "token_endpoint_auth_method"),
        (json!({"token_endpoint_auth_method": "client_secret_basic"}), "invalid_client_metadata", "confidential"),
        (json!({"jwks": {"keys": [private]}}), "invalid_client_metadata", "private"),
        (json!({"jwks": {"keys": [small]}}), "invalid_client_metadata", "2048"),
        (json!({"jwks_uri": "https://health.example/jwks"}), "invalid_client_metadata", "jwks_uri"),
        (json!({"grant_types": ["password"]}), "invalid_client_metadata", "grant_types"),
        (json!({"software_statement": own, "scope": "openid"}), "invalid_client_metadata", "scope"),
        (json!({"resources": ["https://madoguchi.example"]}), "invalid_client_metadata", "resources"),
        (json!({"sector": "other.example"}), "invalid_client_metadata", "sector"),
        (
            json!({"rate_plan": "measurement", "software_statement": registry.statement(&json!({"rate_plan": null}))}),
            "invalid_client_metadata",
            "rate_plan",
        ),
        (
            json!({"software_statement": registry.statement(&json!({"rate_plan": "free"}))}),
            "invalid_client_metadata",
            "rate_plan",
        ),
        (
            json!({"software_statement": registry.statement(&json!({"redirect_uris": ["http://health.example/cb"]}))}),
            "invalid_redirect_uri",
            "https is needed",
        ),
        (
            json!({"software_statement": registry.statement(&json!({"iss": "https://other.example"}))}),
            "unapproved_software_statement",
            "register",
        ),
        (
            json!({"software_statement": registry.statement(&json!({"exp": registry.counter.now().seconds()}))}),
            "invalid_software_statement",
            "expired",
        ),
    ] {
        let reply = registry.post(&registry.request(&key(), &changes)).await;
        assert_eq!(reply.error(), (400, code), "{changes}: {reply:?}");
        assert!(reply.text("error_description").contains(named), "{changes}: {reply:?}");
    }
}

#[actix_web::test]
async fn what_is_vouched_for_takes_precedence() {
    let registry = Registry::open().await;
    let request = registry.request(
        &key(),
        &json!({
            "client_name": "The Ministry itself",
            "redirect_uris": ["https://evil.example/callback"],
        }),
    );
    let told = registry.post(&request).await;
    assert_eq!(told.status, 201, "{told:?}");
    assert_eq!(told.json["client_name"], "Mihon Health");
    assert_eq!(told.json["redirect_uris"], json!(["https://bank.example/callback"]));
    assert_ne!(told.text("client_id"), "bank");
}

#[actix_web::test]
async fn a_body_that_is_no_metadata_is_an_error_of_this_family() {
    let registry = Registry::open().await;
    let post = || TestRequest::post().uri("/oauth/register");
    let json = ("Content-Type", "application/json");
    for (request, status) in [
        (post(), 415),
        (post().set_payload("{}").insert_header(("Content-Type", "text/plain")), 415),
        (post().set_payload("[]").insert_header(json), 400),
        (post().set_payload("{").insert_header(json), 400),
        (post().set_payload(vec![0xff; 10]).insert_header(json), 400),
        (post().set_payload("x".repeat(200_000)).insert_header(json), 413),
        (TestRequest::get().uri("/oauth/register"), 405),
    ] {
        assert_eq!(registry.counter.send(request).await.error(), (status, "invalid_request"));
    }
}

#[actix_web::test]
async fn nobody_registers_where_no_register_is_trusted() {
    let counter = Counter::open().await;
    let metadata = counter.send(TestRequest::get().uri("/.well-known/openid-configuration")).await;
    assert!(metadata.json.get("registration_endpoint").is_none());
    let reply = counter.send(TestRequest::post().uri("/oauth/register").set_json(json!({}))).await;
    assert_eq!(reply.error(), (400, "unapproved_software_statement"));
    let registry = Registry::open().await;
    let metadata = registry.counter.send(TestRequest::get().uri("/.well-known/openid-configuration")).await;
    assert_eq!(metadata.json["registration_endpoint"], "https://madoguchi.example/oauth/register");
}

#[actix_web::test]
async fn a_registered_algorithm_and_grant_type_are_the_only_ones() {
    let counter = Counter::open().await;
    counter.change_bank(|bank| bank.profile.assertion_signing_alg = Some("PS256".into())).await;
    let refused = counter.post("/oauth/par", &counter.pushed(&counter.bank), None).await;
    assert_eq!(refused.error(), (401, "invalid_client"), "it registered another algorithm than it signs by");
    counter.change_bank(|bank| bank.profile.assertion_signing_alg = Some("ES256".into())).await;
    let pushed = with(counter.pushed(&counter.bank), "state", None);
    assert_eq!(counter.post("/oauth/par", &pushed, None).await.status, 201);
}
