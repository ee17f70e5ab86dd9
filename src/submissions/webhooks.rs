//! Telling filers of what changed (Standard Webhooks): each event until it is taken, for some days; then it waits as a dead
//! letter that its receiver can see and have sent again.
//!
//! A message is written in the transaction of the event that it tells, so none is lost; it may come twice, and has one id.

use crate::adapters::outward::{Outward, OutwardError};
use crate::domain::ids::{ClientId, MessageId};
use crate::domain::submission::{ArrivalNumber, SubmissionEvent};
use crate::domain::webhook::{Told, Webhook, WebhookMessage};
use crate::domain::{Clock, Entropy, Failure, Fault, MasterKey, Refusal, Timestamp};
use crate::protocol::webhook::WebhookKey;
use crate::store::{HeldKey, Store};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What the keys are for, and the first one's name.
const PURPOSE: &str = "webhooks";
const FIRST_KEY: &str = "webhooks-1";
/// How many are told at once.
const AT_ONCE: u32 = 16;
/// How long a message is one caller's own: longer than a call may take.
const LEASE: Duration = Duration::from_mins(1);
/// How often it is looked whether somebody is to be told.
const LOOK: Duration = Duration::from_secs(1);
const AFTER_FAULT: Duration = Duration::from_secs(15);
/// The first pause between tries, and the longest; between them each is four times the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_hours(8);
/// How long a receiver is tried.
const GIVE_UP: Duration = Duration::from_hours(5 * 24);

/// What it is made of.
pub struct WebhooksParts {
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Opens the keys.
    pub master: Arc<MasterKey>,
    /// Calls out: no redirects, no private addresses.
    pub outward: Outward,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// For seals and jitter.
    pub entropy: Arc<dyn Entropy>,
}

/// Webhooks at work.
pub struct Webhooks {
    parts: WebhooksParts,
    key: WebhookKey,
    published: Vec<Value>,
}

impl Webhooks {
    /// Opens the keys; makes the first one where there is none.
    ///
    /// # Errors
    /// [`Fault`] when the store is away or a key does not open.
    pub async fn open(parts: WebhooksParts) -> Result<Self, Fault> {
        if parts.store.list_keys(PURPOSE).await?.is_empty() {
            let now = parts.clock.now();
            let (_, document) = WebhookKey::generate()?;
            let sealed = parts.master.seal(FIRST_KEY, document.expose(), &*parts.entropy)?;
            let key = HeldKey {
                id: FIRST_KEY.to_owned(),
                purpose: PURPOSE.to_owned(),
                sealed,
                created_at: now,
                active_from: now,
                retired_at: None,
            };
            // Of two nodes that start at once one makes it, and both use it.
            parts.store.insert_key(&key).await?;
        }
        let held = parts.store.list_keys(PURPOSE).await?;
        let open = |key: &HeldKey| WebhookKey::from_pkcs8(&parts.master.open(&key.id, &key.sealed)?);
        let keys = held.iter().map(open).collect::<Result<Vec<_>, Fault>>()?;
        let published = keys.iter().map(|key| key.public_jwk().clone()).collect();
        let key = keys.into_iter().next_back().ok_or_else(|| Fault::Internal("there is no key for webhooks".into()))?;
        Ok(Self { parts, key, published })
    }

    /// The keys by which receivers check messages: a JWK Set (RFC 7517 §5).
    #[must_use]
    pub fn key_set(&self) -> Value {
        json!({ "keys": self.published })
    }

