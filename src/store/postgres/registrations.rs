//! How clients came to be registered.

use super::evidence::queue_events;
use super::{PostgresStore, ask, end, is_one};
use crate::domain::client::Client;
use crate::domain::evidence::Event;
use crate::domain::ids::ClientId;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::{HeldRegistration, RegistrationStore};
use async_trait::async_trait;
use sqlx::Row as _;
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO registrations (client_id, token, body, updated_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (client_id) DO NOTHING";
    INSERT_CLIENT = "INSERT INTO clients (id, body, updated_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
    FIND = "SELECT token, body FROM registrations WHERE client_id = $1";
    REPLACE = "UPDATE registrations SET token = $4, body = $5, updated_at = $6
        WHERE client_id = $1 AND token IS NOT DISTINCT FROM $2 AND body = $3";
    UPDATE_CLIENT = "UPDATE clients SET body = $2, updated_at = $3 WHERE id = $1";
}

fn bytes(token: Option<&Digest>) -> Option<Vec<u8>> {
    token.map(|digest| digest.as_bytes().to_vec())
}

#[async_trait]
impl RegistrationStore for PostgresStore {
    async fn insert_registration(
        &self,
        held: &HeldRegistration,
        client: Option<&Client>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let held = held.clone();
        let client = client.map(|client| Ok::<_, Fault>((client.clone(), record::write(client)?))).transpose()?;
        let (at, vault) = (now, Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let now = at.millis();
            let id = held.client.as_str();
            let insert = ask(INSERT).bind(id).bind(bytes(held.token.as_ref())).bind(&held.body).bind(now);
            let mut is_new = is_one(insert, &mut transaction).await?;
            if let (true, Some((client, body))) = (is_new, &client) {
                queue_events(&mut transaction, &[Event::Client(client, at)], &vault).await?;
                is_new = is_one(ask(INSERT_CLIENT).bind(id).bind(body).bind(now), &mut transaction).await?;
            }
            end(transaction, is_new).await
        })
        .await
    }

    async fn find_registration(&self, client: &ClientId) -> Result<Option<HeldRegistration>, Fault> {
        let Some(row) = ask(FIND).bind(client.as_str()).fetch_optional(&self.pool).await? else { return Ok(None) };
        let token: Option<Vec<u8>> = row.try_get(0)?;
        let token = token.map(<[u8; 32]>::try_from).transpose();
        let token = token.map_err(|_| Fault::Internal("a stored digest has another length".into()))?;
        Ok(Some(HeldRegistration {
            client: client.clone(),
            token: token.map(Digest::from_bytes),
            body: row.try_get(1)?,
        }))
    }

    async fn replace_registration(
        &self,
        seen: &HeldRegistration,
        next: &HeldRegistration,
        client: Option<&Client>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let (seen, next) = (seen.clone(), next.clone());
        let client = client.map(|client| Ok::<_, Fault>((client.clone(), record::write(client)?))).transpose()?;
        let (at, vault) = (now, Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let now = at.millis();
            let id = seen.client.as_str();
            let replace = ask(REPLACE).bind(id).bind(bytes(seen.token.as_ref())).bind(&seen.body);
            let replace = replace.bind(bytes(next.token.as_ref())).bind(&next.body).bind(now);
            let mut is_ours = is_one(replace, &mut transaction).await?;
            if let (true, Some((client, body))) = (is_ours, &client) {
                queue_events(&mut transaction, &[Event::Client(client, at)], &vault).await?;
                is_ours = is_one(ask(UPDATE_CLIENT).bind(id).bind(body).bind(now), &mut transaction).await?;
            }
            end(transaction, is_ours).await
        })
        .await
    }
}
