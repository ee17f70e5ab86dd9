//! Interviews that go with applications: a municipality opens times, whoever applied books one, comes, and is decided on.

use super::Payroll;
use super::applications::{
    ALL, CARD, OTHER_CARD, Parties, RECEIVED, apply, consented, id_of, parties, result, step, told,
};
use crate::support::played::browser::Page;
use crate::support::played::citizen::Citizen;
use crate::support::played::third_party::Answer;
use futures_util::future::join_all;
use madoguchi::domain::{Clock, SystemClock, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

pub(super) const SLOTS: &str = "/agency/v1/interview-slots";
pub(super) const APPOINTMENTS: &str = "/agency/v1/interview-appointments";
const PROCEDURE: &str = "child-rearing-allowance-current-state";

/// A whole minute, so many from now.
pub(super) fn minutes(clock: &dyn Clock, ahead: i64) -> String {
    let minute = clock.now().seconds().div_euclid(60) + ahead;
    Timestamp::from_seconds(minute * 60).rfc3339()
}

/// From so many minutes from now on, for half an hour.
pub(super) fn slot(ahead: i64, capacity: u16) -> Value {
    let at = |more: i64| minutes(&SystemClock, ahead + more);
    json!({
        "procedures": [PROCEDURE, "nursery-application"], "starts_at": at(0), "ends_at": at(30), "capacity": capacity,
        "place": {"ja": "見本市役所 2階 こども家庭課", "en": "Mihon City Hall, second floor"},
    })
}

pub(super) async fn opened(city: &Payroll, key: &str, slots: &[Value]) -> Answer {
    city.send((Method::POST, SLOTS), &[("idempotency-key", key)], Some(&json!({"slots": slots}))).await
}

/// The ids of what was published.
pub(super) async fn published(city: &Payroll, key: &str, slots: &[Value]) -> Vec<String> {
    let answer = opened(city, key, slots).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let items = answer.body["items"].as_array().unwrap();
    items.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// 児童扶養手当の現況届, with which an interview must go.
pub(super) fn report() -> Value {
    json!({
        "municipality": "999016", "procedure": PROCEDURE, "form": "child-rearing-allowance-current-state-1",
        "applied_by": {"kind": "self"},
        "answers": {
            "applicant": {
                "fiscal_year": 2026, "name": "見本　花子", "name_kana": "ミホン　ハナコ", "birth_date": "1990-05-05",
                "postal_code": "1540001", "address": "東京都世田谷区見本1-2-3", "phone": "0300000000",
                "child_support_yen": 240_000,
            },
            "entries": [{
                "name": "見本　一郎", "birth_date": "2018-04-02", "relationship": "1", "is_supported_child": true,
                "lives_together": true,
            }],
        },
    })
}

pub(super) async fn reported(family: &Payroll, key: &str) -> String {
    id_of(&apply(family, key, &report()).await)
}

pub(super) async fn book(family: &Payroll, id: &str, slot: &str, instead_of: Option<&str>) -> Answer {
    let mut body = json!({"slot": slot});
    if let Some(earlier) = instead_of {
        body["instead_of"] = json!(earlier);
    }
    family.send((Method::PUT, &format!("{ALL}/{id}/interview")), &[], Some(&body)).await
}

pub(super) async fn cancel(family: &Payroll, id: &str, slot: &str) -> Answer {
    family.post(&format!("{ALL}/{id}/interview/cancel"), Some(&json!({"slot": slot}))).await
}

pub(super) async fn record(city: &Payroll, id: &str, what: &str) -> Answer {
    city.post(&format!("{RECEIVED}/{id}/interview"), Some(&json!({"result": what}))).await
}

pub(super) async fn free(family: &Payroll, id: &str) -> Vec<String> {
    let answer = family.get(&format!("{ALL}/{id}/interview-slots")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let items = answer.body["items"].as_array().unwrap();
    items.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// How many places are taken of the city's times, by their beginning.
pub(super) async fn taken(city: &Payroll) -> Vec<u64> {
    let answer = city.get(SLOTS).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["items"].as_array().unwrap().iter().map(|one| one["taken"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_is_booked_changed_and_kept_and_then_the_report_is_approved() {
    let all = parties().await;
    let slots = published(&all.city, "one", &[slot(40, 1), slot(60, 2)]).await;
    let [early, later] = slots.as_slice() else { unreachable!("two were published") };
    let id = reported(&all.family, "one").await;
    let seen = all.family.get(&format!("{ALL}/{id}")).await.body["interview"].clone();
    assert_eq!((&seen["need"], &seen["next"], &seen["is_held"]), (&json!("required"), &json!("book"), &json!(false)));
    assert_eq!(free(&all.family, &id).await, slots);
    let refused = step(&all.city, &id, "decide", &result("approved")).await;
    assert_eq!(told(&refused), (409, Some("interview_not_held"), Some("/decision")), "{}", refused.body);

    let booked = book(&all.family, &id, early, None).await;
    assert_eq!((booked.status, &booked.body["interview"]["next"]), (200, &json!("come")), "{}", booked.body);
    assert_eq!(booked.body["interview"]["appointment"]["meeting"]["place"], slot(0, 1)["place"]);
    let again = book(&all.family, &id, early, None).await;
    assert_eq!((again.status, &again.body["interview"]), (200, &booked.body["interview"]), "the same call");
    assert_eq!(told(&book(&all.family, &id, later, None).await), (409, Some("already_booked"), Some("/instead_of")));
    let changed = book(&all.family, &id, later, Some(early)).await;
    assert_eq!((changed.status, &changed.body["interview"]["appointment"]["slot"]), (200, &json!(later)));
    assert_eq!(taken(&all.city).await, [0, 1], "the earlier one is free");
    assert_eq!(told(&cancel(&all.family, &id, early).await), (409, Some("already_booked"), Some("/slot")));

    let list = all.city.get(APPOINTMENTS).await.body;
    let number = &changed.body["application"]["arrival_number"];
    assert_eq!((&list["items"][0]["arrival_number"], &list["items"][0]["application"]), (number, &json!(id)), "{list}");
    assert!(!list.to_string().contains("花子"), "nothing of what it says: {list}");
    let page = all.city.get(RECEIVED).await.body;
    assert_eq!(page["items"][0]["appointment"]["state"], "booked", "{page}");
    assert_eq!(step(&all.city, &id, "decide", &result("approved")).await.body["code"], "interview_not_held");
    let came = record(&all.city, &id, "attended").await;
    assert_eq!((came.status, &came.body["interview"]["is_held"]), (200, &json!(true)), "{}", came.body);
    assert_eq!(book(&all.family, &id, early, None).await.body["code"], "conflict", "it was held");
    assert_eq!(free(&all.family, &id).await, Vec::<String>::new());
    assert_eq!(step(&all.city, &id, "decide", &result("approved")).await.status, 200);
    let seen = all.family.get(&format!("{ALL}/{id}")).await.body["interview"].clone();
    let acts: Vec<_> = seen["steps"].as_array().unwrap().iter().map(|step| step["act"].as_str().unwrap()).collect();
    assert_eq!((acts.as_slice(), &seen["next"]), (["booked", "changed", "attended"].as_slice(), &json!("nothing")));
    check_events(&all, &id).await;
}

/// Each side is told what the other did, by ids alone.
async fn check_events(all: &Parties, id: &str) {
    let mut software = Payroll::open_for(&all.app.directory(), "family_app", "submissions").await;
    software.renew().await;
    let news = async |of: &Payroll| {
        let body = of.get("/v1/events?limit=100").await.body;
        assert!(body.to_string().contains(id) && !body.to_string().contains("見本"), "{body}");
        let all = body["events"].as_array().unwrap().iter();
        all.map(|one| one["application_news"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all_of_it = ["arrived", "interview_booked", "interview_booked", "interview_recorded", "decided"];
    assert_eq!(news(&software).await, all_of_it);
    assert_eq!(news(&all.city).await, ["arrived", "interview_booked", "interview_booked"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_is_withdrawn_and_whoever_had_it_is_told_and_books_another() {
    let all = parties().await;
    let slots = published(&all.city, "one", &[slot(40, 1), slot(60, 1)]).await;
    let id = reported(&all.family, "one").await;
    assert_eq!(book(&all.family, &id, &slots[0], None).await.status, 200);
    let own = format!("{SLOTS}/{}/withdraw", slots[0]);
    let town = Payroll::open_for(&all.app.directory(), "town_desk", "agency_applications").await;
    assert_eq!(told(&town.post(&own, Some(&json!({}))).await), (404, Some("not_found"), Some("id")));
    let note = json!({"note": "担当者の都合により中止します。"});
    let gone = all.city.post(&own, Some(&note)).await;
    assert_eq!((gone.status, &gone.body["taken"]), (200, &json!(0)), "{}", gone.body);
    assert_eq!(all.city.post(&own, Some(&note)).await.body, gone.body, "once");
    let seen = all.family.get(&format!("{ALL}/{id}")).await.body["interview"].clone();
    assert_eq!((&seen["next"], &seen["appointment"]["state"]), (&json!("book"), &json!("cancelled")), "{seen}");
    assert_eq!((&seen["steps"][1]["act"], &seen["steps"][1]["note"]), (&json!("slot_withdrawn"), &note["note"]));
    assert_eq!(told(&book(&all.family, &id, &slots[0], None).await), (409, Some("slot_gone"), Some("/slot")));
    assert_eq!(free(&all.family, &id).await, [slots[1].clone()]);
    assert_eq!(book(&all.family, &id, &slots[1], None).await.status, 200);
    let mut software = Payroll::open_for(&all.app.directory(), "family_app", "submissions").await;
    software.renew().await;
    let events = software.get("/v1/events?limit=100").await.body;
    assert_eq!(events["events"][2]["application_news"], "interview_withdrawn", "{events}");
    // The place goes with the application.
    assert_eq!(taken(&all.city).await, [0, 1]);
    assert_eq!(all.family.post(&format!("{ALL}/{id}/withdraw"), None).await.status, 200);
    assert_eq!(taken(&all.city).await, [0, 0]);
    assert_eq!(told(&book(&all.family, &id, &slots[1], None).await).1, Some("conflict"), "it is over");
    let other = reported(&all.family, "two").await;
    assert_eq!(book(&all.family, &other, &slots[1], None).await.status, 200);
    assert_eq!(step(&all.city, &other, "decide", &result("rejected")).await.status, 200, "that needs none");
    assert_eq!(taken(&all.city).await, [0, 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_want_the_last_place_one_has_it_and_one_application_has_one_time() {
    let all = parties().await;
    let slots = published(&all.city, "one", &[slot(40, 1), slot(60, 9), slot(80, 9)]).await;
    let mut ids = Vec::new();
    for n in 0..8 {
        ids.push(reported(&all.family, &format!("key-{n}")).await);
    }
    let answers = join_all(ids.iter().map(|id| book(&all.family, id, &slots[0], None))).await;
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1, "{:?}", answers.iter().map(told).collect::<Vec<_>>());
    assert!(answers.iter().all(|one| one.status == 200 || told(one) == (409, Some("slot_full"), Some("/slot"))));
    let lost = ids.iter().zip(&answers).find(|(_, answer)| answer.status != 200).unwrap().0;
    let answers = join_all((0..8).map(|n| book(&all.family, lost, &slots[1 + n % 2], None))).await;
    assert!(answers.iter().any(|one| one.status == 200));
    assert!(answers.iter().all(|one| one.status == 200 || one.status == 409));
    let taken = taken(&all.city).await;
    assert_eq!((taken[0], taken[1] + taken[2]), (1, 1), "{taken:?}");
}

fn main_of(page: &Page) -> String {
    page.texts("main").join(" ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_books_changes_and_gives_up_a_time_at_the_dashboard() {
    let all = parties().await;
    let slots = published(&all.city, "one", &[slot(40, 1), slot(60, 1)]).await;
    let id = reported(&all.family, "one").await;
    let counter = all.family.party.file.issuer.clone();
    let place = format!("{counter}/dashboard/applications/{id}/interview");
    let action = format!("/dashboard/applications/{id}/interview");
    let mut citizen = Citizen::new(CARD.0, CARD.1).unwrap();
    citizen.dashboard(&counter).await.unwrap();
    let list = citizen.open(&format!("{counter}/dashboard/applications")).await.unwrap();
    assert!(main_of(&list).contains("it is not approved before"), "{}", main_of(&list));
    assert!(list.links().contains(&action), "{:?}", list.links());
    let page = citizen.open(&place).await.unwrap();
    assert!(main_of(&page).contains("Mihon City Hall, second floor (1 left)"), "{}", main_of(&page));
    let none = citizen.fill(&page, &action, &[("decision", "book")]).await.unwrap();
    assert!(none.status == 422 && main_of(&none).contains("Please choose a time"), "{}", main_of(&none));
    let done = citizen.fill(&page, &action, &[("decision", "book"), ("slot", &slots[0])]).await.unwrap();
    assert!(main_of(&done).contains("The interview is booked"), "{}", main_of(&done));
    let starts = slot(40, 1)["starts_at"].as_str().unwrap()[11..16].to_owned();
    let shown = done.texts(".interview").join(" ");
    assert!(shown.contains("Booked") && shown.contains(':'), "{shown} {starts}");
    let seen = all.family.get(&format!("{ALL}/{id}")).await.body["interview"]["appointment"].clone();
    assert_eq!((&seen["slot"], &seen["state"]), (&json!(slots[0]), &json!("booked")), "its software sees it, too");

    // What the software changed meanwhile is not overwritten by a page that shows the earlier time.
    let page = citizen.open(&place).await.unwrap();
    assert_eq!(book(&all.family, &id, &slots[1], Some(&slots[0])).await.status, 200);
    let stale = citizen.fill(&page, &action, &[("decision", "cancel")]).await.unwrap();
    assert!(stale.status == 422 && main_of(&stale).contains("changed after you saw it"), "{}", main_of(&stale));
    let page = citizen.open(&place).await.unwrap();
    let moved = citizen.fill(&page, &action, &[("decision", "book"), ("slot", &slots[0])]).await.unwrap();
    assert!(main_of(&moved).contains("The interview is booked"), "{}", main_of(&moved));
    assert_eq!(taken(&all.city).await, [1, 0]);
    let page = citizen.open(&place).await.unwrap();
    let gone = citizen.fill(&page, &action, &[("decision", "cancel")]).await.unwrap();
    assert!(main_of(&gone).contains("The appointment was cancelled"), "{}", main_of(&gone));
    assert_eq!(taken(&all.city).await, [0, 0]);

    let mut stranger = Citizen::new(OTHER_CARD.0, OTHER_CARD.1).unwrap();
    let own = stranger.dashboard(&counter).await.unwrap();
    assert_eq!(stranger.open(&place).await.unwrap().status, 404);
    assert!(!main_of(&own).contains(&id), "{}", main_of(&own));
    let forged = citizen.open(&place).await.unwrap();
    let forged = stranger.fill(&forged, &action, &[("decision", "book"), ("slot", &slots[0])]).await.unwrap();
    assert!(forged.status >= 400, "{}", forged.status);
    assert_eq!(taken(&all.city).await, [0, 0]);
    let family = Box::pin(consented(&all.app, "family_app", OTHER_CARD)).await;
    assert_eq!(told(&book(&family, &id, &slots[0], None).await), (404, Some("not_found"), Some("id")));
}
