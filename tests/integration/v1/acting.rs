//! A representative's way, whole: registered, decided for another, used, protected, ended.

use super::{Bank, REQUESTS, code, income};
use crate::support::played::citizen::Citizen;
use crate::support::played::third_party::Tokens;
use madoguchi::catalog::Catalog;
use madoguchi::domain::Digest;
use madoguchi::domain::data_set::DataSetCode;
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::ids::SubjectId;
use madoguchi::domain::representation::RepresentationEnd;
use madoguchi::domain::representation::{FreezeReason, Representation, RepresentationKind, RepresentationProof, Turn};
use madoguchi::domain::subject::UpstreamAccount;
use madoguchi::domain::{Clock as _, SystemClock, SystemEntropy};
use madoguchi::evidence::note::Signer;
use madoguchi::issuer::emergency::{Ground, Needed, Operators, make_key};
use madoguchi::issuer::representations::{Wanted, known_child, register};
use madoguchi::policy::RepresentationLimits;
use serde_json::{Value, json};
use std::path::Path;

const CONSENT: &str = "/v1/consent";

/// The number that a person's page shows.
async fn number(citizen: &mut Citizen, counter: &str) -> SubjectId {
    // The dashboard first: the door of every other page leads there.
    citizen.dashboard(counter).await.unwrap();
    let page = citizen.open(&format!("{counter}/dashboard/representatives")).await.unwrap();
    SubjectId::parse(page.texts("#own-number").first().unwrap()).unwrap()
}

struct Family {
    bank: Bank,
    principal: SubjectId,
    parent: Citizen,
    one: Representation,
}

impl Family {
    /// A bank that the principal agreed with, and somebody who acts for the principal.
    async fn new(kind: RepresentationKind) -> Self {
        let bank = Bank::agreed(30).await;
        let url = bank.app.url().to_owned();
        let mut person = Citizen::new("1000000000000001", "1234").unwrap();
        let mut parent = Citizen::new("1000000000000002", "2345").unwrap();
        let (principal, representative) = (number(&mut person, &url).await, number(&mut parent, &url).await);
        let limits = RepresentationLimits::load(Path::new("policies")).unwrap();
        let wanted = Wanted {
            principal: principal.clone(),
            representative,
            kind,
            proof: RepresentationProof::PowerOfAttorney,
            until: SystemClock.now().date_in_japan() + chrono::Days::new(20),
            born: None,
            by: "desk 3".into(),
        };
        let store = &*bank.app.store.store;
        let one = register(store, &limits, wanted, &SystemEntropy, SystemClock.now()).await.unwrap();
        Self { bank, principal, parent, one }
    }

    /// What the representative allows the bank for the principal.
    async fn agree(&mut self) -> Tokens {
        let details = json!([{
            "type": "self_information",
            "purpose": self.bank.party.file.purpose,
            "data_sets": [{
                "code": super::INCOME,
                "items": ["0200000010", "0200000020", "0200000050"],
                "period": {"from": "2024-01-01", "to": "2025-12-31"},
            }],
            "access_days": 30,
            "on_behalf_of": "represented",
        }]);
        let pending = self.bank.party.push("openid self_information", &details).await.unwrap();
        let page = self.parent.arrive(&pending.address).await.unwrap();
        let redirect = &self.bank.party.file.redirect_uri;
        let answer = self.parent.agree_for(&page, self.one.id.as_str(), redirect).await.unwrap();
        self.bank.party.exchange(pending, &answer).await.unwrap()
    }

    async fn turn(&self, turn: Turn) {
        let store = &self.bank.app.store.store;
        let turned = store.turn_representation(&self.one.id, turn, Some("desk 3"), SystemClock.now()).await.unwrap();
        assert!(turned.is_done());
    }

    /// Asks until the gateway answers so: it trusts what it read for less than a second.
    async fn until(&self, expected: (u16, &str)) {
        let found = async { while code(&self.bank.get(CONSENT, &[]).await) != (expected.0, expected.1.to_owned()) {} };
        let found = tokio::time::timeout(std::time::Duration::from_secs(5), found).await;
        assert!(found.is_ok(), "never {expected:?}");
    }
}

