//! Consents that have ended are erased with their key: nothing reads them any more, not even from an old copy.

use super::samples::{NOW, access, at, client, code, grant, held, interaction, keyed_request, subject_id};
use super::{emergencies, race};
use crate::support::engines::{TestStore, master, new_store, open};
use crate::support::raw;
use madoguchi::domain::access::Access;
use madoguchi::domain::grant::{Grant, RevokedBy};
use madoguchi::domain::ids::{RepresentationId, SubjectId};
use madoguchi::domain::invitation::{Invitation, InvitationCode};
use madoguchi::domain::representation::{
    Representation, RepresentationEnd, RepresentationKind, RepresentationProof, RepresentationStatus, Turn,
};
use madoguchi::domain::subject::UpstreamAccount;
use madoguchi::domain::time::ManualClock;
use madoguchi::domain::{Clock, Digest, SystemEntropy};
use madoguchi::evidence::{Audit, EvidenceLog, LogParts, LogSettings, Turn as LogTurn};
use madoguchi::store::{Before, Decision, Store};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A consent that ended `seconds` after [`NOW`], with one access under it.
async fn ended(test: &TestStore, subject: &SubjectId, seconds: i64) -> (Grant, Access) {
    let given = grant(Some(subject));
    test.store.insert_grant(&given).await.unwrap();
    test.store.insert_request(&keyed_request(&given, "key", "body"), "node", at(60)).await.unwrap();
    let line = access(&given, NOW);
    test.store.insert_accesses(std::slice::from_ref(&line)).await.unwrap();
    assert!(test.store.revoke_grant(&given.id, at(seconds), RevokedBy::Citizen).await.unwrap());
    (given, line)
}

async fn logged(test: &TestStore) -> EvidenceLog {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(at(1000)));
    let (store, entropy) = (Arc::clone(&test.store), Arc::new(SystemEntropy));
    let parts = LogParts { store, master: master(), clock, entropy };
    let log = EvidenceLog::new(LogSettings::of("https://madoguchi.example", 10_000), parts);
    while log.turn().await.unwrap() != LogTurn::Idle {}
    log
}

