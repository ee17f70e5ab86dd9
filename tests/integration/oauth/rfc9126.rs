//! Pushed authorization requests.

use super::counter::{Counter, with};
use actix_web::test::TestRequest;
use madoguchi::issuer::interaction::PushedRequests;
use std::time::Duration;

#[actix_web::test]
async fn a_right_request_is_kept_and_may_be_looked_at_twice() {
    let counter = Counter::open().await;
    let reply = counter.post("/oauth/par", &counter.pushed(&counter.bank), None).await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.headers.get("cache-control").unwrap(), "no-store");
    let uri = reply.text("request_uri");
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:") && uri.len() >= 34 + 43);
    assert!(reply.json["expires_in"].as_u64().unwrap() < 600);
    for _ in 0..2 {
        let (client, request, _) = counter.issuer.find_authorization("bank", &uri).await.unwrap();
        assert_eq!((client.id.as_str(), request.state.as_deref()), ("bank", Some("abc")));
    }
}

#[actix_web::test]
async fn par_attempt_to_use_request_uri_for_different_client_or_expired_or_used() {
    let counter = Counter::open().await;
    let push = async || counter.post("/oauth/par", &counter.pushed(&counter.bank), None).await.text("request_uri");
    let uri = push().await;
    assert!(counter.issuer.find_authorization("app", &uri).await.is_err());
    assert!(counter.issuer.find_authorization("bank", &format!("{uri}x")).await.is_err());
    assert!(counter.issuer.find_authorization("bank", "https://bank.example/request.jwt").await.is_err());
    assert!(counter.issuer.find_authorization("no such\n", &uri).await.is_err());
    counter.agree(&counter.bank, &uri).await;
    assert!(counter.issuer.find_authorization("bank", &uri).await.is_err(), "used");
    let uri = push().await;
    counter.clock.advance(Duration::from_mins(10));
    assert!(counter.issuer.find_authorization("bank", &uri).await.is_err(), "over");
}

#[actix_web::test]
async fn a_wrong_request_is_refused() {
    let counter = Counter::open().await;
    for (name, value, status, code) in [
        ("request_uri", Some("urn:x"), 400, "invalid_request"),
        ("request", Some("e30.e30."), 400, "invalid_request_object"),
        ("response_type", Some("token"), 400, "unsupported_response_type"),
        ("response_type", Some("code id_token"), 400, "unsupported_response_type"),
        ("redirect_uri", None, 400, "invalid_request"),
        ("redirect_uri", Some("https://bank.example/callback/x"), 400, "invalid_request"),
        ("code_challenge", None, 400, "invalid_request"),
        ("code_challenge_method", Some("plain"), 400, "invalid_request"),
        ("scope", Some("openid admin"), 400, "invalid_scope"),
        ("client_id", Some("app"), 401, "invalid_client"),
        ("client_assertion", None, 401, "invalid_client"),
    ] {
        let pairs = with(counter.pushed(&counter.bank), name, value);
        assert_eq!(counter.post("/oauth/par", &pairs, None).await.error(), (status, code), "{name} = {value:?}");
    }
}

#[actix_web::test]
async fn par_attempt_invalid_http_method() {
    let counter = Counter::open().await;
    for request in [TestRequest::get(), TestRequest::put(), TestRequest::delete()] {
        let reply = counter.send(request.uri("/oauth/par")).await;
        assert_eq!((reply.status, reply.headers.get("allow").unwrap().to_str().unwrap()), (405, "POST"));
    }
}
