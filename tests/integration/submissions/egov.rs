//! e-Gov as an agency: signed packages, a report that settles lost answers, amendments and withdrawals.

use super::api::opened;
use super::{Payroll, counted};
use crate::support::app::App;
use madoguchi::sandbox::agencies::{Agencies, Moment, Mood};
use reqwest::Method;
use serde_json::{Value, json};

pub fn agencies(app: &App) -> &Agencies {
    app.dev.sandbox.own.as_ref().expect("a sandbox").agencies()
}

pub fn acquisition(mood: &str) -> Value {
    let content = json!({
        "insured_name": "見本　太郎", "insured_name_kana": "ミホン　タロウ", "employer_number": "1301-123456-1",
        "birth_date": {"era": "平成", "year": 2, "month": 3, "日": 4},
        "acquired_on": {"era": "令和", "year": 8, "month": 11, "日": 1},
        "note": format!("sandbox:{mood}"),
        "attachments": [{"name": "雇用契約書", "file_name": "contract.pdf", "data": "JVBERi0xLjcK"}],
    });
    json!({"deliveries": [{"agency": "e-gov", "procedure": "950A990000000003", "content": content}]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_package_is_taken_reviewed_and_completed() {
    let (app, payroll) = opened().await;
    let id = payroll.filed("auto", &acquisition("auto")).await;
    let now = payroll.until_state(&id, "completed").await;
    let part = &now["deliveries"][0];
    assert_eq!(part["arrival_number"].as_str().map(str::len), Some(18), "{now}");
    let id = payroll.filed("return", &acquisition("return")).await;
    let now = payroll.until_state(&id, "returned").await;
    assert_eq!(now["deliveries"][0]["findings"][0]["rule"], "EG110", "{now}");
    let counts = counted(&agencies(&app).effects(), "e-gov");
    assert_eq!((counts.len(), counts.values().max()), (2, Some(&1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_settled_by_the_report_and_doubles_nothing() {
    let (app, payroll) = opened().await;
    let mut moments = agencies(&app).listen();
    let lost = payroll.filed("lost", &acquisition("lose_reply")).await;
    let broken = payroll.filed("broken", &acquisition("broken")).await;
    payroll.until_state(&lost, "completed").await;
    // It was asked, had nothing, and is sent again as long as it takes.
    let mut received = 0;
    while received < 3 {
        received += usize::from(moments.recv().await.expect("a moment") == Moment::Received);
    }
    agencies(&app).feel(Some(Mood::Auto));
    payroll.until_state(&broken, "completed").await;
    let counts = counted(&agencies(&app).effects(), "e-gov");
    assert_eq!((counts.len(), counts.values().max()), (2, Some(&1)), "{counts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_named_by_its_member() {
    let (app, payroll) = opened().await;
    for (change, rule, pointer) in [
        (json!({"insured_name": null}), "EG100", ""),
        (json!({"nickname": "x"}), "EG010", "/nickname"),
        (json!({"birth_date": "1990-03-04"}), "EG014", "/birth_date"),
        (json!({"note": "sandbox:reject"}), "EG100", "/insured_name"),
    ] {
        let mut filing = acquisition("auto");
        let content = filing["deliveries"][0]["content"].as_object_mut().expect("members");
        content.extend(change.as_object().expect("members").clone());
        let id = payroll.filed(&change.to_string(), &filing).await;
        let now = payroll.until_state(&id, "returned").await;
        let found = &now["deliveries"][0]["findings"][0];
        assert_eq!((found["rule"].as_str(), found["pointer"].as_str()), (Some(rule), Some(pointer)), "{now}");
    }
    let mut filing = acquisition("auto");
    filing["deliveries"][0]["content"]["attachments"] = json!([{"name": "x", "file_name": "../x", "data": ""}]);
    let refused = payroll.send((Method::POST, "/v1/submissions"), &[("idempotency-key", "x")], Some(&filing)).await;
    let found = &refused.body["findings"][0];
    assert_eq!((refused.status, found["rule"].as_str()), (422, Some("EG004")), "{}", refused.body);
    assert!(found["pointer"].as_str().expect("a place").ends_with("/attachments/0"), "{found}");
    assert!(counted(&agencies(&app).effects(), "e-gov").is_empty(), "nothing of it was had");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_amendment_and_a_withdrawal_go_through() {
    let (app, payroll) = opened().await;
    let id = payroll.filed("amend", &acquisition("amend")).await;
    let now = payroll.until_state(&id, "action_required").await;
    let part = &now["deliveries"][0];
    assert!(now.to_string().contains("until"), "{now}");
    let amended = &acquisition("auto")["deliveries"][0]["content"];
    let body = json!({"deliveries": [{"id": part["id"], "content": amended}]});
    let answer = payroll.post(&format!("/v1/submissions/{id}/amend"), Some(&body)).await;
    assert!(answer.status < 300, "{} {}", answer.status, answer.body);
    payroll.until_state(&id, "completed").await;
    let id = payroll.filed("slow", &acquisition("slow")).await;
    payroll.until_state(&id, "arrived").await;
    let answer = payroll.post(&format!("/v1/submissions/{id}/withdraw"), None).await;
    assert!(answer.status < 300, "{} {}", answer.status, answer.body);
    payroll.until_state(&id, "cancelled").await;
    let acts: Vec<String> = agencies(&app).effects().into_iter().map(|effect| effect.act).collect();
    assert_eq!(acts, ["file", "amend", "file", "withdraw"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_procedure_whose_parts_are_signed_one_by_one_is_taken_amended_and_withdrawn() {
    let (_app, payroll) = opened().await;
    let separate = |mood: &str, is_attached: bool| {
        let mut filing = acquisition(mood);
        filing["deliveries"][0]["procedure"] = json!("950A990000000004");
        if !is_attached {
            filing["deliveries"][0]["content"].as_object_mut().expect("members").remove("attachments");
        }
        filing
    };
    for is_attached in [true, false] {
        let id = payroll.filed(&format!("auto-{is_attached}"), &separate("auto", is_attached)).await;
        let now = payroll.until_state(&id, "completed").await;
        assert_eq!(now["deliveries"][0]["arrival_number"].as_str().map(str::len), Some(18), "{now}");
    }
    let id = payroll.filed("amend", &separate("amend", true)).await;
    let now = payroll.until_state(&id, "action_required").await;
    let content = &separate("auto", true)["deliveries"][0]["content"];
    let body = json!({"deliveries": [{"id": now["deliveries"][0]["id"], "content": content}]});
    let answer = payroll.post(&format!("/v1/submissions/{id}/amend"), Some(&body)).await;
    assert!(answer.status < 300, "{} {}", answer.status, answer.body);
    payroll.until_state(&id, "completed").await;
    let id = payroll.filed("slow", &separate("slow", false)).await;
    payroll.until_state(&id, "arrived").await;
    let answer = payroll.post(&format!("/v1/submissions/{id}/withdraw"), None).await;
    assert!(answer.status < 300, "{} {}", answer.status, answer.body);
    payroll.until_state(&id, "cancelled").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_to_be_paid_is_shown_with_its_numbers_and_told_of_when_it_changes() {
    let (_app, payroll) = opened().await;
    let id = payroll.filed("pay", &acquisition("pay")).await;
    let now = payroll.until_state(&id, "completed").await;
    let payment = &now["deliveries"][0]["payments"][0];
    assert_eq!(
        (payment["payment_number"].as_str(), payment["amount"].as_u64()),
        (Some("1234567890123456"), Some(12_000))
    );
    assert_eq!(
        (payment["state"].as_str(), payment["facility_number"].as_str()),
        (Some("paid"), Some("00100")),
        "{now}"
    );
    let events = payroll.get("/v1/events?after=0").await.body;
    let states: Vec<_> =
        events["events"].as_array().expect("events").iter().filter_map(|one| one["state"].as_str()).collect();
    // Under review; the same when it has to be paid, and when it is.
    assert_eq!(states.iter().filter(|state| **state == "under_review").count(), 2, "{states:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_goes_on_with_the_refresh_token_that_it_was_given_last() {
    let (app, payroll) = opened().await;
    let sandbox = app.dev.sandbox.own.as_ref().expect("a sandbox");
    for n in 0..3 {
        let id = payroll.filed(&format!("{n}"), &acquisition("auto")).await;
        payroll.until_state(&id, "completed").await;
        if n < 2 {
            sandbox.forget_e_gov_access();
        }
    }
    let (by_first, by_later) = sandbox.e_gov_renewals();
    assert_eq!(by_first, 1, "each later one was given for the one before");
    assert!(by_later >= 2, "{by_later}");
    let held = app.store.store.find_agency_token("e-gov").await.expect("a store").expect("a token");
    assert!(held.version >= 3, "{}", held.version);
}

/// The documents of a filing, once there are so many here.
pub async fn documents(payroll: &Payroll, id: &str, count: usize) -> Vec<Value> {
    for _ in 0..200 {
        let answer = payroll.get(&format!("/v1/submissions/{id}/documents")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let all = answer.body["documents"].as_array().expect("a list").clone();
        if all.len() == count && all.iter().all(|one| one["state"] == "confirmed") {
            return all;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    unreachable!("no {count} documents of {id}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_official_document_is_fetched_verified_told_of_and_collected_once() {
    let (app, payroll) = opened().await;
    let id = payroll.filed("issue", &acquisition("issue")).await;
    payroll.until_state(&id, "completed").await;
    let all = documents(&payroll, &id, 1).await;
    let (one, content) = (&all[0], &all[0]["content"]);
    assert_eq!(
        (one["kind"].as_str(), content["signature"].as_str()),
        (Some("official_document"), Some("valid")),
        "{one}"
    );
    assert!(one["agency_deadline"].is_string() && content["kept_until"].is_string(), "{one}");
    // Beside what e-Gov says of the same signature.
    let there = &content["agency_signatures"];
    assert_eq!((there.as_array().map(Vec::len), &there[0]["certificate"]), (Some(1), &json!("正常")), "{one}");
    assert!(content["signature_flaw"].is_null() && !one["agency"].is_null(), "{one}");
    let own = format!("/v1/documents/{}", one["id"].as_str().expect("an id"));
    let answer = payroll.get(&own).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.headers["document-signature"], "valid");
    assert!(answer.headers["repr-digest"].to_str().expect("text").starts_with("sha-256=:"));
    // e-Gov was told, and the filer.
    assert_eq!(app.dev.sandbox.own.as_ref().expect("a sandbox").documents_done(), [1]);
    let events = payroll.get("/v1/events?after=0").await.body;
    let news = events["events"].as_array().expect("events").iter().filter(|event| event["document"].is_string());
    assert_eq!(news.map(|event| event["document_news"].clone()).collect::<Vec<_>>(), ["available"], "{events}");
    let collected = futures_util::future::join_all((0..50).map(|_| payroll.post_quietly(&own))).await;
    assert!(collected.iter().all(|status| *status == 200), "saying so again changes nothing: {collected:?}");
    assert_eq!(payroll.get(&own).await.status, 409, "it is not here any more");
    assert_eq!(payroll.get("/v1/documents/doc_unknown").await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_comes_after_the_end_is_fetched_and_told_of_like_any_other() {
    let (app, payroll) = opened().await;
    let id = payroll.filed("late", &acquisition("issue_late")).await;
    let now = payroll.until_state(&id, "completed").await;
    let all = documents(&payroll, &id, 1).await;
    assert_eq!(all[0]["kind"], "official_document");
    assert_eq!(app.dev.sandbox.own.as_ref().expect("a sandbox").documents_done(), [1]);
    let events = payroll.get("/v1/events?after=0").await.body;
    let events = events["events"].as_array().expect("events");
    let news: Vec<_> = events.iter().filter(|event| event["document"].is_string()).collect();
    assert_eq!(news.len(), 1, "{events:?}");
    assert_eq!(news[0]["document_news"], "available");
    // It was over before, and stays so.
    let after = payroll.get(&format!("/v1/submissions/{id}")).await.body;
    assert_eq!(
        (after["state"].as_str(), &after["deliveries"][0]["findings"]),
        (Some("completed"), &now["deliveries"][0]["findings"])
    );
    assert_eq!(events.iter().filter(|event| event["state"] == "completed" && event["document"].is_null()).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_is_kept_for_the_filer() {
    let (_app, payroll) = opened().await;
    let id = payroll.filed("amend", &acquisition("amend")).await;
    payroll.until_state(&id, "action_required").await;
    let all = documents(&payroll, &id, 1).await;
    assert_eq!((all[0]["kind"].as_str(), all[0]["content"]["signature"].as_str()), (Some("notice"), Some("none")));
    let answer = payroll.get(&format!("/v1/documents/{}", all[0]["id"].as_str().expect("an id"))).await;
    assert!(answer.body["notice_sentence"].is_string() || answer.body.to_string().contains("補正"), "{}", answer.body);
}
