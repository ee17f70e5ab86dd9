//! From company to office to software: each link narrower, seen, and ended on its own.

use super::Payroll;
use super::api::opened;
use super::delegated::{COMPANY, for_company, registered, told, wanted};
use crate::support::app::App;
use madoguchi::domain::client::{Client, ClientClass};
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::delegation::{Delegation, Pausing};
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::representation::RepresentationEnd;
use madoguchi::domain::{Clock as _, SystemClock};
use madoguchi::issuer::delegations::Wanted;
use reqwest::Method;
use serde_json::{Value, json};

/// An office that holds a delegation, and a vendor's software.
pub async fn staged() -> (App, Payroll, Payroll, Delegation) {
    let (app, office) = opened().await;
    // A vendor whom the rules let file for others.
    let (store, id) = (&app.store.store, ClientId::parse("load-test").unwrap());
    let vendor = Client { class: ClientClass::Payroll, ..store.find_client(&id).await.unwrap().unwrap() };
    store.put_client(&vendor, SystemClock.now()).await.unwrap();
    let software = Payroll::open_as(&app.directory(), "load_test").await;
    let delegation = registered(&app, wanted(&office)).await.unwrap();
    (app, office, software, delegation)
}

fn path(delegation: &Delegation) -> String {
    format!("/v1/delegations/{}/software", delegation.id)
}

