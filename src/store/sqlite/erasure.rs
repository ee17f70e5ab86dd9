//! Erasing consents that have ended, and whole accounts, by destroying their keys.

use super::SqliteStore;
use super::database::Database;
use super::evidence::queue_event;
use crate::domain::evidence::{Erased, Event};
use crate::domain::ids::SubjectId;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::{Statement, statements};
use crate::store::vault::Vault;
use crate::store::{ErasureStore, record, statistics};
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
    IS_CLOSED = "SELECT 1 FROM data_keys WHERE id = ?1 AND destroyed_at IS NOT NULL";
    HAS_GRANT = "SELECT 1 FROM grants WHERE subject_id = ?1 LIMIT 1";
    IS_REPRESENTED = "SELECT 1 FROM representations WHERE principal_id = ?1 AND state <> 'ended' AND expires_at > ?2 LIMIT 1";
    REPRESENTS = "SELECT 1 FROM representations WHERE representative_id = ?1 AND state <> 'ended' AND expires_at > ?2 LIMIT 1";
    IS_PROTECTED = "SELECT 1 FROM protections WHERE subject_id = ?1";
    DELETE_SUBJECT = "DELETE FROM subjects WHERE id = ?1";
    DELETE_HISTORY = "DELETE FROM accesses WHERE subject_id = ?1";
    DELETE_REPRESENTATIONS = "DELETE FROM representations WHERE principal_id = ?1";
    DELETE_INVITATIONS = "DELETE FROM invitations WHERE principal_id = ?1";
    DELETE_QUESTIONS = "DELETE FROM decoupled WHERE subject_id = ?1 AND state = 'open'";
    DELETE_PAIRWISE = "DELETE FROM pairwise_subjects WHERE subject_id = ?1";
    DELETE_NOTICE_EVENTS = "DELETE FROM submission_events WHERE submission_id IN
        (SELECT id FROM citizen_notices WHERE subject_id = ?1)";
    DELETE_NOTICE_FILES = "DELETE FROM citizen_notice_files WHERE notice_id IN
        (SELECT id FROM citizen_notices WHERE subject_id = ?1)";
    DELETE_NOTICES = "DELETE FROM citizen_notices WHERE subject_id = ?1";
    DELETE_APPLICATION_DRAFTS = "DELETE FROM application_drafts WHERE subject_id = ?1";
    DELETE_LINKS = "DELETE FROM links WHERE subject_id = ?1";
    DELETE_HEALTH_INSURANCE = "DELETE FROM health_insurance WHERE subject_id = ?1";
    DELETE_ACCOUNT_REGISTRATION = "DELETE FROM account_registrations WHERE subject_id = ?1";
    DELETE_NOTICE_HEAD = "DELETE FROM citizen_notice_heads WHERE subject_id = ?1";
    DELETE_FACTS = "DELETE FROM statistics_facts WHERE person = ?1";
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
const OWN: [Statement; 14] = [
    DELETE_HISTORY,
    DELETE_RECORDS,
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
pub(super) fn is_closed(database: Database<'_>, person: &str) -> Result<bool, Fault> {
    Ok(database.find(IS_CLOSED, [person], |_| Ok(()))?.is_some())
}

/// One writer, so nothing comes between the looks and the writes.
fn close(database: Database<'_>, person: &str, at: Timestamp, vault: &Vault) -> Result<bool, Fault> {
    for statement in [HAS_GRANT, IS_PROTECTED] {
        if database.find(statement, [person], |_| Ok(()))?.is_some() {
            return Ok(false);
        }
    }
    for statement in [IS_REPRESENTED, REPRESENTS] {
        if database.find(statement, params![person, at.millis()], |_| Ok(()))?.is_some() {
            return Ok(false);
        }
    }
    if database.execute(DELETE_SUBJECT, [person])? != 1 {
        return Ok(false);
    }
    database.execute(DESTROY, params![person, at.millis()])?;
    for statement in OWN {
        database.execute(statement, [person])?;
    }
    database.execute(DELETE_FACTS, [statistics::person(vault, person)?])?;
    queue_event(database, &Event::Erasure { what: Erased::Account, at }, vault)?;
    Ok(true)
}

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
        let what = of.map_or(Erased::OnSchedule(consents), |person| Erased::OnRequest(person, consents));
        queue_event(database, &Event::Erasure { what, at }, vault)?;
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

    async fn erase_account(&self, person: &SubjectId, at: Timestamp) -> Result<bool, Fault> {
        let (person, vault) = (person.clone(), Arc::clone(&self.vault));
        self.take(move |database| close(database, person.as_str(), at, &vault)).await
    }
}
