//! Introspection (RFC 7662): what a client's own token stands for now.

use super::Issuer;
use super::answer::{Answered, IssuerFailure};
use super::authenticate::{ClientCall, Endpoint};
use super::token::whole_seconds;
use crate::domain::client::Client;
use crate::domain::grant::Grant;
use crate::domain::{Digest, Fault, Timestamp};
use crate::protocol::access_token::{self, Expected};
use crate::protocol::authorization_details::{ConsentedDetails, consented};
use crate::protocol::discovery::path;
use crate::protocol::refresh_token;
use crate::protocol::token_response::{ActiveToken, Introspection};

impl Issuer {
    /// Tells about a token. A client sees only its own: everything else is inactive to it.
    ///
    /// # Errors
    /// `invalid_request` without a token, `invalid_client`; [`Fault`].
    pub async fn introspect(&self, call: &ClientCall<'_>) -> Result<Answered<Introspection>, IssuerFailure> {
        let now = self.now();
        let endpoint = Endpoint { path: path::INTROSPECT, operation: "introspect_token" };
        let caller = self.admit(call, endpoint, now).await?;
        let token = call.form.require("token")?;
        let client = &caller.known.client;
        let active = if refresh_token::is_well_formed(token) {
            self.active_refresh_token(token, client, now).await?
        } else {
            self.active_access_token(token, client, now).await?
        };
        let value = active.map_or(Introspection::INACTIVE, |token| Introspection::Active(Box::new(token)));
        Ok(Answered { value, rates: caller.rates })
    }

    async fn active_access_token(
        &self,
        token: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<ActiveToken>, Fault> {
        let expected = Expected { issuer: &self.public_url, audience: None, now };
        let Ok(token) = access_token::verify(token, &self.keys.published(), &expected) else { return Ok(None) };
        if token.client != client.id {
            return Ok(None);
        }
        let grant = self.parts.store.find_grant(&token.grant).await?.filter(|grant| grant.is_in_force(now));
        Ok(grant.map(|grant| ActiveToken::of(token, details(&grant))))
    }

    async fn active_refresh_token(
        &self,
        token: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<ActiveToken>, Fault> {
        let held = self.parts.store.find_refresh_token(Digest::of(token), now).await?;
        let Some(held) = held.filter(|held| held.client == client.id) else { return Ok(None) };
        let grant = self.parts.store.find_grant(&held.grant).await?.filter(|grant| grant.is_in_force(now));
        Ok(grant.map(|grant| ActiveToken {
            active: true,
            scope: grant.scope,
            client_id: client.id.clone(),
            grant_id: grant.id.clone(),
            iss: self.public_url.clone(),
            sub: self.subject_of(client, &grant),
            exp: held.expires_at.seconds(),
            iat: held.issued_at.seconds(),
            token_type: None,
            aud: None,
            jti: None,
            acr: grant.authentication.map(|authentication| authentication.acr),
            auth_time: grant.authentication.map(|authentication| authentication.at.seconds()),
            cnf: None,
            refresh_token_timeout: Some(whole_seconds(held.expires_at, now)),
            authorization_expires_in: Some(whole_seconds(grant.expires_at, now)),
            authorization_details: details(&grant),
        }))
    }
}

fn details(grant: &Grant) -> Option<Vec<ConsentedDetails>> {
    grant.consent.as_ref().map(consented)
}
