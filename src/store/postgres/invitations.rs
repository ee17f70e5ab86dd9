//! By what people make others their representatives themselves.

use super::data_keys::{key_of, opened};
use super::erasure::is_closed;
use super::evidence::queue_events;
use super::representations::insert_one;
use super::{PostgresStore, ask, end, is_one};
use crate::domain::evidence::Event;
use crate::domain::ids::{RepresentationId, SubjectId};
use crate::domain::invitation::Invitation;
use crate::domain::representation::Representation;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{InvitationStore, record};
use async_trait::async_trait;
use sqlx::PgConnection;
use sqlx::postgres::PgRow;
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO invitations (id, code, principal_id, state, created_at, expires_at, body)
        SELECT $1, $2, $3, 'open', $4, $5, $6
        WHERE (SELECT count(*) FROM invitations WHERE principal_id = $3 AND state = 'open' AND expires_at > $4) < $7";
    FIND = "SELECT body, id, principal_id, (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)
        FROM invitations WHERE code = $1 AND state = 'open' AND expires_at > $2";
    LIST = "SELECT body, id, principal_id, (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)
        FROM invitations WHERE principal_id = $1 AND state = 'open' AND expires_at > $2
        ORDER BY created_at DESC, id DESC LIMIT $3";
    /// Once, by another than who invites, for the very representation that was agreed to.
    TAKE = "UPDATE invitations SET state = 'taken', changed_at = $4
        WHERE code = $1 AND state = 'open' AND expires_at > $4 AND id = $2 AND principal_id = $3
        RETURNING body, id, principal_id, (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)";
    WITHDRAW = "UPDATE invitations SET state = 'withdrawn', changed_at = $3
        WHERE id = $1 AND principal_id = $2 AND state = 'open' AND expires_at > $3
        RETURNING body, id, principal_id, (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)";
    WITHDRAW_OF = "UPDATE invitations SET state = 'withdrawn', changed_at = $2
        WHERE principal_id = $1 AND state = 'open' AND expires_at > $2
        RETURNING body, id, principal_id, (SELECT sealed FROM data_keys WHERE data_keys.id = principal_id)";
}

fn invitation(row: &PgRow, vault: &Vault) -> Result<Option<Invitation>, Fault> {
    opened(row, vault, "invitation", 1)?.map(|body| record::read("invitation", &body)).transpose()
}

async fn queue(
    connection: &mut PgConnection,
    one: &Invitation,
    (word, at): (&str, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    let (id, principal) = (&one.id, &one.principal);
    let event = Event::Representation { id, kind: one.kind, principal, word, operator: None, at };
    queue_events(connection, &[event], vault).await
}

/// Withdraws every open one of a person whose card is suspended: whoever has the card may have made it.
pub(super) async fn withdraw_all_of(
    connection: &mut PgConnection,
    person: &SubjectId,
    at: Timestamp,
    vault: &Vault,
) -> Result<(), Fault> {
    let rows = ask(WITHDRAW_OF).bind(person.as_str()).bind(at.millis()).fetch_all(&mut *connection).await?;
    for row in &rows {
        if let Some(one) = invitation(row, vault)? {
            queue(connection, &one, ("invitation_withdrawn", at), vault).await?;
        }
    }
    Ok(())
}

#[async_trait]
impl InvitationStore for PostgresStore {
    async fn insert_invitation(&self, new: &Invitation, code: Digest, most: u32) -> Result<bool, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let principal = new.principal.as_str();
            if is_closed(&mut transaction, principal).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            let key = key_of(&mut transaction, &vault, principal).await?;
            let body = vault.seal(&key, &format!("invitation:{}", new.id), &new)?;
            let insert = ask(INSERT).bind(new.id.as_str()).bind(code.as_bytes().as_slice()).bind(principal);
            let insert = insert.bind(new.created_at.millis()).bind(new.expires_at.millis()).bind(&body);
            if !is_one(insert.bind(i64::from(most)), &mut transaction).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            queue(&mut transaction, &new, ("invited", new.created_at), &vault).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn find_invitation(&self, code: Digest, now: Timestamp) -> Result<Option<Invitation>, Fault> {
        let find = ask(FIND).bind(code.as_bytes().as_slice()).bind(now.millis());
        let found = find.fetch_optional(&self.pool).await?;
        Ok(found.as_ref().map(|row| invitation(row, &self.vault)).transpose()?.flatten())
    }

    async fn list_invitations(
        &self,
        principal: &SubjectId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Invitation>, Fault> {
        let list = ask(LIST).bind(principal.as_str()).bind(now.millis()).bind(i64::from(limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| invitation(row, &self.vault).transpose()).collect()
    }

    async fn take_invitation(&self, code: Digest, opened: &Representation) -> Result<bool, Fault> {
        let (new, vault) = (opened.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let (id, principal, at) = (new.id.as_str(), new.principal.as_str(), new.created_at);
            // Persons before their things, as whoever erases one of them takes them: neither waits for the other.
            let representative = new.representative.as_str();
            if is_closed(&mut transaction, principal).await? || is_closed(&mut transaction, representative).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            let take = ask(TAKE).bind(code.as_bytes().as_slice()).bind(id).bind(principal).bind(at.millis());
            let row = take.fetch_optional(&mut *transaction).await?;
            let taken = row.as_ref().map(|row| invitation(row, &vault)).transpose()?.flatten();
            // What was agreed to on both sides is what is written.
            let fits = taken.is_some_and(|one| (one.kind, one.until) == (new.kind, new.expires_at));
            let is_other = new.principal != new.representative;
            let is_done = fits && is_other && insert_one(&mut transaction, &new, &vault).await?;
            end(transaction, is_done).await
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
        self.transact(async move |mut transaction| {
            let withdraw = ask(WITHDRAW).bind(id.as_str()).bind(principal.as_str()).bind(at.millis());
            let row = withdraw.fetch_optional(&mut *transaction).await?;
            let Some(one) = row.as_ref().map(|row| invitation(row, &vault)).transpose()?.flatten() else {
                transaction.rollback().await?;
                return Ok(false);
            };
            queue(&mut transaction, &one, ("invitation_withdrawn", at), &vault).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }
}
