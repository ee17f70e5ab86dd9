//! Certificates of employment: signed by the company, in the municipality's form, opened by that municipality alone.

use super::Payroll;
use super::api::opened;
use crate::support::app::App;
use crate::support::played::third_party::Answer;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::representation::{RepresentationEnd, RepresentationKind, RepresentationProof};
use madoguchi::domain::{Clock as _, SystemClock, SystemEntropy};
use madoguchi::issuer::delegations::{Wanted, register};
use madoguchi::policy::RepresentationLimits;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Of the company that the ready-made payroll software issues for.
const COMPANY: &str = "5000000990004";
/// Made up, with a right check digit.
const OTHER: &str = "7000012050002";
pub(super) const ALL: &str = "/v1/employment-certificates";

/// What the example certifies, too.
pub(super) fn content() -> Value {
    serde_json::from_str(include_str!("../../../examples/support/employment_certificate.json")).unwrap()
}

pub(super) async fn parties() -> (App, Payroll, Payroll) {
    let (app, _) = opened().await;
    let directory = app.directory();
    let company = Payroll::open_for(&directory, "payroll", "employment_certificates").await;
    let city = Payroll::open_for(&directory, "nursery_desk", "certificate_verification").await;
    (app, company, city)
}

pub(super) async fn issue(company: &Payroll, key: &str, content: &Value) -> Answer {
    let body = json!({"signed_certificate": company.party.certificate(content).unwrap()});
    company.send((Method::POST, ALL), &[("idempotency-key", key)], Some(&body)).await
}

pub(super) async fn open(city: &Payroll, reference: &Value) -> Answer {
    city.post(&format!("{ALL}/open"), Some(&json!({"reference": reference}))).await
}

