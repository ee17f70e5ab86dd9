//! Who called what, by day.

use super::SqliteStore;
use crate::domain::Fault;
use crate::domain::ids::ClientId;
use crate::domain::usage::{UsageCount, UsageSum};
use crate::store::statement::statements;
use crate::store::{UsageStore, published, record};
use async_trait::async_trait;
use chrono::NaiveDate;
use rusqlite::{Row, params};

statements! {
    ADD = "INSERT INTO client_usage (client_id, operation, day, calls) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (client_id, operation, day) DO UPDATE SET calls = client_usage.calls + excluded.calls";
    SUM = "SELECT client_id, operation, sum(calls), max(day) FROM client_usage
        WHERE client_id >= ?1 AND client_id <= ?2 AND day >= ?3
        GROUP BY client_id, operation ORDER BY client_id, operation LIMIT ?4";
    DELETE = "DELETE FROM client_usage WHERE rowid IN (SELECT rowid FROM client_usage WHERE day < ?1 LIMIT 1000)";
}

fn sum(row: &Row<'_>) -> Result<UsageSum, Fault> {
    published::usage_sum((row.get(0)?, row.get(1)?), row.get(2)?, &row.get::<_, String>(3)?)
}

#[async_trait]
impl UsageStore for SqliteStore {
    async fn add_usage(&self, counts: &[UsageCount]) -> Result<(), Fault> {
        let counts = counts.to_vec();
        self.write(move |database| {
            counts.iter().try_for_each(|one| {
                let day = one.day.to_string();
                let values = params![one.client.as_str(), one.operation, day, record::column(one.calls)?];
                database.execute(ADD, values).map(drop)
            })
        })
        .await
    }

    async fn sum_usage(&self, of: Option<&ClientId>, from: NaiveDate, limit: u32) -> Result<Vec<UsageSum>, Fault> {
        let (first, last) = published::span_of(of);
        self.read(|database| database.list(SUM, params![first, last, from.to_string(), limit], sum))
    }

    async fn delete_usage(&self, from: NaiveDate) -> Result<u64, Fault> {
        self.write(move |database| Ok(database.execute(DELETE, [from.to_string()])? as u64)).await
    }
}
