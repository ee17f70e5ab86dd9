//! Where clients are told of what changed, and what they are still to be told.

use super::{PostgresStore, ask, body};
use crate::domain::ids::{ClientId, MessageId};
use crate::domain::webhook::{Told, Webhook, WebhookMessage};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{WebhookStore, filing, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

statements! {
    PUT = "INSERT INTO webhooks (client_id, body) VALUES ($1, $2)
        ON CONFLICT (client_id) DO UPDATE SET body = excluded.body";
    FIND = "SELECT body FROM webhooks WHERE client_id = $1";
    DELETE = "WITH gone AS (DELETE FROM webhook_messages WHERE client_id = $1)
        DELETE FROM webhooks WHERE client_id = $1";
    /// Only for a client that wants to be told. Waits for the end of what takes the webhook away, and is waited for.
    INSERT_MESSAGES = "INSERT INTO webhook_messages (id, client_id, created_at, due_at, body)
        SELECT m.id, hook.client_id, $3, $3, m.body
        FROM (SELECT client_id FROM webhooks WHERE client_id = $1 FOR SHARE) hook,
            unnest($2::text[], $4::text[]) AS m (id, body)";
    LEASE = "WITH due AS MATERIALIZED (
            SELECT id FROM webhook_messages WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
        UPDATE webhook_messages m SET due_at = $2, attempts = attempts + 1 FROM due WHERE m.id = due.id
        RETURNING m.id, m.client_id, m.created_at, m.attempts, m.last, m.body";
    DONE = "DELETE FROM webhook_messages WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL";
    LATER = "UPDATE webhook_messages SET due_at = $3, last = $4
        WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL";
    LIST_DEAD = "SELECT id, client_id, created_at, attempts, last, body FROM webhook_messages
        WHERE client_id = $1 AND due_at IS NULL AND id > $2 ORDER BY id LIMIT $3";
    REPLAY = "UPDATE webhook_messages SET due_at = $3, created_at = $3
        WHERE id = $1 AND client_id = $2 AND due_at IS NULL";
}

/// Leaves messages of events, in the transaction that writes the events, where their client is told.
pub(super) async fn insert_messages(
    connection: &mut PgConnection,
    client: &ClientId,
    (at, bodies): (Timestamp, &[String]),
    vault: &Vault,
) -> Result<(), Fault> {
    let ids: Vec<String> = bodies.iter().map(|_| MessageId::generate(vault.entropy()).to_string()).collect();
    let insert = ask(INSERT_MESSAGES).bind(client.as_str()).bind(ids).bind(at.millis()).bind(bodies);
    insert.execute(connection).await?;
    Ok(())
}

fn message(row: &PgRow) -> Result<WebhookMessage, Fault> {
    let attempts = u32::try_from(row.try_get::<i64, _>(3)?);
    Ok(WebhookMessage {
        id: record::id(row.try_get(0)?)?,
        client: record::id(row.try_get(1)?)?,
        created_at: Timestamp::from_millis(row.try_get(2)?),
        attempts: attempts.map_err(|_| Fault::Internal("a stored message's attempts are out of range".into()))?,
        last: row.try_get(4)?,
        event: filing::event(0, row.try_get(5)?)?,
    })
}

#[async_trait]
impl WebhookStore for PostgresStore {
    async fn put_webhook(&self, webhook: &Webhook) -> Result<(), Fault> {
        ask(PUT).bind(webhook.client.as_str()).bind(record::write(webhook)?).execute(&self.pool).await?;
        Ok(())
    }

    async fn find_webhook(&self, client: &ClientId) -> Result<Option<Webhook>, Fault> {
        let row = ask(FIND).bind(client.as_str()).fetch_optional(&self.pool).await?;
        row.as_ref().map(|row| record::read("webhook", body(row)?)).transpose()
    }

    async fn delete_webhook(&self, client: &ClientId) -> Result<bool, Fault> {
        Ok(ask(DELETE).bind(client.as_str()).execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn lease_messages(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<WebhookMessage>, Fault> {
        let lease = ask(LEASE).bind(now.millis()).bind(until.millis()).bind(i64::from(limit));
        lease.fetch_all(&self.pool).await?.iter().map(message).collect()
    }

    async fn settle_message(&self, one: &WebhookMessage, told: &Told) -> Result<bool, Fault> {
        let by_id = |statement| ask(statement).bind(one.id.as_str()).bind(i64::from(one.attempts));
        let settle = match told {
            Told::Done => by_id(DONE),
            Told::Later(due, why) => by_id(LATER).bind(Some(due.millis())).bind(why),
            Told::Dead(why) => by_id(LATER).bind(None::<i64>).bind(why),
        };
        Ok(settle.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn list_dead_messages(
        &self,
        client: &ClientId,
        after: &str,
        limit: u32,
    ) -> Result<Vec<WebhookMessage>, Fault> {
        let list = ask(LIST_DEAD).bind(client.as_str()).bind(after).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(message).collect()
    }

    async fn replay_message(&self, client: &ClientId, id: &MessageId, now: Timestamp) -> Result<bool, Fault> {
        let replay = ask(REPLAY).bind(id.as_str()).bind(client.as_str()).bind(now.millis());
        Ok(replay.execute(&self.pool).await?.rows_affected() == 1)
    }
}
