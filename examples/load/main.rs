//! A load generator of our own: signs a DPoP proof for every call, so that the gateway does all its work.
//!
//! ```text
//! cargo run --release -- dev                              # in one terminal
//! cargo run --release --example load                      # in another
//! cargo run --release --example load -- --seconds 20 --connections 64 --only reads,flows
//! ```
//!
//! ```text
//! cargo run --release --example load -- --deliver 200     # the whole life of so many filings, each by itself
//! cargo run --release --example load -- --santei 100000   # so many employees' 算定基礎届 as one file
//! cargo run --release --example load -- --notices 100000  # so many notices as one file, to one citizen
//! cargo run --release --example load -- --applications 50000 # so many applications to one municipality, as after a disaster
//! ```
//!
//! It prints, for each kind of call: calls per second, p50 and p99, and the CPU time and memory of the process that
//! listens on the gateway's port; "per core s" is how many calls one second of one core pays for. For figures worth telling, give gateway, sandbox and generator a core each.

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is; a key's point has one size")]

mod applications;
mod calls;
mod filings;
mod meter;
mod notices;
#[path = "../support/mod.rs"]
mod support;

use anyhow::Context as _;
use calls::{Introspected, Kind, Session};
use clap::Parser;
use meter::{Figures, Latencies, Process};
use std::sync::Arc;
use std::time::Duration;
use support::files::ClientFile;
use support::payroll::Payroll;
use tokio::time::Instant;

/// Measures a live gateway.
#[derive(Parser)]
struct Options {
    /// Where `madoguchi dev` keeps its files.
    #[arg(long, default_value = ".madoguchi")]
    directory: std::path::PathBuf,
    /// How long each kind of call is measured, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How many calls are under way at once.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Measure these kinds only, parted by commas.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Kind>,
    /// Which token is introspected.
    #[arg(long, value_enum, default_value = "access")]
    introspect: Introspected,
    /// Instead: file so many filings of one part, and tell what it takes until their agency is done with all of them.
    #[arg(long, conflicts_with = "santei")]
    deliver: Option<usize>,
    /// Instead: file the 算定基礎届 of so many made-up employees, and tell time and memory from upload to the last receipt.
    #[arg(long)]
    santei: Option<usize>,
    /// Instead: post so many notices to one citizen as one file, and tell what it takes until their inbox has seen them all.
    #[arg(long, conflicts_with_all = ["santei", "deliver"])]
    notices: Option<usize>,
    /// Instead: apply so many times at one municipality, and tell what it takes until it has them all in its list.
    #[arg(long, conflicts_with_all = ["santei", "deliver", "notices"])]
    applications: Option<usize>,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "its table is its output")]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    if options.deliver.is_some() || options.santei.is_some() {
        let payroll = Arc::new(Payroll::open(&options.directory, calls::CLIENT).await?);
        let gateway = measured(payroll.party.file.port())?;
        return match (options.deliver, options.santei) {
            (Some(count), _) => filings::deliver(&payroll, (count, options.connections), gateway).await,
            (_, employees) => filings::santei(&payroll, employees.unwrap_or_default(), gateway).await,
        };
    }
    if let Some(count) = options.notices {
        let gateway = measured(ClientFile::read(&options.directory, "city_notices")?.port())?;
        return notices::post(&options.directory, count, gateway).await;
    }
    if let Some(count) = options.applications {
        let gateway = measured(ClientFile::read(&options.directory, "load_front")?.port())?;
        return applications::burst(&options.directory, (count, options.connections), gateway).await;
    }
    let session = Arc::new(Session::open(&options.directory, options.introspect).await?);
    let process = Process::listening_on(session.port());
    println!("{}", Figures::heading());
    for kind in Kind::ALL {
        if options.only.is_empty() || options.only.contains(&kind) {
            session.renew().await?;
            let figures = measure(&session, kind, &options, process).await;
            println!("{}", figures.line(kind.title()));
        }
    }
    Ok(())
}

/// The gateway, which has to run on this machine to be measured.
fn measured(port: u16) -> anyhow::Result<Process> {
    Process::listening_on(port).context("the gateway does not run on this machine, or as another user")
}

async fn measure(session: &Arc<Session>, kind: Kind, options: &Options, process: Option<Process>) -> Figures {
    run(session, kind, Duration::from_secs(1), options.connections).await;
    let cpu_before = process.map_or(Duration::ZERO, Process::cpu);
    let start = Instant::now();
    let (mut latencies, failures) = run(session, kind, Duration::from_secs(options.seconds), options.connections).await;
    let seconds = start.elapsed().as_secs_f64();
    let cpu = process.map_or(Duration::ZERO, Process::cpu).saturating_sub(cpu_before);
    let calls = latencies.count();
    #[expect(clippy::cast_precision_loss, reason = "a mean to print")]
    let cpu_us = cpu.as_secs_f64() * 1e6 / calls.max(1) as f64;
    Figures {
        calls,
        failures,
        seconds,
        p50_ms: latencies.percentile(0.5),
        p99_ms: latencies.percentile(0.99),
        cpu_us,
        memory_mib: process.map_or(0.0, Process::memory_mib),
    }
}

/// Keeps `connections` calls under way for `span`; gives the latencies of those that succeeded and how many did not.
async fn run(session: &Arc<Session>, kind: Kind, span: Duration, connections: usize) -> (Latencies, usize) {
    let end = Instant::now() + span;
    let callers = (0..connections).map(|_| {
        let session = Arc::clone(session);
        tokio::spawn(async move {
            let (mut latencies, mut failures) = (Latencies::default(), 0);
            while Instant::now() < end {
                let start = Instant::now();
                if session.call(kind).await {
                    latencies.record(start.elapsed());
                } else {
                    failures += 1;
                }
            }
            (latencies, failures)
        })
    });
    let (mut all, mut failures) = (Latencies::default(), 0);
    for caller in callers.collect::<Vec<_>>() {
        if let Ok((latencies, failed)) = caller.await {
            all.merge(latencies);
            failures += failed;
        }
    }
    (all, failures)
}
