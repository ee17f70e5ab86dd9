//! Applications of citizens to municipalities: handed in with consent, taken by the municipality that was chosen, answered.

use super::Payroll;
use super::api::opened;
use super::certificates::{content, issue};
use crate::support::app::App;
use crate::support::played::citizen::Citizen;
use crate::support::played::files::ClientFile;
use crate::support::played::third_party::{Answer, ThirdParty};
use futures_util::future::join_all;
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::{Clock as _, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub(super) const ALL: &str = "/v1/applications";
pub(super) const RECEIVED: &str = "/agency/v1/applications";
pub(super) const CARD: (&str, &str) = ("1000000000000001", "1234");
pub(super) const OTHER_CARD: (&str, &str) = ("1000000000000002", "2345");

pub(super) struct Parties {
    pub app: App,
    pub family: Payroll,
    pub city: Payroll,
    pub company: Payroll,
}

pub(super) async fn parties() -> Parties {
    parties_of(opened().await.0).await
}

pub(super) async fn parties_of(app: App) -> Parties {
    let directory = app.directory();
    let family = Box::pin(consented(&app, "family_app", CARD)).await;
    let city = Payroll::open_for(&directory, "nursery_desk", "agency_applications").await;
    let company = Payroll::open_for(&directory, "payroll", "employment_certificates").await;
    Box::pin(recorded(&city)).await;
    Parties { app, family, city, company }
}

/// A disaster of a municipality's, that its applications name.
pub(super) fn typhoon() -> Value {
    json!({"code": "R801", "details": {
        "name": {"ja": "令和8年見本台風", "en": "Typhoon Mihon of 2026"}, "from": "2026-09-10", "until": "2026-09-12",
        "procedures": ["damage-certificate"],
    }})
}

/// The municipality records it.
pub(super) async fn recorded(desk: &Payroll) {
    let answer = desk.post(super::disasters::OWN, Some(&typhoon())).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

/// The app with a token of whoever has this card.
pub(super) async fn consented(app: &App, name: &str, card: (&str, &str)) -> Payroll {
    by_consent(ThirdParty::open(ClientFile::read(&app.directory(), name).unwrap()).await.unwrap(), card).await
}

pub(super) async fn by_consent(party: ThirdParty, (card, pin): (&str, &str)) -> Payroll {
    let pending = party.push("openid applications", &Value::Null).await.unwrap();
    let mut citizen = Citizen::new(card, pin).unwrap();
    let page = citizen.arrive(&pending.address).await.unwrap();
    assert!(page.html.contains("asks to apply to municipalities for you"), "{}", page.html);
    assert!(!page.html.contains("No information is asked for"), "something is asked for: {}", page.html);
    let answer = citizen.decide(&page, "agree", &party.file.redirect_uri).await.unwrap();
    let tokens = party.exchange(pending, &answer).await.unwrap();
    Payroll::holding(party, tokens.access)
}

/// What the example applies for, too.
pub(super) fn nursery() -> Value {
    serde_json::from_str(include_str!("../../../examples/support/nursery_application.json")).unwrap()
}

pub(super) async fn apply(family: &Payroll, key: &str, body: &Value) -> Answer {
    family.send((Method::POST, ALL), &[("idempotency-key", key)], Some(body)).await
}

/// A certificate's reference and id.
pub(super) async fn certified(company: &Payroll, key: &str) -> (String, String) {
    let issued = issue(company, key, &content()).await;
    assert_eq!(issued.status, 201, "{}", issued.body);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&issued.body["reference"]), text(&issued.body["certificate"]["id"]))
}

pub(super) fn with_reference(reference: &str) -> Value {
    let mut body = nursery();
    body["certificates"] = json!([{"slot": "guardian_1", "reference": reference}]);
    body
}

pub(super) fn told(answer: &Answer) -> (u16, Option<&str>, Option<&str>) {
    (answer.status, answer.body["code"].as_str(), answer.body["pointer"].as_str())
}

pub(super) fn id_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["application"]["id"].as_str().unwrap().to_owned()
}

pub(super) async fn step(city: &Payroll, id: &str, name: &str, body: &Value) -> Answer {
    city.post(&format!("{RECEIVED}/{id}/{name}"), Some(body)).await
}

pub(super) fn today() -> String {
    SystemClock.now().date_in_japan().to_string()
}

