//! Drafts black box: kept for their filer, changed by who saw them, filed once, and then gone.

use super::api::opened;
use super::delegated::told;
use super::{Payroll, one};
use crate::support::played::third_party::Answer;
use reqwest::Method;
use serde_json::{Value, json};

const ALL: &str = "/v1/submission-drafts";

async fn begun(payroll: &Payroll, key: &str, body: &Value) -> Answer {
    payroll.send((Method::POST, ALL), &[("idempotency-key", key)], Some(body)).await
}

async fn put(payroll: &Payroll, path: &str, seen: &str, body: &Value) -> Answer {
    payroll.send((Method::PUT, path), &[("if-match", seen)], Some(body)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_kept_changed_by_who_saw_it_and_filed_once() {
    let (app, payroll) = opened().await;
    let half = json!({"reference": "half", "deliveries": [{"agency": "pension"}]});
    let first = begun(&payroll, "key", &half).await;
    assert_eq!((first.status, first.body["state"].as_str()), (201, Some("draft")), "{}", first.body);
    let path = first.headers["location"].to_str().unwrap().to_owned();
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(begun(&payroll, "key", &half).await.body["id"], first.body["id"]);
    let other = begun(&payroll, "key", &json!({})).await;
    assert_eq!(told(&other), (422, Some("idempotency_key_reused"), Some("Idempotency-Key")), "{}", other.body);
    assert_eq!(payroll.get(&path).await.body["filing"], half);

    // Not whole yet: refused, and still there. Nothing of it is a filing.
    let submit = format!("{path}/submit");
    assert_eq!(told(&payroll.post(&submit, None).await), (400, Some("invalid_request"), None));
    assert!(payroll.get("/v1/submissions").await.body["items"].as_array().unwrap().is_empty());

    let whole = one("pension", "auto");
    for (seen, body, status, code) in [
        ("\"other\"", &whole, 412, "precondition_failed"),
        ("unquoted", &whole, 400, "invalid_request"),
        (tag.as_str(), &json!([]), 400, "invalid_request"),
    ] {
        let refused = put(&payroll, &path, seen, body).await;
        assert_eq!((refused.status, refused.body["code"].as_str()), (status, Some(code)), "{seen}: {}", refused.body);
    }
    let bare = payroll.send((Method::PUT, &path), &[], Some(&whole)).await;
    assert_eq!(told(&bare), (400, Some("invalid_request"), Some("If-Match")));
    let changed = put(&payroll, &path, &tag, &whole).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_ne!(changed.headers["etag"], tag.as_str());
    assert_eq!(put(&payroll, &path, &tag, &half).await.status, 412);

    let early = payroll.send((Method::POST, &submit), &[("if-match", &tag)], None).await;
    assert_eq!(told(&early), (412, Some("precondition_failed"), Some("If-Match")));
    let filings = futures_util::future::join_all((0..10).map(|_| payroll.post(&submit, None))).await;
    let ids: Vec<_> =
        filings.iter().filter(|filed| filed.status == 202).map(|filed| filed.body["id"].clone()).collect();
    assert!(!ids.is_empty() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert!(filings.iter().all(|filed| matches!(filed.status, 202 | 409)), "a call with its key is under way");
    let again = payroll.post(&submit, None).await;
    assert_eq!((again.status, &again.body["id"]), (202, &ids[0]), "{}", again.body);
    assert!(again.body["receipt"].is_string());
    assert_eq!(payroll.get(&path).await.status, 404);
    assert_eq!(put(&payroll, &path, "*", &half).await.status, 404);
    payroll.until_state(ids[0].as_str().unwrap(), "completed").await;
    assert_eq!(app.dev.sandbox.own.as_ref().unwrap().agencies().effects().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_thrown_away_or_another_s_is_not_there() {
    let (app, payroll) = opened().await;
    let body = json!({"note": "見本"});
    let path = begun(&payroll, "key", &body).await.headers["location"].to_str().unwrap().to_owned();
    let newer = begun(&payroll, "newer", &body).await;
    let listed = payroll.get(ALL).await.body;
    assert_eq!(listed["drafts"].as_array().unwrap().len(), 2, "{listed}");
    assert!(listed["drafts"][0].get("filing").is_none() && !listed.to_string().contains("見本"));
    // What one says is sealed.
    let held = app.store.store.list_sealed_drafts("", 10).await.unwrap();
    assert!(held.iter().all(|one| !one.content.windows(6).any(|bytes| bytes == "見本".as_bytes())));
    assert_eq!(payroll.send((Method::DELETE, &path), &[("if-match", "\"other\"")], None).await.status, 412);
    assert_eq!(payroll.send((Method::DELETE, &path), &[], None).await.status, 204);
    assert_eq!(payroll.send((Method::DELETE, &path), &[], None).await.status, 404);
    assert_eq!(payroll.post(&format!("{path}/submit"), None).await.status, 404);
    assert_eq!(payroll.get(ALL).await.body["drafts"][0]["id"], newer.body["id"]);
    for unknown in ["dft_unknown", "sub_unknown", "%20"] {
        assert_eq!(payroll.get(&format!("{ALL}/{unknown}")).await.status, 404, "{unknown}");
    }
}
