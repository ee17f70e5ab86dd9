//! A company files by cloud (クラウド提出): its data stays where it is, and the tax office references it.
//!
//! ```text
//! cargo run -- dev                        # in one terminal
//! cargo run --example cloud_deposit       # in another
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::Days;
use clap::Parser;
use madoguchi::domain::{Clock as _, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use support::payroll::Payroll;
use support::{say, text};

/// A company, its cloud and the tax office, against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    /// Where `madoguchi dev` keeps its files.
    #[arg(long, default_value = ".madoguchi")]
    directory: PathBuf,
    /// The sandbox, where the company's cloud is, too.
    #[arg(long, default_value = "http://localhost:8090")]
    cloud: String,
    /// Nobody is asked in any case; here for the same way to call every example.
    #[arg(long)]
    auto: bool,
}

const ALL: &str = "/v1/deposits";
/// Bytes of the made-up ledger.
const SIZE: usize = 2_500_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let company = Payroll::open_for(&options.directory, "payroll", "deposits submissions").await?;
    let office = Payroll::open_for(&options.directory, "tax_office", "agency_deposits").await?;
    let cloud = options.cloud.trim_end_matches('/');
    feel(cloud, "well").await?;
    let id = filed(&company, cloud).await?;
    referenced(&company, &office, &id).await?;
    failing(&company, &office, (cloud, &id)).await?;
    shared(&options.directory, &company, &id).await?;
    answered(&company, &office, &id).await?;
    let refused = company.send((Method::POST, &format!("{ALL}/{id}/withdraw")), &[], Vec::new()).await?;
    let refused: Value = refused.json().await?;
    ensure!(refused["code"] == "kept_by_duty", "it could be withdrawn: {refused}");
    say(&format!("10. The company would withdraw it: {}", text(&refused["detail"])));
    Ok(())
}

