//! Grants, and what ends with them.

use super::SqliteStore;
use super::consents::{insert_superseded, note};
use super::data_keys::{key_of, opened};
use super::database::Database;
use super::evidence::queue_event;
use super::requests::cancel_requests_of;
use super::sign_ins::end_sign_ins_of;
use super::tokens::delete_tokens_of;
use crate::domain::amendment::Amendment;
use crate::domain::consent_event::ConsentChange;
use crate::domain::evidence::{Change, Event};
use crate::domain::grant::{Grant, RevokedBy};
use crate::domain::ids::{ClientId, GrantId, SubjectId};
use crate::domain::{Fault, Timestamp};
use crate::store::ending::{Ending, Looked};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, GrantStore};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO grants (id, client_id, subject_id, state, created_at, expires_at, body, representation_id,
            remind_at)
        VALUES (?1, ?2, ?3, 'active', ?4, ?5, ?6, ?7, ?8)";
    FIND = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE id = ?1";
    AMEND = "UPDATE grants SET body = ?2, expires_at = ?3, remind_at = ?4 WHERE id = ?1 AND state = 'active'";
    LIST_NEWEST = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE subject_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2";
    LIST_BEFORE = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE subject_id = ?1 AND (created_at, id) < (?3, ?4) ORDER BY created_at DESC, id DESC LIMIT ?2";
    REVOKE = "UPDATE grants SET state = 'revoked', revoked_at = ?2, revoked_by = ?3
        WHERE id = ?1 AND state = 'active' RETURNING id, client_id, subject_id";
    REVOKE_OF = "UPDATE grants SET state = 'revoked', revoked_at = ?2, revoked_by = ?3
        WHERE subject_id = ?1 AND state = 'active' RETURNING id, client_id, subject_id";
    REVOKE_OF_CLIENT = "UPDATE grants SET state = 'revoked', revoked_at = ?2, revoked_by = ?3
        WHERE id IN (SELECT id FROM grants WHERE client_id = ?1 AND state = 'active' LIMIT 500)
        RETURNING id, client_id, subject_id";
}

/// Writes a grant, alone or within its decision, and queues its leaf.
pub(super) fn insert_grant(database: Database<'_>, grant: &Grant, vault: &Vault) -> Result<(), Fault> {
    let subject = grant.subject.as_ref().map(SubjectId::as_str);
    let (created, expires) = (grant.created_at.millis(), grant.expires_at.millis());
    let body = body(database, grant, vault)?;
    let acting = grant.acting.as_ref().map(|acting| acting.id.as_str());
    let remind = grant.remind_from().map(Timestamp::millis);
    let values = params![grant.id.as_str(), grant.client.as_str(), subject, created, expires, body, acting, remind];
    database.execute(INSERT, values)?;
    queue_change(database, grant, Change::Made(grant), vault)
}

/// How a grant is kept: sealed, unless it is nobody's.
fn body(database: Database<'_>, grant: &Grant, vault: &Vault) -> Result<String, Fault> {
    if grant.subject.is_none() {
        return record::write(grant);
    }
    vault.seal(&key_of(database, vault, grant.id.as_str())?, &format!("grant:{}", grant.id), grant)
}

/// Changes a grant within its decision; false when it cannot be changed so.
pub(super) fn amend_grant(database: Database<'_>, newer: &Grant, how: Amendment, vault: &Vault) -> Result<bool, Fault> {
    let Some(older) = readable(database, &newer.id, vault)? else { return Ok(false) };
    let Some(amended) = older.amended(newer, how) else { return Ok(false) };
    if !replace(database, &amended, vault)? {
        return Ok(false);
    }
    insert_superseded(database, &older, newer.created_at, vault)?;
    note(database, amended.id.as_str(), ConsentChange::Changed, newer.created_at)?;
    end_what_hangs_on(database, amended.id.as_str())?;
    queue_amended(database, &amended, vault)?;
    Ok(true)
}

/// The grant, within a write; none where its key is gone.
pub(super) fn readable(database: Database<'_>, id: &GrantId, vault: &Vault) -> Result<Option<Grant>, Fault> {
    database.find_readable(FIND, [id.as_str()], |row| grant(row, vault))
}

/// Writes what a newer word made of a grant; false when it was ended.
pub(super) fn replace(database: Database<'_>, newer: &Grant, vault: &Vault) -> Result<bool, Fault> {
    let (ends, remind) = (newer.expires_at.millis(), newer.remind_from().map(Timestamp::millis));
    let values = params![newer.id.as_str(), body(database, newer, vault)?, ends, remind];
    Ok(database.execute(AMEND, values)? == 1)
}

/// Queues the leaf of a newer word.
pub(super) fn queue_amended(database: Database<'_>, newer: &Grant, vault: &Vault) -> Result<(), Fault> {
    queue_change(database, newer, Change::Amended(newer), vault)
}

