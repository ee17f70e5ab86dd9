//! Who may act for whom.

use super::consents::note;
use super::data_keys::{key_of, opened};
use super::erasure::is_closed;
use super::evidence::queue_events;
use super::grants::{end_grants, grant};
use super::invitations::withdraw_all_of;
use super::requests::cancel_requests_of;
use super::{PostgresStore, ask, end, is_one};
use crate::domain::consent_event::ConsentChange;
use crate::domain::evidence::{Change, Event};
use crate::domain::grant::Grant;
use crate::domain::ids::{ClientId, GrantId, RepresentationId, SubjectId};
use crate::domain::representation::{FreezeReason, Representation, RepresentationEnd, RepresentationProof, Turn};
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::ending::{Ending, Looked};
use crate::store::record;
use crate::store::statement::{Statement, statements};
use crate::store::vault::Vault;
use crate::store::{RepresentationStore, Turned};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    END_OVER = "UPDATE representations SET state = 'ended', changed_at = expires_at, ended_by = 'time'
        WHERE principal_id = $1 AND representative_id = $2 AND kind = $3 AND state <> 'ended' AND expires_at <= $4
        RETURNING body, state, changed_at, ended_by, frozen_for, id, principal_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)";
    INSERT = "INSERT INTO representations
            (id, principal_id, representative_id, kind, state, created_at, expires_at, body)
        VALUES ($1, $2, $3, $4, 'active', $5, $6, $7)
        ON CONFLICT (principal_id, representative_id, kind) WHERE state <> 'ended' DO NOTHING";
    FIND = "SELECT body, state, changed_at, ended_by, frozen_for, id, principal_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)
        FROM representations WHERE id = $1";
    LIST_OF_PRINCIPAL = "SELECT body, state, changed_at, ended_by, frozen_for, id, principal_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)
        FROM representations WHERE principal_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
    LIST_OF_REPRESENTATIVE = "SELECT body, state, changed_at, ended_by, frozen_for, id, principal_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)
        FROM representations WHERE representative_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
    TURN = "UPDATE representations
        SET state = $2::text, changed_at = $3, ended_by = $4, frozen_for = $5, changed_by = $7
        WHERE id = $1 AND expires_at > $3 AND ($2::text = 'ended' AND state <> 'ended'
            OR $2::text = 'frozen' AND state = 'active'
            OR $2::text = 'active' AND state = 'frozen' AND ($6::text IS NULL OR frozen_for = $6::text))
        RETURNING body, state, changed_at, ended_by, frozen_for, id, principal_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)";
    /// An event of the identity provider counts once.
    TAKE_EVENT = "INSERT INTO assertions (digest, expires_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
    /// Locks in one order, so that two of these cannot lock each other out. What two operators opened hangs on nobody's
    /// card.
    LIST_OF_EITHER = "SELECT id FROM representations
        WHERE (principal_id = $1 OR representative_id = $1) AND kind <> 'emergency' AND state = 'active'
            AND expires_at > $2 ORDER BY id FOR NO KEY UPDATE";
    /// In force for the very two, and for as long as the grant that is given by it. Holds the row: whoever ends it
    /// meanwhile waits, and then finds the grant.
    STANDS = "SELECT 1 FROM representations WHERE id = $1 AND principal_id = $2 AND representative_id = $3
        AND kind = $4 AND state = 'active' AND expires_at > $5 AND expires_at >= $6 FOR SHARE";
    LIST_GRANTS = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE representation_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
    /// Locks in one order, as every change of several grants does.
    END_GRANTS = "WITH theirs AS MATERIALIZED (
            SELECT id FROM grants WHERE representation_id = $1 AND state = 'active' ORDER BY id FOR NO KEY UPDATE)
        UPDATE grants SET state = 'revoked', revoked_at = $2, revoked_by = $3 FROM theirs
        WHERE grants.id = theirs.id AND grants.state = 'active' RETURNING grants.id, client_id, subject_id";
    HOLD_GRANTS = "WITH theirs AS MATERIALIZED (
            SELECT id FROM grants WHERE representation_id = $1 AND state = 'active' ORDER BY id FOR NO KEY UPDATE)
        UPDATE grants SET held_at = $2 FROM theirs
        WHERE grants.id = theirs.id AND state = 'active' AND held_at IS NULL AND expires_at > $2
        RETURNING grants.id, client_id, subject_id, paused_at IS NOT NULL";
    RELEASE_GRANTS = "WITH theirs AS MATERIALIZED (
            SELECT id FROM grants WHERE representation_id = $1 AND state = 'active' ORDER BY id FOR NO KEY UPDATE)
        UPDATE grants SET held_at = NULL FROM theirs
        WHERE grants.id = theirs.id AND state = 'active' AND held_at IS NOT NULL AND expires_at > $2
        RETURNING grants.id, client_id, subject_id, paused_at IS NOT NULL";
}

