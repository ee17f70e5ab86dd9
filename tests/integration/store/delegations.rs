//! Which office may file for which company: registered once, ended once, and nothing is filed by it afterwards.

use super::samples::{NOW, at};
use super::submissions::filing;
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::SystemEntropy;
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::delegation::{Delegation, DelegationStatus, Pausing, Procedures};
use madoguchi::domain::ids::{ClientId, DelegationId};
use madoguchi::domain::representation::{RepresentationEnd as End, RepresentationKind, RepresentationProof};
use madoguchi::store::{Before, InsertedSubmission, NewSubmission, Store};
use std::sync::Arc;

/// Made up, with a right check digit.
pub const COMPANY: &str = "7000012050002";
pub const OTHER: &str = "9000000000000";

pub fn delegation(company: &str, client: &str) -> Delegation {
    Delegation {
        id: DelegationId::generate(&SystemEntropy),
        company: CorporateNumber::parse(company).unwrap(),
        client: ClientId::parse(client).unwrap(),
        kind: RepresentationKind::LaborConsultant,
        proof: RepresentationProof::PowerOfAttorney,
        procedures: Procedures::parse(vec!["2200700".into()]).unwrap(),
        registered_by: Some("desk 3".into()),
        via: None,
        created_at: NOW,
        expires_at: at(3600),
        status: DelegationStatus::Active,
    }
}

/// A filing of `client` by this delegation.
pub fn filed_by(one: &Delegation, client: &str, key: &str) -> NewSubmission {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_pauses_one_counts_and_nothing_is_filed_until_it_goes_on() {
    let TestStore { store, .. } = &new_store().await;
    let one = delegation(COMPANY, "office");
    assert!(store.insert_delegation(&one).await.unwrap());
    for pausing in [Pausing::Pause, Pausing::Resume] {
        let answers = race(|_| {
            let (store, id) = (Arc::clone(store), one.id.clone());
            async move { store.pause_delegation(&id, pausing, at(1)).await.unwrap() }
        })
        .await;
        assert_eq!(winners(&answers), 1, "{pausing:?}");
        let found = store.find_standing_delegation(&one.company, &one.client).await.unwrap().unwrap();
        let is_paused = found.status == DelegationStatus::Paused { since: at(1) };
        assert_eq!(is_paused, pausing == Pausing::Pause);
        let filed = store.insert_submission(&filed_by(&one, "office", pausing.word())).await.unwrap();
        let wanted = if is_paused { InsertedSubmission::NotDelegated } else { InsertedSubmission::New };
        assert_eq!(filed, wanted, "{pausing:?}");
        // It stands all the while: another to the same office finds it there.
        assert!(!store.insert_delegation(&delegation(COMPANY, "office")).await.unwrap());
    }
    assert!(!store.pause_delegation(&DelegationId::generate(&SystemEntropy), Pausing::Pause, at(1)).await.unwrap());
    assert!(!store.pause_delegation(&one.id, Pausing::Pause, at(3600)).await.unwrap(), "its time is over");
    assert_eq!(changes(&**store).await, ["registered", "paused", "resumed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ending_and_holding_still_at_once_the_end_stays_whichever_comes_first() {
    let TestStore { store, .. } = &new_store().await;
    let one = delegation(COMPANY, "office");
    assert!(store.insert_delegation(&one).await.unwrap());
    let answers = race(|n| {
        let (store, id) = (Arc::clone(store), one.id.clone());
        async move {
            match n % 3 {
                0 => store.end_delegation(&id, End::Principal, None, at(1)).await.unwrap(),
                turn => {
                    let pausing = if turn == 1 { Pausing::Pause } else { Pausing::Resume };
                    store.pause_delegation(&id, pausing, at(1)).await.unwrap();
                    false
                }
            }
        }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let ended = store.find_delegation(&one.id).await.unwrap().unwrap();
    assert_eq!(ended.status, DelegationStatus::Ended { at: at(1), by: End::Principal });
    for pausing in [Pausing::Pause, Pausing::Resume] {
        assert!(!store.pause_delegation(&one.id, pausing, at(2)).await.unwrap(), "{pausing:?}");
    }
    // Every change that counted left its leaf: what was held still was let go on or ended, and nothing came after the end.
    let told = changes(&**store).await;
    assert_eq!((told[0].as_str(), told[told.len() - 1].as_str()), ("registered", "ended_by_principal"), "{told:?}");
    let between: Vec<&str> = told[1..told.len() - 1].iter().map(String::as_str).collect();
    assert!(between.chunks(2).all(|pair| pair[0] == "paused" && pair.get(1).is_none_or(|next| *next == "resumed")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_lists_what_it_holds_page_by_page_and_nothing_of_another() {
    let TestStore { store, .. } = &new_store().await;
    let mut made = Vec::new();
    for (n, company) in [COMPANY, OTHER].into_iter().enumerate() {
        let later = at(i64::try_from(n).unwrap());
        let one = Delegation { created_at: later, ..delegation(company, "office") };
        assert!(store.insert_delegation(&one).await.unwrap());
        made.push(one);
    }
    assert!(store.insert_delegation(&delegation(COMPANY, "another")).await.unwrap());
    assert!(store.end_delegation(&made[0].id, End::Operator, Some("desk 3"), at(2)).await.unwrap());
    let office = ClientId::parse("office").unwrap();
    let mut before = Before { entry: None, limit: 1 };
    let first = store.list_delegations_to(&office, &before).await.unwrap();
    assert_eq!(first, [made[1].clone()]);
    before.entry = Some((first[0].created_at, first[0].id.clone()));
    let second = store.list_delegations_to(&office, &before).await.unwrap();
    assert_eq!((second.len(), &second[0].id), (1, &made[0].id), "ended ones too");
    before.entry = Some((second[0].created_at, second[0].id.clone()));
    assert!(store.list_delegations_to(&office, &before).await.unwrap().is_empty());
}

/// What was taken on by a delegation that was in force then is written down whatever became of it since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_of_what_was_taken_on_is_written_after_the_end() {
    let TestStore { store, .. } = &new_store().await;
    let one = delegation(COMPANY, "office");
    assert!(store.insert_delegation(&one).await.unwrap());
    assert!(store.end_delegation(&one.id, End::Principal, None, at(1)).await.unwrap());
    let refused = filed_by(&one, "office", "whole");
    assert_eq!(store.insert_submission(&refused).await.unwrap(), InsertedSubmission::NotDelegated);
    let part = NewSubmission { is_taken_on: true, ..refused };
    assert_eq!(store.insert_submission(&part).await.unwrap(), InsertedSubmission::New);
    assert_eq!(store.list_filed_by(&one.id, 10).await.unwrap().len(), 1);
}
