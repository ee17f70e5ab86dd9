//! Health insurance cards: one turn at a time, written once, sealed, and gone with the account.

use super::samples::{NOW, at, subject_id};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::health_insurance::{CertificateSerial, InsuranceLease, InsuranceRegistration};
use madoguchi::domain::ids::SubjectId;
use madoguchi::domain::subject::UpstreamAccount;
use madoguchi::store::{InsuranceChange, LeasedInsurance, Store};
use std::sync::Arc;

fn card(serial: &str, seconds: i64) -> InsuranceRegistration {
    InsuranceRegistration { certificate: CertificateSerial::parse(serial).unwrap(), registered_at: at(seconds) }
}

async fn turn(store: &dyn Store, subject: &SubjectId, seconds: i64) -> InsuranceLease {
    match store.lease_insurance(subject, at(seconds), at(seconds + 60)).await.unwrap() {
        LeasedInsurance::Yes(lease) => lease,
        other => unreachable!("{other:?}"),
    }
}

async fn many(store: &Arc<dyn Store>, subject: &SubjectId, seconds: i64) -> Vec<bool> {
    race(|_| {
        let (store, subject) = (Arc::clone(store), subject.clone());
        async move {
            let leased = store.lease_insurance(&subject, at(seconds), at(seconds + 60)).await.unwrap();
            matches!(leased, LeasedInsurance::Yes(_))
        }
    })
    .await
}

async fn acts(store: &dyn Store) -> Vec<String> {
    let mut found = Vec::new();
    for leaf in store.list_pending_leaves(200).await.unwrap() {
        let kept = store.find_receipt(&leaf.receipt).await.unwrap().unwrap();
        assert!(!kept.record.contains("A1B2") && !kept.record.contains("C3D4"), "{}", kept.record);
        let record: serde_json::Value = serde_json::from_str(&kept.record).unwrap();
        found.push(record["action"].as_str().unwrap().to_owned());
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_callers_one_has_the_turn_and_it_runs_out() {
    let TestStore { store, .. } = &new_store().await;
    let subject = subject_id();
    assert_eq!(winners(&many(store, &subject, 0).await), 1);
    assert_eq!(winners(&many(store, &subject, 59).await), 0, "it is somebody's still");
    assert_eq!(winners(&many(store, &subject, 60).await), 1, "who broke off holds nobody up for long");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_ends_once_and_one_that_ran_out_writes_nothing() {
    let TestStore { store, .. } = &new_store().await;
    let subject = subject_id();
    assert_eq!(store.find_insurance(&subject).await.unwrap(), None);
    let late = turn(&**store, &subject, 0).await;
    let lease = turn(&**store, &subject, 60).await;
    let change = InsuranceChange::Registered(card("A1B2", 61));
    assert!(!store.end_insurance_lease(&late, change, at(61)).await.unwrap(), "another has the turn");
    assert_eq!(store.find_insurance(&subject).await.unwrap(), None);
    let answers = race(|_| {
        let (store, lease) = (Arc::clone(store), lease.clone());
        async move { store.end_insurance_lease(&lease, change, at(62)).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert_eq!(store.find_insurance(&subject).await.unwrap(), Some(card("A1B2", 61)));
    assert_eq!(store.find_insurance(&subject_id()).await.unwrap(), None, "it is nobody else's");

    let next = turn(&**store, &subject, 63).await;
    assert_eq!(next.registered, Some(card("A1B2", 61)));
    assert!(store.end_insurance_lease(&next, InsuranceChange::Unchanged, at(64)).await.unwrap());
    assert_eq!(store.find_insurance(&subject).await.unwrap(), Some(card("A1B2", 61)));
    let renewed = turn(&**store, &subject, 65).await;
    let change = InsuranceChange::Registered(card("C3D4", 66));
    assert!(store.end_insurance_lease(&renewed, change, at(66)).await.unwrap());
    assert_eq!(store.find_insurance(&subject).await.unwrap(), Some(card("C3D4", 66)));
    let last = turn(&**store, &subject, 67).await;
    assert!(store.end_insurance_lease(&last, InsuranceChange::Ended, at(68)).await.unwrap());
    assert_eq!(store.find_insurance(&subject).await.unwrap(), None);
    let told = ["health_insurance_registered", "health_insurance_renewed", "health_insurance_ended"];
    assert_eq!(acts(&**store).await, told);
    assert_eq!(NOW, at(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_erased_leaves_no_card_and_registers_none() {
    let TestStore { store, .. } = &new_store().await;
    let account = UpstreamAccount { issuer: "https://idp.example".into(), subject: "card".into() };
    let subject = store.find_or_insert_subject(&account, &subject_id()).await.unwrap().id;
    let lease = turn(&**store, &subject, 0).await;
    assert!(store.end_insurance_lease(&lease, InsuranceChange::Registered(card("A1B2", 1)), at(1)).await.unwrap());
    let open = turn(&**store, &subject, 2).await;
    assert!(store.erase_account(&subject, at(9)).await.unwrap());
    assert_eq!(store.find_insurance(&subject).await.unwrap(), None);
    assert_eq!(store.lease_insurance(&subject, at(10), at(70)).await.unwrap(), LeasedInsurance::NobodyThere);
    let change = InsuranceChange::Registered(card("A1B2", 11));
    assert!(!store.end_insurance_lease(&open, change, at(11)).await.unwrap(), "its turn went with it");
}
