//! `madoguchi clients usage`: who still calls what.

use super::super::arguments::StorePlace;
use super::super::say;
use super::open;
use crate::domain::ids::ClientId;
use crate::domain::lifecycle::{TABLE, find};
use crate::domain::{Clock as _, SystemClock, Timestamp};
use crate::services::usage::{MOST, first_day};
use anyhow::Context as _;

/// One line for each client and operation; `only_deprecated` leaves out what is not to go.
pub async fn usage(client: Option<&str>, only_deprecated: bool, days: u32, place: &StorePlace) -> anyhow::Result<()> {
    let client = client.map(ClientId::parse).transpose().context("--client is no client's id")?;
    let from = first_day(SystemClock.now(), days);
    let store = open(place).await?;
    let sums = store.sum_usage(client.as_ref(), from, MOST).await?;
    let is_cut = sums.len() >= MOST as usize;
    for sum in sums {
        let retiring = find(TABLE, &sum.operation);
        if only_deprecated && retiring.is_none() {
            continue;
        }
        let moment = |seconds| Timestamp::from_seconds(seconds).rfc3339();
        let fate = match retiring {
            None => String::new(),
            Some(one) => match one.sunset_at {
                Some(at) => format!("\tdeprecated, gone from {}", moment(at)),
                None => format!("\tdeprecated since {}", moment(one.deprecated_at)),
            },
        };
        say(&format!("{}\t{}\t{}\tlast {}{fate}", sum.client, sum.operation, sum.calls, sum.last_day));
    }
    anyhow::ensure!(!is_cut, "there are more than {MOST} lines: name a --client");
    Ok(())
}
