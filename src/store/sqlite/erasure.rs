//! Erasing consents that have ended, by destroying their keys.

use super::SqliteStore;
use super::database::Database;
use super::evidence::queue_event;
use crate::domain::evidence::Event;
use crate::domain::ids::SubjectId;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::{Statement, statements};
use crate::store::vault::Vault;
use crate::store::{ErasureStore, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    LIST = "SELECT id FROM grants WHERE subject_id IS NOT NULL AND coalesce(revoked_at, expires_at) < ?1 LIMIT ?2";
    LIST_OF = "SELECT id FROM grants WHERE subject_id = ?3 AND coalesce(revoked_at, expires_at) < ?1 LIMIT ?2";
    COUNT = "SELECT count(*) FROM grants WHERE subject_id IS NOT NULL AND coalesce(revoked_at, expires_at) < ?1";
    COUNT_OF = "SELECT count(*) FROM grants WHERE subject_id = ?2 AND coalesce(revoked_at, expires_at) < ?1";
    DELETE_GRANT = "DELETE FROM grants WHERE id = ?1";
    /// What was never sealed has its place here too: a key for it is never made again.
    DESTROY = "INSERT INTO data_keys (id, destroyed_at) VALUES (?1, ?2)
        ON CONFLICT (id) DO UPDATE SET sealed = NULL, destroyed_at = excluded.destroyed_at WHERE sealed IS NOT NULL";
    DELETE_SUPERSEDED = "DELETE FROM superseded_grants WHERE grant_id = ?1";
    DELETE_ACCESSES = "DELETE FROM accesses WHERE grant_id = ?1";
    DELETE_RECORDS = "DELETE FROM evidence_records WHERE key_id = ?1";
    DELETE_REQUESTS = "DELETE FROM requests WHERE grant_id = ?1";
    DELETE_USES = "DELETE FROM consent_uses WHERE grant_id = ?1";
    DELETE_CODES = "DELETE FROM codes WHERE grant_id = ?1";
    DELETE_REFRESH_TOKENS = "DELETE FROM refresh_tokens WHERE grant_id = ?1";
    DELETE_SIGN_INS = "DELETE FROM sign_ins WHERE grant_id = ?1";
}

/// Everything that hangs on a consent.
const HANGING: [Statement; 8] = [
    DELETE_SUPERSEDED,
    DELETE_ACCESSES,
    DELETE_RECORDS,
    DELETE_REQUESTS,
    DELETE_USES,
    DELETE_CODES,
    DELETE_REFRESH_TOKENS,
    DELETE_SIGN_INS,
];

/// One writer, so nothing comes between the look and the writes.
fn erase(
    database: Database<'_>,
    of: Option<&SubjectId>,
    until: Timestamp,
    (at, limit): (Timestamp, u32),
    vault: &Vault,
) -> Result<u64, Fault> {
    let read = |row: &Row<'_>| Ok(row.get::<_, String>(0)?);
    let ended = match of {
        None => database.list(LIST, params![until.millis(), limit], read)?,
        Some(subject) => database.list(LIST_OF, params![until.millis(), limit, subject.as_str()], read)?,
    };
    for id in &ended {
        database.execute(DESTROY, params![id, at.millis()])?;
        for statement in HANGING {
            database.execute(statement, [id])?;
        }
        database.execute(DELETE_GRANT, [id])?;
    }
    let consents = ended.len() as u64;
    if consents > 0 {
        queue_event(database, &Event::Erasure { subject: of, consents, at }, vault)?;
    }
    Ok(consents)
}

#[async_trait]
impl ErasureStore for SqliteStore {
    async fn erase_consents(
        &self,
        of: Option<&SubjectId>,
        until: Timestamp,
        when: (Timestamp, u32),
    ) -> Result<u64, Fault> {
        let (of, vault) = (of.cloned(), Arc::clone(&self.vault));
        self.write(move |database| erase(database, of.as_ref(), until, when, &vault)).await
    }

    async fn count_ended_consents(&self, of: Option<&SubjectId>, until: Timestamp) -> Result<u64, Fault> {
        let read = |row: &Row<'_>| record::count(row.get(0)?);
        let count = self.read(|database| match of {
            None => database.find(COUNT, [until.millis()], read),
            Some(subject) => database.find(COUNT_OF, params![until.millis(), subject.as_str()], read),
        })?;
        Ok(count.unwrap_or_default())
    }
}
