//! Who is under protection measures: written once, looked at alike for everybody, and nothing open survives it.

use super::representations::representation;
use super::samples::{NOW, at, grant, request, subject_id};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::grant::Grant;
use madoguchi::domain::retrieval::RequestState;
use madoguchi::store::InsertedRequest;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_registrations_one_counts_and_it_is_lifted_once() {
    let TestStore { store, .. } = &new_store().await;
    let person = subject_id();
    assert!(!store.is_protected(&person).await.unwrap());
    for (is_protected, expected) in [(true, true), (false, false)] {
        let answers = race(|_| {
            let (store, person) = (Arc::clone(store), person.clone());
            async move {
                if is_protected {
                    store.insert_protection(&person, "desk 3", NOW).await.unwrap()
                } else {
                    store.delete_protection(&person, "desk 3", NOW).await.unwrap()
                }
            }
        })
        .await;
        assert_eq!(winners(&answers), 1);
        assert_eq!(store.is_protected(&person).await.unwrap(), expected);
        assert!(!store.is_protected(&subject_id()).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_a_representative_is_dropped_and_the_persons_own_is_not() {
    let TestStore { store, .. } = &new_store().await;
    let one = representation(&subject_id(), &subject_id());
    assert!(store.insert_representation(&one).await.unwrap());
    let own = grant(Some(&one.principal));
    let given = Grant { acting: Some(one.acting()), ..grant(Some(&one.principal)) };
    let mut jobs = Vec::new();
    for grant in [&own, &given] {
        store.insert_grant(grant).await.unwrap();
        let job = request(grant);
        assert_eq!(store.insert_request(&job, "node", at(60)).await.unwrap(), InsertedRequest::New);
        jobs.push(job.id);
    }
    assert!(store.insert_protection(&one.principal, "desk 3", at(1)).await.unwrap());
    for (job, state) in jobs.iter().zip([RequestState::Accepted, RequestState::Cancelled]) {
        assert_eq!(store.find_request(job).await.unwrap().unwrap().state, state);
    }
}
