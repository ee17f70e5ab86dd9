//! Grants, and what ends with them.

use super::consents::{insert_superseded, note};
use super::data_keys::{key_of, opened};
use super::evidence::{queue_events, queue_leaves};
use super::requests::cancel_requests_of;
use super::sign_ins::end_sign_ins_of;
use super::tokens::delete_tokens_of;
use super::{PostgresStore, ask, is_one};
use crate::domain::amendment::Amendment;
use crate::domain::consent_event::ConsentChange;
use crate::domain::evidence::{Change, Event, Leaf};
use crate::domain::grant::{Grant, RevokedBy};
use crate::domain::ids::{ClientId, GrantId, SubjectId};
use crate::domain::{Fault, Timestamp};
use crate::store::ending::{Ending, Looked};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, GrantStore};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    /// With the key that it and what hangs on it are under.
    INSERT = "WITH kept AS (INSERT INTO data_keys (id, sealed) SELECT $1, $7 WHERE $7::bytea IS NOT NULL)
        INSERT INTO grants (id, client_id, subject_id, state, created_at, expires_at, body, representation_id,
            remind_at)
        VALUES ($1, $2, $3, 'active', $4, $5, $6, $8, $9)";
    FIND = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE id = $1";
    /// Holds the row, so that of two changes the second sees the first.
    FIND_LOCKED = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE id = $1 FOR NO KEY UPDATE";
    AMEND = "UPDATE grants SET body = $2, expires_at = $3, remind_at = $4 WHERE id = $1 AND state = 'active'";
    LIST_NEWEST = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE subject_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
    LIST_BEFORE = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE subject_id = $1 AND (created_at, id) < ($3, $4) ORDER BY created_at DESC, id DESC LIMIT $2";
    REVOKE = "UPDATE grants SET state = 'revoked', revoked_at = $2, revoked_by = $3
        WHERE id = $1 AND state = 'active' RETURNING id, client_id, subject_id";
    /// Locks in one order, so that two of these on one person cannot lock each other out.
    REVOKE_OF = "WITH theirs AS MATERIALIZED (
            SELECT id FROM grants WHERE subject_id = $1 AND state = 'active' ORDER BY id FOR NO KEY UPDATE)
        UPDATE grants SET state = 'revoked', revoked_at = $2, revoked_by = $3 FROM theirs
        WHERE grants.id = theirs.id AND grants.state = 'active' RETURNING grants.id, client_id, subject_id";
    REVOKE_OF_CLIENT = "WITH theirs AS MATERIALIZED (
            SELECT id FROM grants WHERE client_id = $1 AND state = 'active' ORDER BY id LIMIT 500 FOR NO KEY UPDATE)
        UPDATE grants SET state = 'revoked', revoked_at = $2, revoked_by = $3 FROM theirs
        WHERE grants.id = theirs.id AND grants.state = 'active' RETURNING grants.id, client_id, subject_id";
}

/// Writes a grant, alone or within its decision, and queues its leaf.
pub(super) async fn insert_grant(connection: &mut PgConnection, grant: &Grant, vault: &Vault) -> Result<(), Fault> {
    let id = grant.id.as_str();
    let made = grant.subject.as_ref().map(|_| vault.make_key(id)).transpose()?;
    let body = match &made {
        Some((key, _)) => vault.seal(key, &format!("grant:{id}"), grant)?,
        // It is nobody's.
        None => record::write(grant)?,
    };
    let insert = ask(INSERT).bind(id).bind(grant.client.as_str());
    let insert = insert.bind(grant.subject.as_ref().map(SubjectId::as_str)).bind(grant.created_at.millis());
    let insert = insert.bind(grant.expires_at.millis()).bind(body).bind(made.as_ref().map(|(_, kept)| kept.as_slice()));
    let insert = insert.bind(grant.acting.as_ref().map(|acting| acting.id.as_str()));
    let insert = insert.bind(grant.remind_from().map(Timestamp::millis));
    insert.execute(&mut *connection).await?;
    let Some(event) = Event::of_grant(grant, Change::Made(grant)) else { return Ok(()) };
    let leaf = (Leaf::of(&event, vault.entropy()), made.map(|(key, _)| key));
    queue_leaves(connection, &[leaf], vault).await
}

/// Changes a grant within its decision; false when it cannot be changed so.
pub(super) async fn amend_grant(
    connection: &mut PgConnection,
    newer: &Grant,
    how: Amendment,
    vault: &Vault,
) -> Result<bool, Fault> {
    let Some(older) = locked(connection, &newer.id, vault).await? else { return Ok(false) };
    let Some(amended) = older.amended(newer, how) else { return Ok(false) };
    let id = amended.id.as_str();
    if !replace(connection, &amended, vault).await? {
        return Ok(false);
    }
    insert_superseded(&mut *connection, &older, newer.created_at, vault).await?;
    note(&mut *connection, id, ConsentChange::Changed, newer.created_at).await?;
    end_what_hangs_on(connection, &[id]).await?;
    let event = Event::of_grant(&amended, Change::Amended(&amended));
    queue_events(connection, event.as_slice(), vault).await?;
    Ok(true)
}

