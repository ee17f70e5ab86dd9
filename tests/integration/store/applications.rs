//! Applications: handed in once for a key, changed once for a version, told of in the order of commits, erased with their keys.

use super::samples::{NOW, at};
use super::{RACERS, race};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::application::{
    Actor, Answers, ApplicantKind, Application, ApplicationNews, ApplicationState, AppliedBy, AttachedCertificate,
    Batch, Step, arrival_number,
};
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::employment_certificate::{EmploymentCertificate, Revocation, RevocationReason};
use madoguchi::domain::ids::{ApplicationBatchId, ApplicationId, CertificateId, ClientId, ReceiptId, SubjectId};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::{Digest, Kept, SystemEntropy};
use madoguchi::store::{
    ApplicationChange, Before, ChangedApplication, InsertedApplication, InsertedApplicationBatch, Store,
};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

const CITY: &str = "999016";

pub(super) fn app() -> ClientId {
    ClientId::parse("family-app").unwrap()
}

pub(super) fn desk() -> ClientId {
    ClientId::parse("nursery-desk").unwrap()
}

pub(super) fn person(name: &str) -> SubjectId {
    SubjectId::parse(name).unwrap()
}

pub(super) fn application(key: &str, body: &str) -> Application {
    Application {
        id: ApplicationId::generate(&SystemEntropy),
        client: app(),
        subject: person("s_one"),
        municipality: CITY.into(),
        procedure: "nursery-application".into(),
        form: "nursery-application-1".into(),
        applied_by: AppliedBy {
            kind: ApplicantKind::Oneself,
            name: None,
            relationship: None,
            organisation: None,
            organisation_number: None,
        },
        is_by_person: false,
        signature: None,
        batch: None,
        answers: Answers { applicant: json!({"name": "見本　花子"}), entries: json!([]) },
        certificates: Vec::new(),
        files: Vec::new(),
        key: IdempotencyKey { key: Digest::of(key), body: Digest::of(body) },
        arrival: arrival_number(NOW, &SystemEntropy),
        arrived_at: NOW,
        receipt: ReceiptId::generate(&SystemEntropy),
        state: ApplicationState::Arrived,
        timeline: vec![Step { state: ApplicationState::Arrived, by: Actor::Applicant, at: NOW, note: None }],
        asked: None,
        outcome: None,
        interview: None,
    }
}

fn certificate() -> EmploymentCertificate {
    EmploymentCertificate {
        id: CertificateId::generate(&SystemEntropy),
        client: ClientId::parse("payroll").unwrap(),
        employer: CorporateNumber::parse("5000000990004").unwrap(),
        delegation: None,
        municipality: CITY.into(),
        form: "standard-plus".into(),
        key: IdempotencyKey { key: Digest::of("key"), body: Digest::of("body") },
        reference: "secret".into(),
        signed: "a.b.c".into(),
        signed_by: "thumbprint".into(),
        receipt: ReceiptId::generate(&SystemEntropy),
        signed_receipt: "d.e.f".into(),
        issued_at: NOW,
    }
}

fn with(one: &EmploymentCertificate, key: &str) -> Application {
    let attached = AttachedCertificate::Verified {
        slot: "guardian_1".into(),
        id: one.id.clone(),
        employer: one.employer.clone(),
        form: one.form.clone(),
        reference: one.reference.clone(),
        at: NOW,
    };
    Application { certificates: vec![attached], ..application(key, key) }
}

pub(super) async fn put(store: &dyn Store, new: &Application) {
    assert!(matches!(store.insert_application(new).await.unwrap(), InsertedApplication::New(_)));
}

pub(super) async fn actions(store: &dyn Store) -> Vec<String> {
    let mut found = Vec::new();
    for leaf in store.list_pending_leaves(200).await.unwrap() {
        let kept = store.find_receipt(&leaf.receipt).await.unwrap().unwrap();
        let record: serde_json::Value = serde_json::from_str(&kept.record).unwrap();
        assert!(!kept.record.contains("見本") && !kept.record.contains("s_one"), "{}", kept.record);
        found.push(record["action"].as_str().unwrap().to_owned());
    }
    found.sort();
    found
}

