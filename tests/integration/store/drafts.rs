//! Drafts: begun once, changed by who saw them, and gone when they are handed in.

use super::samples::{NOW, at};
use super::submissions::filing;
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::Digest;
use madoguchi::domain::draft::{DRAFT_LIFE, Draft};
use madoguchi::domain::entropy::SystemEntropy;
use madoguchi::domain::ids::{ClientId, DraftId};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::store::{HeldDraft, InsertedDraft, InsertedSubmission, NewSubmission};
use std::sync::Arc;

fn draft(client: &str, key: &str, body: &str) -> HeldDraft {
    let draft = Draft {
        id: DraftId::generate(&SystemEntropy),
        client: ClientId::parse(client).unwrap(),
        key: IdempotencyKey { key: Digest::of(key), body: Digest::of(body) },
        tag: "first".into(),
        created_at: NOW,
        changed_at: NOW,
    };
    HeldDraft { draft, content: body.as_bytes().to_vec() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_with_one_key_one_begins_and_the_others_find_it() {
    let TestStore { store, .. } = &new_store().await;
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), draft("payroll", "key", "body"));
        async move { store.insert_draft(&new, 10).await.unwrap() }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| **answer == InsertedDraft::New).count(), 1);
    let client = ClientId::parse("payroll").unwrap();
    let listed = store.list_drafts(&client, NOW).await.unwrap();
    assert_eq!(listed.len(), 1);
    for answer in answers {
        assert!(
            matches!(answer, InsertedDraft::New)
                || matches!(&answer, InsertedDraft::Earlier(held) if held.draft == listed[0])
        );
    }
    assert_eq!(store.insert_draft(&draft("another", "key", "body"), 1).await.unwrap(), InsertedDraft::New);
    assert_eq!(store.insert_draft(&draft("another", "more", "body"), 1).await.unwrap(), InsertedDraft::TooMany);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_that_saw_one_version_one_changes_it() {
    let TestStore { store, .. } = &new_store().await;
    let first = draft("payroll", "key", "body");
    store.insert_draft(&first, 10).await.unwrap();
    let answers = race(|n| {
        let (store, mut next) = (Arc::clone(store), first.clone());
        next.draft.tag = format!("tag-{n}");
        next.draft.changed_at = at(5);
        next.content = format!("body {n}").into_bytes();
        async move { store.update_draft(&next, "first").await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let held = store.find_draft(&first.draft.id, NOW).await.unwrap().unwrap();
    assert_eq!(held.content, held.draft.tag.replace("tag-", "body ").into_bytes());
    assert!(store.reseal_draft(&held, b"sealed anew").await.unwrap());
    assert!(!store.reseal_draft(&held, b"late").await.unwrap());
    assert_eq!(
        store.list_sealed_drafts("", 10).await.unwrap(),
        [HeldDraft { content: b"sealed anew".to_vec(), ..held }]
    );
    assert!(!store.delete_draft(&first.draft.id, "first").await.unwrap());
    // Its time began anew with the change.
    let end = at(5).plus(DRAFT_LIFE);
    assert!(store.find_draft(&first.draft.id, NOW.plus(DRAFT_LIFE)).await.unwrap().is_some());
    assert_eq!(store.find_draft(&first.draft.id, end).await.unwrap(), None);
    assert_eq!(store.list_drafts(&first.draft.client, end).await.unwrap(), []);
    assert_eq!(store.purge(end).await.unwrap(), 1);
    assert_eq!(store.list_sealed_drafts("", 10).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_handed_in_once_whole_or_not_at_all() {
    let TestStore { store, .. } = &new_store().await;
    let one = draft("payroll", "key", "body");
    store.insert_draft(&one, 10).await.unwrap();
    let handed = |n: usize, tag: &str| {
        let new = filing("payroll", &format!("draft {n}"), "body", &["pension"]);
        NewSubmission { draft: Some((one.draft.id.clone(), tag.to_owned())), ..new }
    };
    assert_eq!(store.insert_submission(&handed(50, "other")).await.unwrap(), InsertedSubmission::DraftChanged);
    let made: Vec<_> = (0..50).map(|n| handed(n, "first")).collect();
    let answers = race(|n| {
        let (store, new) = (Arc::clone(store), made[n].clone());
        async move { store.insert_submission(&new).await.unwrap() }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| **answer == InsertedSubmission::New).count(), 1);
    for (new, answer) in made.iter().zip(&answers) {
        let is_there = store.find_submission(&new.submission.id).await.unwrap().is_some();
        assert_eq!(is_there, *answer == InsertedSubmission::New, "{answer:?}");
        assert!(is_there || *answer == InsertedSubmission::DraftChanged, "{answer:?}");
    }
    assert_eq!(store.find_draft(&one.draft.id, NOW).await.unwrap(), None);
}
