//! Who may act for whom.

use super::SqliteStore;
use super::consents::note;
use super::data_keys::{key_of, opened};
use super::database::Database;
use super::erasure::is_closed;
use super::evidence::queue_event;
use super::grants::{end_grants, grant};
use super::invitations::withdraw_all_of;
use super::requests::cancel_requests_of;
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
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    END_OVER = "UPDATE representations SET state = 'ended', changed_at = expires_at, ended_by = 'time'
        WHERE principal_id = ?1 AND representative_id = ?2 AND kind = ?3 AND state <> 'ended' AND expires_at <= ?4
        RETURNING body, state, changed_at, ended_by, frozen_for, id, principal_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)";
    INSERT = "INSERT INTO representations
            (id, principal_id, representative_id, kind, state, created_at, expires_at, body)
        VALUES (?1, ?2, ?3, ?4, 'active', ?5, ?6, ?7)
        ON CONFLICT (principal_id, representative_id, kind) WHERE state <> 'ended' DO NOTHING";
    FIND = "SELECT body, state, changed_at, ended_by, frozen_for, id, principal_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)
        FROM representations WHERE id = ?1";
    LIST_OF_PRINCIPAL = "SELECT body, state, changed_at, ended_by, frozen_for, id, principal_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)
        FROM representations WHERE principal_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2";
    LIST_OF_REPRESENTATIVE = "SELECT body, state, changed_at, ended_by, frozen_for, id, principal_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)
        FROM representations WHERE representative_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2";
    TURN = "UPDATE representations SET state = ?2, changed_at = ?3, ended_by = ?4, frozen_for = ?5, changed_by = ?7
        WHERE id = ?1 AND expires_at > ?3 AND (?2 = 'ended' AND state <> 'ended'
            OR ?2 = 'frozen' AND state = 'active'
            OR ?2 = 'active' AND state = 'frozen' AND (?6 IS NULL OR frozen_for = ?6))
        RETURNING body, state, changed_at, ended_by, frozen_for, id, principal_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)";
    /// An event of the identity provider counts once.
    TAKE_EVENT = "INSERT INTO assertions (digest, expires_at) VALUES (?1, ?2) ON CONFLICT (digest) DO NOTHING";
    /// What two operators opened hangs on nobody's card.
    LIST_OF_EITHER = "SELECT id FROM representations
        WHERE (principal_id = ?1 OR representative_id = ?1) AND kind <> 'emergency' AND state = 'active'
            AND expires_at > ?2";
    /// In force for the very two, and for as long as the grant that is given by it.
    STANDS = "SELECT 1 FROM representations WHERE id = ?1 AND principal_id = ?2 AND representative_id = ?3
        AND kind = ?4 AND state = 'active' AND expires_at > ?5 AND expires_at >= ?6";
    LIST_GRANTS = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE representation_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2";
    END_GRANTS = "UPDATE grants SET state = 'revoked', revoked_at = ?2, revoked_by = ?3
        WHERE representation_id = ?1 AND state = 'active' RETURNING id, client_id, subject_id";
    HOLD_GRANTS = "UPDATE grants SET held_at = ?2
        WHERE representation_id = ?1 AND state = 'active' AND held_at IS NULL AND expires_at > ?2
        RETURNING id, client_id, subject_id, paused_at IS NOT NULL";
    RELEASE_GRANTS = "UPDATE grants SET held_at = NULL
        WHERE representation_id = ?1 AND state = 'active' AND held_at IS NOT NULL AND expires_at > ?2
        RETURNING id, client_id, subject_id, paused_at IS NOT NULL";
}

fn representation(row: &Row<'_>, vault: &Vault) -> Result<Option<Representation>, Fault> {
    let Some(body) = opened(row, vault, "representation", 5)? else { return Ok(None) };
    let state = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
    record::representation(&body, state, row.get(2)?, (row.get(3)?, row.get(4)?)).map(Some)
}

