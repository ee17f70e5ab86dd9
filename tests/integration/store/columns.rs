//! What every column holds about persons is written down, and a raw look into the database finds it so.

use super::samples::{NOW, access, at, client, code, digest, grant, keyed_request, words};
use crate::support::engines::{TestStore, new_store};
use crate::support::raw;
use madoguchi::domain::amendment::Amendment;
use madoguchi::domain::decoupled::{Channel, DecoupledRequest};
use madoguchi::domain::grant::{Grant, RevokedBy};
use madoguchi::domain::ids::{DecoupledId, InteractionId, RepresentationId, SubjectId};
use madoguchi::domain::representation::{
    Representation, RepresentationKind, RepresentationProof, RepresentationStatus,
};
use madoguchi::domain::scope::ScopeSet;
use madoguchi::domain::subject::UpstreamAccount;
use madoguchi::domain::{Digest, SystemEntropy};
use madoguchi::store::columns::{COLUMNS, Holds};
use madoguchi::store::{Amended, Before, Decision, Held, HeldInteraction, NewDecoupled};
use std::collections::BTreeSet;
use std::time::Duration;

/// What stands in every record about a person that the tests write.
const CANARY: &str = "canary-見本";

#[tokio::test]
async fn every_column_of_the_schema_is_classified_and_none_that_is_not_there() {
    let test = new_store().await;
    let there: BTreeSet<(String, String)> = raw::columns(&test).await.into_iter().collect();
    let classified: BTreeSet<(String, String)> =
        COLUMNS.iter().map(|column| (column.table.to_owned(), column.name.to_owned())).collect();
    let missing: Vec<_> = there.difference(&classified).collect();
    assert!(missing.is_empty(), "say in src/store/columns.rs what these hold about persons: {missing:?}");
    let gone = classified.difference(&there);
    let gone: Vec<_> =
        gone.filter(|(table, name)| test.directory.is_none() || !is_of_postgres_only(table, name)).collect();
    assert!(gone.is_empty(), "not in the schema: {gone:?}");
    assert_eq!(classified.len(), COLUMNS.len(), "a column is classified twice");
    assert!(COLUMNS.iter().all(|column| !column.why.is_empty()));
}

fn is_of_postgres_only(table: &str, name: &str) -> bool {
    COLUMNS.iter().any(|c| c.table == table && c.name == name && c.why.contains("PostgreSQL only"))
}

fn canary_grant(subject: &SubjectId) -> Grant {
    let mut grant = grant(Some(subject));
    if let Some(consent) = &mut grant.consent {
        CANARY.clone_into(&mut consent.purpose);
        consent.purpose_words = words(CANARY);
    }
    grant
}

