//! A client looks at its grants and gives them back.

use super::counter::{Counter, with};
use madoguchi::domain::grant::{GrantStatus, RevokedBy};
use madoguchi::domain::ids::GrantId;

#[actix_web::test]
async fn a_client_queries_and_revokes_its_own_grant() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.bank).await;
    let path = format!("/oauth/grants/{}", tokens.text("grant_id"));
    let view = counter.call(&counter.bank, "GET", &path, &tokens.text("access_token")).await;
    assert_eq!(view.status, 200, "{view:?}");
    assert_eq!(view.json["authorization_details"], tokens.json["authorization_details"]);
    assert_eq!(view.json["scopes"][0]["scope"], tokens.json["scope"]);
    // By any token of the same client.
    let pairs = with(counter.authentication(&counter.bank), "grant_type", Some("client_credentials"));
    let other = counter.token(&counter.bank, &pairs).await.text("access_token");
    assert_eq!(counter.call(&counter.bank, "GET", &path, &other).await.json, view.json);
    assert_eq!(counter.call(&counter.bank, "DELETE", &path, &other).await.status, 204);
    let id = GrantId::parse(&tokens.text("grant_id")).unwrap();
    let grant = counter.store().find_grant(&id).await.unwrap().unwrap();
    assert_eq!(grant.status, GrantStatus::Revoked { at: counter.now(), by: RevokedBy::Client });
    assert_eq!(counter.call(&counter.bank, "GET", &path, &other).await.error(), (404, "not_found"));
    let own = counter.call(&counter.bank, "GET", &path, &tokens.text("access_token")).await;
    assert_eq!(own.error(), (401, "invalid_token"));
}

#[actix_web::test]
async fn a_foreign_grant_is_not_there() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.bank).await;
    let foreign = counter.tokens(&counter.app).await.text("access_token");
    for id in [tokens.text("grant_id"), "g_unknown".to_owned(), "%20".to_owned()] {
        for method in ["GET", "DELETE"] {
            let reply = counter.call(&counter.app, method, &format!("/oauth/grants/{id}"), &foreign).await;
            assert_eq!(reply.error(), (404, "not_found"), "{method} {id}");
        }
    }
    let id = GrantId::parse(&tokens.text("grant_id")).unwrap();
    assert_eq!(counter.store().find_grant(&id).await.unwrap().unwrap().status, GrantStatus::Active);
}
