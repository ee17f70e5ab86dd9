//! The log of evidence: every event its leaf, every leaf one place, whoever appends.

use super::samples::{NOW, access, at, client, code, grant, interaction, request, subject_id};
use super::{race, winners};
use crate::support::engines::{TestStore, master, new_store};
use madoguchi::domain::entropy::SystemEntropy;
use madoguchi::domain::grant::RevokedBy;
use madoguchi::domain::ids::ReceiptId;
use madoguchi::domain::time::{ManualClock, SystemClock};
use madoguchi::domain::{Clock, Digest, Kept, MasterKey, Timestamp};
use madoguchi::evidence::{Audit, EvidenceLog, LogParts, LogSettings, Turn};
use madoguchi::store::{Append, Decision, Held, HeldCheckpoint, HeldKey, HeldTile, Store};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The kinds of the records whose leaves wait, in order.
async fn waiting(store: &dyn Store) -> Vec<String> {
    let mut kinds = Vec::new();
    for leaf in store.list_pending_leaves(100).await.unwrap() {
        let held = store.find_receipt(&leaf.receipt).await.unwrap().expect("a record with its leaf");
        assert_eq!(madoguchi::domain::evidence::commitment(&held.salt, &held.record), leaf.commitment);
        assert_eq!(held.index, None);
        let record: serde_json::Value = serde_json::from_str(&held.record).unwrap();
        assert_eq!(record["receipt"], leaf.receipt.as_str());
        let part = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        kinds.push(format!("{} {}{}", part("kind"), part("change"), part("action")).trim().to_owned());
    }
    kinds
}

fn log(store: &Arc<dyn Store>) -> EvidenceLog {
    let parts = LogParts {
        store: Arc::clone(store),
        master: Arc::new(MasterKey::new([3; 32])),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    };
    EvidenceLog::new(LogSettings { batch: 16, ..LogSettings::of("https://madoguchi.example", 1000) }, parts)
}

