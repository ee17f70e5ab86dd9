//! The last refresh token of each account at an agency.

use super::evidence::digest;
use super::{PostgresStore, ask};
use crate::domain::Fault;
use crate::store::statement::statements;
use crate::store::{AgencyTokenStore, HeldAgencyToken, record};
use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

statements! {
    FIND = "SELECT agency, connected, sealed, version FROM agency_tokens WHERE agency = $1";
    LIST = "SELECT agency, connected, sealed, version FROM agency_tokens WHERE agency > $1 ORDER BY agency LIMIT 1000";
    /// Versions begin at 1: with none seen, only the first is written.
    PUT = "INSERT INTO agency_tokens (agency, connected, sealed, version) VALUES ($1, $2, $3, 1)
        ON CONFLICT (agency) DO UPDATE SET connected = excluded.connected, sealed = excluded.sealed,
            version = agency_tokens.version + 1
        WHERE agency_tokens.version = $4";
}

fn held(row: &PgRow) -> Result<HeldAgencyToken, Fault> {
    Ok(HeldAgencyToken {
        agency: row.try_get(0)?,
        connected: digest(row, 1)?,
        sealed: row.try_get(2)?,
        version: record::count(row.try_get(3)?)?,
    })
}

#[async_trait]
impl AgencyTokenStore for PostgresStore {
    async fn find_agency_token(&self, agency: &str) -> Result<Option<HeldAgencyToken>, Fault> {
        ask(FIND).bind(agency).fetch_optional(&self.pool).await?.as_ref().map(held).transpose()
    }

    async fn put_agency_token(&self, next: &HeldAgencyToken) -> Result<bool, Fault> {
        let put = ask(PUT).bind(&next.agency).bind(next.connected.as_bytes().as_slice()).bind(&next.sealed);
        let put = put.bind(record::column(next.version)?).execute(&self.pool).await?;
        Ok(put.rows_affected() == 1)
    }

    async fn list_agency_tokens(&self) -> Result<Vec<HeldAgencyToken>, Fault> {
        ask(LIST).bind("").fetch_all(&self.pool).await?.iter().map(held).collect()
    }
}
