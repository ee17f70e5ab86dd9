//! Keys that clients keep at an address of their own (`jwks_uri`, RFC 7591 §2): fetched when they are needed, kept for
//! a while, and fetched again when an unknown key is named, but not often.

use crate::adapters::outward::Outward;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::profile::ClientAuthentication;
use crate::domain::{Refusal, Timestamp};
use crate::protocol::certificate::RegisteredCertificates;
use crate::protocol::code::INVALID_CLIENT;
use crate::protocol::jose::jwe::RecipientKeys;
use crate::protocol::jose::{JwkError, KeySet};
use dashmap::DashMap;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long a key set is used without asking again: a key that was taken out is refused that much later at most.
const FRESH: Duration = Duration::from_mins(10);
/// How long it is used while the address does not answer.
const STALE: Duration = Duration::from_hours(1);
/// How often one client's address is asked at most, whatever is sent to us in its name.
const PAUSE: Duration = Duration::from_secs(30);

/// A client's key set, as it is verified by.
#[derive(Clone, Debug, Default)]
pub(super) struct RegisteredKeys {
    /// The keys that sign.
    pub keys: Arc<KeySet>,
    /// The keys that messages to it are encrypted to.
    pub recipients: Arc<RecipientKeys>,
    /// The certificates that keys stand for (RFC 8705 §2.2).
    pub certificates: Arc<RegisteredCertificates>,
}

impl RegisteredKeys {
    /// Reads a JWK Set.
    ///
    /// # Errors
    /// [`JwkError`]; but a client of mutual TLS needs no key that signs.
    pub fn parse(jwks: &Value, method: &ClientAuthentication) -> Result<Self, JwkError> {
        let keys = match KeySet::parse(jwks) {
            Err(JwkError::Kind | JwkError::Use) if *method != ClientAuthentication::PrivateKeyJwt => KeySet::default(),
            read => read?,
        };
        // Where they do not read, nothing is encrypted to them, and what must be encrypted is refused.
        let recipients = Arc::new(RecipientKeys::parse(jwks).unwrap_or_default());
        Ok(Self { keys: Arc::new(keys), recipients, certificates: Arc::new(RegisteredCertificates::parse(jwks)) })
    }
}

/// What is known of one client's keys.
#[derive(Default)]
struct Slot {
    uri: String,
    keys: Option<(Timestamp, RegisteredKeys)>,
    tried_at: Option<Timestamp>,
    why: String,
}

/// Every client's keys; only registered clients get here, so there are no more than those.
pub(super) struct RemoteKeys {
    outward: Outward,
    // One asks for a client at a time; the others wait for what it gets.
    slots: DashMap<ClientId, Arc<Mutex<Slot>>>,
}

impl RemoteKeys {
    pub fn new(outward: Outward) -> Self {
        Self { outward, slots: DashMap::new() }
    }

    /// The keys at `uri`; `is_newer_wanted` when a key was named that is not among those known.
    ///
    /// # Errors
    /// `invalid_client` when there are none, naming why.
    pub async fn find(
        &self,
        client: &Client,
        uri: &str,
        is_newer_wanted: bool,
        now: Timestamp,
    ) -> Result<RegisteredKeys, Refusal> {
        let slot = Arc::clone(&self.slots.entry(client.id.clone()).or_default());
        let mut slot = slot.lock().await;
        if slot.uri != uri {
            *slot = Slot { uri: uri.to_owned(), ..Slot::default() };
        }
        let is_younger = |than: Duration| slot.keys.as_ref().is_some_and(|(at, _)| now < at.plus(than));
        let is_asked = is_newer_wanted || !is_younger(FRESH);
        if is_asked && slot.tried_at.is_none_or(|at| now >= at.plus(PAUSE)) {
            slot.tried_at = Some(now);
            match self.fetch(uri, &client.profile.authentication).await {
                Ok(keys) => slot.keys = Some((now, keys)),
                Err(why) => {
                    tracing::info!(client.id = %client.id, why, "a client's keys could not be fetched");
                    slot.why = why;
                }
            }
        }
        match &slot.keys {
            Some((at, keys)) if now < at.plus(STALE) => Ok(keys.clone()),
            _ => {
                let public = format!("the keys at the registered jwks_uri could not be read: {}", slot.why);
                Err(Refusal::new(INVALID_CLIENT, public).at("jwks_uri"))
            }
        }
    }

    async fn fetch(&self, uri: &str, method: &ClientAuthentication) -> Result<RegisteredKeys, String> {
        let body = self.outward.get(uri).await.map_err(|error| error.to_string())?;
        let jwks = serde_json::from_slice(&body).map_err(|_| "it is no JSON".to_owned())?;
        RegisteredKeys::parse(&jwks, method).map_err(|error| error.to_string())
    }
}
