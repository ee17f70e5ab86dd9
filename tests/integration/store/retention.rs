//! What was kept long enough is erased; what was not, and the log, stay.

use super::race;
use super::samples::{NOW, access, at, grant, subject_id};
use crate::support::engines::{TestStore, new_store, sqlite};
use crate::support::raw;
use madoguchi::cli::retention::{Erased, Retention};
use madoguchi::domain::access::Access;
use madoguchi::domain::ids::AccessId;
use madoguchi::domain::time::ManualClock;
use madoguchi::domain::{Clock, Failure, Kept, MasterKey, SystemEntropy};
use madoguchi::evidence::{Audit, EvidenceLog, LogParts, LogSettings, Reader, Turn};
use madoguchi::policy::Policies;
use madoguchi::store::{Before, Store};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Longer than the shipped schedule keeps anything.
const LONG: Duration = Duration::from_hours(24 * 1827);

/// Erases from the store by the shipped schedule, at a time when what happened at [`NOW`] is due.
fn retention(test: &TestStore) -> Retention {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW.plus(LONG)));
    Retention::new(Arc::clone(&test.store), Arc::new(Policies::load(Path::new("policies")).unwrap()), clock)
}

/// A log that has everything. Its own key is made when nothing of its time is due, for that leaves a record too.
async fn logged(test: &TestStore) -> EvidenceLog {
    let parts = LogParts {
        store: Arc::clone(&test.store),
        master: Arc::new(MasterKey::new([3; 32])),
        clock: Arc::new(ManualClock::at(NOW.plus(LONG))),
        entropy: Arc::new(SystemEntropy),
    };
    let log = EvidenceLog::new(LogSettings::of("https://madoguchi.example", 10_000), parts);
    while log.turn().await.unwrap() != Turn::Idle {}
    log
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_old_goes_in_bounded_batches_and_what_is_not_stays() {
    let test = &new_store().await;
    let given = grant(Some(&subject_id()));
    let lines: Vec<Access> = [-5, -4, -3, -2, -1, 0, 1].map(|second| access(&given, at(second))).into();
    test.store.insert_accesses(&lines).await.unwrap();
    assert_eq!(test.store.count_old(Kept::EvidenceRecords, NOW).await.unwrap(), 0, "their leaves wait");
    logged(test).await;
    assert_eq!(test.store.count_old(Kept::EvidenceRecords, NOW).await.unwrap(), 5);
    assert_eq!(test.store.count_old(Kept::AccessHistory, NOW).await.unwrap(), 5);
    for erased in [3, 2, 0] {
        assert_eq!(test.store.erase_old(Kept::EvidenceRecords, NOW, (NOW, 3)).await.unwrap(), erased);
        assert_eq!(test.store.erase_old(Kept::AccessHistory, NOW, (NOW, 3)).await.unwrap(), erased);
        test.store.forget_erased().await.unwrap();
    }
    let before = Before { entry: None, limit: 10 };
    let left = test.store.list_accesses(given.subject.as_ref().unwrap(), &before).await.unwrap();
    assert_eq!(left.iter().map(|line| line.at).collect::<Vec<_>>(), [at(1), NOW]);
    assert!(test.store.find_receipt(&lines[5].receipt()).await.unwrap().is_some());
}

async fn both(store: &dyn Store, limit: u32) -> (u64, u64) {
    let erase = async |kind| store.erase_old(kind, NOW, (NOW, limit)).await.unwrap();
    (erase(Kept::EvidenceRecords).await, erase(Kept::AccessHistory).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_that_erase_at_once_erase_each_record_once() {
    let test = &new_store().await;
    let given = grant(Some(&subject_id()));
    let lines: Vec<Access> = (0..60).map(|_| access(&given, at(-1))).collect();
    test.store.insert_accesses(&lines).await.unwrap();
    logged(test).await;
    let erased = race(|_| {
        let store = Arc::clone(&test.store);
        async move { both(&*store, 7).await }
    })
    .await;
    let rest = both(&*test.store, 500).await;
    let sum = erased.iter().fold(rest, |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert_eq!(sum, (60, 60));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_erasure_on_schedule_the_log_is_whole_and_the_receipt_is_not_found() {
    let test = &new_store().await;
    let given = grant(Some(&subject_id()));
    let (old, new) = (access(&given, NOW), access(&given, NOW.plus(LONG)));
    test.store.insert_accesses(&[old.clone(), new.clone()]).await.unwrap();
    let log = logged(test).await;
    log.receipt(old.receipt().as_str(), Reader::Auditor, None).await.expect("before, it is there");
    let retention = retention(test);
    let due = Erased::from_iter([(Kept::EvidenceRecords, 1), (Kept::AccessHistory, 1)]);
    assert_eq!(retention.due().await.unwrap(), due);
    assert_eq!(retention.turn().await.unwrap(), due);
    assert_eq!(retention.turn().await.unwrap(), Erased::default());
    match log.receipt(old.receipt().as_str(), Reader::Auditor, None).await {
        Err(Failure::Refused(refusal)) => assert_eq!(refusal.code, "not_found"),
        other => panic!("{other:?}"),
    }
    log.receipt(new.receipt().as_str(), Reader::Auditor, None).await.expect("the newer one stays");
    let audit = Audit { store: &*test.store, keys: log.verifiers().await.unwrap(), witness: None, kept: None };
    let report = audit.run(true, &mut |_, _, _| {}).await.unwrap();
    assert_eq!(report.findings, []);
    assert_eq!(report.leaves, test.store.find_log_size().await.unwrap());
}

/// Which canaries stand anywhere in the files of an embedded store.
fn canaries(test: &TestStore) -> (BTreeSet<String>, Vec<u8>) {
    let (mut found, mut all) = (BTreeSet::new(), Vec::new());
    for file in std::fs::read_dir(test.directory.as_ref().unwrap().path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for (place, _) in bytes.windows(8).enumerate().filter(|(_, part)| part == b"a_canary") {
            found.insert(String::from_utf8_lossy(&bytes[place..(place + 13).min(bytes.len())]).into_owned());
        }
        all.extend(bytes);
    }
    (found, all)
}

/// What is kept of an event, sealed as it is.
fn sealed_record(test: &TestStore, line: &Access) -> String {
    let connection = rusqlite::Connection::open(test.url.strip_prefix("sqlite:").unwrap()).unwrap();
    let find = "SELECT body FROM evidence_records WHERE receipt = ?1";
    connection.query_row(find, [line.receipt().as_str()], |row| row.get(0)).unwrap()
}

/// An embedded store's own files, as who holds the disk would read them. What is sealed is known by the line's id.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_of_an_embedded_store_holds_what_was_erased() {
    let test = &sqlite().await;
    let line = |n: usize| {
        let when = if n < 1200 { NOW } else { NOW.plus(LONG) };
        Access { id: AccessId::parse(&format!("a_canary{n:05}")).unwrap(), ..access(&grant(Some(&subject_id())), when) }
    };
    let lines: Vec<Access> = (0..1250).map(line).collect();
    for some in lines.chunks(50) {
        test.store.insert_accesses(some).await.unwrap();
    }
    logged(test).await;
    let record = sealed_record(test, &lines[7]);
    let (found, files) = canaries(test);
    assert!(lines.iter().all(|line| found.contains(line.id.as_str())), "the control: they are there before");
    assert!(raw::holds(&files, &record), "the control: so is what is kept of an event");
    let retention = retention(test);
    while retention.turn().await.unwrap() != Erased::default() {}
    let (found, files) = canaries(test);
    let left: BTreeSet<String> = lines[1200..].iter().map(|line| line.id.to_string()).collect();
    assert_eq!(found, left, "of these only what is not due may be there");
    assert!(!raw::holds(&files, &record));
}
