//! Documents that go with applications: each comes once, goes with one application, and is erased with it, key and all.

use super::applications::{app, application, person};
use super::race;
use super::samples::{NOW, at};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::application::{Application, ApplicationNews, ApplicationState, Batch};
use madoguchi::domain::attachment::{AttachedFile, Attachment, AttachmentState, MediaType};
use madoguchi::domain::ids::{ApplicationBatchId, AttachmentId, ClientId};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::{Digest, Kept, SystemEntropy};
use madoguchi::store::{
    ApplicationChange, AttachmentChange, ChangedApplication, InsertedApplication, InsertedApplicationBatch,
    InsertedAttachment, Store,
};
use std::sync::Arc;

const MOST: u32 = 50;
const WHOLE: &[u8] = b"\x00\xff whole";

fn attachment(key: &str) -> Attachment {
    Attachment {
        id: AttachmentId::generate(&SystemEntropy),
        client: app(),
        subject: person("s_one"),
        form: "damage-certificate-1".into(),
        document: "photographs".into(),
        name: "屋根.jpg".into(),
        length: WHOLE.len() as u64,
        digest: Digest::of_bytes(WHOLE),
        key: IdempotencyKey { key: Digest::of(key), body: Digest::of("body") },
        received: 0,
        pieces: 0,
        state: AttachmentState::Awaited,
        created_at: NOW,
        changed_at: NOW,
    }
}

fn ready(one: &Attachment) -> AttachmentChange {
    let state = AttachmentState::Ready { media_type: MediaType::Jpeg };
    let next = Attachment { state, received: one.length, pieces: 1, ..one.clone() };
    AttachmentChange { attachment: next, version: 0, piece: Some((0, WHOLE.to_vec())) }
}

async fn come(store: &dyn Store, key: &str) -> Attachment {
    let one = attachment(key);
    assert_eq!(store.insert_attachment(&one, MOST).await.unwrap(), InsertedAttachment::New);
    assert!(store.update_attachment(&ready(&one)).await.unwrap());
    one
}

