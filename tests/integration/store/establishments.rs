//! Establishments: one for each key, changed by one of many, opened by codes until nobody signs any more, erased when old.

use super::samples::{NOW, at};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::establishment::{
    Establishment, EstablishmentAct, EstablishmentNews, EstablishmentState, NewEstablishment,
};
use madoguchi::domain::ids::{ClientId, EstablishmentId, ReceiptId, SubjectId};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::{Digest, Kept, SystemEntropy, Timestamp};
use madoguchi::store::{Before, EstablishmentChange, InsertedEstablishment, Store};
use std::sync::Arc;

fn begun(key: &str, body: &str, now: Timestamp) -> Establishment {
    let new = NewEstablishment {
        id: EstablishmentId::generate(&SystemEntropy),
        client: ClientId::parse("shoshi").unwrap(),
        filer: CorporateNumber::parse("7000012050002").unwrap(),
        weight: 1,
        key: IdempotencyKey { key: Digest::of(key), body: Digest::of(body) },
        receipt: ReceiptId::generate(&SystemEntropy),
        form: serde_json::from_value(crate::submissions::establishments::form("godo")).unwrap(),
        parts: Vec::new(),
        codes: vec!["A".into(), "B".into()],
    };
    Establishment::new(new, now)
}

fn codes(one: &Establishment) -> [Digest; 2] {
    [0, 1].map(|place| Digest::of(&format!("{} {place}", one.id)))
}

async fn insert(store: &dyn Store, one: &Establishment) -> InsertedEstablishment {
    store.insert_establishment(one, &codes(one)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_calls_with_one_key_one_begins_and_the_others_get_the_same() {
    let TestStore { store, .. } = &new_store().await;
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), begun("key", "body", NOW));
        async move { (new.id.clone(), insert(&*store, &new).await) }
    })
    .await;
    let new: Vec<_> = answers.iter().filter(|(_, answer)| *answer == InsertedEstablishment::New).collect();
    let [(id, _)] = new.as_slice() else { panic!("{} were written", new.len()) };
    for (own, answer) in &answers {
        match answer {
            InsertedEstablishment::New => assert_eq!(own, id),
            InsertedEstablishment::Same(earlier) => assert_eq!(earlier.establishment.id, *id),
            InsertedEstablishment::KeyReused => panic!("its own key"),
        }
    }
    assert_eq!(insert(&**store, &begun("key", "another body", NOW)).await, InsertedEstablishment::KeyReused);
    assert_eq!(store.list_pending_leaves(200).await.unwrap().len(), 1, "one leaf");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_changes_of_one_version_one_is_written_with_its_leaf_and_ends_the_codes() {
    let TestStore { store, .. } = &new_store().await;
    let one = begun("key", "body", NOW);
    insert(&**store, &one).await;
    for (place, code) in codes(&one).into_iter().enumerate() {
        let (held, found) = store.find_establishment_by_code(code).await.unwrap().unwrap();
        assert_eq!((held.establishment, held.version, found), (one.clone(), 0, place));
    }
    assert!(store.find_establishment_by_code(Digest::of("another")).await.unwrap().is_none());
    let mut declined = one.clone();
    declined.decline(1, (&SubjectId::parse("s_1").unwrap(), one.digest), at(5)).unwrap();
    let change = EstablishmentChange {
        establishment: declined.clone(),
        version: 0,
        due_at: None,
        act: Some(EstablishmentAct::Declined(1)),
    };
    let answers = race(|_| {
        let (store, change) = (Arc::clone(store), change.clone());
        async move { store.update_establishment(&change).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let held = store.find_establishment(&one.id).await.unwrap().unwrap();
    assert_eq!((held.establishment, held.version), (declined, 1));
    for code in codes(&one) {
        assert!(store.find_establishment_by_code(code).await.unwrap().is_none());
    }
    let events = store.list_submission_events(Some(&one.client), 0, 9).await.unwrap();
    let [event] = events.as_slice() else { panic!("{} events", events.len()) };
    let mention = event.establishment.as_ref().unwrap();
    assert_eq!((&mention.id, mention.news, mention.founder), (&one.id, EstablishmentNews::Declined, Some(1)));
    assert_eq!(event.at, at(5));
    let leaves = store.list_pending_leaves(200).await.unwrap();
    let mut told = Vec::new();
    for leaf in &leaves {
        let record = store.find_receipt(&leaf.receipt).await.unwrap().unwrap().record;
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        assert!(!record.to_string().contains("見本"), "{record}");
        told.push((record["action"].as_str().unwrap().to_owned(), record["founder"].as_u64()));
    }
    told.sort();
    assert_eq!(told, [("begun".to_owned(), None), ("declined".to_owned(), Some(1))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_due_is_lent_to_one_until_its_lease_is_over() {
    let TestStore { store, .. } = &new_store().await;
    let one = begun("key", "body", NOW);
    insert(&**store, &one).await;
    assert!(store.lease_establishment(at(1), at(9)).await.unwrap().is_none(), "its founders have time");
    let due = one.sign_until;
    let until = due.plus(std::time::Duration::from_mins(1));
    let answers = race(|_| {
        let store = Arc::clone(store);
        async move { store.lease_establishment(due, until).await.unwrap().is_some() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let again = store.lease_establishment(until, until.plus(std::time::Duration::from_mins(1))).await.unwrap();
    assert_eq!(again.unwrap().version, 2, "each lease counts as a change");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_listed_newest_first_and_erased_with_their_keys_when_over_and_old() {
    let TestStore { store, .. } = &new_store().await;
    let mut all = Vec::new();
    for n in 0..3 {
        let one = begun(&format!("key {n}"), "body", at(n));
        insert(&**store, &one).await;
        all.insert(0, one);
    }
    let client = &all[0].client;
    let ids = |found: &[madoguchi::store::HeldEstablishment]| {
        found.iter().map(|one| one.establishment.id.clone()).collect::<Vec<_>>()
    };
    let listed = store.list_establishments(client, &Before { entry: None, limit: 2 }).await.unwrap();
    assert_eq!(ids(&listed), [all[0].id.clone(), all[1].id.clone()]);
    let entry = Some((all[1].created_at, all[1].id.clone()));
    let listed = store.list_establishments(client, &Before { entry, limit: 2 }).await.unwrap();
    assert_eq!(ids(&listed), [all[2].id.clone()]);
    let mut over = all[2].clone();
    over.cancel(at(7)).unwrap();
    assert_eq!(over.state, EstablishmentState::Cancelled);
    let change = EstablishmentChange { establishment: over, version: 0, due_at: None, act: None };
    assert!(store.update_establishment(&change).await.unwrap());
    let kind = Kept::EndedEstablishments;
    assert_eq!(store.count_old(kind, at(7)).await.unwrap(), 0, "not older than that");
    assert_eq!(store.count_old(kind, at(8)).await.unwrap(), 1, "what is not over is never old");
    assert_eq!(store.erase_old(kind, at(8), (at(10), 10)).await.unwrap(), 1);
    assert!(store.find_establishment(&all[2].id).await.unwrap().is_none());
    assert!(store.find_establishment(&all[0].id).await.unwrap().is_some());
}
