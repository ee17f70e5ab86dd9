//! Device authorization (RFC 8628 §3.1, §3.2).

use crate::domain::Fault;
use crate::domain::decoupled::{Channel, DecoupledRequest, UserCode};
use crate::domain::ids::DecoupledId;
use crate::domain::profile::GrantType;
use crate::issuer::Issuer;
use crate::issuer::answer::{Answered, IssuerFailure};
use crate::issuer::authenticate::{ClientCall, Endpoint};
use crate::protocol::device_request::{DeviceRequest, DeviceResponse, LIFE, PACE};
use crate::protocol::discovery::path;
use crate::protocol::token_request::DecoupledGrant;
use crate::store::NewDecoupled;

/// How often another user code is tried when one is taken; with a million open questions once is enough.
const TRIES: u32 = 8;

impl Issuer {
    /// Keeps the question of a shared terminal.
    ///
    /// # Errors
    /// `unauthorized_client`, `invalid_scope`, `invalid_authorization_details`; those of authentication; [`Fault`].
    pub async fn authorize_device(&self, call: &ClientCall<'_>) -> Result<Answered<DeviceResponse>, IssuerFailure> {
        let now = self.now();
        let endpoint = Endpoint { path: path::DEVICE_AUTHORIZATION, operation: "authorize_device" };
        let caller = self.admit(call, endpoint, now).await?;
        let client = &caller.known.client;
        Self::check_grant_type(client, GrantType::DeviceCode)?;
        let asked = DeviceRequest::parse(call.form, client)?;
        if let Some(ask) = &asked.ask {
            self.check_ask(ask, client).await?;
        }
        let request = DecoupledRequest {
            id: DecoupledId::generate(&*self.parts.entropy),
            client: client.id.clone(),
            channel: Channel::Device,
            scope: asked.scope,
            ask: asked.ask,
            created_at: now,
            expires_at: now.plus(LIFE),
        };
        let (device_code, user_code) = self.keep_device(&request).await?;
        let verification_uri = format!("{}{}", self.public_url, path::DEVICE);
        let value = DeviceResponse {
            device_code,
            verification_uri_complete: format!("{verification_uri}?user_code={user_code}"),
            verification_uri,
            user_code: user_code.to_string(),
            expires_in: LIFE.as_secs(),
            interval: PACE.as_secs(),
        };
        Ok(Answered { value, rates: caller.rates })
    }

    async fn keep_device(&self, request: &DecoupledRequest) -> Result<(String, UserCode), Fault> {
        for _ in 0..TRIES {
            let device_code = self.parts.entropy.handle();
            let user_code = UserCode::generate(&*self.parts.entropy);
            let new = NewDecoupled {
                request,
                digest: DecoupledGrant { grant_type: GrantType::DeviceCode, handle: &device_code }.digest(),
                user_code: Some(user_code.digest(&self.parts.master)?),
                subject: None,
                pace: PACE,
            };
            if self.parts.store.insert_decoupled(&new).await? {
                return Ok((device_code, user_code));
            }
        }
        Err(Fault::Internal("no user code is free".into()))
    }
}
