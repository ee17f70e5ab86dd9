//! Links: one for a person and a service, ended once, sealed, and gone with the account.

use super::samples::{NOW, at, subject_id};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::SystemEntropy;
use madoguchi::domain::ids::{LinkId, SubjectId};
use madoguchi::domain::linkage::{Link, LinkCredential, ServiceCode};
use madoguchi::domain::subject::UpstreamAccount;
use madoguchi::store::{InsertedLink, Store};
use std::sync::Arc;

fn link(subject: &SubjectId, service: &str) -> Link {
    Link {
        id: LinkId::generate(&SystemEntropy),
        subject: subject.clone(),
        service: ServiceCode::parse(service).unwrap(),
        account: "pairwise".into(),
        credential: LinkCredential::new("rt-1".into()),
        linked_at: NOW,
    }
}

async fn acts(store: &dyn Store) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    for leaf in store.list_pending_leaves(200).await.unwrap() {
        let kept = store.find_receipt(&leaf.receipt).await.unwrap().unwrap();
        let record: serde_json::Value = serde_json::from_str(&kept.record).unwrap();
        let text = |name: &str| record[name].as_str().map(str::to_owned);
        assert!(!kept.record.contains("pairwise") && !kept.record.contains("rt-1"), "{}", kept.record);
        found.push((text("action").unwrap(), text("service")));
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_links_with_one_service_one_is_made_and_registers_the_account() {
    let TestStore { store, .. } = &new_store().await;
    let subject = subject_id();
    assert_eq!(store.find_registered(&subject).await.unwrap(), None);
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), link(&subject, "post"));
        async move { store.insert_link(&new).await.unwrap() == InsertedLink::Done }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert_eq!(store.list_links(&subject).await.unwrap().len(), 1);
    assert_eq!(store.find_registered(&subject).await.unwrap(), Some(NOW));
    let mut second = link(&subject, "mailbox");
    second.linked_at = at(5);
    assert_eq!(store.insert_link(&second).await.unwrap(), InsertedLink::Done);
    assert_eq!(store.find_registered(&subject).await.unwrap(), Some(NOW), "it was registered once");
    let services: Vec<String> =
        store.list_links(&subject).await.unwrap().iter().map(|held| held.link.service.to_string()).collect();
    assert_eq!(services, ["mailbox", "post"]);
    let told = acts(&**store).await;
    let told: Vec<_> = told.iter().map(|(act, service)| (act.as_str(), service.as_deref())).collect();
    assert_eq!(told, [("registered", None), ("linked", Some("post")), ("linked", Some("mailbox"))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_ended_once_by_whoever_it_is_of() {
    let TestStore { store, .. } = &new_store().await;
    let (subject, other) = (subject_id(), subject_id());
    let one = link(&subject, "post");
    store.insert_link(&one).await.unwrap();
    assert_eq!(store.take_link((&other, &one.id), at(1)).await.unwrap(), None, "it is not theirs");
    assert!(store.list_links(&other).await.unwrap().is_empty());
    let answers = race(|_| {
        let (store, subject, id) = (Arc::clone(store), subject.clone(), one.id.clone());
        async move { store.take_link((&subject, &id), at(2)).await.unwrap().is_some_and(|held| held.link.id == id) }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert!(store.list_links(&subject).await.unwrap().is_empty());
    assert_eq!(store.find_registered(&subject).await.unwrap(), Some(NOW), "who was registered stays so");
    assert_eq!(acts(&**store).await.last().unwrap(), &("unlinked".to_owned(), Some("post".to_owned())));
    // Linked anew, it is another link.
    assert_eq!(store.insert_link(&link(&subject, "post")).await.unwrap(), InsertedLink::Done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_renewed_credentials_one_takes_the_place_of_what_was_seen() {
    let TestStore { store, .. } = &new_store().await;
    let subject = subject_id();
    store.insert_link(&link(&subject, "post")).await.unwrap();
    let seen = store.list_links(&subject).await.unwrap().remove(0);
    let answers = race(|n| {
        let (store, seen) = (Arc::clone(store), seen.clone());
        async move { store.update_link(&seen, &LinkCredential::new(format!("rt-{n}"))).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let winner = answers.iter().position(|yes| *yes).unwrap();
    let now = store.list_links(&subject).await.unwrap().remove(0);
    assert_eq!((now.link.credential.expose(), now.version), (format!("rt-{winner}").as_str(), seen.version + 1));
    store.take_link((&subject, &seen.link.id), at(1)).await.unwrap().unwrap();
    assert!(!store.update_link(&now, &LinkCredential::new("rt".into())).await.unwrap(), "an ended link is not renewed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_erased_leaves_no_link_and_gets_none() {
    let TestStore { store, .. } = &new_store().await;
    let account = UpstreamAccount { issuer: "https://idp.example".into(), subject: "link".into() };
    let subject = store.find_or_insert_subject(&account, &subject_id()).await.unwrap().id;
    store.insert_link(&link(&subject, "post")).await.unwrap();
    assert!(store.erase_account(&subject, at(9)).await.unwrap());
    assert!(store.list_links(&subject).await.unwrap().is_empty());
    assert_eq!(store.find_registered(&subject).await.unwrap(), None);
    assert_eq!(store.insert_link(&link(&subject, "post")).await.unwrap(), InsertedLink::NobodyThere);
}
