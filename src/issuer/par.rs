//! Pushed authorization requests (RFC 9126): the only way to begin.

use super::Issuer;
use super::answer::{Answered, IssuerFailure};
use super::authenticate::{ClientCall, Endpoint};
use crate::domain::client::ClientClass;
use crate::domain::profile::GrantType;
use crate::domain::{Digest, Fault};
use crate::protocol::discovery::path;
use crate::protocol::pushed_request::{self, LIFE, URI_PREFIX};
use crate::protocol::request_object;
use crate::store::Held;
use serde::Serialize;

/// What a push is answered with (RFC 9126 §2.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PushedResponse {
    /// To be opened in the citizen's browser, with `client_id`.
    pub request_uri: String,
    /// Seconds until it is over.
    pub expires_in: u64,
}

impl Issuer {
    /// Keeps an authorization request.
    ///
    /// # Errors
    /// A code of RFC 6749 §4.1.2.1 or of an extension, naming the parameter; [`Fault`].
    pub async fn push(&self, call: &ClientCall<'_>) -> Result<Answered<PushedResponse>, IssuerFailure> {
        let now = self.now();
        let endpoint = Endpoint { path: path::PAR, operation: "push_authorization_request" };
        let caller = self.admit(call, endpoint, now).await?;
        let client = &caller.known.client;
        if client.class == ClientClass::Kiosk {
            // Nobody signs in, or decides, in a browser that others use after them.
            Self::check_grant_type(client, GrantType::AuthorizationCode)?;
        }
        let keys = &caller.known.keys;
        let decrypters = &self.keys.decrypters();
        let expected = request_object::Expected { client, keys, decrypters, issuer: &self.public_url, now };
        let form = pushed_request::unwrap(call.form, &expected)?;
        self.check_detail_form(form.get("authorization_details"))?;
        let request = pushed_request::parse(&form, client, caller.proof.as_ref().map(|proof| proof.jkt))?;
        if let Some(ask) = &request.ask {
            self.check_ask(ask, client).await?;
        }
        self.check_targets(&request.resources, now).await?;
        self.check_amendment(&request, client, now).await?;
        let request_uri = format!("{URI_PREFIX}{}", self.parts.entropy.handle());
        let body = serde_json::to_string(&request).map_err(|error| Fault::Internal(error.to_string()))?;
        let held = Held { digest: Digest::of(&request_uri), body, expires_at: now.plus(LIFE) };
        self.parts.store.insert_pushed_request(&held).await?;
        let value = PushedResponse { request_uri, expires_in: LIFE.as_secs() };
        Ok(Answered { value, rates: caller.rates })
    }
}
