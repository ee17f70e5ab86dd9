//! Who called what, by day.

use super::{PostgresStore, ask};
use crate::domain::Fault;
use crate::domain::ids::ClientId;
use crate::domain::usage::{UsageCount, UsageSum};
use crate::store::statement::statements;
use crate::store::{UsageStore, published, record};
use async_trait::async_trait;
use chrono::NaiveDate;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

statements! {
    /// In one order on every node, so that two that add at once do not wait for each other in a circle.
    ADD = "INSERT INTO client_usage (client_id, operation, day, calls)
        SELECT added.client_id, added.operation, added.day, added.calls
        FROM UNNEST($1::text[], $2::text[], $3::text[], $4::bigint[]) AS added (client_id, operation, day, calls)
        ORDER BY 1, 2, 3
        ON CONFLICT (client_id, operation, day) DO UPDATE SET calls = client_usage.calls + excluded.calls";
    SUM = "SELECT client_id, operation, sum(calls)::bigint, max(day) FROM client_usage
        WHERE client_id >= $1 AND client_id <= $2 AND day >= $3
        GROUP BY client_id, operation ORDER BY client_id, operation LIMIT $4";
    DELETE = "DELETE FROM client_usage WHERE (client_id, operation, day) IN (
        SELECT client_id, operation, day FROM client_usage WHERE day < $1 LIMIT 1000)";
}

fn sum(row: &PgRow) -> Result<UsageSum, Fault> {
    published::usage_sum((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?, row.try_get(3)?)
}

#[async_trait]
impl UsageStore for PostgresStore {
    async fn add_usage(&self, counts: &[UsageCount]) -> Result<(), Fault> {
        let clients: Vec<&str> = counts.iter().map(|one| one.client.as_str()).collect();
        let operations: Vec<&str> = counts.iter().map(|one| one.operation.as_str()).collect();
        let days: Vec<String> = counts.iter().map(|one| one.day.to_string()).collect();
        let calls = counts.iter().map(|one| record::column(one.calls)).collect::<Result<Vec<i64>, _>>()?;
        ask(ADD).bind(clients).bind(operations).bind(days).bind(calls).execute(&self.pool).await?;
        Ok(())
    }

    async fn sum_usage(&self, of: Option<&ClientId>, from: NaiveDate, limit: u32) -> Result<Vec<UsageSum>, Fault> {
        let (first, last) = published::span_of(of);
        let asked = ask(SUM).bind(first).bind(last).bind(from.to_string()).bind(i64::from(limit));
        asked.fetch_all(&self.pool).await?.iter().map(sum).collect()
    }

    async fn delete_usage(&self, from: NaiveDate) -> Result<u64, Fault> {
        Ok(ask(DELETE).bind(from.to_string()).execute(&self.pool).await?.rows_affected())
    }
}
