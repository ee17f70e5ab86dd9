//! What a filer is told, rightly and wrongly asked.

use super::{Payroll, counted, one};
use crate::support::app::{App, spawn_app};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::StreamExt as _;
use madoguchi::domain::Digest;
use madoguchi::protocol::jose::{Algorithm, Compact, KeySet};
use madoguchi::sandbox::agencies::FOUNDING;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub async fn opened() -> (App, Payroll) {
    let app = spawn_app().await;
    let payroll = Payroll::open(&app.directory()).await;
    (app, payroll)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filing_is_receipted_delivered_amended_and_completed_and_every_step_is_told() {
    let (app, payroll) = opened().await;
    let mut body = one("pension", "auto");
    let labour = one("labour", "amend")["deliveries"][0].clone();
    body["deliveries"].as_array_mut().unwrap().push(labour);
    body["reference"] = json!("hiring-0042");
    let answer = payroll.file("key-1", &body).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let id = answer.body["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.headers["location"], format!("/v1/submissions/{id}"));
    check_receipt(&payroll, &answer.body, &body.to_string()).await;

    let asked = payroll.until_state(&id, "action_required").await;
    let part = &asked["deliveries"][1];
    assert_eq!((part["agency"].as_str(), part["state"].as_str()), (Some("labour"), Some("action_required")));
    assert_eq!(part["findings"][0]["pointer"], "/employees/0/address");
    assert_eq!(part["findings"][0]["severity"], "hold");
    assert!(part["action"]["until"].is_string() && part["arrival_number"].is_string(), "{part}");
    let amendment =
        json!({"deliveries": [{"id": part["id"], "content": {"employees": [{"address": "見本県見本市1"}]}}]});
    let amended = payroll.post(&format!("/v1/submissions/{id}/amend"), Some(&amendment)).await;
    assert_eq!(amended.status, 200, "{}", amended.body);
    let done = payroll.until_state(&id, "completed").await;
    assert!(done["deliveries"].as_array().unwrap().iter().all(|part| part["state"] == "completed"), "{done}");
    check_events(&payroll, &id).await;
    let effects = app.dev.sandbox.own.as_ref().unwrap().agencies().effects();
    let acts: Vec<_> = effects.iter().map(|effect| (effect.agency.as_str(), effect.act.as_str())).collect();
    assert_eq!(acts.len(), 3, "{effects:?}");
    assert!(acts.contains(&("labour", "amend")) && counted(&effects, "labour").values().all(|n| *n == 1));
}

/// By our published keys, over the very bytes, and known to the log of evidence.
async fn check_receipt(payroll: &Payroll, filing: &Value, bytes: &str) {
    let text = filing["receipt"].as_str().unwrap();
    let keys: Value =
        reqwest::get(format!("{}/oauth/jwks", payroll.party.file.issuer)).await.unwrap().json().await.unwrap();
    let keys = KeySet::parse(&keys).unwrap();
    let parts = Compact::split(text).unwrap();
    let decoded = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let (header, claims) = (decoded(parts.header), decoded(parts.claims));
    assert_eq!(header["typ"], "submission-receipt+jwt");
    let mut candidates = keys.candidates(header["kid"].as_str(), Algorithm::Es256);
    let is_ours = candidates.any(|key| parts.verify(Algorithm::Es256, key).is_ok());
    assert!(is_ours, "the receipt is not by a published key");
    let digest = Digest::of(bytes).base64url();
    assert_eq!(
        (claims["content_digest"]["sha-256"].as_str(), filing["content_sha256"].as_str()),
        (Some(&*digest), Some(&*digest))
    );
    assert_eq!((&claims["submission"], &claims["jti"]), (&filing["id"], &filing["receipt_id"]));
    let path = format!("/v1/receipts/{}", claims["jti"].as_str().unwrap());
    loop {
        let answer = payroll.get(&path).await;
        if answer.body["code"] == "receipt_pending" {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        assert_eq!(
            (answer.status, answer.body["record"]["kind"].as_str()),
            (200, Some("submission")),
            "{}",
            answer.body
        );
        assert_eq!(answer.body["record"]["content_sha256"], digest);
        return;
    }
}

async fn check_events(payroll: &Payroll, id: &str) {
    let (mut after, mut states) = (0, Vec::new());
    loop {
        let page = payroll.get(&format!("/v1/events?after={after}&limit=3")).await;
        let events = page.body["events"].as_array().unwrap().clone();
        if events.is_empty() {
            break;
        }
        for event in events {
            assert!(event["id"].as_u64().unwrap() > after && event["submission"] == id, "{event}");
            after = event["id"].as_u64().unwrap();
            if event["agency"] == "labour" {
                states.push(event["state"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(page.body["next"], after);
    }
    let wanted =
        "validating queued delivering arrived under_review action_required queued delivering under_review completed";
    assert_eq!(states.join(" "), wanted);
    // The same as a stream, from where one stopped.
    let headers = [("accept", "text/event-stream"), ("last-event-id", "2")];
    let url = format!("{}/v1/events", payroll.party.file.issuer);
    let proof = payroll.party.binding.proof("GET", &url, Some(&payroll.token), payroll.party.last_nonce().as_deref());
    let mut request = payroll.party.http.get(&url).header("dpop", proof.unwrap());
    request = request.header("authorization", format!("DPoP {}", payroll.token));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let first = response.bytes_stream().next().await.unwrap().unwrap();
    let text = String::from_utf8(first.to_vec()).unwrap();
    assert!(text.starts_with("id: 3\nevent: submission\ndata: {"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_replays_its_own_filing_and_no_other() {
    let (app, payroll) = opened().await;
    let body = one("pension", "slow");
    let first = payroll.file("key-1", &body).await;
    let again = payroll.file("key-1", &body).await;
    assert_eq!((first.status, again.status), (202, 202));
    assert_eq!((&first.body["id"], &first.body["receipt"]), (&again.body["id"], &again.body["receipt"]));
    // White space is nothing, another value is something.
    let spaced = serde_json::to_string_pretty(&body).unwrap();
    let target = (Method::POST, "/v1/submissions");
    let same = payroll.try_send(target.clone(), &[("idempotency-key", "key-1")], Some(&spaced)).await.unwrap();
    assert_eq!(same.body["id"], first.body["id"]);
    let other = payroll.file("key-1", &one("pension", "auto")).await;
    assert_eq!((other.status, other.body["code"].as_str()), (422, Some("idempotency_key_reused")));
    let bare = payroll.send(target, &[], Some(&body)).await;
    assert_eq!((bare.status, bare.body["pointer"].as_str()), (400, Some("Idempotency-Key")));
    let found = payroll.get("/v1/submissions?key=key-1").await;
    assert_eq!(found.body["items"][0]["id"], first.body["id"]);
    assert!(payroll.get("/v1/submissions?key=key-2").await.body["items"].as_array().unwrap().is_empty());
    payroll.until_state(first.body["id"].as_str().unwrap(), "arrived").await;
    assert_eq!(app.dev.sandbox.own.as_ref().unwrap().agencies().effects().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_calls_with_one_key_at_once_file_once() {
    let (_app, payroll) = opened().await;
    // A nonce first, so that the storm is not about nonces.
    payroll.get("/v1/events").await;
    let body = one("pension", "slow");
    let answers = futures_util::future::join_all((0..50).map(|_| payroll.file("key", &body))).await;
    let mut ids: Vec<_> =
        answers.iter().filter(|answer| answer.status == 202).map(|a| a.body["id"].to_string()).collect();
    for answer in answers.iter().filter(|answer| answer.status != 202) {
        assert_eq!((answer.status, answer.body["code"].as_str()), (409, Some("conflict")), "{}", answer.body);
        assert!(answer.headers.contains_key("retry-after"));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_by_its_place() {
    let (_app, payroll) = opened().await;
    let known = payroll.get("/v1/agencies").await.body;
    let names: Vec<_> = known["agencies"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    let taking = ["city", "e-gov", "labour", "pension", "pension-office", "tax"].into_iter();
    let mut taking: Vec<_> = taking.chain(FOUNDING.map(|(name, _)| name)).collect();
    taking.sort_unstable();
    assert_eq!(names, taking);
    assert_eq!(known["agencies"][0]["procedures"][0], "9990001");
    let good = one("pension", "slow");
    let with = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for (body, status, code, pointer) in [
        (with("/deliveries", json!([])), 422, "invalid_value", "/deliveries"),
        (with("/deliveries/0/agency", json!("nobody")), 422, "invalid_value", "/deliveries/0/agency"),
        (with("/deliveries/0/content", json!("text")), 422, "invalid_value", "/deliveries/0/content"),
        (json!({"deliveries": [{"agency": "pension"}]}), 400, "invalid_request", ""),
        (json!({"filings": []}), 400, "invalid_request", ""),
    ] {
        let answer = payroll.file("key", &body).await;
        let told =
            (answer.status, answer.body["code"].as_str().unwrap(), answer.body["pointer"].as_str().unwrap_or_default());
        assert_eq!(told, (status, code, pointer), "{body}");
    }
    for (path, pointer) in
        [("submissions?state=lost", "state"), ("submissions?after=x", "after"), ("events?after=x", "after")]
    {
        let answer = payroll.get(&format!("/v1/{path}")).await;
        assert_eq!((answer.status, answer.body["pointer"].as_str()), (422, Some(pointer)), "{path}");
    }
    // What is wrong in the content is told before anything is filed.
    let refused = payroll.file("key", &with("/deliveries/0/content/employees/0/name", json!("見本\u{7}"))).await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (422, Some("invalid_filing")), "{}", refused.body);
    let (finding, pointer) = (&refused.body["findings"][0], "/deliveries/0/content/employees/0/name");
    assert_eq!(
        (&finding["rule"], &finding["pointer"], &finding["position"], &refused.body["pointer"]),
        (&json!("MG004"), &json!(pointer), &json!(2), &json!(pointer))
    );
    assert!(payroll.get("/v1/submissions").await.body["items"].as_array().unwrap().is_empty());
    assert!(!finding["words"]["ja"].as_str().unwrap().is_empty());
    for path in ["/v1/submissions/sub_unknown", "/v1/submissions/%20"] {
        assert_eq!(payroll.get(path).await.status, 404, "{path}");
    }
}