    /// Tells receivers, for as long as the process runs; to be spawned beside the server.
    pub async fn tell_forever(self: Arc<Self>) {
        loop {
            let pause = match self.tell_due().await {
                Ok(told) if told >= AT_ONCE as usize => continue,
                Ok(_) => LOOK,
                Err(fault) => {
                    tracing::warn!(%fault, "receivers of webhooks could not be told");
                    AFTER_FAULT
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Tells receivers whose time has come; gives how many messages were taken up.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; what was not settled stays to be told.
    pub async fn tell_due(&self) -> Result<usize, Fault> {
        let now = self.parts.clock.now();
        let messages = self.parts.store.lease_messages(now, now.plus(LEASE), AT_ONCE).await?;
        let settled = join_all(messages.iter().map(|message| self.settle(message))).await;
        settled.into_iter().collect::<Result<Vec<()>, Fault>>().map(|settled| settled.len())
    }

    async fn settle(&self, message: &WebhookMessage) -> Result<(), Fault> {
        let Some(webhook) = self.parts.store.find_webhook(&message.client).await? else {
            return self.parts.store.settle_message(message, &Told::Done).await.map(drop);
        };
        let body = body_of(message).to_string();
        let fields = self.key.fields(message.id.as_str(), self.parts.clock.now(), &body);
        let answer = self.parts.outward.post_with(&webhook.url, ("application/json", body), &fields).await;
        let now = self.parts.clock.now();
        let told = match answer {
            Ok(200..=299) => Told::Done,
            other => {
                let (why, may_pass) = reason(&other);
                let is_late = now >= message.created_at.plus(GIVE_UP);
                if may_pass && !is_late {
                    Told::Later(now.plus(self.pause(message.attempts)), why)
                } else {
                    Told::Dead(why)
                }
            }
        };
        if let Told::Dead(why) = &told {
            tracing::warn!(client.id = %message.client, why, "a webhook's message is given up");
        }
        self.parts.store.settle_message(message, &told).await.map(drop)
    }

    fn pause(&self, attempts: u32) -> Duration {
        let whole =
            FIRST_PAUSE.saturating_mul(4_u32.saturating_pow(attempts.saturating_sub(1).min(12))).min(LONGEST_PAUSE);
        self.parts.entropy.jittered(whole)
    }

    /// From now on the client is told there.
    ///
    /// # Errors
    /// `invalid_value` for an address that is not called.
    pub async fn put(&self, client: &ClientId, url: &str) -> Result<Webhook, Failure> {
        if url.len() > 500 {
            return Err(Refusal::new("invalid_value", "The address must be at most 500 characters.").at("/url").into());
        }
        self.parts.outward.check(url).map_err(|error| {
            Refusal::new("invalid_value", format!("This address is not called: {error}.")).at("/url")
        })?;
        let webhook = Webhook { client: client.clone(), url: url.to_owned(), since: self.parts.clock.now() };
        self.parts.store.put_webhook(&webhook).await?;
        Ok(webhook)
    }

    /// Where the client is told.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn find(&self, client: &ClientId) -> Result<Option<Webhook>, Fault> {
        self.parts.store.find_webhook(client).await
    }

    /// From now on the client is not told.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn delete(&self, client: &ClientId) -> Result<(), Fault> {
        self.parts.store.delete_webhook(client).await.map(drop)
    }

    /// What the client could not be told.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn dead(&self, client: &ClientId, after: &str, limit: u32) -> Result<Vec<WebhookMessage>, Fault> {
        self.parts.store.list_dead_messages(client, after, limit).await
    }

    /// Sends a dead letter again, from now on.
    ///
    /// # Errors
    /// `not_found` when the client has none such.
    pub async fn replay(&self, client: &ClientId, id: &str) -> Result<(), Failure> {
        let unknown = || Refusal::new("not_found", "You have no dead letter with this id.");
        let id = MessageId::parse(id).map_err(|_| unknown())?;
        let is_replayed = self.parts.store.replay_message(client, &id, self.parts.clock.now()).await?;
        if is_replayed { Ok(()) } else { Err(unknown().into()) }
    }
}

/// Why a message was not taken, in words of ours, and whether it may be later.
fn reason(answer: &Result<u16, OutwardError>) -> (String, bool) {
    match answer {
        Ok(status) => (format!("answered {status}"), true),
        Err(error @ (OutwardError::Address | OutwardError::NotPublic)) => (error.to_string(), false),
        Err(error) => (error.to_string(), true),
    }
}

/// The body: what changed, and nothing that is personal.
fn body_of(message: &WebhookMessage) -> Value {
    let event: &SubmissionEvent = &message.event;
    let kind = match (&event.document, &event.delivery) {
        (Some(mention), _) => format!("document.{}", mention.news.as_str()),
        (None, Some(_)) => "submission.delivery_changed".to_owned(),
        (None, None) => "submission.accepted".to_owned(),
    };
    let mut data = json!({
        "submission": event.submission.as_str(),
        "state": event.state,
        "submission_state": event.overall,
        "is_looked_into": event.is_parked,
    });
    let texts = [
        ("delivery", event.delivery.as_ref().map(ToString::to_string)),
        ("agency", event.agency.clone()),
        ("document", event.document.as_ref().map(|mention| mention.id.to_string())),
        ("arrival_number", event.arrival.as_ref().map(|number: &ArrivalNumber| number.as_str().to_owned())),
    ];
    if let Some(members) = data.as_object_mut() {
        members.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Value::from(text?)))));
    }
    let at: Timestamp = event.at;
    json!({ "type": kind, "timestamp": at.rfc3339(), "data": data })
}
