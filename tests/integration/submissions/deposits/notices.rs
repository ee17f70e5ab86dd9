//! Disposition notices by deposit: put down by the agency that got the filing, fetched by the company, delivered once.

use super::{ALL, PROCEDURE, Parties, ledger, parties, told};
use crate::submissions::Payroll;
use crate::submissions::delegated::{registered, wanted};
use crate::support::played::third_party::Answer;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::{Clock as _, Digest, SystemClock};
use madoguchi::issuer::delegations::Wanted;
use madoguchi::sandbox::cloud::CloudMood;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const PUT: &str = "/agency/v1/disposition-notices";
const NOTICES: &str = "/v1/disposition-notices";
const TEXT: &str = "%PDF-1.7 受理しました。";

fn notice(deposit: &str) -> Value {
    json!({
        "deposit": deposit, "kind": "disposition", "title": "受理通知書",
        "decided_on": SystemClock.now().date_in_japan().to_string(),
        "content": {
            "media_type": "application/pdf", "sha256": Digest::of(TEXT).base64url(), "base64": STANDARD.encode(TEXT),
        },
    })
}

async fn put(office: &Payroll, key: &str, body: &Value) -> Answer {
    office.send((Method::POST, PUT), &[("idempotency-key", key)], Some(body)).await
}

