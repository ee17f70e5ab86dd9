//! Device authorization for shared terminals: short, polled at a pace, answered and taken once, never a refresh token.

use super::counter::{claims, item};
use super::elsewhere::{CIBA, DEVICE, change, counter};
use crate::support::registered::registration;
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::grant::RevokedBy;
use madoguchi::domain::profile::GrantType;
use serde_json::json;
use std::time::Duration;

#[actix_web::test]
async fn a_terminal_gets_tokens_once_its_user_agreed() {
    let counter = counter().await;
    let asked = counter.device(&counter.bank, &[]).await;
    assert_eq!(asked.status, 200, "{asked:?}");
    assert_eq!(asked.headers.get("cache-control").unwrap(), "no-store");
    assert_eq!((asked.json["expires_in"].as_u64(), asked.json["interval"].as_u64()), (Some(600), Some(5)));
    assert_eq!(asked.text("verification_uri"), "https://madoguchi.example/device");
    let (device_code, user_code) = (asked.text("device_code"), asked.text("user_code"));
    assert_eq!(
        asked.text("verification_uri_complete"),
        format!("https://madoguchi.example/device?user_code={user_code}")
    );
    assert_eq!((user_code.len(), device_code.len()), (9, 43));

    assert_eq!(counter.poll(&counter.bank, DEVICE, &device_code).await.error(), (400, "authorization_pending"));
    assert_eq!(counter.poll(&counter.bank, DEVICE, &device_code).await.error(), (400, "slow_down"));
    let request = counter.type_code(&user_code.to_lowercase()).await.unwrap();
    let grant = counter.answer(&request, true).await.unwrap();
    // Another client learns nothing, and takes nothing.
    assert_eq!(counter.poll(&counter.app, DEVICE, &device_code).await.error(), (400, "invalid_grant"));
    // Nor is one handle taken for the other kind.
    assert_eq!(counter.poll(&counter.bank, CIBA, &device_code).await.error(), (400, "invalid_grant"));
    let tokens = counter.poll(&counter.bank, DEVICE, &device_code).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    assert_eq!(tokens.json.get("refresh_token"), None);
    assert_eq!(tokens.text("grant_id"), grant.as_str());
    assert_eq!(tokens.json["token_type"], "DPoP");
    assert!(claims(&tokens.text("access_token"))["cnf"]["jkt"].is_string());
    assert_eq!(claims(&tokens.text("id_token"))["sub"], claims(&tokens.text("access_token"))["sub"]);
    // Once: and a second use ends nothing, since nobody but this client can have tried.
    assert_eq!(counter.poll(&counter.bank, DEVICE, &device_code).await.error(), (400, "invalid_grant"));
    let told = counter.introspect(&counter.bank, &tokens.text("access_token")).await;
    assert_eq!(told.json["active"], true);
}

#[actix_web::test]
async fn a_terminal_asks_for_nothing_that_lasts() {
    let counter = counter().await;
    let details = |days: u32| {
        let set = json!({"code": "TM00000000000002", "items": [item()]});
        json!([{"type": "self_information", "purpose": "loan_examination", "data_sets": [set], "access_days": days}])
            .to_string()
    };
    let (once, month) = (details(0), details(30));
    for (changes, error) in [
        (vec![("scope", Some("openid offline_access"))], "invalid_scope"),
        (vec![("scope", None)], "invalid_scope"),
        (vec![("scope", Some("admin"))], "invalid_scope"),
        (vec![("scope", Some("self_information"))], "invalid_request"),
        (
            vec![("scope", Some("self_information")), ("authorization_details", Some(month.as_str()))],
            "invalid_authorization_details",
        ),
        (vec![("resource", Some("https://elsewhere.example/"))], "invalid_target"),
        (vec![("client_assertion", Some("x"))], "invalid_client"),
    ] {
        let reply = counter.device(&counter.bank, &changes).await;
        assert_eq!(reply.error().1, error, "{changes:?}");
    }
    let reply = counter
        .device(&counter.bank, &[("scope", Some("self_information")), ("authorization_details", Some(once.as_str()))])
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    change(&counter, "bank", |client| client.profile.grant_types = vec![GrantType::AuthorizationCode]).await;
    assert_eq!(counter.device(&counter.bank, &[]).await.error(), (400, "unauthorized_client"));
    assert_eq!(counter.poll(&counter.bank, DEVICE, "x").await.error(), (400, "unauthorized_client"));
}

#[actix_web::test]
async fn what_is_refused_over_or_revoked_gives_no_tokens() {
    let counter = counter().await;
    let ask = async || {
        let asked = counter.device(&counter.bank, &[]).await;
        (asked.text("device_code"), asked.text("user_code"))
    };
    let (refused, code) = ask().await;
    counter.answer(&counter.type_code(&code).await.unwrap(), false).await;
    assert_eq!(counter.poll(&counter.bank, DEVICE, &refused).await.error(), (400, "access_denied"));
    let (revoked, code) = ask().await;
    let grant = counter.answer(&counter.type_code(&code).await.unwrap(), true).await.unwrap();
    assert!(counter.store().revoke_grant(&grant, counter.now(), RevokedBy::Citizen).await.unwrap());
    assert_eq!(counter.poll(&counter.bank, DEVICE, &revoked).await.error(), (400, "invalid_grant"));
    let (over, code) = ask().await;
    counter.clock.advance(Duration::from_mins(10));
    assert_eq!(counter.type_code(&code).await, None);
    assert_eq!(counter.poll(&counter.bank, DEVICE, &over).await.error(), (400, "expired_token"));
    assert_eq!(counter.poll(&counter.bank, DEVICE, "never issued").await.error(), (400, "invalid_grant"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_polls_with_one_device_code_one_gets_tokens() {
    let counter = counter().await;
    let asked = counter.device(&counter.bank, &[]).await;
    let request = counter.type_code(&asked.text("user_code")).await.unwrap();
    counter.answer(&request, true).await;
    let device_code = asked.text("device_code");
    assert_eq!(counter.fifty_polls(DEVICE, &device_code).await, 1);
}

#[test]
fn a_shared_terminal_has_this_way_alone_whatever_it_is_registered_for() {
    let mut client = registration("terminal", ClientClass::Kiosk, &json!({}));
    client.profile.grant_types = GrantType::ALL.to_vec();
    let may: Vec<GrantType> = GrantType::ALL.into_iter().filter(|kind| client.may_use(*kind)).collect();
    assert_eq!(may, [GrantType::ClientCredentials, GrantType::DeviceCode]);
    client.class = ClientClass::General;
    assert!(GrantType::ALL.into_iter().all(|kind| client.may_use(kind)));
}
