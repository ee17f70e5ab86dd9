//! Bulk filings for another company: only by its delegation, which is asked when one is begun, filed, and sent.

use super::api::opened;
use super::bulk::{ALL, append, begin, file, said, sent, until};
use super::delegated::{COMPANY, registered, told, wanted};
use crate::support::app::App;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::delegation::Delegation;
use madoguchi::domain::representation::RepresentationEnd;
use madoguchi::domain::{Clock as _, SystemClock};
use madoguchi::protocol::jose::Compact;
use madoguchi::sandbox::agencies::Mood;
use serde_json::{Value, json};

fn for_company(file: &str, company: &str) -> Value {
    let mut said = said(file);
    said["applicant"] = json!(company);
    said
}

async fn end(app: &App, delegation: &Delegation) {
    let store = &app.store.store;
    let ended = store.end_delegation(&delegation.id, RepresentationEnd::Principal, None, SystemClock.now()).await;
    assert!(ended.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_company_is_filed_for_by_its_delegation_alone_and_marked_so() {
    let (app, mut payroll) = opened().await;
    let file = file(12);
    let said = for_company(&file, COMPANY);
    let refused = begin(&payroll, "key", &said, "wait=0").await;
    assert_eq!(told(&refused), (403, Some("not_delegated"), Some("/applicant")), "{}", refused.body);
    let bad = begin(&payroll, "key", &for_company(&file, "1234567890123"), "wait=0").await;
    assert_eq!(told(&bad), (422, Some("invalid_value"), Some("/applicant")), "{}", bad.body);

    let delegation = registered(&app, wanted(&payroll)).await.unwrap();
    let mut other = said.clone();
    other["procedure"] = json!("9990003");
    let refused = begin(&payroll, "key", &other, "wait=0").await;
    assert_eq!(told(&refused), (403, Some("not_delegated"), Some("/procedure")), "{}", refused.body);

    let last = sent(&payroll, "key", (&said, &file), "wait=0").await;
    assert_eq!(last["state"], "accepted", "{last}");
    let marks = (last["applicant"].as_str(), last["delegation"].as_str());
    assert_eq!(marks, (Some(COMPANY), Some(delegation.id.as_str())));
    let parts = Compact::split(last["receipt"].as_str().unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.claims).unwrap()).unwrap();
    assert_eq!((&claims["applicant"], &claims["delegation"]), (&last["applicant"], &last["delegation"]));
    let id = last["id"].as_str().unwrap();
    until(&payroll, id, |one| one["progress"]["by_state"]["completed"] == 12).await;
    let line = payroll.get(&format!("{ALL}/{id}/outcomes?limit=1")).await.body["items"][0].clone();
    let filing = payroll.get(&format!("/v1/submissions/{}", line["submission_id"].as_str().unwrap())).await.body;
    assert_eq!((&filing["applicant"], &filing["delegation"]), (&last["applicant"], &last["delegation"]), "{filing}");

    // A token that is bound to the company too files for no other, not even for the filer's own.
    let digest = &said["digest"];
    payroll.bind_to(&json!({"type": "bulk_submission", "digest": digest, "applicant": COMPANY})).await;
    assert_eq!(payroll.get(&format!("{ALL}/{id}")).await.status, 200);
    for company in [None, Some(CorporateNumber::none())] {
        let mut other = said.clone();
        other["applicant"] = company.map_or(Value::Null, |company| json!(company.as_str()));
        let refused = begin(&payroll, "another", &other, "wait=0").await;
        let is_beyond = refused.body["detail"].as_str().unwrap_or_default().contains(COMPANY);
        assert!(is_beyond || refused.body["code"] == "not_delegated", "{}", refused.body);
        assert_eq!((refused.status, refused.body["pointer"].as_str()), (403, Some("/applicant")), "{}", refused.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_filed_when_the_delegation_ends_is_never_filed() {
    let (app, payroll) = opened().await;
    let delegation = registered(&app, wanted(&payroll)).await.unwrap();
    let file = file(12);
    let said = for_company(&file, COMPANY);
    let coming = begin(&payroll, "coming", &said, "wait=0").await.body;
    let checked = sent(&payroll, "checked", (&said, &file), "dry-run").await;
    assert_eq!(checked["state"], "checked", "{checked}");
    end(&app, &delegation).await;
    // A begin that is repeated is answered as it was; a new one, or another under the same key, is not.
    let again = begin(&payroll, "coming", &said, "wait=0").await;
    assert_eq!((again.status, &again.body["id"]), (201, &coming["id"]), "{}", again.body);
    let new = begin(&payroll, "new", &said, "wait=0").await;
    assert_eq!(told(&new), (403, Some("not_delegated"), Some("/applicant")), "{}", new.body);
    let mut another = said.clone();
    another["procedure"] = json!("9990001");
    assert_eq!(told(&begin(&payroll, "coming", &another, "wait=0").await).1, Some("idempotency_key_reused"));
    let whole = append(&payroll, coming["id"].as_str().unwrap(), 0, &file).await.body;
    assert_eq!((&whole["state"], &whole["reason"]), (&json!("refused"), &json!("not_delegated")), "{whole}");
    assert_eq!(whole["receipt"], Value::Null);
    let path = format!("{ALL}/{}/submit", checked["id"].as_str().unwrap());
    let refused = payroll.post(&path, Some(&json!({"digest": said["digest"]}))).await;
    assert_eq!(told(&refused), (403, Some("not_delegated"), Some("/applicant")), "{}", refused.body);
    assert!(app.dev.sandbox.own.as_ref().unwrap().agencies().effects().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_when_the_delegation_ends_is_never_sent_and_every_line_says_so() {
    let (app, payroll) = opened().await;
    let agencies = app.dev.sandbox.own.as_ref().unwrap().agencies();
    agencies.feel(Some(Mood::Down));
    let delegation = registered(&app, wanted(&payroll)).await.unwrap();
    let file = file(3000);
    let last = sent(&payroll, "key", (&for_company(&file, COMPANY), &file), "wait=0").await;
    let id = last["id"].as_str().unwrap();
    end(&app, &delegation).await;
    // Also what is handed on only after it has ended: it was taken on, so each line has its word.
    until(&payroll, id, |one| one["progress"]["by_state"]["cancelled"] == 3000).await;
    agencies.feel(None);
    let page = payroll.get(&format!("{ALL}/{id}/outcomes?limit=1000")).await.body;
    for line in page["items"].as_array().unwrap() {
        assert_eq!((&line["state"], &line["findings"][0]["rule"]), (&json!("cancelled"), &json!("MG900")), "{line}");
    }
    assert!(agencies.effects().is_empty(), "{:?}", agencies.effects());
}
