//! A payroll software files everything that a hiring wants, with one call, and follows it until every office is done.
//!
//! ```text
//! cargo run -- dev                        # in one terminal
//! cargo run --example payroll_hiring      # in another
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use clap::Parser;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use support::payroll::Payroll;
use support::{say, text};
use tokio::time::Instant;

/// A payroll software that files for its own company, against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    /// Where `madoguchi dev` keeps its files.
    #[arg(long, default_value = ".madoguchi")]
    directory: PathBuf,
    /// Nobody is asked in any case; here for the same way to call every example.
    #[arg(long)]
    auto: bool,
}

/// The company behind the sandbox's payroll software.
const COMPANY: &str = "5000000990004";
/// How long the offices may take altogether.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let payroll = Payroll::open(&options.directory, "payroll").await?;
    let path = format!("/v1/employers/{COMPANY}/life-events");
    let key = support::keys::unguessable();
    say("1. What does hiring somebody on 2 November 2026 want? (Prefer: dry-run)");
    let planned = payroll.post(&path, &[("idempotency-key", &key), ("prefer", "dry-run")], &hiring()).await?;
    for one in planned["procedures"].as_array().context("no procedures")? {
        let due = one["due_on"].as_str().map_or("without delay".to_owned(), |day| format!("until {day}"));
        say(&format!(
            "   {} to {}, {due}: {}",
            text(&one["title"]["en"]),
            text(&one["agency"]),
            text(&one["because"]["en"])
        ));
    }
    say("2. Filed with one call: durable and receipted before any office is asked.");
    let filed = payroll.post(&path, &[("idempotency-key", &key), ("prefer", "wait=0")], &hiring()).await?;
    let id = text(&filed["submission"]["id"]).to_owned();
    say(&format!("   {id}, accepted at {}", text(&filed["submission"]["accepted_at"])));
    say("3. Where each part stands:");
    follow(&payroll, &id).await?;
    say("4. Every office has it, once.");
    Ok(())
}

/// One employee, whose items are said once.
fn hiring() -> Value {
    json!({
        "reference": "2026-11-hiring",
        "event": {"kind": "hired", "on": "2026-11-02"},
        "office": {
            "prefecture_code": "21", "area_code": "01", "office_symbol": "ｹｲﾄ", "office_number": "12345",
            "office_postal_code": "1000000", "office_address": "東京都見本区見本町１－２－３",
            "office_name": "見本商事株式会社", "employer_name": "見本　良一", "phone_area": "03", "phone_exchange": "0000",
            "phone_subscriber": "0000", "employment_office_number": "13010000010", "corporate_number": COMPANY,
        },
        "employees": [{
            "items": {
                "name": "見本　花子", "name_kana": "ﾐﾎﾝ ﾊﾅｺ", "birth_date": "1990-04-01", "sex": "2",
                "individual_number": "123456789018", "address": "東京都見本区見本町４－５－６", "postal_code": "1000001",
                "address_kana": "ﾐﾎﾝｸﾐﾎﾝﾁｮｳ", "currency": 280_000, "in_kind": 0, "municipality_code": "131016",
                "pay_kind": "1", "monthly_pay": 280, "employment_form": "7", "occupation": "01", "weekly_minutes": 2400,
            },
            "details": {"4950008680033000": {"reason": "2"}},
        }],
    })
}

/// Tells each change until all parts are completed.
async fn follow(payroll: &Payroll, id: &str) -> anyhow::Result<()> {
    let (begun, mut told) = (Instant::now(), Vec::new());
    loop {
        let filing = payroll.get(&format!("/v1/submissions/{id}")).await?;
        for part in filing["deliveries"].as_array().context("no deliveries")? {
            let number = part["arrival_number"].as_str().unwrap_or("-");
            let line = format!(
                "{:<14} {:<18} {:<13} {number}",
                text(&part["agency"]),
                text(&part["procedure"]),
                text(&part["state"])
            );
            if !told.contains(&line) {
                say(&format!("   {:>5.1} s  {line}", begun.elapsed().as_secs_f64()));
                told.push(line);
            }
        }
        match text(&filing["state"]) {
            "completed" => return Ok(()),
            state => ensure!(begun.elapsed() < PATIENCE, "it is still {state}: {filing:#}"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
