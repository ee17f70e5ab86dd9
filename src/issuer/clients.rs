//! Registered clients, remembered for a second with their keys parsed.

use super::remote_keys::{RegisteredKeys, RemoteKeys};
use crate::adapters::outward::Outward;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::refusal::Failure;
use crate::domain::{Environment, Fault, Refusal, Timestamp};
use crate::protocol::certificate::RegisteredCertificates;
use crate::protocol::code::INVALID_CLIENT;
use crate::protocol::jose::KeySet;
use crate::protocol::jose::jwe::RecipientKeys;
use crate::store::Store;
use dashmap::DashMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a client is believed without looking again: a suspension works within that time.
const LIFE: Duration = Duration::from_secs(1);

/// A client with its keys ready to verify.
#[derive(Debug)]
pub struct KnownClient {
    /// The client.
    pub client: Client,
    /// Its keys that sign.
    pub keys: Arc<KeySet>,
    /// Its keys that messages to it are encrypted to.
    pub recipients: Arc<RecipientKeys>,
    /// The certificates that its keys stand for (RFC 8705 §2.2).
    pub certificates: Arc<RegisteredCertificates>,
}

/// Only registered clients are remembered, so the map cannot grow beyond their number.
pub struct Clients {
    known: DashMap<ClientId, (Timestamp, Arc<KnownClient>)>,
    remote: RemoteKeys,
    environment: Environment,
}

impl Clients {
    /// None yet; their key sets are fetched by `outward`; `environment` decides who may act.
    pub fn new(outward: Outward, environment: Environment) -> Self {
        Self { known: DashMap::new(), remote: RemoteKeys::new(outward), environment }
    }

    /// The registered client with this id, whatever its status.
    ///
    /// # Errors
    /// `invalid_client` when there is none or its keys cannot be used; [`Fault`].
    pub async fn get(&self, id: &ClientId, store: &dyn Store, now: Timestamp) -> Result<Arc<KnownClient>, Failure> {
        let known = self.known.get(id).map(|entry| entry.value().clone());
        if let Some((read_at, client)) = &known
            && *read_at <= now
            && now < read_at.plus(LIFE)
        {
            return Ok(Arc::clone(client));
        }
        let Some(client) = store.find_client(id).await? else {
            self.known.remove(id);
            return Err(unknown().into());
        };
        // Keys are parsed again only when the registration changed.
        let same = known.map(|(_, known)| known).filter(|known| known.client == client);
        let fresh = match (&client.profile.jwks_uri, same) {
            (None, Some(same)) => same,
            (None, None) => Arc::new(parse(client)?),
            // Nothing is fetched for a client that may do nothing.
            (Some(_), _) if !client.status.may_act_in(self.environment) => {
                Arc::new(known_by(client, &RegisteredKeys::default()))
            }
            (Some(uri), _) => {
                let keys = self.remote.find(&client, uri, false, now).await?;
                Arc::new(known_by(client, &keys))
            }
        };
        self.known.insert(id.clone(), (now, Arc::clone(&fresh)));
        Ok(fresh)
    }

    /// The same client, with its keys fetched anew where a key is named that is not among them and they are kept at an
    /// address; how often that happens is bounded.
    ///
    /// # Errors
    /// `invalid_client` when the keys cannot be used.
    pub async fn with_key(
        &self,
        known: Arc<KnownClient>,
        kid: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<KnownClient>, Refusal> {
        let Some(uri) = known.client.profile.jwks_uri.as_ref().filter(|_| !known.keys.has(kid)) else {
            return Ok(known);
        };
        let keys = self.remote.find(&known.client, uri, true, now).await?;
        if Arc::ptr_eq(&keys.keys, &known.keys) {
            return Ok(known);
        }
        let fresh = Arc::new(known_by(known.client.clone(), &keys));
        self.known.insert(fresh.client.id.clone(), (now, Arc::clone(&fresh)));
        Ok(fresh)
    }
}

/// The same words for a client that is not there and one whose signature is wrong would be ideal; that an id is
/// registered is no secret, since every authorization page shows it.
fn unknown() -> Refusal {
    Refusal::new(INVALID_CLIENT, "no client with this client_id is registered").at("client_id")
}

fn parse(client: Client) -> Result<KnownClient, Fault> {
    match RegisteredKeys::parse(&client.jwks, &client.profile.authentication) {
        Ok(keys) => Ok(known_by(client, &keys)),
        Err(error) => Err(Fault::Internal(format!("the registered keys of {}: {error}", client.id))),
    }
}

fn known_by(client: Client, keys: &RegisteredKeys) -> KnownClient {
    let (signing, recipients) = (Arc::clone(&keys.keys), Arc::clone(&keys.recipients));
    KnownClient { client, keys: signing, recipients, certificates: Arc::clone(&keys.certificates) }
}
