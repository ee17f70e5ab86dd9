//! What keeps a store in order.

use super::samples::{NOW, access, at, digest, grant, held, interaction, refresh_token, request, subject_id};
use crate::support::engines::{TestStore, master, new_store};
use madoguchi::domain::grant::Grant;
use madoguchi::domain::retrieval::{RequestState, RetrievalRequest};
use madoguchi::store::{IDEMPOTENCY_KEPT, InsertedRequest, PUSHED_REQUEST_GRACE};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_statement_fits_the_schema() {
    let TestStore { store, .. } = &new_store().await;
    assert!(store.check_statements().await.unwrap() > 40);
    store.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_opened_again_is_not_migrated_again() {
    let TestStore { store, url, .. } = &new_store().await;
    let kept = grant(None);
    store.insert_grant(&kept).await.unwrap();
    let second = madoguchi::store::open(url, &master()).await.unwrap();
    assert_eq!(second.engine(), store.engine());
    second.check_statements().await.unwrap();
    assert_eq!(second.find_grant(&kept.id).await.unwrap(), Some(kept));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_migrate_once() {
    let TestStore { url, .. } = &new_store().await;
    let opened = super::race(|_| {
        let url = url.clone();
        async move { madoguchi::store::open(&url, &master()).await.map(drop) }
    })
    .await;
    for one in opened {
        one.unwrap();
    }
}

#[tokio::test]
async fn a_url_that_names_no_engine_is_refused_without_being_repeated() {
    let urls = ["", "mysql://u:hunter2@db.invalid/x", "sqlite", "sqlite:", "sqlite::memory:", "/x.db"];
    for url in urls.into_iter().chain(["postgres://u:hunter2@[:x", "sqlite:/no/such/folder/hunter2/x.db"]) {
        let refused = madoguchi::store::open(url, &master()).await.err().unwrap();
        assert!(!format!("{refused} {refused:?}").contains("hunter2"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purge_takes_what_is_over_and_nothing_else() {
    let TestStore { store, .. } = &new_store().await;
    let (old, live) = (at(10), at(3600));
    for end in [old, live] {
        store.insert_interaction(&interaction(end)).await.unwrap();
        store.insert_session(&held(end)).await.unwrap();
        assert!(store.take_assertion(digest(), end).await.unwrap());
        store.insert_grant(&Grant { expires_at: end, ..grant(None) }).await.unwrap();
        let of_person = Grant { expires_at: end, ..grant(Some(&subject_id())) };
        store.insert_grant(&of_person).await.unwrap();
        assert!(store.insert_refresh_token(&refresh_token(&of_person)).await.unwrap());
    }
    let kept = grant(Some(&subject_id()));
    store.insert_grant(&kept).await.unwrap();
    assert_eq!(store.purge(at(9)).await.unwrap(), 0);
    assert_eq!(store.purge(at(10)).await.unwrap(), 5, "interaction, session, assertion, clients' own grant, token");
    assert_eq!(store.purge(at(10)).await.unwrap(), 0);
    store.purge(at(1_000_000_000)).await.unwrap();
    assert_eq!(store.find_grant(&kept.id).await.unwrap(), Some(kept), "what a person agreed to stays on record");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purge_ends_requests_past_their_time_and_forgets_them_a_day_later() {
    let TestStore { store, .. } = &new_store().await;
    let grant = grant(Some(&subject_id()));
    store.insert_grant(&grant).await.unwrap();
    let (open, ready, later) =
        (request(&grant), request(&grant), RetrievalRequest { expires_at: at(1000), ..request(&grant) });
    for request in [&open, &ready, &later] {
        assert_eq!(store.insert_request(request, "node", at(30)).await.unwrap(), InsertedRequest::New);
    }
    assert!(store.finish_request(&ready.id, Some(b"sealed"), &access(&grant, NOW)).await.unwrap());
    assert_eq!(store.purge(at(899)).await.unwrap(), 0);
    assert_eq!(store.purge(at(900)).await.unwrap(), 2);
    for request in [&open, &ready] {
        assert_eq!(store.find_request(&request.id).await.unwrap().unwrap().state, RequestState::Expired);
        assert_eq!(store.find_result(&request.id).await.unwrap(), None);
    }
    assert_eq!(store.find_request(&later.id).await.unwrap().unwrap().state, RequestState::Accepted);
    assert_eq!(store.purge(at(900).plus(IDEMPOTENCY_KEPT)).await.unwrap(), 3, "two forgotten, one ended");
    assert_eq!(store.find_request(&open.id).await.unwrap(), None);
    assert!(store.find_request(&later.id).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pushed_request_outlives_its_end_only_for_those_who_began_in_time() {
    let TestStore { store, .. } = &new_store().await;
    let pushed = held(at(90));
    store.insert_pushed_request(&pushed).await.unwrap();
    assert_eq!(store.purge(at(91)).await.unwrap(), 0);
    assert_eq!(store.find_pushed_request(pushed.digest, at(91)).await.unwrap(), None);
    assert_eq!(store.purge(at(90).plus(PUSHED_REQUEST_GRACE)).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purge_takes_more_than_one_chunk() {
    let TestStore { store, .. } = &new_store().await;
    let writes = (0..1203).map(|_| store.take_assertion(digest(), at(1)));
    for wrote in futures_util::future::join_all(writes).await {
        assert!(wrote.unwrap());
    }
    assert_eq!(store.purge(at(1)).await.unwrap(), 1203);
}
