//! What a consent allows for now: uses are counted exactly, pauses hold, and what was said before is kept.

use super::samples::{NOW, access, at, grant, keyed_request, refresh_token, request, subject_id};
use super::{RACERS, race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::amendment::Amendment;
use madoguchi::domain::grant::{Grant, GrantStatus, RevokedBy};
use madoguchi::domain::retrieval::RequestState;
use madoguchi::store::{Charge, CountedRequest, InsertedRequest, Lease, Store, Use};
use std::sync::Arc;

async fn granted(store: &dyn Store) -> Grant {
    let grant = grant(Some(&subject_id()));
    store.insert_grant(&grant).await.unwrap();
    grant
}

fn one_of(allowed: u32) -> Charge {
    in_span("2026-11-21", allowed)
}

fn in_span(span: &str, allowed: u32) -> Charge {
    let one = Use { span: span.into(), allowed, kept_until: at(3600) };
    Charge { one: Some(one), thresholds: vec![] }
}

const LEASE: Lease<'_> = Lease { owner: "node", until: NOW };

fn is_new(counted: &CountedRequest) -> bool {
    *counted == CountedRequest::Inserted(InsertedRequest::New)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_calls_exactly_as_many_get_through_as_uses_are_left() {
    let TestStore { store, .. } = &new_store().await;
    for allowed in [1_u32, 7] {
        let grant = granted(&**store).await;
        let answers = race(|_| {
            let (store, request) = (Arc::clone(store), request(&grant));
            async move {
                let counted = store.insert_counted_request(&request, LEASE, &one_of(allowed)).await.unwrap();
                let is_there = store.find_request(&request.id).await.unwrap().is_some();
                assert_eq!(is_new(&counted), is_there, "a request is written with its use, or not at all");
                assert!(is_there || counted == CountedRequest::UsedUp);
                is_there
            }
        })
        .await;
        assert_eq!(winners(&answers), usize::try_from(allowed).unwrap());
        assert_eq!(store.find_used(&grant.id, "2026-11-21").await.unwrap(), allowed);
        let later = in_span("2026-11-22", allowed);
        assert!(is_new(&store.insert_counted_request(&request(&grant), LEASE, &later).await.unwrap()));
        let other = granted(&**store).await;
        assert!(is_new(&store.insert_counted_request(&request(&other), LEASE, &one_of(allowed)).await.unwrap()));
    }
    let grant = granted(&**store).await;
    let none = store.insert_counted_request(&request(&grant), LEASE, &one_of(0)).await.unwrap();
    assert_eq!(none, CountedRequest::UsedUp);
    assert_eq!(store.find_used(&grant.id, "2026-11-21").await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_request_costs_nothing_even_when_every_use_is_taken() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    let answers = race(|n| {
        let (store, request) = (Arc::clone(store), keyed_request(&grant, "key", "body"));
        async move {
            match store.insert_counted_request(&request, LEASE, &one_of(2)).await.unwrap() {
                CountedRequest::Inserted(InsertedRequest::New) => true,
                CountedRequest::Inserted(InsertedRequest::Same(_)) => false,
                other => panic!("{n}: {other:?}"),
            }
        }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert_eq!(store.find_used(&grant.id, "2026-11-21").await.unwrap(), 1);
    assert!(is_new(&store.insert_counted_request(&request(&grant), LEASE, &one_of(2)).await.unwrap()));
    let again = store.insert_counted_request(&keyed_request(&grant, "key", "body"), LEASE, &one_of(2)).await.unwrap();
    assert!(matches!(again, CountedRequest::Inserted(InsertedRequest::Same(_))), "{again:?}");
    let other = store.insert_counted_request(&keyed_request(&grant, "key", "other"), LEASE, &one_of(9)).await.unwrap();
    assert_eq!(other, CountedRequest::Inserted(InsertedRequest::KeyReused));
    assert!(store.revoke_grant(&grant.id, NOW, RevokedBy::Citizen).await.unwrap());
    let over = store.insert_counted_request(&request(&grant), LEASE, &one_of(9)).await.unwrap();
    assert_eq!(over, CountedRequest::Inserted(InsertedRequest::GrantOver));
    assert_eq!(store.find_used(&grant.id, "2026-11-21").await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_are_dropped_once_nobody_can_need_them() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    store.insert_counted_request(&request(&grant), LEASE, &one_of(2)).await.unwrap();
    store.purge(at(3599)).await.unwrap();
    assert_eq!(store.find_used(&grant.id, "2026-11-21").await.unwrap(), 1);
    store.purge(at(3600)).await.unwrap();
    assert_eq!(store.find_used(&grant.id, "2026-11-21").await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_pause_or_resume_one_is_first_and_tokens_stay() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    let token = refresh_token(&grant);
    assert!(store.insert_refresh_token(&token).await.unwrap());
    let (open, ready) = (request(&grant), request(&grant));
    for request in [&open, &ready] {
        assert_eq!(store.insert_request(request, "node", at(30)).await.unwrap(), InsertedRequest::New);
    }
    assert!(store.finish_request(&ready.id, Some(b"sealed"), &access(&grant, NOW)).await.unwrap());
    let paused = race(|_| {
        let (store, id) = (Arc::clone(store), grant.id.clone());
        async move { store.pause_grant(&id, at(5)).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&paused), 1);
    let found = store.find_grant(&grant.id).await.unwrap().unwrap();
    assert_eq!(found.status, GrantStatus::Paused { since: at(5) });
    assert!(!found.is_in_force(at(5)) && found.is_paused(at(5)) && !found.is_paused(grant.expires_at));
    for request in [&open, &ready] {
        assert_eq!(store.find_request(&request.id).await.unwrap().unwrap().state, RequestState::Cancelled);
        assert_eq!(store.take_result(&request.id).await.unwrap(), None);
    }
    assert_eq!(store.insert_request(&request(&grant), "node", at(30)).await.unwrap(), InsertedRequest::GrantOver);
    let counted = store.insert_counted_request(&request(&grant), LEASE, &one_of(9)).await.unwrap();
    assert_eq!(counted, CountedRequest::Inserted(InsertedRequest::GrantOver));
    assert_eq!(store.find_refresh_token(token.digest, NOW).await.unwrap().as_ref(), Some(&token));

    assert!(!store.resume_grant(&grant.id, grant.expires_at).await.unwrap(), "its time is over");
    let resumed = race(|_| {
        let (store, id) = (Arc::clone(store), grant.id.clone());
        async move { store.resume_grant(&id, at(9)).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&resumed), 1);
    assert_eq!(store.find_grant(&grant.id).await.unwrap().as_ref(), Some(&grant));
    assert_eq!(store.insert_request(&request(&grant), "node", at(30)).await.unwrap(), InsertedRequest::New);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_grant_ends_like_any_other_and_one_that_ended_is_not_paused() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    assert!(store.pause_grant(&grant.id, NOW).await.unwrap());
    assert!(store.revoke_grant(&grant.id, at(1), RevokedBy::Citizen).await.unwrap());
    let status = store.find_grant(&grant.id).await.unwrap().unwrap().status;
    assert_eq!(status, GrantStatus::Revoked { at: at(1), by: RevokedBy::Citizen });
    assert!(
        !store.resume_grant(&grant.id, at(2)).await.unwrap() && !store.pause_grant(&grant.id, at(2)).await.unwrap()
    );
    let nobodys = super::samples::grant(None);
    store.insert_grant(&nobodys).await.unwrap();
    assert!(!store.pause_grant(&nobodys.id, NOW).await.unwrap());
    let over = granted(&**store).await;
    assert!(!store.pause_grant(&over.id, over.expires_at).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_at_the_same_moment_leaves_nothing_open_and_no_result() {
    let TestStore { store, .. } = &new_store().await;
    for round in 0..5 {
        let grant = granted(&**store).await;
        let mut made = Vec::new();
        for _ in 0..RACERS / 2 {
            let request = request(&grant);
            store.insert_request(&request, "node", at(30)).await.unwrap();
            made.push(request);
        }
        made.extend((made.len()..RACERS).map(|_| request(&grant)));
        let answers = race(|n| {
            let (store, grant, request) = (Arc::clone(store), grant.clone(), made[n].clone());
            async move {
                if n == 11 + round {
                    return store.pause_grant(&grant.id, NOW).await.unwrap();
                }
                if n < RACERS / 2 {
                    store.finish_request(&request.id, Some(b"sealed"), &access(&grant, NOW)).await.unwrap();
                } else {
                    store.insert_counted_request(&request, LEASE, &one_of(1000)).await.unwrap();
                }
                false
            }
        })
        .await;
        assert_eq!(winners(&answers), 1);
        for request in &made {
            let found = store.find_request(&request.id).await.unwrap();
            assert!(found.is_none_or(|found| found.state == RequestState::Cancelled));
            assert_eq!(store.take_result(&request.id).await.unwrap(), None);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_newer_decision_took_the_place_of_can_still_be_read() {
    let TestStore { store, .. } = &new_store().await;
    let older = granted(&**store).await;
    assert_eq!(store.list_superseded(&older.id).await.unwrap(), []);
    for (n, how) in [(10, Amendment::Replace), (20, Amendment::Merge)] {
        let newer = Grant { created_at: at(n), expires_at: at(7200), ..older.clone() };
        super::authorizations::amended(&**store, &newer, how).await;
    }
    let earlier = store.list_superseded(&older.id).await.unwrap();
    let states: Vec<_> = earlier.iter().map(|grant| (grant.status, grant.expires_at)).collect();
    let superseded = |n| GrantStatus::Superseded { at: at(n) };
    assert_eq!(states, [(superseded(20), at(7200)), (superseded(10), older.expires_at)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_became_of_a_consent_is_found_by_its_grant_and_of_no_other() {
    let TestStore { store, .. } = &new_store().await;
    let (grant, other) = (granted(&**store).await, granted(&**store).await);
    assert!(store.pause_grant(&grant.id, at(1)).await.unwrap() && store.pause_grant(&other.id, at(1)).await.unwrap());
    assert!(store.resume_grant(&grant.id, at(2)).await.unwrap());
    store.insert_accesses(&[access(&grant, at(3))]).await.unwrap();
    assert!(store.revoke_grant(&grant.id, at(4), RevokedBy::Citizen).await.unwrap());
    let words = async |limit| {
        let held = store.list_consent_receipts(&grant.id, limit).await.unwrap();
        let word = |one: &madoguchi::store::HeldReceipt| {
            let record: serde_json::Value = serde_json::from_str(&one.record).unwrap();
            assert_eq!((record["grant"].as_str(), one.index), (Some(grant.id.as_str()), None));
            (record["change"].as_str().unwrap().to_owned(), one.at)
        };
        held.iter().map(word).collect::<Vec<_>>()
    };
    let expected = [("ended", at(4)), ("resumed", at(2)), ("paused", at(1)), ("made", grant.created_at)];
    assert_eq!(words(9).await, expected.map(|(word, at)| (word.to_owned(), at)));
    assert_eq!(words(2).await.len(), 2);
    let found = store.list_consent_receipts(&grant.id, 1).await.unwrap().remove(0);
    assert_eq!(store.find_receipt(&found.receipt).await.unwrap().as_ref(), Some(&found));
}
