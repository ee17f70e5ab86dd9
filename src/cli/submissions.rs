//! `madoguchi submissions`: what waits for a person, and what that person decides.

use super::arguments::StorePlace;
use super::bar::{Bar, Bars, Looks};
use super::{clients, say};
use crate::domain::ids::{ClientId, DeliveryId, SubmissionId};
use crate::domain::submission::{ArrivalNumber, Delivery, Submission, SubmissionState};
use crate::domain::{SystemClock, Timestamp};
use crate::store::{AgencyLoad, Before, Store, SubmissionFilter};
use crate::submissions::Desk;
use anyhow::Context as _;
use clap::Subcommand;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, Subcommand)]
pub enum SubmissionsCommand {
    /// List the deliveries that wait for a person; with --client, what that client filed.
    List {
        /// The client's id.
        #[arg(long, value_name = "CLIENT")]
        client: Option<String>,
        /// Only filings that stand so as a whole.
        #[arg(long, value_name = "STATE", value_parser = state, requires = "client")]
        state: Option<SubmissionState>,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Tell how much is under way at each agency.
    Progress {
        /// Tell it every two seconds, by a bar for each agency where it is a terminal, until nothing waits to be sent but what
        /// waits for a person.
        #[arg(long)]
        follow: bool,
        #[command(flatten)]
        looks: Looks,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Show a filing with its deliveries and what was found.
    Show {
        /// The filing's id, or a delivery's.
        id: String,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Hold a delivery that is not with its agency until you let it go on.
    Park {
        /// The delivery's id.
        id: String,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Let a parked delivery go on. When its outcome was unknown, ask the agency for its reference first (see `show`): this
    /// says that the agency does not have it.
    Retry {
        /// The delivery's id.
        id: String,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Say that the agency has a parked delivery, under this number.
    Arrived {
        /// The delivery's id.
        id: String,
        /// The agency's number (到達番号).
        #[arg(long, value_name = "NUMBER")]
        number: String,
        #[command(flatten)]
        place: StorePlace,
    },
}

/// Lines asked for at a time.
const BATCH: u32 = 100;
/// How often progress is told.
const FOLLOW: Duration = Duration::from_secs(2);

/// Runs one of the commands.
pub async fn run(command: SubmissionsCommand) -> anyhow::Result<()> {
    match command {
        SubmissionsCommand::List { client: None, place, .. } => waiting(&*clients::open(&place).await?).await,
        SubmissionsCommand::List { client: Some(client), state, place } => {
            filed(&*clients::open(&place).await?, &client, state).await
        }
        SubmissionsCommand::Progress { follow, looks, place } => {
            let bars = Bars::new(Looks { no_progress: looks.no_progress || !follow });
            progress(&*clients::open(&place).await?, follow, bars).await
        }
        SubmissionsCommand::Show { id, place } => show(&*clients::open(&place).await?, &id).await,
        SubmissionsCommand::Park { id, place } => {
            let one = desk(&place).await?.park(&delivery(&id)?).await?;
            say(&format!("{} is parked; let it go on with `madoguchi submissions retry {}`", one.id, one.id));
            Ok(())
        }
        SubmissionsCommand::Retry { id, place } => {
            let one = desk(&place).await?.retry(&delivery(&id)?).await?;
            say(&format!("{} goes on, from {}", one.id, one.state.as_str()));
            Ok(())
        }
        SubmissionsCommand::Arrived { id, number, place } => {
            let number = ArrivalNumber::parse(&number).context("a number is 1 to 64 letters, digits and hyphens")?;
            let one = desk(&place).await?.arrived(&delivery(&id)?, &number).await?;
            say(&format!("{} is {}", one.id, one.state.as_str()));
            Ok(())
        }
    }
}

/// Reads a state.
pub fn state(text: &str) -> Result<SubmissionState, String> {
    let known = || SubmissionState::ALL.map(SubmissionState::as_str).join(", ");
    SubmissionState::parse(text).ok_or_else(|| format!("it must be one of {}", known()))
}

async fn desk(place: &StorePlace) -> anyhow::Result<Desk> {
    Ok(Desk::new(clients::open(place).await?, Arc::new(SystemClock)))
}

fn delivery(text: &str) -> anyhow::Result<DeliveryId> {
    DeliveryId::parse(text).with_context(|| format!("{text:?} is no delivery's id"))
}

/// What waits for a person.
async fn waiting(store: &dyn Store) -> anyhow::Result<()> {
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let page = store.list_parked(&after, BATCH).await?;
        let Some(last) = page.last() else { break };
        after = last.delivery.id.to_string();
        count += page.len();
        for held in &page {
            say(&line(&held.delivery));
        }
    }
    say(&format!("{count} deliveries wait for a person"));
    Ok(())
}

/// What a client filed, newest first.
async fn filed(store: &dyn Store, client: &str, state: Option<SubmissionState>) -> anyhow::Result<()> {
    let client = ClientId::parse(client).with_context(|| format!("{client:?} is no client's id"))?;
    let filter = SubmissionFilter { client, key: None, state, from: None, to: None };
    let mut before = Before { entry: None, limit: BATCH };
    loop {
        let page = store.list_submissions(&filter, &before).await?;
        let Some(last) = page.last() else { return Ok(()) };
        before.entry = Some((last.accepted_at, last.id.clone()));
        for one in &page {
            say(&heading(one));
        }
    }
}

async fn progress(store: &dyn Store, is_followed: bool, mut bars: Bars) -> anyhow::Result<()> {
    // By agency, the most that waited at once since it was begun: of so many it is told how many do not wait any more.
    let mut most: BTreeMap<String, u64> = BTreeMap::new();
    loop {
        let loads = store.count_deliveries().await?;
        bars.draw(&loads.iter().map(|load| bar(load, &mut most)).collect::<Vec<_>>());
        for load in loads.iter().filter(|_| !bars.are_seen()) {
            let AgencyLoad { agency, to_send, in_review, parked } = load;
            say(&format!("{agency}\tto send {to_send}\tin review {in_review}\tof those waiting for a person {parked}"));
        }
        let waiting: u64 = loads.iter().map(waiting_at).sum();
        if waiting == 0 || !is_followed {
            say(&format!("{waiting} deliveries wait for their turn"));
            return Ok(());
        }
        tokio::time::sleep(FOLLOW).await;
    }
}

/// What waits for its turn, and for no person.
const fn waiting_at(load: &AgencyLoad) -> u64 {
    load.to_send.saturating_sub(load.parked)
}

fn bar(load: &AgencyLoad, most: &mut BTreeMap<String, u64>) -> Bar {
    let waiting = waiting_at(load);
    let all = most.entry(load.agency.clone()).or_default();
    *all = waiting.max(*all);
    let rest = format!(" sent, {} in review, {} for a person", load.in_review, load.parked);
    Bar { rest, ..Bar::new(load.agency.as_str(), *all - waiting, *all) }
}

async fn show(store: &dyn Store, id: &str) -> anyhow::Result<()> {
    let of = match DeliveryId::parse(id).ok().filter(|id| id.as_str().starts_with("dlv_")) {
        Some(id) => store.find_delivery(&id).await?.map(|held| held.delivery.submission),
        None => SubmissionId::parse(id).ok(),
    };
    let unknown = || format!("there is nothing filed under {id:?}");
    let of = of.with_context(unknown)?;
    let found = store.find_submission(&of).await?.with_context(unknown)?;
    say(&heading(&found));
    for held in store.list_deliveries(&[of]).await? {
        say(&line(&held.delivery));
        for finding in &held.delivery.findings {
            let (rule, severity) = (&finding.rule, finding.severity.as_str());
            say(&format!("\t{severity}\t{rule}\t{}\t{}", finding.pointer, finding.words.en));
        }
    }
    Ok(())
}

fn heading(one: &Submission) -> String {
    let (id, client, state) = (&one.id, &one.client, one.state.as_str());
    format!("{id}\t{client}\t{state}\taccepted {}\treceipt {}", one.accepted_at.rfc3339(), one.receipt)
}

fn line(one: &Delivery) -> String {
    let number = one.arrival.as_ref().map_or("-", ArrivalNumber::as_str);
    let tried =
        one.tried_at.map_or_else(|| "never tried".to_owned(), |at: Timestamp| format!("tried {}", at.rfc3339()));
    let parked = one.parked.map_or(String::new(), |why| format!("\tparked: {why:?}, reference {}", one.reference()));
    let (id, agency, state) = (&one.id, &one.agency, one.state.as_str());
    format!("{id}\t{agency}\t{}\t{state}\tnumber {number}\t{tried} ({} times){parked}", one.procedure, one.attempts)
}
