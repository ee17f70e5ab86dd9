//! Signed introspection (RFC 9701), and who may introspect what (FAPI 2.0 Message Signing §5.5).

use super::counter::{Counter, ISSUER, Party, claims};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use serde_json::json;

const MEDIA_TYPE: &str = "application/token-introspection+jwt";

/// An answer: its media type, and its body as text.
struct Told {
    kind: String,
    body: String,
}

impl Counter {
    async fn ask(&self, party: &Party, token: &str, accept: Option<&str>) -> Told {
        let mut pairs = self.authentication(party);
        pairs.push(("token", token.to_owned()));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let request = TestRequest::post().uri("/oauth/introspect").set_payload(body);
        let mut request = request.insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"));
        if let Some(accept) = accept {
            request = request.insert_header(("accept", accept));
        }
        let reply = self.send(request).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.headers.get("cache-control").unwrap(), "no-store");
        Told { kind: reply.headers.get("content-type").unwrap().to_str().unwrap().to_owned(), body: reply.body }
    }
}

#[actix_web::test]
async fn whoever_asks_for_a_jwt_gets_one_signed_for_it() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.bank).await;
    let told = counter.ask(&counter.bank, &tokens.text("access_token"), Some(MEDIA_TYPE)).await;
    assert_eq!(told.kind, MEDIA_TYPE);
    let header = jsonwebtoken::decode_header(&told.body).unwrap();
    assert_eq!(header.typ.as_deref(), Some("token-introspection+jwt"));
    let claims = counter.verified(&told.body);
    assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some(ISSUER), Some("bank")));
    assert_eq!(claims["iat"], counter.now().seconds());
    // RFC 9701 §5: no sub and no exp beside the token's own.
    let mut names: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["aud", "iat", "iss", "token_introspection"]);
    let inside = &claims["token_introspection"];
    assert_eq!((inside["active"].as_bool(), &inside["grant_id"]), (Some(true), &tokens.json["grant_id"]));
    let gone = counter.ask(&counter.bank, "x", Some(MEDIA_TYPE)).await;
    assert_eq!(counter.verified(&gone.body)["token_introspection"], json!({"active": false}));
}

#[actix_web::test]
async fn the_form_follows_accept_and_the_registration() {
    let counter = Counter::open().await;
    let token = counter.tokens(&counter.bank).await.text("access_token");
    for (accept, is_jwt) in [
        (None, false),
        (Some("application/json"), false),
        (Some("*/*"), false),
        (Some("application/json, application/token-introspection+jwt;q=0.5"), true),
        (Some("Application/Token-Introspection+JWT"), true),
        (Some("application/token-introspection+jwt;q=0"), false),
        (Some("application/jwt"), false),
    ] {
        let told = counter.ask(&counter.bank, &token, accept).await;
        assert_eq!(told.kind == MEDIA_TYPE, is_jwt, "{accept:?}");
    }
    counter.change_bank(|bank| bank.profile.messages.sign_introspection = true).await;
    for accept in [None, Some("application/json")] {
        assert_eq!(counter.ask(&counter.bank, &token, accept).await.kind, MEDIA_TYPE, "{accept:?}");
    }
}

#[actix_web::test]
async fn a_resource_sees_tokens_that_are_for_it_and_a_plain_client_only_its_own() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.app).await;
    let active = async |name: &str| {
        let told = counter.ask(&counter.bank, &tokens.text(name), Some(MEDIA_TYPE)).await;
        claims(&told.body)["token_introspection"]["active"] == true
    };
    assert!(!active("access_token").await, "a plain client");
    counter.change_bank(|bank| bank.profile.resources = vec!["https://other.example".into()]).await;
    assert!(!active("access_token").await, "a resource that the token is not for");
    counter.change_bank(|bank| bank.profile.resources = vec![ISSUER.into()]).await;
    assert!(active("access_token").await, "the resource that it is for");
    assert!(!active("refresh_token").await, "a refresh token is for nobody but its client");
    let told = counter.ask(&counter.bank, &tokens.text("access_token"), Some(MEDIA_TYPE)).await;
    let told = claims(&told.body);
    assert_eq!((told["aud"].as_str(), told["token_introspection"]["client_id"].as_str()), (Some("bank"), Some("app")));
}

#[actix_web::test]
async fn a_signed_answer_is_no_access_token() {
    let counter = Counter::open().await;
    let token = counter.tokens(&counter.bank).await.text("access_token");
    let told = counter.ask(&counter.bank, &token, Some(MEDIA_TYPE)).await;
    let reply = counter.call(&counter.bank, "GET", "/oauth/userinfo", &told.body).await;
    assert_eq!(reply.error(), (401, "invalid_token"));
    assert_eq!(counter.introspect(&counter.bank, &told.body).await.json, json!({"active": false}));
}