pub(super) fn told(answer: &Answer) -> (u16, Option<&str>, Option<&str>) {
    (answer.status, answer.body["code"].as_str(), answer.body["pointer"].as_str())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_checked_signed_issued_opened_by_its_city_and_taken_back() {
    let (_app, company, city) = parties().await;
    let forms = company.get(&format!("{ALL}/forms?municipality=999016")).await.body;
    assert_eq!(forms["forms"][0]["code"], "standard-plus", "{forms}");
    let form = company.get(&format!("{ALL}/forms/standard-plus")).await.body;
    assert!(form["schema"]["properties"]["records"]["items"]["properties"]["commute_minutes"].is_object(), "{form}");

    let checked = company.post(&format!("{ALL}/check"), Some(&content())).await;
    assert_eq!((checked.status, &checked.body["findings"]), (200, &json!([])), "{}", checked.body);
    let mut wrong = content();
    wrong["employee"]["weekday_from"] = json!("9時");
    wrong["employer"]["contact_phone"] = json!("03-0000-0001");
    let checked = company.post(&format!("{ALL}/check"), Some(&wrong)).await.body;
    let places: Vec<_> = checked["findings"].as_array().unwrap().iter().map(|one| one["pointer"].clone()).collect();
    assert_eq!(places, ["/employer/contact_phone", "/employee/weekday_from"]);
    let refused = issue(&company, "wrong", &wrong).await;
    let place = "/signed_certificate/employer/contact_phone";
    assert_eq!(told(&refused), (422, Some("invalid_filing"), Some(place)), "{}", refused.body);

    let issued = issue(&company, "one", &content()).await;
    assert_eq!((issued.status, &issued.body["certificate"]["state"]), (201, &json!("issued")), "{}", issued.body);
    let id = issued.body["certificate"]["id"].as_str().unwrap();
    let receipt = issued.body["signed"]["receipt"].as_str().unwrap();
    let claims = receipt.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(
        (&claims["employer"], &claims["jti"]),
        (&json!(COMPANY), &issued.body["certificate"]["receipt"]),
        "{claims}"
    );
    assert_eq!(claims["signed_by"], issued.body["signed"]["signed_by"]);

    let opened = open(&city, &issued.body["reference"]).await;
    assert_eq!((opened.status, &opened.body["content"]), (200, &content()), "{}", opened.body);
    assert!(opened.body.get("reference").is_none() && opened.body.get("openings").is_none(), "{}", opened.body);

    let path = format!("{ALL}/{id}");
    for reason in ["changed", "incorrect"] {
        let revoked = company.post(&format!("{path}/revoke"), Some(&json!({"reason": reason}))).await;
        assert_eq!(
            (revoked.status, &revoked.body["certificate"]["revoked"]["reason"]),
            (200, &json!("changed")),
            "the first stays"
        );
    }
    let opened = open(&city, &issued.body["reference"]).await.body;
    assert_eq!(
        (&opened["certificate"]["state"], &opened["certificate"]["revoked"]["reason"]),
        (&json!("revoked"), &json!("changed"))
    );
    let seen = company.get(&path).await.body;
    assert_eq!((&seen["openings"], seen["opened_at"].is_string()), (&json!(2), true), "{seen}");
    let receipt = format!("/v1/receipts/{}", issued.body["certificate"]["receipt"].as_str().unwrap());
    let record = loop {
        let answer = company.get(&receipt).await;
        if answer.body["code"] != "receipt_pending" {
            break answer.body["record"].clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!((&record["kind"], &record["action"]), (&json!("employment_certificate"), &json!("issued")), "{record}");
    assert!(!record.to_string().contains("見本"), "nothing of the employee is in it: {record}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_issues_once_and_a_page_lists_what_was_issued() {
    let (_app, company, city) = parties().await;
    let body = json!({"signed_certificate": company.party.certificate(&content()).unwrap()});
    let calls = (0..10).map(|_| company.send((Method::POST, ALL), &[("idempotency-key", "one")], Some(&body)));
    let answers = join_all(calls).await;
    assert!(answers.iter().all(|one| one.status == 201 && one.body == answers[0].body), "{}", answers[0].body);
    let reused = issue(&company, "one", &content()).await;
    assert_eq!(told(&reused), (422, Some("idempotency_key_reused"), Some("Idempotency-Key")), "another signature");
    let missing = company.post(ALL, Some(&body)).await;
    assert_eq!(told(&missing), (400, Some("invalid_request"), Some("Idempotency-Key")));
    assert_eq!(issue(&company, "two", &content()).await.status, 201);
    let first = company.get(&format!("{ALL}?limit=1")).await.body;
    let next = first["next"].as_str().unwrap();
    let second = company.get(&format!("{ALL}?limit=1&after={next}")).await.body;
    assert_eq!(second["items"][0]["id"], answers[0].body["certificate"]["id"], "{second}");
    assert!(second.get("next").is_none() && first["items"][0].get("reference").is_none());
    let listed = company.get(&format!("{ALL}?limit=0")).await;
    assert_eq!(told(&listed), (422, Some("invalid_value"), Some("limit")));
    // Whoever opens has no other call, and whoever issues cannot open.
    assert_eq!(told(&city.get(ALL).await).1, Some("insufficient_scope"));
    assert_eq!(told(&open(&company, &answers[0].body["reference"]).await).1, Some("insufficient_scope"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_opened_by_another_and_nothing_issued_that_is_not_signed_so() {
    let (_app, company, city) = parties().await;
    let mut elsewhere = content();
    elsewhere["municipality"] = json!("131041");
    let refused = issue(&company, "form", &elsewhere).await;
    assert_eq!(told(&refused), (422, Some("invalid_value"), Some("/signed_certificate/form")), "{}", refused.body);
    elsewhere["form"] = json!("standard");
    elsewhere["employee"].as_object_mut().unwrap().remove("commute_minutes");
    let other = issue(&company, "elsewhere", &elsewhere).await;
    assert_eq!(other.status, 201, "{}", other.body);
    let nothing = open(&city, &json!("no-such-reference")).await;
    let theirs = open(&city, &other.body["reference"]).await;
    assert_eq!(told(&theirs), (404, Some("not_found"), Some("/reference")));
    let words = |answer: &Answer| (answer.status, answer.body["detail"].clone(), answer.body["title"].clone());
    assert_eq!(words(&theirs), words(&nothing), "the same for another city's and for nobody's");
    assert_eq!(company.get(&format!("{ALL}/emp_none")).await.status, 404);

    let good = company.party.certificate(&content()).unwrap();
    let by_another = city.party.certificate(&content()).unwrap();
    let (header, rest) = good.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let mut tampered = content();
    tampered["employee"]["name"] = json!("見本　他人");
    let tampered = URL_SAFE_NO_PAD.encode(tampered.to_string());
    let assertion = company.party.assertion().unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"typ":"employment-certificate+jws","alg":"none"}"#);
    for text in [
        by_another,
        format!("{header}.{tampered}.{signature}"),
        format!("{none}.{claims}."),
        assertion,
        String::new(),
        "a.b".to_owned(),
        "x".repeat(70_000),
    ] {
        let body = json!({"signed_certificate": text});
        let refused = company.send((Method::POST, ALL), &[("idempotency-key", "bad")], Some(&body)).await;
        assert_eq!(told(&refused), (422, Some("invalid_value"), Some("/signed_certificate")), "{}", refused.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn for_another_company_it_is_issued_by_a_delegation_that_names_it() {
    let (app, company, _) = parties().await;
    let mut theirs = content();
    theirs["corporate_number"] = json!(OTHER);
    let refused = issue(&company, "one", &theirs).await;
    assert_eq!(told(&refused), (403, Some("not_delegated"), Some("/corporate_number")), "{}", refused.body);
    let store = &app.store.store;
    let limits = RepresentationLimits::load(Path::new("policies")).unwrap();
    let wanted = |procedure: &str| Wanted {
        company: CorporateNumber::parse(OTHER).unwrap(),
        client: ClientId::parse("payroll").unwrap(),
        kind: RepresentationKind::LaborConsultant,
        proof: RepresentationProof::PowerOfAttorney,
        procedures: vec![procedure.to_owned()],
        until: SystemClock.now().plus(Duration::from_hours(24 * 30)).date_in_japan(),
        by: Some("desk 3".into()),
    };
    let other = register(&**store, &limits, wanted("2200700"), &SystemEntropy, SystemClock.now()).await.unwrap();
    assert_eq!(told(&issue(&company, "one", &theirs).await).1, Some("not_delegated"), "it names something else");
    let now = SystemClock.now();
    assert!(store.end_delegation(&other.id, RepresentationEnd::Principal, None, now).await.unwrap());
    let given = wanted("employment-certificate");
    let given = register(&**store, &limits, given, &SystemEntropy, SystemClock.now()).await.unwrap();
    let body = json!({"signed_certificate": company.party.certificate(&theirs).unwrap()});
    let call = async |key: &str| company.send((Method::POST, ALL), &[("idempotency-key", key)], Some(&body)).await;
    let issued = call("one").await;
    assert_eq!(
        (issued.status, issued.body["certificate"]["delegation"].as_str()),
        (201, Some(given.id.as_str())),
        "{}",
        issued.body
    );
    assert!(store.end_delegation(&given.id, RepresentationEnd::Principal, None, SystemClock.now()).await.unwrap());
    assert_eq!(told(&issue(&company, "two", &theirs).await).1, Some("not_delegated"));
    // What was issued is answered as it was; nothing new is, and nothing else under its key.
    let again = call("one").await;
    assert_eq!((again.status, &again.body["id"]), (201, &issued.body["id"]), "{}", again.body);
    assert_eq!(told(&call("three").await).1, Some("not_delegated"));
    theirs["employee"]["commute_minutes"] = json!(36);
    assert_eq!(told(&issue(&company, "one", &theirs).await).1, Some("idempotency_key_reused"));
}
