//! Erasing consents that have ended, and whole accounts, by destroying their keys.

use super::evidence::queue_events;
use super::{PostgresStore, ask, is_one};
use crate::domain::evidence::{Erased, Event};
use crate::domain::ids::SubjectId;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::{Statement, statements};
use crate::store::vault::Vault;
use crate::store::{ErasureStore, record, statistics};
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
    /// Holds the key until the end of the transaction: an erasure of the account comes before or after what is given.
    IS_CLOSED = "SELECT destroyed_at IS NOT NULL FROM data_keys WHERE id = $1 FOR SHARE";
    HAS_GRANT = "SELECT 1 FROM grants WHERE subject_id = $1 LIMIT 1";
    IS_REPRESENTED = "SELECT 1 FROM representations WHERE principal_id = $1 AND state <> 'ended' AND expires_at > $2 LIMIT 1";
    REPRESENTS = "SELECT 1 FROM representations WHERE representative_id = $1 AND state <> 'ended' AND expires_at > $2 LIMIT 1";
    IS_PROTECTED = "SELECT 1 FROM protections WHERE subject_id = $1";
    DELETE_SUBJECT = "DELETE FROM subjects WHERE id = $1";
    DELETE_HISTORY = "DELETE FROM accesses WHERE subject_id = $1";
    DELETE_REPRESENTATIONS = "DELETE FROM representations WHERE principal_id = $1";
    DELETE_INVITATIONS = "DELETE FROM invitations WHERE principal_id = $1";
    DELETE_QUESTIONS = "DELETE FROM decoupled WHERE subject_id = $1 AND state = 'open'";
    DELETE_PAIRWISE = "DELETE FROM pairwise_subjects WHERE subject_id = $1";
    DELETE_NOTICE_EVENTS = "DELETE FROM submission_events WHERE submission_id IN
        (SELECT id FROM citizen_notices WHERE subject_id = $1)";
    DELETE_NOTICE_FILES = "DELETE FROM citizen_notice_files WHERE notice_id IN
        (SELECT id FROM citizen_notices WHERE subject_id = $1)";
    DELETE_NOTICES = "DELETE FROM citizen_notices WHERE subject_id = $1";
    DELETE_APPLICATION_DRAFTS = "DELETE FROM application_drafts WHERE subject_id = $1";
    DELETE_LINKS = "DELETE FROM links WHERE subject_id = $1";
    DELETE_HEALTH_INSURANCE = "DELETE FROM health_insurance WHERE subject_id = $1";
    DELETE_ACCOUNT_REGISTRATION = "DELETE FROM account_registrations WHERE subject_id = $1";
    DELETE_NOTICE_HEAD = "DELETE FROM citizen_notice_heads WHERE subject_id = $1";
    DELETE_FACTS = "DELETE FROM statistics_facts WHERE person = $1";
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

/// What is a person's own beside what hangs on consents.
const OWN: [Statement; 13] = [
    DELETE_HISTORY,
    DELETE_REPRESENTATIONS,
    DELETE_INVITATIONS,
    DELETE_QUESTIONS,
    DELETE_PAIRWISE,
    DELETE_NOTICE_EVENTS,
    DELETE_NOTICE_FILES,
    DELETE_NOTICES,
    DELETE_APPLICATION_DRAFTS,
    DELETE_LINKS,
    DELETE_HEALTH_INSURANCE,
    DELETE_ACCOUNT_REGISTRATION,
    DELETE_NOTICE_HEAD,
];

/// Whether a person's account was erased: then nothing is given to them any more.
pub(super) async fn is_closed(connection: &mut PgConnection, person: &str) -> Result<bool, Fault> {
    let row = ask(IS_CLOSED).bind(person).fetch_optional(connection).await?;
    Ok(row.map(|row| row.try_get::<bool, _>(0)).transpose()?.unwrap_or(false))
}

/// The key first: who gives the person something waits for it, or was before, and then it is seen here.
async fn close(connection: &mut PgConnection, person: &str, at: Timestamp, vault: &Vault) -> Result<bool, Fault> {
    let ids = [person];
    ask(DESTROY).bind(ids).bind(at.millis()).execute(&mut *connection).await?;
    for statement in [HAS_GRANT, IS_PROTECTED] {
        if ask(statement).bind(person).fetch_optional(&mut *connection).await?.is_some() {
            return Ok(false);
        }
    }
    for statement in [IS_REPRESENTED, REPRESENTS] {
        if ask(statement).bind(person).bind(at.millis()).fetch_optional(&mut *connection).await?.is_some() {
            return Ok(false);
        }
    }
    if !is_one(ask(DELETE_SUBJECT).bind(person), connection).await? {
        return Ok(false);
    }
    for statement in OWN {
        ask(statement).bind(person).execute(&mut *connection).await?;
    }
    ask(DELETE_RECORDS).bind(ids).execute(&mut *connection).await?;
    ask(DELETE_FACTS).bind(statistics::person(vault, person)?).execute(&mut *connection).await?;
    queue_events(connection, &[Event::Erasure { what: Erased::Account, at }], vault).await?;
    Ok(true)
}

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
    let what = of.map_or(Erased::OnSchedule(consents), |person| Erased::OnRequest(person, consents));
    queue_events(connection, &[Event::Erasure { what, at }], vault).await?;
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

    async fn erase_account(&self, person: &SubjectId, at: Timestamp) -> Result<bool, Fault> {
        let (person, vault) = (person.clone(), Arc::clone(&self.vault));
        let of = person.clone();
        let is_erased = self.transact(async move |mut transaction| {
            let is_erased = close(&mut transaction, of.as_str(), at, &vault).await?;
            if is_erased {
                transaction.commit().await?;
            } else {
                transaction.rollback().await?;
            }
            Ok(is_erased)
        });
        let is_erased = is_erased.await?;
        if is_erased {
            self.vault.forget(person.as_str());
        }
        Ok(is_erased)
    }
}
