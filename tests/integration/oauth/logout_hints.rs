//! What is taken as an `id_token_hint` (RP-Initiated Logout §2 and §4), and whose id_tokens have a `sid`.

use super::counter::{Counter, ISSUER, claims};
use super::elsewhere::{CIBA, change, counter};
use madoguchi::domain::Fault;
use madoguchi::domain::grant::RevokedBy;
use madoguchi::domain::ids::{GrantId, SubjectId};
use madoguchi::domain::refusal::Failure;
use madoguchi::issuer::{KeyUse, rotate_now};
use madoguchi::protocol::jose::{Es256Signer, sign};
use madoguchi::protocol::logout_request::LogoutRequest;
use serde_json::json;
use std::time::Duration;

const BYE: &str = "https://bank.example/bye";

async fn told() -> Counter {
    let counter = counter().await;
    for id in ["bank", "app"] {
        change(&counter, id, |client| {
            client.profile.logout.post_logout_redirect_uris = vec![BYE.into()];
            client.profile.logout.backchannel_logout_uri = Some("https://bank.example/logout".into());
        })
        .await;
    }
    counter
}

fn request(hint: &str) -> LogoutRequest {
    LogoutRequest {
        id_token_hint: Some(hint.to_owned()),
        post_logout_redirect_uri: Some(BYE.to_owned()),
        ..LogoutRequest::default()
    }
}

/// The refusal's words; empty when the hint was taken.
async fn refused(counter: &Counter, request: &LogoutRequest) -> String {
    match counter.issuer.check_logout(request).await {
        Ok(checked) => {
            assert_eq!(checked.location(), Some(BYE));
            String::new()
        }
        Err(Failure::Refused(refusal)) => refusal.public,
        Err(Failure::Broken(fault)) => format!("broken: {fault}"),
    }
}

#[actix_web::test]
async fn an_id_token_of_ours_is_a_hint_however_old_while_its_key_is_kept() {
    let counter = told().await;
    let hint = counter.tokens(&counter.bank).await.text("id_token");
    assert_eq!(refused(&counter, &request(&hint)).await, "");
    counter.clock.advance(Duration::from_hours(20));
    assert!(claims(&hint)["exp"].as_i64().unwrap() < counter.now().seconds());
    assert_eq!(refused(&counter, &request(&hint)).await, "", "it is over, which does not matter (§4)");
    // Another key signs; the one before is kept for a while, and then it is not.
    let lead = Duration::from_mins(10);
    assert!(rotate(&counter, lead).await.unwrap());
    counter.clock.advance(lead + Duration::from_secs(1));
    counter.issuer.maintain_keys().await.unwrap();
    assert_eq!(refused(&counter, &request(&hint)).await, "", "by a former key");
    counter.clock.advance(Duration::from_hours(24 * 40));
    counter.issuer.maintain_keys().await.unwrap();
    counter.clock.advance(Duration::from_hours(24 * 40));
    counter.issuer.maintain_keys().await.unwrap();
    assert!(refused(&counter, &request(&hint)).await.starts_with("id_token_hint: it names no key"));
}

async fn rotate(counter: &Counter, lead: Duration) -> Result<bool, Fault> {
    let parts = &counter.parts;
    let ground = (&*parts.store, &*parts.master, &*parts.entropy);
    let made = rotate_now(KeyUse::Messages, ground, lead, counter.now()).await?;
    counter.issuer.maintain_keys().await?;
    Ok(made.is_some())
}

