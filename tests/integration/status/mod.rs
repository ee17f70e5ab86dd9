//! `/status`: what is told is what calls came to; incidents and maintenance as the operator tells them; what is stopped is not
//! called.

mod commands;
mod lifecycle;

use crate::records::family;
use crate::support::calls::Told;
use crate::support::installation::Installation;
use madoguchi::domain::service_status::{
    ComponentCode, ComponentState, StatusNotice, StatusNoticeKind, StatusStep, StatusUpdate,
};
use madoguchi::domain::{Clock as _, SystemEntropy, Words};
use madoguchi::services::status::desk::{self, NewNotice};
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, IF_NONE_MATCH};
use scraper::{Html, Selector};
use serde_json::Value;
use std::time::Duration;

fn words(text: &str) -> Words {
    Words { ja: format!("{text}（見本）"), en: text.to_owned() }
}

fn new(component: &str) -> NewNotice {
    let components = vec![ComponentCode::parse(component).unwrap()];
    NewNotice { components, title: words("Title <1>"), text: words("What is known"), by: "hidden-operator".into() }
}

fn update(installation: &Installation, step: StatusStep) -> StatusUpdate {
    StatusUpdate { at: installation.clock.now(), step, text: words("And more"), by: "hidden-operator".into() }
}

/// The board, looked at anew.
async fn board(installation: &Installation) -> Value {
    installation.clock.advance(Duration::from_secs(6));
    let told = get(installation, "/status.json").await;
    assert_eq!(told.status, 200, "{told:?}");
    told.body
}

async fn get(installation: &Installation, path: &str) -> Told {
    Told::by(reqwest::Client::new().get(format!("{}{path}", installation.nodes[0].url))).await
}

fn state<'b>(board: &'b Value, code: &str) -> &'b str {
    let all = board["components"].as_array().unwrap();
    all.iter().find(|one| one["component"] == code).unwrap()["state"].as_str().unwrap()
}

