//! Grants, and what ends with them.

use super::SqliteStore;
use super::consents::{insert_superseded, note};
use super::database::Database;
use super::requests::cancel_requests_of;
use super::sign_ins::end_sign_ins_of;
use super::tokens::delete_tokens_of;
use crate::domain::amendment::Amendment;
use crate::domain::consent_event::ConsentChange;
use crate::domain::grant::{Grant, RevokedBy};
use crate::domain::ids::{ClientId, GrantId, SubjectId};
use crate::domain::{Fault, Timestamp};
use crate::store::record;
use crate::store::statement::{Statement, statements};
use crate::store::{Before, GrantStore};
use async_trait::async_trait;
use rusqlite::{Row, params};

statements! {
    INSERT = "INSERT INTO grants (id, client_id, subject_id, state, created_at, expires_at, body)
        VALUES (?1, ?2, ?3, 'active', ?4, ?5, ?6)";
    FIND = "SELECT body, revoked_at, revoked_by, paused_at FROM grants WHERE id = ?1";
    AMEND = "UPDATE grants SET body = ?2, expires_at = ?3 WHERE id = ?1 AND state = 'active'";
    LIST_NEWEST = "SELECT body, revoked_at, revoked_by, paused_at FROM grants WHERE subject_id = ?1
        ORDER BY created_at DESC, id DESC LIMIT ?2";
    LIST_BEFORE = "SELECT body, revoked_at, revoked_by, paused_at FROM grants
        WHERE subject_id = ?1 AND (created_at, id) < (?3, ?4) ORDER BY created_at DESC, id DESC LIMIT ?2";
    REVOKE = "UPDATE grants SET state = 'revoked', revoked_at = ?2, revoked_by = ?3
        WHERE id = ?1 AND state = 'active'";
    REVOKE_OF = "UPDATE grants SET state = 'revoked', revoked_at = ?2, revoked_by = ?3
        WHERE subject_id = ?1 AND state = 'active' RETURNING id";
    REVOKE_OF_CLIENT = "UPDATE grants SET state = 'revoked', revoked_at = ?2, revoked_by = ?3
        WHERE id IN (SELECT id FROM grants WHERE client_id = ?1 AND state = 'active' LIMIT 500) RETURNING id";
}

/// Writes a grant, alone or within its decision.
pub(super) fn insert_grant(database: Database<'_>, grant: &Grant, body: &str) -> Result<(), Fault> {
    let subject = grant.subject.as_ref().map(SubjectId::as_str);
    let (created, expires) = (grant.created_at.millis(), grant.expires_at.millis());
    let values = params![grant.id.as_str(), grant.client.as_str(), subject, created, expires, body];
    database.execute(INSERT, values).map(drop)
}

/// Changes a grant within its decision; false when it cannot be changed so.
pub(super) fn amend_grant(database: Database<'_>, newer: &Grant, how: Amendment) -> Result<bool, Fault> {
    let Some(older) = database.find(FIND, [newer.id.as_str()], grant)? else { return Ok(false) };
    let Some(amended) = older.amended(newer, how) else { return Ok(false) };
    let values = params![amended.id.as_str(), record::write(&amended)?, amended.expires_at.millis()];
    if database.execute(AMEND, values)? != 1 {
        return Ok(false);
    }
    insert_superseded(database, &older, newer.created_at)?;
    note(database, amended.id.as_str(), ConsentChange::Changed, newer.created_at)?;
    end_what_hangs_on(database, amended.id.as_str())?;
    Ok(true)
}

fn end_what_hangs_on(database: Database<'_>, grant: &str) -> Result<(), Fault> {
    cancel_requests_of(database, grant)?;
    delete_tokens_of(database, grant)
}

/// A row of `body, revoked_at, revoked_by, paused_at`.
pub(super) fn grant(row: &Row<'_>) -> Result<Grant, Fault> {
    record::grant(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?, row.get(1)?, row.get(2)?, row.get(3)?)
}

#[async_trait]
impl GrantStore for SqliteStore {
    async fn insert_grant(&self, grant: &Grant) -> Result<(), Fault> {
        let (body, grant) = (record::write(grant)?, grant.clone());
        self.write(move |database| insert_grant(database, &grant, &body)).await
    }

    async fn find_grant(&self, id: &GrantId) -> Result<Option<Grant>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], grant))
    }

    async fn list_grants(&self, subject: &SubjectId, before: &Before<GrantId>) -> Result<Vec<Grant>, Fault> {
        self.read(|database| match &before.entry {
            None => database.list(LIST_NEWEST, params![subject.as_str(), before.limit], grant),
            Some((at, id)) => {
                let values = params![subject.as_str(), before.limit, at.millis(), id.as_str()];
                database.list(LIST_BEFORE, values, grant)
            }
        })
    }

    async fn revoke_grant(&self, id: &GrantId, at: Timestamp, by: RevokedBy) -> Result<bool, Fault> {
        let id = id.clone();
        self.take(move |database| {
            let is_first = database.execute(REVOKE, params![id.as_str(), at.millis(), record::revoked_by(by)])? == 1;
            if is_first {
                end_what_hangs_on(database, id.as_str())?;
                end_sign_ins_of(database, id.as_str(), at, by)?;
                note(database, id.as_str(), ConsentChange::Revoked(by), at)?;
            }
            Ok(is_first)
        })
        .await
    }

    async fn revoke_grants_of(&self, subject: &SubjectId, at: Timestamp, by: RevokedBy) -> Result<Vec<GrantId>, Fault> {
        self.revoke_all(REVOKE_OF, subject.as_str().to_owned(), at, by).await
    }

    async fn revoke_grants_of_client(
        &self,
        client: &ClientId,
        at: Timestamp,
        by: RevokedBy,
    ) -> Result<Vec<GrantId>, Fault> {
        self.revoke_all(REVOKE_OF_CLIENT, client.as_str().to_owned(), at, by).await
    }
}

impl SqliteStore {
    async fn revoke_all(
        &self,
        revoke: Statement,
        of: String,
        at: Timestamp,
        by: RevokedBy,
    ) -> Result<Vec<GrantId>, Fault> {
        self.write(move |database| {
            let values = params![of, at.millis(), record::revoked_by(by)];
            let ended: Vec<GrantId> = database.list(revoke, values, |row| record::id(row.get(0)?))?;
            for id in &ended {
                end_what_hangs_on(database, id.as_str())?;
                end_sign_ins_of(database, id.as_str(), at, by)?;
                note(database, id.as_str(), ConsentChange::Revoked(by), at)?;
            }
            Ok(ended)
        })
        .await
    }
}
