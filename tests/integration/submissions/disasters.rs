//! Disasters that a municipality records: offered to every app, named by applications, closed.

use super::Payroll;
use super::applications::{ALL, RECEIVED, apply, id_of, parties, today, told, typhoon};
use super::attachments::damage;
use crate::support::played::third_party::Answer;
use reqwest::Method;
use serde_json::{Value, json};

pub(super) const OWN: &str = "/agency/v1/disasters";

fn offered(municipality: &str) -> String {
    format!("/v1/disasters?municipality={municipality}")
}

async fn codes(app: &Payroll, path: &str) -> Vec<Value> {
    let answer = app.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["items"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect()
}

async fn put(desk: &Payroll, seen: &str, details: &Value) -> Answer {
    desk.send((Method::PUT, &format!("{OWN}/R801")), &[("if-match", seen)], Some(details)).await
}

fn with(name: &str, value: Value) -> Value {
    let mut body = typhoon();
    body["details"][name] = value;
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_municipality_keeps_its_own_and_apps_are_offered_what_is_open() {
    let all = parties().await;
    let town = Payroll::open_for(&all.app.directory(), "town_desk", "agency_applications").await;
    let again = all.city.post(OWN, Some(&typhoon())).await;
    assert_eq!((again.status, &again.body["version"]), (201, &json!(1)), "the same again: {}", again.body);
    assert_eq!(again.headers["location"], format!("{OWN}/R801").as_str());
    let other = all.city.post(OWN, Some(&with("from", json!("2026-09-09")))).await;
    assert_eq!(told(&other), (409, Some("conflict"), Some("/code")));
    assert_eq!(codes(&all.family, &offered("999016")).await, [json!("R801")]);
    assert_eq!(codes(&all.family, &offered("999024")).await, Vec::<Value>::new(), "the town has none");
    let only = |procedure: &str| format!("{}&procedure={procedure}", offered("999016"));
    assert_eq!(codes(&all.family, &only("damage-certificate")).await, [json!("R801")]);
    assert_eq!(codes(&all.family, &only("emergency-repair")).await, Vec::<Value>::new());
    assert_eq!(town.get(&format!("{OWN}/R801")).await.status, 404, "and sees no other's");
    assert_eq!(
        town.send((Method::PUT, &format!("{OWN}/R801")), &[("if-match", "*")], Some(&typhoon()["details"]))
            .await
            .status,
        404
    );
    assert_eq!(town.post(&format!("{OWN}/R801/close"), Some(&json!({}))).await.status, 404);
    assert_eq!(codes(&town, OWN).await, Vec::<Value>::new());

    let first = all.family.get(&offered("999016")).await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(first.headers["cache-control"], "private, max-age=300");
    let same = all.family.send((Method::GET, &offered("999016")), &[("if-none-match", &tag)], None).await;
    assert_eq!(same.status, 304);
    let seen = all.city.get(&format!("{OWN}/R801")).await;
    let version = seen.headers["etag"].to_str().unwrap().to_owned();
    let mut details = typhoon()["details"].clone();
    details["apply_until"] = json!("2099-12-31");
    assert_eq!(put(&all.city, "\"7\"", &details).await.body["code"], "precondition_failed");
    let changed = put(&all.city, &version, &details).await;
    assert_eq!((changed.status, &changed.body["version"]), (200, &json!(2)), "{}", changed.body);
    let new = all.family.send((Method::GET, &offered("999016")), &[("if-none-match", &tag)], None).await;
    assert_eq!((new.status, &new.body["items"][0]["details"]["apply_until"]), (200, &json!("2099-12-31")));
    let closed = all.city.post(&format!("{OWN}/R801/close"), Some(&json!({}))).await;
    assert_eq!((closed.status, &closed.body["is_open"]), (200, &json!(false)), "{}", closed.body);
    assert_eq!(codes(&all.family, &offered("999016")).await, Vec::<Value>::new());
    assert_eq!(codes(&all.city, OWN).await, [json!("R801")], "its own it still has");
    assert_eq!(put(&all.city, "*", &details).await.body["code"], "conflict");
    assert_eq!(all.city.post(&format!("{OWN}/R801/close"), Some(&json!({}))).await.body["code"], "conflict");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_by_its_place() {
    let all = parties().await;
    for (body, at) in [
        (json!({"code": "r8", "details": typhoon()["details"]}), "/code"),
        (with("from", json!("2026-13-01")), "/details/from"),
        (with("until", json!("2026-09-09")), "/details/until"),
        (with("apply_until", json!("2026-09-11")), "/details/apply_until"),
        (with("procedures", json!([])), "/details/procedures"),
        (with("procedures", json!(["nursery-application"])), "/details/procedures/0"),
        (with("procedures", json!(["damage-certificate", "damage-certificate"])), "/details/procedures/1"),
        (with("name", json!({"ja": "", "en": "x"})), "/details/name/ja"),
        (with("name", json!({"ja": "台風", "en": "x".repeat(61)})), "/details/name/en"),
    ] {
        assert_eq!(told(&all.city.post(OWN, Some(&body)).await), (422, Some("invalid_value"), Some(at)), "{body}");
    }
    let own = format!("{OWN}/R801");
    let without = all.city.send((Method::PUT, &own), &[], Some(&typhoon()["details"])).await;
    assert_eq!(told(&without), (400, Some("invalid_request"), Some("If-Match")));
    for (query, at) in [("", "municipality"), ("?municipality=999017", "municipality"), ("?after=x", "after")] {
        let answer = all.family.get(&format!("/v1/disasters{query}")).await;
        assert_eq!(told(&answer), (422, Some("invalid_value"), Some(at)), "{query}");
    }
    assert_eq!(told(&all.city.get(&format!("{OWN}?municipality=999016")).await).2, Some("municipality"), "its own");
    assert_eq!(all.family.get(OWN).await.status, 403, "an app is no municipality");
    assert_eq!(all.city.get(&offered("999016")).await.status, 403, "nor does a municipality's token search");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_names_one_that_is_open_for_it_and_its_days() {
    let all = parties().await;
    let item = |name: &str, value: &str| {
        let mut body = damage(&[]);
        body["answers"]["applicant"][name] = json!(value);
        body
    };
    let place = |name: &str| format!("/answers/applicant/{name}");
    let refused = |answer: &Answer, name: &str, rule: &str| {
        assert_eq!(told(answer), (422, Some("invalid_filing"), Some(&*place(name))), "{}", answer.body);
        assert_eq!(answer.body["findings"][0]["rule"], json!(rule), "{}", answer.body);
    };
    refused(&apply(&all.family, "unknown", &item("disaster", "R802")).await, "disaster", "MG243");
    refused(&apply(&all.family, "free", &item("disaster", "大雨")).await, "disaster", "MG243");
    for (key, day) in [("before", "2026-09-09"), ("after", "R08-09-13")] {
        refused(&apply(&all.family, key, &item("damaged_on", day)).await, "damaged_on", "MG246");
    }
    let check = all.family.post("/v1/applications/check", Some(&item("disaster", "R802"))).await;
    assert_eq!((&check.body["is_acceptable"], &check.body["findings"][0]["rule"]), (&json!(false), &json!("MG243")));
    let id = id_of(&apply(&all.family, "one", &damage(&[])).await);

    let mut repair = damage(&[]);
    repair["procedure"] = json!("emergency-repair");
    repair["form"] = json!("emergency-repair-1");
    repair["answers"]["entries"] = json!([{"place": "1", "damage": "瓦が落ちた。"}]);
    refused(&apply(&all.family, "repair", &repair).await, "disaster", "MG245");
    let mut details = typhoon()["details"].clone();
    details["procedures"] = json!(["damage-certificate", "emergency-repair"]);
    assert_eq!(put(&all.city, "*", &details).await.status, 200);
    id_of(&apply(&all.family, "repair", &repair).await);

    assert_eq!(all.city.post(&format!("{OWN}/R801/close"), Some(&json!({}))).await.status, 200);
    refused(&apply(&all.family, "late", &damage(&[])).await, "disaster", "MG244");
    id_of(&apply(&all.family, "one", &damage(&[])).await);
    let ask = json!({"items": [{"pointer": "/answers/applicant/damage", "message": "詳しく。"}], "until": today()});
    assert_eq!(all.city.post(&format!("{RECEIVED}/{id}/ask-amendment"), Some(&ask)).await.status, 200);
    let mended = |body: Value| json!({"answers": body["answers"]});
    let amend = format!("{ALL}/{id}/amend");
    refused(&all.family.post(&amend, Some(&mended(item("disaster", "R802")))).await, "disaster", "MG243");
    refused(&all.family.post(&amend, Some(&mended(item("damaged_on", "2026-09-01")))).await, "damaged_on", "MG246");
    let whole = all.family.post(&amend, Some(&mended(item("damage", "屋根の一部が飛散し、雨漏りがある。")))).await;
    assert_eq!(whole.status, 200, "what was named in time goes on: {}", whole.body);
}
