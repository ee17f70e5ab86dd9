//! Thresholds that answers tell: no more than allowed, whoever races, and one that was told is free.

use super::samples::{NOW, at, grant, keyed_request, request, subject_id};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::Digest;
use madoguchi::domain::grant::Grant;
use madoguchi::domain::predicate::Threshold;
use madoguchi::domain::retrieval::RetrievalRequest;
use madoguchi::store::{Charge, CountedRequest, InsertedRequest, Lease, Store, ThresholdsTold, Use};
use std::sync::Arc;

const LEASE: Lease<'_> = Lease { owner: "node", until: NOW };

async fn granted(store: &dyn Store) -> Grant {
    let grant = grant(Some(&subject_id()));
    store.insert_grant(&grant).await.unwrap();
    grant
}

fn threshold(line: &str, point: usize, allowed: u32) -> Threshold {
    let point = Digest::of(&format!("{line} {point}"));
    Threshold { line: Digest::of(line), point, allowed, kept_until: at(600) }
}

fn telling(thresholds: &[Threshold]) -> Charge {
    Charge { one: None, thresholds: thresholds.to_vec() }
}

fn is_new(counted: &CountedRequest) -> bool {
    *counted == CountedRequest::Inserted(InsertedRequest::New)
}

async fn tell(store: &dyn Store, request: &RetrievalRequest, thresholds: &[Threshold]) -> CountedRequest {
    store.insert_counted_request(request, LEASE, &telling(thresholds)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_different_thresholds_exactly_as_many_are_told_as_may_be() {
    let TestStore { store, .. } = &new_store().await;
    for allowed in [1_u32, 3] {
        // Under fifty consents, as much as under one.
        let line = format!("line {allowed}");
        let answers = race(|n| {
            let (store, line) = (Arc::clone(store), line.clone());
            async move {
                let request = request(&granted(&*store).await);
                let counted = tell(&*store, &request, &[threshold(&line, n, allowed)]).await;
                let is_there = store.find_request(&request.id).await.unwrap().is_some();
                assert_eq!(is_new(&counted), is_there, "a request is written with what it tells, or not at all");
                if !is_there {
                    let told = ThresholdsTold { place: 0, told: allowed, frees_at: Some(at(600)) };
                    assert_eq!(counted, CountedRequest::TooManyThresholds(told));
                }
                is_there
            }
        })
        .await;
        assert_eq!(winners(&answers), usize::try_from(allowed).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_was_told_is_free_for_all_fifty_who_ask_again() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    let answers = race(|_| {
        let (store, request) = (Arc::clone(store), request(&grant));
        async move { is_new(&tell(&*store, &request, &[threshold("line", 7, 1)]).await) }
    })
    .await;
    assert_eq!(winners(&answers), answers.len());
    assert!(!is_new(&tell(&**store, &request(&grant), &[threshold("line", 8, 1)]).await));
    assert!(is_new(&tell(&**store, &request(&grant), &[threshold("other line", 8, 1)]).await));
    // Free even where fewer may be told by now, or none.
    assert!(is_new(&tell(&**store, &request(&grant), &[threshold("line", 7, 0)]).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_about_several_lines_in_any_order_do_not_wait_for_each_other_for_ever() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    let answers = race(|n| {
        let (store, request) = (Arc::clone(store), request(&grant));
        let mut both = vec![threshold("one", n, 5), threshold("two", n, 5)];
        if n % 2 == 0 {
            both.reverse();
        }
        async move { is_new(&tell(&*store, &request, &both).await) }
    })
    .await;
    assert_eq!(winners(&answers), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_request_costs_is_taken_whole_or_not_at_all() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    let use_of = |allowed| Use { span: "span".into(), allowed, kept_until: at(3600) };
    let charge = |allowed, thresholds: &[Threshold]| Charge { one: Some(use_of(allowed)), ..telling(thresholds) };
    let ask = async |charge: &Charge| store.insert_counted_request(&request(&grant), LEASE, charge).await.unwrap();
    // The second threshold is one too many: neither the first nor the use is taken.
    let refused = ask(&charge(9, &[threshold("a", 1, 2), threshold("b", 1, 0)])).await;
    let told = ThresholdsTold { place: 1, told: 0, frees_at: None };
    assert_eq!(refused, CountedRequest::TooManyThresholds(told));
    assert_eq!(store.find_used(&grant.id, "span").await.unwrap(), 0);
    assert!(is_new(&ask(&telling(&[threshold("a", 2, 2), threshold("a", 3, 2)])).await), "both places are free");
    // No use is left: no threshold is taken.
    assert_eq!(ask(&charge(0, &[threshold("c", 1, 1)])).await, CountedRequest::UsedUp);
    assert!(is_new(&ask(&telling(&[threshold("c", 2, 1)])).await));
    // A request that is not new takes nothing.
    let keyed = |point| (keyed_request(&grant, "key", "body"), [threshold("d", point, 1)]);
    let (first, thresholds) = keyed(1);
    assert!(is_new(&tell(&**store, &first, &thresholds).await));
    let (same, thresholds) = keyed(2);
    let again = tell(&**store, &same, &thresholds).await;
    assert!(matches!(again, CountedRequest::Inserted(InsertedRequest::Same(_))), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_threshold_is_forgotten_when_its_time_is_over_and_not_before() {
    let TestStore { store, .. } = &new_store().await;
    let grant = granted(&**store).await;
    let later = |seconds| RetrievalRequest { created_at: at(seconds), ..request(&grant) };
    let until = |point, seconds| Threshold { kept_until: at(seconds), ..threshold("line", point, 2) };
    assert!(is_new(&tell(&**store, &later(0), &[until(1, 100)]).await));
    assert!(is_new(&tell(&**store, &later(1), &[until(2, 200)]).await));
    for purged in [false, true] {
        let refused = tell(&**store, &later(99), &[until(3, 300)]).await;
        let told = ThresholdsTold { place: 0, told: 2, frees_at: Some(at(100)) };
        assert_eq!(refused, CountedRequest::TooManyThresholds(told), "{purged}");
        // Where fewer may be told by now, as many must go.
        let fewer = Threshold { allowed: 1, ..until(3, 300) };
        let told = ThresholdsTold { frees_at: Some(at(200)), ..told };
        assert_eq!(tell(&**store, &later(99), &[fewer]).await, CountedRequest::TooManyThresholds(told));
        store.purge(at(99)).await.unwrap();
    }
    // Over, and still there: asked again it begins anew, and counts.
    assert!(is_new(&tell(&**store, &later(100), &[until(1, 400)]).await));
    assert!(!is_new(&tell(&**store, &later(100), &[until(3, 400)]).await));
    store.purge(at(200)).await.unwrap();
    assert!(is_new(&tell(&**store, &later(200), &[until(3, 400)]).await));
}