fn named(software: &Payroll) -> Value {
    json!({"client": software.party.file.client_id})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registered_software_files_for_the_company_until_any_link_is_held_still_or_ended() {
    let (app, office, software, delegation) = staged().await;
    let body = for_company("auto", COMPANY);
    let before = software.file("key-0", &body).await;
    assert_eq!(told(&before), (403, Some("not_delegated"), Some("/applicant")), "{}", before.body);
    let made = office.post(&path(&delegation), Some(&named(&software))).await;
    assert_eq!((made.status, &made.body["via"]), (201, &json!(delegation.id.as_str())), "{}", made.body);
    let link = made.body["id"].as_str().unwrap().to_owned();
    assert_eq!(made.body["until"], json!(delegation.expires_at.rfc3339()));
    let listed = office.get(&path(&delegation)).await;
    assert_eq!(listed.body["items"][0]["client"], software.party.file.client_id.as_str(), "{}", listed.body);
    assert_eq!(software.get("/v1/delegations").await.body["items"][0]["id"], link.as_str());

    let filed = software.file("key-1", &body).await;
    assert_eq!((filed.status, &filed.body["delegation"]), (202, &json!(link)), "{}", filed.body);
    software.until_state(filed.body["id"].as_str().unwrap(), "completed").await;
    let mut other = body.clone();
    other["deliveries"][0]["procedure"] = json!("9990003");
    assert_eq!(told(&software.file("key-2", &other).await).1, Some("not_delegated"));

    // The company holds the office still: so is the software.
    let store = &app.store.store;
    assert!(store.pause_delegation(&delegation.id, Pausing::Pause, SystemClock.now()).await.unwrap());
    assert_eq!(told(&software.file("key-3", &body).await), (403, Some("not_delegated"), Some("/applicant")));
    assert_eq!(software.get("/v1/delegations").await.body["items"][0]["state"], "paused");
    let late = office.post(&path(&delegation), Some(&named(&software))).await;
    assert_eq!(told(&late), (403, Some("not_delegated"), Some("id")));
    assert!(store.pause_delegation(&delegation.id, Pausing::Resume, SystemClock.now()).await.unwrap());
    assert_eq!(software.file("key-4", &body).await.status, 202);
    // It ends the software alone: the office files on.
    let company = CorporateNumber::parse(COMPANY).unwrap();
    assert_eq!(store.list_delegations(&company, 10).await.unwrap()[0].id.as_str(), link);
    let id = link.clone().try_into().unwrap();
    assert!(store.end_delegation(&id, RepresentationEnd::Principal, None, SystemClock.now()).await.unwrap());
    assert_eq!(told(&software.file("key-5", &body).await).1, Some("not_delegated"));
    assert_eq!(office.file("key-6", &body).await.status, 202);
    assert_eq!(office.get(&path(&delegation)).await.body["items"][0]["ended_by"], "principal");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_companys_own_software_is_told_of_what_its_office_lets_file_and_ends() {
    let (app, company, office, _) = staged().await;
    // The other way round: the vendor is the office of the company behind the payroll software.
    let number = CorporateNumber::parse("5000000990004").unwrap();
    let client = ClientId::parse("load-test").unwrap();
    let given = registered(&app, Wanted { company: number, client, ..wanted(&company) }).await.unwrap();
    let made = office.post(&path(&given), Some(&json!({"client": "founding-office"}))).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let link = made.body["id"].as_str().unwrap();
    let ended = office.send((Method::DELETE, &format!("/v1/delegations/{link}")), &[], None).await;
    assert_eq!(ended.status, 204, "{}", ended.body);
    let told = async |who: &Payroll| -> Vec<Value> {
        let events = who.get("/v1/events?limit=100").await.body;
        let all = events["events"].as_array().unwrap().iter();
        all.filter(|event| event["software_delegation"].is_string()).cloned().collect()
    };
    let news = told(&company).await;
    let words: Vec<_> = news.iter().map(|event| event["software_news"].as_str().unwrap()).collect();
    assert_eq!(words, ["added", "removed"], "{news:?}");
    for event in &news {
        assert_eq!((&event["software_delegation"], &event["software"]), (&json!(link), &json!("founding-office")));
        assert_eq!(event["office_delegation"], json!(given.id.as_str()));
        assert!(event.get("submission").is_none() && event.get("applicant").is_none(), "{event}");
    }
    assert!(told(&office).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_gives_no_more_than_it_has_and_nobody_else_gives_anything() {
    let (_app, office, software, delegation) = staged().await;
    for (change, code, at) in [
        (json!({"client": "nobody"}), "invalid_value", Some("/client")),
        (json!({"client": "a b"}), "invalid_value", Some("/client")),
        (named(&office), "invalid_value", Some("/client")),
        (json!({"procedures": ["*"]}), "invalid_value", Some("/procedures")),
        (json!({"procedures": ["9990002", "9990003"]}), "invalid_value", Some("/procedures")),
        (json!({"until": "2999-12-31"}), "invalid_value", Some("/until")),
        (json!({"until": "2020-01-01"}), "invalid_value", Some("/until")),
        (json!({"until": "soon"}), "invalid_value", Some("/until")),
        (json!({"company": COMPANY}), "invalid_request", None),
    ] {
        let mut body = named(&software);
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = office.post(&path(&delegation), Some(&body)).await;
        assert_eq!((refused.body["code"].as_str(), refused.body["pointer"].as_str()), (Some(code), at), "{body}");
    }
    let stranger = software.post(&path(&delegation), Some(&named(&software))).await;
    assert_eq!(told(&stranger).0, 404, "{}", stranger.body);
    assert_eq!(software.get(&path(&delegation)).await.status, 404);
    let made = office.post(&path(&delegation), Some(&named(&software))).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let twice = office.post(&path(&delegation), Some(&named(&software))).await;
    assert_eq!(told(&twice), (409, Some("conflict"), Some("/client")));
    let further = format!("/v1/delegations/{}/software", made.body["id"].as_str().unwrap());
    let further = software.post(&further, Some(&named(&office))).await;
    assert_eq!(told(&further), (403, Some("not_delegated"), Some("id")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_gives_its_delegation_up_and_software_ends_with_it() {
    let (_app, office, software, delegation) = staged().await;
    let made = office.post(&path(&delegation), Some(&named(&software))).await;
    let (link, own) = (made.body["id"].as_str().unwrap().to_owned(), delegation.id.to_string());
    let delete = async |who: &Payroll, id: &str| {
        who.send((Method::DELETE, &format!("/v1/delegations/{id}")), &[], None).await.status
    };
    assert_eq!(delete(&software, &own).await, 404, "the office's");
    assert_eq!(delete(&office, &own).await, 204);
    assert_eq!(delete(&office, &own).await, 409);
    assert_eq!(delete(&software, &link).await, 409, "ended with the office's");
    let items = software.get("/v1/delegations").await.body["items"].clone();
    assert_eq!((&items[0]["state"], &items[0]["ended_by"]), (&json!("ended"), &json!("representative")), "{items}");
    assert_eq!(told(&software.file("key-1", &for_company("auto", COMPANY)).await).1, Some("not_delegated"));
    assert_eq!(delete(&office, "dlg_unknown").await, 404);
}
