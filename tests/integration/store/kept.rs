//! Filings that are over, and what else is kept by its age, are erased on schedule; what is not over never is.

use super::samples::{NOW, at, grant, subject_id};
use super::submissions::filing;
use super::{RACERS, race};
use crate::support::engines::{TestStore, new_store};
use crate::support::raw;
use madoguchi::domain::bulk::{Bulk, BulkState};
use madoguchi::domain::entropy::SystemEntropy;
use madoguchi::domain::ids::{ClientId, DocumentId, SignInId, SubmissionId};
use madoguchi::domain::submission::{Announced, ArrivalNumber, Document, DocumentKind, Finding};
use madoguchi::domain::webhook::{Told, Webhook};
use madoguchi::domain::{Digest, Kept, Timestamp};
use madoguchi::store::{
    BulkChange, Content, DeliveryChange, DocumentChange, InsertedBulk, InsertedSubmission, NewPiece, NewSubmission,
    SignIn, Store,
};
use std::sync::Arc;

async fn filed(store: &dyn Store, key: &str, reference: &str) -> NewSubmission {
    let mut new = filing("payroll", key, "body", &["pension", "labour"]);
    new.submission.reference = Some(reference.to_owned());
    assert_eq!(store.insert_submission(&new).await.unwrap(), InsertedSubmission::New);
    new
}

/// Calls one part of a filing off.
async fn end_part(store: &dyn Store, new: &NewSubmission, part: usize, when: Timestamp) {
    let held = store.find_delivery(&new.deliveries[part].0.id).await.unwrap().unwrap();
    let mut delivery = held.delivery;
    delivery.cancel().unwrap();
    let change =
        DeliveryChange { delivery, version: held.version, due_at: None, lease: None, content: Content::Drop, at: when };
    assert!(store.update_delivery(&change).await.unwrap());
}

async fn ended(store: &dyn Store, key: &str, reference: &str, seconds: i64) -> NewSubmission {
    let new = filed(store, key, reference).await;
    for part in [0, 1] {
        end_part(store, &new, part, at(seconds)).await;
    }
    new
}

async fn document_of(store: &dyn Store, new: &NewSubmission) -> Document {
    let number = |text| ArrivalNumber::parse(text).unwrap();
    let said = Announced { reference: number("official-1"), kind: DocumentKind::OfficialDocument, until: None };
    let id = DocumentId::generate(&SystemEntropy);
    let one = Document::new(id, &new.deliveries[0].0, &number("0001"), &said, NOW);
    assert!(store.insert_document(&one, None).await.unwrap());
    one
}

async fn is_there(store: &dyn Store, new: &NewSubmission) -> bool {
    store.find_submission(&new.submission.id).await.unwrap().is_some()
}

