//! Consents that have ended are erased with their key: nothing reads them any more, not even from an old copy.

use super::race;
use super::samples::{NOW, access, at, code, grant, keyed_request, subject_id};
use crate::support::engines::{TestStore, master, new_store, open};
use crate::support::raw;
use madoguchi::domain::access::Access;
use madoguchi::domain::grant::{Grant, RevokedBy};
use madoguchi::domain::ids::SubjectId;
use madoguchi::domain::time::ManualClock;
use madoguchi::domain::{Clock, SystemEntropy};
use madoguchi::evidence::{Audit, EvidenceLog, LogParts, LogSettings, Turn};
use madoguchi::store::Before;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A consent that ended `seconds` after [`NOW`], with one access under it.
async fn ended(test: &TestStore, subject: &SubjectId, seconds: i64) -> (Grant, Access) {
    let given = grant(Some(subject));
    test.store.insert_grant(&given).await.unwrap();
    test.store.insert_request(&keyed_request(&given, "key", "body"), "node", at(60)).await.unwrap();
    let line = access(&given, NOW);
    test.store.insert_accesses(std::slice::from_ref(&line)).await.unwrap();
    assert!(test.store.revoke_grant(&given.id, at(seconds), RevokedBy::Citizen).await.unwrap());
    (given, line)
}

async fn logged(test: &TestStore) -> EvidenceLog {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(at(1000)));
    let (store, entropy) = (Arc::clone(&test.store), Arc::new(SystemEntropy));
    let parts = LogParts { store, master: master(), clock, entropy };
    let log = EvidenceLog::new(LogSettings::of("https://madoguchi.example", 10_000), parts);
    while log.turn().await.unwrap() != Turn::Idle {}
    log
}

async fn lines(test: &TestStore, subject: &SubjectId) -> usize {
    test.store.list_accesses(subject, &Before { entry: None, limit: 50 }).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ended_goes_whole_and_what_stands_or_is_anothers_stays() {
    let test = &new_store().await;
    let (one, other) = (subject_id(), subject_id());
    let (gone, gone_line) = ended(test, &one, 10).await;
    let (late, _) = ended(test, &one, 100).await;
    let (others, _) = ended(test, &other, 10).await;
    let standing = grant(Some(&one));
    test.store.insert_grant(&standing).await.unwrap();
    logged(test).await;
    assert_eq!(test.store.count_ended_consents(Some(&one), at(50)).await.unwrap(), 1);
    assert_eq!(test.store.count_ended_consents(None, at(50)).await.unwrap(), 2);
    assert_eq!(test.store.erase_consents(Some(&one), at(50), (at(200), 50)).await.unwrap(), 1);
    assert_eq!(test.store.erase_consents(Some(&one), at(50), (at(200), 50)).await.unwrap(), 0);
    assert!(test.store.find_grant(&gone.id).await.unwrap().is_none());
    assert!(test.store.find_receipt(&gone_line.receipt()).await.unwrap().is_none());
    for kept in [&late, &others, &standing] {
        assert!(test.store.find_grant(&kept.id).await.unwrap().is_some());
    }
    assert_eq!((lines(test, &one).await, lines(test, &other).await), (1, 1));
    // The log stays whole, and says that something was erased, of nobody by name.
    let log = logged(test).await;
    let audit = Audit { store: &*test.store, keys: log.verifiers().await.unwrap(), witness: None, kept: None };
    let report = audit.run(true, &mut |_, _, _| {}).await.unwrap();
    assert_eq!(report.findings, []);
    let leaves = test.store.list_leaves(0, 500).await.unwrap();
    let erasure = r#""by":"citizen","consents":1,"kind":"erasure""#;
    let kept: Vec<String> = leaves.into_iter().filter_map(|leaf| leaf.kept.map(|(_, record)| record)).collect();
    assert_eq!(kept.iter().filter(|record| record.contains(erasure)).count(), 1, "{kept:?}");
    assert!(kept.iter().all(|record| !record.contains(one.as_str()) && !record.contains(gone.id.as_str())));
    assert_eq!(test.store.erase_consents(None, at(500), (at(600), 50)).await.unwrap(), 2, "by the schedule");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_old_copy_of_what_was_erased_opens_and_no_file_holds_it() {
    let test = &new_store().await;
    let subject = subject_id();
    let (gone, line) = ended(test, &subject, 10).await;
    logged(test).await;
    let tables = ["grants", "accesses", "evidence_records", "superseded_grants", "requests"];
    for table in tables {
        raw::run(test, &format!("CREATE TABLE copy_of_{table} AS SELECT * FROM {table}")).await;
    }
    let copies = |values: Vec<raw::Value>| -> BTreeSet<Vec<u8>> {
        let is_sealed =
            |v: &raw::Value| v.table.starts_with("copy_of_") && v.column == "body" && !v.bytes.starts_with(b"{");
        values.into_iter().filter(is_sealed).map(|v| v.bytes).collect()
    };
    let sealed = copies(raw::values(test).await);
    assert!(sealed.len() >= 4, "the consent, its access, its job, and what is kept of the events");
    assert_eq!(test.store.erase_consents(Some(&subject), at(50), (at(200), 50)).await.unwrap(), 1);
    // Somebody puts the copies back, as from a backup; the keys are as they are.
    for table in tables {
        raw::run(
            test,
            &format!("INSERT INTO {table} SELECT * FROM copy_of_{table} WHERE 1 = 1 ON CONFLICT DO NOTHING"),
        )
        .await;
    }
    for store in [Arc::clone(&test.store), open(&test.url).await] {
        assert!(store.find_grant(&gone.id).await.unwrap().is_none());
        assert!(store.list_grants(&subject, &Before { entry: None, limit: 5 }).await.unwrap().is_empty());
        assert!(store.find_receipt(&line.receipt()).await.unwrap().is_none());
        assert!(store.list_accesses(&subject, &Before { entry: None, limit: 5 }).await.unwrap().is_empty());
    }
    // What is written under it afterwards is as gone; no key is made anew.
    test.store.insert_accesses(&[access(&gone, at(300))]).await.unwrap();
    assert!(test.store.list_accesses(&subject, &Before { entry: None, limit: 5 }).await.unwrap().is_empty());
    for table in tables {
        raw::run(test, &format!("DROP TABLE copy_of_{table}")).await;
        raw::run(test, &format!("DELETE FROM {table}")).await;
    }
    if test.directory.is_some() {
        test.store.forget_erased().await.unwrap();
        let files = raw::files(test).await;
        for body in &sealed {
            assert!(!raw::holds(&files, std::str::from_utf8(body).unwrap()), "what was sealed is still in a file");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_that_erase_at_once_erase_each_consent_once() {
    let test = &new_store().await;
    let subject = subject_id();
    for _ in 0..30 {
        ended(test, &subject, 10).await;
    }
    let _kept = code(&grant(Some(&subject)));
    let erased = race(|_| {
        let (store, subject) = (Arc::clone(&test.store), subject.clone());
        async move { store.erase_consents(Some(&subject), at(50), (at(60), 3)).await.unwrap() }
    });
    let mut sum: u64 = erased.await.iter().sum();
    while let some @ 1.. = test.store.erase_consents(Some(&subject), at(50), (at(60), 3)).await.unwrap() {
        sum += some;
    }
    assert_eq!((sum, test.store.count_ended_consents(Some(&subject), at(50)).await.unwrap()), (30, 0));
}
