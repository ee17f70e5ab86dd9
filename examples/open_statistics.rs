//! Anybody reads the statistics: how they are made safe to publish, the largest counts of the last month, and, with a token that is
//! about nobody, how far the country can apply online.
//!
//! ```text
//! cargo run -- dev                        # in one terminal
//! cargo run --example open_statistics     # in another
//! ```
//!
//! A counter that was just opened has no month yet: one is published some days after its end.

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::Context;
use clap::Parser;
use serde_json::Value;
use std::path::PathBuf;
use support::payroll::Payroll;
use support::say;

/// A reader of statistics, against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    /// Where `madoguchi dev` keeps its files.
    #[arg(long, default_value = ".madoguchi")]
    directory: PathBuf,
    /// Nobody is asked in any case; here for the same way to call every example.
    #[arg(long)]
    auto: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let chat = Payroll::open_for(&options.directory, "chat_front", "service_search").await?;
    let open = |path: String| {
        let address = format!("{}{path}", chat.party.file.issuer.trim_end_matches('/'));
        async move { anyhow::Ok(support::http()?.get(address).send().await?.error_for_status()?.text().await?) }
    };
    let index: Value = serde_json::from_str(&open("/statistics.json".into()).await?)?;
    let method = &index["method"];
    say(&format!(
        "Every count is of {} persons or more, off by {} at most in nineteen of twenty cases; ε is {} for a table and month.",
        method["k"], method["margin_95"], method["epsilon"]
    ));
    match index["months"][0].as_str() {
        Some(month) => largest(month, &open(format!("/statistics/{month}.csv")).await?)?,
        None => say("No month is published yet: the first is, some days after its end."),
    }
    let coverage = chat.get("/v1/service-coverage").await?;
    let (some, all) = (&coverage["with_e_application"], &coverage["municipalities"]);
    say(&format!("On {} {some} of {all} municipalities took applications online.", text(&coverage["counted_on"])));
    Ok(())
}

/// The ten largest counts of a month.
fn largest(month: &str, csv: &str) -> anyhow::Result<()> {
    let mut lines: Vec<(u64, &str)> = Vec::new();
    for line in csv.lines().skip(1) {
        let (what, persons) = line.rsplit_once(',').context("a line without a count")?;
        lines.push((persons.parse()?, what));
    }
    lines.sort_unstable_by(|one, other| other.cmp(one));
    say(&format!("{month}: {} counts, the largest:", lines.len()));
    for (persons, what) in lines.iter().take(10) {
        say(&format!("{persons:>10}  {what}"));
    }
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
