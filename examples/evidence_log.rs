//! Measures the log of evidence on a store of its own: how many leaves a second become durable, how long an event waits for
//! its proof, and what a proof costs in a log of that size.
//!
//! ```text
//! cargo run --release --example evidence_log
//! cargo run --release --example evidence_log -- --leaves 2000 --erased 9998000 --store sqlite:/somewhere/large.db
//! ```
//!
//! Every leaf is made as the counter makes it: a line of the access history, its record and salt and its place in the queue
//! are one transaction, and the log takes it from there. With `--erased` the log is filled up with leaves of whose events
//! nothing is kept any more, as it looks after years of retention: only their commitments are in it, and the events lie
//! evenly between them.

#[path = "load/meter.rs"]
#[expect(dead_code, reason = "the load generator measures a process too")]
mod meter;

use anyhow::{Context, ensure};
use clap::Parser;
use madoguchi::domain::access::{Access, AccessedDataSet, Disposition};
use madoguchi::domain::data_set::DataSetCode;
use madoguchi::domain::ids::{AccessId, ClientId, GrantId, ReceiptId, SubjectId};
use madoguchi::domain::retrieval::OutcomeKind;
use madoguchi::domain::{Clock, Digest, MasterKey, SystemClock, SystemEntropy};
use madoguchi::evidence::{EvidenceLog, LogParts, LogSettings, Reader};
use madoguchi::store::Store;
use meter::Latencies;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Measures the log of evidence.
#[derive(Parser)]
struct Options {
    /// How many leaves are logged.
    #[arg(long, default_value_t = 100_000)]
    leaves: usize,
    /// A new store; a file that is thrown away when absent.
    #[arg(long)]
    store: Option<String>,
    /// Events written in one transaction, as the counter gathers those of calls that arrive together.
    #[arg(long, default_value_t = 64)]
    together: usize,
    /// So many leaves more whose records are erased already; only in a store that is a SQLite file.
    #[arg(long, default_value_t = 0)]
    erased: usize,
    /// How many proofs are made and verified, for leaves all over the log.
    #[arg(long, default_value_t = 2_000)]
    proofs: usize,
    /// How many events are watched until their proof is there.
    #[arg(long, default_value_t = 40)]
    waits: usize,
}

/// A log that runs beside its events.
struct Bench {
    store: Arc<dyn Store>,
    log: Arc<EvidenceLog>,
    client: ClientId,
    code: DataSetCode,
}

impl Bench {
    /// Opens a store and its log, which stands still.
    async fn open(url: &str) -> anyhow::Result<Self> {
        let master = Arc::new(MasterKey::new([7; 32]));
        let store = madoguchi::store::open(url, &master).await?;
        let parts = LogParts {
            store: Arc::clone(&store),
            master,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        };
        let log = Arc::new(EvidenceLog::new(LogSettings::of("https://madoguchi.example", 1_000_000), parts));
        Ok(Self { store, log, client: ClientId::parse("bank")?, code: DataSetCode::parse("TM00000000000002")? })
    }

    /// From now on the log runs as it does in a counter.
    fn run(&self) {
        let running = Arc::clone(&self.log);
        tokio::spawn(async move { running.run_forever().await });
    }

    /// Fills the log with `erased` leaves and `count` disclosures evenly between them, which it keeps.
    async fn fill_up(&self, file: &str, count: usize, erased: usize) -> anyhow::Result<Vec<Access>> {
        let mut queue = rusqlite::Connection::open(file).context("the store's file")?;
        let (mut kept, mut written) = (Vec::new(), 0);
        for no in 1..=count {
            let until = erased / count * no + erased % count * no / count;
            commit_erased(&mut queue, until - written)?;
            progress(until, until - written, erased);
            written = until;
            let line = self.disclosure();
            self.store.insert_accesses(std::slice::from_ref(&line)).await?;
            kept.push(line);
            while self.store.count_pending_leaves().await? > 0 {
                self.log.turn().await?;
            }
        }
        Ok(kept)
    }

    /// A disclosure, of nothing and about nobody.
    fn disclosure(&self) -> Access {
        Access {
            id: AccessId::generate(&SystemEntropy),
            at: SystemClock.now(),
            subject: SubjectId::generate(&SystemEntropy),
            client: self.client.clone(),
            grant: GrantId::generate(&SystemEntropy),
            request: None,
            purpose: "measurement".to_owned(),
            data_sets: vec![AccessedDataSet {
                code: self.code,
                outcome: OutcomeKind::Ok,
                items: 3,
                cut: None,
                predicates: vec![],
            }],
            notices: vec![],
            private_documents: vec![],
            records: None,
            disposition: Disposition::Answered,
            acting: None,
        }
    }

