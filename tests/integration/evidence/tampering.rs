//! Every way to change a log in its database has its own message.

use crate::support::engines::{TestStore, sqlite};
use madoguchi::domain::time::ManualClock;
use madoguchi::domain::{Clock, Kept, MasterKey, Secret, SystemEntropy, Timestamp};
use madoguchi::evidence::checkpoint::cosign;
use madoguchi::evidence::note::{KeyKind, Signer, Verifier};
use madoguchi::evidence::{Audit, EvidenceLog, LogParts, LogSettings, Trouble, Turn};
use madoguchi::store::HeldKey;
use std::sync::Arc;
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// A log of some leaves under several heads, and the database's file beside it.
struct Tampered {
    test: TestStore,
    clock: Arc<ManualClock>,
    keys: Vec<Verifier>,
    log: EvidenceLog,
}

impl Tampered {
    async fn new() -> Self {
        let test = sqlite().await;
        let clock = Arc::new(ManualClock::at(NOW));
        let parts = LogParts {
            store: Arc::clone(&test.store),
            master: Arc::new(MasterKey::new([1; 32])),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            entropy: Arc::new(SystemEntropy),
        };
        let log =
            EvidenceLog::new(LogSettings { batch: 4, ..LogSettings::of("https://madoguchi.example", 100) }, parts);
        let mut new = Self { test, clock, keys: Vec::new(), log };
        new.grow(9).await;
        new.keys = new.log.verifiers().await.unwrap();
        assert_eq!(new.findings().await, Vec::<String>::new());
        new
    }

    /// Lets things happen and be logged, four at a time.
    async fn grow(&self, count: usize) {
        for _ in 0..count {
            let key = HeldKey {
                id: madoguchi::domain::ids::AccessId::generate(&SystemEntropy).to_string(),
                purpose: "見本".into(),
                sealed: vec![1],
                created_at: self.clock.now(),
                active_from: self.clock.now(),
                retired_at: None,
            };
            self.test.store.insert_key(&key).await.unwrap();
        }
        while self.log.turn().await.unwrap() != Turn::Idle {
            self.clock.advance(Duration::from_secs(1));
        }
    }

    /// What no port can do.
    fn tamper(&self, sql: &str) {
        let path = self.test.url.strip_prefix("sqlite:").unwrap();
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
    }