/// Declared, filed, and known to the office.
async fn filed(company: &Payroll, cloud: &str) -> anyhow::Result<String> {
    say("1. The company declares that it will file by cloud.");
    let key = support::keys::unguessable();
    let procedure = "tax-withholding-statements-by-cloud";
    let body = json!({"agency": "tax", "procedure": procedure, "cloud_origin": cloud});
    let declared = company.post(ALL, &[("idempotency-key", &key)], &body).await?;
    let id = text(&declared["id"]).to_owned();
    say(&format!("   {id}, {}, from {}", text(&declared["state"]), text(&declared["cloud_origin"])));
    say("2. On the day it files: where the ledger is, and its digests. Not a byte of it leaves the cloud.");
    let location = format!("{cloud}/cloud/ledgers/{SIZE}.csv");
    let manifest: Value = reqwest::get(format!("{location}/manifest")).await?.json().await?;
    let body = json!({
        "location": location, "size": SIZE, "media_type": "text/csv", "schema": "https://schemas.example/withholding/2026",
        "sha256": manifest["sha256"], "pieces": manifest["pieces"],
    });
    let filed = company.post(&format!("{ALL}/{id}/file"), &[("idempotency-key", &key)], &body).await?;
    let filed = &filed["filed"];
    let until = text(&filed["keep_until"]);
    say(&format!("   filed at {}; to be kept before {until}", text(&filed["filed_at"])));
    let path = format!("/v1/submissions/{}", text(&filed["submission"]));
    let number = loop {
        let whole = company.get(&path).await?;
        if let Some(number) = whole["deliveries"][0]["arrival_number"].as_str() {
            break number.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    say(&format!("3. The tax office was told once, as of any filing: {number}."));
    Ok(id)
}

/// The office looks at some of it, and the company sees that.
async fn referenced(company: &Payroll, office: &Payroll, id: &str) -> anyhow::Result<()> {
    let seen = office.get(&format!("/agency/v1/deposits/{id}")).await?;
    say(&format!(
        "4. The office sees {} bytes of {}, and references some:",
        seen["filed"]["size"],
        text(&seen["filed"]["media_type"])
    ));
    let path = format!("/agency/v1/deposits/{id}/content?purpose=audit");
    let given = office.send((Method::GET, &path), &[("range", "bytes=1048560-1048623")], Vec::new()).await?;
    ensure!(given.status() == 206, "it is not given: {}", given.text().await?);
    let range = given.headers().get("content-range").and_then(|told| told.to_str().ok()).unwrap_or_default().to_owned();
    say(&format!("   {range}, verified: {:?}", given.text().await?));
    let seen = company.get(&format!("{ALL}/{id}/references")).await?;
    let one = &seen["items"][0];
    say(&format!(
        "5. The company sees the reference: {} ({}), bytes {} to {}, for {}: {}",
        text(&one["name"]["ja"]),
        text(&one["client"]),
        one["first"],
        one["last"],
        text(&one["purpose"]),
        text(&one["outcome"])
    ));
    Ok(())
}

/// The cloud goes away: the office is told why, and the company once.
async fn failing(company: &Payroll, office: &Payroll, (cloud, id): (&str, &str)) -> anyhow::Result<()> {
    let mut place = latest(company).await?;
    feel(cloud, "gone").await?;
    say("6. The cloud loses it. The office asks twice:");
    for _ in 0..2 {
        let path = format!("/agency/v1/deposits/{id}/content?purpose=audit");
        let refused = office.send((Method::GET, &path), &[], Vec::new()).await?;
        let (status, refused) = (refused.status(), refused.json::<Value>().await?);
        ensure!(refused["code"] == "cloud_refused", "it was given: {refused}");
        say(&format!("   {} {}: {}", status.as_u16(), text(&refused["code"]), text(&refused["detail"])));
    }
    let told = news(company, &mut place).await?;
    ensure!(told == ["cloud_failed"], "the company was told {told:?}");
    feel(cloud, "well").await?;
    let path = format!("/agency/v1/deposits/{id}/content?purpose=audit");
    let given = office.send((Method::GET, &path), &[], Vec::new()).await?;
    ensure!(given.status() == 200 && given.bytes().await?.len() == SIZE, "it is not given again");
    let told = news(company, &mut place).await?;
    ensure!(told == ["cloud_back"], "the company was told {told:?}");
    say("   The company was told once that it failed, and once that it is back.");
    Ok(())
}

/// Shared with a bank for one purpose, and ended.
async fn shared(directory: &Path, company: &Payroll, id: &str) -> anyhow::Result<()> {
    let bank = Payroll::open_for(directory, "lending_desk", "deposits").await?;
    let shares = format!("{ALL}/{id}/shares");
    let until = (SystemClock.now().date_in_japan() + Days::new(30)).to_string();
    let body = json!({"client": "lending-desk", "purpose": "loan_examination", "until": until});
    let share = company.post(&shares, &[], &body).await?;
    say(&format!("7. The company shares it with a bank, for {}, until {until}:", text(&share["purpose"])));
    let path = format!("{ALL}/{id}/content?purpose=loan_examination");
    let given = bank.send((Method::GET, &path), &[("range", "bytes=0-31")], Vec::new()).await?;
    ensure!(given.status() == 206, "the bank is not given it: {}", given.text().await?);
    say(&format!("   the bank reads {:?}", given.text().await?));
    let path = format!("{shares}/{}", text(&share["id"]));
    let ended = company.send((Method::DELETE, &path), &[], Vec::new()).await?;
    ensure!(ended.status() == 204, "the share was not ended");
    let path = format!("{ALL}/{id}/content?purpose=loan_examination");
    let refused = bank.send((Method::GET, &path), &[], Vec::new()).await?;
    ensure!(refused.status() == 404, "the bank reads on: {}", refused.status());
    say("   The company ends it; the bank reads nothing more.");
    Ok(())
}

/// The other way round: the office puts its decision down (処分通知), corrects it, and learns when it was delivered.
async fn answered(company: &Payroll, office: &Payroll, id: &str) -> anyhow::Result<()> {
    const PUT: &str = "/agency/v1/disposition-notices";
    let notice = |words: &str| {
        json!({
            "deposit": id, "kind": "disposition", "title": "法定調書の受理通知書",
            "decided_on": SystemClock.now().date_in_japan().to_string(),
            "content": {
                "media_type": "application/json", "base64": STANDARD.encode(words),
                "sha256": URL_SAFE_NO_PAD.encode(digest(&SHA256, words.as_bytes())),
            },
        })
    };
    let put = async |body: &Value| {
        let key = support::keys::unguessable();
        office.post(PUT, &[("idempotency-key", &key)], body).await
    };
    let mut place = latest(office).await?;
    let first = put(&notice(r#"{"accepted": 1}"#)).await?;
    let mut later = notice(r#"{"accepted": 2}"#);
    (later["kind"], later["supersedes"]) = (json!("correction"), first["id"].clone());
    let last = put(&later).await?;
    say(&format!("8. The office answers by deposit: {}, and corrects it by {}", text(&first["id"]), text(&last["id"])));
    let seen = company.get("/v1/disposition-notices?limit=2").await?;
    ensure!(seen["items"][1]["superseded_by"] == last["id"], "the company does not see that: {seen}");
    let path = format!("/v1/disposition-notices/{}/content", text(&last["id"]));
    let given = company.send((Method::GET, &path), &[], Vec::new()).await?;
    let receipt = given.headers().get("evidence-receipt").and_then(|told| told.to_str().ok()).unwrap_or("-").to_owned();
    say(&format!("9. The company fetches {:?}; receipt {receipt}", given.text().await?));
    let page = office.get(&format!("/v1/events?limit=100&after={place}")).await?;
    place = page["next"].as_u64().context("no place")?;
    let event = page["events"]
        .as_array()
        .context("no events")?
        .iter()
        .find(|event| event["disposition_notice"] == last["id"] && event["disposition_notice_news"] == "delivered");
    let at = event.context("the office was not told")?["at"].clone();
    say(&format!("   The office is told that it was delivered (到達) at {} (event {place}).", text(&at)));
    Ok(())
}

/// The last place on the company's cursor.
async fn latest(company: &Payroll) -> anyhow::Result<u64> {
    let mut place = 0;
    loop {
        let page = company.get(&format!("/v1/events?limit=100&after={place}")).await?;
        let next = page["next"].as_u64().context("no place")?;
        if next == place {
            return Ok(place);
        }
        place = next;
    }
}

/// What the company was told of its deposits since then.
async fn news(company: &Payroll, place: &mut u64) -> anyhow::Result<Vec<String>> {
    let page = company.get(&format!("/v1/events?limit=100&after={place}")).await?;
    *place = page["next"].as_u64().context("no place")?;
    let news =
        page["events"].as_array().context("no events")?.iter().filter_map(|event| event["deposit_news"].as_str());
    Ok(news.map(str::to_owned).collect())
}

/// The sandbox's cloud is put in a mood.
async fn feel(cloud: &str, mood: &str) -> anyhow::Result<()> {
    let client = reqwest::Client::new();
    client.post(format!("{cloud}/cloud/mood")).json(&json!({"mood": mood})).send().await?.error_for_status()?;
    Ok(())
}