#[actix_web::test]
async fn nothing_else_is_a_hint() {
    let counter = told().await;
    let tokens = counter.tokens(&counter.bank).await;
    let hint = tokens.text("id_token");
    let stranger = Es256Signer::generate().unwrap().0;
    let own = json!({"iss": ISSUER, "aud": "bank", "sub": "p~1", "exp": counter.now().seconds() + 60});
    let unsigned = format!("{}.", hint.rsplit_once('.').unwrap().0);
    for (what, hint, words) in [
        ("another's signature", sign(&stranger, "JWT", &own).unwrap(), "names no key"),
        ("the client's own", sign(&counter.bank.key, "JWT", &own).unwrap(), "names no key"),
        ("an access token", tokens.text("access_token"), "typ"),
        ("no signature", unsigned, "signature"),
        ("encrypted", format!("{hint}.x.y"), "is encrypted; send the signed id_token"),
        ("no token", "x".into(), "compact JWS"),
        ("too long", "x".repeat(16_385), "compact JWS"),
    ] {
        let refused = refused(&counter, &request(&hint)).await;
        assert!(
            refused.starts_with("id_token_hint: ") && refused.contains(words) || what == "too long",
            "{what}: {refused}"
        );
    }
    let both = LogoutRequest { client_id: Some("app".into()), ..request(&hint) };
    assert!(refused(&counter, &both).await.starts_with("client_id: "));
    let agreeing = LogoutRequest { client_id: Some("bank".into()), ..request(&hint) };
    assert_eq!(refused(&counter, &agreeing).await, "");
}

#[actix_web::test]
async fn a_hint_about_somebody_else_is_seen() {
    let counter = told().await;
    let hint = counter.tokens(&counter.bank).await.text("id_token");
    let (own, other) = (counter.subject().await, counter.subject_called("2").await);
    let about = async |request: LogoutRequest, present: &[&SubjectId]| {
        let checked = counter.issuer.check_logout(&request).await.unwrap();
        counter.issuer.is_about_another(&checked, present.iter().copied())
    };
    assert!(!about(request(&hint), &[&own]).await);
    assert!(!about(request(&hint), &[&other, &own]).await);
    assert!(about(request(&hint), &[&other]).await);
    let named = LogoutRequest { client_id: Some("bank".into()), ..LogoutRequest::default() };
    assert!(!about(named, &[&other]).await, "nobody was named");
}

#[actix_web::test]
async fn only_clients_that_are_told_of_ends_get_a_sid_and_every_one_is_new() {
    let counter = told().await;
    let sid = async |counter: &Counter| claims(&counter.tokens(&counter.bank).await.text("id_token"))["sid"].clone();
    let (first, second) = (sid(&counter).await, sid(&counter).await);
    assert!(first.as_str().unwrap().starts_with("z_") && first != second, "{first} {second}");
    change(&counter, "bank", |client| client.profile.logout.backchannel_logout_uri = None).await;
    assert!(sid(&counter).await.is_null());
}

#[actix_web::test]
async fn who_answered_elsewhere_has_a_sid_that_ends_with_the_grant() {
    let counter = told().await;
    let sub = claims(&counter.tokens(&counter.bank).await.text("id_token"))["sub"].as_str().unwrap().to_owned();
    let ask = async || {
        let asked = counter.backchannel(&counter.bank, &sub, &[]).await;
        let [waiting] = <[_; 1]>::try_from(counter.waiting().await).unwrap();
        let grant = counter.answer(&waiting, true).await.unwrap();
        (asked.text("auth_req_id"), grant)
    };
    let due = async || counter.store().lease_notices(counter.now(), counter.now(), 10).await.unwrap();
    let revoke = async |grant: &GrantId| counter.store().revoke_grant(grant, counter.now(), RevokedBy::Citizen).await;
    let (id, grant) = ask().await;
    let tokens = counter.poll(&counter.bank, CIBA, &id).await;
    let sid = claims(&tokens.text("id_token"))["sid"].as_str().unwrap().to_owned();
    assert!(due().await.is_empty());
    assert!(revoke(&grant).await.unwrap());
    let noted: Vec<String> = due().await.into_iter().map(|notice| notice.sign_in.to_string()).collect();
    assert_eq!(noted, [sid]);
}

#[actix_web::test]
async fn metadata_names_the_way_out() {
    let counter = Counter::open().await;
    let told = counter.send(actix_web::test::TestRequest::get().uri("/.well-known/openid-configuration")).await.json;
    assert_eq!(told["end_session_endpoint"], json!(format!("{ISSUER}/oauth/logout")));
    assert_eq!(told["backchannel_logout_supported"], true);
    assert_eq!(told["backchannel_logout_session_supported"], true);
    assert_eq!(told.get("frontchannel_logout_supported"), None);
}
