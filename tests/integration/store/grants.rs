//! Grants: what was agreed, listed, and ended with everything that hangs on it.

use super::samples::{NOW, access, at, grant, request, subject_id};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::grant::{Grant, GrantStatus, RevokedBy};
use madoguchi::domain::ids::SubjectId;
use madoguchi::domain::retrieval::RequestState;
use madoguchi::store::{Before, InsertedRequest, Store};
use std::sync::Arc;

async fn inserted(store: &dyn Store, subject: &SubjectId) -> Grant {
    let grant = grant(Some(subject));
    store.insert_grant(&grant).await.unwrap();
    grant
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_reads_back_as_it_was_written() {
    let TestStore { store, .. } = &new_store().await;
    let with_person = inserted(&**store, &subject_id()).await;
    let without = Grant { consent: None, ..grant(None) };
    store.insert_grant(&without).await.unwrap();
    for written in [&with_person, &without] {
        assert_eq!(store.find_grant(&written.id).await.unwrap().as_ref(), Some(written));
    }
    assert_eq!(store.find_grant(&grant(None).id).await.unwrap(), None);
    assert!(store.insert_grant(&without).await.is_err(), "an id is never used again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_revoke_one_is_first_and_the_first_end_stands() {
    let TestStore { store, .. } = &new_store().await;
    let grant = inserted(&**store, &subject_id()).await;
    let answers = race(|n| {
        let (store, id) = (Arc::clone(store), grant.id.clone());
        let when = at(i64::try_from(n).unwrap());
        async move { store.revoke_grant(&id, when, RevokedBy::Citizen).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let winner = at(i64::try_from(answers.iter().position(|yes| *yes).unwrap()).unwrap());
    let status = GrantStatus::Revoked { at: winner, by: RevokedBy::Citizen };
    assert_eq!(store.find_grant(&grant.id).await.unwrap(), Some(Grant { status, ..grant.clone() }));
    assert!(!store.revoke_grant(&grant.id, NOW, RevokedBy::Operator).await.unwrap());
    assert!(!store.revoke_grant(&super::samples::grant(None).id, NOW, RevokedBy::Operator).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reason_to_end_a_grant_reads_back() {
    let TestStore { store, .. } = &new_store().await;
    for by in [RevokedBy::Citizen, RevokedBy::Client, RevokedBy::CodeReplay, RevokedBy::NotTakenUp, RevokedBy::Operator]
    {
        let grant = inserted(&**store, &subject_id()).await;
        assert!(store.revoke_grant(&grant.id, at(1), by).await.unwrap());
        let read = store.find_grant(&grant.id).await.unwrap().unwrap();
        assert_eq!(read.status, GrantStatus::Revoked { at: at(1), by });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoking_cancels_open_requests_and_drops_their_results() {
    let TestStore { store, .. } = &new_store().await;
    let (grant, other) = (inserted(&**store, &subject_id()).await, inserted(&**store, &subject_id()).await);
    let (open, ready, read, untouched) = (request(&grant), request(&grant), request(&grant), request(&other));
    for request in [&open, &ready, &read, &untouched] {
        assert_eq!(store.insert_request(request, "node", at(30)).await.unwrap(), InsertedRequest::New);
    }
    for request in [&ready, &read] {
        assert!(store.finish_request(&request.id, Some(b"sealed"), &access(&grant, NOW)).await.unwrap());
    }
    assert!(store.take_result(&read.id).await.unwrap().is_some());

    assert!(store.revoke_grant(&grant.id, NOW, RevokedBy::Citizen).await.unwrap());
    let states = [
        (&open, RequestState::Cancelled),
        (&ready, RequestState::Cancelled),
        (&read, RequestState::Delivered),
        (&untouched, RequestState::Accepted),
    ];
    for (request, state) in states {
        assert_eq!(store.find_request(&request.id).await.unwrap().unwrap().state, state);
    }
    assert_eq!(store.find_result(&ready.id).await.unwrap(), None);
    assert_eq!(store.take_result(&ready.id).await.unwrap(), None);
    assert!(!store.finish_request(&open.id, Some(b"late"), &access(&grant, NOW)).await.unwrap());
    assert!(!store.finish_request(&open.id, None, &access(&grant, NOW)).await.unwrap());
    assert_eq!(store.insert_request(&request(&grant), "node", at(30)).await.unwrap(), InsertedRequest::GrantOver);
    let leased = store.lease_requests("node", at(60), at(90), 10).await.unwrap();
    assert_eq!(leased.iter().map(|r| &r.id).collect::<Vec<_>>(), [&untouched.id]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoking_all_ends_every_active_grant_of_one_person_once() {
    let TestStore { store, .. } = &new_store().await;
    let (person, neighbour) = (subject_id(), subject_id());
    let mut theirs = Vec::new();
    for _ in 0..5 {
        theirs.push(inserted(&**store, &person).await.id);
    }
    let earlier = inserted(&**store, &person).await;
    assert!(store.revoke_grant(&earlier.id, at(-5), RevokedBy::Client).await.unwrap());
    let untouched = inserted(&**store, &neighbour).await;
    let open = request(&Grant { id: theirs[0].clone(), ..grant(Some(&person)) });
    store.insert_request(&open, "node", at(30)).await.unwrap();

    let answers = race(|_| {
        let (store, person) = (Arc::clone(store), person.clone());
        async move { store.revoke_grants_of(&person, at(1), RevokedBy::Citizen).await.unwrap() }
    })
    .await;
    let mut ended: Vec<_> = answers.into_iter().flatten().collect();
    ended.sort();
    theirs.sort();
    assert_eq!(ended, theirs, "each is ended by one caller only");
    assert_eq!(store.find_request(&open.id).await.unwrap().unwrap().state, RequestState::Cancelled);
    let earlier = store.find_grant(&earlier.id).await.unwrap().unwrap();
    assert_eq!(earlier.status, GrantStatus::Revoked { at: at(-5), by: RevokedBy::Client });
    assert_eq!(store.find_grant(&untouched.id).await.unwrap().unwrap().status, GrantStatus::Active);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grants_are_listed_newest_first_page_by_page_without_gap_or_repetition() {
    let TestStore { store, .. } = &new_store().await;
    let person = subject_id();
    let mut expected = Vec::new();
    for n in 0..25 {
        // Several at the same millisecond: then the id decides.
        let grant = Grant { created_at: at(n / 4), ..grant(Some(&person)) };
        store.insert_grant(&grant).await.unwrap();
        expected.push((grant.created_at, grant.id));
    }
    store.insert_grant(&grant(Some(&subject_id()))).await.unwrap();
    expected.sort();
    expected.reverse();
    let mut listed = Vec::new();
    let mut before = Before { entry: None, limit: 7 };
    loop {
        let page = store.list_grants(&person, &before).await.unwrap();
        listed.extend(page.iter().map(|grant| (grant.created_at, grant.id.clone())));
        if page.len() < 7 {
            break;
        }
        before.entry = listed.last().cloned();
    }
    assert_eq!(listed, expected);
}