pub(super) async fn news(store: &dyn Store) -> Vec<ApplicationNews> {
    let events = store.list_submission_events(Some(&app()), 0, 100).await.unwrap();
    events.into_iter().filter_map(|event| event.application).map(|told| told.news).collect()
}

async fn places(store: &dyn Store, after: u64) -> Vec<(u64, ApplicationId)> {
    let found = store.list_received_applications(CITY, after, 100).await.unwrap();
    found.into_iter().map(|held| (held.place, held.application.id)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_calls_with_one_key_one_hands_in_and_a_key_is_one_persons() {
    let TestStore { store, .. } = &new_store().await;
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), application("key", "body"));
        async move { (new.id.clone(), store.insert_application(&new).await.unwrap()) }
    })
    .await;
    let new: Vec<_> = answers.iter().filter(|(_, told)| matches!(told, InsertedApplication::New(_))).collect();
    let [(id, _)] = new.as_slice() else { panic!("{} were written", new.len()) };
    for (own, answer) in &answers {
        match answer {
            InsertedApplication::New(held) => assert_eq!((own, held.place), (id, 1)),
            InsertedApplication::Same(earlier) => assert_eq!(earlier.application.id, *id),
            other => panic!("{other:?}"),
        }
    }
    let other = store.insert_application(&application("key", "another")).await.unwrap();
    assert_eq!(other, InsertedApplication::KeyReused);
    put(&**store, &Application { subject: person("s_two"), ..application("key", "body") }).await;
    put(&**store, &Application { client: desk(), ..application("key", "body") }).await;
    let found = store.find_application_by_key((&app(), &person("s_one")), Digest::of("key")).await.unwrap().unwrap();
    assert_eq!(found.application.id, *id);
    assert!(store.find_application_by_key((&app(), &person("s_one")), Digest::of("other")).await.unwrap().is_none());
    assert_eq!(actions(&**store).await, ["arrived", "arrived", "arrived"]);
    assert_eq!(news(&**store).await, [ApplicationNews::Arrived, ApplicationNews::Arrived]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_changes_of_one_version_one_is_written() {
    let TestStore { store, .. } = &new_store().await;
    let one = application("key", "body");
    put(&**store, &one).await;
    let answers = race(|n| {
        let (store, mut next) = (Arc::clone(store), one.clone());
        async move {
            let (news, by) = if n % 2 == 0 {
                next.withdraw(at(1)).unwrap();
                (ApplicationNews::Withdrawn, app())
            } else {
                next.review(None, at(1)).unwrap();
                (ApplicationNews::UnderReview, desk())
            };
            let change = ApplicationChange { application: next, version: 0, news, by, at: at(1) };
            store.update_application(&change).await.unwrap()
        }
    })
    .await;
    let done: Vec<_> = answers.iter().filter(|told| matches!(told, ChangedApplication::Done(_))).collect();
    assert_eq!(done.len(), 1);
    assert!(answers.iter().all(|told| matches!(told, ChangedApplication::Done(_) | ChangedApplication::Changed)));
    let held = store.find_application(&one.id).await.unwrap().unwrap();
    assert_eq!((held.version, held.place, held.application.timeline.len()), (1, 2, 2));
    assert_eq!(actions(&**store).await.len(), 2);
    assert_eq!(news(&**store).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_follows_the_cursor_misses_none_that_come_at_once() {
    let TestStore { store, .. } = &new_store().await;
    let reader = tokio::spawn({
        let store = Arc::clone(store);
        async move {
            let (mut after, mut seen) = (0, BTreeSet::new());
            while seen.len() < RACERS {
                for (place, id) in places(&*store, after).await {
                    assert!(place > after, "in order");
                    after = place;
                    seen.insert(id);
                }
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            after
        }
    });
    race(|n| {
        let (store, new) = (Arc::clone(store), application(&format!("key {n}"), "body"));
        async move { put(&*store, &new).await }
    })
    .await;
    let last = tokio::time::timeout(std::time::Duration::from_mins(1), reader).await.expect("one was missed").unwrap();
    assert_eq!(last, RACERS as u64);
    assert!(store.list_received_applications("999024", 0, 100).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_is_taken_back_goes_with_nothing_new_and_is_told_where_it_went() {
    let TestStore { store, .. } = &new_store().await;
    let one = certificate();
    store.insert_certificate(&one).await.unwrap();
    let (first, other) = (with(&one, "first"), application("other", "other"));
    put(&**store, &first).await;
    put(&**store, &other).await;
    assert_eq!(places(&**store, 0).await, [(1, first.id.clone()), (2, other.id.clone())]);
    let revocation = Revocation { at: at(5), reason: RevocationReason::Changed };
    // Some hand it in while it is taken back: whoever came first is told, and nobody comes after.
    let answers = race(|n| {
        let (store, new, id, client) =
            (Arc::clone(store), with(&one, &format!("key {n}")), one.id.clone(), one.client.clone());
        async move {
            if n == 0 {
                assert!(store.revoke_certificate(&id, &client, revocation).await.unwrap());
                return None;
            }
            Some((new.id.clone(), store.insert_application(&new).await.unwrap()))
        }
    })
    .await;
    let mut came = vec![first.id.clone()];
    for (id, told) in answers.into_iter().flatten() {
        match told {
            InsertedApplication::New(_) => came.push(id),
            InsertedApplication::CertificateGone => {
                assert!(store.find_application(&id).await.unwrap().is_none());
            }
            other => panic!("{other:?}"),
        }
    }
    let revoked = store.list_submission_events(Some(&app()), 0, 500).await.unwrap();
    let revoked = revoked.into_iter().filter_map(|event| event.application);
    let revoked: BTreeSet<_> =
        revoked.filter(|told| told.news == ApplicationNews::CertificateRevoked).map(|told| told.id).collect();
    assert_eq!(revoked, came.into_iter().collect(), "all that it went with, and no other");
    assert!(matches!(
        store.insert_application(&with(&one, "late")).await.unwrap(),
        InsertedApplication::CertificateGone
    ));
    let again = places(&**store, 2).await;
    assert!(again.iter().any(|(_, id)| *id == first.id), "it comes again on the cursor: {again:?}");
    assert!(again.iter().all(|(_, id)| *id != other.id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_city_alone_is_given_it_each_time_counted_and_what_is_over_is_erased() {
    let TestStore { store, .. } = &new_store().await;
    let mut all = Vec::new();
    for n in 0..3 {
        let one = Application { arrived_at: at(n), ..application(&format!("key {n}"), "body") };
        put(&**store, &one).await;
        all.push(one);
    }
    let by = desk();
    assert!(store.read_application(&all[0].id, "999024", (&by, NOW)).await.unwrap().is_none());
    for n in 1..=2 {
        let given = store.read_application(&all[0].id, CITY, (&by, at(n))).await.unwrap().unwrap();
        assert_eq!((given.readings, given.read_at), (n.unsigned_abs(), Some(at(n))));
    }
    assert_eq!(actions(&**store).await, ["arrived", "arrived", "arrived", "read", "read"]);
    assert_eq!(news(&**store).await, [ApplicationNews::Arrived; 3]);
    let whole = Before { entry: None, limit: 9 };
    let ids = |found: Vec<madoguchi::store::HeldApplication>| -> Vec<ApplicationId> {
        found.into_iter().map(|held| held.application.id).collect()
    };
    let newest: Vec<_> = all.iter().rev().map(|one| one.id.clone()).collect();
    assert_eq!(ids(store.list_applications((&app(), &person("s_one")), &whole).await.unwrap()), newest);
    assert!(store.list_applications((&app(), &person("s_two")), &whole).await.unwrap().is_empty());
    assert!(store.list_applications((&desk(), &person("s_one")), &whole).await.unwrap().is_empty());
    let before = Before { entry: Some((all[2].arrived_at, all[2].id.clone())), limit: 1 };
    assert_eq!(ids(store.list_applications((&app(), &person("s_one")), &before).await.unwrap()), [all[1].id.clone()]);

    let mut next = all[0].clone();
    next.withdraw(at(50)).unwrap();
    let change =
        ApplicationChange { application: next, version: 0, news: ApplicationNews::Withdrawn, by: app(), at: at(50) };
    assert!(matches!(store.update_application(&change).await.unwrap(), ChangedApplication::Done(_)));
    let again = ApplicationChange { version: 1, ..change };
    assert_eq!(store.update_application(&again).await.unwrap(), ChangedApplication::Changed, "it is over");
    let kind = Kept::EndedApplications;
    assert_eq!(store.count_old(kind, at(50)).await.unwrap(), 0);
    assert_eq!(store.count_old(kind, at(51)).await.unwrap(), 1);
    assert_eq!(store.erase_old(kind, at(51), (at(52), 9)).await.unwrap(), 1);
    assert_eq!(store.erase_old(kind, at(51), (at(52), 9)).await.unwrap(), 0);
    assert!(store.find_application(&all[0].id).await.unwrap().is_none());
    assert_eq!(news(&**store).await, [ApplicationNews::Arrived; 2], "what was told of it goes with it");
    assert!(store.find_application(&all[1].id).await.unwrap().is_some(), "what is open stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_calls_with_one_batch_one_writes_all_of_it() {
    let TestStore { store, .. } = &new_store().await;
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), batch("key", ["999024", CITY, "999024"]));
        async move { store.insert_application_batch(&new).await.unwrap() }
    })
    .await;
    let new: Vec<_> = answers.iter().filter(|told| matches!(told, InsertedApplicationBatch::New(_))).collect();
    let [InsertedApplicationBatch::New(all)] = new.as_slice() else { panic!("{} were written", new.len()) };
    let id = all[0].application.batch.as_ref().unwrap().id.clone();
    assert!(answers.iter().all(|told| told == new[0] || *told == InsertedApplicationBatch::Same(id.clone())));
    assert_eq!(store.list_application_batch(&id).await.unwrap().len(), 3);
    assert_eq!(places(&**store, 0).await.len(), 1, "one is this city's");
    assert_eq!(actions(&**store).await, ["arrived"; 3]);
    assert!(store.list_application_batch(&ApplicationBatchId::generate(&SystemEntropy)).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_of_two_cities_do_not_stand_in_each_others_way_and_a_part_is_never_written() {
    let TestStore { store, .. } = &new_store().await;
    let one = certificate();
    store.insert_certificate(&one).await.unwrap();
    let answers = race(|n| {
        let cities = if n % 2 == 0 { ["999024", CITY, CITY] } else { [CITY, "999024", "999024"] };
        let (store, new) = (Arc::clone(store), batch(&format!("key {n}"), cities));
        async move {
            // A few at a time: all would wait for the two cities, and the last for longer than a connection is waited for.
            tokio::time::sleep(std::time::Duration::from_millis(200 * (n as u64 / 5))).await;
            store.insert_application_batch(&new).await.unwrap()
        }
    })
    .await;
    assert!(answers.iter().all(|told| matches!(told, InsertedApplicationBatch::New(_))));
    let revocation = Revocation { at: at(5), reason: RevocationReason::Changed };
    assert!(store.revoke_certificate(&one.id, &one.client, revocation).await.unwrap());
    let mut torn = batch("torn", [CITY, CITY, CITY]);
    torn[2].certificates = with(&one, "torn").certificates;
    let told = store.insert_application_batch(&torn).await.unwrap();
    assert_eq!(told, InsertedApplicationBatch::CertificateGone(2));
    for part in &torn {
        assert!(store.find_application(&part.id).await.unwrap().is_none(), "nothing of it");
    }
}

fn batch(key: &str, cities: [&str; 3]) -> Vec<Application> {
    let id = ApplicationBatchId::generate(&SystemEntropy);
    let one = |(n, city): (usize, &str)| Application {
        municipality: city.into(),
        batch: Some(Batch { id: id.clone(), life_event: "moving".into(), position: u16::try_from(n).unwrap() }),
        ..application(&format!("{key} {n}"), "body")
    };
    cities.into_iter().enumerate().map(one).collect()
}
