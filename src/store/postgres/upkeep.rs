//! What keeps the database in order: is it there, does it fit, what is over.

use super::{PostgresStore, STATEMENTS as ALL, ask};
use crate::domain::grant::RevokedBy;
use crate::domain::{Fault, Timestamp};
use crate::store::ending::{Ending, Looked};
use crate::store::statement::{Statement, statements};
use crate::store::{DECOUPLED_KEPT, IDEMPOTENCY_KEPT, PUSHED_REQUEST_GRACE, Upkeep};
use async_trait::async_trait;
use sqlx::{Executor as _, Row as _, SqlSafeStr as _};

/// Rows in one write of the purge, so that no statement runs for long.
const CHUNK: u32 = 500;

statements! {
    PING = "SELECT pg_is_in_recovery()";
    EXPIRE_REQUESTS = "UPDATE requests SET state = 'expired', result = NULL WHERE id IN (
        SELECT id FROM requests WHERE state IN ('accepted', 'completed') AND expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    DELETE_REQUESTS = "DELETE FROM requests WHERE id IN (SELECT id FROM requests
        WHERE state NOT IN ('accepted', 'completed') AND expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    DELETE_PUSHED = "DELETE FROM pushed_requests WHERE digest IN (
        SELECT digest FROM pushed_requests WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    DELETE_INTERACTIONS = "DELETE FROM interactions WHERE id IN (
        SELECT id FROM interactions WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    /// Grants made with a code that nobody presented in time: no older than its life, CODE_LIFE, in milliseconds.
    END_GRANTS = "UPDATE grants SET state = 'revoked', revoked_at = $1, revoked_by = 'not_taken_up' WHERE id IN (
        SELECT grants.id FROM codes JOIN grants ON grants.id = codes.grant_id
        WHERE codes.expires_at <= $1 AND codes.taken_at IS NULL AND grants.state = 'active'
            AND grants.created_at >= codes.expires_at - 60000
        LIMIT $2 FOR UPDATE OF grants SKIP LOCKED)
        RETURNING id, client_id, subject_id";
    DELETE_CODES = "DELETE FROM codes WHERE digest IN (SELECT digest FROM codes WHERE expires_at <= $1
        AND (taken_at IS NULL OR NOT EXISTS (SELECT 1 FROM grants
            WHERE grants.id = codes.grant_id AND grants.state = 'active' AND grants.expires_at > $1))
        LIMIT $2 FOR UPDATE SKIP LOCKED)";
    DELETE_REFRESH_TOKENS = "DELETE FROM refresh_tokens WHERE digest IN (
        SELECT digest FROM refresh_tokens WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    DELETE_ASSERTIONS = "DELETE FROM assertions WHERE digest IN (
        SELECT digest FROM assertions WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    DELETE_SESSIONS = "DELETE FROM sessions WHERE digest IN (
        SELECT digest FROM sessions WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    DELETE_SIGN_INS = "DELETE FROM sign_ins WHERE id IN (
        SELECT id FROM sign_ins WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    DELETE_DECOUPLED = "DELETE FROM decoupled WHERE id IN (
        SELECT id FROM decoupled WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    DELETE_USES = "DELETE FROM consent_uses WHERE (grant_id, span) IN (
        SELECT grant_id, span FROM consent_uses WHERE kept_until <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    DELETE_THRESHOLDS = "DELETE FROM predicate_thresholds WHERE (line, point) IN (
        SELECT line, point FROM predicate_thresholds WHERE kept_until <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    DELETE_DRAFTS = "DELETE FROM submission_drafts WHERE id IN (
        SELECT id FROM submission_drafts WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    DELETE_APPLICATION_DRAFTS = "DELETE FROM application_drafts WHERE id IN (
        SELECT id FROM application_drafts WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    DELETE_GRANTS = "DELETE FROM grants WHERE id IN (
        SELECT id FROM grants WHERE subject_id IS NULL AND expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
}

impl PostgresStore {
    async fn purge_by(&self, statement: Statement, until: Timestamp) -> Result<u64, Fault> {
        let mut gone = 0;
        loop {
            let purge = ask(statement).bind(until.millis()).bind(i64::from(CHUNK));
            let count = purge.execute(&self.pool).await?.rows_affected();
            gone += count;
            if count < u64::from(CHUNK) {
                return Ok(gone);
            }
        }
    }
}

impl PostgresStore {
    async fn end_not_taken_up(&self, at: Timestamp) -> Result<u64, Fault> {
        let mut gone = 0;
        loop {
            let ending = Ending { revoke: END_GRANTS, of: Looked::Few(CHUNK), at, by: RevokedBy::NotTakenUp };
            let count = self.revoke_all(ending).await?.len() as u64;
            gone += count;
            if count < u64::from(CHUNK) {
                return Ok(gone);
            }
        }
    }
}

#[async_trait]
impl Upkeep for PostgresStore {
    fn engine(&self) -> &'static str {
        "postgres"
    }

    async fn ping(&self) -> Result<(), Fault> {
        // A standby answers too, but cannot keep anything: that is not well.
        let row = ask(PING).fetch_one(&self.pool).await?;
        let is_standby: bool = row.try_get(0)?;
        if is_standby { Err(Fault::Unavailable { what: "postgres", source: None }) } else { Ok(()) }
    }

    async fn check_statements(&self) -> Result<usize, Fault> {
        let mut connection = self.pool.acquire().await?;
        let all = ALL.iter().flat_map(|list| list.iter());
        let mut count = 0;
        for statement in all {
            let prepared = connection.prepare(statement.sql().into_sql_str()).await;
            prepared.map_err(|e| Fault::Internal(format!("{e} in: {}", statement.sql())))?;
            count += 1;
        }
        Ok(count)
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, Fault> {
        let mut gone = self.purge_by(EXPIRE_REQUESTS, now).await?;
        gone += self.purge_by(DELETE_REQUESTS, now.minus(IDEMPOTENCY_KEPT)).await?;
        gone += self.purge_by(DELETE_PUSHED, now.minus(PUSHED_REQUEST_GRACE)).await?;
        gone += self.purge_by(DELETE_DECOUPLED, now.minus(DECOUPLED_KEPT)).await?;
        gone += self.end_not_taken_up(now).await?;
        for statement in [
            DELETE_INTERACTIONS,
            DELETE_CODES,
            DELETE_REFRESH_TOKENS,
            DELETE_ASSERTIONS,
            DELETE_SESSIONS,
            DELETE_SIGN_INS,
            DELETE_USES,
            DELETE_THRESHOLDS,
            DELETE_DRAFTS,
            DELETE_APPLICATION_DRAFTS,
            DELETE_GRANTS,
        ] {
            gone += self.purge_by(statement, now).await?;
        }
        gone += self.purge_attachments(now).await?;
        Ok(gone)
    }
}