/// Queues the leaf of what a person decided about a grant.
fn queue_change(database: Database<'_>, grant: &Grant, change: Change<'_>, vault: &Vault) -> Result<(), Fault> {
    match Event::of_grant(grant, change) {
        Some(event) => queue_event(database, &event, vault),
        None => Ok(()),
    }
}

/// Ends grants with all that hangs on them, and queues the leaves of their ends; gives their ids.
pub(super) fn end_grants(database: Database<'_>, ending: &Ending, vault: &Vault) -> Result<Vec<GrantId>, Fault> {
    let (at, by) = (ending.at, record::revoked_by(ending.by));
    let read = |row: &Row<'_>| {
        let subject: Option<String> = row.get(2)?;
        Ok((record::id(row.get(0)?)?, record::id(row.get(1)?)?, subject.map(record::id).transpose()?))
    };
    let ended: Vec<(GrantId, ClientId, Option<SubjectId>)> = match &ending.of {
        Looked::For(id) => database.list(ending.revoke, params![id, at.millis(), by], read)?,
        Looked::Few(most) => database.list(ending.revoke, params![at.millis(), most], read)?,
    };
    for (grant, client, subject) in &ended {
        end_what_hangs_on(database, grant.as_str())?;
        end_sign_ins_of(database, grant.as_str(), at, ending.by)?;
        if matches!(ending.of, Looked::For(_)) {
            note(database, grant.as_str(), ConsentChange::Revoked(ending.by), at)?;
        }
        if subject.is_some() {
            let change = Change::Ended(ending.by);
            let event = Event::Consent { grant, client, subject: subject.as_ref(), change, at };
            queue_event(database, &event, vault)?;
        }
    }
    Ok(ended.into_iter().map(|(id, ..)| id).collect())
}

fn end_what_hangs_on(database: Database<'_>, grant: &str) -> Result<(), Fault> {
    cancel_requests_of(database, grant)?;
    delete_tokens_of(database, grant)
}

/// A row of `body, revoked_at, revoked_by, paused_at, held_at, id, id` and the key.
pub(super) fn grant(row: &Row<'_>, vault: &Vault) -> Result<Option<Grant>, Fault> {
    let Some(body) = opened(row, vault, "grant", 5)? else { return Ok(None) };
    record::grant(&body, row.get(1)?, row.get(2)?, (row.get(3)?, row.get(4)?)).map(Some)
}

#[async_trait]
impl GrantStore for SqliteStore {
    async fn insert_grant(&self, grant: &Grant) -> Result<(), Fault> {
        let (grant, vault) = (grant.clone(), Arc::clone(&self.vault));
        self.write(move |database| insert_grant(database, &grant, &vault)).await
    }

    async fn find_grant(&self, id: &GrantId) -> Result<Option<Grant>, Fault> {
        self.read(|database| database.find_readable(FIND, [id.as_str()], |row| grant(row, &self.vault)))
    }

    async fn list_grants(&self, subject: &SubjectId, before: &Before<GrantId>) -> Result<Vec<Grant>, Fault> {
        let read = |row: &Row<'_>| grant(row, &self.vault);
        self.read(|database| match &before.entry {
            None => database.list_readable(LIST_NEWEST, params![subject.as_str(), before.limit], read),
            Some((at, id)) => {
                let values = params![subject.as_str(), before.limit, at.millis(), id.as_str()];
                database.list_readable(LIST_BEFORE, values, read)
            }
        })
    }

    async fn revoke_grant(&self, id: &GrantId, at: Timestamp, by: RevokedBy) -> Result<bool, Fault> {
        Ok(!self.revoke_all(Ending { revoke: REVOKE, of: Looked::For(id.to_string()), at, by }).await?.is_empty())
    }

    async fn revoke_grants_of(&self, subject: &SubjectId, at: Timestamp, by: RevokedBy) -> Result<Vec<GrantId>, Fault> {
        self.revoke_all(Ending { revoke: REVOKE_OF, of: Looked::For(subject.to_string()), at, by }).await
    }

    async fn revoke_grants_of_client(
        &self,
        client: &ClientId,
        at: Timestamp,
        by: RevokedBy,
    ) -> Result<Vec<GrantId>, Fault> {
        self.revoke_all(Ending { revoke: REVOKE_OF_CLIENT, of: Looked::For(client.to_string()), at, by }).await
    }
}

impl SqliteStore {
    /// Ends grants in one transaction.
    pub(super) async fn revoke_all(&self, ending: Ending) -> Result<Vec<GrantId>, Fault> {
        let vault = Arc::clone(&self.vault);
        self.write(move |database| end_grants(database, &ending, &vault)).await
    }
}
