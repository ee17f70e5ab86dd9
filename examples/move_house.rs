//! A family moves (引越し): one input, five applications, two municipalities. At the one that they leave they move out
//! (転出届) and child allowance ends; at the one that they move to they announce themselves (転入届), claim the allowance,
//! and the certification of need for care goes on.
//!
//! ```text
//! cargo run -- dev                                   # in one terminal
//! cargo run --example move_house                     # in another: prints the address to open
//! cargo run --example move_house -- --auto           # plays the citizen's browser too
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use clap::Parser;
use reqwest::Method;
use serde_json::{Value, json};
use support::files::ClientFile;
use support::payroll::Payroll;
use support::person::Person;
use support::third_party::ThirdParty;
use support::{say, text};

/// A family app and two made-up municipalities, against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    person: Person,
}

/// What is handed in.
const MOVE: &str = include_str!("support/move_house.json");
const RECEIVED: &str = "/agency/v1/applications";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let directory = &options.person.directory;
    let left = Payroll::open_for(directory, "nursery_desk", "agency_applications").await?;
    let entered = Payroll::open_for(directory, "town_desk", "agency_applications").await?;
    let party = ThirdParty::open(ClientFile::read(directory, "family_app")?).await?;
    let pending = party.push("openid applications", &Value::Null).await?;
    say("1. The parent signs in with a card, and lets the app apply to municipalities.");
    let tokens = options.person.consent(&party, pending).await?;

    let mut half: Value = serde_json::from_str(MOVE)?;
    half["common"]["phone"] = json!("none");
    let address = "/v1/application-batches";
    let refused = party.call(&tokens, Method::POST, address, Some(&half)).await?;
    ensure!(refused.status == 422, "it was not refused: {:#}", refused.body);
    let place = text(&refused.body["pointer"]);
    say(&format!("2. A slip in what all have in common is told once, by its place: {place}. Nothing was handed in."));

    let body: Value = serde_json::from_str(MOVE)?;
    let arrived = party.call(&tokens, Method::POST, address, Some(&body)).await?;
    ensure!(arrived.status == 201, "it was refused ({}): {:#}", arrived.status, arrived.body);
    let all = arrived.body["applications"].as_array().context("no applications")?;
    say(&format!("3. One input, {} applications, each with its own arrival number (到達番号):", all.len()));
    for one in all {
        let (procedure, place) = (text(&one["procedure"]), text(&one["municipality"]));
        say(&format!("   {}  {procedure:<32} at {place}", text(&one["arrival_number"])));
    }
    for (desk, name) in [(&left, "that they leave"), (&entered, "that they move to")] {
        let mut own = 0;
        let (mut after, numbers) = (0, all.iter().map(|one| &one["arrival_number"]).collect::<Vec<_>>());
        loop {
            let page = desk.get(&format!("{RECEIVED}?after={after}")).await?;
            let items = page["items"].as_array().context("no list")?;
            own += items.iter().filter(|item| numbers.contains(&&item["arrival_number"])).count();
            after = page["next"].as_u64().context("no next")?;
            if items.is_empty() {
                break;
            }
        }
        say(&format!("4. The municipality {name} has {own} of them, and sees no other."));
    }
    let own = format!("{address}/{}", text(&arrived.body["id"]));
    let batch = party.call(&tokens, Method::GET, &own, None).await?;
    ensure!(batch.status == 200, "the batch is not there: {:#}", batch.body);
    say("5. The batch is there to be looked at; each application goes its own way.");
    Ok(())
}
