//! A bank examines a loan: the citizen agrees, the bank reads the income data, the citizen sees it and revokes.
//!
//! ```text
//! cargo run -- dev                                          # in one terminal
//! cargo run --example loan_application                      # in another: prints the address to open
//! cargo run --example loan_application -- --auto            # plays the citizen's browser too
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is; a key's point has one size")]

mod support;

use anyhow::ensure;
use clap::Parser;
use reqwest::Method;
use serde_json::{Value, json};
use support::browser::Page;
use support::files::ClientFile;
use support::person::Person;
use support::say;
use support::third_party::{Answer, ThirdParty, Tokens};

/// A bank's loan application against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    person: Person,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let bank = ThirdParty::open(ClientFile::read(&options.person.directory, "loan_bank")?).await?;
    say("1. The bank pushes what it asks for: income of 2025, two items of it optional.");
    let pending = bank.push("openid self_information", &wanted(&bank)).await?;

    let mut citizen = options.person.citizen()?;
    say("2. The citizen signs in with a card, reads the consent page, and agrees.");
    let tokens = options.person.consent_as(&mut citizen, (&bank, pending), print_consent).await?;
    say(&format!("   The bank knows the person only as {}.", tokens.subject.as_deref().unwrap_or("nobody")));

    say("3. The bank retrieves, with a token bound to its key and a fresh proof.");
    let answer = retrieve(&bank, &tokens).await?;
    ensure!(answer.status == 200, "the retrieval did not succeed ({}): {}", answer.status, answer.body);
    print_results(&answer.body);

    if options.person.auto {
        say("4. The citizen looks at the dashboard.");
        let dashboard = citizen.dashboard(&bank.file.issuer).await?;
        print_dashboard(&dashboard);
        say("5. The citizen revokes.");
        citizen.revoke_all(&dashboard).await?;
    } else {
        say(&format!(
            "4. Open {}/dashboard, look at the access, and revoke it. Then press Enter here.",
            bank.file.issuer
        ));
        tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await??;
    }
    let refused = retrieve(&bank, &tokens).await?;
    say(&format!("6. The bank calls once more and is answered {}:", refused.status));
    say(&format!(
        "   {}: {}",
        refused.body["code"].as_str().unwrap_or("?"),
        refused.body["detail"].as_str().unwrap_or("?")
    ));
    ensure!(refused.status == 401, "a revoked grant must be refused, and was not");
    Ok(())
}

/// The authorization_details (RFC 9396): what, what for, how long.
fn wanted(bank: &ThirdParty) -> Value {
    json!([{
        "type": "self_information",
        "purpose": bank.file.purpose,
        "data_sets": [{
            "code": INCOME,
            "items": ["0200000010", "0200000020", "0200000030", "0200000050"],
            "optional_items": ["0200000040", "0200000230"],
        }],
        "access_days": 30,
    }])
}

/// 地方税関係情報: income and local tax.
const INCOME: &str = "TM00000000000002";

async fn retrieve(bank: &ThirdParty, tokens: &Tokens) -> anyhow::Result<Answer> {
    let body = json!({"data_sets": [{"code": INCOME, "condition": {"kind": "tax_year", "year": 2025}}]});
    bank.call(tokens, Method::POST, "/v1/self-information-requests", Some(&body)).await
}

fn print_consent(page: &Page) {
    for line in page.texts("main h1").into_iter().chain(page.texts("main legend, main h2")) {
        say(&format!("   | {line}"));
    }
}

fn print_results(body: &Value) {
    for line in support::show::results(body) {
        say(&format!("   {line}"));
    }
}

fn print_dashboard(page: &Page) {
    for line in page.texts("main article h2, main article h3, main li, main tbody tr") {
        say(&format!("   | {line}"));
    }
}
