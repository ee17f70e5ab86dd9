//! Bulk filings: begun once, changed by who knows them, lent to one, erased when they are over.

use super::samples::{NOW, at};
use super::{RACERS, race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::bulk::{Bulk, BulkState, OnReject, RecordFormat};
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::entropy::SystemEntropy;
use madoguchi::domain::ids::{BulkId, ClientId, SubmissionId};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::submission::{Finding, SubmissionState};
use madoguchi::domain::{Digest, MasterKey};
use madoguchi::store::{BulkChange, HeldBulk, InsertedBulk, InsertedSubmission, NewPiece, Store};
use madoguchi::submissions::reseal_bulks;
use std::sync::Arc;

pub fn bulk(key: &str, body: &str) -> Bulk {
    Bulk {
        id: BulkId::generate(&SystemEntropy),
        client: ClientId::parse("payroll").unwrap(),
        applicant: CorporateNumber::parse("7000012050002").unwrap(),
        delegation: None,
        key: IdempotencyKey { key: Digest::of(key), body: Digest::of(body) },
        agency: "pension".into(),
        procedure: "2225700".into(),
        digest: Digest::of("file"),
        length: 1000,
        format: RecordFormat::Ndjson,
        columns: Vec::new(),
        is_dry_run: false,
        on_reject: OnReject::Skip,
        office_bytes: 2,
        weight: 1,
        created_at: NOW,
        expires_at: at(3600),
        state: BulkState::Uploading,
        reason: None,
        received: 0,
        pieces: 0,
        lines: 0,
        rejected: 0,
        handed_on: 0,
        accepted_at: None,
        receipt: None,
    }
}

/// One piece of `lines` lines more, of which the last is rejected.
fn grown(held: &HeldBulk, lines: u64) -> BulkChange {
    let one = &held.bulk;
    let last = one.lines + lines;
    let piece = NewPiece {
        no: one.pieces,
        first_line: one.lines + 1,
        lines,
        rejected: 1,
        content: format!("sealed {}", one.pieces).into_bytes(),
        outcomes: vec![(last, vec![Finding::reject("MG401", "/name", "だめ", "no")])],
    };
    let bulk = Bulk {
        received: one.received + 100,
        pieces: one.pieces + 1,
        lines: last,
        rejected: one.rejected + 1,
        ..one.clone()
    };
    BulkChange { bulk, version: held.version, due_at: Some(at(3600)), piece: Some(piece), handed_on: None }
}

async fn begun(store: &dyn Store) -> HeldBulk {
    let new = bulk(SubmissionId::generate(&SystemEntropy).as_str(), "body");
    assert_eq!(store.insert_bulk(&new, b"sealed office").await.unwrap(), InsertedBulk::New);
    store.find_bulk(&new.id).await.unwrap().unwrap()
}

async fn held(store: &dyn Store, id: &BulkId) -> HeldBulk {
    store.find_bulk(id).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_calls_with_one_key_begin_one() {
    let TestStore { store, .. } = &new_store().await;
    let made: Vec<_> = (0..RACERS).map(|_| bulk("key", "body")).collect();
    let answers = race(|n| {
        let (store, new) = (Arc::clone(store), made[n].clone());
        async move { store.insert_bulk(&new, b"sealed").await.unwrap() }
    })
    .await;
    let winner = answers.iter().position(|answer| *answer == InsertedBulk::New).unwrap();
    for (n, answer) in answers.iter().enumerate() {
        let same = InsertedBulk::Same(Box::new(made[winner].clone()));
        assert_eq!(*answer, if n == winner { InsertedBulk::New } else { same }, "caller {n}");
    }
    assert_eq!(store.insert_bulk(&bulk("key", "other"), b"").await.unwrap(), InsertedBulk::KeyReused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_send_the_same_piece_one_grows_the_file() {
    let TestStore { store, .. } = &new_store().await;
    let first = begun(&**store).await;
    let answers = race(|_| {
        let (store, change) = (Arc::clone(store), grown(&first, 10));
        async move { store.update_bulk(&change).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let now = held(&**store, &first.bulk.id).await;
    assert_eq!((now.bulk.received, now.bulk.lines, now.bulk.pieces, now.version), (100, 10, 1, first.version + 1));
    assert_eq!(store.list_bulk_outcomes(&now.bulk.id, 1, 100).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_due_is_lent_to_one_and_whoever_held_it_before_writes_no_more() {
    let TestStore { store, .. } = &new_store().await;
    let first = begun(&**store).await;
    assert!(store.lease_bulk(at(3599), at(3700)).await.unwrap().is_none(), "it is not due");
    let answers = race(|_| {
        let store = Arc::clone(store);
        async move { store.lease_bulk(at(3600), at(3700)).await.unwrap().is_some() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert!(!store.update_bulk(&grown(&first, 10)).await.unwrap(), "its version is another");
    assert!(store.lease_bulk(at(3700), at(3800)).await.unwrap().is_some(), "a lease ends by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_are_found_by_line_counted_by_state_and_erased_when_it_is_over() {
    let TestStore { store, .. } = &new_store().await;
    let store = &**store;
    let id = begun(store).await.bulk.id;
    for lines in [10, 20, 30] {
        assert!(store.update_bulk(&grown(&held(store, &id).await, lines)).await.unwrap());
    }
    for (line, limit, expected) in [(0, 9, vec![0, 1, 2]), (10, 9, vec![0, 1, 2]), (11, 1, vec![1]), (60, 9, vec![2])] {
        let found = store.list_bulk_pieces(&id, line, limit).await.unwrap();
        assert_eq!(found.iter().map(|piece| piece.no).collect::<Vec<_>>(), expected, "line {line}");
    }
    let lines = |found: Vec<(u64, Vec<Finding>)>| found.into_iter().map(|(line, _)| line).collect::<Vec<_>>();
    assert_eq!(lines(store.list_bulk_outcomes(&id, 10, 30).await.unwrap()), [10, 30]);
    assert_eq!(store.count_bulk_records(&id).await.unwrap(), [(None, 57)]);

    let filing = super::submissions::filing("payroll", "of a piece", "body", &["pension"]);
    assert_eq!(store.insert_submission(&filing).await.unwrap(), InsertedSubmission::New);
    let now = held(store, &id).await;
    let one = Bulk { handed_on: 1, state: BulkState::Accepted, ..now.bulk };
    let handed_on = Some((0, filing.submission.id.clone()));
    let change = BulkChange { bulk: one, version: now.version, due_at: Some(NOW), piece: None, handed_on };
    assert!(store.update_bulk(&change).await.unwrap());
    let (piece, content) = store.find_bulk_piece(&id, 0).await.unwrap().unwrap();
    assert_eq!((piece.submission, content), (Some(filing.submission.id), None));
    assert!(store.find_bulk_piece(&id, 1).await.unwrap().unwrap().1.is_some());
    let mut counts = store.count_bulk_records(&id).await.unwrap();
    counts.sort_by_key(|(_, count)| *count);
    assert_eq!(counts, [(Some(SubmissionState::Accepted), 9), (None, 48)]);

    let now = held(store, &id).await;
    let over = Bulk { state: BulkState::Cancelled, ..now.bulk };
    let change = BulkChange { bulk: over, version: now.version, due_at: None, piece: None, handed_on: None };
    assert!(store.update_bulk(&change).await.unwrap());
    assert_eq!(held(store, &id).await.office, None);
    assert_eq!(store.find_bulk_piece(&id, 1).await.unwrap().unwrap().1, None);
    assert!(store.lease_bulk(at(9999), at(10_000)).await.unwrap().is_none(), "nothing is left to do");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_holds_is_found_by_key_and_sealed_anew_under_the_present_master_key() {
    let TestStore { store, .. } = &new_store().await;
    let (former, present) = (MasterKey::new([7; 32]), MasterKey::new([8; 32]).with_former([[7; 32]]));
    let seal = |owner: String, plain: &[u8]| former.seal(&owner, plain, &SystemEntropy).unwrap();
    let mut all = Vec::new();
    for n in 0..5 {
        let new = bulk(&format!("key {n}"), "body");
        let office = seal(format!("bulk:{}:office", new.id), b"{}");
        assert_eq!(store.insert_bulk(&new, &office).await.unwrap(), InsertedBulk::New);
        for no in 0..n {
            let mut change = grown(&held(&**store, &new.id).await, 3);
            change.piece.as_mut().unwrap().content = seal(format!("bulk:{}:{no}", new.id), b"records");
            assert!(store.update_bulk(&change).await.unwrap());
        }
        all.push(new);
    }
    let (client, other) = (ClientId::parse("payroll").unwrap(), ClientId::parse("other").unwrap());
    let found = store.find_bulk_by_key(&client, Digest::of("key 3")).await.unwrap().unwrap();
    assert_eq!(found.bulk.id, all[3].id);
    assert!(store.find_bulk_by_key(&other, Digest::of("key 3")).await.unwrap().is_none());
    let reseal = async || reseal_bulks(&**store, (&present, &SystemEntropy), &|_, _| ()).await.unwrap();
    assert_eq!(reseal().await, (5 + 10, 5 + 10), "every office and every piece");
    assert_eq!(reseal().await, (15, 0), "what is done is done");
    let alone = MasterKey::new([8; 32]);
    for (n, one) in (0..).zip(&all) {
        let office = held(&**store, &one.id).await.office.unwrap();
        assert_eq!(alone.open(&format!("bulk:{}:office", one.id), &office).unwrap(), b"{}");
        for no in 0..n {
            let content = store.find_bulk_piece(&one.id, no).await.unwrap().unwrap().1.unwrap();
            assert_eq!(alone.open(&format!("bulk:{}:{no}", one.id), &content).unwrap(), b"records");
        }
    }
    // Somebody who saw it before puts nothing in its place, and a key that is lost is named.
    let seen = store.list_sealed_offices("", 1).await.unwrap().remove(0);
    assert!(store.reseal_bulk(&seen, b"anew").await.unwrap());
    assert!(!store.reseal_bulk(&seen, b"late").await.unwrap());
    let piece = store.list_sealed_pieces(("", -1), 1).await.unwrap().remove(0);
    assert!(store.reseal_bulk(&piece, b"anew").await.unwrap());
    assert!(!store.reseal_bulk(&piece, b"late").await.unwrap());
    assert!(reseal_bulks(&**store, (&MasterKey::new([9; 32]), &SystemEntropy), &|_, _| ()).await.is_err());
}
