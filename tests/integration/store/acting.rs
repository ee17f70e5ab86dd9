//! What a representative decides stands and falls with the representation: at the decision, and ever after.

use super::representations::{representation, turned};
use super::samples::{NOW, at, code, grant, held, interaction, refresh_token, request, subject_id};
use super::{RACERS, race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::grant::{Grant, GrantStatus, RevokedBy};
use madoguchi::domain::ids::SubjectId;
use madoguchi::domain::representation::{
    FreezeReason, Representation, RepresentationEnd as End, RepresentationKind, Turn,
};
use madoguchi::domain::retrieval::RequestState;
use madoguchi::store::{Decision, InsertedRequest, Store, Turned};
use std::sync::Arc;

pub async fn registered(store: &dyn Store) -> Representation {
    let one = representation(&subject_id(), &subject_id());
    assert!(store.insert_representation(&one).await.unwrap());
    one
}

pub fn given_by(one: &Representation) -> Grant {
    Grant { acting: Some(one.acting()), ..grant(Some(&one.principal)) }
}

/// Decides as the pages do; whether it counted.
async fn decided(store: &dyn Store, grant: &Grant) -> bool {
    let (asked, begun, code) = (held(at(60)), interaction(at(600)), code(grant));
    store.insert_pushed_request(&asked).await.unwrap();
    store.insert_interaction(&begun).await.unwrap();
    let granted = Some((grant, &code));
    let decision = Decision { interaction: &begun.id, step: 0, request_uri: asked.digest, granted, sign_in: None };
    let is_done = store.take_decision(&decision, NOW).await.unwrap();
    let is_left = store.find_interaction(&begun.id, NOW).await.unwrap().is_some();
    assert_ne!(is_done, is_left, "a decision that does not count uses nothing up");
    assert_eq!(store.find_grant(&grant.id).await.unwrap().is_some(), is_done);
    is_done
}

async fn state(store: &dyn Store, grant: &Grant) -> GrantStatus {
    store.find_grant(&grant.id).await.unwrap().unwrap().status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_counts_only_by_a_representation_in_force_of_the_very_two_and_within_its_time() {
    let TestStore { store, .. } = &new_store().await;
    let store = &**store;
    let one = registered(store).await;
    let good = given_by(&one);
    let other = subject_id();
    let by = |change: &dyn Fn(&mut Grant)| {
        let mut bad = given_by(&one);
        change(&mut bad);
        bad
    };
    let stranger = registered(store).await;
    for (what, bad) in [
        ("another principal", by(&|g| g.subject = Some(other.clone()))),
        ("no principal", by(&|g| g.subject = None)),
        ("another representative", by(&|g| g.acting.as_mut().unwrap().representative = other.clone())),
        ("the other way round", by(&|g| g.subject = Some(one.representative.clone()))),
        ("another's registration", by(&|g| g.acting.as_mut().unwrap().id = stranger.id.clone())),
        ("another ground", by(&|g| g.acting.as_mut().unwrap().kind = RepresentationKind::Parent)),
        ("longer than the representation", by(&|g| g.expires_at = at(3601))),
    ] {
        assert!(!decided(store, &bad).await, "{what}");
    }
    assert!(decided(store, &good).await);
    assert!(turned(store, &one.id, Turn::Freeze(FreezeReason::Operator), at(0)).await);
    assert!(!decided(store, &given_by(&one)).await, "frozen");
    assert!(turned(store, &one.id, Turn::Unfreeze(None), at(0)).await);
    assert!(decided(store, &given_by(&one)).await);
    assert!(turned(store, &one.id, Turn::End(End::Operator), at(0)).await);
    assert!(!decided(store, &given_by(&one)).await, "ended");
    assert_eq!(store.list_grants_by(&one.id, 100).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_given_by_it_ends_with_it_and_nothing_else_does() {
    let TestStore { store, .. } = &new_store().await;
    let store = &**store;
    for (end, by) in [
        (End::Principal, RevokedBy::Citizen),
        (End::Representative, RevokedBy::Representative),
        (End::Operator, RevokedBy::Operator),
    ] {
        let (one, other) = (registered(store).await, registered(store).await);
        let (given, own, others) = (given_by(&one), grant(Some(&one.principal)), given_by(&other));
        for grant in [&given, &own, &others] {
            assert!(decided(store, grant).await);
        }
        let (job, token) = (request(&given), refresh_token(&given));
        assert_eq!(store.insert_request(&job, "node", at(60)).await.unwrap(), InsertedRequest::New);
        store.insert_refresh_token(&token).await.unwrap();
        let ended = store.turn_representation(&one.id, Turn::End(end), None, at(5)).await.unwrap();
        assert_eq!(ended, Turned::Done(vec![given.id.clone()]));
        assert_eq!(state(store, &given).await, GrantStatus::Revoked { at: at(5), by });
        assert_eq!(state(store, &own).await, GrantStatus::Active);
        assert_eq!(state(store, &others).await, GrantStatus::Active);
        assert_eq!(store.find_request(&job.id).await.unwrap().unwrap().state, RequestState::Cancelled);
        assert!(store.find_refresh_token(token.digest, at(5)).await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn held_still_nothing_goes_on_and_what_the_person_paused_stays_paused() {
    let TestStore { store, .. } = &new_store().await;
    let store = &**store;
    let one = registered(store).await;
    let (given, paused) = (given_by(&one), given_by(&one));
    assert!(decided(store, &given).await && decided(store, &paused).await);
    assert!(store.pause_grant(&paused.id, at(1)).await.unwrap());
    let job = request(&given);
    assert_eq!(store.insert_request(&job, "node", at(60)).await.unwrap(), InsertedRequest::New);
    assert!(turned(store, &one.id, Turn::Freeze(FreezeReason::CardSuspended), at(5)).await);
    for grant in [&given, &paused] {
        assert_eq!(state(store, grant).await, GrantStatus::Held { since: at(5) });
        assert!(!store.find_grant(&grant.id).await.unwrap().unwrap().is_in_force(at(5)));
        let tried = store.insert_request(&request(grant), "node", at(60)).await.unwrap();
        assert_eq!(tried, InsertedRequest::GrantOver, "nothing is begun meanwhile");
    }
    assert_eq!(store.find_request(&job.id).await.unwrap().unwrap().state, RequestState::Cancelled);
    // Resuming one's own pause does not lift it.
    assert!(store.resume_grant(&paused.id, at(6)).await.unwrap());
    assert_eq!(state(store, &paused).await, GrantStatus::Held { since: at(5) });
    assert!(store.pause_grant(&paused.id, at(7)).await.unwrap());
    let for_another = Turn::Unfreeze(Some(FreezeReason::Operator));
    assert!(!turned(store, &one.id, for_another, at(8)).await, "it was frozen for another reason");
    assert!(turned(store, &one.id, Turn::Unfreeze(Some(FreezeReason::CardSuspended)), at(8)).await);
    assert_eq!(state(store, &given).await, GrantStatus::Active);
    assert_eq!(state(store, &paused).await, GrantStatus::Paused { since: at(7) });
    assert_eq!(store.insert_request(&request(&given), "node", at(60)).await.unwrap(), InsertedRequest::New);
    // What ends while it is held still stays ended.
    assert!(turned(store, &one.id, Turn::Freeze(FreezeReason::Operator), at(9)).await);
    assert!(store.revoke_grant(&given.id, at(10), RevokedBy::Citizen).await.unwrap());
    assert!(turned(store, &one.id, Turn::Unfreeze(None), at(11)).await);
    assert_eq!(state(store, &given).await, GrantStatus::Revoked { at: at(10), by: RevokedBy::Citizen });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_decisions_and_one_end_no_grant_outlives_the_end() {
    let TestStore { store, .. } = &new_store().await;
    for end in [Turn::End(End::Principal), Turn::Freeze(FreezeReason::CardSuspended)] {
        let one = registered(&**store).await;
        let answers = race(|n| {
            let (store, one) = (Arc::clone(store), one.clone());
            async move {
                if n == RACERS / 2 {
                    return store.turn_representation(&one.id, end, None, at(1)).await.unwrap().is_done();
                }
                decided(&*store, &given_by(&one)).await
            }
        })
        .await;
        let given = store.list_grants_by(&one.id, 100).await.unwrap();
        assert_eq!(given.len() + 1, winners(&answers));
        assert!(given.iter().all(|grant| !grant.is_in_force(at(1))), "{end:?}: {given:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_leaf_names_the_operator_and_nobody_else() {
    let TestStore { store, .. } = &new_store().await;
    let one = registered(&**store).await;
    assert!(decided(&**store, &given_by(&one)).await);
    assert!(turned(&**store, &one.id, Turn::Freeze(FreezeReason::Operator), at(1)).await);
    let person = |who: &SubjectId| who.as_str().to_owned();
    let (principal, representative) = (person(&one.principal), person(&one.representative));
    let mut records = Vec::new();
    for leaf in store.list_pending_leaves(100).await.unwrap() {
        let kept = store.find_receipt(&leaf.receipt).await.unwrap().unwrap();
        assert_eq!(kept.subject.as_ref(), Some(&one.principal), "the principal reads it");
        records.push(kept.record);
    }
    for wanted in [
        r#""change":"registered","kind":"representation","operator":"desk 3""#,
        r#""as":"care_manager""#,
        r#""change":"held""#,
    ] {
        assert!(records.iter().any(|record| record.contains(wanted)), "{wanted}: {records:?}");
    }
    assert!(records.iter().any(|record| record.contains(r#""change":"made""#) && record.contains(one.id.as_str())));
    assert!(records.iter().all(|record| !record.contains(&principal) && !record.contains(&representative)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_card_holds_both_sides_once_for_each_event() {
    let TestStore { store, .. } = &new_store().await;
    let (mine, theirs) = (registered(&**store).await, registered(&**store).await);
    // One who is represented by one person, and represents another.
    let both = representation(&theirs.principal, &mine.principal);
    assert!(store.insert_representation(&both).await.unwrap());
    let (given, other) = (given_by(&both), given_by(&theirs));
    assert!(decided(&**store, &given).await && decided(&**store, &other).await);
    let event = (super::samples::digest(), at(3600));
    let answers = race(|_| {
        let (store, person) = (Arc::clone(store), mine.principal.clone());
        async move { store.freeze_for_card(&person, event, at(5)).await.unwrap() }
    })
    .await;
    let took: Vec<_> = answers.into_iter().flatten().collect();
    assert_eq!(took, [vec![given.id.clone()]], "one of fifty took the event");
    for (one, is_frozen) in [(&mine, true), (&both, true), (&theirs, false)] {
        let found = store.find_representation(&one.id).await.unwrap().unwrap();
        assert_eq!(!found.is_in_force(at(5)), is_frozen);
    }
    assert_eq!(state(&**store, &given).await, GrantStatus::Held { since: at(5) });
    assert_eq!(state(&**store, &other).await, GrantStatus::Active);
    assert!(turned(&**store, &both.id, Turn::Unfreeze(Some(FreezeReason::CardSuspended)), at(6)).await);
    assert!(store.freeze_for_card(&mine.principal, event, at(7)).await.unwrap().is_none(), "the same event again");
    assert_eq!(state(&**store, &given).await, GrantStatus::Active);
}