    /// Writes `count` disclosures and waits until all are in the log; keeps every `each`th.
    async fn fill(&self, count: usize, together: usize, each: usize) -> anyhow::Result<Vec<Access>> {
        let (mut kept, mut written) = (Vec::new(), 0);
        while written < count {
            let lines: Vec<Access> = (written..count.min(written + together)).map(|_| self.disclosure()).collect();
            self.store.insert_accesses(&lines).await?;
            kept.extend(lines.iter().zip(written..).filter(|(_, at)| at % each == 0).map(|(line, _)| line.clone()));
            written += lines.len();
            progress(written, lines.len(), count);
        }
        while self.store.count_pending_leaves().await? > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(kept)
    }

    /// From the moment an event is durable until its proof is there.
    async fn wait_for_proof(&self) -> anyhow::Result<Duration> {
        let line = self.disclosure();
        self.store.insert_accesses(std::slice::from_ref(&line)).await?;
        let start = Instant::now();
        while self.log.receipt(line.receipt().as_str(), Reader::Auditor, None).await.is_err() {
            ensure!(start.elapsed() < Duration::from_mins(1), "no proof within a minute");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(start.elapsed())
    }
}

/// Queues leaves of which nothing else is there.
fn commit_erased(queue: &mut rusqlite::Connection, count: usize) -> anyhow::Result<()> {
    let transaction = queue.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO evidence_queue (receipt, commitment) VALUES (?1, ?2)")?;
        for _ in 0..count {
            let receipt = ReceiptId::of_access(&AccessId::generate(&SystemEntropy));
            let commitment = Digest::of(receipt.as_str());
            insert.execute((receipt.as_str(), commitment.as_bytes()))?;
        }
    }
    transaction.commit().map_err(Into::into)
}

/// A line for every million: the way to ten is long.
#[expect(clippy::print_stderr, reason = "who waits wants to see it move")]
fn progress(written: usize, now: usize, of: usize) {
    if written / 1_000_000 != (written - now) / 1_000_000 {
        eprintln!("{written} of {of} events written");
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "its figures are its output")]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let files = tempfile::tempdir().context("a directory for the store")?;
    let thrown_away = || format!("sqlite:{}", files.path().join("evidence.db").display());
    let url = options.store.clone().unwrap_or_else(thrown_away);
    let bench = Bench::open(&url).await?;

    let start = Instant::now();
    let each = (options.leaves / options.proofs.max(1)).max(1);
    let kept = if options.erased > 0 {
        let file = url.strip_prefix("sqlite:").context("--erased wants a SQLite file")?;
        let kept = bench.fill_up(file, options.leaves, options.erased).await?;
        println!(
            "{} leaves are in the log; the records of {} are erased",
            options.leaves + options.erased,
            options.erased
        );
        bench.run();
        kept
    } else {
        bench.run();
        let kept = bench.fill(options.leaves, options.together.max(1), each).await?;
        let seconds = start.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate to print")]
        let rate = options.leaves as f64 / seconds;
        println!("{} events became durable and were logged in {seconds:.1} s: {rate:.0} leaves/s", options.leaves);
        kept
    };

    let mut waits = Latencies::default();
    for _ in 0..options.waits {
        waits.record(bench.wait_for_proof().await?);
    }
    println!("from event to proof: p50 {:.0} ms, p99 {:.0} ms", waits.percentile(0.5), waits.percentile(0.99));

    let keys = bench.log.verifiers().await?;
    let (mut makes, mut checks) = (Latencies::default(), Latencies::default());
    for line in &kept {
        let start = Instant::now();
        let receipt = bench.log.receipt(line.receipt().as_str(), Reader::Auditor, None).await?;
        makes.record(start.elapsed());
        let start = Instant::now();
        receipt.verify(&keys)?;
        checks.record(start.elapsed());
    }
    let line = |name: &str, spans: &mut Latencies| {
        let (middle, late) = (spans.percentile(0.5), spans.percentile(0.99));
        println!("{name}: p50 {middle:.3} ms, p99 {late:.3} ms, of {}", spans.count());
    };
    line("a receipt with its proof is made", &mut makes);
    line("a receipt is verified", &mut checks);
    Ok(())
}
