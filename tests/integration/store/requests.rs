//! Self-information requests: taken on once, lent to one worker, ended once, read once.

use super::samples::{NOW, access, at, grant, keyed_request, request, subject_id};
use super::{RACERS, race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::grant::{Grant, RevokedBy};
use madoguchi::domain::retrieval::{RequestState, RetrievalRequest};
use madoguchi::store::{Before, InsertedRequest, Store};
use std::collections::BTreeSet;
use std::sync::Arc;

async fn granted(store: &dyn Store) -> Grant {
    let grant = grant(Some(&subject_id()));
    store.insert_grant(&grant).await.unwrap();
    grant
}

async fn accepted(store: &dyn Store, grant: &Grant) -> RetrievalRequest {
    let request = request(grant);
    assert_eq!(store.insert_request(&request, "node", at(30)).await.unwrap(), InsertedRequest::New);
    request
}

async fn state_of(store: &dyn Store, request: &RetrievalRequest) -> RequestState {
    store.find_request(&request.id).await.unwrap().unwrap().state
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_repetitions_with_one_key_are_one_request() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    let made: Vec<_> = (0..RACERS).map(|_| keyed_request(&grant, "key", "body")).collect();
    let answers = race(|n| {
        let (store, request) = (Arc::clone(store), made[n].clone());
        async move { store.insert_request(&request, "node", at(30)).await.unwrap() }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| **answer == InsertedRequest::New).count(), 1);
    let winner = answers.iter().position(|answer| *answer == InsertedRequest::New).unwrap();
    for (n, answer) in answers.iter().enumerate() {
        let is_same = *answer == InsertedRequest::Same(Box::new(made[winner].clone()));
        assert_eq!(is_same, n != winner, "caller {n}");
    }
    let key = made[0].idempotency.unwrap();
    let found = store.find_request_by_key(&grant.client, &key).await.unwrap();
    assert_eq!(found.as_ref(), Some(&made[winner]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_with_another_body_or_another_persons_grant_is_reused_and_another_clients_is_its_own() {
    let TestStore { store, .. } = &new_store().await;
    let (grant, other_person) = (granted(&**store).await, granted(&**store).await);
    let other_client = Grant { client: "vaccination-app".to_owned().try_into().unwrap(), ..grant.clone() };
    let insert = async |request: RetrievalRequest| store.insert_request(&request, "node", at(30)).await.unwrap();
    assert_eq!(insert(keyed_request(&grant, "key", "body")).await, InsertedRequest::New);
    assert_eq!(insert(keyed_request(&grant, "key", "another")).await, InsertedRequest::KeyReused);
    assert_eq!(insert(keyed_request(&other_person, "key", "body")).await, InsertedRequest::KeyReused);
    assert_eq!(insert(keyed_request(&other_client, "key", "body")).await, InsertedRequest::New);
    assert_eq!(insert(keyed_request(&grant, "key 2", "body")).await, InsertedRequest::New);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_taken_on_under_a_grant_that_is_over_or_unknown() {
    let TestStore { store, .. } = &new_store().await;
    let live = granted(&**store).await;
    let late = RetrievalRequest { created_at: live.expires_at, ..request(&live) };
    let unknown = grant(Some(&subject_id()));
    for refused in [late, request(&unknown), keyed_request(&unknown, "key", "body")] {
        assert_eq!(store.insert_request(&refused, "node", at(30)).await.unwrap(), InsertedRequest::GrantOver);
        assert_eq!(store.find_request(&refused.id).await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_request_is_lent_to_one_worker_until_its_lease_is_over() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    let mut ids = BTreeSet::new();
    for _ in 0..40 {
        ids.insert(accepted(&**store, &grant).await.id);
    }
    assert!(store.lease_requests("early", at(29), at(60), 100).await.unwrap().is_empty(), "the node still has them");
    let lent = race(|n| {
        let store = Arc::clone(store);
        async move { store.lease_requests(&format!("worker {n}"), at(30), at(60), 3).await.unwrap() }
    })
    .await;
    assert!(lent.iter().all(|some| some.len() <= 3));
    let lent: Vec<_> = lent.into_iter().flatten().map(|request| request.id).collect();
    assert_eq!(lent.len(), 40, "no request is lent twice, none is left");
    assert_eq!(lent.into_iter().collect::<BTreeSet<_>>(), ids);
    assert_eq!(store.lease_requests("next", at(60), at(90), 100).await.unwrap().len(), 40);
    assert!(store.lease_requests("late", at(900), at(930), 100).await.unwrap().is_empty(), "its own time is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_finish_one_result_and_one_line_are_kept() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    let request = accepted(&**store, &grant).await;
    let answers = race(|n| {
        let (store, id, line) = (Arc::clone(store), request.id.clone(), access(&grant, NOW));
        async move { store.finish_request(&id, Some(format!("sealed {n}").as_bytes()), &line).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let sealed = format!("sealed {}", answers.iter().position(|yes| *yes).unwrap()).into_bytes();
    assert_eq!(state_of(&**store, &request).await, RequestState::Completed);
    assert_eq!(store.find_result(&request.id).await.unwrap(), Some(sealed));
    let lines = store.list_accesses(&request.subject, &Before { entry: None, limit: 100 }).await.unwrap();
    assert_eq!(lines.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_is_read_once_by_one_of_fifty() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    let request = accepted(&**store, &grant).await;
    assert_eq!(store.take_result(&request.id).await.unwrap(), None, "it is not there yet");
    assert!(store.finish_request(&request.id, Some(b"sealed"), &access(&grant, NOW)).await.unwrap());
    let answers = race(|_| {
        let (store, id) = (Arc::clone(store), request.id.clone());
        async move { store.take_result(&id).await.unwrap() }
    })
    .await;
    let taken: Vec<_> = answers.into_iter().flatten().collect();
    assert_eq!(taken, [b"sealed".to_vec()]);
    assert_eq!(state_of(&**store, &request).await, RequestState::Delivered);
    assert_eq!(store.find_result(&request.id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_answered_at_once_keeps_no_result() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    let request = accepted(&**store, &grant).await;
    assert!(store.finish_request(&request.id, None, &access(&grant, NOW)).await.unwrap());
    assert_eq!(state_of(&**store, &request).await, RequestState::Delivered);
    assert_eq!(store.take_result(&request.id).await.unwrap(), None);
    assert!(store.lease_requests("worker", at(60), at(90), 10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_ended_by_one_of_fifty_and_only_before_it_is_final() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    let (open, ready) = (accepted(&**store, &grant).await, accepted(&**store, &grant).await);
    assert!(store.finish_request(&ready.id, Some(b"sealed"), &access(&grant, NOW)).await.unwrap());
    for request in [&open, &ready] {
        let answers = race(|_| {
            let (store, id) = (Arc::clone(store), request.id.clone());
            async move { store.end_request(&id, RequestState::Cancelled).await.unwrap() }
        })
        .await;
        assert_eq!(winners(&answers), 1);
        assert_eq!(state_of(&**store, request).await, RequestState::Cancelled);
        assert_eq!(store.find_result(&request.id).await.unwrap(), None);
        assert!(!store.end_request(&request.id, RequestState::Expired).await.unwrap());
    }
    for state in [RequestState::Accepted, RequestState::Completed, RequestState::Delivered] {
        assert!(store.end_request(&open.id, state).await.is_err(), "{state:?} is no end to be given");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_at_the_same_moment_leaves_nothing_open_and_no_result() {
    let TestStore { store, .. } = &new_store().await;
    for round in 0..5 {
        let grant = granted(&**store).await;
        let mut made = Vec::new();
        for _ in 0..RACERS / 2 {
            made.push(accepted(&**store, &grant).await);
        }
        made.extend((made.len()..RACERS).map(|_| request(&grant)));
        let answers = race(|n| {
            let (store, grant, request) = (Arc::clone(store), grant.clone(), made[n].clone());
            async move {
                if n == 7 + round {
                    return store.revoke_grant(&grant.id, NOW, RevokedBy::Citizen).await.unwrap();
                }
                if n < RACERS / 2 {
                    store.finish_request(&request.id, Some(b"sealed"), &access(&grant, NOW)).await.unwrap();
                } else {
                    store.insert_request(&request, "node", at(30)).await.unwrap();
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
