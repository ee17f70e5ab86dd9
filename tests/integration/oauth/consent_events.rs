//! A third party is told at once what becomes of a consent: a Security Event Token (RFC 8417), pushed (RFC 8935).

use super::logout_server::Scene;
use crate::support::played::browser::{Browser, Page};
use serde_json::{Value, json};
use std::time::Duration;

const SESSION_REVOKED: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";

/// Presses the button of the newest grant's page, and the one that confirms it where there is one.
async fn press(scene: &Scene, citizen: &mut Browser, action: &str) -> Page {
    let dashboard = scene.dashboard(citizen, 0).await;
    let place = dashboard.links().into_iter().find(|link| link.starts_with("/dashboard/grants/")).unwrap();
    let page = citizen.open(&format!("{}{place}", scene.url()), "").await.unwrap();
    let done = citizen.submit(&page, &page.form_to(action).unwrap(), "").await.unwrap();
    match done.form_to(action) {
        Ok(form) if action == "/revoke" => citizen.submit(&done, &form, "").await.unwrap(),
        _ => done,
    }
}

async fn event(scene: &Scene, posts: &[(String, String, String)]) -> Value {
    let (client, kind, token) = posts.last().unwrap();
    assert_eq!((client.as_str(), kind.as_str()), ("bank", "application/secevent+jwt"));
    scene.verified_as("secevent+jwt", token).await
}

#[actix_web::test]
async fn a_third_party_is_told_of_a_pause_a_resumption_and_an_end() {
    let scene = Scene::open(&[202]).await;
    let bank = scene.installation.party("bank", madoguchi::domain::client::ClientClass::Bank, "measurement").await;
    let uri = scene.server.uri("bank");
    scene.change("bank", |client| client.profile.consent_events_uri = Some(uri)).await;
    let mut citizen = Browser::new("en").unwrap();
    let tokens = scene.tokens(&bank, &mut citizen, 0).await;
    let sub = super::logout_server::told_in(&tokens)["sub"].clone();
    let own = format!("{}/events/consent-changed", bank.file.issuer);
    let mut grants = Vec::new();
    for (count, (action, state)) in
        [("/pause", "paused"), ("/resume", "active"), ("/revoke", "revoked")].iter().enumerate()
    {
        // Two changes of one kind in one millisecond would be one event.
        scene.installation.clock.advance(Duration::from_secs(1));
        let done = press(&scene, &mut citizen, action).await;
        assert_eq!(done.texts("[role=status]").len(), 1, "{}", done.text());
        let told = event(&scene, &scene.server.posts(count + 1).await).await;
        assert_eq!((&told["aud"], &told["iss"]), (&json!("bank"), &json!(bank.file.issuer)));
        assert_eq!(told["sub_id"], json!({"format": "iss_sub", "iss": bank.file.issuer, "sub": sub}));
        let change = &told["events"][&own];
        assert_eq!((&change["state"], &change["initiating_entity"]), (&json!(state), &json!("user")), "{told}");
        assert_eq!(told["events"].get(SESSION_REVOKED).is_some(), *state == "revoked");
        assert!(told.get("exp").is_none());
        grants.push(change["grant_id"].clone());
    }
    assert!(grants.iter().all(|grant| *grant == grants[0]), "{grants:?}");
}

#[actix_web::test]
async fn an_event_that_is_not_taken_comes_again_as_the_same_and_others_are_told_nothing() {
    let scene = Scene::open(&[503, 202]).await;
    let bank = scene.installation.party("bank", madoguchi::domain::client::ClientClass::Bank, "measurement").await;
    let mut citizen = Browser::new("en").unwrap();
    scene.tokens(&bank, &mut citizen, 0).await;
    // Nobody asked to be told yet.
    press(&scene, &mut citizen, "/pause").await;
    let uri = scene.server.uri("bank");
    scene.change("bank", |client| client.profile.consent_events_uri = Some(uri)).await;
    press(&scene, &mut citizen, "/resume").await;
    let first = event(&scene, &scene.server.posts(1).await).await;
    scene.installation.clock.advance(Duration::from_secs(5));
    let again = event(&scene, &scene.server.posts(2).await).await;
    assert_eq!((&again["jti"], &again["events"]), (&first["jti"], &first["events"]));
}
