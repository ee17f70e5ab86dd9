//! What operators open in a disaster.

use super::data_keys::{kept_key, key_of};
use super::evidence::queue_events;
use super::grants::insert_grant;
use super::representations::insert_one;
use super::tokens::insert_refresh_token;
use super::{PostgresStore, ask};
use crate::domain::evidence::Event;
use crate::domain::ids::RepresentationId;
use crate::domain::{Fault, Timestamp};
use crate::store::operators::Signed;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{EmergencyStore, HeldEmergency, Opening, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO emergencies (id, client_id, requested_by, request, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    FIND = "SELECT id, client_id, requested_by, request, created_at, expires_at, approved_by, approval, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = emergencies.id)
        FROM emergencies WHERE id = $1";
    LIST = "SELECT id, client_id, requested_by, request, created_at, expires_at, approved_by, approval, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = emergencies.id)
        FROM emergencies WHERE created_at > 0 ORDER BY created_at DESC, id DESC LIMIT $1";
    /// Once, and by another than who asked.
    OPEN = "UPDATE emergencies SET approved_by = $2, approval = $3, opened_at = $4
        WHERE id = $1 AND approved_by IS NULL AND requested_by <> $2 AND expires_at > $4
        RETURNING id, client_id, requested_by, request, created_at, expires_at, approved_by, approval,
            id, (SELECT sealed FROM data_keys WHERE data_keys.id = emergencies.id)";
}

/// A row with the key that its statements are under.
fn emergency(row: &PgRow, vault: &Vault) -> Result<HeldEmergency, Fault> {
    let (id, key): (&str, _) = (row.try_get(0)?, kept_key(row, vault, 8)?);
    let (by, approval): (Option<String>, Option<String>) = (row.try_get(6)?, row.try_get(7)?);
    let approval = approval.map(|kept| Signed::Approval.open(id, kept, key.as_ref())).transpose()?;
    Ok(HeldEmergency {
        id: record::id(id.to_owned())?,
        client: record::id(row.try_get(1)?)?,
        requested_by: row.try_get(2)?,
        request: Signed::Request.open(id, row.try_get(3)?, key.as_ref())?,
        created_at: Timestamp::from_millis(row.try_get(4)?),
        expires_at: Timestamp::from_millis(row.try_get(5)?),
        approval: by.zip(approval),
    })
}

async fn queue(
    connection: &mut PgConnection,
    one: &HeldEmergency,
    (word, operators, at): (&str, &str, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    let event = Event::Emergency { id: &one.id, client: &one.client, word, operators, at };
    queue_events(connection, &[event], vault).await
}

#[async_trait]
impl EmergencyStore for PostgresStore {
    async fn insert_emergency(&self, new: &HeldEmergency) -> Result<(), Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let key = key_of(&mut transaction, &vault, new.id.as_str()).await?;
            let request = Signed::Request.seal(new.id.as_str(), &new.request, (&key, &vault))?;
            let insert = ask(INSERT).bind(new.id.as_str()).bind(new.client.as_str()).bind(&new.requested_by);
            let insert = insert.bind(&request).bind(new.created_at.millis()).bind(new.expires_at.millis());
            insert.execute(&mut *transaction).await?;
            queue(&mut transaction, &new, ("requested", &new.requested_by, new.created_at), &vault).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    async fn find_emergency(&self, id: &RepresentationId) -> Result<Option<HeldEmergency>, Fault> {
        ask(FIND)
            .bind(id.as_str())
            .fetch_optional(&self.pool)
            .await?
            .as_ref()
            .map(|row| emergency(row, &self.vault))
            .transpose()
    }

    async fn list_emergencies(&self, limit: u32) -> Result<Vec<HeldEmergency>, Fault> {
        ask(LIST)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|row| emergency(row, &self.vault))
            .collect()
    }

    async fn open_emergency(&self, opening: &Opening<'_>, at: Timestamp) -> Result<bool, Fault> {
        let (by, approval) = (opening.by.to_owned(), opening.approval.to_owned());
        let (new, grant, token) = (opening.representation.clone(), opening.grant.clone(), opening.token.clone());
        let vault = Arc::clone(&self.vault);
        self.transact(async move |mut transaction| {
            let key = key_of(&mut transaction, &vault, new.id.as_str()).await?;
            let approval = Signed::Approval.seal(new.id.as_str(), &approval, (&key, &vault))?;
            let open = ask(OPEN).bind(new.id.as_str()).bind(&by).bind(&approval).bind(at.millis());
            let Some(row) = open.fetch_optional(&mut *transaction).await? else {
                transaction.rollback().await?;
                return Ok(false);
            };
            let one = emergency(&row, &vault)?;
            if !insert_one(&mut transaction, &new, &vault).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            insert_grant(&mut transaction, &grant, &vault).await?;
            insert_refresh_token(&mut transaction, &token).await?;
            let operators = format!("{}, {by}", one.requested_by);
            queue(&mut transaction, &one, ("opened", &operators, at), &vault).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }
}
