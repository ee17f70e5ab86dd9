//! By what people make others their representatives themselves.

use super::SqliteStore;
use super::data_keys::{key_of, opened};
use super::database::Database;
use super::erasure::is_closed;
use super::evidence::queue_event;
use super::representations::insert_one;
use crate::domain::evidence::Event;
use crate::domain::ids::{RepresentationId, SubjectId};
use crate::domain::invitation::Invitation;
use crate::domain::representation::Representation;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{InvitationStore, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO invitations (id, code, principal_id, state, created_at, expires_at, body)
        SELECT ?1, ?2, ?3, 'open', ?4, ?5, ?6
        WHERE (SELECT count(*) FROM invitations WHERE principal_id = ?3 AND state = 'open' AND expires_at > ?4) < ?7";
    FIND = "SELECT body, id, principal_id, (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)
        FROM invitations WHERE code = ?1 AND state = 'open' AND expires_at > ?2";
    LIST = "SELECT body, id, principal_id, (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)
        FROM invitations WHERE principal_id = ?1 AND state = 'open' AND expires_at > ?2
        ORDER BY created_at DESC, id DESC LIMIT ?3";
    /// Once, by another than who invites, for the very representation that was agreed to.
    TAKE = "UPDATE invitations SET state = 'taken', changed_at = ?4
        WHERE code = ?1 AND state = 'open' AND expires_at > ?4 AND id = ?2 AND principal_id = ?3
        RETURNING body, id, principal_id, (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)";
    WITHDRAW = "UPDATE invitations SET state = 'withdrawn', changed_at = ?3
        WHERE id = ?1 AND principal_id = ?2 AND state = 'open' AND expires_at > ?3
        RETURNING body, id, principal_id, (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)";
    WITHDRAW_OF = "UPDATE invitations SET state = 'withdrawn', changed_at = ?2
        WHERE principal_id = ?1 AND state = 'open' AND expires_at > ?2
        RETURNING body, id, principal_id, (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)";
}

fn invitation(row: &Row<'_>, vault: &Vault) -> Result<Option<Invitation>, Fault> {
    opened(row, vault, "invitation", 1)?.map(|body| record::read("invitation", &body)).transpose()
}

fn queue(database: Database<'_>, one: &Invitation, (word, at): (&str, Timestamp), vault: &Vault) -> Result<(), Fault> {
    let (id, principal) = (&one.id, &one.principal);
    queue_event(database, &Event::Representation { id, kind: one.kind, principal, word, operator: None, at }, vault)
}

/// Withdraws every open one of a person whose card is suspended: whoever has the card may have made it.
pub(super) fn withdraw_all_of(
    database: Database<'_>,
    person: &SubjectId,
    at: Timestamp,
    vault: &Vault,
) -> Result<(), Fault> {
    let values = params![person.as_str(), at.millis()];
    let withdrawn = database.list_readable(WITHDRAW_OF, values, |row| invitation(row, vault))?;
    withdrawn.iter().try_for_each(|one| queue(database, one, ("invitation_withdrawn", at), vault))
}

#[async_trait]
impl InvitationStore for SqliteStore {
    async fn insert_invitation(&self, new: &Invitation, code: Digest, most: u32) -> Result<bool, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let principal = new.principal.as_str();
            if is_closed(database, principal)? {
                return Ok(false);
            }
            let key = key_of(database, &vault, principal)?;
            let body = vault.seal(&key, &format!("invitation:{}", new.id), &new)?;
            let (created, expires) = (new.created_at.millis(), new.expires_at.millis());
            let values = params![new.id.as_str(), code.as_bytes(), principal, created, expires, body, most];
            if database.execute(INSERT, values)? != 1 {
                return Ok(false);
            }
            queue(database, &new, ("invited", new.created_at), &vault)?;
            Ok(true)
        })
        .await
    }

    async fn find_invitation(&self, code: Digest, now: Timestamp) -> Result<Option<Invitation>, Fault> {
        let values = params![code.as_bytes(), now.millis()];
        self.read(|database| database.find_readable(FIND, values, |row| invitation(row, &self.vault)))
    }

    async fn list_invitations(
        &self,
        principal: &SubjectId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Invitation>, Fault> {
        let values = params![principal.as_str(), now.millis(), limit];
        self.read(|database| database.list_readable(LIST, values, |row| invitation(row, &self.vault)))
    }

    async fn take_invitation(&self, code: Digest, opened: &Representation) -> Result<bool, Fault> {
        let (new, vault) = (opened.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let (id, principal, at) = (new.id.as_str(), new.principal.as_str(), new.created_at);
            if new.principal == new.representative {
                return Ok(false);
            }
            let values = params![code.as_bytes(), id, principal, at.millis()];
            let taken = database.find_readable(TAKE, values, |row| invitation(row, &vault))?;
            // What was agreed to on both sides is what is written.
            if taken.is_none_or(|one| (one.kind, one.until) != (new.kind, new.expires_at)) {
                return Ok(false);
            }
            insert_one(database, &new, &vault)
        })
        .await
    }

    async fn withdraw_invitation(
        &self,
        id: &RepresentationId,
        principal: &SubjectId,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let (id, principal, vault) = (id.clone(), principal.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let values = params![id.as_str(), principal.as_str(), at.millis()];
            let withdrawn = database.find_readable(WITHDRAW, values, |row| invitation(row, &vault))?;
            let Some(one) = withdrawn else { return Ok(false) };
            queue(database, &one, ("invitation_withdrawn", at), &vault)?;
            Ok(true)
        })
        .await
    }
}
