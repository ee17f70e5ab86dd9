//! Filings for another company: only by its delegation, for what it names, while it is in force; and marked so.

use super::api::opened;
use super::{Payroll, one};
use crate::support::app::App;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::delegation::{Delegation, Pausing};
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::representation::{RepresentationEnd, RepresentationKind, RepresentationProof};
use madoguchi::domain::{Clock as _, Failure, SystemClock, SystemEntropy};
use madoguchi::issuer::delegations::{Wanted, register};
use madoguchi::policy::RepresentationLimits;
use madoguchi::protocol::jose::Compact;
use madoguchi::sandbox::agencies::Mood;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Made up, with a right check digit.
pub const COMPANY: &str = "7000012050002";

pub fn wanted(payroll: &Payroll) -> Wanted {
    Wanted {
        company: CorporateNumber::parse(COMPANY).unwrap(),
        client: ClientId::parse(&payroll.party.file.client_id).unwrap(),
        kind: RepresentationKind::LaborConsultant,
        proof: RepresentationProof::PowerOfAttorney,
        procedures: vec!["9990002".into()],
        until: SystemClock.now().plus(Duration::from_hours(24 * 30)).date_in_japan(),
        by: Some("desk 3".into()),
    }
}

pub async fn registered(app: &App, wanted: Wanted) -> Result<Delegation, String> {
    let limits = RepresentationLimits::load(Path::new("policies")).unwrap();
    let store = &*app.store.store;
    register(store, &limits, wanted, &SystemEntropy, SystemClock.now()).await.map_err(|failure| match failure {
        Failure::Refused(refusal) => format!("{} {}", refusal.code, refusal.public),
        Failure::Broken(fault) => fault.to_string(),
    })
}

pub fn for_company(scenario: &str, company: &str) -> Value {
    let mut body = one("pension", scenario);
    body["applicant"] = json!(company);
    body
}

