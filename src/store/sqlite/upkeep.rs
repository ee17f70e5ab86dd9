//! What keeps the file in order: is it there, does it fit, what is over.

use super::{STATEMENTS as ALL, SqliteStore};
use crate::domain::grant::RevokedBy;
use crate::domain::{Fault, Timestamp};
use crate::store::ending::{Ending, Looked};
use crate::store::statement::{Statement, statements};
use crate::store::{DECOUPLED_KEPT, IDEMPOTENCY_KEPT, PUSHED_REQUEST_GRACE, Upkeep};
use async_trait::async_trait;
use rusqlite::params;

/// Rows in one write of the purge, so that it never holds the writer for long.
const CHUNK: u32 = 500;

statements! {
    PING = "SELECT 1";
    EXPIRE_REQUESTS = "UPDATE requests SET state = 'expired', result = NULL WHERE id IN (
        SELECT id FROM requests WHERE state IN ('accepted', 'completed') AND expires_at <= ?1 LIMIT ?2)";
    DELETE_REQUESTS = "DELETE FROM requests WHERE id IN (SELECT id FROM requests
        WHERE state NOT IN ('accepted', 'completed') AND expires_at <= ?1 LIMIT ?2)";
    DELETE_PUSHED = "DELETE FROM pushed_requests WHERE digest IN (
        SELECT digest FROM pushed_requests WHERE expires_at <= ?1 LIMIT ?2)";
    DELETE_INTERACTIONS = "DELETE FROM interactions WHERE id IN (
        SELECT id FROM interactions WHERE expires_at <= ?1 LIMIT ?2)";
    /// Grants made with a code that nobody presented in time: no older than its life, CODE_LIFE, in milliseconds.
    END_GRANTS = "UPDATE grants SET state = 'revoked', revoked_at = ?1, revoked_by = 'not_taken_up' WHERE id IN (
        SELECT grants.id FROM codes JOIN grants ON grants.id = codes.grant_id
        WHERE codes.expires_at <= ?1 AND codes.taken_at IS NULL AND grants.state = 'active'
            AND grants.created_at >= codes.expires_at - 60000
        LIMIT ?2)
        RETURNING id, client_id, subject_id";
    DELETE_CODES = "DELETE FROM codes WHERE digest IN (SELECT digest FROM codes WHERE expires_at <= ?1
        AND (taken_at IS NULL OR NOT EXISTS (SELECT 1 FROM grants
            WHERE grants.id = codes.grant_id AND grants.state = 'active' AND grants.expires_at > ?1))
        LIMIT ?2)";
    DELETE_REFRESH_TOKENS = "DELETE FROM refresh_tokens WHERE digest IN (
        SELECT digest FROM refresh_tokens WHERE expires_at <= ?1 LIMIT ?2)";
    DELETE_ASSERTIONS = "DELETE FROM assertions WHERE digest IN (
        SELECT digest FROM assertions WHERE expires_at <= ?1 LIMIT ?2)";
    DELETE_SESSIONS = "DELETE FROM sessions WHERE digest IN (
        SELECT digest FROM sessions WHERE expires_at <= ?1 LIMIT ?2)";
    DELETE_SIGN_INS = "DELETE FROM sign_ins WHERE id IN (
        SELECT id FROM sign_ins WHERE expires_at <= ?1 LIMIT ?2)";
    DELETE_DECOUPLED = "DELETE FROM decoupled WHERE id IN (
        SELECT id FROM decoupled WHERE expires_at <= ?1 LIMIT ?2)";
    DELETE_USES = "DELETE FROM consent_uses WHERE (grant_id, span) IN (
        SELECT grant_id, span FROM consent_uses WHERE kept_until <= ?1 LIMIT ?2)";
    DELETE_THRESHOLDS = "DELETE FROM predicate_thresholds WHERE (line, point) IN (
        SELECT line, point FROM predicate_thresholds WHERE kept_until <= ?1 LIMIT ?2)";
    DELETE_DRAFTS = "DELETE FROM submission_drafts WHERE id IN (
        SELECT id FROM submission_drafts WHERE expires_at <= ?1 LIMIT ?2)";
    DELETE_APPLICATION_DRAFTS = "DELETE FROM application_drafts WHERE id IN (
        SELECT id FROM application_drafts WHERE expires_at <= ?1 LIMIT ?2)";
    DELETE_GRANTS = "DELETE FROM grants WHERE id IN (
        SELECT id FROM grants WHERE subject_id IS NULL AND expires_at <= ?1 LIMIT ?2)";
}

impl SqliteStore {
    async fn purge_by(&self, statement: Statement, until: Timestamp) -> Result<u64, Fault> {
        let mut gone = 0;
        loop {
            let count = self.write(move |database| database.execute(statement, params![until.millis(), CHUNK])).await?;
            gone += count as u64;
            if count < CHUNK as usize {
                return Ok(gone);
            }
        }
    }
}

impl SqliteStore {
    async fn end_not_taken_up(&self, at: Timestamp) -> Result<u64, Fault> {
        let mut gone = 0;
        loop {
            let ending = Ending { revoke: END_GRANTS, of: Looked::Few(CHUNK), at, by: RevokedBy::NotTakenUp };
            let count = self.revoke_all(ending).await?.len();
            gone += count as u64;
            if count < CHUNK as usize {
                return Ok(gone);
            }
        }
    }
}

#[async_trait]
impl Upkeep for SqliteStore {
    fn engine(&self) -> &'static str {
        "sqlite"
    }

    async fn ping(&self) -> Result<(), Fault> {
        // By way of the writer: what can be read but not written is not well.
        self.write(|database| database.find(PING, [], |_| Ok(())).map(drop)).await
    }

    async fn check_statements(&self) -> Result<usize, Fault> {
        let all = || ALL.iter().flat_map(|list| list.iter());
        self.read(|database| all().try_for_each(|statement| database.prepare(*statement)))?;
        Ok(all().count())
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