async fn planned(installation: &Installation, component: &str) -> StatusNotice {
    let now = installation.clock.now();
    let times = (now.plus(Duration::from_hours(1)), now.plus(Duration::from_hours(2)));
    let store = &*installation.store.store;
    desk::plan_maintenance(store, (new(component), times), (now, &SystemEntropy)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_component_works_only_after_a_call_of_it_came_to_something() {
    let family = family().await;
    let before = board(&family.installation).await;
    assert_eq!(state(&before, "provision-records"), "unknown", "nobody called it");
    assert_eq!(state(&before, "sign-in"), "operational", "a citizen signed in just now");
    assert_eq!(state(&before, "counter"), "operational");
    assert_eq!(family.read("").await.status, 200);
    let after = board(&family.installation).await;
    assert_eq!(state(&after, "provision-records"), "operational");
    let seen = after["components"].as_array().unwrap().iter().find(|one| one["component"] == "provision-records");
    assert!(seen.unwrap()["last_success_at"].is_string(), "{seen:?}");
    family.installation.links.government.cut();
    for _ in 0..10 {
        assert_eq!(family.read("").await.status, 503);
    }
    assert_eq!(state(&board(&family.installation).await, "provision-records"), "outage");
    let days = family.installation.store.store.list_component_days(chrono::NaiveDate::MIN).await.unwrap();
    let worst = days.iter().find(|one| one.component.as_str() == "provision-records").unwrap().worst;
    assert_eq!(worst, ComponentState::Outage, "the day remembers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stopped_as_planned_answers_503_that_names_the_maintenance_and_is_not_called() {
    let family = family().await;
    let plan = planned(&family.installation, "provision-records").await;
    board(&family.installation).await;
    assert_eq!(family.read("").await.status, 200, "it is to come");
    let begun = update(&family.installation, StatusStep::Begun);
    let (store, of) = (&*family.installation.store.store, (StatusNoticeKind::Maintenance, plan.id.as_str()));
    desk::update(store, of, begun).await.unwrap();
    assert_eq!(state(&board(&family.installation).await, "provision-records"), "maintenance");
    let told = family.read("").await;
    assert_eq!((told.status, told.code()), (503, "under_maintenance"), "{told:?}");
    assert!(told.body["detail"].as_str().unwrap().contains(plan.id.as_str()), "{told:?}");
    let wait: u64 = told.header("retry-after").parse().unwrap();
    assert!((3600..=7200).contains(&wait), "until its end: {wait}");
    let own = family.read("?kind=access").await;
    assert_eq!(own.status, 200, "the counter's own history is not behind it: {own:?}");
    desk::update(store, of, update(&family.installation, StatusStep::Ended)).await.unwrap();
    let board = board(&family.installation).await;
    assert_ne!(state(&board, "provision-records"), "maintenance", "it was ended");
    assert_eq!(board["history"][0]["state"], "ended");
    assert_eq!(family.read("").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incident_is_told_step_by_step_and_who_tells_it_is_not() {
    let installation = Installation::start(1).await;
    let store = &*installation.store.store;
    let now = (installation.clock.now(), &SystemEntropy as _);
    let opened = desk::open_incident(store, (new("sign-in"), ComponentState::Degraded), now).await.unwrap();
    let told = board(&installation).await;
    assert_eq!((state(&told, "sign-in"), &told["incidents"][0]["id"]), ("degraded", &opened.id.as_str().into()));
    let of = (StatusNoticeKind::Incident, opened.id.as_str());
    desk::update(store, of, update(&installation, StatusStep::Resolved)).await.unwrap();
    let late = desk::update(store, of, update(&installation, StatusStep::Monitoring)).await;
    assert!(late.unwrap_err().to_string().contains("does not change"));
    let other = (StatusNoticeKind::Maintenance, opened.id.as_str());
    assert!(desk::update(store, other, update(&installation, StatusStep::Begun)).await.is_err(), "of another kind");
    let told = board(&installation).await;
    assert!(told["incidents"].as_array().unwrap().is_empty());
    assert_eq!(told["history"][0]["updates"].as_array().unwrap().len(), 2);
    let feed = get(&installation, "/status.atom").await;
    assert_eq!((feed.status, feed.header("content-type")), (200, "application/atom+xml; charset=utf-8"));
    let feed = reqwest::get(format!("{}/status.atom", installation.nodes[0].url)).await.unwrap().text().await.unwrap();
    assert_eq!(feed.matches("<entry>").count(), 2, "{feed}");
    for text in [told.to_string(), feed] {
        assert!(!text.contains("hidden-operator") && !text.contains("127.0.0.1"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_board_is_the_same_for_people_and_programs_and_may_be_kept_for_some_seconds() {
    let installation = Installation::start(1).await;
    planned(&installation, "payments").await;
    installation.clock.advance(Duration::from_secs(6));
    let told = get(&installation, "/status.json").await;
    assert_eq!(told.header("cache-control"), "public, max-age=5");
    let http = reqwest::Client::new();
    let again = http.get(format!("{}/status.json", installation.nodes[0].url));
    let again = Told::by(again.header(IF_NONE_MATCH, told.header("etag"))).await;
    assert_eq!(again.status, 304, "{again:?}");
    let json = http.get(format!("{}/status", installation.nodes[0].url)).header(ACCEPT, "application/json");
    assert_eq!(Told::by(json).await.body["components"], told.body["components"]);
    for (lang, title) in [("ja", "Title <1>（見本）"), ("en", "Title <1>")] {
        let page = http.get(format!("{}/status", installation.nodes[0].url)).header(ACCEPT_LANGUAGE, lang);
        let page = page.header(ACCEPT, "text/html").send().await.unwrap();
        assert_eq!(page.headers()["cache-control"], "public, max-age=5");
        let page = Html::parse_document(&page.text().await.unwrap());
        let texts = |selector: &str| -> Vec<String> {
            let found = Selector::parse(selector).unwrap();
            page.select(&found).map(|one| one.text().collect::<String>().trim().to_owned()).collect()
        };
        assert!(texts("article h3").contains(&title.to_owned()), "{lang}");
        assert_eq!(texts(".component h3").len(), told.body["components"].as_array().unwrap().len());
        assert_eq!(texts("script").len(), 0);
        let bars = page.select(&Selector::parse("svg.days[role=img][aria-label]").unwrap()).count();
        assert_eq!(bars, texts(".component").len(), "each picture has its words");
    }
}