pub fn told(answer: &crate::support::played::third_party::Answer) -> (u16, Option<&str>, Option<&str>) {
    (answer.status, answer.body["code"].as_str(), answer.body["pointer"].as_str())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_company_is_filed_for_by_its_delegation_alone_and_marked_so() {
    let (app, payroll) = opened().await;
    let body = for_company("auto", COMPANY);
    let refused = payroll.file("key-0", &body).await;
    assert_eq!(told(&refused), (403, Some("not_delegated"), Some("/applicant")), "{}", refused.body);
    let bad = payroll.file("key-0", &for_company("auto", "1234567890123")).await;
    assert_eq!(told(&bad), (422, Some("invalid_value"), Some("/applicant")), "{}", bad.body);

    let delegation = registered(&app, wanted(&payroll)).await.unwrap();
    let taken = payroll.file("key-1", &body).await;
    assert_eq!(taken.status, 202, "{}", taken.body);
    let marks = (taken.body["applicant"].as_str(), taken.body["delegation"].as_str());
    assert_eq!(marks, (Some(COMPANY), Some(delegation.id.as_str())));
    let parts = Compact::split(taken.body["receipt"].as_str().unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.claims).unwrap()).unwrap();
    assert_eq!((&claims["applicant"], &claims["delegation"]), (&json!(COMPANY), &taken.body["delegation"]));
    let events = payroll.get("/v1/events").await.body;
    assert_eq!(events["events"][0]["applicant"], COMPANY, "{events}");
    let path = format!("/v1/receipts/{}", taken.body["receipt_id"].as_str().unwrap());
    let record = loop {
        let answer = payroll.get(&path).await;
        if answer.body["code"] != "receipt_pending" {
            break answer.body["record"].clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!((&record["applicant"], &record["delegation"]), (&json!(COMPANY), &taken.body["delegation"]));
    payroll.until_state(taken.body["id"].as_str().unwrap(), "completed").await;

    // Only what it names, and only for the one who gave it.
    let mut other = for_company("auto", COMPANY);
    other["deliveries"][0]["procedure"] = json!("9990003");
    let refused = payroll.file("key-2", &other).await;
    assert_eq!(told(&refused), (403, Some("not_delegated"), Some("/deliveries/0/procedure")), "{}", refused.body);
    let refused = payroll.file("key-2", &for_company("auto", CorporateNumber::none().as_str())).await;
    assert_eq!(told(&refused), (403, Some("not_delegated"), Some("/applicant")));

    // Once it has ended nothing new is taken on, and what had been is answered as it was.
    let (store, now) = (&app.store.store, SystemClock.now());
    assert!(store.end_delegation(&delegation.id, RepresentationEnd::Principal, None, now).await.unwrap());
    assert_eq!(told(&payroll.file("key-3", &body).await), (403, Some("not_delegated"), Some("/applicant")));
    let again = payroll.file("key-1", &body).await;
    assert_eq!((again.status, &again.body["id"]), (202, &taken.body["id"]));
    let reused = payroll.file("key-1", &for_company("slow", COMPANY)).await;
    assert_eq!(told(&reused), (422, Some("idempotency_key_reused"), Some("Idempotency-Key")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_when_the_delegation_ends_is_never_sent() {
    let (app, payroll) = opened().await;
    let agencies = app.dev.sandbox.own.as_ref().unwrap().agencies();
    agencies.feel(Some(Mood::Down));
    let delegation = registered(&app, wanted(&payroll)).await.unwrap();
    let id = payroll.filed("key-1", &for_company("auto", COMPANY)).await;
    let own = payroll.filed("key-2", &one("pension", "auto")).await;
    let (store, now) = (&app.store.store, SystemClock.now());
    assert!(store.end_delegation(&delegation.id, RepresentationEnd::Principal, None, now).await.unwrap());
    // Still away: a call that was on its way when the delegation ended finds nobody, and none is made after it.
    let over = payroll.until_state(&id, "cancelled").await;
    agencies.feel(None);
    assert_eq!(over["deliveries"][0]["findings"][0]["rule"], "MG900", "{over}");
    payroll.until_state(&own, "completed").await;
    let effects = agencies.effects();
    assert_eq!(effects.len(), 1, "{effects:?}");
    let withdrawn = payroll.post(&format!("/v1/submissions/{id}/withdraw"), None).await;
    assert_eq!(told(&withdrawn), (403, Some("not_delegated"), Some("/applicant")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_rules_do_not_allow_is_not_registered() {
    let (app, payroll) = opened().await;
    let good = wanted(&payroll);
    let own = app.store.store.find_client(&good.client).await.unwrap().unwrap().corporate_number;
    let far = SystemClock.now().plus(Duration::from_hours(24 * 4000)).date_in_japan();
    for (bad, begins) in [
        (Wanted { by: Some(" ".into()), ..good.clone() }, "invalid_request by:"),
        (Wanted { kind: RepresentationKind::Parent, ..good.clone() }, "invalid_request kind:"),
        (Wanted { proof: RepresentationProof::OwnSignIn, ..good.clone() }, "invalid_request proof:"),
        (Wanted { by: None, ..good.clone() }, "invalid_request proof:"),
        (Wanted { proof: RepresentationProof::FamilyRegister, ..good.clone() }, "invalid_request proof:"),
        (Wanted { procedures: vec![], ..good.clone() }, "invalid_request procedures:"),
        (Wanted { procedures: vec!["*".into(), "1".into()], ..good.clone() }, "invalid_request procedures:"),
        (Wanted { client: ClientId::parse("nobody").unwrap(), ..good.clone() }, "invalid_request representative:"),
        (Wanted { company: own, ..good.clone() }, "invalid_request representative:"),
        (Wanted { until: far, ..good.clone() }, "invalid_request until:"),
    ] {
        let refused = registered(&app, bad).await.unwrap_err();
        assert!(refused.starts_with(begins), "{refused}");
    }
    registered(&app, good.clone()).await.unwrap();
    assert!(registered(&app, good).await.unwrap_err().starts_with("conflict"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_knows_the_outcome_of_is_not_sent_again_once_the_delegation_ended() {
    let (app, payroll) = opened().await;
    let delegation = registered(&app, wanted(&payroll)).await.unwrap();
    // The agency has it, and its answer is lost each time.
    let id = payroll.filed("key-1", &for_company("lose_reply", COMPANY)).await;
    payroll.until(&id, "a call", |filing| filing["deliveries"][0]["state"] == "delivering").await;
    let (store, now) = (&app.store.store, SystemClock.now());
    assert!(store.end_delegation(&delegation.id, RepresentationEnd::Principal, None, now).await.unwrap());
    payroll.until(&id, "a person", |filing| filing["deliveries"][0]["is_looked_into"] == true).await;
    let effects = app.dev.sandbox.own.as_ref().unwrap().agencies().effects();
    assert!(effects.len() <= 1, "{effects:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_it_is_held_still_nothing_new_is_taken_and_what_was_waits_and_is_sent_once_it_goes_on() {
    let (app, payroll) = opened().await;
    let agencies = app.dev.sandbox.own.as_ref().unwrap().agencies();
    agencies.feel(Some(Mood::Down));
    let delegation = registered(&app, wanted(&payroll)).await.unwrap();
    let id = payroll.filed("key-1", &for_company("auto", COMPANY)).await;
    let (store, now) = (&app.store.store, SystemClock.now());
    assert!(store.pause_delegation(&delegation.id, Pausing::Pause, now).await.unwrap());
    let refused = payroll.file("key-2", &for_company("auto", COMPANY)).await;
    assert_eq!(told(&refused), (403, Some("not_delegated"), Some("/applicant")));
    assert!(refused.body["detail"].as_str().unwrap().contains("holds its delegation"), "{}", refused.body);
    let withdrawn = payroll.post(&format!("/v1/submissions/{id}/withdraw"), None).await;
    assert_eq!(told(&withdrawn), (403, Some("not_delegated"), Some("/applicant")));
    let again = payroll.file("key-1", &for_company("auto", COMPANY)).await;
    assert_eq!((again.status, again.body["id"].as_str()), (202, Some(id.as_str())), "as it was answered");
    // One of its own goes through meanwhile: the agency is there again, and gets nothing of the company's.
    agencies.feel(None);
    let own = payroll.filed("key-3", &one("pension", "auto")).await;
    payroll.until_state(&own, "completed").await;
    assert_eq!(agencies.effects().len(), 1);
    assert_ne!(payroll.get(&format!("/v1/submissions/{id}")).await.body["state"], "cancelled");
    assert!(store.pause_delegation(&delegation.id, Pausing::Resume, SystemClock.now()).await.unwrap());
    payroll.until_state(&id, "completed").await;
    assert_eq!(agencies.effects().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_lists_the_delegations_it_holds_and_another_sees_none_of_them() {
    let (app, payroll) = opened().await;
    let other = Payroll::open_as(&app.directory(), "load_test").await;
    let one = registered(&app, wanted(&payroll)).await.unwrap();
    let by_another = Wanted { company: CorporateNumber::none(), ..wanted(&payroll) };
    let next = registered(&app, by_another).await.unwrap();
    let first = payroll.get("/v1/delegations?limit=1").await;
    assert_eq!(first.status, 200, "{}", first.body);
    let item = &first.body["items"][0];
    assert_eq!((&item["id"], &item["state"]), (&json!(next.id.as_str()), &json!("active")), "newest first");
    let after = first.body["next"].as_str().unwrap();
    let second = payroll.get(&format!("/v1/delegations?limit=1&after={after}")).await;
    let item = &second.body["items"][0];
    assert_eq!(
        (&item["company"], &item["procedures"], &item["kind"], &item["until"]),
        (&json!(COMPANY), &json!(["9990002"]), &json!("labor_consultant"), &json!(one.expires_at.rfc3339()))
    );
    assert!(second.body["next"].is_null(), "{}", second.body);
    let (store, now) = (&app.store.store, SystemClock.now());
    assert!(store.pause_delegation(&one.id, Pausing::Pause, now).await.unwrap());
    assert!(store.end_delegation(&next.id, RepresentationEnd::Principal, None, now).await.unwrap());
    let items = payroll.get("/v1/delegations").await.body["items"].clone();
    assert_eq!((&items[0]["state"], &items[0]["ended_by"]), (&json!("ended"), &json!("principal")), "{items}");
    assert_eq!((&items[1]["state"], &items[1]["paused_at"]), (&json!("paused"), &json!(now.rfc3339())), "{items}");
    let none = other.get("/v1/delegations").await;
    assert_eq!((none.status, &none.body["items"]), (200, &json!([])), "{}", none.body);
    let guessed = other.get(&format!("/v1/delegations?after={after}")).await;
    assert_eq!(guessed.body["items"], json!([]), "{}", guessed.body);
    let bad = payroll.get("/v1/delegations?after=x").await;
    assert_eq!(told(&bad), (422, Some("invalid_value"), Some("after")));
}
