//! An inbox shows a citizen who asked whom for what about them (やりとり履歴), and who read through this counter.
//!
//! ```text
//! cargo run -- dev                                      # in one terminal
//! cargo run --example my_records -- --auto              # in another: plays the citizen's browser too
//! cargo run --example my_records                        # prints the address to open
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use clap::Parser;
use reqwest::Method;
use serde_json::Value;
use support::files::ClientFile;
use support::person::Person;
use support::say;
use support::third_party::ThirdParty;

/// An inbox against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    person: Person,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let person = Options::parse().person;
    let inbox = ThirdParty::open(ClientFile::read(&person.directory, "inbox")?).await?;
    say("1. The citizen agrees that the inbox reads their records, and nothing else.");
    let pending = inbox.push("openid provision_records", &Value::Null).await?;
    let tokens = person.consent(&inbox, pending).await?;
    for n in ["2. The records:", "3. The same once more; what was read a moment ago stands in them by now:"] {
        say(n);
        let told = inbox.call(&tokens, Method::GET, "/v1/provision-records?limit=10", None).await?;
        ensure!(told.status == 200, "they were not told: {}", told.body);
        for one in told.body["items"].as_array().context("no items")? {
            say(&format!("   {}  {}", text(&one["at"]), line(one)));
        }
    }
    Ok(())
}

/// One entry in a line.
fn line(one: &Value) -> String {
    let name = |name: &Value| name["name"]["ja"].as_str().unwrap_or(text(&name["code"])).to_owned();
    let (asked, read) = (&one["provision"], &one["access"]);
    if !asked.is_null() {
        let (who, whom) = (name(&asked["asking_body"]), name(&asked["providing_body"]));
        return format!("{who} → {whom}: {}（{}）", name(&asked["data_set"]), name(&asked["procedure"]));
    }
    let who = read["third_party"]["ja"].as_str().unwrap_or("?");
    let sets =
        read["data_sets"].as_array().map(|sets| sets.iter().map(|set| name(&set["data_set"])).collect::<Vec<_>>());
    match read["records"].as_u64() {
        Some(count) => format!("{who} read {count} entries of this list"),
        None => format!("{who} read {}", sets.unwrap_or_default().join("、")),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
