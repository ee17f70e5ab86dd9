//! Where clients are told of what changed, and what they are still to be told.

use super::SqliteStore;
use super::database::Database;
use crate::domain::ids::{ClientId, MessageId};
use crate::domain::webhook::{Told, Webhook, WebhookMessage};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{WebhookStore, filing, record};
use async_trait::async_trait;
use rusqlite::{Row, params};

statements! {
    PUT = "INSERT INTO webhooks (client_id, body) VALUES (?1, ?2)
        ON CONFLICT (client_id) DO UPDATE SET body = excluded.body";
    FIND = "SELECT body FROM webhooks WHERE client_id = ?1";
    DELETE = "DELETE FROM webhooks WHERE client_id = ?1";
    DELETE_MESSAGES = "DELETE FROM webhook_messages WHERE client_id = ?1";
    /// Only for a client that wants to be told.
    INSERT_MESSAGE = "INSERT INTO webhook_messages (id, client_id, created_at, due_at, body)
        SELECT ?1, client_id, ?3, ?3, ?4 FROM webhooks WHERE client_id = ?2";
    /// Asked first: most of the time nothing is due, and the writer need not be troubled.
    IS_DUE = "SELECT 1 FROM webhook_messages WHERE due_at <= ?1 LIMIT 1";
    LEASE = "UPDATE webhook_messages SET due_at = ?2, attempts = attempts + 1 WHERE id IN (
            SELECT id FROM webhook_messages WHERE due_at <= ?1 ORDER BY due_at LIMIT ?3)
        RETURNING id, client_id, created_at, attempts, last, body";
    DONE = "DELETE FROM webhook_messages WHERE id = ?1 AND attempts = ?2 AND due_at IS NOT NULL";
    LATER = "UPDATE webhook_messages SET due_at = ?3, last = ?4 WHERE id = ?1 AND attempts = ?2 AND due_at IS NOT NULL";
    LIST_DEAD = "SELECT id, client_id, created_at, attempts, last, body FROM webhook_messages
        WHERE client_id = ?1 AND due_at IS NULL AND id > ?2 ORDER BY id LIMIT ?3";
    REPLAY = "UPDATE webhook_messages SET due_at = ?3, created_at = ?3 WHERE id = ?1 AND client_id = ?2 AND due_at IS NULL";
}

/// Leaves a message of an event, in the transaction that writes the event, where its client is told.
pub(super) fn insert_message(
    database: Database<'_>,
    client: &ClientId,
    (at, body): (Timestamp, &str),
    vault: &Vault,
) -> Result<(), Fault> {
    let id = MessageId::generate(vault.entropy());
    database.execute(INSERT_MESSAGE, params![id.as_str(), client.as_str(), at.millis(), body]).map(drop)
}

fn message(row: &Row<'_>) -> Result<WebhookMessage, Fault> {
    Ok(WebhookMessage {
        id: record::id(row.get(0)?)?,
        client: record::id(row.get(1)?)?,
        created_at: Timestamp::from_millis(row.get(2)?),
        attempts: row.get(3)?,
        last: row.get(4)?,
        event: filing::event(0, row.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?)?,
    })
}

#[async_trait]
impl WebhookStore for SqliteStore {
    async fn put_webhook(&self, webhook: &Webhook) -> Result<(), Fault> {
        let (client, body) = (webhook.client.clone(), record::write(webhook)?);
        self.write(move |database| database.execute(PUT, params![client.as_str(), body]).map(drop)).await
    }

    async fn find_webhook(&self, client: &ClientId) -> Result<Option<Webhook>, Fault> {
        self.read(|database| {
            database.find(FIND, [client.as_str()], |row| {
                record::read("webhook", row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)
            })
        })
    }

    async fn delete_webhook(&self, client: &ClientId) -> Result<bool, Fault> {
        let client = client.clone();
        self.write(move |database| {
            database.execute(DELETE_MESSAGES, [client.as_str()])?;
            Ok(database.execute(DELETE, [client.as_str()])? == 1)
        })
        .await
    }

    async fn lease_messages(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<WebhookMessage>, Fault> {
        if self.read(|database| database.find(IS_DUE, [now.millis()], |_| Ok(())))?.is_none() {
            return Ok(Vec::new());
        }
        self.write(move |database| database.list(LEASE, params![now.millis(), until.millis(), limit], message)).await
    }

    async fn settle_message(&self, one: &WebhookMessage, told: &Told) -> Result<bool, Fault> {
        let (id, attempts, told) = (one.id.clone(), one.attempts, told.clone());
        self.take(move |database| {
            let count = match told {
                Told::Done => database.execute(DONE, params![id.as_str(), attempts])?,
                Told::Later(due, why) => database.execute(LATER, params![id.as_str(), attempts, due.millis(), why])?,
                Told::Dead(why) => database.execute(LATER, params![id.as_str(), attempts, None::<i64>, why])?,
            };
            Ok(count == 1)
        })
        .await
    }

    async fn list_dead_messages(
        &self,
        client: &ClientId,
        after: &str,
        limit: u32,
    ) -> Result<Vec<WebhookMessage>, Fault> {
        self.read(|database| database.list(LIST_DEAD, params![client.as_str(), after, limit], message))
    }

    async fn replay_message(&self, client: &ClientId, id: &MessageId, now: Timestamp) -> Result<bool, Fault> {
        let (client, id) = (client.clone(), id.clone());
        self.take(move |database| {
            Ok(database.execute(REPLAY, params![id.as_str(), client.as_str(), now.millis()])? == 1)
        })
        .await
    }
}
