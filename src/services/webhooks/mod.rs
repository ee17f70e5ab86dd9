//! Where a client is told of what changed in its filings: the bodies of that.
//!
//! What for: whoever is told need not ask.
//!
//! How it flows: a handler asks [`crate::submissions::Webhooks`] and shows what it says.
//!
//! How to add one more: a body here, a method there.
//!
//! What it must never do: show an address or a message of another client.

use crate::domain::Refusal;
use crate::domain::webhook::{Webhook, WebhookMessage};
use crate::services::body;
use crate::services::submissions::EventView;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;
use utoipa::ToSchema;

/// Where you want to be told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookRequest {
    /// An address that is reached over https and is not private. Redirects are not followed.
    #[schema(example = "https://payroll.example/webhooks/madoguchi")]
    pub url: String,
}

/// Where you are told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct WebhookView {
    /// The address; absent while you are not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "https://payroll.example/webhooks/madoguchi")]
    pub url: Option<String>,
    /// Since when (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub since: Option<String>,
}

/// A message that you could not be told in five days.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadLetter {
    /// The `webhook-id` that it was sent with.
    #[schema(example = "msg_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// How often it was sent.
    pub attempts: u32,
    /// What came of the last try.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "answered 500")]
    pub last: Option<String>,
    /// What it tells; its place on the cursor is not known here.
    pub event: EventView,
}

/// One page of dead letters.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadLetterPage {
    /// The letters, by id.
    pub items: Vec<DeadLetter>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// The keys by which messages are checked (RFC 7517 §5, RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookKeySet {
    /// Ed25519 keys.
    #[schema(value_type = Vec<Object>)]
    pub keys: Vec<serde_json::Value>,
}

impl WebhookView {
    /// Where a client is told, if it is.
    #[must_use]
    pub fn of(webhook: Option<&Webhook>) -> Self {
        Self { url: webhook.map(|hook| hook.url.clone()), since: webhook.map(|hook| hook.since.rfc3339()) }
    }
}

impl DeadLetterPage {
    /// A page of at most `limit`.
    #[must_use]
    pub fn of(found: &[WebhookMessage], limit: u32) -> Self {
        let letter = |one: &WebhookMessage| DeadLetter {
            id: one.id.to_string(),
            attempts: one.attempts,
            last: one.last.clone(),
            event: EventView::of(&one.event),
        };
        let next = found.last().filter(|_| found.len() >= limit as usize).map(|last| last.id.to_string());
        Self { items: found.iter().map(letter).collect(), next }
    }
}

/// Reads the body of a request.
///
/// # Errors
/// `invalid_request`.
pub fn read(bytes: &[u8]) -> Result<WebhookRequest, Refusal> {
    body::read(bytes)
}

/// The id after which a page of dead letters goes on; empty for the first page.
///
/// # Errors
/// `invalid_value` naming a parameter that there is not.
pub fn after(query: &str) -> Result<String, Refusal> {
    let mut after = String::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "after" => after = value.into_owned(),
            _ => return Err(body::unknown(&name, "after")),
        }
    }
    Ok(after)
}
