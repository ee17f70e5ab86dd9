//! How clients came to be registered: written with the client, changed by one caller at a time.

use super::samples::{NOW, at, client, digest, grant, subject_id};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::client::ClientStatus;
use madoguchi::domain::grant::{Grant, RevokedBy};
use madoguchi::store::HeldRegistration;
use std::sync::Arc;

fn held(id: &str) -> HeldRegistration {
    HeldRegistration { client: client(id).id, token: Some(digest()), body: r#"{"a":1}"#.into() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registration_is_written_with_its_client_or_not_at_all() {
    let TestStore { store, .. } = &new_store().await;
    let (one, bank) = (held("one"), client("one"));
    assert!(store.insert_registration(&one, Some(&bank), NOW).await.unwrap());
    assert_eq!(store.find_registration(&bank.id).await.unwrap(), Some(one.clone()));
    assert_eq!(store.find_client(&bank.id).await.unwrap(), Some(bank.clone()));
    assert!(!store.insert_registration(&one, Some(&bank), NOW).await.unwrap());
    // A client that is there already keeps its place, and nothing is written beside it.
    let two = client("two");
    store.put_client(&two, NOW).await.unwrap();
    assert!(!store.insert_registration(&held("two"), Some(&two), NOW).await.unwrap());
    assert_eq!(store.find_registration(&two.id).await.unwrap(), None);
    let without = HeldRegistration { token: None, ..held("two") };
    assert!(store.insert_registration(&without, None, NOW).await.unwrap());
    assert_eq!(store.find_registration(&two.id).await.unwrap(), Some(without));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_change_what_they_saw_one_does() {
    let TestStore { store, .. } = &new_store().await;
    let (seen, bank) = (held("one"), client("one"));
    assert!(store.insert_registration(&seen, Some(&bank), NOW).await.unwrap());
    let answers = race(|n| {
        let (store, seen, mut bank) = (Arc::clone(store), seen.clone(), bank.clone());
        async move {
            bank.rate_plan = n.to_string();
            let next = HeldRegistration { token: Some(digest()), body: n.to_string(), ..seen.clone() };
            store.replace_registration(&seen, &next, Some(&bank), at(1)).await.unwrap()
        }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let winner = answers.iter().position(|yes| *yes).unwrap().to_string();
    assert_eq!(store.find_registration(&bank.id).await.unwrap().unwrap().body, winner);
    assert_eq!(store.find_client(&bank.id).await.unwrap().unwrap().rate_plan, winner);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_by_another_in_between_is_noticed_with_and_without_a_token() {
    let TestStore { store, .. } = &new_store().await;
    for (id, token) in [("one", Some(digest())), ("two", None)] {
        let seen = HeldRegistration { token, ..held(id) };
        let bank = client(id);
        assert!(store.insert_registration(&seen, Some(&bank), NOW).await.unwrap());
        let next = HeldRegistration { body: "changed".into(), ..seen.clone() };
        assert!(store.replace_registration(&seen, &next, None, at(1)).await.unwrap());
        let mut stopped = bank.clone();
        stopped.status = ClientStatus::Suspended;
        assert!(!store.replace_registration(&seen, &next, Some(&stopped), at(2)).await.unwrap());
        assert_eq!(store.find_client(&bank.id).await.unwrap(), Some(bank));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_grants_of_a_client_end_together_and_nobody_elses() {
    let TestStore { store, .. } = &new_store().await;
    let mine: Vec<Grant> = (0..3).map(|_| grant(Some(&subject_id()))).collect();
    for grant in &mine {
        store.insert_grant(grant).await.unwrap();
    }
    let other = Grant { client: client("another").id, ..grant(Some(&subject_id())) };
    store.insert_grant(&other).await.unwrap();
    let ended = store.revoke_grants_of_client(&mine[0].client, at(1), RevokedBy::Client).await.unwrap();
    assert_eq!(ended.len(), 3);
    assert!(store.revoke_grants_of_client(&mine[0].client, at(2), RevokedBy::Client).await.unwrap().is_empty());
    assert!(store.find_grant(&other.id).await.unwrap().unwrap().is_in_force(at(1)));
}
