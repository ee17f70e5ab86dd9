//! The last refresh token of each account at an agency.

use super::SqliteStore;
use crate::domain::{Digest, Fault};
use crate::store::statement::statements;
use crate::store::{AgencyTokenStore, HeldAgencyToken, record};
use async_trait::async_trait;
use rusqlite::{Row, params};

statements! {
    FIND = "SELECT agency, connected, sealed, version FROM agency_tokens WHERE agency = ?1";
    LIST = "SELECT agency, connected, sealed, version FROM agency_tokens WHERE agency > ?1 ORDER BY agency LIMIT 1000";
    /// Versions begin at 1: with none seen, only the first is written.
    PUT = "INSERT INTO agency_tokens (agency, connected, sealed, version) VALUES (?1, ?2, ?3, 1)
        ON CONFLICT (agency) DO UPDATE SET connected = excluded.connected, sealed = excluded.sealed,
            version = agency_tokens.version + 1
        WHERE agency_tokens.version = ?4";
}

fn held(row: &Row<'_>) -> Result<HeldAgencyToken, Fault> {
    Ok(HeldAgencyToken {
        agency: row.get(0)?,
        connected: Digest::from_bytes(row.get(1)?),
        sealed: row.get(2)?,
        version: record::count(row.get(3)?)?,
    })
}

#[async_trait]
impl AgencyTokenStore for SqliteStore {
    async fn find_agency_token(&self, agency: &str) -> Result<Option<HeldAgencyToken>, Fault> {
        self.read(|database| database.find(FIND, [agency], held))
    }

    async fn put_agency_token(&self, next: &HeldAgencyToken) -> Result<bool, Fault> {
        let (next, version) = (next.clone(), record::column(next.version)?);
        self.take(move |database| {
            let values = params![next.agency, next.connected.as_bytes(), next.sealed, version];
            Ok(database.execute(PUT, values)? == 1)
        })
        .await
    }

    async fn list_agency_tokens(&self) -> Result<Vec<HeldAgencyToken>, Fault> {
        self.read(|database| database.list(LIST, [""], held))
    }
}