fn queue(
    database: Database<'_>,
    one: &Representation,
    (word, operator, at): (&str, Option<&str>, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    let event = Event::Representation { id: &one.id, kind: one.kind, principal: &one.principal, word, operator, at };
    queue_event(database, &event, vault)
}

#[async_trait]
impl RepresentationStore for SqliteStore {
    async fn insert_representation(&self, new: &Representation) -> Result<bool, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.take(move |database| insert_one(database, &new, &vault)).await
    }

    async fn find_representation(&self, id: &RepresentationId) -> Result<Option<Representation>, Fault> {
        self.read(|database| database.find_readable(FIND, [id.as_str()], |row| representation(row, &self.vault)))
    }

    async fn list_representatives(&self, principal: &SubjectId, limit: u32) -> Result<Vec<Representation>, Fault> {
        let values = params![principal.as_str(), limit];
        self.read(|database| database.list_readable(LIST_OF_PRINCIPAL, values, |row| representation(row, &self.vault)))
    }

    async fn list_represented(&self, representative: &SubjectId, limit: u32) -> Result<Vec<Representation>, Fault> {
        let values = params![representative.as_str(), limit];
        self.read(|database| {
            database.list_readable(LIST_OF_REPRESENTATIVE, values, |row| representation(row, &self.vault))
        })
    }

    async fn turn_representation(
        &self,
        id: &RepresentationId,
        turn: Turn,
        operator: Option<&str>,
        at: Timestamp,
    ) -> Result<Turned, Fault> {
        let (id, operator, vault) = (id.clone(), operator.map(str::to_owned), Arc::clone(&self.vault));
        self.write(move |database| turn_one(database, (&id, turn, operator.as_deref()), at, &vault)).await
    }

    async fn freeze_for_card(
        &self,
        person: &SubjectId,
        (event, kept_until): (Digest, Timestamp),
        at: Timestamp,
    ) -> Result<Option<Vec<GrantId>>, Fault> {
        let (person, vault) = (person.clone(), Arc::clone(&self.vault));
        self.write(move |database| {
            if database.execute(TAKE_EVENT, params![event.as_bytes(), kept_until.millis()])? != 1 {
                return Ok(None);
            }
            withdraw_all_of(database, &person, at, &vault)?;
            let read = |row: &Row<'_>| record::id(row.get(0)?);
            let ids: Vec<RepresentationId> =
                database.list(LIST_OF_EITHER, params![person.as_str(), at.millis()], read)?;
            let (turn, mut held) = (Turn::Freeze(FreezeReason::CardSuspended), Vec::new());
            for id in &ids {
                if let Turned::Done(grants) = turn_one(database, (id, turn, None), at, &vault)? {
                    held.extend(grants);
                }
            }
            Ok(Some(held))
        })
        .await
    }

    async fn list_grants_by(&self, id: &RepresentationId, limit: u32) -> Result<Vec<Grant>, Fault> {
        let values = params![id.as_str(), limit];
        self.read(|database| database.list_readable(LIST_GRANTS, values, |row| grant(row, &self.vault)))
    }
}

/// Writes a new one, alone or with what it opens; false while another of the same kind stands.
pub(super) fn insert_one(database: Database<'_>, new: &Representation, vault: &Vault) -> Result<bool, Fault> {
    let (principal, representative) = (new.principal.as_str(), new.representative.as_str());
    if is_closed(database, principal)? || is_closed(database, representative)? {
        return Ok(false);
    }
    let (kind, now) = (new.kind.as_str(), new.created_at);
    // What both persons did themselves nobody at the counter did.
    let operator = (new.proof != RepresentationProof::OwnSignIn).then_some(new.registered_by.as_str());
    let values = params![principal, representative, kind, now.millis()];
    let over = database.list_readable(END_OVER, values, |row| representation(row, vault))?;
    for one in over {
        queue(database, &one, (Turn::End(RepresentationEnd::Time).word(), None, now), vault)?;
    }
    let until = new.expires_at.millis();
    let body = vault.seal(&key_of(database, vault, principal)?, &format!("representation:{}", new.id), new)?;
    let values = params![new.id.as_str(), principal, representative, kind, now.millis(), until, body];
    let is_new = database.execute(INSERT, values)? == 1;
    if is_new {
        queue(database, new, ("registered", operator, now), vault)?;
    }
    Ok(is_new)
}