fn representation(row: &PgRow, vault: &Vault) -> Result<Option<Representation>, Fault> {
    let Some(body) = opened(row, vault, "representation", 5)? else { return Ok(None) };
    record::representation(&body, row.try_get(1)?, row.try_get(2)?, (row.try_get(3)?, row.try_get(4)?)).map(Some)
}

async fn queue(
    connection: &mut PgConnection,
    one: &Representation,
    (word, operator, at): (&str, Option<&str>, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    let event = Event::Representation { id: &one.id, kind: one.kind, principal: &one.principal, word, operator, at };
    queue_events(connection, &[event], vault).await
}

#[async_trait]
impl RepresentationStore for PostgresStore {
    async fn insert_representation(&self, new: &Representation) -> Result<bool, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let is_done = insert_one(&mut transaction, &new, &vault).await?;
            end(transaction, is_done).await
        })
        .await
    }

    async fn find_representation(&self, id: &RepresentationId) -> Result<Option<Representation>, Fault> {
        let found = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        Ok(found.as_ref().map(|row| representation(row, &self.vault)).transpose()?.flatten())
    }

    async fn list_representatives(&self, principal: &SubjectId, limit: u32) -> Result<Vec<Representation>, Fault> {
        let list = ask(LIST_OF_PRINCIPAL).bind(principal.as_str()).bind(i64::from(limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| representation(row, &self.vault).transpose()).collect()
    }

    async fn list_represented(&self, representative: &SubjectId, limit: u32) -> Result<Vec<Representation>, Fault> {
        let list = ask(LIST_OF_REPRESENTATIVE).bind(representative.as_str()).bind(i64::from(limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| representation(row, &self.vault).transpose()).collect()
    }

    async fn turn_representation(
        &self,
        id: &RepresentationId,
        turn: Turn,
        operator: Option<&str>,
        at: Timestamp,
    ) -> Result<Turned, Fault> {
        let (id, operator, vault) = (id.clone(), operator.map(str::to_owned), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let turned = turn_one(&mut transaction, (&id, turn, operator.as_deref()), at, &vault).await?;
            transaction.commit().await?;
            Ok(turned)
        })
        .await
    }

    async fn freeze_for_card(
        &self,
        person: &SubjectId,
        (event, kept_until): (Digest, Timestamp),
        at: Timestamp,
    ) -> Result<Option<Vec<GrantId>>, Fault> {
        let (person, vault) = (person.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let take = ask(TAKE_EVENT).bind(event.as_bytes()).bind(kept_until.millis());
            if !is_one(take, &mut transaction).await? {
                transaction.rollback().await?;
                return Ok(None);
            }
            withdraw_all_of(&mut transaction, &person, at, &vault).await?;
            let list = ask(LIST_OF_EITHER).bind(person.as_str()).bind(at.millis());
            let rows = list.fetch_all(&mut *transaction).await?;
            let (turn, mut held) = (Turn::Freeze(FreezeReason::CardSuspended), Vec::new());
            for row in &rows {
                let id: RepresentationId = record::id(row.try_get(0)?)?;
                let turned = turn_one(&mut transaction, (&id, turn, None), at, &vault).await?;
                if let Turned::Done(grants) = turned {
                    held.extend(grants);
                }
            }
            transaction.commit().await?;
            Ok(Some(held))
        })
        .await
    }

    async fn list_grants_by(&self, id: &RepresentationId, limit: u32) -> Result<Vec<Grant>, Fault> {
        let list = ask(LIST_GRANTS).bind(id.as_str()).bind(i64::from(limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| grant(row, &self.vault).transpose()).collect()
    }
}

