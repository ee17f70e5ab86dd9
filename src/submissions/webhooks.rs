//! Telling filers of what changed (Standard Webhooks): each event until it is taken, for some days; then it waits as a dead
//! letter that its receiver can see and have sent again.
//!
//! A message is written in the transaction of the event that it tells, so none is lost; it may come twice, and has one id.

use crate::adapters::outward::{Outward, OutwardError};
use crate::domain::ids::{ClientId, MessageId};
use crate::domain::scope::Scope;
use crate::domain::submission::{ArrivalNumber, SubmissionEvent, SubmissionState};
use crate::domain::webhook::{Told, Webhook, WebhookMessage};
use crate::domain::{Clock, Entropy, Failure, Fault, MasterKey, Refusal, Timestamp};
use crate::protocol::webhook::{PURPOSE, WebhookKey, fields};
use crate::store::Store;
use crate::store::rotation::{Keeper, Rotation, Series, is_kept};
use crate::telemetry::metric;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How many are told at once.
const AT_ONCE: u32 = 16;
/// How long a message is one caller's own: longer than a call may take.
const LEASE: Duration = Duration::from_mins(1);
/// How often it is looked whether somebody is to be told.
const LOOK: Duration = Duration::from_secs(1);
const AFTER_FAULT: Duration = Duration::from_secs(15);
/// How often the keys are looked at anew.
const KEYS_EVERY: Duration = Duration::from_mins(1);
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
    /// When the keys change. The former one is published and signs beside the new one for as long as a receiver is tried,
    /// at least: a receiver that looked at the keys when it was first told finds one that it knows.
    pub rotation: Rotation,
}

/// Webhooks at work.
pub struct Webhooks {
    parts: WebhooksParts,
    keys: RwLock<Arc<Keys>>,
}

/// The keys at one moment.
struct Keys {
    /// What signs, the one in use first.
    signing: Vec<WebhookKey>,
    published: Value,
}

impl Webhooks {
    /// Opens the keys; makes the first one where there is none.
    ///
    /// # Errors
    /// [`Fault`] when the store is away or a key does not open.
    pub async fn open(parts: WebhooksParts) -> Result<Self, Fault> {
        let keys = RwLock::new(Arc::new(load(&parts).await?));
        Ok(Self { parts, keys })
    }

