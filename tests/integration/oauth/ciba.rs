//! Client-initiated backchannel authentication: a citizen whom the client knows is asked on their own phone.

use super::counter::{Counter, ISSUER, claims, handle};
use super::elsewhere::{CIBA, change, counter};
use madoguchi::domain::decoupled::{Channel, Notification};
use madoguchi::domain::profile::{Backchannel, GrantType};
use madoguchi::domain::representation::{RepresentationEnd, Turn};
use madoguchi::protocol::jose::sign;
use serde_json::{Value, json};
use std::time::Duration;

/// A counter at which the bank knows the citizen; gives their `sub` and an id_token.
async fn known() -> (Counter, String, String) {
    let counter = counter().await;
    let tokens = counter.tokens(&counter.bank).await;
    let id_token = tokens.text("id_token");
    let sub = claims(&id_token)["sub"].as_str().unwrap().to_owned();
    (counter, sub, id_token)
}

#[actix_web::test]
async fn a_known_citizen_is_asked_and_the_answer_fetched_once() {
    let (counter, sub, _) = known().await;
    let asked = counter.backchannel(&counter.bank, &sub, &[("scope", Some("openid offline_access"))]).await;
    assert_eq!(asked.status, 200, "{asked:?}");
    assert_eq!((asked.json["expires_in"].as_u64(), asked.json["interval"].as_u64()), (Some(300), Some(5)));
    let id = asked.text("auth_req_id");
    assert_eq!(counter.poll(&counter.bank, CIBA, &id).await.error(), (400, "authorization_pending"));
    assert_eq!(counter.poll(&counter.bank, CIBA, &id).await.error(), (400, "slow_down"));
    let [waiting] = <[_; 1]>::try_from(counter.waiting().await).unwrap();
    assert_eq!(waiting.channel, Channel::Backchannel { message: "3番窓口 0042".into(), notification: None });
    let grant = counter.answer(&waiting, true).await.unwrap();
    assert_eq!(counter.poll(&counter.app, CIBA, &id).await.error(), (400, "invalid_grant"));
    let tokens = counter.poll(&counter.bank, CIBA, &id).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    assert_eq!(tokens.text("grant_id"), grant.as_str());
    assert!(tokens.text("refresh_token").starts_with("mgrt_"));
    assert_eq!(claims(&tokens.text("id_token"))["sub"].as_str(), Some(sub.as_str()));
    assert_eq!(counter.poll(&counter.bank, CIBA, &id).await.error(), (400, "invalid_grant"));
}

#[actix_web::test]
async fn what_a_representative_answers_says_nothing_of_who_anybody_is_and_ends_with_the_registration() {
    let (counter, sub, _) = known().await;
    let asked = counter.backchannel(&counter.bank, &sub, &[("scope", Some("openid offline_access"))]).await;
    let id = asked.text("auth_req_id");
    let [waiting] = <[_; 1]>::try_from(counter.waiting().await).unwrap();
    let grant = counter.answer_for_another(&waiting).await;
    let tokens = counter.poll(&counter.bank, CIBA, &id).await;
    assert_eq!((tokens.status, tokens.text("grant_id").as_str()), (200, grant.id.as_str()), "{tokens:?}");
    assert_eq!((tokens.text("scope").as_str(), tokens.json.get("id_token")), ("offline_access", None));
    let token = claims(&tokens.text("access_token"));
    assert_ne!(token["sub"].as_str(), Some(sub.as_str()), "the data are another's");
    let by = grant.acting.unwrap().id;
    let ended = counter.store().turn_representation(&by, Turn::End(RepresentationEnd::Principal), None, counter.now());
    assert!(ended.await.unwrap().is_done());
    let refreshing = counter.refreshing(&counter.bank, &tokens.text("refresh_token"));
    assert_eq!(counter.token(&counter.bank, &refreshing).await.error(), (400, "invalid_grant"));
}

