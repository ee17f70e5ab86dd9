//! Clients.

use super::SqliteStore;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::{Fault, Timestamp};
use crate::store::ClientStore;
use crate::store::record;
use crate::store::statement::statements;
use async_trait::async_trait;
use rusqlite::{Row, params};

statements! {
    FIND = "SELECT body FROM clients WHERE id = ?1";
    LIST = "SELECT body FROM clients ORDER BY id";
    PUT = "INSERT INTO clients (id, body, updated_at) VALUES (?1, ?2, ?3)
        ON CONFLICT (id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at";
}

fn client(row: &Row<'_>) -> Result<Client, Fault> {
    record::read("client", row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)
}

#[async_trait]
impl ClientStore for SqliteStore {
    async fn find_client(&self, id: &ClientId) -> Result<Option<Client>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], client))
    }

    async fn put_client(&self, client: &Client, now: Timestamp) -> Result<(), Fault> {
        let (id, body) = (client.id.clone(), record::write(client)?);
        self.write(move |database| database.execute(PUT, params![id.as_str(), body, now.millis()]).map(drop)).await
    }

    async fn list_clients(&self) -> Result<Vec<Client>, Fault> {
        self.read(|database| database.list(LIST, [], client))
    }
}
