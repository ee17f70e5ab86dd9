//! Clients, persons, the access history, keys and sessions.

use super::samples::{NOW, access, at, client, digest, grant, held, subject_id};
use super::{RACERS, race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::access::Access;
use madoguchi::domain::client::{Client, ClientStatus};
use madoguchi::domain::ids::{ClientId, SubjectId};
use madoguchi::domain::subject::UpstreamAccount;
use madoguchi::store::{Before, Ended, HeldKey};
use std::collections::BTreeSet;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_is_written_changed_and_listed() {
    let TestStore { store, .. } = &new_store().await;
    let (first, second) = (client("a"), client("B.x_1:y-2"));
    for written in [&first, &second] {
        store.put_client(written, NOW).await.unwrap();
        assert_eq!(store.find_client(&written.id).await.unwrap().as_ref(), Some(written));
    }
    let changed = Client { status: ClientStatus::Suspended, ..first.clone() };
    store.put_client(&changed, at(1)).await.unwrap();
    // Bytes decide the order, on each engine: capitals come first.
    assert_eq!(store.list_clients().await.unwrap(), [second, changed]);
    assert_eq!(store.find_client(&ClientId::parse("c").unwrap()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_first_sign_ins_of_one_person_make_one_person() {
    let TestStore { store, .. } = &new_store().await;
    let account = |subject: &str| UpstreamAccount { issuer: "https://idp.example".into(), subject: subject.into() };
    let offered: Vec<SubjectId> = (0..RACERS).map(|_| subject_id()).collect();
    let answers = race(|n| {
        let (store, account, id) = (Arc::clone(store), account("見本"), offered[n].clone());
        async move { store.find_or_insert_subject(&account, &id).await.unwrap() }
    })
    .await;
    let ids: BTreeSet<_> = answers.iter().map(|subject| subject.id.clone()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(store.find_subject(&answers[0].id).await.unwrap(), Some(answers[0].clone()));
    assert_eq!(answers[0].account, account("見本"));
    let elsewhere = UpstreamAccount { issuer: "https://other.example".into(), ..account("見本") };
    for other in [account("' OR 1=1 --"), elsewhere] {
        let id = subject_id();
        assert_eq!(store.find_or_insert_subject(&other, &id).await.unwrap().id, id);
    }
    assert_eq!(store.find_subject(&subject_id()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_history_is_listed_newest_first_page_by_page() {
    let TestStore { store, .. } = &new_store().await;
    let grant = grant(Some(&subject_id()));
    let lines: Vec<Access> = (0..23).map(|n| access(&grant, at(n / 5))).collect();
    store.insert_accesses(&lines[..20]).await.unwrap();
    store.insert_accesses(&lines[20..]).await.unwrap();
    store.insert_accesses(&[]).await.unwrap();
    store.insert_accesses(&[access(&super::samples::grant(Some(&subject_id())), NOW)]).await.unwrap();
    let mut expected = lines.clone();
    expected.sort_by_key(|line| std::cmp::Reverse((line.at, line.id.clone())));
    let mut listed: Vec<Access> = Vec::new();
    for _ in 0..4 {
        let entry = listed.last().map(|line| (line.at, line.id.clone()));
        let person = grant.subject.as_ref().unwrap();
        listed.extend(store.list_accesses(person, &Before { entry, limit: 6 }).await.unwrap());
    }
    assert_eq!(listed, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_are_written_all_or_none() {
    let TestStore { store, .. } = &new_store().await;
    let grant = grant(Some(&subject_id()));
    let (old, new) = (access(&grant, NOW), access(&grant, NOW));
    store.insert_accesses(std::slice::from_ref(&old)).await.unwrap();
    assert!(store.insert_accesses(&[new, old.clone()]).await.is_err(), "a line is never written twice");
    let all = Before { entry: None, limit: 10 };
    assert_eq!(store.list_accesses(&old.subject, &all).await.unwrap(), [old]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_inserted_once_and_retired() {
    let TestStore { store, .. } = &new_store().await;
    let key = |id: &str, n: u8, created: i64| HeldKey {
        id: id.into(),
        purpose: "signing".into(),
        sealed: vec![n; 40],
        created_at: at(created),
        active_from: at(created + 10),
        retired_at: None,
    };
    let answers = race(|n| {
        let (store, key) = (Arc::clone(store), key("k2", u8::try_from(n).unwrap(), 2));
        async move { store.insert_key(&key).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let second = key("k2", u8::try_from(answers.iter().position(|yes| *yes).unwrap()).unwrap(), 2);
    let first = key("k3", 0, 1);
    assert!(store.insert_key(&first).await.unwrap());
    assert!(store.insert_key(&HeldKey { purpose: "pairwise".into(), ..key("k1", 1, 0) }).await.unwrap());
    store.retire_key("k3", at(99)).await.unwrap();
    let retired = HeldKey { retired_at: Some(at(99)), ..first };
    assert_eq!(store.list_keys("signing").await.unwrap(), [retired, second], "oldest first");
    assert!(store.list_keys("other").await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_resealed_by_one_caller_from_what_it_saw() {
    let TestStore { store, .. } = &new_store().await;
    let key = |id: &str| HeldKey {
        id: id.into(),
        purpose: "signing".into(),
        sealed: vec![1; 40],
        created_at: NOW,
        active_from: NOW,
        retired_at: None,
    };
    for id in ["a", "b", "c"] {
        assert!(store.insert_key(&key(id)).await.unwrap());
    }
    let answers = race(|n| {
        let (store, sealed) = (Arc::clone(store), vec![u8::try_from(n).unwrap() + 2; 40]);
        async move { store.reseal_key(&key("b"), &sealed, NOW).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let winner = u8::try_from(answers.iter().position(|yes| *yes).unwrap()).unwrap() + 2;
    let resealed = HeldKey { sealed: vec![winner; 40], ..key("b") };
    assert_eq!(store.list_keys_after("", 2).await.unwrap(), [key("a"), resealed.clone()]);
    assert_eq!(store.list_keys_after("a", 9).await.unwrap(), [resealed, key("c")]);
    assert!(store.list_keys_after("c", 9).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_lasts_until_its_end_or_its_sign_out() {
    let TestStore { store, .. } = &new_store().await;
    let (first, second) = (held(at(60)), held(at(60)));
    store.insert_session(&first).await.unwrap();
    store.insert_session(&second).await.unwrap();
    assert_eq!(store.find_session(first.digest, at(59)).await.unwrap(), Some(first.clone()));
    assert_eq!(store.find_session(first.digest, at(60)).await.unwrap(), None);
    for session in [first.digest, digest()] {
        let ended = Ended { session: Some(session), browser: None };
        assert_eq!(store.end_sign_ins(ended, NOW).await.unwrap(), 0);
    }
    assert_eq!(store.find_session(first.digest, NOW).await.unwrap(), None);
    assert_eq!(store.find_session(second.digest, NOW).await.unwrap(), Some(second));
}