    async fn findings_of(&self, change: impl FnOnce(&mut Audit<'_>)) -> Vec<String> {
        let mut audit = Audit { store: &*self.test.store, keys: self.keys.clone(), witness: None, kept: None };
        change(&mut audit);
        let report = audit.run(true, &mut |_, _, _| {}).await.unwrap();
        report.findings.iter().map(ToString::to_string).collect()
    }

    async fn findings(&self) -> Vec<String> {
        self.findings_of(|_| ()).await
    }

    async fn assert_told(&self, words: &str) {
        let findings = self.findings().await;
        assert!(findings.iter().any(|finding| finding.contains(words)), "{words:?} is not in {findings:?}");
    }
}

#[tokio::test]
async fn a_record_that_was_changed_is_a_tampered_receipt() {
    let log = Tampered::new().await;
    log.tamper("UPDATE evidence_records SET body = replace(body, 'key_made', 'key_lost') WHERE receipt = (SELECT receipt FROM evidence_leaves WHERE leaf_index = 3)");
    log.assert_told("tampered receipt").await;
    log.assert_told("leaf 3").await;
    assert_eq!(log.findings().await.len(), 1, "and nothing else is wrong");
    let log = Tampered::new().await;
    log.tamper("UPDATE evidence_records SET salt = zeroblob(32) WHERE receipt = (SELECT receipt FROM evidence_leaves WHERE leaf_index = 0)");
    log.assert_told("tampered receipt").await;
}

#[tokio::test]
async fn records_that_were_erased_in_their_time_leave_the_log_whole() {
    let log = Tampered::new().await;
    log.clock.advance(Duration::from_hours(24));
    let now = log.clock.now();
    let erased = log.test.store.erase_old(Kept::EvidenceRecords, now, (now, 500)).await.unwrap();
    assert!(erased > 0);
    assert_eq!(log.findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_log_that_lost_its_end_is_truncated() {
    let log = Tampered::new().await;
    log.tamper("DELETE FROM evidence_leaves WHERE leaf_index >= 7");
    log.assert_told("truncated log").await;
    // Someone who takes back heads and leaves together is told by a head that was kept elsewhere.
    let log = Tampered::new().await;
    let kept = log.test.store.find_checkpoint(None).await.unwrap().unwrap().note;
    log.tamper("DELETE FROM evidence_leaves WHERE leaf_index >= 4");
    log.tamper("DELETE FROM evidence_checkpoints WHERE size > 4");
    log.tamper("UPDATE evidence_head SET size = 4");
    log.tamper("UPDATE evidence_tiles SET hashes = substr(hashes, 1, 128) WHERE level = 0");
    assert_eq!(log.findings().await, Vec::<String>::new(), "the log alone cannot tell");
    let findings = log.findings_of(|audit| audit.kept = Some(kept)).await;
    assert!(findings.iter().any(|finding| finding.contains("truncated log")), "{findings:?}");
}

#[tokio::test]
async fn a_log_with_another_past_is_forked() {
    let log = Tampered::new().await;
    log.tamper("UPDATE evidence_tiles SET hashes = zeroblob(length(hashes)) WHERE level = 0");
    log.assert_told("forked log").await;
    log.assert_told("leaf 0 was changed").await;
    // Two logs of one name: a head of the other does not fit this one.
    let (one, other) = (Tampered::new().await, Tampered::new().await);
    let mut keys = one.keys.clone();
    keys.extend(other.keys.clone());
    let theirs = other.test.store.find_checkpoint(None).await.unwrap().unwrap().note;
    let findings = one.findings_of(|audit| (audit.keys, audit.kept) = (keys, Some(theirs))).await;
    assert!(findings.iter().any(|finding| finding.contains("forked log")), "{findings:?}");
}

#[tokio::test]
async fn a_leaf_a_tile_or_a_head_that_was_changed_is_named() {
    let log = Tampered::new().await;
    log.tamper("UPDATE evidence_leaves SET commitment = zeroblob(32) WHERE leaf_index = 5");
    log.assert_told("leaf 5 was changed").await;
    let log = Tampered::new().await;
    log.tamper("DELETE FROM evidence_tiles WHERE level = 0");
    log.assert_told("tile 0/0 is missing").await;
    let log = Tampered::new().await;
    log.tamper("UPDATE evidence_checkpoints SET note = replace(note, 'madoguchi.example/evidence', 'madoguchi.invalid/evidence') WHERE size = 4");
    log.assert_told("the checkpoint over 4 leaves does not verify").await;
}

#[tokio::test]
async fn a_clock_that_went_back_shows_in_the_heads() {
    let log = Tampered::new().await;
    log.tamper("UPDATE evidence_checkpoints SET at = at + 3600000 WHERE size = 4");
    log.assert_told("clock going back").await;
}

#[tokio::test]
async fn a_lost_key_stops_the_log_and_is_told() {
    let log = Tampered::new().await;
    let kept = log.keys.clone();
    log.tamper("DELETE FROM keys WHERE purpose = 'evidence'");
    let findings = log.findings_of(|audit| audit.keys = Vec::new()).await;
    assert!(findings.iter().any(|finding| finding.contains("key lost")), "{findings:?}");
    let findings = log.findings_of(|audit| audit.keys = kept).await;
    assert_eq!(findings, Vec::<String>::new(), "a public key that was kept is enough to check");
    let key = HeldKey {
        id: "見本".into(),
        purpose: "見本".into(),
        sealed: vec![1],
        created_at: NOW,
        active_from: NOW,
        retired_at: None,
    };
    log.test.store.insert_key(&key).await.unwrap();
    assert_eq!(log.log.turn().await.unwrap(), Turn::Stuck(Trouble::KeyLost));
    assert!(log.log.intake().check().unwrap_err().public.contains("key is gone"));
    assert_eq!(log.test.store.count_pending_leaves().await.unwrap(), 1, "and the leaf waits");
}

#[tokio::test]
async fn a_witness_is_looked_for_and_its_signature_checked() {
    let log = Tampered::new().await;
    let witness = Signer::new("witness.example/w1", KeyKind::Witness, &Secret::new([5; 32])).unwrap();
    let key = witness.verifier().clone();
    let findings = log.findings_of(|audit| audit.witness = Some(key.clone())).await;
    assert!(findings.iter().any(|finding| finding.contains("no checkpoint carries a signature")), "{findings:?}");
    let head = log.test.store.find_checkpoint(None).await.unwrap().unwrap();
    let note = cosign(&head.note, &witness, NOW).unwrap();
    assert!(log.test.store.replace_checkpoint(&head, &note).await.unwrap());
    assert_eq!(log.findings_of(|audit| audit.witness = Some(key.clone())).await, Vec::<String>::new());
    let (good, other) = (witness.line("x\n", NOW), witness.line("y\n", NOW));
    assert_ne!(good, other);
    let head = log.test.store.find_checkpoint(None).await.unwrap().unwrap();
    let forged = format!("{}{}", head.note.rsplit_once("\u{2014} witness").unwrap().0, good);
    assert!(log.test.store.replace_checkpoint(&head, &forged).await.unwrap());
    let findings = log.findings_of(|audit| audit.witness = Some(key)).await;
    assert!(findings.iter().any(|finding| finding.contains("witness's signature")), "{findings:?}");
}
