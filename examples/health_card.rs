//! A prefecture's health app makes a citizen's Individual Number Card known as their health insurance card (健康保険証利用), in one
//! consent, and ends that again.
//!
//! ```text
//! cargo run -- dev                                      # in one terminal
//! cargo run --example health_card -- --auto             # in another: plays the citizen's browser too
//! cargo run --example health_card                       # prints the address to open
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::ensure;
use clap::Parser;
use reqwest::Method;
use serde_json::Value;
use support::files::ClientFile;
use support::person::Person;
use support::say;
use support::third_party::ThirdParty;

const REGISTRATION: &str = "/v1/health-insurance-registration";

/// A health app against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    person: Person,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let person = Options::parse().person;
    let app = ThirdParty::open(ClientFile::read(&person.directory, "vaccination_app")?).await?;
    say("1. The citizen signs in with the card, and agrees once to all three steps.");
    let pending = app.push("openid health_insurance", &Value::Null).await?;
    let tokens = person.consent(&app, pending).await?;
    let call = async |method: Method| app.call(&tokens, method, REGISTRATION, None).await;
    let before = call(Method::GET).await?;
    say(&format!("2. Before: {}.", before.body["state"]));
    let done = call(Method::PUT).await?;
    ensure!(done.status == 200, "it was not registered: {}", done.body);
    say(&format!("3. The card is {} since {}; no number was told.", done.body["state"], done.body["registered_at"]));
    let again = call(Method::PUT).await?;
    ensure!(again.body == done.body, "said twice, it was done twice: {}", again.body);
    say("4. Said again, it is the same: it is registered once.");
    let ended = call(Method::DELETE).await?;
    ensure!(ended.status == 204, "it was not ended: {}", ended.body);
    say(&format!("5. The citizen ends it: {}.", call(Method::GET).await?.body["state"]));
    Ok(())
}
