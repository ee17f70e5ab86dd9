//! The authorization server's own protected resources: a token, and the key or certificate that it is bound to.

use super::Issuer;
use super::answer::IssuerFailure;
use super::clients::KnownClient;
use crate::domain::grant::{Grant, RevokedBy};
use crate::domain::refusal::Failure;
use crate::domain::{Refusal, Timestamp};
use crate::limits::{LimitCall, RateFields, Tally};
use crate::protocol::access_token::{self, AccessToken, Confirmation, Expected};
use crate::protocol::certificate::ClientCertificate;
use crate::protocol::code::{INVALID_DPOP_PROOF, INVALID_REQUEST, INVALID_TOKEN};
use crate::protocol::dpop::{DpopCause, Proof, ProofContext, refusal};
use std::sync::Arc;

/// A call with a token.
#[derive(Clone, Debug)]
pub struct ResourceCall<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's path under the public URL.
    pub path: &'a str,
    /// The query, as sent.
    pub query: &'a str,
    /// The `Authorization` field.
    pub authorization: Option<&'a str>,
    /// The `DPoP` field.
    pub dpop: Option<&'a str>,
    /// Told as soon as the call is counted.
    pub tally: Tally,
    /// The certificate of the connection, if the caller showed one.
    pub certificate: Option<&'a ClientCertificate>,
}

/// Whose token it is, and what it stands for.
pub(super) struct TokenHolder {
    pub known: Arc<KnownClient>,
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
        self.refuse_exposed(call, now).await?;
        let refused = |public: &str| Refusal::new(INVALID_TOKEN, public).at("Authorization");
        let words = "send Authorization: DPoP and the token, or Bearer and the token beside your client certificate";
        let (scheme, text) = token_of(call.authorization).ok_or_else(|| refused(words))?;
        let expected = Expected { issuer: &self.public_url, audience: Some(&self.public_url), now };
        let token = access_token::verify(text, &self.keys.published(), &expected)
            .map_err(|error| refused(&format!("the access token {error}")))?;
        let known = self.clients.get(&token.client, &*self.parts.store, now).await?;
        if !known.client.status.may_act_in(self.environment) {
            return Err(refused("this client is suspended").into());
        }
        // A token is presented as it was bound: neither way may stand in for the other (RFC 9449 §7.2).
        let proof = match (scheme, token.confirmation) {
            (Scheme::Dpop, Confirmation::Key(jkt)) => {
                let proof = self.proof_beside(text, call, known.client.dpop_nonce_required, now)?;
                // RFC 9449 §7.1: the proof's key is the one that the token is bound to.
                if proof.jkt != jkt {
                    let public = "the access token is bound to another key";
                    return Err(refusal(INVALID_TOKEN, DpopCause::Key, public).into());
                }
                Some(proof)
            }
            (Scheme::Bearer, Confirmation::Certificate(bound)) => {
                // RFC 8705 §3: the certificate of this very connection.
                if call.certificate.is_none_or(|shown| shown.thumbprint() != bound) {
                    return Err(refused("the access token is bound to another client certificate").into());
                }
                None
            }
            (_, bound) => {
                let public = format!("this access token is presented by the scheme {}", bound.token_type());
                return Err(refused(&public).into());
            }
        };
        let client = &known.client;
        let counted = LimitCall { client: &client.id, plan: &client.rate_plan, operation, subject: None };
        let rates = self.parts.limits.admit(&counted, now).await?;
        call.tally.note(&rates);
        let grant = self.parts.store.find_grant(&token.grant).await?.filter(|grant| grant.is_standing(now));
        let grant = grant.ok_or_else(|| refused("the grant was revoked or is over"))?;
        if let Some(proof) = &proof {
            self.take_proof(proof, now).await?;
        }
        if !self.use_visit(client, &grant, now).await? {
            return Err(refused("the visit to the terminal is over").into());
        }
        Ok(TokenHolder { known, token, grant, rates })
    }

    /// Refuses a token in the query, and ends its grant: it stands in logs and histories by now (FAPI 2.0 SP
    /// §5.3.4-2, RFC 9700 §4.3.2). A call that proves to come from the token's holder ends nothing, as at the gateway.
    async fn refuse_exposed(&self, call: &ResourceCall<'_>, now: Timestamp) -> Result<(), Failure> {
        let exposed: Vec<String> = access_token::in_query(call.query).collect();
        if exposed.is_empty() {
            return Ok(());
        }
        let expected = Expected { issuer: &self.public_url, audience: None, now };
        for text in exposed {
            if let Ok(token) = access_token::verify(&text, &self.keys.published(), &expected)
                && !self.is_by_its_holder(call, (&text, &token), now)
            {
                self.end_grant(&token.grant, RevokedBy::Exposed, now).await?;
            }
        }
        let public = "an access token in the query is not accepted, and is revoked unless the call proves that its holder \
            sends it; send it in Authorization";
        Err(Refusal::new(INVALID_REQUEST, public).at("access_token").into())
    }

    /// Whether the call comes with the key or certificate that the token is bound to.
    fn is_by_its_holder(&self, call: &ResourceCall<'_>, (text, token): (&str, &AccessToken), now: Timestamp) -> bool {
        match token.confirmation {
            Confirmation::Key(bound) => self.proof_beside(text, call, false, now).is_ok_and(|proof| proof.jkt == bound),
            Confirmation::Certificate(bound) => call.certificate.is_some_and(|shown| shown.thumbprint() == bound),
        }
    }

    /// The proof that came with a token.
    fn proof_beside(
        &self,
        token: &str,
        call: &ResourceCall<'_>,
        is_nonce_required: bool,
        now: Timestamp,
    ) -> Result<Proof, Refusal> {
        let missing = || refusal(INVALID_DPOP_PROOF, DpopCause::Missing, "the DPoP field is missing");
        let proof = call.dpop.ok_or_else(missing)?;
        let uri = format!("{}{}", self.public_url, call.path);
        let context = ProofContext { method: call.method, uri: &uri, access_token: Some(token), now };
        self.verify_proof(proof, &context, is_nonce_required)
    }
}

/// How a token is presented.
#[derive(Clone, Copy)]
enum Scheme {
    /// Beside a proof (RFC 9449 §7.1).
    Dpop,
    /// Beside the certificate of the connection (RFC 8705 §3).
    Bearer,
}

/// The token after the scheme, whose name has no case (RFC 9110 §11.1).
fn token_of(field: Option<&str>) -> Option<(Scheme, &str)> {
    let (scheme, token) = field?.split_once(' ')?;
    let scheme = if scheme.eq_ignore_ascii_case("DPoP") {
        Scheme::Dpop
    } else if scheme.eq_ignore_ascii_case("Bearer") {
        Scheme::Bearer
    } else {
        return None;
    };
    let token = token.trim_start_matches(' ');
    (!token.is_empty()).then_some((scheme, token))
}
