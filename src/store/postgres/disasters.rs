//! Disasters (災害) that municipalities record.

use super::{PostgresStore, ask, body};
use crate::domain::disaster::{Disaster, DisasterCode};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::{Statement, statements};
use crate::store::{DisasterStore, record};
use async_trait::async_trait;
use chrono::NaiveDate;
use sqlx::postgres::PgRow;

statements! {
    INSERT = "INSERT INTO disasters (municipality, code, version, closed_at, apply_until, body)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (municipality, code) DO NOTHING";
    FIND = "SELECT body FROM disasters WHERE municipality = $1 AND code = $2";
    LIST = "SELECT body FROM disasters WHERE municipality = $1 AND code > $2 ORDER BY code LIMIT $3";
    LIST_OPEN = "SELECT body FROM disasters WHERE municipality = $1 AND code > $2 AND closed_at IS NULL
            AND (apply_until IS NULL OR apply_until >= $4) ORDER BY code LIMIT $3";
    UPDATE = "UPDATE disasters SET version = $3, closed_at = $4, apply_until = $5, body = $6
        WHERE municipality = $1 AND code = $2 AND version = $3 - 1 AND closed_at IS NULL";
}

fn disaster(row: &PgRow) -> Result<Disaster, Fault> {
    record::read("disaster", body(row)?)
}

impl PostgresStore {
    /// True where it wrote.
    async fn write_disaster(&self, statement: Statement, one: &Disaster) -> Result<bool, Fault> {
        let write = ask(statement).bind(&one.municipality).bind(one.code.as_str()).bind(record::column(one.version)?);
        let write = write.bind(one.closed_at.map(Timestamp::millis));
        let write = write.bind(one.details.apply_until.map(|day| day.to_string())).bind(record::write(one)?);
        Ok(write.execute(&self.pool).await?.rows_affected() == 1)
    }
}

#[async_trait]
impl DisasterStore for PostgresStore {
    async fn insert_disaster(&self, new: &Disaster) -> Result<bool, Fault> {
        self.write_disaster(INSERT, new).await
    }

    async fn find_disaster(&self, municipality: &str, code: &DisasterCode) -> Result<Option<Disaster>, Fault> {
        let find = ask(FIND).bind(municipality).bind(code.as_str());
        find.fetch_optional(&self.pool).await?.as_ref().map(disaster).transpose()
    }

    async fn list_disasters(
        &self,
        municipality: &str,
        open_on: Option<NaiveDate>,
        (after, limit): (&str, u32),
    ) -> Result<Vec<Disaster>, Fault> {
        let list = |statement| ask(statement).bind(municipality).bind(after).bind(i64::from(limit));
        let rows = match open_on {
            Some(day) => list(LIST_OPEN).bind(day.to_string()).fetch_all(&self.pool).await?,
            None => list(LIST).fetch_all(&self.pool).await?,
        };
        rows.iter().map(disaster).collect()
    }

    async fn update_disaster(&self, next: &Disaster) -> Result<bool, Fault> {
        self.write_disaster(UPDATE, next).await
    }
}
