//! Who may act for whom: registered once, turned once, and each change has its leaf.

use super::samples::{NOW, at, subject_id};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::ids::{RepresentationId, SubjectId};
use madoguchi::domain::representation::{
    FreezeReason, Representation, RepresentationEnd as End, RepresentationKind, RepresentationProof,
    RepresentationStatus, Turn,
};
use madoguchi::domain::{SystemEntropy, Timestamp};
use madoguchi::store::Store;
use std::sync::Arc;

/// Whether an operator's turn counted.
pub async fn turned(store: &dyn Store, id: &RepresentationId, turn: Turn, when: Timestamp) -> bool {
    store.turn_representation(id, turn, Some("desk 3"), when).await.unwrap().is_done()
}

pub fn representation(principal: &SubjectId, representative: &SubjectId) -> Representation {
    Representation {
        id: RepresentationId::generate(&SystemEntropy),
        principal: principal.clone(),
        representative: representative.clone(),
        kind: RepresentationKind::CareManager,
        proof: RepresentationProof::PowerOfAttorney,
        registered_by: "desk 3".into(),
        created_at: NOW,
        expires_at: at(3600),
        status: RepresentationStatus::Active,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_registrations_of_the_same_one_is_kept() {
    let TestStore { store, .. } = &new_store().await;
    let (principal, representative) = (subject_id(), subject_id());
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), representation(&principal, &representative));
        async move { store.insert_representation(&new).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert_eq!(store.list_representatives(&principal, 100).await.unwrap().len(), 1);
    assert_eq!(store.list_represented(&representative, 100).await.unwrap().len(), 1);
    assert!(store.list_representatives(&representative, 100).await.unwrap().is_empty());
    // Another ground, and the other way round, are other registrations.
    let other = Representation { kind: RepresentationKind::Appointed, ..representation(&principal, &representative) };
    assert!(store.insert_representation(&other).await.unwrap());
    assert!(store.insert_representation(&representation(&representative, &principal)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_ends_one_counts_and_nothing_turns_afterwards() {
    let TestStore { store, .. } = &new_store().await;
    let one = representation(&subject_id(), &subject_id());
    assert!(store.insert_representation(&one).await.unwrap());
    let answers = race(|n| {
        let (store, id) = (Arc::clone(store), one.id.clone());
        let by = if n % 2 == 0 { End::Principal } else { End::Representative };
        async move { store.turn_representation(&id, Turn::End(by), None, at(1)).await.unwrap().is_done() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let ended = store.find_representation(&one.id).await.unwrap().unwrap();
    assert!(
        matches!(ended.status, RepresentationStatus::Ended { at: when, by: End::Principal | End::Representative } if when == at(1))
    );
    assert_eq!(Representation { status: RepresentationStatus::Active, ..ended }, one);
    for turn in [Turn::Freeze(FreezeReason::Operator), Turn::Unfreeze(None), Turn::End(End::Operator)] {
        assert!(!store.turn_representation(&one.id, turn, Some("desk 3"), at(2)).await.unwrap().is_done(), "{turn:?}");
    }
    // It can be registered anew.
    let again = representation(&one.principal, &one.representative);
    assert!(store.insert_representation(&again).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn freezing_holds_and_ends_like_any_other_and_time_ends_the_rest() {
    let TestStore { store, .. } = &new_store().await;
    let one = representation(&subject_id(), &subject_id());
    assert!(store.insert_representation(&one).await.unwrap());
    for (turn, wanted, is_turned) in [
        (Turn::Unfreeze(None), RepresentationStatus::Active, false),
        (
            Turn::Freeze(FreezeReason::Operator),
            RepresentationStatus::Frozen { since: at(5), reason: FreezeReason::Operator },
            true,
        ),
        (
            Turn::Freeze(FreezeReason::Operator),
            RepresentationStatus::Frozen { since: at(5), reason: FreezeReason::Operator },
            false,
        ),
        (Turn::Unfreeze(None), RepresentationStatus::Active, true),
        (
            Turn::Freeze(FreezeReason::Operator),
            RepresentationStatus::Frozen { since: at(5), reason: FreezeReason::Operator },
            true,
        ),
    ] {
        assert_eq!(turned(&**store, &one.id, turn, at(5)).await, is_turned, "{turn:?}");
        assert_eq!(store.find_representation(&one.id).await.unwrap().unwrap().status, wanted, "{turn:?}");
    }
    // After its end nothing turns it, and it does not stand in the way of the next.
    assert!(!turned(&**store, &one.id, Turn::Unfreeze(None), at(3600)).await);
    let early = representation(&one.principal, &one.representative);
    assert!(!store.insert_representation(&early).await.unwrap(), "the frozen one stands until then");
    let later = Representation { created_at: at(3600), expires_at: at(7200), ..early };
    assert!(store.insert_representation(&later).await.unwrap());
    let listed = store.list_representatives(&one.principal, 100).await.unwrap();
    assert_eq!(listed.iter().map(|r| &r.id).collect::<Vec<_>>(), [&later.id, &one.id], "newest first");
    assert_eq!(listed[1].status, RepresentationStatus::Ended { at: at(3600), by: End::Time });
    let unknown = RepresentationId::generate(&SystemEntropy);
    assert!(!turned(&**store, &unknown, Turn::Freeze(FreezeReason::Operator), at(1)).await);
    assert!(store.find_representation(&unknown).await.unwrap().is_none());
}