/// Writes a new one, alone or with what it opens; false while another of the same kind stands.
pub(super) async fn insert_one(
    connection: &mut PgConnection,
    new: &Representation,
    vault: &Vault,
) -> Result<bool, Fault> {
    let (principal, representative) = (new.principal.as_str(), new.representative.as_str());
    // Whoever erases one of the two waits for this, and then sees that something stands.
    if is_closed(connection, principal).await? || is_closed(connection, representative).await? {
        return Ok(false);
    }
    let (kind, now) = (new.kind.as_str(), new.created_at);
    // What both persons did themselves nobody at the counter did.
    let operator = (new.proof != RepresentationProof::OwnSignIn).then_some(new.registered_by.as_str());
    let end = ask(END_OVER).bind(principal).bind(representative).bind(kind).bind(now.millis());
    for row in end.fetch_all(&mut *connection).await? {
        let word = Turn::End(RepresentationEnd::Time).word();
        if let Some(over) = representation(&row, vault)? {
            queue(connection, &over, (word, None, now), vault).await?;
        }
    }
    let key = key_of(connection, vault, principal).await?;
    let text = vault.seal(&key, &format!("representation:{}", new.id), new)?;
    let insert = ask(INSERT).bind(new.id.as_str()).bind(principal).bind(representative).bind(kind);
    let insert = insert.bind(now.millis()).bind(new.expires_at.millis()).bind(&text);
    let is_new = is_one(insert, &mut *connection).await?;
    if is_new {
        queue(connection, new, ("registered", operator, now), vault).await?;
    }
    Ok(is_new)
}

/// Changes one, and what was given by it.
async fn turn_one(
    connection: &mut PgConnection,
    (id, turn, operator): (&RepresentationId, Turn, Option<&str>),
    at: Timestamp,
    vault: &Vault,
) -> Result<Turned, Fault> {
    let by = turn.end().map(RepresentationEnd::as_str);
    let turned = ask(TURN).bind(id.as_str()).bind(turn.state()).bind(at.millis()).bind(by);
    let turned = turned.bind(turn.frozen_for().map(FreezeReason::as_str));
    let turned = turned.bind(turn.only_frozen_for().map(FreezeReason::as_str)).bind(operator);
    let row = turned.fetch_optional(&mut *connection).await?;
    let turned = row.as_ref().map(|row| representation(row, vault)).transpose()?.flatten();
    let Some(one) = turned else { return Ok(Turned::Nothing) };
    queue(connection, &one, (turn.word(), operator, at), vault).await?;
    let grants = match turn {
        Turn::End(end) => {
            let of = Looked::For(id.to_string());
            end_grants(connection, &Ending { revoke: END_GRANTS, of, at, by: end.revokes_as() }, vault).await?
        }
        Turn::Freeze(_) => still(connection, (HOLD_GRANTS, "held"), (id, at), vault).await?,
        Turn::Unfreeze(_) => still(connection, (RELEASE_GRANTS, "released"), (id, at), vault).await?,
    };
    Ok(Turned::Done(grants))
}

/// Holds grants still with their representation, or lets them go on; each has its leaf, and its third party is told,
/// unless the person holds it still anyway.
async fn still(
    connection: &mut PgConnection,
    (how, word): (Statement, &str),
    (id, at): (&RepresentationId, Timestamp),
    vault: &Vault,
) -> Result<Vec<GrantId>, Fault> {
    let rows = ask(how).bind(id.as_str()).bind(at.millis()).fetch_all(&mut *connection).await?;
    let told = if how == HOLD_GRANTS { ConsentChange::Paused } else { ConsentChange::Resumed };
    let mut ids = Vec::with_capacity(rows.len());
    for row in &rows {
        let (grant, client): (GrantId, ClientId) = (record::id(row.try_get(0)?)?, record::id(row.try_get(1)?)?);
        let subject: Option<String> = row.try_get(2)?;
        let (subject, is_paused): (Option<SubjectId>, bool) = (subject.map(record::id).transpose()?, row.try_get(3)?);
        if told == ConsentChange::Paused {
            cancel_requests_of(&mut *connection, &[grant.as_str()]).await?;
        }
        if !is_paused {
            note(&mut *connection, grant.as_str(), told, at).await?;
        }
        let (change, subject) = (Change::Other(word), subject.as_ref());
        let event = Event::Consent { grant: &grant, client: &client, subject, change, at };
        queue_events(&mut *connection, &[event], vault).await?;
        ids.push(grant);
    }
    Ok(ids)
}

/// Whether a grant may be given as it is: by the person alone, or by a representation in force; within its decision. Never
/// to somebody whose account was erased meanwhile: they could not see it any more.
pub(super) async fn may_be_given(connection: &mut PgConnection, grant: &Grant, now: Timestamp) -> Result<bool, Fault> {
    let principal = grant.subject.as_ref().map(SubjectId::as_str);
    if let Some(person) = principal
        && is_closed(connection, person).await?
    {
        return Ok(false);
    }
    let Some(acting) = &grant.acting else { return Ok(true) };
    let stands = ask(STANDS).bind(acting.id.as_str()).bind(principal);
    let stands = stands.bind(acting.representative.as_str()).bind(acting.kind.as_str());
    let stands = stands.bind(now.millis()).bind(grant.expires_at.millis());
    Ok(stands.fetch_optional(connection).await?.is_some())
}
