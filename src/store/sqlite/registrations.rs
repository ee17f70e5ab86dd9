//! How clients came to be registered.

use super::SqliteStore;
use super::evidence::queue_event;
use crate::domain::client::Client;
use crate::domain::evidence::Event;
use crate::domain::ids::ClientId;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::{HeldRegistration, RegistrationStore};
use async_trait::async_trait;
use rusqlite::params;
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO registrations (client_id, token, body, updated_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (client_id) DO NOTHING";
    INSERT_CLIENT = "INSERT INTO clients (id, body, updated_at) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING";
    FIND = "SELECT token, body FROM registrations WHERE client_id = ?1";
    REPLACE = "UPDATE registrations SET token = ?4, body = ?5, updated_at = ?6
        WHERE client_id = ?1 AND token IS ?2 AND body = ?3";
    UPDATE_CLIENT = "UPDATE clients SET body = ?2, updated_at = ?3 WHERE id = ?1";
}

fn bytes(token: Option<&Digest>) -> Option<[u8; 32]> {
    token.map(|digest| *digest.as_bytes())
}

#[async_trait]
impl RegistrationStore for SqliteStore {
    async fn insert_registration(
        &self,
        held: &HeldRegistration,
        client: Option<&Client>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let held = held.clone();
        let client = client.map(|client| Ok::<_, Fault>((client.clone(), record::write(client)?))).transpose()?;
        let (at, vault) = (now, Arc::clone(&self.vault));
        self.take(move |database| {
            let now = at.millis();
            let id = held.client.as_str();
            let is_new = database.execute(INSERT, params![id, bytes(held.token.as_ref()), held.body, now])? == 1;
            match client {
                Some((client, body)) if is_new => {
                    queue_event(database, &Event::Client(&client, at), &vault)?;
                    Ok(database.execute(INSERT_CLIENT, params![id, body, now])? == 1)
                }
                _ => Ok(is_new),
            }
        })
        .await
    }

    async fn find_registration(&self, client: &ClientId) -> Result<Option<HeldRegistration>, Fault> {
        self.read(|database| {
            database.find(FIND, [client.as_str()], |row| {
                let token: Option<[u8; 32]> = row.get(0)?;
                Ok(HeldRegistration { client: client.clone(), token: token.map(Digest::from_bytes), body: row.get(1)? })
            })
        })
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
        self.take(move |database| {
            let now = at.millis();
            let id = seen.client.as_str();
            let (before, after) = (bytes(seen.token.as_ref()), bytes(next.token.as_ref()));
            let is_ours = database.execute(REPLACE, params![id, before, seen.body, after, next.body, now])? == 1;
            match client {
                Some((client, body)) if is_ours => {
                    queue_event(database, &Event::Client(&client, at), &vault)?;
                    Ok(database.execute(UPDATE_CLIENT, params![id, body, now])? == 1)
                }
                _ => Ok(is_ours),
            }
        })
        .await
    }
}