/// Changes one, and what was given by it.
fn turn_one(
    database: Database<'_>,
    (id, turn, operator): (&RepresentationId, Turn, Option<&str>),
    at: Timestamp,
    vault: &Vault,
) -> Result<Turned, Fault> {
    let by = turn.end().map(RepresentationEnd::as_str);
    let reason = turn.frozen_for().map(FreezeReason::as_str);
    let only = turn.only_frozen_for().map(FreezeReason::as_str);
    let values = params![id.as_str(), turn.state(), at.millis(), by, reason, only, operator];
    let turned = database.find_readable(TURN, values, |row| representation(row, vault))?;
    let Some(one) = turned else { return Ok(Turned::Nothing) };
    queue(database, &one, (turn.word(), operator, at), vault)?;
    let grants = match turn {
        Turn::End(end) => {
            let of = Looked::For(id.to_string());
            end_grants(database, &Ending { revoke: END_GRANTS, of, at, by: end.revokes_as() }, vault)?
        }
        Turn::Freeze(_) => still(database, (HOLD_GRANTS, "held"), (id, at), vault)?,
        Turn::Unfreeze(_) => still(database, (RELEASE_GRANTS, "released"), (id, at), vault)?,
    };
    Ok(Turned::Done(grants))
}

/// Holds grants still with their representation, or lets them go on; each has its leaf, and its third party is told,
/// unless the person holds it still anyway.
fn still(
    database: Database<'_>,
    (how, word): (Statement, &str),
    (id, at): (&RepresentationId, Timestamp),
    vault: &Vault,
) -> Result<Vec<GrantId>, Fault> {
    let found = database.list(how, params![id.as_str(), at.millis()], stilled)?;
    let told = if how == HOLD_GRANTS { ConsentChange::Paused } else { ConsentChange::Resumed };
    for Stilled { grant, client, subject, is_paused } in &found {
        if told == ConsentChange::Paused {
            cancel_requests_of(database, grant.as_str())?;
        }
        if !is_paused {
            note(database, grant.as_str(), told, at)?;
        }
        let change = Change::Other(word);
        queue_event(database, &Event::Consent { grant, client, subject: subject.as_ref(), change, at }, vault)?;
    }
    Ok(found.into_iter().map(|one| one.grant).collect())
}

/// A grant that is held still, or goes on.
struct Stilled {
    grant: GrantId,
    client: ClientId,
    subject: Option<SubjectId>,
    /// By the person, too.
    is_paused: bool,
}

fn stilled(row: &Row<'_>) -> Result<Stilled, Fault> {
    let subject: Option<String> = row.get(2)?;
    Ok(Stilled {
        grant: record::id(row.get(0)?)?,
        client: record::id(row.get(1)?)?,
        subject: subject.map(record::id).transpose()?,
        is_paused: row.get(3)?,
    })
}

/// Whether a grant may be given as it is: by the person alone, or by a representation in force; within its decision. Never
/// to somebody whose account was erased meanwhile: they could not see it any more.
pub(super) fn may_be_given(database: Database<'_>, grant: &Grant, now: Timestamp) -> Result<bool, Fault> {
    let principal = grant.subject.as_ref().map(SubjectId::as_str);
    if let Some(person) = principal
        && is_closed(database, person)?
    {
        return Ok(false);
    }
    let Some(acting) = &grant.acting else { return Ok(true) };
    let (id, representative, kind) = (acting.id.as_str(), acting.representative.as_str(), acting.kind.as_str());
    let values = params![id, principal, representative, kind, now.millis(), grant.expires_at.millis()];
    Ok(database.find(STANDS, values, |_| Ok(()))?.is_some())
}
