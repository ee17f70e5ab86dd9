//! Which office may file for which company: registered once, ended once, and nothing is filed by it afterwards.

use super::samples::{NOW, at};
use super::submissions::filing;
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::SystemEntropy;
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::delegation::{Delegation, DelegationStatus, Procedures};
use madoguchi::domain::ids::{ClientId, DelegationId};
use madoguchi::domain::representation::{RepresentationEnd as End, RepresentationKind, RepresentationProof};
use madoguchi::store::{InsertedSubmission, NewSubmission, Store};
use std::sync::Arc;

/// Made up, with a right check digit.
const COMPANY: &str = "7000012050002";
const OTHER: &str = "9000000000000";

fn delegation(company: &str, client: &str) -> Delegation {
    Delegation {
        id: DelegationId::generate(&SystemEntropy),
        company: CorporateNumber::parse(company).unwrap(),
        client: ClientId::parse(client).unwrap(),
        kind: RepresentationKind::LaborConsultant,
        proof: RepresentationProof::PowerOfAttorney,
        procedures: Procedures::parse(vec!["2200700".into()]).unwrap(),
        registered_by: Some("desk 3".into()),
        created_at: NOW,
        expires_at: at(3600),
        status: DelegationStatus::Active,
    }
}

/// A filing of `client` by this delegation.
fn filed_by(one: &Delegation, client: &str, key: &str) -> NewSubmission {
    let mut new = filing(client, key, "body", &["pension"]);
    new.submission.applicant = one.company.clone();
    new.submission.delegation = Some(one.id.clone());
    new
}

async fn changes(store: &dyn Store) -> Vec<String> {
    let mut found = Vec::new();
    for leaf in store.list_pending_leaves(200).await.unwrap() {
        let kept = store.find_receipt(&leaf.receipt).await.unwrap().unwrap();
        let record: serde_json::Value = serde_json::from_str(&kept.record).unwrap();
        if record["kind"] == "delegation" {
            found.push(record["change"].as_str().unwrap().to_owned());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_registrations_one_is_kept_and_of_fifty_ends_one_counts() {
    let TestStore { store, .. } = &new_store().await;
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), delegation(COMPANY, "office"));
        async move { store.insert_delegation(&new).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let company = CorporateNumber::parse(COMPANY).unwrap();
    let listed = store.list_delegations(&company, 100).await.unwrap();
    assert_eq!(listed.len(), 1);
    let one = &listed[0];
    let standing = store.find_standing_delegation(&company, &one.client).await.unwrap();
    assert_eq!(standing.as_ref(), Some(one));
    // Another office and another company are others.
    assert!(store.insert_delegation(&delegation(COMPANY, "another")).await.unwrap());
    assert!(store.insert_delegation(&delegation(OTHER, "office")).await.unwrap());
    let answers = race(|n| {
        let (store, id) = (Arc::clone(store), one.id.clone());
        let (by, operator) = if n % 2 == 0 { (End::Principal, None) } else { (End::Operator, Some("desk 3")) };
        async move { store.end_delegation(&id, by, operator, at(1)).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let ended = store.find_delegation(&one.id).await.unwrap().unwrap();
    assert!(matches!(ended.status, DelegationStatus::Ended { at: when, .. } if when == at(1)));
    assert_eq!(store.find_standing_delegation(&company, &one.client).await.unwrap(), None);
    assert!(!store.end_delegation(&one.id, End::Principal, None, at(2)).await.unwrap());
    // It can be registered anew; so it can once the time of one is over.
    assert!(store.insert_delegation(&delegation(COMPANY, "office")).await.unwrap());
    let later = Delegation { created_at: at(3600), expires_at: at(7200), ..delegation(COMPANY, "office") };
    assert!(store.insert_delegation(&later).await.unwrap());
    assert!(!store.end_delegation(&later.id, End::Principal, None, at(7200)).await.unwrap(), "its time is over");
    let told = changes(&**store).await;
    let count = |word: &str| told.iter().filter(|told| *told == word).count();
    assert_eq!((count("registered"), count("ended_by_time")), (5, 1), "{told:?}");
    assert_eq!(count("ended_by_principal") + count("ended_by_operator"), 1, "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_filed_by_a_delegation_after_its_end_however_close() {
    let TestStore { store, .. } = &new_store().await;
    let one = delegation(COMPANY, "office");
    assert!(store.insert_delegation(&one).await.unwrap());
    let made: Vec<_> = (0..50).map(|n| filed_by(&one, "office", &format!("key-{n}"))).collect();
    let answers = race(|n| {
        let (store, new, id) = (Arc::clone(store), made[n].clone(), one.id.clone());
        async move {
            if n == 25 {
                assert!(store.end_delegation(&id, End::Principal, None, at(1)).await.unwrap());
                // Once the end is told, whatever comes next is refused.
                let mut late = new;
                late.submission.accepted_at = at(1);
                return store.insert_submission(&late).await.unwrap();
            }
            store.insert_submission(&new).await.unwrap()
        }
    })
    .await;
    assert_eq!(answers[25], InsertedSubmission::NotDelegated);
    for (new, answer) in made.iter().zip(&answers) {
        let is_there = store.find_submission(&new.submission.id).await.unwrap().is_some();
        assert_eq!(is_there, *answer == InsertedSubmission::New, "{answer:?}");
        assert_eq!(
            store.list_deliveries(std::slice::from_ref(&new.submission.id)).await.unwrap().len(),
            usize::from(is_there)
        );
    }
    // What was taken on in time is answered as it was.
    if let Some((new, _)) = made.iter().zip(&answers).find(|(_, answer)| **answer == InsertedSubmission::New) {
        let again = store.insert_submission(new).await.unwrap();
        assert_eq!(again, InsertedSubmission::Same(Box::new(new.submission.clone())));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_files_by_another_ones_delegation() {
    let TestStore { store, .. } = &new_store().await;
    let (one, other) = (delegation(COMPANY, "office"), delegation(OTHER, "office"));
    assert!(store.insert_delegation(&one).await.unwrap() && store.insert_delegation(&other).await.unwrap());
    let new = filed_by(&one, "office", "1");
    assert_eq!(store.insert_submission(&new).await.unwrap(), InsertedSubmission::New);
    assert_eq!(store.list_filed_by(&one.id, 10).await.unwrap(), [new.submission]);
    assert!(store.list_filed_by(&other.id, 10).await.unwrap().is_empty());
    let mut of_another_company = filed_by(&one, "office", "2");
    of_another_company.submission.applicant = other.company.clone();
    let mut after_its_time = filed_by(&one, "office", "3");
    after_its_time.submission.accepted_at = at(3600);
    let mut unknown = filed_by(&one, "office", "4");
    unknown.submission.delegation = Some(DelegationId::generate(&SystemEntropy));
    for new in [filed_by(&one, "another", "5"), of_another_company, after_its_time, unknown] {
        assert_eq!(store.insert_submission(&new).await.unwrap(), InsertedSubmission::NotDelegated);
    }
}
