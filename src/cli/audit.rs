//! `madoguchi audit`: the log of evidence, read again by whoever doubts it.

mod export;
mod witness;

pub use export::export;
pub use witness::{make_witness, witness};

use super::arguments::StorePlace;
use super::bar::{Bar, Bars, Looks};
use super::dev::Directory;
use super::say;
use crate::config;
use crate::domain::{Clock as _, MasterKey, SystemClock, SystemEntropy};
use crate::evidence::note::{KeyKind, Verifier};
use crate::evidence::receipt::Receipt;
use crate::evidence::{
    Audit, EvidenceLog, Finding, KeyParts, LogKeys, LogParts, LogSettings, Reader, Report, Step, make_key, name_of,
};
use crate::store::Store;
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What `audit verify` is told.
#[derive(Debug)]
pub struct Wanted {
    /// Read every leaf, and grow the tree anew.
    pub is_full: bool,
    /// Public keys that were kept elsewhere, instead of those in the store.
    pub keys: Vec<String>,
    /// A witness's public key.
    pub witness: Option<String>,
    /// A checkpoint that was kept elsewhere.
    pub checkpoint: Option<PathBuf>,
    /// A receipt that was kept, to be checked with the keys alone.
    pub receipt: Option<PathBuf>,
    /// Whether bars are drawn.
    pub looks: Looks,
}

/// A log at hand.
struct Open {
    store: Arc<dyn Store>,
    log: EvidenceLog,
    /// Who is configured to sign its heads too, and how many of them must have.
    witnesses: Vec<Verifier>,
    quorum: usize,
}

async fn open(place: &StorePlace) -> anyhow::Result<Open> {
    let (url, master, public_url, (witnesses, quorum)) = if let Some(directory) = &place.dev {
        let directory = Directory::open(directory)?;
        (directory.store_url(), Arc::new(directory.master_key(&SystemEntropy)?), String::new(), Default::default())
    } else {
        let config = config::load::load(place.config.as_deref())?;
        let public_url = config.server.public_url.to_string();
        let witnesses = config.witnesses.iter().map(|witness| witness.key.clone()).collect::<Vec<_>>();
        let watched = (witnesses, config.witness_quorum);
        (config.store_url.expose().clone(), Arc::clone(&config.master_key), public_url, watched)
    };
    let store = crate::store::open(&url, &master).await?;
    Ok(Open { log: log(&store, master, &public_url), store, witnesses, quorum })
}

