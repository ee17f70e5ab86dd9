//! Electronic signatures of applications: signed with the card, verified, taken by the municipality, and verified there anew.

use super::Payroll;
use super::applications::{ALL, CARD, OTHER_CARD, Parties, RECEIVED, nursery, parties_of, told};
use super::batches::{begun, sent};
use crate::support::app::{spawn_app, spawn_app_at};
use crate::support::clock::ShiftedClock;
use crate::support::played::browser::Page;
use crate::support::played::citizen::Citizen;
use crate::support::played::third_party::Answer;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use madoguchi::sandbox::certification::{Certification, ListTrouble};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use x509_parser::prelude::{FromDer as _, X509Certificate};

pub(super) const DRAFTS: &str = "/v1/application-drafts";
/// Theirs whose cards [`CARD`] and [`OTHER_CARD`] are.
pub(super) const PASSWORD: &str = "MIHON1TARO";
pub(super) const OTHER_PASSWORD: &str = "MIHON2HANAKO";

/// An application that is signed, with documents.
fn care(attachments: &[&str]) -> Value {
    let attachments: Vec<Value> = attachments.iter().map(|id| json!({"id": id})).collect();
    json!({
        "municipality": "999016", "procedure": "care-certification-after-moving",
        "form": "care-certification-after-moving-1", "applied_by": {"kind": "self"},
        "answers": {
            "applicant": {
                "postal_code": "0000000", "address": "見本県見本市見本町1-2-3", "phone": "0900000000",
                "moved_on": "2026-11-20", "old_address": "例示県例示町2-2",
            },
            "entries": [
                {"insured_number": "0000000000", "name": "見本　太郎", "birth_date": "1950-01-01", "insured_kind": "1"}
            ],
        },
        "attachments": attachments,
    })
}

/// A family at its app and at its browser.
pub(super) struct Signing {
    pub all: Parties,
    pub citizen: Citizen,
    pub counter: String,
}

impl Signing {
    pub async fn open() -> Self {
        Self::of(Box::pin(parties_of(spawn_app().await)).await).await
    }

    pub async fn of(all: Parties) -> Self {
        let counter = all.family.party.file.issuer.clone();
        let mut citizen = Citizen::new(CARD.0, CARD.1).unwrap();
        citizen.dashboard(&counter).await.unwrap();
        Self { all, citizen, counter }
    }

    pub fn certification(&self) -> &Certification {
        self.all.app.dev.sandbox.own.as_ref().unwrap().certification()
    }

