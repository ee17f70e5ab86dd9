//! The port of webhooks. The messages themselves are written by an engine, in the transaction of the event that they tell.

use crate::domain::ids::{ClientId, MessageId};
use crate::domain::webhook::{Told, Webhook, WebhookMessage};
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// Where clients are told of what changed, and what they are still to be told.
#[async_trait]
pub trait WebhookStore: Send + Sync {
    /// Sets where a client is told from now on.
    async fn put_webhook(&self, webhook: &Webhook) -> Result<(), Fault>;
    /// Where a client is told.
    async fn find_webhook(&self, client: &ClientId) -> Result<Option<Webhook>, Fault>;
    /// From now on the client is not told, not even of what waits; false when it was not.
    async fn delete_webhook(&self, client: &ClientId) -> Result<bool, Fault>;
    /// Lends messages that are due until `until` and counts the try; each to one caller only.
    async fn lease_messages(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<WebhookMessage>, Fault>;
    /// Writes down what came of a try; false when another has it by now.
    async fn settle_message(&self, message: &WebhookMessage, told: &Told) -> Result<bool, Fault>;
    /// What a client could not be told, by id, after this one.
    async fn list_dead_messages(
        &self,
        client: &ClientId,
        after: &str,
        limit: u32,
    ) -> Result<Vec<WebhookMessage>, Fault>;
    /// Lets a dead message of the client's be sent again from `now`; false when it has none such.
    async fn replay_message(&self, client: &ClientId, id: &MessageId, now: Timestamp) -> Result<bool, Fault>;
}
