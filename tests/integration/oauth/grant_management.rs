//! A client looks at its grants, has them changed by a new decision, and gives them back.

use super::counter::{Counter, Pairs, Party, Reply, details, with};
use madoguchi::domain::grant::{GrantStatus, RevokedBy};
use madoguchi::domain::ids::GrantId;
use madoguchi::store::Amended;
use serde_json::{Value, json};
use std::time::Duration;

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

/// A right request that changes `grant`, for another item of the same data set.
fn changing(counter: &Counter, party: &Party, action: &str, grant: &str) -> Pairs<'static> {
    let mut pairs = with(counter.pushed(party), "authorization_details", Some(&other_item().to_string()));
    pairs.extend([("grant_management_action", action.to_owned()), ("grant_id", grant.to_owned())]);
    pairs
}

/// What the bank asks for later: another item, for ten days.
fn other_item() -> Value {
    let mut asked = details();
    asked[0]["data_sets"][0]["items"] = json!(["0200000020"]);
    asked[0]["access_days"] = json!(10);
    asked
}

/// The tokens after a citizen agreed to a request that changes a grant.
async fn changed(counter: &Counter, action: &str, grant: &str) -> Reply {
    let pushed = counter.post("/oauth/par", &changing(counter, &counter.bank, action, grant), None).await;
    assert_eq!(pushed.status, 201, "{pushed:?}");
    let code = counter.agree(&counter.bank, &pushed.text("request_uri")).await;
    let reply = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply
}

fn items(told: &Value) -> Vec<&str> {
    let items = told["authorization_details"][0]["data_sets"][0]["items"].as_array().unwrap();
    items.iter().map(|item| item.as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_merge_adds_to_the_grant_and_a_replacement_takes_its_place() {
    for (action, expected) in [("merge", vec!["0200000010", "0200000020"]), ("replace", vec!["0200000020"])] {
        let counter = Counter::open().await;
        let first = counter.tokens(&counter.bank).await;
        assert_eq!(items(&first.json), ["0200000010"]);
        counter.clock.advance(Duration::from_mins(1));
        let second = changed(&counter, action, &first.text("grant_id")).await;
        assert_eq!(second.json["grant_id"], first.json["grant_id"], "{action}");
        assert_eq!(items(&second.json), expected, "{action}");
        assert_eq!(second.json["authorization_expires_in"], 10 * 86_400);
        // Grant Management §5.2: refresh tokens of before are over; the new one is not.
        let old = counter.token(&counter.bank, &counter.refreshing(&counter.bank, &first.text("refresh_token"))).await;
        assert_eq!(old.error(), (400, "invalid_grant"), "{action}");
        let new = counter.token(&counter.bank, &counter.refreshing(&counter.bank, &second.text("refresh_token"))).await;
        assert_eq!(items(&new.json), expected, "{action}");
        // An access token of before shows the grant as it is now.
        let path = format!("/oauth/grants/{}", first.text("grant_id"));
        let view = counter.call(&counter.bank, "GET", &path, &first.text("access_token")).await;
        assert_eq!(items(&view.json), expected, "{action}");
        assert!(view.json["last_updated_at"].as_str() > view.json["created_at"].as_str(), "{view:?}");
    }
}

#[actix_web::test]
async fn create_makes_a_grant_of_its_own() {
    let counter = Counter::open().await;
    let first = counter.tokens(&counter.bank).await;
    let pairs = with(counter.pushed(&counter.bank), "grant_management_action", Some("create"));
    let pushed = counter.post("/oauth/par", &pairs, None).await;
    let code = counter.agree(&counter.bank, &pushed.text("request_uri")).await;
    let second = counter.token(&counter.bank, &counter.exchange(&counter.bank, &code)).await;
    assert_ne!(second.json["grant_id"], first.json["grant_id"]);
    assert_eq!(counter.introspect(&counter.bank, &first.text("refresh_token")).await.json["active"], true);
}

#[actix_web::test]
async fn only_its_own_grant_in_force_can_a_client_change() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.bank).await;
    let grant = tokens.text("grant_id");
    let by_itself = with(counter.authentication(&counter.bank), "grant_type", Some("client_credentials"));
    let nobodys = counter.token(&counter.bank, &by_itself).await.text("grant_id");
    for action in ["merge", "replace"] {
        for (party, id) in
            [(&counter.app, &*grant), (&counter.bank, "g_unknown"), (&counter.bank, &*nobodys), (&counter.bank, "x y")]
        {
            let refused = counter.post("/oauth/par", &changing(&counter, party, action, id), None).await;
            assert_eq!(refused.error(), (400, "invalid_grant_id"), "{action} {id}");
        }
    }
    let mut revoking = counter.authentication(&counter.bank);
    revoking.push(("token", tokens.text("refresh_token")));
    assert_eq!(counter.post("/oauth/revoke", &revoking, None).await.status, 200);
    let refused = counter.post("/oauth/par", &changing(&counter, &counter.bank, "merge", &grant), None).await;
    assert_eq!(refused.error(), (400, "invalid_grant_id"));
}

#[actix_web::test]
async fn a_merge_does_not_mix_purposes_or_times() {
    let counter = Counter::open().await;
    let grant = counter.tokens(&counter.bank).await.text("grant_id");
    counter
        .change_bank(|client| {
            let mut other = client.purposes[0].clone();
            other.code = "account_opening".into();
            client.purposes.push(other);
        })
        .await;
    let period = json!({"from": "2024-01-01", "to": "2024-12-31"});
    for (pointer, member, value) in [("/0", "purpose", json!("account_opening")), ("/0/data_sets/0", "period", period)]
    {
        let mut asked = other_item();
        asked.pointer_mut(pointer).unwrap()[member] = value;
        for (action, expected) in [("merge", (400, "invalid_authorization_details")), ("replace", (201, ""))] {
            let pairs = changing(&counter, &counter.bank, action, &grant);
            let pairs = with(pairs, "authorization_details", Some(&asked.to_string()));
            let reply = counter.post("/oauth/par", &pairs, None).await;
            assert_eq!(reply.error(), expected, "{action} {member}");
        }
    }
}

#[actix_web::test]
async fn another_citizen_changes_nothing() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.bank).await;
    let id = GrantId::parse(&tokens.text("grant_id")).unwrap();
    let before = counter.store().find_grant(&id).await.unwrap();
    for action in ["merge", "replace"] {
        let pairs = changing(&counter, &counter.bank, action, id.as_str());
        let pushed = counter.post("/oauth/par", &pairs, None).await.text("request_uri");
        let stranger = counter.subject_called("2").await;
        assert_eq!(counter.agree_as(&counter.bank, &pushed, stranger).await.1, Amended::Gone, "{action}");
        assert_eq!(counter.store().find_grant(&id).await.unwrap(), before, "{action}");
        assert_eq!(counter.introspect(&counter.bank, &tokens.text("refresh_token")).await.json["active"], true);
    }
}

#[actix_web::test]
async fn metadata_tells_the_actions() {
    let counter = Counter::open().await;
    let path = "/.well-known/oauth-authorization-server";
    let metadata = counter.send(actix_web::test::TestRequest::get().uri(path)).await;
    let actions = json!(["create", "merge", "replace", "query", "revoke"]);
    assert_eq!(metadata.json["grant_management_actions_supported"], actions);
    assert_eq!(metadata.json["grant_management_action_required"], false);
}
