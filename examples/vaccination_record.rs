//! A prefecture's health app keeps a vaccination record: one consent, then a refresh token, no citizen present.
//!
//! ```text
//! cargo run -- dev                                            # in one terminal
//! cargo run --example vaccination_record                      # in another: prints the address to open
//! cargo run --example vaccination_record -- --auto            # plays the citizen's browser too
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is; a key's point has one size")]

mod support;

use anyhow::ensure;
use clap::Parser;
use madoguchi::domain::{Clock, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};
use support::files::ClientFile;
use support::person::Person;
use support::say;
use support::third_party::{ThirdParty, Tokens};

/// A prefecture's health app against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    person: Person,
}

/// 予防接種: vaccinations.
const VACCINATION: &str = "TM00000000000084";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let app = ThirdParty::open(ClientFile::read(&options.person.directory, "vaccination_app")?).await?;
    let tokens = consent(&app, &options.person).await?;
    say(&format!("2. The app knows the person only as {}.", tokens.subject.as_deref().unwrap_or("nobody")));

    say("3. It retrieves the vaccinations of the last ten years; the law keeps five.");
    print_record(&retrieve(&app, &tokens).await?);

    say("4. A month later, with no citizen present, it refreshes; the refresh token stays the same.");
    let renewed = app.refresh(&tokens).await?;
    ensure!(renewed.refresh == tokens.refresh, "FAPI 2.0 refresh tokens do not rotate");
    ensure!(renewed.access != tokens.access, "a refresh gives a new access token");
    let again = retrieve(&app, &renewed).await?;
    say(&format!("   It retrieved again: {}.", again["data_sets"][0]["outcome"].as_str().unwrap_or("?")));
    Ok(())
}

async fn consent(app: &ThirdParty, person: &Person) -> anyhow::Result<Tokens> {
    let details = json!([{
        "type": "self_information",
        "purpose": app.file.purpose,
        "data_sets": [{"code": VACCINATION, "items": ["8400000010", "8400000020", "8400000030", "8400000050", "8400000100"]}],
        "access_days": 90,
    }]);
    let pending = app.push("openid offline_access self_information", &details).await?;
    say("1. The citizen signs in with a card and agrees for ninety days.");
    person.consent(app, pending).await
}

async fn retrieve(app: &ThirdParty, tokens: &Tokens) -> anyhow::Result<Value> {
    let today = SystemClock.now().date_in_japan();
    let from = today - chrono::Months::new(120);
    let condition = json!({"kind": "range", "from": from.to_string(), "to": today.to_string()});
    let body = json!({"data_sets": [{"code": VACCINATION, "condition": condition}]});
    let answer = app.call(tokens, Method::POST, "/v1/self-information-requests", Some(&body)).await?;
    ensure!(answer.status == 200, "the retrieval did not succeed ({}): {}", answer.status, answer.body);
    Ok(answer.body)
}

fn print_record(body: &Value) {
    for line in support::show::results(body) {
        say(&format!("   {line}"));
    }
}