    /// A draft that could be handed in, and its tag.
    pub async fn draft(&self, key: &str, body: &Value) -> String {
        let answer = self.all.family.send((Method::POST, DRAFTS), &[("idempotency-key", key)], Some(body)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    pub async fn one(&self, id: &str) -> Value {
        self.all.family.get(&format!("{DRAFTS}/{id}")).await.body
    }

    pub async fn ask(&self, id: &str) -> Answer {
        self.all.family.send((Method::POST, &format!("{DRAFTS}/{id}/signature")), &[], None).await
    }

    pub async fn submit(&self, id: &str) -> Answer {
        self.all.family.send((Method::POST, &format!("{DRAFTS}/{id}/submit")), &[], None).await
    }

    pub fn address(&self, id: &str) -> String {
        format!("{}/dashboard/applications/drafts/{id}", self.counter)
    }

    /// Goes from the draft's page to the identity provider's.
    pub async fn go_to_provider(&mut self, id: &str) -> Page {
        let page = self.citizen.open(&self.address(id)).await.unwrap();
        let action = format!("/dashboard/applications/drafts/{id}/sign");
        let asked = self.citizen.press(&page, &action).await.unwrap();
        assert!(said(&asked).contains("Sign with the card"), "{}", said(&asked));
        asked
    }

    /// Signs there, and gives the address that the browser is sent back to, not opened yet.
    pub async fn sign_there(&mut self, page: &Page, (card, password): (&str, &str)) -> Page {
        let mut form = page.form_with("signing_password").unwrap();
        form.set("card_number", card);
        form.set("signing_password", password);
        self.citizen.send(page, &form, &format!("{}/signatures/callback", self.counter)).await.unwrap()
    }

    /// The whole way with a card; gives the page that it ends at.
    pub async fn sign(&mut self, id: &str, card: (&str, &str)) -> Page {
        let page = self.go_to_provider(id).await;
        let back = self.sign_there(&page, card).await;
        self.citizen.open(back.url.as_str()).await.unwrap()
    }
}

/// All that a page says.
pub(super) fn said(page: &Page) -> String {
    page.texts("main").join(" ")
}

/// What the municipality is told, verified by nothing of ours: the signature by the first certificate, that by the second.
fn check_jws(told: &Value) -> Value {
    let jws = &told["jws"];
    let text = |member: &str| jws[member].as_str().unwrap().to_owned();
    let input = format!("{}.{}", text("protected"), text("payload"));
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text("protected")).unwrap()).unwrap();
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("madoguchi-application+jws")));
    let ders: Vec<Vec<u8>> = jws["header"]["x5c"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| STANDARD.decode(one.as_str().unwrap()).unwrap())
        .collect();
    let read: Vec<X509Certificate<'_>> = ders.iter().map(|der| X509Certificate::from_der(der).unwrap().1).collect();
    let verify = |by: &X509Certificate<'_>, signed: &[u8], signature: &[u8]| {
        let key = &by.public_key().subject_public_key.data;
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(signed, signature).unwrap();
    };
    verify(&read[0], input.as_bytes(), &URL_SAFE_NO_PAD.decode(text("signature")).unwrap());
    verify(&read[1], read[0].tbs_certificate.as_ref(), &read[0].signature_value.data);
    let serial = read[0].raw_serial_as_string().replace(':', "").to_uppercase();
    assert_eq!(told["certificate"]["serial"], json!(serial.trim_start_matches('0')));
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text("payload")).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_signed_with_the_card_and_the_municipality_verifies_it_anew() {
    let mut signing = Signing::open().await;
    let id = signing.draft("one", &nursery()).await;
    assert!(signing.one(&id).await["signature"].is_null());
    let asked = signing.ask(&id).await;
    assert_eq!((asked.status, &asked.body["signature"]["state"]), (200, &json!("requested")), "{}", asked.body);
    assert_eq!(asked.body["signature"]["url"], json!(signing.address(&id)));
    // Who has not signed in yet comes back from there.
    let mut late = Citizen::new(CARD.0, CARD.1).unwrap();
    assert_eq!(late.open(&signing.address(&id)).await.unwrap().url.as_str(), signing.address(&id));
    let page = signing.citizen.open(&signing.address(&id)).await.unwrap();
    let text = said(&page);
    assert!(text.contains("asks you to sign it") && text.contains("髙子"), "one sees what is signed: {text}");
    let done = signing.sign(&id, (CARD.0, PASSWORD)).await;
    let text = said(&done);
    assert!(text.contains("It is signed") && text.contains("REIJI CITIZENS CA"), "{text}");
    let signed = signing.one(&id).await;
    assert_eq!(signed["signature"]["state"], json!("signed"), "{signed}");
    assert_ne!(signed["tag"], asked.body["tag"], "it is another by its tag");
    assert_eq!(signing.ask(&id).await.body["signature"]["state"], json!("signed"), "asking again changes nothing");

    let arrived = signing.submit(&id).await;
    assert_eq!(arrived.status, 201, "{}", arrived.body);
    let own = &arrived.body["signature"];
    assert_eq!((&own["state"], &own["covers"]), (&json!("signed"), &json!("what_it_says")));
    assert!(own["signed_at"].is_string() && own["not_after"].is_string() && own["serial"].is_null(), "{own}");
    assert_eq!(arrived.body["is_identity_checked_in_person"], json!(false));
    let application = arrived.body["application"]["id"].as_str().unwrap().to_owned();
    let list = signing.citizen.open(&format!("{}/dashboard/applications", signing.counter)).await.unwrap();
    assert!(said(&list).contains("Signed with your card"), "{}", said(&list));

    let given = signing.all.city.get(&format!("{RECEIVED}/{application}")).await.body;
    assert_eq!(
        (&given["signature"]["state"], &given["is_identity_checked_in_person"]),
        (&json!("signed"), &json!(false))
    );
    let told = signing.all.city.get(&format!("{RECEIVED}/{application}/signature")).await;
    assert_eq!(told.status, 200, "{}", told.body);
    let document = check_jws(&told.body);
    assert_eq!(document["answers"], nursery()["answers"], "what was signed is what it says");
    assert_eq!((&document["draft"], &document["counter"]), (&json!(id), &json!(signing.counter)));
    let path = format!("{RECEIVED}/{application}");
    let csv = signing.all.city.send((Method::GET, &path), &[("accept", "text/csv")], None);
    let csv = csv.await.body.to_string();
    assert!(csv.contains("電子署名") && csv.contains("signed"), "{csv}");
    check_others(&signing, &application).await;
    check_amended(&mut signing, &application).await;
}