    /// Makes, activates and retires keys as their times come.
    ///
    /// # Errors
    /// [`Fault`] when the store is away or a key does not open; the keys stay as they were.
    pub async fn refresh(&self) -> Result<(), Fault> {
        let keys = Arc::new(load(&self.parts).await?);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys by which receivers check messages: a JWK Set (RFC 7517 §5).
    #[must_use]
    pub fn key_set(&self) -> Value {
        self.keys().published.clone()
    }

    /// Tells receivers, for as long as the process runs; to be spawned beside the server.
    pub async fn tell_forever(self: Arc<Self>) {
        let mut looked = self.parts.clock.now();
        loop {
            if self.parts.clock.now() >= looked.plus(KEYS_EVERY) {
                looked = self.parts.clock.now();
                if let Err(fault) = self.refresh().await {
                    tracing::warn!(%fault, "the keys for webhooks could not be looked at");
                }
            }
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
        if !self.may_be_told(message).await? {
            return self.parts.store.settle_message(message, &Told::Done).await.map(drop);
        }
        let body = body_of(message).to_string();
        let fields = fields(&self.keys().signing, message.id.as_str(), self.parts.clock.now(), &body);
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
        metric::webhook(told.as_str());
        if let Told::Dead(why) = &told {
            tracing::warn!(client.id = %message.client, why, "a webhook's message is given up");
        }
        self.parts.store.settle_message(message, &told).await.map(drop)
    }

    /// Of a notice to a citizen nobody is told whose grant is not in force any more: its list tells it, should it be again.
    async fn may_be_told(&self, message: &WebhookMessage) -> Result<bool, Fault> {
        let Some(mention) = &message.event.notice else { return Ok(true) };
        let grant = self.parts.store.find_grant(&mention.grant).await?;
        Ok(grant.is_some_and(|grant| grant.is_in_force(self.parts.clock.now()) && grant.scope.has(Scope::Notices)))
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

/// The keys as they are to be now, after what was due is written.
async fn load(parts: &WebhooksParts) -> Result<Keys, Fault> {
    let now = parts.clock.now();
    let rotation = Rotation { overlap: parts.rotation.overlap.max(GIVE_UP), ..parts.rotation };
    let generate = || WebhookKey::generate().map(|(_, document)| document);
    let keeper = Keeper { store: &*parts.store, master: &parts.master, entropy: &*parts.entropy };
    let held = Series { purpose: PURPOSE, generate: &generate }.in_order(rotation, keeper, now).await?;
    let (mut signing, mut published) = (Vec::new(), Vec::new());
    for key in held.iter().rev().filter(|key| is_kept(key, now)) {
        let opened = WebhookKey::from_pkcs8(&parts.master.open(&key.id, &key.sealed)?)?;
        published.push(opened.public_jwk().clone());
        if key.active_from <= now {
            signing.push(opened);
        }
    }
    if signing.is_empty() {
        return Err(Fault::Internal("there is no key for webhooks".into()));
    }
    Ok(Keys { signing, published: json!({ "keys": published }) })
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
    let kind = match event {
        SubmissionEvent { document: Some(mention), .. } => format!("document.{}", mention.news.as_str()),
        SubmissionEvent { deposit: Some(mention), .. } => format!("deposit.{}", mention.news.as_str()),
        SubmissionEvent { disposition: Some(mention), .. } => format!("disposition_notice.{}", mention.news.as_str()),
        SubmissionEvent { certificate: Some(mention), .. } => {
            format!("employment_certificate.{}", mention.news.as_str())
        }
        SubmissionEvent { payment: Some(mention), .. } => format!("payment.{}", mention.news.as_str()),
        SubmissionEvent { application: Some(mention), .. } => format!("application.{}", mention.news.as_str()),
        SubmissionEvent { certificate_request: Some(mention), .. } => {
            format!("certificate_request.{}", mention.news.as_str())
        }
        SubmissionEvent { software: Some(mention), .. } => format!("delegation.software_{}", mention.news.as_str()),
        SubmissionEvent { establishment: Some(mention), .. } => format!("establishment.{}", mention.news.as_str()),
        SubmissionEvent { notice: Some(_), .. } => "notice.posted".to_owned(),
        SubmissionEvent { delivery: Some(_), .. } => "submission.delivery_changed".to_owned(),
        SubmissionEvent { delivery: None, .. } => "submission.accepted".to_owned(),
    };
    let mut data = json!({ "is_looked_into": event.is_parked });
    let word = |state: Option<SubmissionState>| state.map(|state| state.as_str().to_owned());
    let texts = [
        ("submission", event.submission.as_ref().map(ToString::to_string)),
        ("state", word(event.state)),
        ("submission_state", word(event.overall)),
        ("delivery", event.delivery.as_ref().map(ToString::to_string)),
        ("agency", event.agency.clone()),
        ("document", event.document.as_ref().map(|mention| mention.id.to_string())),
        ("deposit", event.deposit.as_ref().map(|mention| mention.id.to_string())),
        ("disposition_notice", event.disposition.as_ref().map(|mention| mention.id.to_string())),
        ("notice", event.notice.as_ref().map(|mention| mention.id.to_string())),
        ("grant_id", event.notice.as_ref().map(|mention| mention.grant.to_string())),
        ("application", event.application.as_ref().map(|mention| mention.id.to_string())),
        ("certificate_request", event.certificate_request.as_ref().map(|mention| mention.id.to_string())),
        ("payment", event.payment.as_ref().map(|mention| mention.id.to_string())),
        ("certificate", event.certificate.as_ref().map(|mention| mention.id.to_string())),
        ("establishment", event.establishment.as_ref().map(|mention| mention.id.to_string())),
        ("software_delegation", event.software.as_ref().map(|mention| mention.id.to_string())),
        ("office_delegation", event.software.as_ref().map(|mention| mention.via.to_string())),
        ("software", event.software.as_ref().map(|mention| mention.client.to_string())),
        ("arrival_number", event.arrival.as_ref().map(|number: &ArrivalNumber| number.as_str().to_owned())),
    ];
    let founder = event.establishment.as_ref().and_then(|mention| mention.founder);
    if let Some(members) = data.as_object_mut() {
        members.extend(event.notice.as_ref().map(|mention| ("place".to_owned(), mention.place.into())));
        members.extend(founder.map(|place| ("founder".to_owned(), place.into())));
        members.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Value::from(text?)))));
    }
    let at: Timestamp = event.at;
    json!({ "type": kind, "timestamp": at.rfc3339(), "data": data })
}