fn with(one: &Attachment, key: &str) -> Application {
    let Attachment { id, document, name, length, digest, .. } = one.clone();
    let file = AttachedFile { id, document, name, media_type: MediaType::Jpeg, length, digest };
    Application { files: vec![file], ..application(key, key) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_applications_that_name_one_document_it_goes_with_one() {
    let TestStore { store, .. } = &new_store().await;
    let one = come(&**store, "one").await;
    let answers = race(|n| {
        let (store, new) = (Arc::clone(store), with(&one, &format!("key {n}")));
        async move { (new.id.clone(), store.insert_application(&new).await.unwrap()) }
    })
    .await;
    let new: Vec<_> = answers.iter().filter(|(_, told)| matches!(told, InsertedApplication::New(_))).collect();
    let [(id, _)] = new.as_slice() else { panic!("{} were written", new.len()) };
    for (own, told) in &answers {
        let is_there = store.find_application(own).await.unwrap().is_some();
        assert_eq!(
            (is_there, told == &InsertedApplication::AttachmentGone),
            (own == id, own != id),
            "whole or nothing"
        );
    }
    let held = store.find_attachment(&one.id, at(90 * 86_400)).await.unwrap().unwrap();
    assert_eq!(held.application.as_ref(), Some(id), "it stays with that");
    assert_eq!(store.read_attachment(&one.id).await.unwrap(), WHOLE);
    assert!(!store.delete_attachment(&one.id).await.unwrap(), "it is no draft any more");
    assert_eq!(store.purge(at(90 * 86_400)).await.unwrap(), 0);
    check_amended_and_erased(&**store, &one, id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_that_name_the_same_documents_in_other_orders_do_not_wait_for_each_other() {
    let TestStore { store, .. } = &new_store().await;
    let (one, two) = (come(&**store, "one").await, come(&**store, "two").await);
    let answers = race(|n| {
        let both = if n % 2 == 0 { [&one, &two] } else { [&two, &one] };
        let batch =
            Batch { id: ApplicationBatchId::generate(&SystemEntropy), life_event: "moving".into(), position: 0 };
        let part = |(position, file): (u16, &Attachment)| Application {
            batch: Some(Batch { position, ..batch.clone() }),
            ..with(file, &format!("key {n} {position}"))
        };
        let (store, new) = (Arc::clone(store), (0..).zip(both).map(part).collect::<Vec<_>>());
        async move { (new[0].id.clone(), store.insert_application_batch(&new).await.unwrap()) }
    })
    .await;
    let won = |told: &InsertedApplicationBatch| matches!(told, InsertedApplicationBatch::New(_));
    assert_eq!(answers.iter().filter(|(_, told)| won(told)).count(), 1);
    for (id, told) in &answers {
        assert!(won(told) || *told == InsertedApplicationBatch::AttachmentGone(0), "{told:?}");
        assert_eq!(store.find_application(id).await.unwrap().is_some(), won(told), "all of it or nothing");
    }
}

/// It stays with its own when that is mended, and no document of another is taken; erased, nothing of it is left.
async fn check_amended_and_erased(store: &dyn Store, one: &Attachment, id: &madoguchi::domain::ids::ApplicationId) {
    let held = store.find_application(id).await.unwrap().unwrap();
    let amended = |files| ApplicationChange {
        application: Application { files, ..held.application.clone() },
        version: held.version,
        news: ApplicationNews::Amended,
        by: app(),
        at: at(5),
    };
    let other = come(store, "other").await;
    let taken = with(&other, "other");
    assert!(matches!(store.insert_application(&taken).await.unwrap(), InsertedApplication::New(_)));
    let both = [held.application.files.clone(), taken.files.clone()].concat();
    assert_eq!(store.update_application(&amended(both)).await.unwrap(), ChangedApplication::AttachmentGone);
    let same = store.update_application(&amended(held.application.files.clone())).await.unwrap();
    let ChangedApplication::Done(mended) = same else { unreachable!("{same:?}") };
    let mut over = mended.application.clone();
    over.state = ApplicationState::Arrived;
    over.withdraw(at(6)).unwrap();
    let change = ApplicationChange {
        application: over,
        version: mended.version,
        news: ApplicationNews::Withdrawn,
        by: app(),
        at: at(6),
    };
    assert!(matches!(store.update_application(&change).await.unwrap(), ChangedApplication::Done(_)));
    assert_eq!(store.erase_old(Kept::EndedApplications, at(7), (at(8), 9)).await.unwrap(), 1);
    assert!(store.find_attachment(&one.id, at(8)).await.unwrap().is_none());
    assert!(store.read_attachment(&one.id).await.unwrap().is_empty());
    assert!(store.find_attachment(&other.id, at(8)).await.unwrap().is_some(), "another's stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_piece_comes_once_and_a_key_is_one_persons() {
    let TestStore { store, .. } = &new_store().await;
    let one = attachment("one");
    assert_eq!(store.insert_attachment(&one, MOST).await.unwrap(), InsertedAttachment::New);
    let written = race(|_| {
        let (store, change) = (Arc::clone(store), ready(&one));
        async move { store.update_attachment(&change).await.unwrap() }
    })
    .await;
    assert_eq!(written.into_iter().filter(|is_written| *is_written).count(), 1);
    assert_eq!(store.read_attachment(&one.id).await.unwrap(), WHOLE);
    let again = store.insert_attachment(&attachment("one"), MOST).await.unwrap();
    assert!(matches!(&again, InsertedAttachment::Same(held) if held.attachment.id == one.id), "{again:?}");
    let another = Attachment { key: IdempotencyKey { body: Digest::of("x"), ..one.key }, ..attachment("one") };
    assert_eq!(store.insert_attachment(&another, MOST).await.unwrap(), InsertedAttachment::KeyReused);
    let theirs = Attachment { subject: person("s_two"), ..attachment("one") };
    assert_eq!(store.insert_attachment(&theirs, MOST).await.unwrap(), InsertedAttachment::New);
    assert_eq!(store.insert_attachment(&attachment("two"), 1).await.unwrap(), InsertedAttachment::TooMany);
    for stranger in [
        Application { subject: person("s_two"), ..with(&one, "a") },
        Application { client: ClientId::parse("another").unwrap(), ..with(&one, "b") },
        with(&theirs, "c"),
        with(&attachment("never"), "d"),
    ] {
        assert_eq!(store.insert_application(&stranger).await.unwrap(), InsertedApplication::AttachmentGone);
        assert!(store.find_application(&stranger.id).await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_with_nothing_is_forgotten_in_its_time() {
    let TestStore { store, .. } = &new_store().await;
    let (half, whole, thrown) = (attachment("half"), come(&**store, "whole").await, come(&**store, "thrown").await);
    assert_eq!(store.insert_attachment(&half, MOST).await.unwrap(), InsertedAttachment::New);
    assert!(store.delete_attachment(&thrown.id).await.unwrap());
    assert!(!store.delete_attachment(&thrown.id).await.unwrap());
    assert!(store.find_attachment(&half.id, at(86_399)).await.unwrap().is_some());
    assert!(store.find_attachment(&half.id, at(86_400)).await.unwrap().is_none(), "a day for what is not whole");
    assert_eq!(store.purge(at(86_400)).await.unwrap(), 1);
    let month = 30 * 86_400;
    assert!(store.find_attachment(&whole.id, at(month - 1)).await.unwrap().is_some());
    let late = Application { arrived_at: at(month), ..with(&whole, "late") };
    assert_eq!(store.insert_application(&late).await.unwrap(), InsertedApplication::AttachmentGone);
    assert_eq!(store.purge(at(month)).await.unwrap(), 1);
    assert!(store.read_attachment(&whole.id).await.unwrap().is_empty());
}