/// Nobody but its municipality is given the signature.
async fn check_others(signing: &Signing, application: &str) {
    let directory = signing.all.app.directory();
    let town = Payroll::open_for(&directory, "town_desk", "agency_applications").await;
    for id in [application, "app_unknown"] {
        let answer = town.get(&format!("{RECEIVED}/{id}/signature")).await;
        assert_eq!((answer.status, &answer.body["code"]), (404, &json!("not_found")));
    }
}

/// What is amended afterwards is not signed, and both sides are told.
async fn check_amended(signing: &mut Signing, application: &str) {
    let ask = json!({"items": [{"pointer": "", "message": "直してください。"}], "until": super::applications::today()});
    let asked = signing.all.city.post(&format!("{RECEIVED}/{application}/ask-amendment"), Some(&ask)).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let body = nursery();
    let mut mended = json!({"answers": body["answers"], "certificates": body["certificates"]});
    mended["answers"]["entries"][0]["nursery_1"] = json!("見本第三保育園");
    let amended = signing.all.family.post(&format!("{ALL}/{application}/amend"), Some(&mended)).await;
    assert_eq!(amended.status, 200, "{}", amended.body);
    assert_eq!(amended.body["signature"]["covers"], json!("first_version"));
    let told = signing.all.city.get(&format!("{RECEIVED}/{application}/signature")).await.body;
    assert_eq!(told["covers"], json!("first_version"));
    assert_eq!(check_jws(&told)["answers"], body["answers"], "it is what it was");
    let list = signing.citizen.open(&format!("{}/dashboard/applications", signing.counter)).await.unwrap();
    assert!(said(&list).contains("it was amended since"), "{}", said(&list));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_with_a_draft_is_signed_too_and_a_change_voids_the_signature() {
    let mut signing = Signing::open().await;
    let pdf = format!("%PDF-1.7\n{}%%EOF", " ".repeat(90));
    let form = ("care-certification-after-moving-1", "care_insurance_card");
    let paper = begun(&signing.all.family, form, &pdf).await;
    sent(&signing.all.family, &paper, &pdf).await;
    let id = signing.draft("one", &care(&[&paper])).await;
    signing.sign(&id, (CARD.0, PASSWORD)).await;
    assert_eq!(signing.one(&id).await["signature"]["state"], json!("signed"));
    // The same again is no change.
    let path = format!("{DRAFTS}/{id}");
    let put = |body: Value| {
        let (family, path) = (&signing.all.family, path.clone());
        async move { family.send((Method::PUT, &path), &[("if-match", "*")], Some(&body)).await }
    };
    assert_eq!(put(care(&[&paper])).await.body["signature"]["state"], json!("signed"));
    let changed = put(care(&[])).await;
    assert_eq!(changed.body["signature"], json!({"state": "void"}), "a document was taken out");
    let page = signing.citizen.open(&signing.address(&id)).await.unwrap();
    assert!(said(&page).contains("that signature is void"), "{}", said(&page));
    let arrived = signing.submit(&id).await;
    assert_eq!((arrived.status, &arrived.body["signature"]), (201, &json!({"state": "in_person_check"})));
    assert_eq!(arrived.body["is_identity_checked_in_person"], json!(true));
    let application = arrived.body["application"]["id"].as_str().unwrap();
    let none = signing.all.city.get(&format!("{RECEIVED}/{application}/signature")).await;
    assert_eq!(none.status, 404, "{}", none.body);

    let again = signing.draft("two", &care(&[&paper])).await;
    signing.sign(&again, (CARD.0, PASSWORD)).await;
    let done = signing.submit(&again).await;
    let application = done.body["application"]["id"].as_str().unwrap();
    let told = signing.all.city.get(&format!("{RECEIVED}/{application}/signature")).await.body;
    let file = &check_jws(&told)["attachments"][0];
    assert_eq!((&file["id"], &file["length"]), (&json!(paper), &json!(pdf.len())));
    let digest = madoguchi::domain::Digest::of(&pdf).base64url();
    assert_eq!(file["sha256"], json!(digest));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_could_be_handed_in_is_signed_and_a_signature_can_be_taken_off() {
    let mut signing = Signing::open().await;
    let half = signing.draft("half", &json!({"procedure": "nursery-application"})).await;
    assert_eq!(signing.ask(&half).await.status, 400);
    let mut wrong = nursery();
    wrong["answers"]["applicant"]["birth_date"] = json!("yesterday");
    let wrong = signing.draft("wrong", &wrong).await;
    assert_eq!(told(&signing.ask(&wrong).await).1, Some("invalid_filing"));
    let unknown = signing.ask("dft_unknown").await;
    assert_eq!(told(&unknown), (404, Some("not_found"), Some("id")));

    let id = signing.draft("one", &nursery()).await;
    let path = format!("{DRAFTS}/{id}/signature");
    let stale = signing.all.family.send((Method::POST, &path), &[("if-match", "\"x\"")], None);
    assert_eq!(told(&stale.await).1, Some("precondition_failed"));
    signing.sign(&id, (CARD.0, PASSWORD)).await;
    let off = signing.all.family.send((Method::DELETE, &format!("{DRAFTS}/{id}/signature")), &[], None).await;
    assert_eq!((off.status, &off.body["signature"]), (200, &Value::Null), "{}", off.body);
    signing.sign(&id, (CARD.0, PASSWORD)).await;
    let page = signing.citizen.open(&signing.address(&id)).await.unwrap();
    let action = format!("/dashboard/applications/drafts/{id}");
    let off = signing.citizen.fill(&page, &action, &[("decision", "take_off")]).await.unwrap();
    assert!(said(&off).contains("The signature was taken off"), "{}", said(&off));
    assert!(signing.one(&id).await["signature"].is_null());
    // The person hands it in at the counter's own pages, signed.
    signing.sign(&id, (CARD.0, PASSWORD)).await;
    let page = signing.citizen.open(&signing.address(&id)).await.unwrap();
    let done = signing.citizen.fill(&page, &action, &[("decision", "hand_in")]).await.unwrap();
    assert!(
        said(&done).contains("It was handed in") && said(&done).contains("Signed with your card"),
        "{}",
        said(&done)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_is_verified_once_more_when_it_is_handed_in() {
    let clock = Arc::new(ShiftedClock::default());
    let app = spawn_app_at(Arc::clone(&clock) as _).await;
    let mut signing = Signing::of(Box::pin(parties_of(app)).await).await;
    let id = signing.draft("one", &nursery()).await;
    let other = signing.draft("two", &nursery()).await;
    signing.sign(&id, (CARD.0, PASSWORD)).await;
    signing.sign(&other, (CARD.0, PASSWORD)).await;
    // After that the lists are looked at anew; the person hands it in, for the software's token is over, too.
    clock.advance(Duration::from_mins(11));
    signing.certification().trouble_lists(ListTrouble::Away);
    let action = |id: &str| format!("/dashboard/applications/drafts/{id}");
    let page = signing.citizen.open(&signing.address(&id)).await.unwrap();
    let away = signing.citizen.fill(&page, &action(&id), &[("decision", "hand_in")]).await.unwrap();
    assert!(said(&away).contains("cannot be made or verified for the moment"), "{}", said(&away));
    signing.certification().trouble_lists(ListTrouble::None);
    signing.certification().take_back("mihon-taro");
    let page = signing.citizen.open(&signing.address(&id)).await.unwrap();
    let gone = signing.citizen.fill(&page, &action(&id), &[("decision", "hand_in")]).await.unwrap();
    assert!(said(&gone).contains("The signature does not count any more"), "{}", said(&gone));
    signing.citizen.fill(&page, &action(&id), &[("decision", "take_off")]).await.unwrap();
    let page = signing.citizen.open(&signing.address(&id)).await.unwrap();
    let done = signing.citizen.fill(&page, &action(&id), &[("decision", "hand_in")]).await.unwrap();
    assert!(said(&done).contains("the municipality checks in person who you are"), "{}", said(&done));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_person_signs_their_own_and_nothing_of_it_is_logged_as_theirs() {
    let mut signing = Signing::open().await;
    let id = signing.draft("one", &nursery()).await;
    let mut stranger = Citizen::new(OTHER_CARD.0, OTHER_CARD.1).unwrap();
    stranger.dashboard(&signing.counter).await.unwrap();
    assert_eq!(stranger.open(&signing.address(&id)).await.unwrap().status, 404);
    let done = signing.sign(&id, (OTHER_CARD.0, OTHER_PASSWORD)).await;
    assert!(said(&done).contains("that was another person"), "{}", said(&done));
    assert!(signing.one(&id).await["signature"].is_null());
}
