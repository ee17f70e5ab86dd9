//! A payroll software files the 算定基礎届 of ten thousand employees as one file: checked first, filed under the hash of what
//! was checked, and followed line by line.
//!
//! ```text
//! cargo run -- dev                             # in one terminal
//! cargo run --example payroll_bulk_santei      # in another
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use clap::Parser;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;
use support::payroll::Payroll;
use support::text;
use support::{bulk, santei};
use tokio::time::Instant;

/// A payroll software that files for many employees at once, against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    /// Where `madoguchi dev` keeps its files.
    #[arg(long, default_value = ".madoguchi")]
    directory: PathBuf,
    /// How many employees there are.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(4..=1_000_000))]
    employees: u32,
    /// Nobody is asked in any case; here for the same way to call every example.
    #[arg(long)]
    auto: bool,
}

/// How long the office may take for one file.
const PATIENCE: Duration = Duration::from_mins(5);

/// The clock of the story.
struct Told(Instant);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let payroll = Payroll::open(&options.directory, "payroll").await?;
    let (story, employees) = (Told(Instant::now()), usize::try_from(options.employees)?);
    let file = santei::file((0..employees).map(|n| with_mistake(n, employees)));
    story.say(&format!("1. {employees} employees, {} bytes; three records hold a mistake.", file.len()));

    story.say("2. Checked by the rules of production (Prefer: dry-run); nothing is filed.");
    let begun = bulk::begin(&payroll, &file, ("dry-run", "skip")).await?;
    let checked = bulk::upload(&payroll, &begun, &file, |is, of| story.bar("sent", is, of)).await?;
    ensure!(checked["state"] == "checked", "it was not found good: {checked:#}");
    let outcomes = bulk::outcomes(&payroll, &checked).await?;
    let rejected: Vec<&Value> = outcomes.iter().filter(|line| line["state"] == "rejected").collect();
    let mut wrong = BTreeSet::new();
    for line in &rejected {
        let number = usize::try_from(line["line"].as_u64().context("a line without a number")?)?;
        tell(&story, &employee_of(&file, number)?, line);
        wrong.insert(number);
    }

    story.say(&format!("3. Filed as it was checked, under its hash {}.", text(&checked["digest"])));
    let filed = bulk::submit(&payroll, &checked).await?;
    story.say(&format!("   Receipted at {}, before the office was asked.", text(&filed["accepted_at"])));
    follow(&story, &payroll, &filed).await?;

    story.say("4. The records that were wrong, mended, as a file of their own:");
    let mended = santei::file(wrong.iter().map(|line| santei::employee(line - 1)));
    let begun = bulk::begin(&payroll, &mended, ("wait=0", "refuse")).await?;
    let second = bulk::upload(&payroll, &begun, &mended, |_, _| {}).await?;
    follow(&story, &payroll, &second).await?;

    let all = [bulk::outcomes(&payroll, &filed).await?, bulk::outcomes(&payroll, &second).await?].concat();
    let completed = all.iter().filter(|line| line["state"] == "completed").count();
    ensure!(completed == employees, "{completed} of {employees} are completed");
    story.say(&format!("5. The office has every record, once: {completed} lines are completed."));
    Ok(())
}

/// The record of an employee; three of them hold what payroll programs often hold.
fn with_mistake(n: usize, of: usize) -> Value {
    let mut record = santei::employee(n);
    match n {
        _ if n == of / 4 => record["name"] = "見本　髙子".into(),
        _ if n == of / 2 => record["name_kana"] = "ミホン ハナコ".into(),
        _ if n == of * 3 / 4 => record["days_2"] = 32.into(),
        _ => {}
    }
    record
}

fn employee_of(file: &[u8], line: usize) -> anyhow::Result<Value> {
    let found = file.split(|byte| *byte == b'\n').nth(line.wrapping_sub(1));
    Ok(serde_json::from_slice(found.context("the counter tells of a line that is not there")?)?)
}

/// What is wrong with a line: the rule, the item, the one character, and what to write instead.
fn tell(story: &Told, record: &Value, line: &Value) {
    for found in line["findings"].as_array().into_iter().flatten() {
        let (rule, pointer) = (text(&found["rule"]), text(&found["pointer"]));
        story.say(&format!("   line {}, {pointer}: {rule}: {}", line["line"], text(&found["words"]["en"])));
        let value = record.pointer(pointer).and_then(Value::as_str);
        let place = found["position"].as_u64().and_then(|place| usize::try_from(place).ok());
        if let (Some(value), Some(place)) = (value, place) {
            let blamed = value.chars().nth(place).unwrap_or('?');
            let instead = found["suggestion"].as_str().map(|one| format!("; write {one}")).unwrap_or_default();
            story.say(&format!("      character {} of {value}: {blamed}{instead}", place + 1));
        }
    }
}

/// Tells how far a file is until the office is done with all of it.
async fn follow(story: &Told, payroll: &Payroll, bulk: &Value) -> anyhow::Result<()> {
    let (begun, mut told) = (Instant::now(), String::new());
    loop {
        let now = bulk::look(payroll, bulk).await?;
        let progress = &now["progress"];
        let count = |value: &Value| usize::try_from(value.as_u64().unwrap_or_default()).unwrap_or_default();
        let all = count(&progress["lines"]) - count(&progress["rejected"]);
        let done = count(&progress["by_state"]["completed"]);
        story.bar("done", done, all);
        let states = progress["by_state"].as_object().into_iter().flatten();
        let states: Vec<String> = states.map(|(state, count)| format!("{state} {count}")).collect();
        let line = format!("   {}: waiting {}, {}", text(&now["state"]), progress["waiting"], states.join(", "));
        if line != told {
            story.say(&line);
            told = line;
        }
        if now["state"] == "distributed" && done == all {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "the office is not done: {now:#}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

impl Told {
    #[expect(clippy::print_stdout, reason = "its story is its output")]
    fn say(&self, line: &str) {
        let clear = if std::io::stdout().is_terminal() { "\r\u{1b}[K" } else { "" };
        println!("{clear}{:>6.1} s  {line}", self.0.elapsed().as_secs_f64());
    }

    /// One line that is written over, where somebody is looking.
    #[expect(clippy::print_stdout, reason = "its story is its output")]
    fn bar(&self, what: &str, is: usize, of: usize) {
        if std::io::stdout().is_terminal() {
            let full = is * 40 / of.max(1);
            print!("\r{:>6.1} s     {what} [{:<40}] {is}/{of}", self.0.elapsed().as_secs_f64(), "#".repeat(full));
            let _ = std::io::stdout().flush();
        }
    }
}
