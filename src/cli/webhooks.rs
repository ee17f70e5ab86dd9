//! `madoguchi webhooks`: what clients could not be told, sent again.

use super::arguments::StorePlace;
use super::bar::{Bar, Bars, Looks};
use super::{clients, say};
use crate::domain::ids::ClientId;
use crate::domain::webhook::WebhookMessage;
use crate::domain::{Clock as _, SystemClock, Timestamp};
use crate::store::Store;
use chrono::NaiveDate;
use clap::{Args, Subcommand};

/// Messages looked at in one step.
const BATCH: u32 = 100;

#[derive(Debug, Subcommand)]
pub enum WebhooksCommand {
    /// Send again what clients could not be told in five days (dead letters), in the order of their ids. Running nodes send
    /// it, as often as anything new; what dies meanwhile is not taken up a second time.
    Replay {
        #[command(flatten)]
        whose: Whose,
        /// Only what happened, or was last sent again, on this day of Japan or later.
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
        since: Option<Timestamp>,
        /// Only count it.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        looks: Looks,
        #[command(flatten)]
        place: StorePlace,
    },
}

/// Whose dead letters.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Whose {
    /// Those of one client.
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    /// Those of all clients.
    #[arg(long)]
    all: bool,
}

/// The first moment of a day in Japan.
fn day(text: &str) -> Result<Timestamp, String> {
    let day: Option<NaiveDate> = Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
    day.and_then(Timestamp::of_day_in_japan).ok_or_else(|| "give a day as YYYY-MM-DD".to_owned())
}

/// Runs one of the commands.
pub async fn run(command: WebhooksCommand) -> anyhow::Result<()> {
    let WebhooksCommand::Replay { whose, since, dry_run, looks, place } = command;
    let store = &*clients::open(&place).await?;
    let known = store.list_clients().await?.into_iter().map(|client| client.id);
    let clients: Vec<ClientId> = match &whose.client {
        None => known.collect(),
        Some(wanted) => {
            let found: Vec<ClientId> = known.filter(|id| id.as_str() == wanted).collect();
            anyhow::ensure!(!found.is_empty(), "no client has the id {wanted:?}");
            found
        }
    };
    let mut waiting = Vec::new();
    for client in clients {
        let count = each(store, (&client, since), async |_| Ok(true)).await?;
        if count > 0 {
            say(&format!("{client}\t{count} dead letters"));
            waiting.push((client, count));
        }
    }
    let all: u64 = waiting.iter().map(|(_, count)| count).sum();
    if dry_run {
        say(&format!("{all} dead letters would be sent again; nothing was changed"));
        return Ok(());
    }
    let (mut bars, mut done) = (Bars::new(looks), 0);
    for (client, _) in waiting {
        let now = SystemClock.now();
        done += each(store, (&client, since), async |message: &WebhookMessage| {
            Ok(store.replay_message(&client, &message.id, now).await?)
        })
        .await?;
        bars.draw(&[Bar::new("dead letters", done, all.max(done))]);
    }
    say(&format!("{done} of {all} dead letters are sent again"));
    Ok(())
}

/// Does something with each dead letter that fits; gives with how many it was done.
async fn each(
    store: &dyn Store,
    (client, since): (&ClientId, Option<Timestamp>),
    act: impl AsyncFn(&WebhookMessage) -> anyhow::Result<bool>,
) -> anyhow::Result<u64> {
    let (mut after, mut done) = (String::new(), 0);
    loop {
        let page = store.list_dead_messages(client, &after, BATCH).await?;
        let Some(last) = page.last() else { return Ok(done) };
        after = last.id.to_string();
        for message in page.iter().filter(|message| since.is_none_or(|since| message.created_at >= since)) {
            done += u64::from(act(message).await?);
        }
    }
}
