//! `madoguchi retention`: what is kept how long by which rule, how much of it is due, and erasing that now.

use super::bar::{Bar, Bars, Looks};
use super::ground::in_order;
use super::retention::{Erased, Retention};
use super::{say, serve};
use crate::config;
use crate::domain::Kept;
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
    let policies = in_order(Policies::load(&config.policies));
    let policies = Arc::new(policies.with_context(|| config.policies.display().to_string())?);
    let ground = serve::ground(&mut config).await?;
    let retention = Retention::new(ground.store, Arc::clone(&policies), ground.clock);
    Ok(Open { policies, retention })
}

/// One line for each kind of record: its name in the rules, for how many days it is kept, and how many are due.
pub async fn show(path: Option<&Path>) -> anyhow::Result<()> {
    let open = open(path).await?;
    let due = open.retention.due().await?;
    let rules = open.policies.now();
    for (kind, days) in rules.retention().kinds() {
        say(&format!("{}\tkept {days} days\t{} due", kind.as_str(), due.of(kind)));
    }
    if !rules.retention().is_decided() {
        say("the rules have no retention.toml: nothing about people is erased on schedule");
    }
    Ok(())
}

/// Erases what is due, some at a time, with a bar for each kind of record, or a line for each step where nobody looks on; may be stopped, and run while nodes serve.
pub async fn run(is_dry: bool, looks: Looks, path: Option<&Path>) -> anyhow::Result<()> {
    let open = open(path).await?;
    let due = open.retention.due().await?;
    if is_dry {
        say(&format!("{due} would be erased; nothing was"));
        return Ok(());
    }
    let (mut all, mut bars) = (Erased::default(), Bars::new(looks));
    loop {
        let erased = open.retention.turn().await?;
        if erased.is_nothing() {
            break;
        }
        all.add(&erased);
        if bars.are_seen() {
            let bar = |(kind, due): (Kept, u64)| Bar::new(kind.as_str(), all.of(kind), due);
            bars.draw(&due.counts().map(bar).collect::<Vec<_>>());
        } else {
            say(&format!("{all} erased of {due}"));
        }
    }
    say(&format!("{all} erased; nothing more is due"));
    Ok(())
}