/// The grant, held until the transaction is over; none where its key is gone.
pub(super) async fn locked(connection: &mut PgConnection, id: &GrantId, vault: &Vault) -> Result<Option<Grant>, Fault> {
    let row = ask(FIND_LOCKED).bind(id.as_str()).fetch_optional(connection).await?;
    Ok(row.as_ref().map(|row| grant(row, vault)).transpose()?.flatten())
}

/// Writes what a newer word made of a grant; false when it was ended.
pub(super) async fn replace(connection: &mut PgConnection, newer: &Grant, vault: &Vault) -> Result<bool, Fault> {
    let id = newer.id.as_str();
    let body = vault.seal(&key_of(connection, vault, id).await?, &format!("grant:{id}"), newer)?;
    let amend = ask(AMEND).bind(id).bind(body).bind(newer.expires_at.millis());
    is_one(amend.bind(newer.remind_from().map(Timestamp::millis)), connection).await
}

/// Ends grants with all that hangs on them, and queues the leaves of their ends; gives their ids.
pub(super) async fn end_grants(
    connection: &mut PgConnection,
    ending: &Ending,
    vault: &Vault,
) -> Result<Vec<GrantId>, Fault> {
    let at = ending.at;
    let revoke = match &ending.of {
        Looked::For(id) => ask(ending.revoke).bind(id).bind(at.millis()).bind(record::revoked_by(ending.by)),
        Looked::Few(most) => ask(ending.revoke).bind(at.millis()).bind(i64::from(*most)),
    };
    let rows = revoke.fetch_all(&mut *connection).await?;
    let read = |row: &PgRow| {
        let subject: Option<String> = row.try_get(2)?;
        Ok((record::id(row.try_get(0)?)?, record::id(row.try_get(1)?)?, subject.map(record::id).transpose()?))
    };
    let ended: Vec<(GrantId, ClientId, Option<SubjectId>)> = rows.iter().map(read).collect::<Result<_, Fault>>()?;
    let ids: Vec<&str> = ended.iter().map(|(id, ..)| id.as_str()).collect();
    end_what_hangs_on(&mut *connection, &ids).await?;
    end_sign_ins_of(&mut *connection, &ids, at, ending.by).await?;
    if matches!(ending.of, Looked::For(_)) {
        for id in &ids {
            note(&mut *connection, id, ConsentChange::Revoked(ending.by), at).await?;
        }
    }
    let change = Change::Ended(ending.by);
    let consents = ended.iter().filter(|(.., subject)| subject.is_some());
    let events = consents.map(|(grant, client, subject)| Event::Consent {
        grant,
        client,
        subject: subject.as_ref(),
        change,
        at,
    });
    queue_events(connection, &events.collect::<Vec<_>>(), vault).await?;
    Ok(ended.into_iter().map(|(id, ..)| id).collect())
}

async fn end_what_hangs_on(connection: &mut PgConnection, grants: &[&str]) -> Result<(), Fault> {
    // New statements after the grants' rows were locked: they see what was written under a lock we waited for.
    cancel_requests_of(connection, grants).await?;
    delete_tokens_of(connection, grants).await
}

/// A row of `body, revoked_at, revoked_by, paused_at, held_at, id, id` and the key.
pub(super) fn grant(row: &PgRow, vault: &Vault) -> Result<Option<Grant>, Fault> {
    let Some(body) = opened(row, vault, "grant", 5)? else { return Ok(None) };
    record::grant(&body, row.try_get(1)?, row.try_get(2)?, (row.try_get(3)?, row.try_get(4)?)).map(Some)
}

#[async_trait]
impl GrantStore for PostgresStore {
    async fn insert_grant(&self, grant: &Grant) -> Result<(), Fault> {
        if grant.subject.is_none() {
            // One statement: there is no leaf to write with it.
            return insert_grant(&mut *self.pool.acquire().await?, grant, &self.vault).await;
        }
        let (grant, vault) = (grant.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            insert_grant(&mut transaction, &grant, &vault).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    async fn find_grant(&self, id: &GrantId) -> Result<Option<Grant>, Fault> {
        let row = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        Ok(row.as_ref().map(|row| grant(row, &self.vault)).transpose()?.flatten())
    }

    async fn list_grants(&self, subject: &SubjectId, before: &Before<GrantId>) -> Result<Vec<Grant>, Fault> {
        let list = match &before.entry {
            None => ask(LIST_NEWEST).bind(subject.as_str()).bind(i64::from(before.limit)),
            Some((at, id)) => {
                let list = ask(LIST_BEFORE).bind(subject.as_str()).bind(i64::from(before.limit));
                list.bind(at.millis()).bind(id.as_str())
            }
        };
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| grant(row, &self.vault).transpose()).collect()
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

impl PostgresStore {
    /// Ends grants in one transaction.
    pub(super) async fn revoke_all(&self, ending: Ending) -> Result<Vec<GrantId>, Fault> {
        let vault = Arc::clone(&self.vault);
        self.transact(async move |mut transaction| {
            let ended = end_grants(&mut transaction, &ending, &vault).await?;
            transaction.commit().await?;
            Ok(ended)
        })
        .await
    }
}
