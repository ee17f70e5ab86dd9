//! Erasing consents that have ended, by destroying their keys.

use super::evidence::queue_events;
use super::{PostgresStore, ask};
use crate::domain::evidence::Event;
use crate::domain::ids::SubjectId;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::{Statement, statements};
use crate::store::vault::Vault;
use crate::store::{ErasureStore, record};
use async_trait::async_trait;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    /// What another erases at the same time is left to it.
    TAKE = "WITH ended AS MATERIALIZED (
            SELECT id AS ended_id FROM grants WHERE subject_id IS NOT NULL AND coalesce(revoked_at, expires_at) < $1
            ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
        DELETE FROM grants USING ended WHERE id = ended_id RETURNING id";
    TAKE_OF = "WITH ended AS MATERIALIZED (
            SELECT id AS ended_id FROM grants WHERE subject_id = $3 AND coalesce(revoked_at, expires_at) < $1
            ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
        DELETE FROM grants USING ended WHERE id = ended_id RETURNING id";
    COUNT = "SELECT count(*) FROM grants WHERE subject_id IS NOT NULL AND coalesce(revoked_at, expires_at) < $1";
    COUNT_OF = "SELECT count(*) FROM grants WHERE subject_id = $2 AND coalesce(revoked_at, expires_at) < $1";
    /// What was never sealed has its place here too: a key for it is never made again.
    DESTROY = "INSERT INTO data_keys (id, destroyed_at) SELECT id, $2 FROM unnest($1::text[]) AS gone (id)
        ON CONFLICT (id) DO UPDATE SET sealed = NULL, destroyed_at = excluded.destroyed_at
        WHERE data_keys.sealed IS NOT NULL";
    DELETE_SUPERSEDED = "DELETE FROM superseded_grants WHERE grant_id = ANY($1)";
    DELETE_ACCESSES = "DELETE FROM accesses WHERE grant_id = ANY($1)";
    DELETE_RECORDS = "DELETE FROM evidence_records WHERE key_id = ANY($1)";
    DELETE_REQUESTS = "DELETE FROM requests WHERE grant_id = ANY($1)";
    DELETE_USES = "DELETE FROM consent_uses WHERE grant_id = ANY($1)";
    DELETE_CODES = "DELETE FROM codes WHERE grant_id = ANY($1)";
    DELETE_REFRESH_TOKENS = "DELETE FROM refresh_tokens WHERE grant_id = ANY($1)";
    DELETE_SIGN_INS = "DELETE FROM sign_ins WHERE grant_id = ANY($1)";
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

async fn erase(
    connection: &mut PgConnection,
    of: Option<&SubjectId>,
    until: Timestamp,
    (at, limit): (Timestamp, u32),
    vault: &Vault,
) -> Result<u64, Fault> {
    let take = ask(if of.is_some() { TAKE_OF } else { TAKE }).bind(until.millis()).bind(i64::from(limit));
    let take = match of {
        None => take,
        Some(subject) => take.bind(subject.as_str()),
    };
    let rows = take.fetch_all(&mut *connection).await?;
    let ids = rows.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<Vec<String>, Fault>>()?;
    if ids.is_empty() {
        return Ok(0);
    }
    ask(DESTROY).bind(&ids).bind(at.millis()).execute(&mut *connection).await?;
    for statement in HANGING {
        ask(statement).bind(&ids).execute(&mut *connection).await?;
    }
    for id in &ids {
        vault.forget(id);
    }
    let consents = ids.len() as u64;
    queue_events(connection, &[Event::Erasure { subject: of, consents, at }], vault).await?;
    Ok(consents)
}

#[async_trait]
impl ErasureStore for PostgresStore {
    async fn erase_consents(
        &self,
        of: Option<&SubjectId>,
        until: Timestamp,
        when: (Timestamp, u32),
    ) -> Result<u64, Fault> {
        let (of, vault) = (of.cloned(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let erased = erase(&mut transaction, of.as_ref(), until, when, &vault).await?;
            transaction.commit().await?;
            Ok(erased)
        })
        .await
    }

    async fn count_ended_consents(&self, of: Option<&SubjectId>, until: Timestamp) -> Result<u64, Fault> {
        let count = match of {
            None => ask(COUNT).bind(until.millis()),
            Some(subject) => ask(COUNT_OF).bind(until.millis()).bind(subject.as_str()),
        };
        record::count(count.fetch_one(&self.pool).await?.try_get(0)?)
    }
}
