//! Documents: heard of once, lent to one worker, changed by who knows them, told with the change itself.

use super::samples::{NOW, at};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::entropy::SystemEntropy;
use madoguchi::domain::ids::{ClientId, DocumentId};
use madoguchi::domain::kept::Kept;
use madoguchi::domain::submission::{
    AboutDocument, Announced, ArrivalNumber, Document, DocumentKind, DocumentNews, DocumentState, SignatureCheck,
    SubmissionEvent, SubmissionState,
};
use madoguchi::domain::{Digest, Timestamp};
use madoguchi::store::{Before, Content, DocumentChange, HeldDocument};
use std::sync::Arc;

fn number(text: &str) -> ArrivalNumber {
    ArrivalNumber::parse(text).unwrap()
}

fn document() -> Document {
    let filing = super::submissions::filing("payroll", "key", "body", &["e-gov"]);
    let said =
        Announced { reference: number("official-3"), kind: DocumentKind::OfficialDocument, until: Some(at(600)) };
    Document::new(DocumentId::generate(&SystemEntropy), &filing.deliveries[0].0, &number("0001"), &said, NOW)
}

fn about() -> AboutDocument {
    AboutDocument {
        content_type: "application/zip".into(),
        size: 3,
        digest: Digest::of("見本"),
        signature: SignatureCheck::Valid,
        signature_flaw: None,
        agency_signatures: Vec::new(),
        fetched_at: NOW,
        kept_until: at(3600),
    }
}

