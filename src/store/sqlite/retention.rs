//! Erasing by age.

use super::SqliteStore;
use super::checkpoint;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::{Statement, statements};
use crate::store::{RetentionStore, record};
use async_trait::async_trait;
use rusqlite::params;

statements! {
    ERASE_RECEIPTS = "DELETE FROM evidence_records WHERE receipt IN (
        SELECT r.receipt FROM evidence_records r JOIN evidence_leaves l ON l.receipt = r.receipt
        WHERE r.at < ?1 LIMIT ?2)";
    COUNT_RECEIPTS = "SELECT count(*) FROM evidence_records r JOIN evidence_leaves l ON l.receipt = r.receipt
        WHERE r.at < ?1";
    ERASE_ACCESSES = "DELETE FROM accesses WHERE id IN (SELECT id FROM accesses WHERE at < ?1 LIMIT ?2)";
    COUNT_ACCESSES = "SELECT count(*) FROM accesses WHERE at < ?1";
}

impl SqliteStore {
    async fn erase(&self, statement: Statement, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        let erased = self.write(move |database| database.execute(statement, params![until.millis(), limit])).await?;
        Ok(erased as u64)
    }

    fn count_old(&self, statement: Statement, until: Timestamp) -> Result<u64, Fault> {
        let count =
            self.read(|database| database.find(statement, [until.millis()], |row| record::count(row.get(0)?)))?;
        Ok(count.unwrap_or_default())
    }
}

#[async_trait]
impl RetentionStore for SqliteStore {
    async fn erase_receipts(&self, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        self.erase(ERASE_RECEIPTS, until, limit).await
    }

    async fn count_old_receipts(&self, until: Timestamp) -> Result<u64, Fault> {
        self.count_old(COUNT_RECEIPTS, until)
    }

    async fn erase_accesses(&self, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        self.erase(ERASE_ACCESSES, until, limit).await
    }

    async fn count_old_accesses(&self, until: Timestamp) -> Result<u64, Fault> {
        self.count_old(COUNT_ACCESSES, until)
    }

    async fn forget_erased(&self) -> Result<(), Fault> {
        let path = self.path.clone();
        let emptied = tokio::task::spawn_blocking(move || checkpoint::empty_log(&path)).await;
        emptied.map_err(|error| Fault::Internal(format!("the log could not be emptied: {error}")))?
    }
}
