//! The port for how clients came to be registered.

use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;

/// What is kept beside a client about its registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRegistration {
    /// Whose it is.
    pub client: ClientId,
    /// Digest of the registration access token (RFC 7592 §3); none for a client that the operator brought.
    pub token: Option<Digest>,
    /// Its owner's JSON.
    pub body: String,
}

/// How clients came to be registered.
#[async_trait]
pub trait RegistrationStore: Send + Sync {
    /// Writes a new registration, and its client with it when one is given. False, and nothing is written, when either
    /// is there already.
    async fn insert_registration(
        &self,
        held: &HeldRegistration,
        client: Option<&Client>,
        now: Timestamp,
    ) -> Result<bool, Fault>;
    /// The registration of this client.
    async fn find_registration(&self, client: &ClientId) -> Result<Option<HeldRegistration>, Fault>;
    /// Puts `next` in the place of `seen`, and writes the client when one is given. True for one caller only: false,
    /// and nothing is written, when what is kept is not what was seen any more.
    async fn replace_registration(
        &self,
        seen: &HeldRegistration,
        next: &HeldRegistration,
        client: Option<&Client>,
        now: Timestamp,
    ) -> Result<bool, Fault>;
}
