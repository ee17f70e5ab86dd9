//! Invitations: taken once, by another, while they are open; and whole with what they open.

use super::samples::{NOW, at, digest, subject_id};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::ids::{RepresentationId, SubjectId};
use madoguchi::domain::invitation::{Invitation, InvitationCode};
use madoguchi::domain::representation::{
    Representation, RepresentationKind, RepresentationProof, RepresentationStatus,
};
use madoguchi::domain::{Digest, SystemEntropy};
use madoguchi::store::Store;
use std::sync::Arc;

fn invitation(principal: &SubjectId) -> Invitation {
    Invitation {
        id: RepresentationId::generate(&SystemEntropy),
        principal: principal.clone(),
        kind: RepresentationKind::Appointed,
        until: at(7200),
        created_at: NOW,
        expires_at: at(3600),
    }
}

fn opened(of: &Invitation, representative: &SubjectId, when: i64) -> Representation {
    Representation {
        id: of.id.clone(),
        principal: of.principal.clone(),
        representative: representative.clone(),
        kind: of.kind,
        proof: RepresentationProof::OwnSignIn,
        registered_by: "both persons".into(),
        created_at: at(when),
        expires_at: of.until,
        status: RepresentationStatus::Active,
    }
}

async fn made(store: &dyn Store, principal: &SubjectId) -> (Invitation, Digest) {
    let (new, code) = (invitation(principal), InvitationCode::generate(&SystemEntropy).digest());
    assert!(store.insert_invitation(&new, code, 10).await.unwrap());
    (new, code)
}

async fn changes(store: &dyn Store) -> Vec<String> {
    let mut found = Vec::new();
    for leaf in store.list_pending_leaves(200).await.unwrap() {
        let kept = store.find_receipt(&leaf.receipt).await.unwrap().unwrap();
        let record: serde_json::Value = serde_json::from_str(&kept.record).unwrap();
        assert!(record.get("operator").is_none(), "nobody at the counter did it: {record}");
        found.push(record["change"].as_str().unwrap().to_owned());
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_show_one_code_one_becomes_the_representative() {
    let TestStore { store, .. } = &new_store().await;
    let principal = subject_id();
    let (one, code) = made(&**store, &principal).await;
    assert_eq!(store.find_invitation(code, at(1)).await.unwrap().as_ref(), Some(&one));
    assert_eq!(store.list_invitations(&principal, at(1), 10).await.unwrap(), std::slice::from_ref(&one));
    let others: Vec<SubjectId> = (0..50).map(|_| subject_id()).collect();
    let answers = race(|n| {
        let (store, new) = (Arc::clone(store), opened(&one, &others[n], 1));
        async move { store.take_invitation(code, &new).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let winner = &others[answers.iter().position(|yes| *yes).unwrap()];
    let mine = store.list_representatives(&principal, 100).await.unwrap();
    assert_eq!(mine, [opened(&one, winner, 1)]);
    assert_eq!(store.list_represented(winner, 100).await.unwrap(), mine);
    assert!(store.find_invitation(code, at(2)).await.unwrap().is_none());
    assert!(store.list_invitations(&principal, at(2), 10).await.unwrap().is_empty());
    assert!(!store.withdraw_invitation(&one.id, &principal, at(2)).await.unwrap(), "it is taken");
    assert_eq!(changes(&**store).await, ["invited", "registered"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_open_for_them_opens_nothing() {
    let TestStore { store, .. } = &new_store().await;
    let (principal, other) = (subject_id(), subject_id());
    let (one, code) = made(&**store, &principal).await;
    let good = opened(&one, &other, 1);
    let (longer, wider) = (at(9999), RepresentationKind::Guardian);
    for (what, bad) in [
        ("their own", opened(&one, &principal, 1)),
        ("too late", opened(&one, &other, 3600)),
        ("prolonged", Representation { expires_at: longer, ..good.clone() }),
        ("another ground", Representation { kind: wider, ..good.clone() }),
        ("another person's", Representation { principal: subject_id(), ..good.clone() }),
        ("another id", Representation { id: RepresentationId::generate(&SystemEntropy), ..good.clone() }),
    ] {
        assert!(!store.take_invitation(code, &bad).await.unwrap(), "{what}");
    }
    assert!(!store.take_invitation(digest(), &good).await.unwrap(), "another code");
    assert!(!store.withdraw_invitation(&one.id, &other, at(1)).await.unwrap(), "it is not theirs");
    assert!(store.list_representatives(&principal, 10).await.unwrap().is_empty());
    assert!(store.take_invitation(code, &good).await.unwrap(), "what failed left it open");
    // While the like stands, another code opens nothing, and stays.
    let (again, code) = made(&**store, &principal).await;
    assert!(!store.take_invitation(code, &opened(&again, &other, 2)).await.unwrap());
    assert!(store.find_invitation(code, at(2)).await.unwrap().is_some());
    assert!(store.withdraw_invitation(&again.id, &principal, at(3)).await.unwrap());
    assert!(!store.take_invitation(code, &opened(&again, &subject_id(), 4)).await.unwrap(), "withdrawn");
    assert_eq!(changes(&**store).await, ["invitation_withdrawn", "invited", "invited", "registered"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_card_withdraws_them_and_one_person_has_few() {
    let TestStore { store, .. } = &new_store().await;
    let principal = subject_id();
    let (one, code) = made(&**store, &principal).await;
    for _ in 0..2 {
        let more = InvitationCode::generate(&SystemEntropy).digest();
        assert!(store.insert_invitation(&invitation(&principal), more, 3).await.unwrap());
    }
    assert!(!store.insert_invitation(&invitation(&principal), digest(), 3).await.unwrap());
    store.freeze_for_card(&principal, (digest(), at(9999)), at(5)).await.unwrap();
    assert!(store.list_invitations(&principal, at(6), 10).await.unwrap().is_empty());
    assert!(!store.take_invitation(code, &opened(&one, &subject_id(), 6)).await.unwrap());
}