fn data(body: &Value) -> &Value {
    &body["data_sets"][0]["records"][0]["data"]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_representative_opens_the_principals_data_and_nobodys_identity() {
    let mut family = Family::new(RepresentationKind::TaxAccountant).await;
    let wait = [("prefer", "wait=20")];
    let own = family.bank.ask(&income(2025), &wait).await;
    assert_eq!(own.status, 200, "{}", own.body);
    family.bank.tokens = family.agree().await;
    assert!(family.bank.tokens.id_token.is_none(), "no word of who anybody is");
    let told = family.bank.get(CONSENT, &[]).await;
    assert_eq!((told.status, &told.body["on_behalf_of"]), (200, &json!("represented")), "{}", told.body);
    assert_eq!(told.body["scope"], "self_information");
    let userinfo = family.bank.get("/oauth/userinfo", &[]).await;
    assert_eq!((userinfo.status, &userinfo.body["error"]), (403, &json!("insufficient_scope")), "{}", userinfo.body);
    let got = family.bank.ask(&income(2025), &wait).await;
    assert_eq!(got.status, 200, "{}", got.body);
    assert!(data(&got.body).is_object(), "{}", got.body);
    assert_eq!(data(&got.body), data(&own.body), "the principal's data, not the representative's");

    // The receipt says so, and names nobody.
    let id = got.body["receipt_id"].as_str().unwrap();
    let store = &family.bank.app.store.store;
    let kept = store.find_receipt(&madoguchi::domain::ids::ReceiptId::parse(id).unwrap()).await.unwrap().unwrap();
    assert!(kept.record.contains(family.one.id.as_str()) && kept.record.contains("tax_accountant"), "{}", kept.record);
    assert!(!kept.record.contains(family.principal.as_str()));
    assert!(!kept.record.contains(family.one.representative.as_str()));

    // Under protection measures nothing goes to a representative any more.
    assert!(store.insert_protection(&family.principal, "desk 3", SystemClock.now()).await.unwrap());
    let hidden = family.bank.ask(&income(2025), &wait).await;
    assert_eq!((hidden.status, &hidden.body["data_sets"][0]["outcome"]), (200, &json!("non_disclosed")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateway_holds_and_ends_with_the_representation() {
    let mut family = Family::new(RepresentationKind::Appointed).await;
    family.bank.tokens = family.agree().await;
    family.until((200, "")).await;
    family.turn(Turn::Freeze(FreezeReason::Operator)).await;
    family.until((403, "consent_paused")).await;
    let refused = family.bank.ask(&income(2025), &[]).await;
    assert_eq!(code(&refused), (403, "consent_paused".into()), "{REQUESTS}: {}", refused.body);
    family.turn(Turn::Unfreeze(None)).await;
    family.until((200, "")).await;
    // The principal alone, by the dashboard's own buttons.
    let url = family.bank.app.url().to_owned();
    let mut person = Citizen::new("1000000000000001", "1234").unwrap();
    person.dashboard(&url).await.unwrap();
    let page = person.open(&format!("{url}/dashboard/representatives")).await.unwrap();
    let action = format!("/dashboard/representatives/{}/end", family.one.id);
    let confirm = person.press(&page, &action).await.unwrap();
    person.press(&confirm, &action).await.unwrap();
    let refused = family.bank.get(CONSENT, &[]).await;
    assert_eq!(code(&refused), (401, "invalid_token".into()), "this node was told at once: {}", refused.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_card_fails_to_sign_in_and_holds_every_representative_until_its_holder_is_back() {
    let mut family = Family::new(RepresentationKind::Appointed).await;
    let url = family.bank.app.url().to_owned();
    family.bank.tokens = family.agree().await;
    let mut before = Citizen::new("1000000000000001", "1234").unwrap();
    before.dashboard(&url).await.unwrap();
    family.until((200, "")).await;
    assert!(family.bank.app.dev.sandbox.own.as_ref().unwrap().suspend_card("mihon-taro", true));
    family.until((403, "consent_paused")).await;
    let mut person = Citizen::new("1000000000000001", "1234").unwrap();
    let page = person.dashboard(&url).await.unwrap();
    assert!(page.texts("h1").iter().all(|text| !text.contains("What you share")) && page.form_with("pin").is_ok());

    // A session from before the loss is no proof of who has the card now.
    let list = format!("{url}/dashboard/representatives");
    let action = format!("/dashboard/representatives/{}/unfreeze", family.one.id);
    let page = before.open(&list).await.unwrap();
    let told = before.press(&page, &action).await.unwrap();
    assert!(told.url.as_str().ends_with("notice=nothing"), "{}", told.url);
    family.until((403, "consent_paused")).await;

    assert!(family.bank.app.dev.sandbox.own.as_ref().unwrap().suspend_card("mihon-taro", false));
    family.until((403, "consent_paused")).await;
    // The provider tells the second of a sign-in, and one of the same second could be older than the hold.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    person.dashboard(&url).await.unwrap();
    let page = person.open(&list).await.unwrap();
    let told = person.press(&page, &action).await.unwrap();
    assert!(told.url.as_str().ends_with("notice=unfrozen"), "{}", told.url);
    family.until((200, "")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_providers_own_word_about_a_card_is_taken() {
    let bank = Bank::agreed(30).await;
    let place = format!("{}/sign-in/events", bank.app.url());
    let part = |value: Value| {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        URL_SAFE_NO_PAD.encode(value.to_string())
    };
    let claims = part(json!({
        "iss": bank.app.dev.sandbox.own.as_ref().unwrap().identity_issuer(), "aud": "x", "iat": 0, "jti": "1",
        "sub_id": {"format": "iss_sub", "iss": "x", "sub": "y"}, "events": {},
    }));
    let token = |header: Value| format!("{}.{claims}.AAAA", part(header));
    let event = "application/secevent+jwt";
    for (kind, body, code) in [
        ("application/json", String::new(), "invalid_request"),
        (event, String::new(), "invalid_request"),
        (event, "a.b".into(), "invalid_request"),
        (event, "a.b.c".into(), "invalid_request"),
        (event, token(json!({"alg": "none", "typ": "secevent+jwt"})), "invalid_request"),
        (event, token(json!({"alg": "ES256", "typ": "JWT"})), "invalid_request"),
        (event, token(json!({"alg": "ES256", "typ": "secevent+jwt", "crit": ["x"]})), "invalid_request"),
        (event, token(json!({"alg": "ES256", "typ": "secevent+jwt"})), "invalid_key"),
        (event, token(json!({"alg": "ES256", "typ": "secevent+jwt", "kid": "other"})), "invalid_key"),
    ] {
        let told = bank.party.http.post(&place).header("content-type", kind).body(body.clone()).send().await.unwrap();
        assert_eq!(told.status(), 400, "{kind} {body}");
        let told: Value = told.json().await.unwrap();
        assert_eq!(told["err"], code, "{kind} {body}: {told}");
    }
}

/// A child of the sandbox, who never signs in; what its identity provider calls them here.
fn child(bank: &Bank) -> UpstreamAccount {
    let issuer = bank.app.dev.sandbox.own.as_ref().unwrap().identity_issuer().to_owned();
    let subject = Digest::of("sandbox-ppid\nmadoguchigateway\nmihon-sakura").base64url();
    UpstreamAccount { issuer, subject }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parent_acts_for_a_child_who_cannot_sign_in_until_the_age_that_the_rules_set() {
    let bank = Bank::agreed(30).await;
    let url = bank.app.url().to_owned();
    let mut parent = Citizen::new("1000000000000002", "2345").unwrap();
    let representative = number(&mut parent, &url).await;
    let (limits, today) =
        (RepresentationLimits::load(Path::new("policies")).unwrap(), SystemClock.now().date_in_japan());
    let store = &*bank.app.store.store;
    let bad = UpstreamAccount { subject: "a b".into(), ..child(&bank) };
    assert!(known_child(store, &bad, &SystemEntropy).await.is_err());
    let principal = known_child(store, &child(&bank), &SystemEntropy).await.unwrap();
    assert_eq!(known_child(store, &child(&bank), &SystemEntropy).await.unwrap(), principal, "the same child");
    let wanted = |born: &str, days| Wanted {
        principal: principal.clone(),
        representative: representative.clone(),
        kind: RepresentationKind::Parent,
        proof: RepresentationProof::FamilyRegister,
        until: today + chrono::Days::new(days),
        born: Some(born.parse().unwrap()),
        by: "desk 3".into(),
    };
    // Grown up within the time that is asked for, or already.
    let soon = (today - chrono::Months::new(18 * 12) + chrono::Days::new(10)).to_string();
    for born in [soon.as_str(), "1990-01-01"] {
        let refused = register(store, &limits, wanted(born, 20), &SystemEntropy, SystemClock.now()).await;
        assert!(refused.is_err(), "{born}");
    }
    let one = register(store, &limits, wanted("2023-02-14", 20), &SystemEntropy, SystemClock.now()).await.unwrap();
    let mut family = Family { bank, principal, parent, one };
    family.bank.tokens = family.agree().await;
    let told = family.bank.get(CONSENT, &[]).await;
    assert_eq!((told.status, &told.body["on_behalf_of"]), (200, &json!("represented")), "{}", told.body);
    let answer = family.bank.ask(&income(2025), &[("prefer", "wait=20")]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    // Frozen and ended like any other.
    family.turn(Turn::Freeze(FreezeReason::Operator)).await;
    family.until((403, "consent_paused")).await;
    family.turn(Turn::Unfreeze(None)).await;
    family.turn(Turn::End(RepresentationEnd::Operator)).await;
    family.until((401, "invalid_token")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_operators_opened_works_by_the_token_that_is_handed_on_and_ends_with_it() {
    let mut bank = Bank::agreed(30).await;
    let mut person = Citizen::new("1000000000000001", "1234").unwrap();
    let principal = number(&mut person, bank.app.url()).await;
    let keys: Vec<_> = ["desk-1", "desk-2"].iter().map(|name| make_key(name, &SystemEntropy).unwrap()).collect();
    let rules = tempfile::tempdir().unwrap();
    let register: Vec<String> = keys.iter().map(|(_, public)| format!("[[operator]]\nkey = \"{public}\"\n")).collect();
    std::fs::write(rules.path().join("operators.toml"), register.concat()).unwrap();
    let signers: Vec<_> = keys.iter().map(|(private, _)| Signer::parse(private.expose()).unwrap()).collect();
    let ground = Ground {
        store: &*bank.app.store.store,
        catalog: &Catalog::load(Path::new("policies/data-sets")).unwrap(),
        limits: &RepresentationLimits::load(Path::new("policies")).unwrap(),
        operators: &Operators::load(rules.path()).unwrap(),
        entropy: &SystemEntropy,
        now: SystemClock.now(),
    };
    let needed = Needed {
        person: principal,
        client: ClientId::parse(&bank.party.file.client_id).unwrap(),
        purpose: bank.party.file.purpose.clone(),
        data_sets: vec![DataSetCode::parse("HI00000000000001").unwrap()],
        hours: 1,
        reason: "a drill".into(),
    };
    let id = ground.request(&needed, &signers[0]).await.unwrap();
    let token = ground.approve(&id, &signers[1]).await.unwrap();
    let handed = Tokens { access: String::new(), refresh: Some(token.expose().clone()), subject: None, id_token: None };
    let tokens = bank.party.refresh(&handed).await.unwrap();
    bank.tokens = tokens;
    let told = bank.get(CONSENT, &[]).await;
    let seen = (told.status, &told.body["on_behalf_of"], &told.body["legal_basis"]);
    assert_eq!(seen, (200, &json!("represented"), &json!("law")), "{}", told.body);
    let turn = Turn::End(RepresentationEnd::Operator);
    let turned = bank.app.store.store.turn_representation(&id, turn, Some("desk-1"), SystemClock.now()).await;
    assert!(turned.unwrap().is_done());
    let over = async { while bank.get(CONSENT, &[]).await.status != 401 {} };
    tokio::time::timeout(std::time::Duration::from_secs(5), over).await.expect("it ends");
}
