//! OpenID Connect: id_token and userinfo, pairwise and without anything personal.

use super::counter::{Counter, ISSUER, claims, with};
use madoguchi::domain::ids::ClientId;

#[actix_web::test]
async fn the_id_token_says_who_signed_in_and_nothing_else() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.bank).await;
    let told = claims(&tokens.text("id_token"));
    let mut names: Vec<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["acr", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sub"]);
    assert_eq!((told["iss"].as_str(), told["aud"].as_str()), (Some(ISSUER), Some("bank")));
    assert_eq!((told["nonce"].as_str(), told["acr"].as_str()), (Some("n-1"), Some("aal3")));
    let userinfo = counter.call(&counter.bank, "GET", "/oauth/userinfo", &tokens.text("access_token")).await;
    assert_eq!(userinfo.json, serde_json::json!({"sub": told["sub"]}));
}

#[actix_web::test]
async fn sectors_cannot_compare_notes_and_no_sub_is_a_client_id() {
    let counter = Counter::open().await;
    let sub = async |party| claims(&counter.tokens(party).await.text("id_token"))["sub"].as_str().unwrap().to_owned();
    let first = sub(&counter.bank).await;
    assert_eq!(first, sub(&counter.bank).await);
    assert_eq!(first, sub(&counter.app).await, "the same sector");
    assert!(ClientId::parse(&first).is_err(), "{first}");
    counter.change_bank(|client| client.sector = "other.example".into()).await;
    assert_ne!(first, sub(&counter.bank).await);
}

#[actix_web::test]
async fn userinfo_needs_openid() {
    let counter = Counter::open().await;
    let pairs = with(counter.authentication(&counter.bank), "grant_type", Some("client_credentials"));
    let token = counter.token(&counter.bank, &pairs).await.text("access_token");
    let reply = counter.call(&counter.bank, "GET", "/oauth/userinfo", &token).await;
    assert_eq!(reply.error(), (403, "insufficient_scope"));
    let tokens = counter.tokens(&counter.bank).await;
    // An id_token opens nothing.
    let reply = counter.call(&counter.bank, "GET", "/oauth/userinfo", &tokens.text("id_token")).await;
    assert_eq!(reply.error(), (401, "invalid_token"));
}