pub(super) fn result(decision: &str) -> Value {
    json!({"decision": decision, "title": "利用調整結果通知書", "text": "決定しました。\n入園日をお待ちください。", "decided_on": today()})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_arrives_with_its_certificate_is_mended_decided_and_every_step_is_told() {
    let all = parties().await;
    let (reference, certificate) = certified(&all.company, "one").await;
    check_forms(&all.family).await;
    let body = with_reference(&reference);
    let arrived = apply(&all.family, "one", &body).await;
    let id = id_of(&arrived);
    assert_eq!(arrived.headers["location"], format!("{ALL}/{id}").as_str());
    assert_eq!(arrived.body["certificates"], json!([{"slot": "guardian_1", "state": "verified"}]));
    let number = arrived.body["application"]["arrival_number"].as_str().unwrap().to_owned();
    assert_eq!(number.len(), 21, "{number}");
    let again = apply(&all.family, "one", &body).await;
    assert_eq!(id_of(&again), id, "the same call");
    let mut other = body.clone();
    other["answers"]["applicant"]["remarks"] = json!("別");
    assert_eq!(
        told(&apply(&all.family, "one", &other).await),
        (422, Some("idempotency_key_reused"), Some("Idempotency-Key"))
    );
    assert_eq!(all.family.get(ALL).await.body["items"][0]["arrival_number"], json!(number));

    let page = all.city.get(RECEIVED).await.body;
    assert_eq!((&page["items"][0]["id"], &page["next"]), (&json!(id), &json!(1)), "{page}");
    assert!(!page.to_string().contains("見本"), "the list says nothing of what is in it: {page}");
    assert!(all.family.get(&format!("{ALL}/{id}")).await.body["read_at"].is_null());
    let given = all.city.get(&format!("{RECEIVED}/{id}")).await.body;
    assert_eq!(given["answers"], body["answers"], "{given}");
    let attached = &given["certificates"][0];
    assert_eq!((&attached["state"], &attached["certificate"]["id"]), (&json!("verified"), &json!(certificate)));
    assert_eq!(attached["certificate"]["reference"], json!(reference));
    assert!(all.family.get(&format!("{ALL}/{id}")).await.body["read_at"].is_string(), "whoever applied sees that");

    check_amendment(&all, &id, &body).await;
    let decided = step(&all.city, &id, "decide", &result("approved")).await;
    assert_eq!(decided.status, 200, "{}", decided.body);
    let seen = all.family.get(&format!("{ALL}/{id}")).await.body;
    assert_eq!((&seen["result"]["decision"], &seen["application"]["state"]), (&json!("approved"), &json!("approved")));
    let states: Vec<_> =
        seen["timeline"].as_array().unwrap().iter().map(|step| step["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["arrived", "under_review", "amendment_requested", "amended", "approved"]);
    for (who, path, body) in [
        (&all.family, format!("{ALL}/{id}/withdraw"), json!({})),
        (&all.city, format!("{RECEIVED}/{id}/review"), json!({})),
        (&all.city, format!("{RECEIVED}/{id}/decide"), result("rejected")),
    ] {
        assert_eq!(who.post(&path, Some(&body)).await.body["code"], "conflict", "{path}");
    }
    check_told(&all, &id, seen["receipt"].as_str().unwrap()).await;
}

async fn check_forms(family: &Payroll) {
    let forms = family.get("/v1/application-forms?procedure=nursery-application&municipality=999016").await.body;
    assert_eq!(
        (&forms["forms"][0]["code"], forms["forms"][1].is_null()),
        (&json!("nursery-application-mihon-1"), true)
    );
    let form = family.get("/v1/application-forms/nursery-application-mihon-1").await.body;
    assert!(form["schema"]["properties"]["entries"]["items"]["properties"]["commute_minutes"].is_object(), "{form}");
    assert_eq!(
        (&form["is_identity_checked_in_person"], &form["certificates"][0]["slot"]),
        (&json!(true), &json!("guardian_1"))
    );
}

/// Looked into, sent back to be mended, and mended once.
async fn check_amendment(all: &Parties, id: &str, body: &Value) {
    let review = step(&all.city, id, "review", &json!({"note": "書類を確認しています。"})).await;
    assert_eq!((review.status, &review.body["application"]["state"]), (200, &json!("under_review")), "{}", review.body);
    let ask =
        json!({"items": [{"pointer": "/answers/entries/0/nursery_1", "message": "休園中です。"}], "until": today()});
    let asked = step(&all.city, id, "ask-amendment", &ask).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let seen = all.family.get(&format!("{ALL}/{id}")).await.body;
    assert_eq!(
        (&seen["amendment"]["items"], &seen["timeline"][1]["note"]),
        (&ask["items"], &json!("書類を確認しています。"))
    );
    assert_eq!(step(&all.city, id, "decide", &result("approved")).await.body["code"], "conflict", "not as it is");
    let mut mended = json!({"answers": body["answers"], "certificates": body["certificates"]});
    mended["answers"]["entries"][0]["nursery_1"] = json!("見本第二保育園");
    let amended = all.family.post(&format!("{ALL}/{id}/amend"), Some(&mended)).await;
    assert_eq!((amended.status, &amended.body["application"]["state"]), (200, &json!("amended")), "{}", amended.body);
    let again = all.family.post(&format!("{ALL}/{id}/amend"), Some(&mended)).await;
    assert_eq!((again.status, &again.body["code"]), (409, &json!("conflict")), "nothing is asked any more");
    let page = all.city.get(&format!("{RECEIVED}?after=1")).await.body;
    assert_eq!((&page["items"][0]["state"], page["items"].as_array().unwrap().len()), (&json!("amended"), 1), "{page}");
}

/// By events, without anything of what it says, and by the log of evidence.
async fn check_told(all: &Parties, id: &str, receipt: &str) {
    let mut software = Payroll::open_for(&all.app.directory(), "family_app", "submissions").await;
    software.renew().await;
    let events = software.get("/v1/events?limit=100").await.body;
    let news: Vec<_> =
        events["events"].as_array().unwrap().iter().map(|one| one["application_news"].as_str().unwrap()).collect();
    assert_eq!(news, ["arrived", "under_review", "amendment_requested", "amended", "decided"], "{events}");
    assert!(events.to_string().contains(id) && !events.to_string().contains("見本"), "{events}");
    // The municipality hears what others did, from the same feed; another municipality hears nothing.
    let heard = all.city.get("/v1/events?limit=100").await.body;
    let news: Vec<_> = heard["events"].as_array().unwrap().iter().map(|one| &one["application_news"]).collect();
    assert_eq!(news, ["arrived", "amended"], "{heard}");
    assert!(heard.to_string().contains(id) && !heard.to_string().contains("見本"), "{heard}");
    let town = Payroll::open_for(&all.app.directory(), "town_desk", "agency_applications").await;
    assert_eq!(town.get("/v1/events").await.body["events"], json!([]));
    for _ in 0..200 {
        let answer = all.family.get(&format!("/v1/receipts/{receipt}")).await;
        if answer.body["code"] != "receipt_pending" {
            let record = answer.body["record"].to_string();
            assert!(record.contains("arrived") && record.contains(id) && !record.contains("見本"), "{record}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    unreachable!("it never was logged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_citizen_client_or_municipality_sees_nothing_of_it() {
    let all = parties().await;
    let id = id_of(&apply(&all.family, "one", &nursery()).await);
    let other_person = consented(&all.app, "family_app", OTHER_CARD).await;
    // The same person by another client: the same software, registered once more.
    let mut file = ClientFile::read(&all.app.directory(), "family_app").unwrap();
    let own = all.app.store.store.find_client(&ClientId::parse(&file.client_id).unwrap()).await.unwrap().unwrap();
    let other = madoguchi::domain::client::Client { id: ClientId::parse("family-two").unwrap(), ..own };
    all.app.store.store.put_client(&other, SystemClock.now()).await.unwrap();
    "family-two".clone_into(&mut file.client_id);
    let other_client = by_consent(ThirdParty::open(file).await.unwrap(), CARD).await;
    for stranger in [&other_person, &other_client] {
        assert_eq!(stranger.get(ALL).await.body["items"], json!([]));
        for path in [format!("{ALL}/{id}"), format!("{ALL}/{id}/x")] {
            assert_eq!(stranger.get(&path).await.status, 404);
        }
        for act in ["withdraw", "amend"] {
            let answer = stranger.post(&format!("{ALL}/{id}/{act}"), Some(&nursery())).await;
            assert_eq!(told(&answer), (404, Some("not_found"), Some("id")), "{act}");
        }
        // The same key is another person's own.
        assert_ne!(id_of(&apply(stranger, "one", &nursery()).await), id);
    }
    let town = Payroll::open_for(&all.app.directory(), "town_desk", "agency_applications").await;
    assert_eq!(town.get(RECEIVED).await.body, json!({"items": [], "next": 0}));
    for (act, body) in [("review", json!({})), ("ask-amendment", json!({})), ("decide", result("approved"))] {
        assert_eq!(told(&step(&town, &id, act, &body).await), (404, Some("not_found"), Some("id")), "{act}");
    }
    for accept in ["application/json", "text/csv"] {
        let answer = town.send((Method::GET, &format!("{RECEIVED}/{id}")), &[("accept", accept)], None).await;
        assert_eq!(told(&answer), (404, Some("not_found"), Some("id")));
    }
    assert_eq!(all.city.get(RECEIVED).await.body["items"].as_array().unwrap().len(), 3);
    assert_eq!(all.family.get(RECEIVED).await.body["code"], "insufficient_scope");
    assert_eq!(all.city.get(ALL).await.body["code"], "insufficient_scope");
    // Software without a person applies for nobody, whatever else it may.
    let software = Payroll::open_for(&all.app.directory(), "family_app", "submissions").await;
    assert_eq!(apply(&software, "one", &nursery()).await.body["code"], "insufficient_scope");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_goes_with_it_only_as_the_municipality_takes_it_and_is_told_when_it_is_taken_back() {
    let all = parties().await;
    let (reference, certificate) = certified(&all.company, "one").await;
    let mut body = nursery();
    body["certificates"] = json!([]);
    let missing = apply(&all.family, "missing", &body).await;
    assert_eq!(
        told(&missing).1.zip(told(&missing).2),
        Some(("invalid_filing", "/answers/applicant/guardian_1_reason"))
    );
    let at = "/certificates/0/reference";
    for (attached, place) in [
        (json!([{"slot": "guardian_1", "reference": "unknown"}]), at),
        (json!([{"slot": "guardian_1", "reference": certificate}]), at),
        (json!([{"slot": "guardian_1", "reference": reference, "is_on_paper": true}]), at),
        (json!([{"slot": "guardian_1"}]), at),
        (json!([{"slot": "guardian_2", "reference": reference}]), "/certificates/0/slot"),
        (
            json!([{"slot": "guardian_1", "reference": reference}, {"slot": "guardian_1", "is_on_paper": true}]),
            "/certificates/1/slot",
        ),
    ] {
        let mut body = nursery();
        body["certificates"] = attached.clone();
        assert_eq!(
            told(&apply(&all.family, "wrong", &body).await),
            (422, Some("invalid_value"), Some(place)),
            "{attached}"
        );
    }
    // Made for one city, it goes with no other's application.
    let mut elsewhere = with_reference(&reference);
    elsewhere["municipality"] = json!("131041");
    elsewhere["form"] = json!("nursery-application-1");
    let entry = elsewhere["answers"]["entries"][0].as_object_mut().unwrap();
    entry.remove("commute_minutes");
    assert_eq!(told(&apply(&all.family, "elsewhere", &elsewhere).await), (422, Some("invalid_value"), Some(at)));

    let id = id_of(&apply(&all.family, "good", &with_reference(&reference)).await);
    let revoke = format!("/v1/employment-certificates/{certificate}/revoke");
    assert_eq!(all.company.post(&revoke, Some(&json!({"reason": "employment_ended"}))).await.status, 200);
    let page = all.city.get(&format!("{RECEIVED}?after=1")).await.body;
    assert_eq!(
        (&page["items"][0]["id"], &page["items"][0]["has_revoked_certificate"]),
        (&json!(id), &json!(true)),
        "{page}"
    );
    let given = all.city.get(&format!("{RECEIVED}/{id}")).await.body;
    let attached = &given["certificates"][0];
    assert_eq!(
        (&attached["state"], &attached["certificate"]["revoked_because"]),
        (&json!("revoked"), &json!("employment_ended"))
    );
    assert_eq!(all.family.get(&format!("{ALL}/{id}")).await.body["certificates"][0]["state"], "revoked");
    assert_eq!(
        told(&apply(&all.family, "late", &with_reference(&reference)).await),
        (422, Some("invalid_value"), Some(at))
    );
    // What arrived is answered as it is, also now.
    assert_eq!(id_of(&apply(&all.family, "good", &with_reference(&reference)).await), id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_withdrawn_or_decided_and_never_both() {
    let all = parties().await;
    for round in 0..4 {
        let id = id_of(&apply(&all.family, &format!("round-{round}"), &nursery()).await);
        let (withdraw, decide) = (format!("{ALL}/{id}/withdraw"), format!("{RECEIVED}/{id}/decide"));
        let decision = result("approved");
        let calls = (0..8).map(|n| {
            let (all, withdraw, decide, decision) = (&all, &withdraw, &decide, &decision);
            async move {
                if n % 2 == 0 {
                    all.family.post(withdraw, None).await
                } else {
                    all.city.post(decide, Some(decision)).await
                }
            }
        });
        let answers = join_all(calls).await;
        let done = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 1, "{:?}", answers.iter().map(told).collect::<Vec<_>>());
        assert!(answers.iter().all(|answer| answer.status == 200 || answer.body["code"] == "conflict"));
        let seen = all.family.get(&format!("{ALL}/{id}")).await.body;
        assert_eq!(seen["timeline"].as_array().unwrap().len(), 2, "{seen}");
        assert_eq!(seen["result"].is_null(), seen["application"]["state"] == "withdrawn");
    }
}
