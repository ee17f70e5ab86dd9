//! Clients that are still to be told that a sign-in is over, or what became of a consent.

use super::{PostgresStore, ask};
use crate::domain::{Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::{HeldNotice, NoticeStore};
use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

statements! {
    LEASE = "WITH due AS MATERIALIZED (
            SELECT sign_in_id AS id FROM logout_notices WHERE due_at <= $1
            ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
        UPDATE logout_notices SET due_at = $2, attempts = attempts + 1 FROM due WHERE sign_in_id = due.id
        RETURNING sign_in_id, client_id, subject_id, attempts, created_at, event, grant_id";
    DEFER = "UPDATE logout_notices SET due_at = $3 WHERE sign_in_id = $1 AND attempts = $2";
    DELETE = "DELETE FROM logout_notices WHERE sign_in_id = $1 AND attempts = $2";
}

fn notice(row: &PgRow) -> Result<HeldNotice, Fault> {
    let attempts = u32::try_from(row.try_get::<i64, _>(3)?);
    Ok(HeldNotice {
        sign_in: record::id(row.try_get(0)?)?,
        event: record::event(row.try_get(5)?, row.try_get(6)?)?,
        client: record::id(row.try_get(1)?)?,
        subject: record::id(row.try_get(2)?)?,
        attempts: attempts.map_err(|_| Fault::Internal("a stored notice's attempts are out of range".into()))?,
        created_at: Timestamp::from_millis(row.try_get(4)?),
    })
}

#[async_trait]
impl NoticeStore for PostgresStore {
    async fn lease_notices(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<HeldNotice>, Fault> {
        let lease = ask(LEASE).bind(now.millis()).bind(until.millis()).bind(i64::from(limit));
        lease.fetch_all(&self.pool).await?.iter().map(notice).collect()
    }

    async fn defer_notice(&self, notice: &HeldNotice, until: Timestamp) -> Result<bool, Fault> {
        let defer = ask(DEFER).bind(notice.sign_in.as_str()).bind(i64::from(notice.attempts)).bind(until.millis());
        Ok(defer.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn delete_notice(&self, notice: &HeldNotice) -> Result<bool, Fault> {
        let delete = ask(DELETE).bind(notice.sign_in.as_str()).bind(i64::from(notice.attempts));
        Ok(delete.execute(&self.pool).await?.rows_affected() == 1)
    }
}
