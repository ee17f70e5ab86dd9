//! Disasters (災害) that municipalities record.

use super::SqliteStore;
use super::database::Database;
use crate::domain::disaster::{Disaster, DisasterCode};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::{Statement, statements};
use crate::store::{DisasterStore, record};
use async_trait::async_trait;
use chrono::NaiveDate;
use rusqlite::{Row, params};

statements! {
    INSERT = "INSERT INTO disasters (municipality, code, version, closed_at, apply_until, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (municipality, code) DO NOTHING";
    FIND = "SELECT body FROM disasters WHERE municipality = ?1 AND code = ?2";
    LIST = "SELECT body FROM disasters WHERE municipality = ?1 AND code > ?2 ORDER BY code LIMIT ?3";
    LIST_OPEN = "SELECT body FROM disasters WHERE municipality = ?1 AND code > ?2 AND closed_at IS NULL
            AND (apply_until IS NULL OR apply_until >= ?4) ORDER BY code LIMIT ?3";
    UPDATE = "UPDATE disasters SET version = ?3, closed_at = ?4, apply_until = ?5, body = ?6
        WHERE municipality = ?1 AND code = ?2 AND version = ?3 - 1 AND closed_at IS NULL";
}

fn disaster(row: &Row<'_>) -> Result<Disaster, Fault> {
    let body: String = row.get(0)?;
    record::read("disaster", &body)
}

/// True where it wrote.
fn write(database: Database<'_>, statement: Statement, one: &Disaster) -> Result<bool, Fault> {
    let closed_at = one.closed_at.map(Timestamp::millis);
    let apply_until = one.details.apply_until.map(|day| day.to_string());
    let (code, version) = (one.code.as_str(), record::column(one.version)?);
    let values = params![one.municipality, code, version, closed_at, apply_until, record::write(one)?];
    Ok(database.execute(statement, values)? == 1)
}

#[async_trait]
impl DisasterStore for SqliteStore {
    async fn insert_disaster(&self, new: &Disaster) -> Result<bool, Fault> {
        let new = new.clone();
        self.take(move |database| write(database, INSERT, &new)).await
    }

    async fn find_disaster(&self, municipality: &str, code: &DisasterCode) -> Result<Option<Disaster>, Fault> {
        self.read(|database| database.find(FIND, params![municipality, code.as_str()], disaster))
    }

    async fn list_disasters(
        &self,
        municipality: &str,
        open_on: Option<NaiveDate>,
        (after, limit): (&str, u32),
    ) -> Result<Vec<Disaster>, Fault> {
        self.read(|database| match open_on {
            Some(day) => database.list(LIST_OPEN, params![municipality, after, limit, day.to_string()], disaster),
            None => database.list(LIST, params![municipality, after, limit], disaster),
        })
    }

    async fn update_disaster(&self, next: &Disaster) -> Result<bool, Fault> {
        let next = next.clone();
        self.take(move |database| write(database, UPDATE, &next)).await
    }
}
