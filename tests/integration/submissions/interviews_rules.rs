//! What is refused about interviews: what is wrong with a time, by its place; whatever is another's; and what comes too late.

use super::Payroll;
use super::applications::{
    ALL, CARD, OTHER_CARD, RECEIVED, apply, by_consent, consented, id_of, nursery, parties, parties_of, result, step,
    told,
};
use super::attachments::damage;
use super::interviews::{
    APPOINTMENTS, SLOTS, book, cancel, free, minutes, opened, published, record, reported, slot, taken,
};
use crate::support::app::spawn_app_at;
use crate::support::clock::ShiftedClock;
use crate::support::played::files::ClientFile;
use crate::support::played::third_party::ThirdParty;
use madoguchi::domain::SystemClock;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn with(name: &str, value: Value) -> Value {
    let mut one = slot(40, 1);
    one[name] = value;
    one
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_time_is_told_by_its_place_and_none_is_published() {
    let all = parties().await;
    let at = |ahead| json!(minutes(&SystemClock, ahead));
    for (wrong, place) in [
        (with("procedures", json!([])), "procedures"),
        (with("procedures", json!(["damage-certificate"])), "procedures/0"),
        (with("procedures", json!(["nursery-application", "nursery-application"])), "procedures/1"),
        (with("place", json!({"ja": "", "en": "x"})), "place/ja"),
        (with("place", json!({"ja": "市役所", "en": "x".repeat(121)})), "place/en"),
        (with("starts_at", json!("2026-12-01 10:00")), "starts_at"),
        (with("starts_at", json!("2026-12-01T10:00:30+09:00")), "starts_at"),
        (with("starts_at", at(-5)), "starts_at"),
        (with("starts_at", at(60 * 24 * 370)), "starts_at"),
        (with("ends_at", at(40)), "ends_at"),
        (with("ends_at", at(40 + 721)), "ends_at"),
        (with("deadline", at(42)), "deadline"),
        (with("deadline", at(-1)), "deadline"),
        (with("capacity", json!(0)), "capacity"),
        (with("capacity", json!(101)), "capacity"),
    ] {
        let answer = opened(&all.city, "wrong", &[slot(50, 1), wrong.clone()]).await;
        assert_eq!(told(&answer), (422, Some("invalid_value"), Some(&*format!("/slots/1/{place}"))), "{wrong}");
    }
    assert_eq!(told(&opened(&all.city, "none", &[]).await), (422, Some("invalid_value"), Some("/slots")));
    let many = vec![slot(40, 1); 201];
    assert_eq!(told(&opened(&all.city, "many", &many).await), (422, Some("invalid_value"), Some("/slots")));
    let without = all.city.post(SLOTS, Some(&json!({"slots": [slot(40, 1)]}))).await;
    assert_eq!(told(&without), (400, Some("invalid_request"), Some("Idempotency-Key")));
    assert_eq!(taken(&all.city).await, Vec::<u64>::new(), "nothing of all that");
    let body = [slot(40, 1)];
    let first = published(&all.city, "one", &body).await;
    assert_eq!(published(&all.city, "one", &body).await, first, "the same call");
    let other = opened(&all.city, "one", &[slot(41, 1)]).await;
    assert_eq!(told(&other), (422, Some("idempotency_key_reused"), Some("Idempotency-Key")));
    for (path, place) in [
        (format!("{SLOTS}?date=2026-13-01"), "date"),
        (format!("{SLOTS}?after=x"), "after"),
        (format!("{APPOINTMENTS}?limit=0"), "limit"),
        (format!("{APPOINTMENTS}?municipality=999016"), "municipality"),
    ] {
        assert_eq!(told(&all.city.get(&path).await), (422, Some("invalid_value"), Some(place)), "{path}");
    }
    let day = |path: &str, date: &str| format!("{path}?date={date}");
    assert_eq!(all.city.get(&day(SLOTS, "2020-01-01")).await.body, json!({"items": []}));
    let starts = slot(40, 1)["starts_at"].as_str().unwrap()[..10].to_owned();
    assert_eq!(all.city.get(&day(SLOTS, &starts)).await.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_municipality_person_or_procedure_has_nothing_of_it() {
    let all = parties().await;
    let town = Payroll::open_for(&all.app.directory(), "town_desk", "agency_applications").await;
    let own = published(&all.city, "one", &[slot(40, 3)]).await.remove(0);
    let elsewhere = published(&town, "one", &[slot(40, 3)]).await.remove(0);
    let mut nursery_only = slot(50, 3);
    nursery_only["procedures"] = json!(["nursery-application"]);
    let other_procedure = published(&all.city, "two", &[nursery_only]).await.remove(0);
    let id = reported(&all.family, "one").await;
    assert_eq!(free(&all.family, &id).await, std::slice::from_ref(&own), "its municipality's, for its procedure");
    for wrong in [&*elsewhere, &*other_procedure, "isl_unknown", "%"] {
        assert_eq!(
            told(&book(&all.family, &id, wrong, None).await),
            (422, Some("invalid_value"), Some("/slot")),
            "{wrong}"
        );
    }
    let stranger = Box::pin(consented(&all.app, "family_app", OTHER_CARD)).await;
    assert_eq!(book(&all.family, &id, &own, None).await.status, 200);
    for answer in [
        book(&stranger, &id, &own, None).await,
        cancel(&stranger, &id, &own).await,
        stranger.get(&format!("{ALL}/{id}/interview-slots")).await,
        record(&town, &id, "held_otherwise").await,
    ] {
        assert_eq!(told(&answer), (404, Some("not_found"), Some("id")));
    }
    assert_eq!((taken(&town).await, taken(&all.city).await), (vec![0], vec![1, 0]));
    assert_eq!(town.get(APPOINTMENTS).await.body, json!({"items": []}));
    for path in [SLOTS, APPOINTMENTS] {
        assert_eq!(all.family.get(path).await.body["code"], "insufficient_scope");
    }
    // With a form that asks for none, none is offered.
    let damaged = id_of(&apply(&all.family, "damage", &damage(&[])).await);
    assert_eq!(free(&all.family, &damaged).await, Vec::<String>::new());
    assert_eq!(book(&all.family, &damaged, &own, None).await.body["code"], "conflict");
    assert!(all.family.get(&format!("{ALL}/{damaged}")).await.body["interview"].is_null());
    let nursing = apply(&all.family, "nursery", &nursery()).await;
    assert_eq!(nursing.body["interview"]["need"], "offered", "{}", nursing.body);
    assert_eq!(free(&all.family, &id_of(&nursing)).await, [own, other_procedure]);
    let decided = step(&all.city, &id_of(&nursing), "decide", &result("approved")).await;
    assert_eq!(decided.status, 200, "what is offered holds nothing up: {}", decided.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_its_deadline_a_time_is_neither_booked_nor_changed_nor_given_up() {
    let clock = Arc::new(ShiftedClock::default());
    let mut all = parties_of(spawn_app_at(Arc::clone(&clock) as _).await).await;
    let mut soon = slot(90, 1);
    soon["deadline"] = json!(minutes(&*clock, 20));
    let slots = published(&all.city, "one", &[soon, slot(120, 1), slot(180, 1)]).await;
    let (id, other) = (reported(&all.family, "one").await, reported(&all.family, "two").await);
    assert_eq!(book(&all.family, &id, &slots[0], None).await.status, 200);
    assert_eq!(record(&all.city, &id, "attended").await.body["code"], "conflict", "it has yet to come");
    clock.advance(Duration::from_mins(30));
    let ahead = clock.ahead();
    all.city.party.set_ahead(ahead);
    all.city.renew().await;
    let party = ThirdParty::open(ClientFile::read(&all.app.directory(), "family_app").unwrap()).await.unwrap();
    party.set_ahead(ahead);
    all.family = Box::pin(by_consent(party, CARD)).await;

    for answer in [cancel(&all.family, &id, &slots[0]).await, book(&all.family, &id, &slots[1], Some(&slots[0])).await]
    {
        assert_eq!((answer.status, &answer.body["code"]), (409, &json!("interview_too_late")), "{}", answer.body);
    }
    assert_eq!(free(&all.family, &other).await, [slots[1].clone(), slots[2].clone()]);
    assert_eq!(
        told(&book(&all.family, &other, &slots[0], None).await),
        (409, Some("interview_too_late"), Some("/slot"))
    );
    // The municipality meets them all the same, and corrects what it wrote down.
    clock.advance(Duration::from_hours(1));
    all.city.party.set_ahead(clock.ahead());
    all.city.renew().await;
    let begun = all.city.post(&format!("{SLOTS}/{}/withdraw", slots[0]), Some(&json!({}))).await;
    assert_eq!((begun.status, &begun.body["code"]), (409, &json!("conflict")), "{}", begun.body);
    for what in ["not_attended", "attended"] {
        let answer = record(&all.city, &id, what).await;
        assert_eq!((answer.status, &answer.body["interview"]["appointment"]["state"]), (200, &json!(what)));
        assert_eq!(record(&all.city, &id, what).await.body["code"], "conflict", "{what} again");
    }
    let unknown = all.city.post(&format!("{RECEIVED}/{id}/interview"), Some(&json!({"result": "late"}))).await;
    assert_eq!((unknown.status, &unknown.body["code"]), (400, &json!("invalid_request")));
    let otherwise = record(&all.city, &other, "held_otherwise").await;
    assert_eq!((otherwise.status, &otherwise.body["interview"]["is_held"]), (200, &json!(true)), "{}", otherwise.body);
    assert_eq!(step(&all.city, &other, "decide", &result("approved")).await.status, 200);
}