/// As the engine does when it has fetched one.
fn fetched(held: &HeldDocument) -> DocumentChange {
    let mut document = held.document.clone();
    document.fetched(about());
    let event = SubmissionEvent::of_document(&document, DocumentNews::Available, Some(SubmissionState::Completed), NOW);
    DocumentChange {
        document,
        version: held.version,
        due_at: Some(at(60)),
        content: Content::Replace(b"sealed".to_vec()),
        event: Some(event),
        word: Some("fetched"),
        at: NOW,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_hear_of_one_document_one_writes_it_and_one_takes_it_up() {
    let TestStore { store, .. } = &new_store().await;
    let one = document();
    let written = race(|_| {
        let store = Arc::clone(store);
        let one = Document { id: DocumentId::generate(&SystemEntropy), ..one.clone() };
        async move { store.insert_document(&one, None).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&written), 1);
    let lent = race(|_| {
        let store = Arc::clone(store);
        async move { store.lease_documents("e-gov", (NOW, at(30)), 8).await.unwrap() }
    })
    .await;
    let lent: Vec<HeldDocument> = lent.into_iter().flatten().collect();
    assert_eq!(lent.len(), 1, "one worker has it");
    assert!(store.lease_documents("e-gov", (at(29), at(60)), 8).await.unwrap().is_empty(), "it is lent");
    assert_eq!(store.lease_documents("e-gov", (at(30), at(60)), 8).await.unwrap().len(), 1, "its lease is over");
    assert!(store.lease_documents("pension", (at(99), at(100)), 8).await.unwrap().is_empty(), "another agency's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_counts_once_and_leaves_its_event_and_its_leaf() {
    let TestStore { store, .. } = &new_store().await;
    let one = document();
    assert!(store.insert_document(&one, None).await.unwrap());
    let held = store.find_document(&one.id).await.unwrap().unwrap();
    let done = race(|_| {
        let (store, change) = (Arc::clone(store), fetched(&held));
        async move { store.update_document(&change).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&done), 1);
    let kept = store.find_document(&one.id).await.unwrap().unwrap();
    assert_eq!((kept.document.state, kept.content.as_deref()), (DocumentState::Fetched, Some(b"sealed".as_slice())));
    let client = ClientId::parse("payroll").unwrap();
    let events = store.list_submission_events(Some(&client), 0, 100).await.unwrap();
    let told: Vec<_> = events.iter().filter_map(|event| event.document.clone()).collect();
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0].id, told[0].news), (&one.id, DocumentNews::Available));
    assert_eq!(store.count_pending_leaves().await.unwrap(), 1);
    store.witness_document(&kept.document, "disclosed", NOW).await.unwrap();
    assert_eq!(store.count_pending_leaves().await.unwrap(), 2);
    assert_eq!(
        store.list_documents(one.submission.as_ref().unwrap()).await.unwrap(),
        std::slice::from_ref(&kept.document)
    );
    // Collected: the bytes are gone with the same write.
    let mut document = kept.document.clone();
    assert!(document.collect(at(1)));
    let change = DocumentChange { document, version: kept.version, content: Content::Drop, ..fetched(&kept) };
    assert!(store.update_document(&change).await.unwrap());
    assert_eq!(store.find_document(&one.id).await.unwrap().unwrap().content, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_are_found_and_sealed_anew_as_long_as_they_are_the_same() {
    let TestStore { store, .. } = &new_store().await;
    let one = document();
    assert!(store.insert_document(&one, None).await.unwrap());
    assert!(store.list_sealed_documents("", 10).await.unwrap().is_empty(), "nothing is here yet");
    let held = store.find_document(&one.id).await.unwrap().unwrap();
    assert!(store.update_document(&fetched(&held)).await.unwrap());
    let sealed = store.list_sealed_documents("", 10).await.unwrap();
    assert_eq!(sealed.len(), 1);
    assert!(store.reseal_document(&sealed[0], b"anew").await.unwrap());
    assert!(!store.reseal_document(&sealed[0], b"late").await.unwrap(), "it is another by now");
    let kept = store.find_document(&one.id).await.unwrap().unwrap();
    assert_eq!((kept.content.as_deref(), kept.version), (Some(b"anew".as_slice()), sealed[0].version));
    assert!(store.list_sealed_documents(one.id.as_str(), 10).await.unwrap().is_empty());
}

/// One that was sent to the account at e-Gov.
fn sent(reference: &str, client: &str, heard: Timestamp) -> Document {
    let kind = DocumentKind::ElectronicDelivery;
    let said = Announced { reference: number(reference), kind, until: Some(at(600)) };
    let client = ClientId::parse(client).unwrap();
    Document::posted(DocumentId::generate(&SystemEntropy), ("e-gov", &client), &said, heard)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_to_an_account_is_written_once_with_its_letter_listed_and_erased_when_it_is_over() {
    let TestStore { store, .. } = &new_store().await;
    let written = race(|_| {
        let (store, one) = (Arc::clone(store), sent("post-1", "payroll", NOW));
        async move { store.insert_document(&one, Some(b"letter")).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&written), 1, "by its agency and name");
    // A filing's document of the same name is another.
    assert!(store.insert_document(&document(), None).await.unwrap());
    for n in 2..6 {
        assert!(store.insert_document(&sent(&format!("post-{n}"), "payroll", at(n)), None).await.unwrap());
    }
    assert!(store.insert_document(&sent("post-9", "other", NOW), None).await.unwrap());
    let client = ClientId::parse("payroll").unwrap();
    let (mut entry, mut seen) = (None, Vec::new());
    loop {
        let page = store.list_electronic_deliveries(&client, &Before { entry, limit: 2 }).await.unwrap();
        let Some(last) = page.last() else { break };
        entry = Some((last.announced_at, last.id.clone()));
        seen.extend(page);
    }
    let names: Vec<_> = seen.iter().map(|one| one.reference.as_str().to_owned()).collect();
    assert_eq!(names, ["post-5", "post-4", "post-3", "post-2", "post-1"]);
    let first = store.find_document(&seen[4].id).await.unwrap().unwrap();
    assert_eq!((first.content.as_deref(), &first.document), (Some(b"letter".as_slice()), &seen[4]));
    assert_eq!(store.list_sealed_documents("", 10).await.unwrap().len(), 1, "a letter is sealed anew like bytes");
    // Told of without a filing, and erased with what was told when its time is over.
    let mut change = fetched(&first);
    change.event = Some(SubmissionEvent::of_document(&change.document, DocumentNews::Available, None, NOW));
    assert!(store.update_document(&change).await.unwrap());
    let events = store.list_submission_events(Some(&client), 0, 100).await.unwrap();
    assert_eq!((events.len(), &events[0].submission, events[0].state), (1, &None, None));
    assert_eq!(store.count_old(Kept::EndedFilings, at(900)).await.unwrap(), 0, "it is not over");
    let mut over = change.document.clone();
    assert!(over.collect(at(1)));
    let over = DocumentChange {
        document: over,
        version: first.version + 1,
        due_at: None,
        content: Content::Drop,
        event: None,
        at: at(1),
        ..change
    };
    assert!(store.update_document(&over).await.unwrap());
    assert_eq!(store.count_old(Kept::EndedFilings, at(1)).await.unwrap(), 0);
    assert_eq!(store.count_old(Kept::EndedFilings, at(900)).await.unwrap(), 1);
    assert_eq!(store.erase_old(Kept::EndedFilings, at(900), (at(901), 50)).await.unwrap(), 1);
    assert!(store.find_document(&seen[4].id).await.unwrap().is_none());
    assert!(store.list_submission_events(Some(&client), 0, 100).await.unwrap().is_empty());
    assert_eq!(store.list_electronic_deliveries(&client, &Before { entry: None, limit: 9 }).await.unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_workers_one_asks_an_agency_what_it_sent_and_the_next_when_it_is_time() {
    let TestStore { store, .. } = &new_store().await;
    for (now, next, wanted) in [(NOW, at(60), 1), (at(59), at(119), 0), (at(60), at(120), 1)] {
        let taken = race(|_| {
            let store = Arc::clone(store);
            async move { store.take_agency_turn("e-gov", (now, next)).await.unwrap() }
        })
        .await;
        assert_eq!(winners(&taken), wanted);
    }
    assert!(store.take_agency_turn("another", (NOW, at(60))).await.unwrap());
}
