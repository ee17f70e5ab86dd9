//! Finding what was pushed, when the citizen's browser arrives; signing what it takes back.

use super::Issuer;
use super::envelope::Message;
use super::interaction::{PushedRequests, SignedResponses};
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::refusal::Failure;
use crate::domain::{Digest, Fault, Refusal};
use crate::protocol::authorization_request::AuthorizationRequest;
use crate::protocol::authorization_response::{self, Answer};
use crate::protocol::code::INVALID_REQUEST;
use crate::protocol::pushed_request::URI_PREFIX;
use async_trait::async_trait;

#[async_trait]
impl PushedRequests for Issuer {
    /// The request behind `request_uri`, if `client_id` pushed it and it is neither over nor used. Nothing is used up: a
    /// page may be loaded twice (FAPI 2.0 SP §5.3.2.2 note 3). The digest is what the decision uses up.
    ///
    /// # Errors
    /// `invalid_request`, to be shown on a page of ours and never by a redirect (RFC 9700 §4.11); [`Fault`].
    async fn find_authorization(
        &self,
        client_id: &str,
        request_uri: &str,
    ) -> Result<(Client, AuthorizationRequest, Digest), Failure> {
        let now = self.now();
        // One answer for every reason, so that nobody learns whose request_uri it was.
        let refused = || Refusal::new(INVALID_REQUEST, "this request is unknown, over, or used; start again");
        if !request_uri.starts_with(URI_PREFIX) {
            return Err(refused().at("request_uri").into());
        }
        let id = ClientId::parse(client_id).map_err(|_| refused().at("client_id"))?;
        let digest = Digest::of(request_uri);
        let held = self.parts.store.find_pushed_request(digest, now).await?;
        let held = held.ok_or_else(|| refused().at("request_uri"))?;
        let request: AuthorizationRequest = serde_json::from_str(&held.body)
            .map_err(|error| Fault::Internal(format!("a pushed request does not read back: {error}")))?;
        if request.client_id != id {
            return Err(refused().at("request_uri").into());
        }
        let client = self.parts.store.find_client(&id).await?;
        let client = client.filter(|client| client.status.may_act_in(self.environment));
        Ok((client.ok_or_else(|| refused().at("client_id"))?, request, digest))
    }
}

#[async_trait]
impl SignedResponses for Issuer {
    async fn sign_response(&self, request: &AuthorizationRequest, answer: &Answer<'_>) -> Result<String, Failure> {
        let claims = authorization_response::claims(answer, request, &self.public_url, self.now());
        let signed = Message::Signed(self.sign_message(authorization_response::TYPE, &claims)?);
        let known = self.clients.get(&request.client_id, &*self.parts.store, self.now()).await?;
        self.seal_for(&known, known.client.profile.messages.authorization_encryption, signed)
    }
}
