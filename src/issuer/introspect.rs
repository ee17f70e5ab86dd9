//! Introspection (RFC 7662): what a token stands for now, told to its own client and to the protected resource it is
//! for, as JSON or as a signed JWT (RFC 9701).

use super::Issuer;
use super::answer::{Answered, IssuerFailure};
use super::authenticate::{ClientCall, Endpoint};
use super::clients::KnownClient;
use super::envelope::Message;
use super::token::whole_seconds;
use crate::domain::client::Client;
use crate::domain::grant::Grant;
use crate::domain::refusal::Failure;
use crate::domain::{Digest, Fault, Timestamp};
use crate::protocol::access_token::{self, Expected};
use crate::protocol::authorization_details::{GivenDetails, consented, given};
use crate::protocol::discovery::path;
use crate::protocol::refresh_token;
use crate::protocol::token_response::{ActiveToken, Introspection, SignedIntrospection};

/// What introspection answers, by its form.
#[derive(Clone, Debug)]
pub enum Told {
    /// As JSON (RFC 7662).
    Json(Introspection),
    /// As a signed JWT (RFC 9701).
    Jwt(String),
}

impl Issuer {
    /// Tells about a token. A client sees its own, a registered protected resource those that are for it; everything
    /// else is inactive to them (FAPI 2.0 Message Signing §5.5). `wants_jwt` asks for a signed answer (RFC 9701 §4); a
    /// client that registered so gets no other.
    ///
    /// # Errors
    /// `invalid_request` without a token, `invalid_client`; [`Fault`].
    pub async fn introspect(&self, call: &ClientCall<'_>, wants_jwt: bool) -> Result<Answered<Told>, IssuerFailure> {
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
        let told = active.map_or(Introspection::INACTIVE, |token| Introspection::Active(Box::new(token)));
        let value = if wants_jwt || client.profile.messages.sign_introspection {
            Told::Jwt(self.sign_introspection(&told, &caller.known, now)?)
        } else {
            Told::Json(told)
        };
        Ok(Answered { value, rates: caller.rates })
    }

    fn sign_introspection(&self, told: &Introspection, known: &KnownClient, now: Timestamp) -> Result<String, Failure> {
        let claims = SignedIntrospection {
            iss: &self.public_url,
            aud: known.client.id.as_str(),
            iat: now.seconds(),
            token_introspection: told,
        };
        let signed = Message::Signed(self.sign_message(SignedIntrospection::TYPE, &claims)?);
        self.seal_for(known, known.client.profile.messages.introspection_encryption, signed)
    }

    async fn active_access_token(
        &self,
        token: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<ActiveToken>, Fault> {
        let expected = Expected { issuer: &self.public_url, audience: None, now };
        let Ok(token) = access_token::verify(token, &self.keys.published(), &expected) else { return Ok(None) };
        let is_for_caller = client.profile.resources.contains(&token.audience);
        if token.client != client.id && !is_for_caller {
            return Ok(None);
        }
        let grant = self.parts.store.find_grant(&token.grant).await?.filter(|grant| grant.is_in_force(now));
        let Some(grant) = grant else { return Ok(None) };
        if !self.is_under_way(&token.client, client, &grant, now).await? {
            return Ok(None);
        }
        let details = given(&token, &grant);
        Ok(Some(ActiveToken::of(token, details)))
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
            act: None,
            refresh_token_timeout: Some(whole_seconds(held.expires_at, now)),
            authorization_expires_in: Some(whole_seconds(grant.expires_at, now)),
            authorization_details: details(&grant),
        }))
    }
}

fn details(grant: &Grant) -> Option<Vec<GivenDetails>> {
    let consent = grant.consent.as_ref()?;
    Some(consented(consent).into_iter().map(GivenDetails::Consented).collect())
}
