//! `madoguchi retention`: what is kept how long by which rule, how much of it is due, and erasing that now.

use super::retention::{Erased, Retention};
use super::{say, serve};
use crate::config;
use crate::policy::Policies;
use anyhow::Context as _;
use std::path::Path;
use std::sync::Arc;

struct Open {
    policies: Arc<Policies>,
    retention: Retention,
}

async fn open(path: Option<&Path>) -> anyhow::Result<Open> {
    let mut config = config::load::load(path)?;
    let policies = Policies::load(&config.policies).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", faults.join("\n  "))
    });
    let policies = Arc::new(policies.with_context(|| config.policies.display().to_string())?);
    let ground = serve::ground(&mut config).await?;
    let retention = Retention::new(ground.store, Arc::clone(&policies), ground.clock);
    Ok(Open { policies, retention })
}

fn count(erased: &Erased, kind: &str) -> u64 {
    match kind {
        "evidence_records" => erased.evidence_records,
        "access_history" => erased.accesses,
        _ => erased.consents,
    }
}

/// One line for each kind of record: its name in the rules, for how many days it is kept, and how many are due.
pub async fn show(path: Option<&Path>) -> anyhow::Result<()> {
    let open = open(path).await?;
    let due = open.retention.due().await?;
    let rules = open.policies.now();
    let mut is_empty = true;
    for (kind, days) in rules.retention().kinds() {
        say(&format!("{kind}\tkept {days} days\t{} due", count(&due, kind)));
        is_empty = false;
    }
    if is_empty {
        say("the rules have no retention.toml: nothing is erased on schedule");
    }
    Ok(())
}

/// Erases what is due, some at a time, with a line for each step; may be stopped, and run while nodes serve.
pub async fn run(is_dry: bool, path: Option<&Path>) -> anyhow::Result<()> {
    let open = open(path).await?;
    let due = open.retention.due().await?;
    if is_dry {
        say(&format!("{} would be erased; nothing was", told(&due)));
        return Ok(());
    }
    let mut all = Erased::default();
    loop {
        let erased = open.retention.turn().await?;
        if erased == Erased::default() {
            break;
        }
        all.evidence_records += erased.evidence_records;
        all.accesses += erased.accesses;
        all.consents += erased.consents;
        say(&format!("{} erased of {}", told(&all), told(&due)));
    }
    say(&format!("{} erased; nothing more is due", told(&all)));
    Ok(())
}

fn told(erased: &Erased) -> String {
    let Erased { evidence_records, accesses, consents } = erased;
    format!("{evidence_records} evidence_records, {accesses} lines of access_history, {consents} ended_consents")
}