fn append(from: u64, leaves: Vec<madoguchi::store::PendingLeaf>) -> Append {
    let size = from + leaves.len() as u64;
    let tiles = vec![HeldTile { level: 0, index: 0, hashes: vec![1; 32 * leaves.len()] }];
    Append { from, leaves, tiles, checkpoint: HeldCheckpoint { size, at: NOW, note: "見本".into() } }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_written_down_with_its_leaf() {
    let TestStore { store, .. } = &new_store().await;
    let person = subject_id();
    let given = grant(Some(&person));
    store.insert_grant(&given).await.unwrap();
    store.insert_grant(&grant(None)).await.unwrap();
    let (kept, lost) = (request(&given), request(&given));
    store.insert_request(&kept, "node", at(30)).await.unwrap();
    let line = access(&given, NOW);
    assert!(store.finish_request(&kept.id, None, &line).await.unwrap());
    assert!(!store.finish_request(&lost.id, None, &access(&given, NOW)).await.unwrap(), "there is no such request");
    store.insert_accesses(&[access(&given, NOW), access(&given, NOW)]).await.unwrap();
    assert!(store.revoke_grant(&given.id, NOW, RevokedBy::Citizen).await.unwrap());
    assert!(!store.revoke_grant(&given.id, NOW, RevokedBy::Citizen).await.unwrap());
    store.insert_grant(&grant(Some(&person))).await.unwrap();
    assert_eq!(store.revoke_grants_of(&person, NOW, RevokedBy::Citizen).await.unwrap().len(), 1);
    store.put_client(&client("loan-bank"), NOW).await.unwrap();
    let key = HeldKey {
        id: "k:1".into(),
        purpose: "見本".into(),
        sealed: vec![1],
        created_at: NOW,
        active_from: NOW,
        retired_at: None,
    };
    assert!(store.insert_key(&key).await.unwrap());
    assert!(!store.insert_key(&key).await.unwrap());
    store.retire_key("k:1", NOW).await.unwrap();
    let expected = [
        "consent made",
        "disclosure",
        "disclosure",
        "disclosure",
        "consent ended",
        "consent made",
        "consent ended",
        "operator client_kept",
        "operator key_made",
        "operator key_retired",
    ];
    assert_eq!(waiting(&**store).await, expected);
    assert_eq!(store.count_pending_leaves().await.unwrap(), 10);
    let held = store.find_receipt(&line.receipt()).await.unwrap().expect("the line's own receipt");
    assert_eq!((held.client, held.subject, held.at), (Some(given.client.clone()), Some(person), NOW));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_and_its_leaf_are_written_once_or_not_at_all() {
    let TestStore { store, .. } = &new_store().await;
    let (held, pushed) = (interaction(at(600)), Held { ..super::samples::held(at(600)) });
    store.insert_interaction(&held).await.unwrap();
    store.insert_pushed_request(&pushed).await.unwrap();
    let answers = race(|_| {
        let (store, held, pushed) = (Arc::clone(store), held.clone(), pushed.clone());
        async move {
            let given = grant(Some(&subject_id()));
            let code = code(&given);
            let (interaction, request_uri) = (&held.id, pushed.digest);
            let decision =
                Decision { interaction, step: 0, request_uri, granted: Some((&given, &code)), sign_in: None };
            store.take_decision(&decision, NOW).await.unwrap()
        }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert_eq!(waiting(&**store).await, ["consent made"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_that_nobody_took_up_ends_with_a_leaf() {
    let TestStore { store, .. } = &new_store().await;
    let given = grant(Some(&subject_id()));
    let (held, pushed) = (interaction(at(600)), super::samples::held(at(600)));
    store.insert_interaction(&held).await.unwrap();
    store.insert_pushed_request(&pushed).await.unwrap();
    let code = code(&given);
    let decision = Decision {
        interaction: &held.id,
        step: 0,
        request_uri: pushed.digest,
        granted: Some((&given, &code)),
        sign_in: None,
    };
    assert!(store.take_decision(&decision, NOW).await.unwrap());
    store.purge(at(120)).await.unwrap();
    assert_eq!(waiting(&**store).await, ["consent made", "consent ended"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_append_from_the_same_size_one_does() {
    let TestStore { store, .. } = &new_store().await;
    let given = grant(Some(&subject_id()));
    store.insert_accesses(&[access(&given, NOW), access(&given, NOW), access(&given, NOW)]).await.unwrap();
    let leaves = store.list_pending_leaves(2).await.unwrap();
    let answers = race(|_| {
        let (store, append) = (Arc::clone(store), append(0, leaves.clone()));
        async move { store.append_leaves(&append).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert_eq!((store.find_log_size().await.unwrap(), store.count_pending_leaves().await.unwrap()), (2, 1));
    let logged = store.list_leaves(0, 10).await.unwrap();
    let places: Vec<(u64, &ReceiptId)> = logged.iter().map(|leaf| (leaf.index, &leaf.receipt)).collect();
    assert_eq!(places, [(0, &leaves[0].receipt), (1, &leaves[1].receipt)]);
    // The right size, and a leaf that waits no more: nothing is written.
    assert!(!store.append_leaves(&append(2, leaves.clone())).await.unwrap());
    let none = store.list_pending_leaves(1).await.unwrap();
    assert!(!store.append_leaves(&append(1, none)).await.unwrap(), "another size than the log has");
    assert_eq!((store.find_log_size().await.unwrap(), store.count_pending_leaves().await.unwrap()), (2, 1));
    assert_eq!(store.list_checkpoints(None, 10).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_appended_reads_back() {
    let TestStore { store, .. } = &new_store().await;
    let given = grant(Some(&subject_id()));
    store.insert_accesses(&[access(&given, NOW), access(&given, NOW)]).await.unwrap();
    let leaves = store.list_pending_leaves(10).await.unwrap();
    let written = append(0, leaves.clone());
    assert_eq!(store.find_checkpoint(None).await.unwrap(), None);
    assert!(store.append_leaves(&written).await.unwrap());
    assert_eq!(store.find_checkpoint(None).await.unwrap().as_ref(), Some(&written.checkpoint));
    assert_eq!(store.find_checkpoint(Some(1)).await.unwrap().as_ref(), Some(&written.checkpoint));
    assert_eq!(store.find_checkpoint(Some(3)).await.unwrap(), None);
    assert_eq!(store.list_tiles(&[(0, 0), (0, 1), (1, 0)]).await.unwrap(), written.tiles);
    let commitments: Vec<Digest> = leaves.iter().map(|leaf| leaf.commitment).collect();
    assert_eq!(store.list_commitments(0, 10).await.unwrap(), commitments);
    assert_eq!(store.list_commitments(1, 10).await.unwrap(), commitments[1..]);
    let found = store.find_receipt(&leaves[1].receipt).await.unwrap().unwrap();
    assert_eq!(found.index, Some(1));
    assert!(store.replace_checkpoint(&written.checkpoint, "別の見本").await.unwrap());
    assert!(!store.replace_checkpoint(&written.checkpoint, "三つ目").await.unwrap(), "it was replaced meanwhile");
    let unknown = ReceiptId::parse("r_unknown").unwrap();
    assert_eq!(store.find_receipt(&unknown).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_erased_leaves_its_leaf_and_what_waits_is_never_erased() {
    let TestStore { store, .. } = &new_store().await;
    let given = grant(Some(&subject_id()));
    let (old, new) = (access(&given, at(-100)), access(&given, at(100)));
    store.insert_accesses(&[old.clone(), new.clone()]).await.unwrap();
    assert_eq!(store.erase_old(Kept::EvidenceRecords, NOW, (NOW, 500)).await.unwrap(), 0, "its leaf waits");
    let leaves = store.list_pending_leaves(10).await.unwrap();
    assert!(store.append_leaves(&append(0, leaves)).await.unwrap());
    assert_eq!(store.erase_old(Kept::EvidenceRecords, NOW, (NOW, 500)).await.unwrap(), 1);
    assert_eq!(store.find_receipt(&old.receipt()).await.unwrap(), None);
    assert!(store.find_receipt(&new.receipt()).await.unwrap().is_some());
    let kept: Vec<bool> = store.list_leaves(0, 10).await.unwrap().iter().map(|leaf| leaf.kept.is_some()).collect();
    assert_eq!(kept, [false, true]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sequencers_and_fifty_writers_make_one_log_without_fork_gap_or_double() {
    let test = &new_store().await;
    let stores = [Arc::clone(&test.store), madoguchi::store::open(&test.url, &master()).await.unwrap()];
    let sequencers: Vec<_> = stores
        .iter()
        .map(|store| {
            let log = log(store);
            tokio::spawn(async move { log.run_forever().await })
        })
        .collect();
    let written = race(|n| {
        let store = Arc::clone(&stores[n % 2]);
        async move {
            let mut receipts = Vec::new();
            for _ in 0..6 {
                let line = access(&grant(Some(&subject_id())), NOW);
                store.insert_accesses(std::slice::from_ref(&line)).await.unwrap();
                receipts.push(line.receipt());
            }
            receipts
        }
    })
    .await;
    let written: BTreeSet<ReceiptId> = written.into_iter().flatten().collect();
    while test.store.count_pending_leaves().await.unwrap() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    for sequencer in sequencers {
        sequencer.abort();
    }
    let log = log(&test.store);
    while log.turn().await.unwrap() != Turn::Idle {}
    let logged = test.store.list_leaves(0, 1000).await.unwrap();
    assert_eq!(logged.len() as u64, test.store.find_log_size().await.unwrap());
    assert!(logged.iter().zip(0..).all(|(leaf, place)| leaf.index == place), "a gap");
    let once: BTreeSet<ReceiptId> = logged.iter().map(|leaf| leaf.receipt.clone()).collect();
    assert_eq!(once.len(), logged.len(), "a leaf was logged twice");
    assert!(written.is_subset(&once), "a leaf was lost");
    let audit = Audit { store: &*test.store, keys: log.verifiers().await.unwrap(), witness: None, kept: None };
    let report = audit.run(true, &mut |_, _, _| {}).await.unwrap();
    assert_eq!(report.findings, []);
    assert_eq!((report.size, report.leaves), (logged.len() as u64, logged.len() as u64));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_heads_are_thinned_out_and_what_they_showed_can_still_be_proved() {
    let test = new_store().await;
    let store = &test.store;
    let hour = Duration::from_hours(1);
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_800_000_000)));
    let parts = LogParts {
        store: Arc::clone(store),
        master: Arc::new(MasterKey::new([3; 32])),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        entropy: Arc::new(SystemEntropy),
    };
    let log = EvidenceLog::new(LogSettings::of("https://madoguchi.example", 1000), parts);
    let grow = async |count: usize, pause: Duration| {
        for _ in 0..count {
            store.put_client(&client("loan-bank"), clock.now()).await.unwrap();
            assert!(matches!(log.turn().await.unwrap(), Turn::Logged(_)));
            clock.advance(pause);
        }
    };
    // Two days of four heads an hour, of which a year later one a day stays; two days of the last month; and one of now.
    grow(192, hour / 4).await;
    clock.advance(hour * 24 * 380);
    grow(192, hour / 4).await;
    clock.advance(hour * 24 * 10);
    grow(8, hour / 4).await;
    let heads = async || store.list_checkpoints(None, 1000).await.unwrap();
    let before = heads().await;
    assert!(log.thin().await.unwrap() > 0);
    while log.thin().await.unwrap() > 0 {}
    let after = heads().await;
    assert!(after.len() < before.len() / 4 && after.iter().all(|head| before.contains(head)), "{}", after.len());
    assert_eq!(after.last(), before.last());
    let now = clock.now();
    let span = |head: &HeldCheckpoint| match now.since(head.at) {
        age if age > hour * 24 * 365 => Some(hour * 24),
        age if age > hour * 24 * 7 => Some(hour),
        _ => None,
    };
    for pair in after.windows(2) {
        if let Some(span) = span(&pair[0]) {
            let place = |head: &HeldCheckpoint| u128::try_from(head.at.millis()).unwrap() / span.as_millis();
            assert_ne!(place(&pair[0]), place(&pair[1]), "two heads of one span");
        }
    }
    // The last of each span is what stays, and of the last week all.
    let kept: BTreeSet<u64> = after.iter().map(|head| head.size).collect();
    assert!(before.iter().filter(|head| span(head).is_none()).all(|head| kept.contains(&head.size)));
    // What was dropped is missed by nobody: the log is whole, also against a head that somebody kept.
    let dropped = before.iter().find(|head| !kept.contains(&head.size)).unwrap();
    let keys = log.verifiers().await.unwrap();
    let audit = Audit { store: &**store, keys, witness: None, kept: Some(dropped.note.clone()) };
    assert_eq!(audit.run(true, &mut |_, _, _| {}).await.unwrap().findings, vec![]);
}
