//! Dynamic client registration management (RFC 7592): read, changed and given up by whoever holds the latest token.

use super::register::Registry;
use futures_util::future::join_all;
use madoguchi::domain::client::ClientStatus;
use madoguchi::domain::ids::ClientId;
use madoguchi::protocol::jose::Es256Signer;
use serde_json::{Value, json};

const TOKEN: &str = "registration_access_token";

/// The members of an update: what was told, but what an update must not carry.
fn update_of(told: &Value, changes: &Value) -> Value {
    let mut update = told.clone();
    let members = update.as_object_mut().unwrap();
    for name in [TOKEN, "registration_client_uri", "client_id_issued_at"] {
        members.remove(name);
    }
    members.extend(changes.as_object().unwrap().clone());
    members.retain(|_, value| !value.is_null());
    update
}

#[actix_web::test]
async fn every_answer_replaces_the_token() {
    let registry = Registry::open().await;
    let (party, told) = registry.registered().await;
    assert_eq!(told.text("registration_client_uri"), format!("https://madoguchi.example/oauth/register/{}", party.id));
    let first = told.text(TOKEN);
    let read = registry.manage("GET", party.id, &first, None).await;
    assert_eq!(read.status, 200, "{read:?}");
    assert_eq!(read.json["client_name"], "Mihon Health");
    let second = read.text(TOKEN);
    assert_ne!(first, second);
    let again = registry.manage("GET", party.id, &first, None).await;
    assert_eq!(again.error(), (401, "invalid_token"));
    assert!(again.headers.get("www-authenticate").unwrap().to_str().unwrap().starts_with("Bearer "));
    let updated = registry.manage("PUT", party.id, &second, Some(&update_of(&read.json, &json!({})))).await;
    assert_eq!(updated.status, 200, "{updated:?}");
    assert_eq!(registry.manage("GET", party.id, &second, None).await.error(), (401, "invalid_token"));
    assert_eq!(registry.manage("GET", party.id, &updated.text(TOKEN), None).await.status, 200);
}

#[actix_web::test]
async fn of_fifty_calls_with_one_token_one_gets_an_answer() {
    let registry = Registry::open().await;
    let (party, told) = registry.registered().await;
    let token = told.text(TOKEN);
    let replies = join_all((0..50).map(|_| registry.manage("GET", party.id, &token, None))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    assert!(replies.iter().all(|r| r.status == 200 || r.error() == (401, "invalid_token")));
}

#[actix_web::test]
async fn a_stranger_learns_nothing() {
    let registry = Registry::open().await;
    let (one, told) = registry.registered().await;
    let (other, _) = registry.registered().await;
    let token = told.text(TOKEN);
    for (id, token) in
        [(other.id, token.as_str()), ("c_unknown", &token), ("bank", &token), (one.id, "mgra_x"), (one.id, "")]
    {
        for method in ["GET", "DELETE"] {
            let reply = registry.manage(method, id, token, None).await;
            assert_eq!(reply.error(), (401, "invalid_token"), "{method} {id} {token}");
        }
    }
    assert_eq!(registry.manage("GET", one.id, &token, None).await.status, 200, "and the owner's token is not used up");
}

#[actix_web::test]
async fn keys_change_at_once_and_what_was_reviewed_only_by_a_review() {
    let registry = Registry::open().await;
    let (party, told) = registry.registered().await;
    for to in [ClientStatus::UnderReview, ClientStatus::Sandbox, ClientStatus::Production] {
        registry.approve(party.id, to).await;
    }
    let next_key = Es256Signer::generate().unwrap().0;
    let update = update_of(&told.json, &json!({"jwks": {"keys": [next_key.public_jwk()]}}));
    let told = registry.manage("PUT", party.id, &told.text(TOKEN), Some(&update)).await;
    assert_eq!(told.json["registration_status"], "production", "{told:?}");
    let renamed = registry.statement(&json!({"client_name": "Mihon Health 2"}));
    let update = update_of(&told.json, &json!({"software_statement": renamed}));
    let told = registry.manage("PUT", party.id, &told.text(TOKEN), Some(&update)).await;
    assert_eq!((told.status, &told.json["registration_status"]), (200, &json!("under_review")), "{told:?}");
    assert_eq!(told.json["client_name"], "Mihon Health 2");
}

#[actix_web::test]
async fn an_update_that_is_wrong_changes_nothing_and_does_not_use_the_token_up() {
    let registry = Registry::open().await;
    let (party, told) = registry.registered().await;
    let token = told.text(TOKEN);
    let another = registry.statement(&json!({"software_id": "software-2"}));
    for (changes, named) in [
        (json!({"client_id": "c_other"}), "client_id"),
        (json!({"client_id": null}), "client_id"),
        (json!({TOKEN: "x"}), TOKEN),
        (json!({"client_secret": "x"}), "client_secret"),
        (json!({"token_endpoint_auth_method": "none"}), "token_endpoint_auth_method"),
        (json!({"resources": ["https://madoguchi.example"]}), "resources"),
        (json!({"software_statement": another}), "software_id"),
        (json!({"jwks": null}), "jwks"),
    ] {
        let reply = registry.manage("PUT", party.id, &token, Some(&update_of(&told.json, &changes))).await;
        assert_eq!(reply.error(), (400, "invalid_client_metadata"), "{changes}: {reply:?}");
        assert!(reply.text("error_description").contains(named), "{changes}: {reply:?}");
    }
    let read = registry.manage("GET", party.id, &token, None).await;
    assert_eq!(update_of(&read.json, &json!({})), update_of(&told.json, &json!({})));
}

#[actix_web::test]
async fn giving_a_registration_up_ends_every_grant_for_good() {
    let registry = Registry::open().await;
    let counter = &registry.counter;
    let (party, told) = registry.registered().await;
    for to in [ClientStatus::UnderReview, ClientStatus::Sandbox, ClientStatus::Production] {
        registry.approve(party.id, to).await;
    }
    let tokens = counter.tokens(&party).await;
    let token = told.text(TOKEN);
    let gone = registry.manage("DELETE", party.id, &token, None).await;
    assert_eq!(gone.status, 204, "{gone:?}");
    counter.clock.advance(std::time::Duration::from_secs(1));
    let grant = madoguchi::domain::ids::GrantId::parse(&tokens.text("grant_id")).unwrap();
    let grant = counter.store().find_grant(&grant).await.unwrap().unwrap();
    assert!(!grant.is_in_force(counter.now()));
    let refused = counter.token(&party, &counter.refreshing(&party, &tokens.text("refresh_token"))).await;
    assert_eq!(refused.error(), (401, "invalid_client"));
    assert_eq!(registry.manage("GET", party.id, &token, None).await.error(), (401, "invalid_token"));
    // Nobody takes it up again, not even the operator.
    let id = ClientId::parse(party.id).unwrap();
    let approval = madoguchi::issuer::registration::Approval {
        to: ClientStatus::Production,
        by: "mihon".into(),
        note: String::new(),
    };
    let again = madoguchi::issuer::registration::set_status(counter.store(), &id, &approval, counter.now()).await;
    assert!(again.unwrap_err().to_string().contains("given up"));
}