async fn put_down(all: &Parties, key: &str, body: &Value) -> String {
    let answer = put(&all.office, key, body).await;
    assert_eq!((answer.status, &answer.body["state"]), (201, &json!("available")), "{}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

async fn news(of: &Payroll) -> Vec<(String, String)> {
    let events = of.get("/v1/events?limit=100").await.body;
    let told = events["events"].as_array().unwrap().iter().filter(|event| event["disposition_notice"].is_string());
    let word = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
    told.map(|event| (word(event, "disposition_notice"), word(event, "disposition_notice_news"))).collect()
}

/// The record of a receipt, once it is in the log.
async fn record(of: &Payroll, receipt: &str) -> Value {
    for _ in 0..200 {
        let answer = of.get(&format!("/v1/receipts/{receipt}")).await;
        if answer.status == 200 {
            return answer.body["record"].clone();
        }
        assert_eq!(answer.body["code"], "receipt_pending", "{}", answer.body);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    unreachable!("it never was logged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_is_put_down_told_of_fetched_and_known_to_be_delivered() {
    let all = parties().await;
    let deposit = all.filed(40).await;
    let first = put(&all.office, "one", &notice(&deposit)).await;
    assert_eq!((first.status, &first.body["state"]), (201, &json!("available")), "{}", first.body);
    let id = first.body["id"].as_str().unwrap();
    assert_eq!(first.headers["location"], format!("{PUT}/{id}").as_str());
    let again = put(&all.office, "one", &notice(&deposit)).await;
    assert_eq!((again.status, &again.body["id"]), (201, &json!(id)), "the same call");
    let mut other = notice(&deposit);
    other["title"] = json!("別の通知書");
    assert_eq!(
        told(&put(&all.office, "one", &other).await),
        (422, Some("idempotency_key_reused"), Some("Idempotency-Key"))
    );
    let put_record = record(&all.office, first.body["receipt"].as_str().unwrap()).await.to_string();
    assert!(put_record.contains("put_down"), "{put_record}");
    assert!(!put_record.contains("受理通知書"), "what is logged is no content");

    assert_eq!(news(&all.company).await, [(id.to_owned(), "available".to_owned())]);
    assert!(news(&all.office).await.is_empty());
    let seen = all.company.get(NOTICES).await.body["items"][0].clone();
    let filed = all.company.get(&format!("{ALL}/{deposit}")).await.body["filed"]["submission"].clone();
    assert_eq!((&seen["id"], &seen["state"], &seen["submission"]), (&json!(id), &json!("available"), &filed));
    assert_eq!((&seen["title"], &seen["deposit"]), (&json!("受理通知書"), &json!(deposit)));
    assert!(seen["delivered_at"].is_null(), "to look at the list is not to be given it");

    let path = format!("{NOTICES}/{id}/content");
    let given = all.company.get(&path).await;
    assert_eq!((given.status, given.body.as_str()), (200, Some(TEXT)));
    let field = |name: &str| given.headers[name].to_str().unwrap().to_owned();
    assert_eq!(field("repr-digest"), format!("sha-256=:{}:", STANDARD.encode(Digest::of(TEXT).as_bytes())));
    assert_eq!((field("document-type"), field("content-disposition")), ("application/pdf".into(), "attachment".into()));
    assert_eq!((field("content-type"), field("cache-control")), ("application/octet-stream".into(), "no-store".into()));
    let known = all.office.get(&format!("{PUT}/{id}")).await.body;
    let delivered = known["delivered_at"].as_str().unwrap().to_owned();
    assert_eq!(known["state"], "delivered");
    assert_eq!(news(&all.office).await, [(id.to_owned(), "delivered".to_owned())]);
    let again = all.company.get(&path).await;
    assert_eq!((again.status, again.body.as_str()), (200, Some(TEXT)));
    assert_ne!(again.headers["evidence-receipt"], field("evidence-receipt").as_str());
    assert_eq!(all.company.get(&format!("{NOTICES}/{id}")).await.body["delivered_at"], json!(delivered), "it stays");
    assert_eq!(news(&all.office).await.len(), 1, "and is told once");
    let logged = record(&all.company, &field("evidence-receipt")).await.to_string();
    assert!(logged.contains("delivered") && logged.contains(id), "{logged}");
    let second = record(&all.company, again.headers["evidence-receipt"].to_str().unwrap()).await.to_string();
    assert!(second.contains("fetched"), "{second}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_agency_that_got_the_filing_answers_it_and_nobody_else_sees_that() {
    let all = parties().await;
    let directory = all.app.directory();
    let deposit = all.filed(40).await;
    let labour = Payroll::open_for(&directory, "labour_office", "agency_deposits").await;
    assert_eq!(told(&put(&labour, "one", &notice(&deposit)).await), (422, Some("invalid_value"), Some("/deposit")));
    let submission = all.company.get(&format!("{ALL}/{deposit}")).await.body["filed"]["submission"].clone();
    let submission = submission.as_str().unwrap();
    let whole =
        all.company.until(submission, "arrived", |one| one["deliveries"][0]["arrival_number"].is_string()).await;
    let delivery = whole["deliveries"][0]["id"].as_str().unwrap();
    let mut by_filing = notice("");
    by_filing.as_object_mut().unwrap().remove("deposit");
    by_filing["filing"] = json!(format!("{delivery}-0"));
    assert_eq!(told(&put(&labour, "one", &by_filing).await), (422, Some("invalid_value"), Some("/filing")));
    let id = put_down(&all, "one", &by_filing).await;
    assert_eq!(told(&labour.get(&format!("{PUT}/{id}")).await), (404, Some("not_found"), Some("id")));
    assert!(labour.get(PUT).await.body["items"].as_array().unwrap().is_empty());
    assert_eq!(all.office.get(PUT).await.body["items"][0]["filing"], json!(delivery));

    let bank = Payroll::open_for(&directory, "lending_desk", "deposits").await;
    for path in [format!("{NOTICES}/{id}"), format!("{NOTICES}/{id}/content")] {
        assert_eq!(told(&bank.get(&path).await), (404, Some("not_found"), Some("id")), "{path}");
        assert_eq!(told(&all.office.get(&path).await).1, Some("insufficient_scope"), "the agency has no such scope");
    }
    assert_eq!(told(&put(&all.company, "one", &notice(&deposit)).await).1, Some("insufficient_scope"));
    assert!(all.office.get(&format!("{PUT}/{id}")).await.body["delivered_at"].is_null(), "nobody was given it");
    // What only waits to be sent is with no agency yet.
    let declared = all.declare("only", &all.declaration()).await.body["id"].as_str().unwrap().to_owned();
    assert_eq!(told(&put(&all.office, "two", &notice(&declared)).await).2, Some("/deposit"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_by_its_place() {
    let all = parties().await;
    let deposit = all.filed(40).await;
    let large = STANDARD.encode(vec![b'a'; 512 * 1024 + 1]);
    for (at, value, told_at) in [
        ("/deposit", json!("dep_unknown"), "/deposit"),
        ("/filing", json!("dlv_unknown-0"), "/deposit"),
        ("/title", json!(""), "/title"),
        ("/title", json!("a\nb"), "/title"),
        ("/decided_on", json!("2999-01-01"), "/decided_on"),
        ("/decided_on", json!("2026-2-3"), "/decided_on"),
        ("/supersedes", json!("dsn_unknown"), "/supersedes"),
        ("/kind", json!("correction"), "/supersedes"),
        ("/content/media_type", json!("text/html"), "/content/media_type"),
        ("/content/sha256", json!(Digest::of("another").base64url()), "/content/sha256"),
        ("/content/sha256", json!("x"), "/content/sha256"),
        ("/content/base64", json!(""), "/content/base64"),
        ("/content/base64", json!("%%%"), "/content/base64"),
        ("/content/base64", json!(large), "/content/base64"),
        ("/holding", all.filing(40).await, "/content"),
    ] {
        let mut body = notice(&deposit);
        match body.pointer_mut(at) {
            Some(place) => *place = value.clone(),
            None => drop(body.as_object_mut().unwrap().insert(at[1..].to_owned(), value.clone())),
        }
        let answer = put(&all.office, "one", &body).await;
        assert_eq!(told(&answer), (422, Some("invalid_value"), Some(told_at)), "{at}");
    }
    let mut at_cloud = notice(&deposit);
    at_cloud.as_object_mut().unwrap().remove("content");
    for (name, value, told_at) in [
        ("location", json!("http://169.254.169.254/latest"), "/holding/location"),
        ("location", json!("https://user@cloud.example/a"), "/holding/location"),
        ("location", json!("nonsense"), "/holding/location"),
        ("size", json!(0), "/holding/size"),
        ("size", json!(4_194_305), "/holding/size"),
        ("media_type", json!("text/html"), "/holding/media_type"),
        ("sha256", json!("x"), "/holding/sha256"),
        ("pieces", json!([]), "/holding/pieces"),
        ("pieces", json!(["x"]), "/holding/pieces/0"),
    ] {
        at_cloud["holding"] = all.filing(40).await;
        at_cloud["holding"][name] = value.clone();
        let answer = put(&all.office, "one", &at_cloud).await;
        assert_eq!(told(&answer), (422, Some("invalid_value"), Some(told_at)), "{name} {value}");
    }
    let no_key = all.office.send((Method::POST, PUT), &[], Some(&notice(&deposit))).await;
    assert_eq!(told(&no_key), (400, Some("invalid_request"), Some("Idempotency-Key")));
    assert!(all.company.get(NOTICES).await.body["items"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_notice_corrects_an_earlier_one_once_and_both_stay() {
    let all = parties().await;
    let deposit = all.filed(40).await;
    let first = put_down(&all, "one", &notice(&deposit)).await;
    let mut later = notice(&deposit);
    (later["kind"], later["supersedes"]) = (json!("correction"), json!(first));
    let keys: Vec<String> = (0..6).map(|n| format!("later-{n}")).collect();
    let answers = join_all(keys.iter().map(|key| put(&all.office, key, &later))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|answer| told(answer) == (409, Some("conflict"), Some("/supersedes"))));
    let second = won[0].body["id"].as_str().unwrap();
    let mut last = notice(&deposit);
    (last["kind"], last["supersedes"]) = (json!("revocation"), json!(second));
    let third = put_down(&all, "last", &last).await;
    let items = all.company.get(NOTICES).await.body["items"].clone();
    let chain: Vec<_> = items.as_array().unwrap().iter().map(|one| (&one["kind"], &one["superseded_by"])).collect();
    let expected = [
        (json!("revocation"), Value::Null),
        (json!("correction"), json!(third)),
        (json!("disposition"), json!(second)),
    ];
    assert_eq!(chain, expected.iter().map(|(kind, by)| (kind, by)).collect::<Vec<_>>());
    assert_eq!(all.company.get(&format!("{NOTICES}/{first}/content")).await.status, 200, "it stays as it was");
    let page = all.company.get(&format!("{NOTICES}?limit=2")).await.body;
    let rest = format!("{NOTICES}?limit=2&after={}", page["next"].as_str().unwrap());
    assert_eq!(all.company.get(&rest).await.body["items"][0]["id"], json!(first));
    let page = all.office.get(&format!("{PUT}?limit=2")).await.body;
    let rest = format!("{PUT}?limit=2&after={}", page["next"].as_str().unwrap());
    assert_eq!(
        all.office.get(&rest).await.body,
        json!({"items": [all.office.get(&format!("{PUT}/{first}")).await.body]})
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_at_the_agencys_cloud_is_delivered_only_when_it_is_what_was_put_down() {
    let all = parties().await;
    let deposit = all.filed(40).await;
    let size = 1024 * 1024 + 5;
    let mut body = notice(&deposit);
    body.as_object_mut().unwrap().remove("content");
    body["holding"] = all.filing(size).await;
    let id = put_down(&all, "one", &body).await;
    assert_eq!(all.office.get(&format!("{PUT}/{id}")).await.body["location"], body["holding"]["location"]);
    let seen = all.company.get(&format!("{NOTICES}/{id}")).await.body;
    assert_eq!((&seen["is_at_agency"], seen.get("location")), (&json!(true), None));
    let path = format!("{NOTICES}/{id}/content");
    for (mood, status, code) in [
        (CloudMood::Gone, 502, "cloud_refused"),
        (CloudMood::Redirects, 502, "cloud_refused"),
        (CloudMood::Floods, 502, "cloud_refused"),
        (CloudMood::Changed, 502, "digest_mismatch"),
        (CloudMood::ChangedLater, 502, "digest_mismatch"),
        (CloudMood::Slow, 504, "cloud_unreachable"),
    ] {
        all.mood(mood);
        let answer = all.company.get(&path).await;
        assert_eq!(told(&answer), (status, Some(code), None), "{mood:?} {}", answer.body);
        assert!(answer.body["detail"].as_str().unwrap().contains("The agency's cloud"), "{}", answer.body);
    }
    assert!(all.office.get(&format!("{PUT}/{id}")).await.body["delivered_at"].is_null());
    assert!(news(&all.office).await.is_empty() && all.news().await.is_empty(), "the company's cloud is another");
    all.mood(CloudMood::Well);
    let given = all.company.get(&path).await;
    assert_eq!((given.status, given.body.as_str()), (200, Some(ledger(size).as_str())));
    assert!(all.office.get(&format!("{PUT}/{id}")).await.body["delivered_at"].is_string());
    // The pieces may each be right, and the whole another.
    body["holding"]["sha256"] = json!(Digest::of("another").base64url());
    let other = put_down(&all, "two", &body).await;
    assert_eq!(told(&all.company.get(&format!("{NOTICES}/{other}/content")).await).1, Some("digest_mismatch"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_fetches_for_its_client_while_it_is_delegated_and_the_company_always() {
    let all = parties().await;
    let number = "2000000990007";
    let company = CorporateNumber::parse(number).unwrap();
    let given = Wanted { company, procedures: vec![PROCEDURE.to_owned()], ..wanted(&all.company) };
    let delegation = registered(&all.app, given).await.unwrap();
    let mut body = all.declaration();
    body["applicant"] = json!(number);
    let deposit = all.declare("one", &body).await.body["id"].as_str().unwrap().to_owned();
    assert_eq!(all.file(&deposit, "file", &all.filing(40).await).await.status, 200);
    let id = put_down(&all, "one", &notice(&deposit)).await;
    let own = Payroll::open_for(&all.app.directory(), "lending_desk", "deposits").await;
    assert_eq!(own.get(NOTICES).await.body["items"][0]["id"], json!(id), "the company's own software sees it");
    let events = all.company.get("/v1/events?limit=100").await.body;
    let event = events["events"].as_array().unwrap().iter().find(|event| event["disposition_notice"] == id.as_str());
    assert_eq!(event.unwrap()["applicant"], number);
    let path = format!("{NOTICES}/{id}/content");
    assert_eq!(all.company.get(&path).await.status, 200);
    let ended = format!("/v1/delegations/{}", delegation.id);
    assert_eq!(all.company.send((Method::DELETE, &ended), &[], None).await.status, 204);
    assert_eq!(told(&all.company.get(&path).await).1, Some("not_delegated"));
    assert_eq!(own.get(&path).await.body.as_str(), Some(TEXT));
}
