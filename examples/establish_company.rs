//! A judicial scrivener's office founds a company for two founders: one form, two signatures, and everybody is told.
//!
//! ```text
//! cargo run -- dev                                   # in one terminal
//! cargo run --example establish_company -- --auto    # in another
//! ```
//! With `--auto` it also plays the founders' browsers, through the real pages; without it, it prints where they sign.

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use chrono::Days;
use clap::Parser;
use madoguchi::domain::{Clock as _, SystemClock};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use support::citizen::Citizen;
use support::payroll::Payroll;
use support::{say, text};
use tokio::time::Instant;

/// An office that founds companies, against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    /// Where `madoguchi dev` keeps its files.
    #[arg(long, default_value = ".madoguchi")]
    directory: PathBuf,
    /// Plays the founders' browsers, too.
    #[arg(long)]
    auto: bool,
}

const ALL: &str = "/v1/establishments";
const PAGE: &str = "/dashboard/establishments";
/// Card, PIN and name of each founder: made-up persons of the sandbox.
const FOUNDERS: [(&str, &str, &str); 2] =
    [("1000000000000001", "1234", "見本　太郎"), ("1000000000000002", "2345", "見本　花子")];
/// How long founders and offices may take altogether.
const PATIENCE: Duration = Duration::from_mins(10);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let office = Payroll::open_for(&options.directory, "founding_office", "establishments submissions").await?;
    say("1. What does founding 株式会社見本工房 want?");
    let plan = office.post(&format!("{ALL}/plan"), &[], &form()).await?;
    for one in plan["procedures"].as_array().context("no procedures")? {
        let due = one["due_on"].as_str().map_or("without a day".to_owned(), |day| format!("until {day}"));
        let (title, agency, why) = (text(&one["title"]["en"]), text(&one["agency"]), text(&one["because"]["en"]));
        say(&format!("   {title} to {agency}, {due}: {why}"));
    }
    say("2. Begun with one form; it waits for its founders.");
    let key = support::keys::unguessable();
    let begun = office.post(ALL, &[("idempotency-key", &key)], &form()).await?;
    let id = text(&begun["establishment"]["id"]).to_owned();
    for (founder, (card, pin, name)) in begun["founders"].as_array().context("no founders")?.iter().zip(FOUNDERS) {
        let code = text(&founder["code"]);
        if options.auto {
            say(&format!("   {name} signs: {}", sign(&office, (card, pin, name), code).await?));
        } else {
            say(&format!("   {name} (card {card}, PIN {pin}) signs at {} with {code}", text(&begun["sign_at"])));
        }
    }
    say("3. What happens, on one timeline:");
    let done = follow(&office, &id).await?;
    let entry = &done["registry"];
    say(&format!(
        "4. {} is there since {}: 法人番号 {}. No certificate of it was attached anywhere.",
        text(&entry["trade_name"]),
        text(&entry["established_on"]),
        text(&entry["corporate_number"])
    ));
    let progress = &done["progress"];
    say(&format!("5. {} of {} procedures are completed.", progress["completed"], progress["all"]));
    Ok(())
}

/// What is said of the company, once.
fn form() -> Value {
    let today = SystemClock.now().date_in_japan();
    let payday = today.checked_add_days(Days::new(24)).unwrap_or(today);
    let person =
        |name: &str, kana: &str| json!({"name": name, "name_kana": kana, "address": "東京都見本区見本町４－５－６"});
    let with = |mut person: Value, name: &str, value: Value| {
        person[name] = value;
        person
    };
    let (taro, hanako) = (person("見本　太郎", "ﾐﾎﾝ ﾀﾛｳ"), person("見本　花子", "ﾐﾎﾝ ﾊﾅｺ"));
    let director = with(taro.clone(), "role", json!("representative_director"));
    let insured = json!({
        "name": "見本　太郎", "name_kana": "ﾐﾎﾝ ﾀﾛｳ", "birth_date": "1985-04-12", "category": "male",
        "individual_number": "123456789018", "monthly_pay": 300_000,
    });
    json!({
        "reference": "case-0042", "kind": "kabushiki", "trade_name": "株式会社見本工房", "trade_name_kana": "ﾐﾎﾝｺｳﾎﾞｳ",
        "head_office": {"postal_code": "2540000", "municipality": "142034", "address": "神奈川県平塚市見本町１－２－３"},
        "purposes": ["ソフトウェアの開発および販売", "前号に附帯する一切の業務"],
        "capital": 3_000_000, "fiscal_year_ends_in": 3, "establish_on": today,
        "officers": [with(director, "birth_date", json!("1985-04-12"))],
        "founders": [with(taro, "contribution", json!(2_000_000)), with(hanako, "contribution", json!(1_000_000))],
        "contact": {"phone": "0300000000", "mail": "desk@mihon.example"},
        "employment": {"workers": 3, "insured": 2, "from": today, "wages": 3_600_000},
        "salary": {"people": 4, "first_paid_on": payday},
        "taxes": {
            "blue_return": true, "withholding_twice_a_year": true, "depreciation": "straight_line",
            "qualified_invoices": true,
        },
        "social_insurance": {"insured": 1, "from": today, "members": [insured]},
    })
}

/// A founder reads the form behind their code, and signs it.
async fn sign(office: &Payroll, (card, pin, name): (&str, &str, &str), code: &str) -> anyhow::Result<String> {
    let counter = office.party.file.issuer.clone();
    let mut citizen = Citizen::new(card, pin)?;
    citizen.dashboard(&counter).await?;
    let page = citizen.open(&format!("{counter}{PAGE}")).await?;
    let whole = citizen.fill(&page, PAGE, &[("code", code)]).await?;
    ensure!(whole.text().contains("株式会社見本工房"), "the code opens nothing: {}", whole.text());
    let done = citizen.fill(&whole, &format!("{PAGE}/decide"), &[("decision", "sign"), ("name", name)]).await?;
    let told = done.text();
    let words = told.find("You have signed").and_then(|at| told.get(at..)).context(told.clone())?;
    Ok(words.chars().take_while(|c| *c != '.').collect())
}

/// Tells what happened as it happens, until every office has decided.
async fn follow(office: &Payroll, id: &str) -> anyhow::Result<Value> {
    let (begun, mut told) = (Instant::now(), 0);
    loop {
        let found = office.get(&format!("{ALL}/{id}")).await?;
        let line = found["timeline"].as_array().context("no timeline")?;
        // An entry can come between earlier ones only while answers are on their way: it is told then.
        for entry in line.iter().skip(told) {
            let what = [&entry["stage"], &entry["procedure"], &entry["agency"], &entry["state"]];
            let what: Vec<&str> = what.iter().filter_map(|value| value.as_str()).collect();
            say(&format!("   {}  {:<12} {}", text(&entry["at"]), text(&entry["event"]), what.join("  ")));
        }
        told = line.len();
        match text(&found["establishment"]["state"]) {
            "completed" => return Ok(found),
            state @ ("declined" | "expired" | "cancelled" | "returned") => ensure!(false, "it is {state}: {found:#}"),
            state => ensure!(begun.elapsed() < PATIENCE, "it is still {state}: {found:#}"),
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}
