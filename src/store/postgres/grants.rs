//! Grants, and what ends with them.

use super::consents::{insert_superseded, note};
use super::requests::cancel_requests_of;
use super::sign_ins::end_sign_ins_of;
use super::tokens::delete_tokens_of;
use super::{PostgresStore, ask, body, is_one};
use crate::domain::amendment::Amendment;
use crate::domain::consent_event::ConsentChange;
use crate::domain::grant::{Grant, RevokedBy};
use crate::domain::ids::{ClientId, GrantId, SubjectId};
use crate::domain::{Fault, Timestamp};
use crate::store::record;
use crate::store::statement::{Statement, statements};
use crate::store::{Before, GrantStore};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

statements! {
    INSERT = "INSERT INTO grants (id, client_id, subject_id, state, created_at, expires_at, body)
        VALUES ($1, $2, $3, 'active', $4, $5, $6)";
    FIND = "SELECT body, revoked_at, revoked_by, paused_at FROM grants WHERE id = $1";
    /// Holds the row, so that of two changes the second sees the first.
    FIND_LOCKED = "SELECT body, revoked_at, revoked_by, paused_at FROM grants WHERE id = $1 FOR NO KEY UPDATE";
    AMEND = "UPDATE grants SET body = $2, expires_at = $3 WHERE id = $1 AND state = 'active'";
    LIST_NEWEST = "SELECT body, revoked_at, revoked_by, paused_at FROM grants WHERE subject_id = $1
        ORDER BY created_at DESC, id DESC LIMIT $2";
    LIST_BEFORE = "SELECT body, revoked_at, revoked_by, paused_at FROM grants
        WHERE subject_id = $1 AND (created_at, id) < ($3, $4) ORDER BY created_at DESC, id DESC LIMIT $2";
    REVOKE = "UPDATE grants SET state = 'revoked', revoked_at = $2, revoked_by = $3
        WHERE id = $1 AND state = 'active'";
    /// Locks in one order, so that two of these on one person cannot lock each other out.
    REVOKE_OF = "WITH theirs AS MATERIALIZED (
            SELECT id FROM grants WHERE subject_id = $1 AND state = 'active' ORDER BY id FOR NO KEY UPDATE)
        UPDATE grants SET state = 'revoked', revoked_at = $2, revoked_by = $3 FROM theirs
        WHERE grants.id = theirs.id AND grants.state = 'active' RETURNING grants.id";
    REVOKE_OF_CLIENT = "WITH theirs AS MATERIALIZED (
            SELECT id FROM grants WHERE client_id = $1 AND state = 'active' ORDER BY id LIMIT 500 FOR NO KEY UPDATE)
        UPDATE grants SET state = 'revoked', revoked_at = $2, revoked_by = $3 FROM theirs
        WHERE grants.id = theirs.id AND grants.state = 'active' RETURNING grants.id";
}

/// Writes a grant, alone or within its decision.
pub(super) async fn insert_grant(connection: &mut PgConnection, grant: &Grant) -> Result<(), Fault> {
    let insert = ask(INSERT).bind(grant.id.as_str()).bind(grant.client.as_str());
    let insert = insert.bind(grant.subject.as_ref().map(SubjectId::as_str)).bind(grant.created_at.millis());
    insert.bind(grant.expires_at.millis()).bind(record::write(grant)?).execute(connection).await?;
    Ok(())
}

/// Changes a grant within its decision; false when it cannot be changed so.
pub(super) async fn amend_grant(connection: &mut PgConnection, newer: &Grant, how: Amendment) -> Result<bool, Fault> {
    let row = ask(FIND_LOCKED).bind(newer.id.as_str()).fetch_optional(&mut *connection).await?;
    let Some(older) = row.as_ref().map(grant).transpose()? else { return Ok(false) };
    let Some(amended) = older.amended(newer, how) else { return Ok(false) };
    let amend = ask(AMEND).bind(amended.id.as_str()).bind(record::write(&amended)?).bind(amended.expires_at.millis());
    if !is_one(amend, connection).await? {
        return Ok(false);
    }
    insert_superseded(connection, &older, newer.created_at).await?;
    note(connection, amended.id.as_str(), ConsentChange::Changed, newer.created_at).await?;
    end_what_hangs_on(connection, &[amended.id.as_str()]).await?;
    Ok(true)
}

async fn end_what_hangs_on(connection: &mut PgConnection, grants: &[&str]) -> Result<(), Fault> {
    // New statements after the grants' rows were locked: they see what was written under a lock we waited for.
    cancel_requests_of(connection, grants).await?;
    delete_tokens_of(connection, grants).await
}

/// A row of `body, revoked_at, revoked_by, paused_at`.
pub(super) fn grant(row: &PgRow) -> Result<Grant, Fault> {
    record::grant(body(row)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?)
}

#[async_trait]
impl GrantStore for PostgresStore {
    async fn insert_grant(&self, grant: &Grant) -> Result<(), Fault> {
        insert_grant(&mut *self.pool.acquire().await?, grant).await
    }

    async fn find_grant(&self, id: &GrantId) -> Result<Option<Grant>, Fault> {
        ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?.as_ref().map(grant).transpose()
    }

    async fn list_grants(&self, subject: &SubjectId, before: &Before<GrantId>) -> Result<Vec<Grant>, Fault> {
        let list = match &before.entry {
            None => ask(LIST_NEWEST).bind(subject.as_str()).bind(i64::from(before.limit)),
            Some((at, id)) => {
                let list = ask(LIST_BEFORE).bind(subject.as_str()).bind(i64::from(before.limit));
                list.bind(at.millis()).bind(id.as_str())
            }
        };
        list.fetch_all(&self.pool).await?.iter().map(grant).collect()
    }

    async fn revoke_grant(&self, id: &GrantId, at: Timestamp, by: RevokedBy) -> Result<bool, Fault> {
        let id = id.clone();
        self.transact(async move |mut transaction| {
            let revoke = ask(REVOKE).bind(id.as_str()).bind(at.millis()).bind(record::revoked_by(by));
            if !is_one(revoke, &mut transaction).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            end_what_hangs_on(&mut transaction, &[id.as_str()]).await?;
            end_sign_ins_of(&mut transaction, &[id.as_str()], at, by).await?;
            note(&mut transaction, id.as_str(), ConsentChange::Revoked(by), at).await?;
            transaction.commit().await?;
            Ok(true)
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

impl PostgresStore {
    async fn revoke_all(
        &self,
        revoke: Statement,
        of: String,
        at: Timestamp,
        by: RevokedBy,
    ) -> Result<Vec<GrantId>, Fault> {
        self.transact(async move |mut transaction| {
            let revoke = ask(revoke).bind(of).bind(at.millis()).bind(record::revoked_by(by));
            let rows = revoke.fetch_all(&mut *transaction).await?;
            let ended = rows.iter().map(|row| record::id(row.try_get(0)?)).collect::<Result<Vec<GrantId>, Fault>>()?;
            let ids: Vec<&str> = ended.iter().map(GrantId::as_str).collect();
            end_what_hangs_on(&mut transaction, &ids).await?;
            end_sign_ins_of(&mut transaction, &ids, at, by).await?;
            for id in &ended {
                note(&mut transaction, id.as_str(), ConsentChange::Revoked(by), at).await?;
            }
            transaction.commit().await?;
            Ok(ended)
        })
        .await
    }
}
