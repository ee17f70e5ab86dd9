//! From the consent to the clinic, once for each card, and its end.

use super::{Clinic, PLACE, SCOPE, WHO};
use crate::support::calls::Caller;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_consent_registers_the_card_that_was_signed_in_with_and_a_clinic_sees_who_it_is() {
    let (clinic, tokens) = Clinic::consented().await;
    let before = clinic.call(&tokens, "GET").await;
    assert_eq!((before.status, &before.body), (200, &json!({"state": "not_registered"})));
    assert_eq!(clinic.card(), None, "a consent alone registers nothing");
    let done = clinic.call(&tokens, "PUT").await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!((&done.body["state"], &done.body["is_this_card"]), (&json!("registered"), &json!(true)));
    let serial = clinic.card().expect("a card is known there");
    let visit = format!("{}qualification/visit?certificate_serial={serial}", clinic.installation.sandbox.public_url);
    let seen: Value = reqwest::get(visit).await.unwrap().json().await.unwrap();
    assert_eq!(seen["qualification"]["name"], json!("見本 太郎"), "{seen}");
    assert!(seen["qualification"]["insurer_name"].is_string() && seen["qualification"]["qualified_on"].is_string());
    // Neither number is told, in any answer.
    let after = clinic.call(&tokens, "GET").await;
    assert_eq!(after.body, done.body);
    let members: Vec<&String> = after.body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["state", "registered_at", "is_this_card"]);
    assert!(!after.body.to_string().contains(&serial));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_registered_once_however_often_and_however_many_at_once_call() {
    let (clinic, tokens) = Clinic::consented().await;
    let calls = (0..12).map(|_| clinic.call(&tokens, "PUT"));
    let told = futures_util::future::join_all(calls).await;
    for one in &told {
        let is_busy = one.brief() == (409, "conflict") && one.header("retry-after") == "5";
        assert!(one.status == 200 || is_busy, "{one:?}");
    }
    assert!(told.iter().any(|one| one.status == 200));
    assert_eq!(clinic.asked(), 1, "the qualification system is told once");
    let first = clinic.call(&tokens, "PUT").await;
    clinic.installation.clock.advance(std::time::Duration::from_mins(1));
    clinic.app.set_ahead(60);
    let again = clinic.call(&tokens, "PUT").await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(clinic.asked(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_card_takes_the_place_of_the_earlier_one() {
    let (mut clinic, tokens) = Clinic::consented().await;
    assert_eq!(clinic.call(&tokens, "PUT").await.status, 200);
    let earlier = clinic.card().unwrap();
    assert!(clinic.installation.sandbox.renew_card(WHO));
    // What was agreed to was about the earlier card.
    assert_eq!(clinic.call(&tokens, "PUT").await.body["is_this_card"], json!(true));
    assert_eq!(clinic.card().as_ref(), Some(&earlier));
    let anew = clinic.agree(SCOPE).await;
    assert_eq!(clinic.call(&anew, "GET").await.body["is_this_card"], json!(false));
    let done = clinic.call(&anew, "PUT").await;
    assert_eq!((done.status, &done.body["is_this_card"]), (200, &json!(true)), "{done:?}");
    assert_ne!(clinic.card().unwrap(), earlier);
    assert_eq!(clinic.asked(), 2);
    assert_eq!(clinic.call(&tokens, "GET").await.body["is_this_card"], json!(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_by_the_software_and_by_the_citizen() {
    let (mut clinic, tokens) = Clinic::consented().await;
    assert_eq!(clinic.call(&tokens, "DELETE").await.status, 204, "what is not there is not there");
    clinic.call(&tokens, "PUT").await;
    assert_eq!(clinic.call(&tokens, "DELETE").await.status, 204);
    assert_eq!(clinic.card(), None);
    assert_eq!(clinic.call(&tokens, "GET").await.body["state"], json!("not_registered"));
    assert_eq!(clinic.call(&tokens, "PUT").await.status, 200, "it can be registered again");

    let url = clinic.installation.public_url.clone();
    clinic.citizen.dashboard(&url).await.unwrap();
    let page = clinic.citizen.open(&format!("{url}/dashboard/links")).await.unwrap();
    let text = page.texts("main").join(" ");
    assert!(text.contains("Registered through this counter"), "{text}");
    let end = "/dashboard/links/health-insurance/end";
    let ended = clinic.citizen.press(&page, end).await.unwrap();
    let text = ended.texts("main").join(" ");
    assert!(text.contains("The registration has ended") && text.contains("No card of yours"), "{text}");
    assert_eq!(clinic.card(), None);
    let again = clinic.citizen.press(&page, end).await.unwrap().texts("main").join(" ");
    assert!(again.contains("no registration to end"), "{again}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_consent_page_says_all_three_steps_and_what_is_not_told() {
    let mut clinic = Clinic::open().await;
    let pending = clinic.app.push(SCOPE, &Value::Null).await.unwrap();
    let page = clinic.citizen.arrive(&pending.address).await.unwrap();
    let text = page.texts("main").join(" ");
    for part in ["オンライン資格確認", "被保険者番号", "利用者証明用電子証明書", "is told neither number"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    clinic.citizen.decide(&page, "refuse", &clinic.app.file.redirect_uri).await.unwrap();
    assert_eq!(clinic.asked(), 0);
    let caller = Caller::new(&clinic.app, &clinic.installation, 0);
    let nobody = caller.request("PUT", PLACE).send().await.unwrap();
    assert_eq!(nobody.status().as_u16(), 401);
}
