//! Registered clients, remembered for a second with their keys parsed.

use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::profile::ClientAuthentication;
use crate::domain::refusal::Failure;
use crate::domain::{Fault, Refusal, Timestamp};
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
    pub keys: KeySet,
    /// Its keys that messages to it are encrypted to.
    pub recipients: RecipientKeys,
    /// The certificates that its keys stand for (RFC 8705 §2.2).
    pub certificates: RegisteredCertificates,
}

/// Only registered clients are remembered, so the map cannot grow beyond their number.
#[derive(Default)]
pub struct Clients(DashMap<ClientId, (Timestamp, Arc<KnownClient>)>);

impl Clients {
    /// The registered client with this id, whatever its status.
    ///
    /// # Errors
    /// `invalid_client` when there is none or its keys cannot be used; [`Fault`].
    pub async fn get(&self, id: &ClientId, store: &dyn Store, now: Timestamp) -> Result<Arc<KnownClient>, Failure> {
        let known = self.0.get(id).map(|entry| entry.value().clone());
        if let Some((read_at, client)) = &known
            && *read_at <= now
            && now < read_at.plus(LIFE)
        {
            return Ok(Arc::clone(client));
        }
        let Some(client) = store.find_client(id).await? else {
            self.0.remove(id);
            return Err(unknown().into());
        };
        // Keys are parsed again only when the registration changed.
        let same = known.map(|(_, known)| known).filter(|known| known.client == client);
        let fresh = match same {
            Some(same) => same,
            None => Arc::new(parse(client)?),
        };
        self.0.insert(id.clone(), (now, Arc::clone(&fresh)));
        Ok(fresh)
    }
}

/// The same words for a client that is not there and one whose signature is wrong would be ideal; that an id is
/// registered is no secret, since every authorization page shows it.
fn unknown() -> Refusal {
    Refusal::new(INVALID_CLIENT, "no client with this client_id is registered").at("client_id")
}

fn parse(client: Client) -> Result<KnownClient, Fault> {
    let certificates = RegisteredCertificates::parse(&client.jwks);
    // Where they do not read, nothing is encrypted to them, and what must be encrypted is refused.
    let recipients = RecipientKeys::parse(&client.jwks).unwrap_or_default();
    match KeySet::parse(&client.jwks) {
        Ok(keys) => Ok(KnownClient { client, keys, recipients, certificates }),
        // A client of mutual TLS needs no key that signs.
        Err(_) if client.profile.authentication != ClientAuthentication::PrivateKeyJwt => {
            Ok(KnownClient { client, keys: KeySet::default(), recipients, certificates })
        }
        Err(error) => Err(Fault::Internal(format!("the registered keys of {}: {error}", client.id))),
    }
}
