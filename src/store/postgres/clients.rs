//! Clients.

use super::evidence::queue_events;
use super::{PostgresStore, ask, body};
use crate::domain::client::Client;
use crate::domain::evidence::Event;
use crate::domain::ids::ClientId;
use crate::domain::{Fault, Timestamp};
use crate::store::ClientStore;
use crate::store::record;
use crate::store::statement::statements;
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use std::sync::Arc;

statements! {
    FIND = "SELECT body FROM clients WHERE id = $1";
    LIST = "SELECT body FROM clients ORDER BY id";
    PUT = "INSERT INTO clients (id, body, updated_at) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at";
}

fn client(row: &PgRow) -> Result<Client, Fault> {
    record::read("client", body(row)?)
}

#[async_trait]
impl ClientStore for PostgresStore {
    async fn find_client(&self, id: &ClientId) -> Result<Option<Client>, Fault> {
        ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?.as_ref().map(client).transpose()
    }

    async fn put_client(&self, client: &Client, now: Timestamp) -> Result<(), Fault> {
        let (client, vault) = (client.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let put = ask(PUT).bind(client.id.as_str()).bind(record::write(&client)?).bind(now.millis());
            put.execute(&mut *transaction).await?;
            queue_events(&mut transaction, &[Event::Client(&client, now)], &vault).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    async fn list_clients(&self) -> Result<Vec<Client>, Fault> {
        ask(LIST).fetch_all(&self.pool).await?.iter().map(client).collect()
    }
}
