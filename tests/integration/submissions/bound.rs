//! A token that is bound to one file of many records opens that file's bulk filing, and nothing else.

use super::api::opened;
use super::bulk::{ALL, append, begin, file, said, sent, until};
use super::{Payroll, one};
use crate::support::played::third_party::Answer;
use madoguchi::domain::Digest;
use reqwest::Method;
use serde_json::{Value, json};

/// Whether it is refused as what the token does not open, naming what it does.
fn is_beyond(answer: &Answer, digest: &str) -> bool {
    let names = answer.body["detail"].as_str().is_some_and(|detail| detail.contains(digest));
    (answer.status, answer.body["code"].as_str()) == (403, Some("insufficient_scope")) && names
}

/// Every call that is about this bulk filing.
async fn calls(payroll: &Payroll, id: &str, digest: &str, bytes: &str) -> Vec<Answer> {
    let path = format!("{ALL}/{id}");
    vec![
        append(payroll, id, 0, bytes).await,
        payroll.get(&path).await,
        payroll.get(&format!("{path}/outcomes")).await,
        payroll.post(&format!("{path}/submit"), Some(&json!({"digest": digest}))).await,
        payroll.post(&format!("{path}/cancel"), None).await,
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_files_its_own_file_and_cannot_touch_another() {
    let (app, mut payroll) = opened().await;
    let (own, other) = (file(10), file(11));
    let (own_said, other_said) = (said(&own), said(&other));
    let digest = own_said["digest"].as_str().unwrap();
    // What the same client has without such a token: one that waits for its file, and one that was found good.
    let begun = begin(&payroll, "begun", &other_said, "wait=0").await.body;
    let checked = sent(&payroll, "checked", (&other_said, &other), "dry-run").await;
    let filed = payroll.filed("filed", &one("pension", "auto")).await;
    let effects = |app: &crate::support::app::App| app.dev.sandbox.own.as_ref().unwrap().agencies().effects().len();
    payroll.until_state(&filed, "completed").await;
    assert_eq!(effects(&app), 1);

    payroll.bind(digest).await;
    let refused = begin(&payroll, "other", &other_said, "wait=0").await;
    assert!(is_beyond(&refused, digest) && refused.body["pointer"] == "/digest", "{}", refused.body);
    // Not by the key of one that was begun before, either.
    assert!(is_beyond(&begin(&payroll, "begun", &other_said, "wait=0").await, digest));
    let mine = begin(&payroll, "begun", &own_said, "wait=0").await;
    assert_eq!(mine.body["code"], "idempotency_key_reused", "{}", mine.body);
    for held in [&begun, &checked] {
        let other_digest = other_said["digest"].as_str().unwrap();
        for (n, answer) in calls(&payroll, held["id"].as_str().unwrap(), other_digest, &other).await.iter().enumerate()
        {
            assert!(is_beyond(answer, digest), "{n}: {}", answer.body);
        }
    }
    let unknown = payroll.get(&format!("{ALL}/blk_unknown")).await;
    assert_eq!(unknown.body["code"], "not_found", "{}", unknown.body);

    // Saying its digest of other bytes files nothing: they are held against it when they are all here.
    let mut lying = other_said.clone();
    lying["digest"] = json!(digest);
    let refused = sent(&payroll, "lying", (&lying, &other), "wait=0").await;
    assert_eq!((&refused["state"], &refused["reason"]), (&json!("refused"), &json!("digest_mismatch")), "{refused}");

    let last = sent(&payroll, "own", (&own_said, &own), "dry-run").await;
    let id = last["id"].as_str().unwrap();
    let path = format!("{ALL}/{id}/submit");
    assert_eq!(payroll.post(&path, Some(&json!({"digest": digest}))).await.body["state"], "accepted");
    until(&payroll, id, |one| one["progress"]["by_state"]["completed"] == 10).await;
    assert_eq!(payroll.get(&format!("{ALL}/{id}/outcomes")).await.body["items"].as_array().unwrap().len(), 10);
    assert_eq!(effects(&app), 2, "the one filing and its own file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_opens_nothing_else() {
    let (_app, mut payroll) = opened().await;
    let filed = payroll.filed("filed", &one("pension", "slow")).await;
    let digest = Digest::of("a file").base64url();
    payroll.bind(&digest).await;
    let hire = json!({"event": {"kind": "bonus", "on": "2026-12-10"}, "office": {}, "employees": [{"items": {}}]});
    let amend = json!({"deliveries": [{"id": "dlv_unknown", "content": {}}]});
    let hook = json!({"url": "https://payroll.example/webhooks"});
    let own = |rest: &str| format!("/v1/submissions/{filed}{rest}");
    let targets: Vec<(Method, String, Option<Value>)> = vec![
        (Method::POST, "/v1/submissions".into(), Some(one("pension", "slow"))),
        (Method::POST, "/v1/employers/7000012050002/life-events".into(), Some(hire)),
        (Method::GET, "/v1/submissions".into(), None),
        (Method::GET, own(""), None),
        (Method::POST, own("/cancel"), None),
        (Method::POST, own("/withdraw"), None),
        (Method::POST, own("/amend"), Some(amend)),
        (Method::GET, own("/documents"), None),
        (Method::GET, "/v1/documents/doc_unknown".into(), None),
        (Method::POST, "/v1/documents/doc_unknown/collected".into(), None),
        (Method::POST, "/v1/submission-drafts".into(), Some(json!({}))),
        (Method::GET, "/v1/submission-drafts".into(), None),
        (Method::GET, "/v1/submission-drafts/dft_unknown".into(), None),
        (Method::PUT, "/v1/submission-drafts/dft_unknown".into(), Some(json!({}))),
        (Method::DELETE, "/v1/submission-drafts/dft_unknown".into(), None),
        (Method::POST, "/v1/submission-drafts/dft_unknown/submit".into(), None),
        (Method::GET, "/v1/events".into(), None),
        (Method::GET, "/v1/procedures".into(), None),
        (Method::GET, "/v1/agencies".into(), None),
        (Method::GET, "/v1/delegations".into(), None),
        (Method::GET, "/v1/account".into(), None),
        (Method::GET, "/v1/receipts/r_unknown".into(), None),
        (Method::PUT, "/v1/webhook".into(), Some(hook)),
        (Method::GET, "/v1/webhook".into(), None),
        (Method::DELETE, "/v1/webhook".into(), None),
        (Method::GET, "/v1/webhook/dead-letters".into(), None),
        (Method::POST, "/v1/webhook/dead-letters/1/replay".into(), None),
    ];
    for (method, path, body) in targets {
        let answer = payroll.send((method.clone(), &path), &[("idempotency-key", "any")], body.as_ref()).await;
        assert!(is_beyond(&answer, &digest), "{method} {path}: {} {}", answer.status, answer.body);
        let challenge = answer.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
    }
    payroll.renew().await;
    assert_eq!(payroll.get(&own("")).await.status, 200, "the client itself has lost nothing");
}
