//! The log on a store of its own: what waits gets in, and what is wrong is told.

use super::*;
use crate::domain::client::ClientStatus;
use crate::domain::entropy::SeededEntropy;
use crate::domain::time::ManualClock;
use crate::evidence::{Audit, Reader};
use crate::store::HeldKey;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

struct Bench {
    _files: tempfile::TempDir,
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
}

impl Bench {
    async fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", files.path().join("t.db").display());
        let store = crate::store::open(&url, &Arc::new(MasterKey::new([1; 32]))).await.unwrap();
        Self { _files: files, store, clock: Arc::new(ManualClock::at(NOW)) }
    }

    fn log(&self) -> EvidenceLog {
        let parts = LogParts {
            store: Arc::clone(&self.store),
            master: Arc::new(MasterKey::new([1; 32])),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: Arc::new(SeededEntropy::new(1)),
        };
        EvidenceLog::new(LogSettings::of("https://madoguchi.example", 100), parts)
    }

    /// Something that gets a leaf.
    async fn happen(&self, name: &str) {
        let key = HeldKey {
            id: name.to_owned(),
            purpose: "見本".to_owned(),
            sealed: vec![0],
            created_at: self.clock.now(),
            active_from: self.clock.now(),
            retired_at: None,
        };
        assert!(self.store.insert_key(&key).await.unwrap());
    }

    async fn findings(&self, keys: Vec<Verifier>) -> Vec<String> {
        let audit = Audit { store: &*self.store, keys, witness: None, kept: None };
        let report = audit.run(true, &mut |_, _, _| {}).await.unwrap();
        report.findings.iter().map(ToString::to_string).collect()
    }
}

#[test]
fn a_log_is_named_by_its_address() {
    assert_eq!(origin_of("https://madoguchi.example"), "madoguchi.example/evidence");
    assert_eq!(origin_of("http://localhost:8080/"), "localhost:8080/evidence");
    assert_eq!(ClientStatus::ALL.len(), 5);
}

#[tokio::test]
async fn what_waits_gets_in_with_a_proof_and_the_audit_agrees() {
    let bench = Bench::new().await;
    let log = bench.log();
    for n in 0..5 {
        bench.happen(&format!("k{n}")).await;
    }
    let first = bench.store.list_pending_leaves(1).await.unwrap().pop().unwrap();
    let early = log.receipt(first.receipt.as_str(), Reader::Auditor, None).await;
    assert!(early.unwrap_err().to_string().starts_with("receipt_pending"));
    assert_eq!(log.turn().await.unwrap(), Turn::Logged(5));
    // The log's own key was made in that turn: it gets a leaf too.
    assert_eq!(log.turn().await.unwrap(), Turn::Logged(1));
    assert_eq!(log.turn().await.unwrap(), Turn::Idle);
    let receipt = log.receipt(first.receipt.as_str(), Reader::Auditor, Some(5)).await.unwrap();
    let keys = log.verifiers().await.unwrap();
    assert_eq!(receipt.verify(&keys).unwrap().size, 6);
    assert_eq!(receipt.consistency.unwrap().from, 5);
    assert_eq!(bench.findings(keys).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_clock_that_went_back_stops_the_log_until_it_is_right_and_nothing_is_lost() {
    let bench = Bench::new().await;
    let log = bench.log();
    bench.happen("k1").await;
    assert_eq!(log.turn().await.unwrap(), Turn::Logged(1));
    let back = Bench {
        clock: Arc::new(ManualClock::at(NOW.minus(Duration::from_mins(5)))),
        store: Arc::clone(&bench.store),
        _files: tempfile::tempdir().unwrap(),
    };
    let log = back.log();
    assert_eq!(log.turn().await.unwrap(), Turn::Stuck(Trouble::ClockWentBack));
    assert!(log.intake().check().unwrap_err().public.contains("clock"));
    assert_eq!(back.store.count_pending_leaves().await.unwrap(), 1);
    back.clock.advance(Duration::from_secs(5 * 60 - 30));
    assert_eq!(log.turn().await.unwrap(), Turn::Logged(1));
    let heads = back.store.list_checkpoints(None, 10).await.unwrap();
    assert!(heads.windows(2).all(|pair| pair[0].at <= pair[1].at), "a small step back does not show");
    assert!(log.intake().check().is_ok());
}

#[tokio::test]
async fn a_log_whose_tiles_do_not_fit_its_head_is_not_grown() {
    let bench = Bench::new().await;
    let log = bench.log();
    bench.happen("k1").await;
    log.turn().await.unwrap();
    let forged = Append {
        from: 1,
        leaves: bench.store.list_pending_leaves(1).await.unwrap(),
        tiles: vec![HeldTile { level: 0, index: 0, hashes: vec![9; 64] }],
        checkpoint: bench
            .store
            .find_checkpoint(None)
            .await
            .unwrap()
            .map(|head| HeldCheckpoint { size: 2, ..head })
            .unwrap(),
    };
    assert!(bench.store.append_leaves(&forged).await.unwrap());
    bench.happen("k2").await;
    let fault = log.turn().await.unwrap_err().to_string();
    assert!(fault.contains("damaged"), "{fault}");
    let findings = bench.findings(log.verifiers().await.unwrap()).await;
    assert!(findings.iter().any(|finding| finding.starts_with("forked log")), "{findings:?}");
    assert!(findings.iter().any(|finding| finding.contains("leaf 0 was changed")), "{findings:?}");
}
