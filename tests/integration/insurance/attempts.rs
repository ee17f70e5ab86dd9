//! What goes wrong: no card, no insurance, a system that is away or answers nonsense, and whoever may not.

use super::{Clinic, PLACE, SCOPE};
use crate::support::calls::Caller;
use crate::support::installation::Installation;
use madoguchi::domain::client::ClientClass;
use madoguchi::sandbox::qualification::Mood;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_that_is_away_or_odd_registers_nothing_here_and_the_same_call_heals_it() {
    let (clinic, tokens) = Clinic::consented().await;
    let system = clinic.installation.sandbox.qualification();
    system.feel(Mood::Away);
    let told = clinic.call(&tokens, "PUT").await;
    assert_eq!(told.brief(), (503, "health_insurance_unavailable"), "{told:?}");
    assert_eq!(told.header("retry-after"), "17");
    system.feel(Mood::Garbled);
    assert_eq!(clinic.call(&tokens, "PUT").await.brief(), (503, "health_insurance_unavailable"));
    assert_eq!(clinic.call(&tokens, "GET").await.body, json!({"state": "not_registered"}));
    system.feel(Mood::Forgetful);
    let told = clinic.call(&tokens, "PUT").await;
    assert_eq!(told.brief(), (409, "not_insured"), "{told:?}");
    system.feel(Mood::Well);
    assert_eq!(clinic.call(&tokens, "PUT").await.status, 200, "nobody holds the turn");
    // Ending: it is registered until the system has said that it is not.
    system.feel(Mood::Garbled);
    assert_eq!(clinic.call(&tokens, "DELETE").await.brief(), (503, "health_insurance_unavailable"));
    assert_eq!(clinic.call(&tokens, "GET").await.body["state"], json!("registered"));
    system.feel(Mood::Well);
    assert_eq!(clinic.call(&tokens, "DELETE").await.status, 204);
    assert_eq!(clinic.card(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_systems_or_without_the_card_it_is_said_so() {
    let unconnected = Installation::start_changed(1, |plan| plan.health_insurance = None).await;
    let mut clinic = Clinic::of(unconnected).await;
    let tokens = clinic.agree(SCOPE).await;
    let told = clinic.call(&tokens, "PUT").await;
    assert_eq!(told.brief(), (503, "health_insurance_unavailable"), "{told:?}");
    assert_eq!(clinic.call(&tokens, "DELETE").await.status, 204, "nothing was registered");
    // The scope alone is what the card is asked for: another consent knows none.
    let plain = clinic.agree("openid linked_services").await;
    assert_eq!(clinic.call(&plain, "PUT").await.brief(), (403, "insufficient_scope"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chat_may_not_and_a_consent_that_was_for_once_is_over_the_next_day() {
    let clinic = Clinic::open().await;
    let chat = clinic.installation.party("chat", ClientClass::ChatFront, "measurement").await;
    let mut citizen = clinic.installation.citizen();
    let pending = chat.push(SCOPE, &Value::Null).await.unwrap();
    let page = citizen.arrive(&pending.address).await.unwrap();
    let answer = citizen.decide(&page, "agree", &chat.file.redirect_uri).await.unwrap();
    let tokens = chat.exchange(pending, &answer).await.unwrap();
    let caller = Caller::new(&chat, &clinic.installation, 0);
    assert_eq!(caller.call(&tokens.access, "PUT", PLACE, None).await.brief(), (403, "refused_by_policy"));
    assert_eq!(clinic.asked(), 0);

    let (clinic, tokens) = Clinic::consented().await;
    clinic.installation.clock.advance(Duration::from_hours(25));
    assert_eq!(clinic.call(&tokens, "PUT").await.status, 401);
    assert_eq!(clinic.asked(), 0);
}
