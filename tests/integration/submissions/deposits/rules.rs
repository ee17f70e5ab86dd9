//! Declaring, filing, withdrawing: who may, and what is refused.

use super::{ALL, PROCEDURE, Parties, parties, told};
use crate::submissions::Payroll;
use futures_util::future::join_all;
use madoguchi::domain::ids::{ClientId, DepositId};
use madoguchi::domain::{Clock as _, SystemClock};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_declared_and_filed_and_the_agency_is_told_exactly_once() {
    let all = parties().await;
    let known = all.company.get(&format!("{ALL}/procedures")).await.body;
    let procedures = known["procedures"].as_array().unwrap();
    let own = procedures.iter().find(|one| one["code"] == PROCEDURE).unwrap();
    assert_eq!((&own["retention_years"], &known["piece_bytes"]), (&json!(7), &json!(1_048_576)));

    let declared = all.declare("one", &all.declaration()).await;
    assert_eq!((declared.status, &declared.body["state"]), (201, &json!("declared")), "{}", declared.body);
    let again = all.declare("one", &all.declaration()).await;
    assert_eq!(again.body["id"], declared.body["id"], "the same call");
    let mut other = all.declaration();
    other["reference"] = json!("another");
    assert_eq!(told(&all.declare("one", &other).await).1, Some("idempotency_key_reused"));
    let id = declared.body["id"].as_str().unwrap().to_owned();
    assert!(all.office.get("/agency/v1/deposits").await.body["items"].as_array().unwrap().is_empty());

    let filing = all.filing(40).await;
    let filed = all.file(&id, "file", &filing).await;
    assert_eq!((filed.status, &filed.body["state"]), (200, &json!("filed")), "{}", filed.body);
    assert_eq!(all.file(&id, "file", &filing).await.body["filed"], filed.body["filed"], "the same call");
    let submission = filed.body["filed"]["submission"].as_str().unwrap().to_owned();
    let whole =
        all.company.until(&submission, "arrived", |one| one["deliveries"][0]["arrival_number"].is_string()).await;
    assert_eq!(whole["accepted_at"], filed.body["filed"]["filed_at"]);
    assert!(whole["receipt"].as_str().unwrap().split('.').count() == 3, "signed");
    let effects = all.app.dev.sandbox.own.as_ref().unwrap().agencies().effects();
    assert_eq!(effects.iter().filter(|effect| effect.agency == "tax").count(), 1);

    let feed = all.office.get("/agency/v1/deposits").await.body;
    assert_eq!((&feed["items"][0]["id"], &feed["items"][0]["filed"]), (&json!(id), &filed.body["filed"]), "{feed}");
    let next = format!("/agency/v1/deposits?after={}", feed["next"]);
    assert_eq!(all.office.get(&next).await.body, json!({"items": [], "next": feed["next"]}));
    let listed = all.company.get(ALL).await.body;
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["is_own"]), (1, &json!(true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_filings_of_one_deposit_one_is_filed() {
    let all = parties().await;
    let id = all.declare("one", &all.declaration()).await.body["id"].as_str().unwrap().to_owned();
    let filing = all.filing(40).await;
    let keys: Vec<String> = (0..12).map(|n| format!("key-{n}")).collect();
    let answers = join_all(keys.iter().map(|key| all.file(&id, key, &filing))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|answer| told(answer).1 == Some("conflict")), "{:?}", lost[0].body);
    let submission = won[0].body["filed"]["submission"].as_str().unwrap();
    all.company.until(submission, "arrived", |one| one["deliveries"][0]["arrival_number"].is_string()).await;
    assert_eq!(all.office.get("/agency/v1/deposits").await.body["items"].as_array().unwrap().len(), 1);
    let filings = all.company.get("/v1/submissions").await.body;
    assert_eq!(filings["items"].as_array().unwrap().len(), 1, "no other left anything behind");
}

async fn refused(all: &Parties, body: &Value) -> (u16, Option<String>, Option<String>) {
    let answer = all.declare("bad", body).await;
    let (status, code, pointer) = told(&answer);
    (status, code.map(str::to_owned), pointer.map(str::to_owned))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_by_its_place_and_nothing_private_is_a_cloud() {
    let all = parties().await;
    let changed = |name: &str, value: Value| {
        let mut body = all.declaration();
        body[name] = value;
        body
    };
    for (name, value) in [
        ("agency", json!("nobody")),
        ("agency", json!("labour")),
        ("procedure", json!("9990001")),
        ("applicant", json!("1234567890123")),
        ("cloud_origin", json!("http://cloud.example")),
        ("cloud_origin", json!("https://10.0.0.1")),
        ("cloud_origin", json!("https://169.254.169.254")),
        ("cloud_origin", json!("http://169.254.169.254")),
        ("cloud_origin", json!("https://user@cloud.example")),
        ("cloud_origin", json!("https://cloud.example/path")),
        ("cloud_origin", json!("https://cloud.example?x")),
        ("cloud_origin", json!("file:///etc/passwd")),
        ("cloud_origin", json!("https://cloud.example\u{7}")),
        ("cloud_origin", json!("")),
        ("cloud_origin", json!("https://".to_owned() + &"a".repeat(3000))),
        ("reference", json!("x".repeat(201))),
        ("reference", json!("\u{0}")),
    ] {
        let wanted = (422, Some("invalid_value".to_owned()), Some(format!("/{name}")));
        assert_eq!(refused(&all, &changed(name, value.clone())).await, wanted, "{name} {value}");
    }
    assert_eq!(refused(&all, &changed("more", json!(1))).await.1.as_deref(), Some("invalid_request"));
    let other = refused(&all, &changed("applicant", json!("7000012050002"))).await;
    assert_eq!((other.0, other.1.as_deref(), other.2.as_deref()), (403, Some("not_delegated"), Some("/applicant")));
    let body = json!({"deliveries": [{"agency": "tax", "procedure": PROCEDURE, "content": {"a": 1}}]});
    let direct = all.company.file("direct", &body).await;
    assert_eq!(told(&direct), (422, Some("invalid_value"), Some("/deliveries/0/procedure")), "by reference alone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_in_a_filing_is_told_by_its_place_and_files_nothing() {
    let all = parties().await;
    let id = all.declare("good", &all.declaration()).await.body["id"].as_str().unwrap().to_owned();
    let good = all.filing(1_048_577).await;
    let digest = good["sha256"].clone();
    for (name, value, at) in [
        ("location", json!("https://elsewhere.example/a"), "/location"),
        ("location", json!(format!("{}.elsewhere.example/a", all.origin)), "/location"),
        ("location", json!(good["location"].as_str().unwrap().replace("//", "//u:p@")), "/location"),
        ("location", json!(format!("{}#part", good["location"].as_str().unwrap())), "/location"),
        ("size", json!(0), "/size"),
        ("size", json!(1_073_741_825), "/size"),
        ("size", json!(u64::MAX), "/size"),
        ("media_type", json!("text/html"), "/media_type"),
        ("schema", json!(""), "/schema"),
        ("sha256", json!("short"), "/sha256"),
        ("pieces", json!([digest]), "/pieces"),
        ("pieces", json!([]), "/pieces"),
        ("pieces", json!([digest, "x"]), "/pieces/1"),
    ] {
        let mut body = good.clone();
        body[name] = value.clone();
        let answer = all.file(&id, "bad", &body).await;
        assert_eq!(told(&answer), (422, Some("invalid_value"), Some(at)), "{name} {value}");
    }
    let mut negative = good.clone();
    negative["size"] = json!(-1);
    assert_eq!(told(&all.file(&id, "bad", &negative).await).0, 400);
    let keyless = all.company.post(&format!("{ALL}/{id}/file"), Some(&good)).await;
    assert_eq!(told(&keyless), (400, Some("invalid_request"), Some("Idempotency-Key")));
    assert_eq!(all.file(&id, "good", &good).await.status, 200, "after all that it is still declared");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_sees_it_and_withdrawal_waits_for_the_duty() {
    let all = parties().await;
    let (id, directory) = (all.filed(40).await, all.app.directory());
    let labour = Payroll::open_for(&directory, "labour_office", "agency_deposits").await;
    assert!(labour.get("/agency/v1/deposits").await.body["items"].as_array().unwrap().is_empty());
    for path in ["", "/content?purpose=audit"] {
        let answer = labour.get(&format!("/agency/v1/deposits/{id}{path}")).await;
        assert_eq!(told(&answer), (404, Some("not_found"), Some("id")), "{path}");
        let unknown = all.office.get(&format!("/agency/v1/deposits/dep_unknown{path}")).await;
        assert_eq!(told(&unknown).1, Some("not_found"));
    }
    assert_eq!(told(&all.company.get(&format!("/agency/v1/deposits/{id}")).await).1, Some("insufficient_scope"));
    assert_eq!(told(&all.office.get(&format!("{ALL}/{id}")).await).1, Some("insufficient_scope"));
    assert!(all.references(&id).await.is_empty(), "nothing was given to anybody");

    let filed = all.company.get(&format!("{ALL}/{id}")).await.body;
    let early = all.company.post(&format!("{ALL}/{id}/withdraw"), None).await;
    assert_eq!(told(&early), (409, Some("kept_by_duty"), None));
    let day = filed["filed"]["keep_until"].as_str().unwrap();
    assert!(early.body["detail"].as_str().unwrap().contains(day), "{}", early.body);
    // A policy that no longer knows the client's class closes the door at once.
    let other = all.declare("other", &all.declaration()).await.body["id"].as_str().unwrap().to_owned();
    let gone = all.company.post(&format!("{ALL}/{other}/withdraw"), None).await;
    assert_eq!((gone.status, &gone.body["state"]), (200, &json!("withdrawn")), "{}", gone.body);
    assert_eq!(all.company.post(&format!("{ALL}/{other}/withdraw"), None).await.body, gone.body);
    assert_eq!(told(&all.file(&other, "late", &all.filing(40).await).await).1, Some("conflict"));
    assert_eq!(told(&all.company.post(&format!("{ALL}/dep_unknown/withdraw"), None).await).0, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_withdrawn_is_given_to_nobody() {
    let all = parties().await;
    let id = all.filed(40).await;
    assert_eq!(all.content(&id, &[]).await.status, 200);
    let store = &all.app.store.store;
    // As if the duty were over.
    assert!(store.withdraw_deposit(&DepositId::parse(&id).unwrap(), true, SystemClock.now()).await.unwrap());
    assert_eq!(told(&all.content(&id, &[]).await), (410, Some("result_gone"), None));
    assert_eq!(all.office.get(&format!("/agency/v1/deposits/{id}")).await.body["state"], "withdrawn");
    assert_eq!(all.references(&id).await.len(), 1);
    let client = ClientId::parse("tax-office").unwrap();
    assert_eq!(all.references(&id).await[0]["client"], client.as_str());
}
