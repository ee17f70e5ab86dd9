//! Revocation: any token ends its grant; unknown ones are no error.

use super::counter::{Counter, Reply};
use madoguchi::domain::grant::{GrantStatus, RevokedBy};
use madoguchi::domain::ids::GrantId;
use madoguchi::hot::Invalidation;

async fn revoke(counter: &Counter, party: &super::counter::Party, token: Option<&str>) -> Reply {
    let mut pairs = counter.authentication(party);
    pairs.extend(token.map(|token| ("token", token.to_owned())));
    counter.post("/oauth/revoke", &pairs, None).await
}

#[actix_web::test]
async fn any_token_ends_the_grant_and_every_node_is_told() {
    let counter = Counter::open().await;
    for name in ["access_token", "refresh_token"] {
        let tokens = counter.tokens(&counter.bank).await;
        let id = GrantId::parse(&tokens.text("grant_id")).unwrap();
        let mut told = counter.parts.hot.subscribe();
        assert_eq!(revoke(&counter, &counter.bank, Some(&tokens.text(name))).await.status, 200);
        let grant = counter.store().find_grant(&id).await.unwrap().unwrap();
        assert_eq!(grant.status, GrantStatus::Revoked { at: counter.now(), by: RevokedBy::Client });
        let word = tokio::time::timeout(std::time::Duration::from_secs(5), told.recv()).await;
        assert_eq!(word.expect("word comes").unwrap(), Invalidation::Grant(id));
        let refresh = counter.refreshing(&counter.bank, &tokens.text("refresh_token"));
        assert_eq!(counter.token(&counter.bank, &refresh).await.error(), (400, "invalid_grant"));
        let userinfo = counter.call(&counter.bank, "GET", "/oauth/userinfo", &tokens.text("access_token")).await;
        assert_eq!(userinfo.error(), (401, "invalid_token"));
        assert_eq!(revoke(&counter, &counter.bank, Some(&tokens.text(name))).await.status, 200, "again is no error");
    }
}

#[actix_web::test]
async fn an_unknown_token_is_no_error_and_anothers_is_refused() {
    let counter = Counter::open().await;
    for token in ["x", "mgrt_x", "a.b.c"] {
        assert_eq!(revoke(&counter, &counter.bank, Some(token)).await.status, 200, "{token}");
    }
    assert_eq!(revoke(&counter, &counter.bank, None).await.error(), (400, "invalid_request"));
    let tokens = counter.tokens(&counter.bank).await;
    for name in ["access_token", "refresh_token"] {
        let reply = revoke(&counter, &counter.app, Some(&tokens.text(name))).await;
        assert_eq!(reply.error(), (400, "unauthorized_client"));
    }
    let id = GrantId::parse(&tokens.text("grant_id")).unwrap();
    assert_eq!(counter.store().find_grant(&id).await.unwrap().unwrap().status, GrantStatus::Active);
}
