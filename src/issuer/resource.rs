//! The authorization server's own protected resources: a token bound to a key, and that key's proof.

use super::Issuer;
use super::answer::IssuerFailure;
use crate::domain::grant::Grant;
use crate::domain::{Refusal, Timestamp};
use crate::limits::{LimitCall, RateFields, Tally};
use crate::protocol::access_token::{self, AccessToken, Expected};
use crate::protocol::code::{INVALID_DPOP_PROOF, INVALID_TOKEN};
use crate::protocol::dpop::ProofContext;

/// A call with a token.
#[derive(Clone, Debug)]
pub struct ResourceCall<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's path under the public URL.
    pub path: &'a str,
    /// The `Authorization` field.
    pub authorization: Option<&'a str>,
    /// The `DPoP` field.
    pub dpop: Option<&'a str>,
    /// Told as soon as the call is counted.
    pub tally: Tally,
}

/// Whose token it is, and what it stands for.
pub(super) struct TokenHolder {
    pub token: AccessToken,
    pub grant: Grant,
    pub rates: RateFields,
}

impl Issuer {
    /// Verifies token, proof and grant, counts the call, and uses the proof up.
    ///
    /// # Errors
    /// `invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce`, `rate_limited`; [`crate::domain::Fault`].
    pub(super) async fn hold(
        &self,
        call: &ResourceCall<'_>,
        operation: &'static str,
        now: Timestamp,
    ) -> Result<TokenHolder, IssuerFailure> {
        let refused = |public: &str| Refusal::new(INVALID_TOKEN, public).at("Authorization");
        let text = token_of(call.authorization).ok_or_else(|| refused("send Authorization: DPoP and the token"))?;
        let expected = Expected { issuer: &self.public_url, audience: &self.public_url, now };
        let token = access_token::verify(text, &self.keys.published(), &expected)
            .map_err(|error| refused(&format!("the access token {error}")))?;
        let known = self.clients.get(&token.client, &*self.parts.store, now).await?;
        if !known.client.status.may_act() {
            return Err(refused("this client is suspended").into());
        }
        let proof =
            call.dpop.ok_or_else(|| Refusal::new(INVALID_DPOP_PROOF, "the DPoP field is missing").at("DPoP"))?;
        let uri = format!("{}{}", self.public_url, call.path);
        let context = ProofContext { method: call.method, uri: &uri, access_token: Some(text), now };
        let proof = self.verify_proof(proof, &context, known.client.dpop_nonce_required)?;
        // RFC 9449 §7.1: the proof's key is the one that the token is bound to.
        if proof.jkt != token.confirmation.jkt {
            return Err(refused("the access token is bound to another key").into());
        }
        let client = &known.client;
        let counted = LimitCall { client: &client.id, plan: &client.rate_plan, operation, subject: None };
        let rates = self.parts.limits.admit(&counted, now).await?;
        call.tally.note(&rates);
        let grant = self.parts.store.find_grant(&token.grant).await?.filter(|grant| grant.is_in_force(now));
        let grant = grant.ok_or_else(|| refused("the grant was revoked or is over"))?;
        self.take_proof(&proof, now).await?;
        Ok(TokenHolder { token, grant, rates })
    }
}

/// The token after the scheme, whose name has no case (RFC 9110 §11.1). `Bearer` is refused: it would be a downgrade
/// (RFC 9449 §7.2).
fn token_of(field: Option<&str>) -> Option<&str> {
    let (scheme, token) = field?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("DPoP").then(|| token.trim_start_matches(' ')).filter(|token| !token.is_empty())
}
