//! Revocation (RFC 7009): any token of a grant ends the grant, and with it all its tokens.

use super::Issuer;
use super::answer::{Answered, IssuerFailure};
use super::authenticate::{ClientCall, Endpoint};
use crate::domain::grant::RevokedBy;
use crate::domain::ids::{ClientId, GrantId};
use crate::domain::{Digest, Fault, Refusal, Timestamp};
use crate::protocol::access_token::{self, Expected};
use crate::protocol::code::UNAUTHORIZED_CLIENT;
use crate::protocol::discovery::path;
use crate::protocol::refresh_token;

impl Issuer {
    /// Ends the grant behind a token. A token that is unknown or over is no error (RFC 7009 §2.2).
    ///
    /// # Errors
    /// `invalid_request` without a token, `invalid_client`, `unauthorized_client` for another client's token (§2.1);
    /// [`Fault`].
    pub async fn revoke(&self, call: &ClientCall<'_>) -> Result<Answered<()>, IssuerFailure> {
        let now = self.now();
        let caller = self.admit(call, Endpoint { path: path::REVOKE, operation: "revoke_token" }, now).await?;
        let token = call.form.require("token")?;
        let Some((owner, grant)) = self.owner(token, now).await? else {
            return Ok(Answered { value: (), rates: caller.rates });
        };
        if owner != caller.known.client.id {
            let public = "this token was issued to another client";
            return Err(Refusal::new(UNAUTHORIZED_CLIENT, public).at("token").into());
        }
        self.end_grant(&grant, RevokedBy::Client, now).await?;
        Ok(Answered { value: (), rates: caller.rates })
    }

    async fn owner(&self, token: &str, now: Timestamp) -> Result<Option<(ClientId, GrantId)>, Fault> {
        if refresh_token::is_well_formed(token) {
            let held = self.parts.store.find_refresh_token(Digest::of(token), now).await?;
            return Ok(held.map(|held| (held.client, held.grant)));
        }
        let expected = Expected { issuer: &self.public_url, audience: None, now };
        let token = access_token::verify(token, &self.keys.published(), &expected);
        Ok(token.ok().map(|token| (token.client, token.grant)))
    }
}
