//! What operators open in a disaster: asked for by one, opened by another, once, whole or not at all.

use super::representations::representation;
use super::samples::{NOW, at, client, grant, refresh_token, subject_id};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::SystemEntropy;
use madoguchi::domain::grant::{Grant, GrantStatus};
use madoguchi::domain::ids::{RepresentationId, SubjectId};
use madoguchi::domain::representation::{
    FreezeReason, Representation, RepresentationEnd, RepresentationKind, RepresentationProof, Turn,
};
use madoguchi::store::{HeldEmergency, HeldRefreshToken, Opening, Store};
use std::sync::Arc;

pub fn requested(statement: &str) -> HeldEmergency {
    HeldEmergency {
        id: RepresentationId::generate(&SystemEntropy),
        client: client("loan-bank").id,
        requested_by: "desk-1".into(),
        request: statement.into(),
        created_at: NOW,
        expires_at: at(3600),
        approval: None,
    }
}

pub struct Opened {
    representation: Representation,
    pub grant: Grant,
    token: HeldRefreshToken,
}

impl Opened {
    pub fn of(id: &RepresentationId, person: &SubjectId) -> Self {
        let nobody = SubjectId::parse("op_loan-bank").unwrap();
        let representation = Representation {
            id: id.clone(),
            kind: RepresentationKind::Emergency,
            proof: RepresentationProof::TwoOperators,
            ..representation(person, &nobody)
        };
        let grant = Grant {
            acting: Some(representation.acting()),
            expires_at: representation.expires_at,
            ..grant(Some(person))
        };
        Self { token: refresh_token(&grant), grant, representation }
    }

    pub fn by<'a>(&'a self, by: &'a str, approval: &'a str) -> Opening<'a> {
        Opening { by, approval, representation: &self.representation, grant: &self.grant, token: &self.token }
    }
}

/// One that is open, with `statement` as what both operators signed.
pub async fn open(store: &dyn Store, person: &SubjectId, statement: &str) -> RepresentationId {
    let request = requested(statement);
    store.insert_emergency(&request).await.unwrap();
    let opened = Opened::of(&request.id, person);
    assert!(store.open_emergency(&opened.by("desk-2", statement), at(1)).await.unwrap());
    let kept = store.find_emergency(&request.id).await.unwrap().unwrap();
    assert_eq!(kept, HeldEmergency { approval: Some(("desk-2".into(), statement.into())), ..request });
    kept.id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_approvals_one_opens_and_never_who_asked() {
    let TestStore { store, .. } = &new_store().await;
    let (person, request) = (subject_id(), requested("asked"));
    store.put_client(&client("loan-bank"), NOW).await.unwrap();
    store.insert_emergency(&request).await.unwrap();
    let alone = Opened::of(&request.id, &person);
    assert!(!store.open_emergency(&alone.by("desk-1", "approved"), at(1)).await.unwrap(), "who asked");
    assert!(!store.open_emergency(&alone.by("desk-2", "approved"), at(3600)).await.unwrap(), "too late");
    assert!(store.find_grant(&alone.grant.id).await.unwrap().is_none());
    let opened: Vec<Arc<Opened>> = (0..50).map(|_| Arc::new(Opened::of(&request.id, &person))).collect();
    let answers = race(|n| {
        let (store, one) = (Arc::clone(store), Arc::clone(&opened[n]));
        async move { store.open_emergency(&one.by("desk-2", "approved"), at(1)).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    // What the others would have opened is not there: neither grant nor token.
    for (one, is_open) in opened.iter().zip(&answers) {
        assert_eq!(store.find_grant(&one.grant.id).await.unwrap().is_some(), *is_open);
        assert_eq!(store.find_refresh_token(one.token.digest, at(2)).await.unwrap().is_some(), *is_open);
    }
    assert_eq!(store.list_representatives(&person, 100).await.unwrap().len(), 1);
    let listed = store.list_emergencies(10).await.unwrap();
    assert_eq!(listed, [store.find_emergency(&request.id).await.unwrap().unwrap()]);
    assert_eq!(listed[0].approval, Some(("desk-2".into(), "approved".into())));
    // A second request for the same person and third party opens nothing while the first is open.
    let second = requested("asked again");
    store.insert_emergency(&second).await.unwrap();
    let again = Opened::of(&second.id, &person);
    assert!(!store.open_emergency(&again.by("desk-2", "approved"), at(2)).await.unwrap());
    assert_eq!(store.find_emergency(&second.id).await.unwrap().unwrap().approval, None, "undone as a whole");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_hangs_on_nobodys_card_and_ends_as_any_other_and_the_record_stays() {
    let TestStore { store, .. } = &new_store().await;
    store.put_client(&client("loan-bank"), NOW).await.unwrap();
    let person = subject_id();
    let id = open(&**store, &person, "asked").await;
    let digest = super::samples::digest();
    let held = store.freeze_for_card(&person, (digest, at(3600)), at(2)).await.unwrap();
    assert_eq!(held, Some(vec![]), "whoever is unconscious may have lost the card, too");
    let freeze = Turn::Freeze(FreezeReason::Operator);
    assert!(store.turn_representation(&id, freeze, Some("desk-1"), at(3)).await.unwrap().is_done());
    let end = Turn::End(RepresentationEnd::Principal);
    assert!(store.turn_representation(&id, end, None, at(4)).await.unwrap().is_done());
    for grant in store.list_grants_by(&id, 10).await.unwrap() {
        assert!(matches!(grant.status, GrantStatus::Revoked { .. }));
    }
    let kept = store.find_emergency(&id).await.unwrap().unwrap();
    assert_eq!((kept.request.as_str(), kept.approval.unwrap().1.as_str()), ("asked", "asked"));
}