async fn places(store: &dyn Store, of: &NewSubmission) -> usize {
    let all = store.list_submission_events(None, 0, 1000).await.unwrap();
    all.iter().filter(|event| event.submission.as_ref() == Some(&of.submission.id)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filings_that_are_over_go_whole_and_what_is_not_over_stays() {
    let test = &new_store().await;
    let store = &*test.store;
    let gone = ended(store, "gone", "canary-gone", 10).await;
    let late = ended(store, "late", "canary-late", 100).await;
    let open = filed(store, "open", "canary-open").await;
    end_part(store, &open, 0, at(10)).await;
    let waits = ended(store, "waits", "canary-waits", 10).await;
    let document = document_of(store, &waits).await;
    assert!(places(store, &gone).await >= 2, "its acceptance and its end");
    assert_eq!(store.count_old(Kept::EndedFilings, at(50)).await.unwrap(), 1);
    assert_eq!(store.erase_old(Kept::EndedFilings, at(50), (at(60), 50)).await.unwrap(), 1);
    assert_eq!(store.erase_old(Kept::EndedFilings, at(50), (at(60), 50)).await.unwrap(), 0);
    assert!(!is_there(store, &gone).await);
    assert!(store.list_deliveries(std::slice::from_ref(&gone.submission.id)).await.unwrap().is_empty());
    assert_eq!(places(store, &gone).await, 0);
    for kept in [&late, &open, &waits] {
        assert!(is_there(store, kept).await && places(store, kept).await > 0);
        assert_eq!(store.list_deliveries(std::slice::from_ref(&kept.submission.id)).await.unwrap().len(), 2);
    }
    // Whoever tells the cursor the place that they had goes on after it.
    let next = filed(store, "next", "next").await;
    let after = store.list_submission_events(None, 0, 1000).await.unwrap();
    let last = after.last().unwrap();
    assert_eq!(last.submission.as_ref(), Some(&next.submission.id));
    assert!(after.iter().all(|event| event.place <= last.place));
    // A key is kept as long as its filing, and then files anew; the leaf of the receipt and its record stay.
    let again = |key| filing("payroll", key, "body", &["pension"]);
    let same = store.insert_submission(&again("late")).await.unwrap();
    assert!(matches!(same, InsertedSubmission::Same(_)), "{same:?}");
    assert_eq!(store.insert_submission(&again("gone")).await.unwrap(), InsertedSubmission::New);
    assert!(store.find_receipt(&gone.submission.receipt).await.unwrap().is_some());
    // Once the document has been dealt with, its filing goes, and the document with it.
    let held = store.find_document(&document.id).await.unwrap().unwrap();
    let change = DocumentChange {
        document: held.document,
        version: held.version,
        due_at: None,
        content: Content::Drop,
        event: None,
        word: None,
        at: at(70),
    };
    assert!(store.update_document(&change).await.unwrap());
    assert_eq!(store.erase_old(Kept::EndedFilings, at(50), (at(80), 50)).await.unwrap(), 1);
    assert!(store.find_document(&document.id).await.unwrap().is_none());
    let values = raw::values(test).await;
    for (word, is_kept) in [("canary-gone", false), ("canary-waits", false), ("canary-late", true)] {
        assert_eq!(values.iter().any(|value| raw::holds(&value.bytes, word)), is_kept, "{word}");
    }
    if test.directory.is_some() {
        store.forget_erased().await.unwrap();
        let files = raw::files(test).await;
        for (word, is_kept) in [("canary-gone", false), ("canary-waits", false), ("canary-late", true)] {
            assert_eq!(raw::holds(&files, word), is_kept, "{word} in the files");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_that_erase_filings_at_once_erase_each_once() {
    let TestStore { store, .. } = &new_store().await;
    for n in 0..40 {
        ended(&**store, &format!("key {n}"), "one", 10).await;
    }
    let erased = race(|_| {
        let store = Arc::clone(store);
        async move { store.erase_old(Kept::EndedFilings, at(50), (at(60), 3)).await.unwrap() }
    });
    let mut sum: u64 = erased.await.iter().sum();
    while let some @ 1.. = store.erase_old(Kept::EndedFilings, at(50), (at(60), 50)).await.unwrap() {
        sum += some;
    }
    assert_eq!((sum, store.count_old(Kept::EndedFilings, at(50)).await.unwrap()), (40, 0));
}

/// One with a line that is rejected, handed on as `filing` where there is one, and over then.
async fn bulk_that_is_over(store: &dyn Store, filing: Option<&SubmissionId>) -> Bulk {
    let key = SubmissionId::generate(&SystemEntropy).to_string();
    let new = super::bulk::bulk(&key, "body");
    assert_eq!(store.insert_bulk(&new, b"sealed office").await.unwrap(), InsertedBulk::New);
    let finding = Finding::reject("MG401", "/name", "だめ", "canary-outcome");
    let piece = NewPiece {
        no: 0,
        first_line: 1,
        lines: 2,
        rejected: 1,
        content: b"sealed".to_vec(),
        outcomes: vec![(2, vec![finding])],
    };
    let change = BulkChange { bulk: new.clone(), version: 0, due_at: None, piece: Some(piece), handed_on: None };
    assert!(store.update_bulk(&change).await.unwrap());
    let over = Bulk { state: BulkState::Distributed, accepted_at: Some(at(5)), ..new };
    let handed_on = filing.map(|filing| (0, filing.clone()));
    let change = BulkChange { bulk: over.clone(), version: 1, due_at: None, piece: None, handed_on };
    assert!(store.update_bulk(&change).await.unwrap());
    over
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bulk_filing_goes_when_its_filings_are_gone() {
    let test = &new_store().await;
    let store = &*test.store;
    let filing = ended(store, "piece", "one", 10).await;
    let with = bulk_that_is_over(store, Some(&filing.submission.id)).await;
    let without = bulk_that_is_over(store, None).await;
    let open = super::bulk::bulk("open", "body");
    assert_eq!(store.insert_bulk(&open, b"office").await.unwrap(), InsertedBulk::New);
    let erase = async || store.erase_old(Kept::EndedBulkFilings, at(50), (at(60), 5)).await.unwrap();
    assert_eq!(store.count_old(Kept::EndedBulkFilings, at(5)).await.unwrap(), 0, "they were filed then");
    assert_eq!((store.count_old(Kept::EndedBulkFilings, at(50)).await.unwrap(), erase().await), (1, 1));
    assert!(store.find_bulk(&without.id).await.unwrap().is_none());
    assert!(store.find_bulk(&with.id).await.unwrap().is_some(), "its filing is there");
    assert_eq!(store.erase_old(Kept::EndedFilings, at(50), (at(60), 50)).await.unwrap(), 1);
    assert_eq!(store.count_bulk_records(&with.id).await.unwrap(), [], "what was erased waits for nothing");
    assert_eq!((erase().await, erase().await), (1, 0));
    assert!(store.find_bulk(&open.id).await.unwrap().is_some(), "it is not over");
    let values = raw::values(test).await;
    assert!(!values.iter().any(|value| raw::holds(&value.bytes, "canary-outcome")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_letters_go_and_what_is_still_to_be_told_stays() {
    let TestStore { store, .. } = &new_store().await;
    let client = ClientId::parse("payroll").unwrap();
    let webhook = Webhook { client: client.clone(), url: "https://payroll.example/hook".into(), since: NOW };
    store.put_webhook(&webhook).await.unwrap();
    for key in ["one", "two"] {
        filed(&**store, key, "one").await;
    }
    let lent = store.lease_messages(at(1), at(30), 10).await.unwrap();
    assert_eq!(lent.len(), 2);
    assert!(store.settle_message(&lent[0], &Told::Dead("answered 500".into())).await.unwrap());
    assert_eq!(store.count_old(Kept::DeadLetters, NOW).await.unwrap(), 0, "it is not older");
    assert_eq!(store.count_old(Kept::DeadLetters, at(1)).await.unwrap(), 1);
    assert_eq!(store.erase_old(Kept::DeadLetters, at(1), (at(60), 500)).await.unwrap(), 1);
    assert!(store.list_dead_messages(&client, "", 10).await.unwrap().is_empty());
    assert_eq!(store.lease_messages(at(60), at(90), 10).await.unwrap().len(), 1, "the other is to be told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_ins_go_by_when_they_were() {
    let TestStore { store, .. } = &new_store().await;
    let given = grant(Some(&subject_id()));
    store.insert_grant(&given).await.unwrap();
    for second in [-2, -1, 0] {
        let one = SignIn {
            id: SignInId::generate(&SystemEntropy),
            client: given.client.clone(),
            subject: given.subject.clone().unwrap(),
            grant: given.id.clone(),
            browser: Some(Digest::of("browser")),
            code: None,
            created_at: at(second),
            expires_at: given.expires_at,
        };
        assert!(store.insert_sign_in(&one).await.unwrap());
    }
    assert_eq!(store.count_old(Kept::SignIns, NOW).await.unwrap(), 2);
    let erased = race(|_| {
        let store = Arc::clone(store);
        async move { store.erase_old(Kept::SignIns, NOW, (at(1), 1)).await.unwrap() }
    });
    assert_eq!(erased.await.iter().sum::<u64>(), 2, "by {RACERS} at once, each once");
    let left = store.list_sign_ins(Digest::of("browser"), NOW, 10).await.unwrap();
    assert_eq!(left.iter().map(|one| one.created_at).collect::<Vec<_>>(), [NOW]);
}
