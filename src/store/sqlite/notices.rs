//! Clients that are still to be told that a sign-in is over, or what became of a consent.

use super::SqliteStore;
use crate::domain::{Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::{HeldNotice, NoticeStore};
use async_trait::async_trait;
use rusqlite::params;

statements! {
    /// Asked first: most of the time nothing is due, and the writer need not be troubled.
    IS_DUE = "SELECT 1 FROM logout_notices WHERE due_at <= ?1 LIMIT 1";
    LEASE = "UPDATE logout_notices SET due_at = ?2, attempts = attempts + 1 WHERE sign_in_id IN (
        SELECT sign_in_id FROM logout_notices WHERE due_at <= ?1 ORDER BY due_at LIMIT ?3)
        RETURNING sign_in_id, client_id, subject_id, attempts, created_at, event, grant_id";
    DEFER = "UPDATE logout_notices SET due_at = ?3 WHERE sign_in_id = ?1 AND attempts = ?2";
    DELETE = "DELETE FROM logout_notices WHERE sign_in_id = ?1 AND attempts = ?2";
}

#[async_trait]
impl NoticeStore for SqliteStore {
    async fn lease_notices(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<HeldNotice>, Fault> {
        if self.read(|database| database.find(IS_DUE, [now.millis()], |_| Ok(())))?.is_none() {
            return Ok(Vec::new());
        }
        self.write(move |database| {
            database.list(LEASE, params![now.millis(), until.millis(), limit], |row| {
                Ok(HeldNotice {
                    sign_in: record::id(row.get(0)?)?,
                    event: record::event(row.get(5)?, row.get(6)?)?,
                    client: record::id(row.get(1)?)?,
                    subject: record::id(row.get(2)?)?,
                    attempts: row.get(3)?,
                    created_at: Timestamp::from_millis(row.get(4)?),
                })
            })
        })
        .await
    }

    async fn defer_notice(&self, notice: &HeldNotice, until: Timestamp) -> Result<bool, Fault> {
        let (id, attempts) = (notice.sign_in.clone(), notice.attempts);
        self.take(move |database| Ok(database.execute(DEFER, params![id.as_str(), attempts, until.millis()])? == 1))
            .await
    }

    async fn delete_notice(&self, notice: &HeldNotice) -> Result<bool, Fault> {
        let (id, attempts) = (notice.sign_in.clone(), notice.attempts);
        self.take(move |database| Ok(database.execute(DELETE, params![id.as_str(), attempts])? == 1)).await
    }
}
