//! Forms that are filled from the person's own self-information: as far as was agreed, and whatever backends do.

use super::Payroll;
use super::applications::{CARD, apply, consented, parties, told};
use crate::support::app::App;
use crate::support::played::citizen::Citizen;
use crate::support::played::files::ClientFile;
use crate::support::played::third_party::{Answer, ThirdParty};
use reqwest::Method;
use serde_json::{Value, json};

const CLAIM: &str = "/v1/application-forms/child-allowance-claim-1/prefill";
const RESIDENCE: &str = "TM00000000000001";
/// Name, kana, day of birth, address, postal code: what the form asks of it.
const ALL: [&str; 5] = ["0100000010", "0100000020", "0100000030", "0100000050", "0100000070"];

/// The app, with a consent to applications and to these items.
async fn agreed(app: &App, items: &[&str]) -> Payroll {
    let party = ThirdParty::open(ClientFile::read(&app.directory(), "family_app").unwrap()).await.unwrap();
    let details = json!([{
        "type": "self_information", "purpose": party.file.purpose, "access_days": 1,
        "data_sets": [{"code": RESIDENCE, "items": items}],
    }]);
    let pending = party.push("openid applications self_information", &details).await.unwrap();
    let mut citizen = Citizen::new(CARD.0, CARD.1).unwrap();
    let page = citizen.arrive(&pending.address).await.unwrap();
    let answer = citizen.decide(&page, "agree", &party.file.redirect_uri).await.unwrap();
    let tokens = party.exchange(pending, &answer).await.unwrap();
    Payroll::holding(party, tokens.access)
}

async fn in_mood(app: &Payroll, scenario: &str) -> Answer {
    app.send((Method::GET, CLAIM), &[("x-sandbox-scenario", scenario)], None).await
}

fn names(items: &Value) -> Vec<&str> {
    items.as_array().unwrap().iter().map(|one| one["item"].as_str().unwrap()).collect()
}

fn reasons(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let all = answer.body["left"].as_array().unwrap();
    all.iter().map(|one| one["reason"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_is_filled_as_far_as_was_agreed_each_item_with_its_source() {
    let all = parties().await;
    let app = agreed(&all.app, &ALL).await;
    let filled = app.get(CLAIM).await;
    assert_eq!((filled.status, reasons(&filled)), (200, vec![]), "{}", filled.body);
    assert_eq!(filled.headers["cache-control"], "no-store");
    let said = &filled.body["applicant"];
    assert_eq!((&said["name"], &said["birth_date"]), (&json!("見本 太郎"), &json!("1988-04-12")));
    assert_eq!(said["postal_code"], json!("1549999"), "as the form takes it: {said}");
    let five = ["name", "name_kana", "birth_date", "postal_code", "address"];
    for item in filled.body["items"].as_array().unwrap() {
        assert!(five.contains(&item["item"].as_str().unwrap()), "{item}");
        assert_eq!(item["data_set"], json!(RESIDENCE));
        assert!(!item["provider"].as_str().unwrap().is_empty(), "{item}");
        assert_eq!(item["updated_at"].as_str().unwrap().len(), 14, "{item}");
    }
    assert_eq!(filled.body["items"].as_array().unwrap().len(), five.len());
    assert!(filled.body["receipt_id"].as_str().unwrap().starts_with("r_"), "it is in the log: {}", filled.body);

    // What came fits: with the rest, it is an application.
    let mut applicant = said.clone();
    let rest = json!({
        "phone": "0900000000", "pension": "1", "bank_name": "見本銀行", "bank_branch": "見本支店",
        "account_number": "0000000", "account_holder": "ミホン　タロウ",
    });
    applicant.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let body = json!({
        "municipality": "999016", "procedure": "child-allowance-claim", "form": "child-allowance-claim-1",
        "applied_by": {"kind": "self"},
        "answers": {"applicant": applicant, "entries": [
            {"name": "見本　一葉", "birth_date": "2025-06-07", "livelihood": "1", "is_in_custody": true},
        ]},
    });
    let arrived = apply(&app, "filled", &body).await;
    assert_eq!(arrived.status, 201, "{}", arrived.body);
    let unknown = app.get("/v1/application-forms/nothing/prefill").await;
    assert_eq!(told(&unknown), (404, Some("not_found"), Some("code")));
    let nothing = app.get("/v1/application-forms/emergency-repair-1/prefill").await;
    assert_eq!((reasons(&nothing), &nothing.body["applicant"]), (vec!["not_consented"], &json!({})), "not that one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_agreed_to_is_left_and_the_answer_says_so() {
    let all = parties().await;
    let without = all.family.get(CLAIM).await;
    assert_eq!(reasons(&without), ["not_consented"; 5]);
    assert_eq!((&without.body["applicant"], &without.body["items"]), (&json!({}), &json!([])));
    assert!(without.body.get("receipt_id").is_none(), "nothing was asked of anybody: {}", without.body);
    let some = agreed(&all.app, &["0100000010"]).await;
    let filled = some.get(CLAIM).await;
    assert_eq!(filled.body["applicant"], json!({"name": "見本 太郎"}), "{}", filled.body);
    assert_eq!(reasons(&filled), ["not_consented"; 4]);
    assert_eq!(names(&filled.body["left"]).len(), 4);
    assert!(!names(&filled.body["left"]).contains(&"name"));
    let stranger = consented(&all.app, "family_app", super::applications::OTHER_CARD).await;
    assert_eq!(stranger.get(CLAIM).await.body["applicant"], json!({}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_backend_does_the_items_are_left_with_the_reason() {
    let all = parties().await;
    let app = agreed(&all.app, &ALL).await;
    for (scenario, reason) in
        [("error_500", "backend_error"), ("malformed", "malformed_answer"), ("drop_connection", "unreachable")]
    {
        let answer = in_mood(&app, scenario).await;
        assert_eq!(reasons(&answer), [reason; 5], "{scenario}");
        assert_eq!(answer.body["left"][0]["is_retryable"], json!(true), "{scenario}: {}", answer.body);
        assert_eq!(answer.body["applicant"], json!({}), "{scenario}");
    }
    assert_eq!(app.get(CLAIM).await.body["applicant"]["name"], json!("見本 太郎"), "and then it is there again");
}
