//! Introspection: one's own active tokens, and nothing else.

use super::counter::Counter;
use serde_json::json;
use std::time::Duration;

#[actix_web::test]
async fn a_client_sees_its_own_active_tokens() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.bank).await;
    let access = counter.introspect(&counter.bank, &tokens.text("access_token")).await;
    assert_eq!(access.status, 200);
    assert_eq!(access.json["active"], true);
    assert_eq!(access.json["token_type"], "DPoP");
    assert_eq!(access.json["grant_id"], tokens.json["grant_id"]);
    assert_eq!(access.json["authorization_details"], tokens.json["authorization_details"]);
    assert!(access.json["cnf"]["jkt"].is_string());
    let refresh = counter.introspect(&counter.bank, &tokens.text("refresh_token")).await;
    assert_eq!(refresh.json["active"], true);
    assert_eq!(refresh.json["sub"], access.json["sub"]);
    assert_eq!(refresh.json.get("token_type"), None);
}

#[actix_web::test]
async fn everything_else_is_only_inactive() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.bank).await;
    let inactive = json!({"active": false});
    for name in ["access_token", "refresh_token", "id_token"] {
        assert_eq!(counter.introspect(&counter.app, &tokens.text(name)).await.json, inactive, "{name}");
    }
    for token in ["x", "a.b.c", "mgrt_x", &tokens.text("id_token")] {
        assert_eq!(counter.introspect(&counter.bank, token).await.json, inactive, "{token}");
    }
    counter.clock.advance(Duration::from_mins(5));
    assert_eq!(counter.introspect(&counter.bank, &tokens.text("access_token")).await.json, inactive);
    let none = counter.post("/oauth/introspect", &counter.authentication(&counter.bank), None).await;
    assert_eq!(none.error(), (400, "invalid_request"));
}
