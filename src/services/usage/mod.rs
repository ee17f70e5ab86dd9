//! Who calls what: how often each client called each operation on each day, and which of it is to go.
//!
//! What for: an operation can be taken out of service only when one knows who still calls it, and a client's owner should know
//! before its software fails.
//!
//! How it flows: the edge counts each call that was let in, in memory ([`Usage::count`]); [`Usage::flush_forever`] adds what was
//! counted to the store every ten seconds, in one write; a store that is away loses nothing, the counts wait. A process that is
//! killed loses what it counted since its last write, ten seconds of calls at most. [`Usage::view`] tells a client its own.
//!
//! How to add one more: what is counted is [`UsageCount`]; what is told of it, [`OperationUsage`].
//!
//! What it must never do: ask the store while a call waits to be let in; count by person; tell one client of another.

use crate::domain::ids::ClientId;
use crate::domain::lifecycle::{Retiring, find};
use crate::domain::usage::{UsageCount, UsageSum};
use crate::domain::{Clock, Failure, Fault, Refusal, Timestamp};
use crate::gateway::{Operation, Permit};
use crate::services::turns::forever;
use crate::store::Store;
use chrono::{Days, NaiveDate};
use dashmap::DashMap;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// How often what was counted is written down.
const FLUSH: Duration = Duration::from_secs(10);
/// For how many days it is kept.
pub const KEPT_DAYS: u32 = 400;
/// How many days are told of when nobody says.
pub const TOLD_DAYS: u32 = 90;
/// Most lines of a report.
pub const MOST: u32 = 10_000;

/// Whose, which, when.
type Place = (ClientId, &'static str, NaiveDate);

/// Who calls what.
pub struct Usage {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    table: &'static [Retiring],
    counts: DashMap<Place, u64>,
}

/// Which operations a client called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsageReport {
    /// The first day that is counted, as Japan counts days; today is the last.
    #[schema(format = "date", example = "2026-08-24")]
    pub from: String,
    /// By `operationId`.
    pub operations: Vec<OperationUsage>,
}

/// How often one operation was called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperationUsage {
    /// Its `operationId`.
    #[schema(example = "list_data_sets")]
    pub operation: String,
    /// How often it was called with a token that was let in, whatever came of it.
    pub calls: u64,
    /// On which day last.
    #[schema(format = "date", example = "2026-11-21")]
    pub last_day: String,
    /// Since when it is deprecated, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub deprecated_at: Option<String>,
    /// From when it answers no more, if that is decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub sunset_at: Option<String>,
    /// The `operationId` of what takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub successor: Option<String>,
}

impl OperationUsage {
    fn of(sum: UsageSum, table: &'static [Retiring]) -> Self {
        let retiring = find(table, &sum.operation);
        let moment = |seconds| Timestamp::from_seconds(seconds).rfc3339();
        Self {
            calls: sum.calls,
            last_day: sum.last_day.to_string(),
            deprecated_at: retiring.map(|one| moment(one.deprecated_at)),
            sunset_at: retiring.and_then(|one| one.sunset_at).map(moment),
            successor: retiring.and_then(|one| one.successor).map(str::to_owned),
            operation: sum.operation,
        }
    }
}

impl Usage {
    /// Nothing is counted yet. `table` says what is to go.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, table: &'static [Retiring]) -> Self {
        Self { store, clock, table, counts: DashMap::new() }
    }

    /// The entry of an operation that is to go.
    #[must_use]
    pub fn retiring(&self, operation: &Operation) -> Option<&'static Retiring> {
        find(self.table, operation.id)
    }

    /// Whether an operation is there still.
    ///
    /// # Errors
    /// `operation_gone` after its sunset, naming what takes its place.
    pub fn check(&self, operation: &Operation) -> Result<(), Refusal> {
        let Some(gone) = self.retiring(operation).filter(|one| one.is_gone(self.clock.now())) else { return Ok(()) };
        let instead = gone.successor.map(|id| format!(" Use {id} instead.")).unwrap_or_default();
        let words = format!("{} is not served any more.{instead} See {}.", gone.operation, gone.link);
        Err(Refusal::new("operation_gone", words))
    }

    /// A call was let in.
    pub fn count(&self, client: &ClientId, operation: &Operation) {
        let day = self.clock.now().date_in_japan();
        *self.counts.entry((client.clone(), operation.id, day)).or_default() += 1;
    }

    /// Writes down what was counted; what could not be written stays counted.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn flush(&self) -> Result<(), Fault> {
        let places: Vec<Place> = self.counts.iter().map(|entry| entry.key().clone()).collect();
        // Taken out one by one: what is counted meanwhile begins anew.
        let taken: Vec<(Place, u64)> = places.iter().filter_map(|place| self.counts.remove(place)).collect();
        if taken.is_empty() {
            return Ok(());
        }
        let count = |((client, operation, day), calls): &(Place, u64)| UsageCount {
            client: client.clone(),
            operation: (*operation).to_owned(),
            day: *day,
            calls: *calls,
        };
        let counts: Vec<UsageCount> = taken.iter().map(count).collect();
        let written = self.store.add_usage(&counts).await;
        if written.is_err() {
            for (place, calls) in taken {
                *self.counts.entry(place).or_default() += calls;
            }
        }
        written
    }

    /// Writes it down again and again, and forgets what is older than it is kept.
    pub async fn flush_forever(self: Arc<Self>) {
        let turn = || async {
            self.flush().await?;
            let gone = self.store.delete_usage(first_day(self.clock.now(), KEPT_DAYS)).await?;
            Ok(gone > 0)
        };
        forever(FLUSH, "who called what could not be written down", turn).await;
    }

    /// What the caller's own client called.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter; a fault when the store is away.
    pub async fn view(&self, permit: &Permit, query: &str) -> Result<UsageReport, Failure> {
        let days = days(query)?;
        // So that the caller finds what this node counted; other nodes' last seconds may be missing.
        self.flush().await?;
        let from = first_day(self.clock.now(), days);
        let sums = self.store.sum_usage(Some(&permit.client().id), from, MOST).await?;
        let operations = sums.into_iter().map(|sum| OperationUsage::of(sum, self.table)).collect();
        Ok(UsageReport { from: from.to_string(), operations })
    }
}

/// The first of so many days that end today.
#[must_use]
pub fn first_day(now: Timestamp, days: u32) -> NaiveDate {
    let today = now.date_in_japan();
    today.checked_sub_days(Days::new(u64::from(days.saturating_sub(1)))).unwrap_or(today)
}

fn days(query: &str) -> Result<u32, Refusal> {
    let mut days = TOLD_DAYS;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let read = value.parse().ok().filter(|days| (1..=KEPT_DAYS).contains(days));
        match (&*name, read) {
            ("days", Some(read)) => days = read,
            ("days", None) => {
                return Err(Refusal::new("invalid_value", format!("Give 1 to {KEPT_DAYS} days.")).at("days"));
            }
            _ => return Err(Refusal::new("invalid_value", "There is only the parameter `days`.").at("query")),
        }
    }
    Ok(days)
}