#[actix_web::test]
async fn one_hint_leads_to_a_citizen_whom_the_client_knows() {
    let (counter, sub, id_token) = known().await;
    let now = counter.now().seconds();
    let token = |typ: &str, changes: Value| {
        let sub_id = json!({"format": "iss_sub", "iss": ISSUER, "sub": sub});
        let mut all = json!({"iss": "bank", "aud": ISSUER, "exp": now + 60, "sub_id": sub_id});
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        sign(&counter.bank.key, typ, &all).unwrap()
    };
    let right = token("login-hint+jwt", json!({}));
    let foreign =
        sign(&counter.app.key, "login-hint+jwt", &json!({"iss": "bank", "aud": ISSUER, "exp": now + 60})).unwrap();
    let stranger = format!("p~{}", handle());
    let cases = [
        (Vec::<(&'static str, Option<&str>)>::new(), ""),
        (vec![("login_hint", None), ("login_hint_token", Some(&right))], ""),
        (vec![("login_hint", None), ("id_token_hint", Some(&id_token))], ""),
        (vec![("login_hint", None)], "invalid_request"),
        (vec![("id_token_hint", Some(&id_token))], "invalid_request"),
        (vec![("login_hint", Some(&stranger))], "unknown_user_id"),
        (vec![("login_hint", Some("s_1"))], "unknown_user_id"),
        (vec![("login_hint", None), ("login_hint_token", Some(&foreign))], "invalid_request"),
        (vec![("login_hint", None), ("id_token_hint", Some(&right))], "invalid_request"),
        (vec![("login_hint", None), ("login_hint_token", Some("x"))], "invalid_request"),
    ];
    for (changes, error) in cases {
        let reply = counter.backchannel(&counter.bank, &sub, &changes).await;
        assert_eq!(reply.error().1, error, "{changes:?} {reply:?}");
    }
    for (typ, changes, error) in [
        ("JWT", json!({}), "invalid_request"),
        ("login-hint+jwt", json!({"exp": now - 1}), "expired_login_hint_token"),
        ("login-hint+jwt", json!({"aud": "https://other.example"}), "invalid_request"),
        ("login-hint+jwt", json!({"iss": "app"}), "invalid_request"),
        ("login-hint+jwt", json!({"sub_id": {"format": "opaque", "iss": ISSUER, "sub": sub}}), "invalid_request"),
    ] {
        let token = token(typ, changes.clone());
        let changes = [("login_hint", None), ("login_hint_token", Some(token.as_str()))];
        assert_eq!(counter.backchannel(&counter.bank, &sub, &changes).await.error().1, error, "{typ} {changes:?}");
    }
    // The app was never given this citizen, and has another sector: what the bank knows is nothing to it.
    change(&counter, "app", |client| client.sector = "app.example".into()).await;
    assert_eq!(counter.backchannel(&counter.app, &sub, &[]).await.error(), (400, "unknown_user_id"));
    let changes = [("login_hint", None), ("id_token_hint", Some(id_token.as_str()))];
    assert_eq!(counter.backchannel(&counter.app, &sub, &changes).await.error(), (400, "unknown_user_id"));
}

#[actix_web::test]
async fn a_question_must_be_one_that_can_be_told_from_another() {
    let (counter, sub, _) = known().await;
    let long = "字".repeat(41);
    for (changes, error) in [
        (vec![("binding_message", None)], "invalid_binding_message"),
        (vec![("binding_message", Some(long.as_str()))], "invalid_binding_message"),
        (vec![("binding_message", Some("a\u{202e}b"))], "invalid_binding_message"),
        (vec![("scope", Some("self_information"))], "invalid_scope"),
        (vec![("requested_expiry", Some("soon"))], "invalid_request"),
        (vec![("resource", Some("https://elsewhere.example/"))], "invalid_target"),
        (vec![("client_assertion", None)], "invalid_client"),
    ] {
        let reply = counter.backchannel(&counter.bank, &sub, &changes).await;
        assert_eq!(reply.error().1, error, "{changes:?}");
    }
    let short = counter.backchannel(&counter.bank, &sub, &[("requested_expiry", Some("30"))]).await;
    assert_eq!(short.json["expires_in"], 30);
    counter.clock.advance(Duration::from_secs(30));
    let late = counter.poll(&counter.bank, CIBA, &short.text("auth_req_id")).await;
    assert_eq!(late.error(), (400, "expired_token"));
    for change_to in [None, Some(Backchannel::Poll)] {
        change(&counter, "bank", |client| {
            if change_to.is_some() {
                client.profile.grant_types = GrantType::USUAL.to_vec();
            }
            client.profile.backchannel = change_to;
        })
        .await;
        let reply = counter.backchannel(&counter.bank, &sub, &[]).await;
        assert_eq!(reply.error(), (400, "unauthorized_client"));
    }
}

#[actix_web::test]
async fn one_client_cannot_wear_a_citizen_down() {
    let (counter, sub, _) = known().await;
    for _ in 0..5 {
        assert_eq!(counter.backchannel(&counter.bank, &sub, &[]).await.status, 200);
    }
    let refused = counter.backchannel(&counter.bank, &sub, &[]).await;
    assert_eq!(refused.error(), (429, "rate_limited"));
    assert!(refused.headers.contains_key("retry-after"));
}

#[actix_web::test]
async fn a_client_that_is_called_gives_a_token_which_is_kept_sealed() {
    let (counter, sub, _) = known().await;
    let endpoint = "https://bank.example/ping".to_owned();
    change(&counter, "bank", |client| {
        client.profile.backchannel = Some(Backchannel::Ping { notification_endpoint: endpoint });
    })
    .await;
    assert_eq!(counter.backchannel(&counter.bank, &sub, &[]).await.error(), (400, "invalid_request"));
    let token = handle();
    let asked = counter.backchannel(&counter.bank, &sub, &[("client_notification_token", Some(&token))]).await;
    assert_eq!(asked.status, 200, "{asked:?}");
    let [waiting] = <[_; 1]>::try_from(counter.waiting().await).unwrap();
    let Channel::Backchannel { notification: Some(sealed), .. } = &waiting.channel else { panic!("no notification") };
    let opened = Notification::open(sealed, &waiting.id, &counter.parts.master).unwrap();
    assert_eq!(opened.token.expose(), &token);
    assert_eq!(opened.auth_req_id.expose(), &asked.text("auth_req_id"));
    let kept = serde_json::to_string(&waiting).unwrap();
    assert!(!kept.contains(&token) && !kept.contains(&asked.text("auth_req_id")));
}

#[actix_web::test]
async fn a_signed_question_is_taken_and_nothing_beside_it_counts() {
    let (counter, sub, _) = known().await;
    let now = counter.now().seconds();
    let object = json!({
        "iss": "bank", "aud": ISSUER, "client_id": "bank", "nbf": now, "exp": now + 60, "jti": handle(),
        "scope": "openid", "login_hint": sub, "binding_message": "signed",
    });
    let object = sign(&counter.bank.key, "oauth-authz-req+jwt", &object).unwrap();
    let reply = counter
        .backchannel(&counter.bank, &sub, &[("request", Some(&object)), ("scope", Some("openid catalog"))])
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let [waiting] = <[_; 1]>::try_from(counter.waiting().await).unwrap();
    assert_eq!(waiting.scope.to_string(), "openid");
    assert!(matches!(&waiting.channel, Channel::Backchannel { message, .. } if message == "signed"));
    change(&counter, "bank", |client| client.profile.messages.require_signed_request_object = true).await;
    assert_eq!(counter.backchannel(&counter.bank, &sub, &[]).await.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_polls_with_one_auth_req_id_one_gets_tokens() {
    let (counter, sub, _) = known().await;
    let asked = counter.backchannel(&counter.bank, &sub, &[]).await;
    let [waiting] = <[_; 1]>::try_from(counter.waiting().await).unwrap();
    counter.answer(&waiting, true).await;
    let id = asked.text("auth_req_id");
    assert_eq!(counter.fifty_polls(CIBA, &id).await, 1);
}