fn log(store: &Arc<dyn Store>, master: Arc<MasterKey>, public_url: &str) -> EvidenceLog {
    let parts =
        LogParts { store: Arc::clone(store), master, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
    EvidenceLog::new(LogSettings::of(public_url, 1), parts)
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn parse_keys(texts: &[String], kind: KeyKind) -> anyhow::Result<Vec<Verifier>> {
    let parse = |text: &String| {
        let key = Verifier::parse(text).with_context(|| format!("the key {text:?}"))?;
        anyhow::ensure!(key.kind() == kind, "the key {text:?} is of another kind: a log's is 1, a witness's 4");
        Ok(key)
    };
    texts.iter().map(parse).collect()
}

/// Reads the log, or checks one receipt without it.
///
/// # Errors
/// When something is wrong: then the error names each thing.
pub async fn verify(wanted: Wanted, place: &StorePlace) -> anyhow::Result<()> {
    let given = parse_keys(&wanted.keys, KeyKind::Log)?;
    if let Some(path) = &wanted.receipt {
        anyhow::ensure!(
            !given.is_empty(),
            "--receipt needs --key: the log's public key, as `madoguchi audit keys` prints it"
        );
        return verify_receipt(path, &given);
    }
    let open = open(place).await?;
    let keys = if given.is_empty() { open.log.verifiers().await? } else { given };
    let witness = parse_keys(wanted.witness.as_slice(), KeyKind::Witness)?.pop();
    let kept = wanted.checkpoint.as_deref().map(read).transpose()?;
    let mut audit = Audit { store: &*open.store, keys, witness, kept };
    tell(&audit.run(wanted.is_full, &mut progress(wanted.looks)).await?)?;
    let mut signed = 0;
    for witness in &open.witnesses {
        audit.witness = Some(witness.clone());
        let report = audit.run(false, &mut |_, _, _| {}).await?;
        let forged = report.findings.iter().find(|finding| matches!(finding, Finding::Witness(_)));
        anyhow::ensure!(
            forged.is_none(),
            "{}: {}",
            witness.name(),
            forged.map(ToString::to_string).unwrap_or_default()
        );
        signed += usize::from(report.witnessed.is_some());
        say(&match report.witnessed {
            Some(size) => format!("{} has signed the log up to {size} leaves", witness.name()),
            None => format!("{} has signed no checkpoint", witness.name()),
        });
    }
    let quorum = open.quorum;
    anyhow::ensure!(
        signed >= quorum,
        "{signed} witness(es) signed the log, and evidence.witness_quorum demands {quorum}"
    );
    Ok(())
}

fn verify_receipt(path: &Path, keys: &[Verifier]) -> anyhow::Result<()> {
    let receipt = Receipt::parse(&read(path)?)?;
    let head = receipt.verify(keys).context("tampered receipt")?;
    say(&format!(
        "{} is leaf {} of the log {} ({} leaves)",
        receipt.receipt, receipt.leaf_index, head.origin, head.size
    ));
    Ok(())
}

fn tell(report: &Report) -> anyhow::Result<()> {
    say(&format!(
        "{} leaves, {} checkpoints checked, {} leaves checked, {} of them with their record",
        report.size, report.heads, report.leaves, report.kept
    ));
    if let Some(size) = report.witnessed {
        say(&format!("the witness has signed the log up to {size} leaves"));
    }
    for finding in &report.findings {
        say(&finding.to_string());
    }
    anyhow::ensure!(report.findings.is_empty(), "the log is not whole: {} finding(s)", report.findings.len());
    say("the log is whole");
    Ok(())
}

/// A bar for each step of the reading.
fn progress(looks: Looks) -> impl FnMut(Step, u64, u64) + Send {
    let (mut bars, mut heads) = (Bars::new(looks), Bar::new("checkpoints, by leaves", 0, 0));
    move |step, done, all| match step {
        Step::Heads => {
            heads = Bar { done, all, ..heads.clone() };
            bars.draw(std::slice::from_ref(&heads));
        }
        Step::Leaves => bars.draw(&[heads.clone(), Bar::new("leaves", done, all)]),
    }
}

/// Prints a receipt with its proof: by its id, or by its place in the log.
///
/// # Errors
/// When there is none such.
pub async fn prove(what: &str, from: Option<u64>, place: &StorePlace) -> anyhow::Result<()> {
    let open = open(place).await?;
    let id = match what.parse::<u64>() {
        Err(_) => what.to_owned(),
        Ok(index) => {
            let leaf = open.store.list_leaves(index, 1).await?.pop().filter(|leaf| leaf.index == index);
            let leaf = leaf.with_context(|| format!("the log has no leaf {index}"))?;
            anyhow::ensure!(leaf.kept.is_some(), "the record of leaf {index} was erased in its time; its leaf stays");
            leaf.receipt.to_string()
        }
    };
    let receipt = open.log.receipt(&id, Reader::Auditor, from).await?;
    say(&serde_json::to_string_pretty(&receipt)?);
    Ok(())
}

/// Prints the log's public keys, the newest first.
///
/// # Errors
/// When the store is away or a key does not open.
pub async fn keys(place: &StorePlace) -> anyhow::Result<()> {
    for key in open(place).await?.log.verifiers().await? {
        say(&key.vkey());
    }
    Ok(())
}

/// Makes the log's next key; running nodes sign with it from their next checkpoint on.
///
/// # Errors
/// When the store is away.
pub async fn rotate(place: &StorePlace) -> anyhow::Result<()> {
    let open = open(place).await?;
    let origin = name_of(&*open.store, open.log.origin()).await?;
    let parts = KeyParts { store: &*open.store, master: open.log.master(), origin: &origin };
    anyhow::ensure!(make_key(parts, &SystemEntropy, SystemClock.now()).await?, "another key was made at this moment");
    let newest = LogKeys::load(parts).await?;
    let newest = newest.newest().context("there is no key")?;
    say(&format!(
        "{}\nGive this key to whoever verifies the log; former signatures stay good.",
        newest.verifier().vkey()
    ));
    Ok(())
}
