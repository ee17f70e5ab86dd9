//! One input for several municipalities: all arrive, each at the municipality that was chosen for it, or none does.

use super::Payroll;
use super::applications::{ALL, OTHER_CARD, RECEIVED, consented, parties, told};
use super::attachments::{FILES, uploaded};
use crate::support::played::third_party::Answer;
use reqwest::Method;
use serde_json::{Value, json};

const BATCHES: &str = "/v1/application-batches";

/// What the example hands in, too.
fn moving() -> Value {
    serde_json::from_str(include_str!("../../../examples/support/move_house.json")).unwrap()
}

async fn hand_in(family: &Payroll, key: &str, body: &Value) -> Answer {
    family.send((Method::POST, BATCHES), &[("idempotency-key", key)], Some(body)).await
}

fn changed(pointer: &str, value: Value) -> Value {
    let mut body = moving();
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_is_one_input_and_each_municipality_has_its_own() {
    let all = parties().await;
    let town = Payroll::open_for(&all.app.directory(), "town_desk", "agency_applications").await;
    let arrived = hand_in(&all.family, "move", &moving()).await;
    assert_eq!(arrived.status, 201, "{}", arrived.body);
    let id = arrived.body["id"].as_str().unwrap();
    assert_eq!(arrived.headers["location"], format!("{BATCHES}/{id}").as_str());
    let items = arrived.body["applications"].as_array().unwrap();
    let numbers: std::collections::BTreeSet<_> =
        items.iter().map(|one| one["arrival_number"].as_str().unwrap()).collect();
    assert_eq!((items.len(), numbers.len()), (5, 5), "each has a number of its own: {}", arrived.body);
    assert_eq!(hand_in(&all.family, "move", &moving()).await.body["id"], json!(id), "the same call");
    let other = hand_in(&all.family, "move", &changed("/common/phone", json!("0900000001"))).await;
    assert_eq!(told(&other), (422, Some("idempotency_key_reused"), Some("Idempotency-Key")));
    let (left, entered) = (all.city.get(RECEIVED).await.body, town.get(RECEIVED).await.body);
    assert_eq!(left["items"].as_array().unwrap().len(), 2, "{left}");
    assert_eq!(entered["items"].as_array().unwrap().len(), 3, "{entered}");
    assert_eq!(left["items"][0]["procedure"], json!("child-allowance-end"));
    let given = town.get(&format!("{RECEIVED}/{}", entered["items"][0]["id"].as_str().unwrap())).await.body;
    assert_eq!(
        given["answers"]["applicant"]["name"],
        moving()["common"]["name"],
        "what is common is said once: {given}"
    );
    assert!(given["answers"]["applicant"].get("end_reason").is_none(), "and nothing of another's: {given}");
    let withdrawn =
        all.family.post(&format!("{ALL}/{}/withdraw", items[0]["id"].as_str().unwrap()), Some(&json!({}))).await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.body);
    let seen = all.family.get(&format!("{BATCHES}/{id}")).await.body;
    let states: Vec<_> =
        seen["applications"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states.iter().filter(|state| **state == "withdrawn").count(), 1, "by itself: {seen}");
    assert_eq!(seen["life_event"], json!("moving"));
    let procedures = |all: &Value| -> Vec<Value> {
        all["applications"].as_array().unwrap().iter().map(|one| one["procedure"].clone()).collect()
    };
    assert_eq!(procedures(&seen), procedures(&moving()), "in their order");
    assert!(!left.to_string().contains(id) && !entered.to_string().contains(id), "no sign of the others");
    assert_eq!(all.family.get(ALL).await.body["items"][0]["batch"], json!(id), "the list says so, too");
    let stranger = consented(&all.app, "family_app", OTHER_CARD).await;
    for path in [format!("{BATCHES}/{id}"), format!("{BATCHES}/abt_unknown")] {
        assert_eq!(stranger.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_one_is_told_by_its_place_and_none_is_kept() {
    let all = parties().await;
    let entries = "/applications/1/answers/entries";
    for (body, code, at) in [
        (changed("/applications", json!([])), "invalid_value", "/applications"),
        (
            changed("/applications", json!(vec![moving()["applications"][0].clone(); 11])),
            "invalid_value",
            "/applications",
        ),
        (changed("/applications/1", moving()["applications"][0].clone()), "invalid_value", "/applications/1"),
        (
            changed("/applications/0/procedure", json!("damage-certificate")),
            "invalid_value",
            "/applications/0/procedure",
        ),
        (changed("/applications/0/procedure", json!("nothing")), "invalid_value", "/applications/0/procedure"),
        (changed("/applications/1/municipality", json!("152048")), "invalid_value", "/applications/1/municipality"),
        (changed("/applications/1/form", json!("child-allowance-end-1")), "invalid_value", "/applications/1/form"),
        (changed("/life_event", json!("disaster")), "invalid_value", "/applications/0/procedure"),
        (changed("/common", json!({"my_number": "1"})), "invalid_value", "/common/my_number"),
        (changed("/common/phone", json!("x")), "invalid_filing", "/common/phone"),
        (changed(entries, json!([])), "invalid_filing", entries),
        (
            changed("/applications/2/answers/entries/0/insured_number", json!("1")),
            "invalid_filing",
            "/applications/2/answers/entries/0/insured_number",
        ),
    ] {
        let answer = hand_in(&all.family, "wrong", &body).await;
        assert_eq!(told(&answer), (422, Some(code), Some(at)), "{}", answer.body);
    }
    let family = changed("/applied_by", json!({"kind": "family", "name": "見本　花子", "relationship": "妻"}));
    let answer = hand_in(&all.family, "wrong", &family).await;
    assert_eq!(told(&answer), (422, Some("invalid_value"), Some("/applied_by/kind")), "the forms say who applies");
    assert_eq!(
        told(&hand_in(&all.family, "wrong", &changed("/life_event", json!("party"))).await).1,
        Some("invalid_request")
    );
    assert_eq!(told(&all.family.post(BATCHES, Some(&moving())).await).2, Some("Idempotency-Key"));

    // Two are wrong in one item that all have in common: it is told once, and what is wrong with the third, too.
    let mut both = changed("/common/phone", json!("x"));
    both["applications"][2]["answers"]["entries"][0]["insured_number"] = json!("1");
    let answer = hand_in(&all.family, "wrong", &both).await;
    let places: Vec<_> =
        answer.body["findings"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    assert_eq!(places, ["/common/phone", "/applications/2/answers/entries/0/insured_number"], "{}", answer.body);
    assert_eq!(all.family.get(ALL).await.body["items"], json!([]), "none is kept");
    assert_eq!(all.city.get(RECEIVED).await.body["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_goes_with_one_of_them() {
    let all = parties().await;
    let pdf = format!("%PDF-1.7\n{}%%EOF", " ".repeat(90));
    let id = begun(&all.family, ("care-certification-after-moving-1", "care_insurance_card"), &pdf).await;
    let early = hand_in(&all.family, "early", &with_document(&id)).await;
    assert_eq!(told(&early), (422, Some("invalid_value"), Some("/applications/2/attachments/0/id")), "it is not whole");
    sent(&all.family, &id, &pdf).await;
    let (other, _) = uploaded(&all.family, "other", "power_of_attorney", &pdf).await;
    let wrong = hand_in(&all.family, "other-form", &with_document(&other)).await;
    assert_eq!(told(&wrong), (422, Some("invalid_value"), Some("/applications/2/attachments/0/id")));
    let arrived = hand_in(&all.family, "with", &with_document(&id)).await;
    assert_eq!(arrived.status, 201, "{}", arrived.body);
    let mut twice = with_document(&id);
    twice["applications"][1]["attachments"] = json!([{"id": id}]);
    let wrong = hand_in(&all.family, "twice", &twice).await;
    assert_eq!((wrong.status, wrong.body["code"].as_str()), (422, Some("invalid_value")), "{}", wrong.body);
    assert_eq!(all.family.get(&format!("{FILES}/{id}")).await.body["state"], json!("attached"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_death_the_notice_goes_with_its_certificate_and_what_follows_with_it() {
    let all = parties().await;
    let body: Value = serde_json::from_str(include_str!("bereavement.json")).unwrap();
    let without = hand_in(&all.family, "death", &body).await;
    assert_eq!(told(&without), (422, Some("invalid_filing"), Some("/applications/0/attachments")), "{}", without.body);
    let pdf = format!("%PDF-1.7\n{}%%EOF", " ".repeat(90));
    let id = begun(&all.family, ("death-notice-1", "death_certificate"), &pdf).await;
    sent(&all.family, &id, &pdf).await;
    let mut whole = body;
    whole["applications"][0]["attachments"] = json!([{"id": id}]);
    let arrived = hand_in(&all.family, "death", &whole).await;
    assert_eq!(arrived.status, 201, "{}", arrived.body);
    let received = all.city.get(RECEIVED).await.body;
    assert_eq!(received["items"].as_array().unwrap().len(), 3, "{received}");
}

pub(super) async fn begun(family: &Payroll, (form, document): (&str, &str), pdf: &str) -> String {
    let body = json!({
        "form": form, "document": document, "name": "書類.pdf", "length": pdf.len(),
        "digest": madoguchi::domain::Digest::of(pdf).base64url(),
    });
    let answer = family.send((Method::POST, FILES), &[("idempotency-key", "card")], Some(&body)).await;
    answer.body["id"].as_str().unwrap().to_owned()
}

pub(super) async fn sent(family: &Payroll, id: &str, pdf: &str) {
    let headers = [("content-type", "application/partial-upload"), ("upload-offset", "0")];
    let whole = family.try_send((Method::PATCH, &format!("{FILES}/{id}")), &headers, Some(pdf)).await.unwrap();
    assert_eq!(whole.body["state"], json!("ready"), "{}", whole.body);
}

fn with_document(id: &str) -> Value {
    let mut body = moving();
    body["applications"][2]["attachments"] = json!([{"id": id}]);
    body
}
