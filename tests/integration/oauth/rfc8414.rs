//! Metadata and the published keys.

use super::counter::{Counter, ISSUER};
use actix_web::test::TestRequest;
use madoguchi::domain::profile::KeyManagement;
use madoguchi::issuer::keys::Rotation;
use madoguchi::issuer::{Issuer, IssuerSettings};
use madoguchi::protocol::certificate::CertificateRules;
use std::time::Duration;

#[actix_web::test]
async fn discovery_end_point_verification() {
    let counter = Counter::open().await;
    let get = |path: &'static str| counter.send(TestRequest::get().uri(path));
    let oauth = get("/.well-known/oauth-authorization-server").await;
    let openid = get("/.well-known/openid-configuration").await;
    assert_eq!((oauth.status, &oauth.json), (200, &openid.json));
    assert_eq!(oauth.json["issuer"], ISSUER);
    assert_eq!(oauth.json["require_pushed_authorization_requests"], true);
    assert_eq!(oauth.json["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    assert_eq!(oauth.json["token_endpoint_auth_methods_supported"], serde_json::json!(["private_key_jwt"]));
    assert_eq!(oauth.json["subject_types_supported"], serde_json::json!(["pairwise"]));
    assert_eq!(oauth.json["authorization_response_iss_parameter_supported"], true);
    for (name, value) in oauth.json.as_object().unwrap() {
        if name.ends_with("_endpoint") || name.ends_with("_uri") {
            assert!(value.as_str().unwrap().starts_with(&format!("{ISSUER}/")), "{name}");
        }
    }
    let keys = get("/oauth/jwks").await;
    let keys = keys.json["keys"].as_array().unwrap();
    let uses: Vec<&str> = keys.iter().map(|key| key["use"].as_str().unwrap()).collect();
    assert_eq!(uses, ["sig", "sig", "enc"], "for access tokens, for messages, for request objects");
    assert_eq!((keys[0]["alg"].as_str(), keys[0].get("d")), (Some("ES256"), None));
}

#[actix_web::test]
async fn two_nodes_that_start_together_agree_on_their_keys() {
    let counter = Counter::open().await;
    let settings = || IssuerSettings {
        public_url: ISSUER.into(),
        rotation: Rotation::default(),
        request_object_encryption: vec![KeyManagement::EcdhEs],
        certificates: CertificateRules::default(),
        ..IssuerSettings::default()
    };
    let nodes = futures_util::future::join_all((0..8).map(|_| Issuer::open(settings(), counter.parts.clone()))).await;
    for node in nodes {
        assert_eq!(node.unwrap().published_keys().json(), counter.issuer.published_keys().json());
    }
}

#[actix_web::test]
async fn keys_rotate_and_tokens_of_the_old_one_stay_good() {
    let counter = Counter::open().await;
    let kids = || {
        let keys: serde_json::Value = serde_json::from_str(&counter.issuer.published_keys().json()).unwrap();
        let signing = keys["keys"].as_array().unwrap().iter().filter(|key| key["use"] == "sig");
        signing.map(|key| key["kid"].to_string()).collect::<Vec<_>>()
    };
    let first = kids();
    let day = Duration::from_hours(24);
    counter.clock.advance(day * 29);
    counter.issuer.maintain_keys().await.unwrap();
    assert_eq!(kids().len(), 4, "one more of each series, published a day ahead");
    counter.clock.advance(Duration::from_mins(24 * 60 - 1));
    let code = counter.code(&counter.bank).await;
    let old = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    counter.clock.advance(Duration::from_mins(1));
    counter.issuer.maintain_keys().await.unwrap();
    let told = counter.introspect(&counter.bank, &old.text("access_token")).await;
    assert_eq!(told.json["active"], true, "signed by the old key");
    let new = counter.tokens(&counter.bank).await;
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    assert_ne!(kid(&new.text("access_token")), kid(&old.text("access_token")));
    counter.clock.advance(day);
    counter.issuer.maintain_keys().await.unwrap();
    assert_eq!(kids().len(), 2);
    assert!(kids().iter().all(|kid| !first.contains(kid)));
}