async fn lines(test: &TestStore, subject: &SubjectId) -> usize {
    test.store.list_accesses(subject, &Before { entry: None, limit: 50 }).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ended_goes_whole_and_what_stands_or_is_anothers_stays() {
    let test = &new_store().await;
    let (one, other) = (subject_id(), subject_id());
    let (gone, gone_line) = ended(test, &one, 10).await;
    let (late, _) = ended(test, &one, 100).await;
    let (others, _) = ended(test, &other, 10).await;
    let standing = grant(Some(&one));
    test.store.insert_grant(&standing).await.unwrap();
    logged(test).await;
    assert_eq!(test.store.count_ended_consents(Some(&one), at(50)).await.unwrap(), 1);
    assert_eq!(test.store.count_ended_consents(None, at(50)).await.unwrap(), 2);
    assert_eq!(test.store.erase_consents(Some(&one), at(50), (at(200), 50)).await.unwrap(), 1);
    assert_eq!(test.store.erase_consents(Some(&one), at(50), (at(200), 50)).await.unwrap(), 0);
    assert!(test.store.find_grant(&gone.id).await.unwrap().is_none());
    assert!(test.store.find_receipt(&gone_line.receipt()).await.unwrap().is_none());
    for kept in [&late, &others, &standing] {
        assert!(test.store.find_grant(&kept.id).await.unwrap().is_some());
    }
    assert_eq!((lines(test, &one).await, lines(test, &other).await), (1, 1));
    // The log stays whole, and says that something was erased, of nobody by name.
    let log = logged(test).await;
    let audit = Audit { store: &*test.store, keys: log.verifiers().await.unwrap(), witness: None, kept: None };
    let report = audit.run(true, &mut |_, _, _| {}).await.unwrap();
    assert_eq!(report.findings, []);
    let leaves = test.store.list_leaves(0, 500).await.unwrap();
    let erasure = r#""by":"citizen","consents":1,"kind":"erasure""#;
    let kept: Vec<String> = leaves.into_iter().filter_map(|leaf| leaf.kept.map(|(_, record)| record)).collect();
    assert_eq!(kept.iter().filter(|record| record.contains(erasure)).count(), 1, "{kept:?}");
    assert!(kept.iter().all(|record| !record.contains(one.as_str()) && !record.contains(gone.id.as_str())));
    assert_eq!(test.store.erase_consents(None, at(500), (at(600), 50)).await.unwrap(), 2, "by the schedule");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_old_copy_of_what_was_erased_opens_and_no_file_holds_it() {
    let test = &new_store().await;
    let subject = subject_id();
    let (gone, line) = ended(test, &subject, 10).await;
    logged(test).await;
    let tables = ["grants", "accesses", "evidence_records", "superseded_grants", "requests"];
    for table in tables {
        raw::run(test, &format!("CREATE TABLE copy_of_{table} AS SELECT * FROM {table}")).await;
    }
    let copies = |values: Vec<raw::Value>| -> BTreeSet<Vec<u8>> {
        let is_sealed =
            |v: &raw::Value| v.table.starts_with("copy_of_") && v.column == "body" && !v.bytes.starts_with(b"{");
        values.into_iter().filter(is_sealed).map(|v| v.bytes).collect()
    };
    let sealed = copies(raw::values(test).await);
    assert!(sealed.len() >= 4, "the consent, its access, its job, and what is kept of the events");
    assert_eq!(test.store.erase_consents(Some(&subject), at(50), (at(200), 50)).await.unwrap(), 1);
    // Somebody puts the copies back, as from a backup; the keys are as they are.
    for table in tables {
        raw::run(
            test,
            &format!("INSERT INTO {table} SELECT * FROM copy_of_{table} WHERE 1 = 1 ON CONFLICT DO NOTHING"),
        )
        .await;
    }
    for store in [Arc::clone(&test.store), open(&test.url).await] {
        assert!(store.find_grant(&gone.id).await.unwrap().is_none());
        assert!(store.list_grants(&subject, &Before { entry: None, limit: 5 }).await.unwrap().is_empty());
        assert!(store.find_receipt(&line.receipt()).await.unwrap().is_none());
        assert!(store.list_accesses(&subject, &Before { entry: None, limit: 5 }).await.unwrap().is_empty());
    }
    // What is written under it afterwards is as gone; no key is made anew.
    test.store.insert_accesses(&[access(&gone, at(300))]).await.unwrap();
    assert!(test.store.list_accesses(&subject, &Before { entry: None, limit: 5 }).await.unwrap().is_empty());
    for table in tables {
        raw::run(test, &format!("DROP TABLE copy_of_{table}")).await;
        raw::run(test, &format!("DELETE FROM {table}")).await;
    }
    if test.directory.is_some() {
        test.store.forget_erased().await.unwrap();
        let files = raw::files(test).await;
        for body in &sealed {
            assert!(!raw::holds(&files, std::str::from_utf8(body).unwrap()), "what was sealed is still in a file");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_that_erase_at_once_erase_each_consent_once() {
    let test = &new_store().await;
    let subject = subject_id();
    for _ in 0..30 {
        ended(test, &subject, 10).await;
    }
    let _kept = code(&grant(Some(&subject)));
    let erased = race(|_| {
        let (store, subject) = (Arc::clone(&test.store), subject.clone());
        async move { store.erase_consents(Some(&subject), at(50), (at(60), 3)).await.unwrap() }
    });
    let mut sum: u64 = erased.await.iter().sum();
    while let some @ 1.. = test.store.erase_consents(Some(&subject), at(50), (at(60), 3)).await.unwrap() {
        sum += some;
    }
    assert_eq!((sum, test.store.count_ended_consents(Some(&subject), at(50)).await.unwrap()), (30, 0));
}

/// A person who signed in once, by an account of this name.
async fn known(test: &TestStore, name: &str) -> (UpstreamAccount, SubjectId) {
    let account = UpstreamAccount { issuer: "https://idp.example".into(), subject: name.into() };
    let found = test.store.find_or_insert_subject(&account, &subject_id()).await.unwrap();
    (account, found.id)
}

fn represented(principal: &SubjectId, representative: &SubjectId) -> Representation {
    Representation {
        id: RepresentationId::generate(&SystemEntropy),
        principal: principal.clone(),
        representative: representative.clone(),
        kind: RepresentationKind::Guardian,
        proof: RepresentationProof::OwnSignIn,
        registered_by: "canary-operator".to_owned(),
        created_at: NOW,
        expires_at: at(10_000),
        status: RepresentationStatus::Active,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_goes_whole_once_nothing_stands_and_who_comes_again_is_a_new_person() {
    let test = &new_store().await;
    let store = &test.store;
    let (account, person) = known(test, "canary-account").await;
    let (_, other) = known(test, "another").await;
    let (gone, _) = ended(test, &person, 10).await;
    store.put_pairwise(Digest::of("canary-pairwise"), &person).await.unwrap();
    let close = async || store.erase_account(&person, at(200)).await.unwrap();
    assert!(!close().await, "an ended consent is there");
    assert_eq!(store.erase_consents(Some(&person), at(50), (at(60), 50)).await.unwrap(), 1);
    let (own, theirs) = (represented(&person, &other), represented(&other, &person));
    for one in [&own, &theirs] {
        assert!(store.insert_representation(one).await.unwrap());
        assert!(!close().await, "it stands");
        let turned = store.turn_representation(&one.id, Turn::End(RepresentationEnd::Operator), None, at(70)).await;
        assert!(turned.unwrap().is_done());
    }
    assert!(store.insert_protection(&person, "operator", at(80)).await.unwrap());
    assert!(!close().await, "they are protected");
    assert!(store.delete_protection(&person, "operator", at(81)).await.unwrap());
    let standing = grant(Some(&person));
    store.insert_grant(&standing).await.unwrap();
    assert!(!close().await, "a consent stands");
    assert!(store.revoke_grant(&standing.id, at(90), RevokedBy::Citizen).await.unwrap());
    assert_eq!(store.erase_consents(Some(&person), at(100), (at(100), 50)).await.unwrap(), 1);
    assert_eq!(store.find_subject(&person).await.unwrap().map(|one| one.account), Some(account.clone()));
    logged(test).await;
    let sealed: Vec<Vec<u8>> = raw::values(test).await.into_iter().filter(is_of_subjects).map(|v| v.bytes).collect();

    let closed = race(|_| {
        let (store, person) = (Arc::clone(store), person.clone());
        async move { store.erase_account(&person, at(200)).await.unwrap() }
    });
    assert_eq!(closed.await.iter().filter(|is_erased| **is_erased).count(), 1);
    assert_eq!(store.find_subject(&person).await.unwrap(), None);
    assert_eq!(store.find_subject_of(&account).await.unwrap(), None);
    assert_eq!(store.find_pairwise(Digest::of("canary-pairwise")).await.unwrap(), None);
    assert_eq!(store.find_representation(&own.id).await.unwrap(), None);
    assert!(store.find_representation(&theirs.id).await.unwrap().is_some(), "it is the other's");
    // Who comes again is a new person.
    let again = store.find_or_insert_subject(&account, &subject_id()).await.unwrap();
    assert_ne!(again.id, person);
    // The log is whole, and says of nobody that something was erased.
    let log = logged(test).await;
    let audit = Audit { store: &**store, keys: log.verifiers().await.unwrap(), witness: None, kept: None };
    assert_eq!(audit.run(true, &mut |_, _, _| {}).await.unwrap().findings, []);
    let leaves = store.list_leaves(0, 500).await.unwrap();
    let kept: Vec<String> = leaves.into_iter().filter_map(|leaf| leaf.kept.map(|(_, record)| record)).collect();
    assert_eq!(kept.iter().filter(|record| record.contains(r#""account":true,"at""#)).count(), 1, "{kept:?}");
    assert!(kept.iter().all(|record| !record.contains(person.as_str()) && !record.contains(gone.id.as_str())));
    no_value_is_left_of(test, &person, &sealed).await;
}

/// What still names the person by the id that we made up: that the key is gone, and the other's representation.
async fn no_value_is_left_of(test: &TestStore, person: &SubjectId, sealed: &[Vec<u8>]) {
    let values = raw::values(test).await;
    let naming: BTreeSet<(&str, &str)> = values
        .iter()
        .filter(|value| raw::holds(&value.bytes, person.as_str()))
        .map(|value| (value.table.as_str(), value.column.as_str()))
        .collect();
    assert_eq!(naming, BTreeSet::from([("data_keys", "id"), ("representations", "representative_id")]));
    if test.directory.is_some() {
        test.store.forget_erased().await.unwrap();
        let files = raw::files(test).await;
        let others: Vec<Vec<u8>> =
            raw::values(test).await.into_iter().filter(is_of_subjects).map(|v| v.bytes).collect();
        for body in sealed.iter().filter(|body| !others.contains(body)) {
            assert!(!files.windows(body.len()).any(|some| some == body), "it is still in a file");
        }
    }
}

/// The sealed accounts, by which only themselves are found.
fn is_of_subjects(value: &raw::Value) -> bool {
    value.table == "subjects" && value.column == "body"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_given_to_an_erased_person_nor_is_one_erased_who_was_given_something() {
    let test = &new_store().await;
    for n in 0..12 {
        let (_, person) = known(test, &format!("account {n}")).await;
        let given = grant(Some(&person));
        let (pushed, step) = (held(at(60)), interaction(at(600)));
        test.store.insert_pushed_request(&pushed).await.unwrap();
        test.store.insert_interaction(&step).await.unwrap();
        let (store, erasing, giving) = (&test.store, person.clone(), given.clone());
        let code = code(&giving);
        let decision = Decision {
            interaction: &step.id,
            step: step.step,
            request_uri: pushed.digest,
            granted: Some((&giving, &code)),
            sign_in: None,
        };
        let (is_erased, is_given) =
            tokio::join!(store.erase_account(&erasing, NOW), store.take_decision(&decision, NOW));
        let (is_erased, is_given) = (is_erased.unwrap(), is_given.unwrap());
        assert_ne!(is_erased, is_given, "round {n}: one of both");
        assert_eq!(store.find_grant(&given.id).await.unwrap().is_some(), is_given);
        assert_eq!(store.find_subject(&person).await.unwrap().is_some(), is_given);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_represented_or_represents_who_is_erased_at_the_same_moment() {
    let test = &new_store().await;
    let store = &test.store;
    store.put_client(&client("loan-bank"), NOW).await.unwrap();
    for n in 0..12 {
        let (_, person) = known(test, &format!("person {n}")).await;
        let (_, other) = known(test, &format!("other {n}")).await;
        // By an operator, or by the invitation that the other made; erased is the one or the other of the two.
        let one = if n % 2 == 0 { represented(&person, &other) } else { represented(&other, &person) };
        let code = if n % 4 < 2 { None } else { Some(invited(store, &one).await) };
        let opening = async {
            match code {
                None => store.insert_representation(&one).await.unwrap(),
                Some(code) => store.take_invitation(code, &one).await.unwrap(),
            }
        };
        let (is_erased, is_opened) = tokio::join!(store.erase_account(&person, NOW), opening);
        assert_ne!(is_erased.unwrap(), is_opened, "round {n}: one of both");
        assert_eq!(store.find_representation(&one.id).await.unwrap().is_some(), is_opened, "round {n}");
        assert_eq!(store.find_subject(&person).await.unwrap().is_some(), is_opened, "round {n}");
    }
}

/// The code of an invitation to the very representation.
async fn invited(store: &Arc<dyn Store>, one: &Representation) -> Digest {
    let invitation = Invitation {
        id: one.id.clone(),
        principal: one.principal.clone(),
        kind: one.kind,
        until: one.expires_at,
        created_at: one.created_at,
        expires_at: one.expires_at,
    };
    let code = InvitationCode::generate(&SystemEntropy).digest();
    assert!(store.insert_invitation(&invitation, code, 10).await.unwrap());
    code
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_opened_in_an_emergency_of_somebody_who_is_erased_at_the_same_moment() {
    let test = &new_store().await;
    let store = &test.store;
    store.put_client(&client("loan-bank"), NOW).await.unwrap();
    let mut outcomes = Vec::new();
    for n in 0..12 {
        let (_, person) = known(test, &format!("person {n}")).await;
        let request = emergencies::requested("asked");
        store.insert_emergency(&request).await.unwrap();
        let opened = emergencies::Opened::of(&request.id, &person);
        let opening = opened.by("desk-2", "approved");
        let (is_erased, is_opened) = if n == 0 {
            (store.erase_account(&person, NOW).await, store.open_emergency(&opening, at(1)).await)
        } else {
            tokio::join!(store.erase_account(&person, NOW), store.open_emergency(&opening, at(1)))
        };
        let (is_erased, is_opened) = (is_erased.unwrap(), is_opened.unwrap());
        assert_ne!(is_erased, is_opened, "round {n}: one of both");
        assert_eq!(store.find_grant(&opened.grant.id).await.unwrap().is_some(), is_opened, "round {n}");
        let kept = store.find_emergency(&request.id).await.unwrap().unwrap();
        assert_eq!(kept.approval.is_some(), is_opened, "round {n}: whole or not at all");
        outcomes.push(is_opened);
    }
    assert!(!outcomes[0], "it was erased before");
}
