//! Erasing by age.

use super::{PostgresStore, ask};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::{Statement, statements};
use crate::store::{RetentionStore, record};
use async_trait::async_trait;
use sqlx::Row as _;

statements! {
    ERASE_RECEIPTS = "DELETE FROM evidence_records WHERE receipt IN (
        SELECT r.receipt FROM evidence_records r JOIN evidence_leaves l ON l.receipt = r.receipt
        WHERE r.at < $1 LIMIT $2 FOR UPDATE OF r SKIP LOCKED)";
    COUNT_RECEIPTS = "SELECT count(*) FROM evidence_records r JOIN evidence_leaves l ON l.receipt = r.receipt
        WHERE r.at < $1";
    ERASE_ACCESSES = "DELETE FROM accesses WHERE id IN (
        SELECT id FROM accesses WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    COUNT_ACCESSES = "SELECT count(*) FROM accesses WHERE at < $1";
}

impl PostgresStore {
    async fn erase(&self, statement: Statement, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        let erase = ask(statement).bind(until.millis()).bind(i64::from(limit));
        Ok(erase.execute(&self.pool).await?.rows_affected())
    }

    async fn count_old(&self, statement: Statement, until: Timestamp) -> Result<u64, Fault> {
        record::count(ask(statement).bind(until.millis()).fetch_one(&self.pool).await?.try_get(0)?)
    }
}

#[async_trait]
impl RetentionStore for PostgresStore {
    async fn erase_receipts(&self, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        self.erase(ERASE_RECEIPTS, until, limit).await
    }

    async fn count_old_receipts(&self, until: Timestamp) -> Result<u64, Fault> {
        self.count_old(COUNT_RECEIPTS, until).await
    }

    async fn erase_accesses(&self, until: Timestamp, limit: u32) -> Result<u64, Fault> {
        self.erase(ERASE_ACCESSES, until, limit).await
    }

    async fn count_old_accesses(&self, until: Timestamp) -> Result<u64, Fault> {
        self.count_old(COUNT_ACCESSES, until).await
    }

    async fn forget_erased(&self) -> Result<(), Fault> {
        Ok(())
    }
}