fn held() -> Held {
    Held { digest: digest(), body: format!(r#"{{"name":"{CANARY}"}}"#), expires_at: at(600) }
}

async fn sign_in(test: &TestStore, name: &str) -> SubjectId {
    let account = UpstreamAccount { issuer: "https://idp.example".into(), subject: format!("{CANARY}-{name}") };
    let new = SubjectId::generate(&SystemEntropy);
    let known = test.store.find_or_insert_subject(&account, &new).await.unwrap();
    let again = test.store.find_or_insert_subject(&account, &SubjectId::generate(&SystemEntropy)).await.unwrap();
    assert_eq!((&known.id, &known), (&again.id, &again));
    assert_eq!(test.store.find_subject(&known.id).await.unwrap().unwrap().account, account);
    known.id
}

/// The short-lived records of an authorization, and the decision; gives the grant.
async fn authorize(test: &TestStore, subject: &SubjectId, how: Option<&Grant>) -> Grant {
    let store = &test.store;
    let pushed = held();
    store.insert_pushed_request(&pushed).await.unwrap();
    assert_eq!(store.find_pushed_request(pushed.digest, NOW).await.unwrap().unwrap(), pushed);
    let visit = HeldInteraction {
        id: InteractionId::generate(&SystemEntropy),
        step: 0,
        body: held().body,
        expires_at: at(600),
    };
    store.insert_interaction(&visit).await.unwrap();
    assert!(store.advance_interaction(&visit.id, 0, &visit.body).await.unwrap());
    assert_eq!(store.find_interaction(&visit.id, NOW).await.unwrap().unwrap().body, visit.body);
    let mut new = canary_grant(subject);
    if let Some(older) = how {
        new = Grant { id: older.id.clone(), created_at: at(1), ..new };
    }
    let mut given = code(&new);
    given.body = held().body;
    let granted = Some((&new, &given));
    let decision = Decision { interaction: &visit.id, step: 1, request_uri: pushed.digest, granted, sign_in: None };
    if how.is_some() {
        let amended = store.take_amendment(&decision, Amendment::Replace, at(1)).await.unwrap();
        assert_eq!(amended, Amended::Done);
    } else {
        assert!(store.take_decision(&decision, NOW).await.unwrap());
    }
    new
}

async fn ask_elsewhere(test: &TestStore, subject: &SubjectId) {
    let request = DecoupledRequest {
        id: DecoupledId::generate(&SystemEntropy),
        client: client("loan-bank").id,
        channel: Channel::Backchannel { message: CANARY.into(), notification: None },
        scope: ScopeSet::of(&[]),
        ask: None,
        created_at: NOW,
        expires_at: at(600),
    };
    let pace = Duration::from_secs(5);
    let new = NewDecoupled { request: &request, digest: digest(), user_code: None, subject: Some(subject), pace };
    assert!(test.store.insert_decoupled(&new).await.unwrap());
    let found = test.store.list_decoupled(subject, NOW, 5).await.unwrap();
    assert_eq!(found, [request]);
}

async fn represent(test: &TestStore, principal: &SubjectId, representative: &SubjectId) {
    let new = Representation {
        id: RepresentationId::generate(&SystemEntropy),
        principal: principal.clone(),
        representative: representative.clone(),
        kind: RepresentationKind::Parent,
        proof: RepresentationProof::FamilyRegister,
        registered_by: CANARY.into(),
        created_at: NOW,
        expires_at: at(3600),
        status: RepresentationStatus::Active,
    };
    assert!(test.store.insert_representation(&new).await.unwrap());
    assert_eq!(test.store.list_representatives(principal, 5).await.unwrap(), [new]);
}

/// A citizen's whole way through the ports, with the canary in every record about them.
async fn live(test: &TestStore) -> SubjectId {
    let store = &test.store;
    let mut bank = client("loan-bank");
    bank.name = words("Control Bank");
    store.put_client(&bank, NOW).await.unwrap();
    let (subject, other) = (sign_in(test, "one").await, sign_in(test, "two").await);
    let session = held();
    store.insert_session(&session).await.unwrap();
    assert_eq!(store.find_session(session.digest, NOW).await.unwrap().unwrap(), session);
    let first = authorize(test, &subject, None).await;
    authorize(test, &subject, Some(&first)).await;
    assert_eq!(store.list_superseded(&first.id).await.unwrap().len(), 1);
    let request = keyed_request(&first, CANARY, CANARY);
    store.insert_request(&request, "node", at(60)).await.unwrap();
    assert_eq!(store.find_request(&request.id).await.unwrap().unwrap(), request);
    let mut line = access(&first, at(2));
    line.purpose = CANARY.into();
    assert!(store.finish_request(&request.id, None, &line).await.unwrap());
    line.id = access(&first, at(3)).id;
    store.insert_accesses(std::slice::from_ref(&line)).await.unwrap();
    let before = Before { entry: None, limit: 5 };
    assert_eq!(store.list_accesses(&subject, &before).await.unwrap().len(), 2);
    let kept = store.find_receipt(&line.receipt()).await.unwrap().unwrap();
    assert!(kept.record.contains(CANARY), "{}", kept.record);
    ask_elsewhere(test, &subject).await;
    represent(test, &subject, &other).await;
    super::emergencies::open(&**store, &subject, CANARY).await;
    assert!(store.revoke_grant(&first.id, at(4), RevokedBy::Citizen).await.unwrap());
    subject
}

/// Where the canary, or a digest of it that anybody could make, stands.
async fn found(test: &TestStore) -> Vec<String> {
    let digests = [Digest::of(CANARY), Digest::of(&format!("{CANARY}-one"))];
    let is_there = |bytes: &[u8]| {
        raw::holds(bytes, CANARY) || digests.iter().any(|d| bytes.windows(32).any(|part| part == d.as_bytes()))
    };
    let values = raw::values(test).await;
    values.into_iter().filter(|v| is_there(&v.bytes)).map(|v| format!("{}.{}", v.table, v.column)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_about_a_person_stands_in_the_clear() {
    let test = new_store().await;
    assert_eq!(test.watch.has_files(), test.directory.is_some());
    live(&test).await;
    assert_eq!(found(&test).await, [] as [String; 0]);
    let files = raw::files(&test).await;
    assert!(raw::holds(&files, "Control Bank"), "the control: what is in clear is found");
    assert!(!raw::holds(&files, CANARY), "in the engine's own files");
    // What is said to be sealed is, wherever anything stands in it.
    let sealed: BTreeSet<(&str, &str)> =
        COLUMNS.iter().filter(|c| c.holds == Holds::Sealed).map(|c| (c.table, c.name)).collect();
    for value in raw::values(&test).await {
        let is_about = |word: &str| raw::holds(&value.bytes, word);
        let is_evidence = value.table == "evidence_records";
        // What is about third parties and operators alone; and a salt in clear is chance.
        let is_nobodys = is_evidence && (is_about("client_kept") || is_about(r#""kind":"emergency""#));
        let is_nobodys = is_nobodys || (is_evidence && value.column == "salt");
        if sealed.contains(&(value.table.as_str(), value.column.as_str())) && !is_nobodys {
            assert!(!value.bytes.starts_with(b"{"), "{}.{} is in clear", value.table, value.column);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_raw_look_finds_what_is_written_past_the_sealing() {
    let test = new_store().await;
    let mut bank = client("loan-bank");
    bank.name = words(CANARY);
    test.store.put_client(&bank, NOW).await.unwrap();
    assert_eq!(found(&test).await, ["clients.body"]);
    assert!(raw::holds(&raw::files(&test).await, CANARY));
}
