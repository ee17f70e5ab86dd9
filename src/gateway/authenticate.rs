//! Stage 3: the token is ours, and whoever calls holds its key.

use super::present::Presented;
use super::{Call, Challenge, Gateway, GatewayRefusal};
use crate::domain::{Digest, Refusal, Timestamp};
use crate::protocol::access_token::{self, AccessToken, Expected};
use crate::protocol::dpop::{NonceRule, Proof, ProofContext};
use std::sync::Arc;

/// A token whose key the caller holds. Only [`Gateway::authenticate`] makes one.
pub(super) struct Authenticated {
    token: Arc<AccessToken>,
    proof: Proof,
}

impl Authenticated {
    pub fn token(&self) -> &AccessToken {
        &self.token
    }
    pub const fn proof(&self) -> &Proof {
        &self.proof
    }
}

impl Gateway {
    pub(super) async fn authenticate(
        &self,
        call: &Call<'_>,
        presented: &Presented<'_>,
        now: Timestamp,
    ) -> Result<Authenticated, GatewayRefusal> {
        let token = self.token(presented.token(), now)?;
        let uri = [self.settings.public_url.as_str(), call.path].concat();
        let context = ProofContext { method: call.method, uri: &uri, access_token: Some(presented.token()), now };
        let proof = self.proofs.verify(presented.proof(), &context).map_err(|error| {
            self.challenged(Refusal::new("invalid_dpop_proof", format!("The DPoP proof {error}.")).at("DPoP"))
        })?;
        if proof.jkt != token.confirmation.jkt {
            let words = "The DPoP proof is by another key than the access token is bound to.";
            return Err(self.challenged(Refusal::new("invalid_token", words).at("DPoP")));
        }
        // Whether this client must always show a nonce is known once its registration is; see `standing`.
        self.demand_nonce(&proof, false, now)?;
        if !self.parts.hot.take_mark(proof.mark, proof.expires_at, now).await? {
            // RFC 9449 §11.1.
            return Err(
                self.challenged(Refusal::new("invalid_dpop_proof", "The DPoP proof was used before.").at("DPoP"))
            );
        }
        Ok(Authenticated { token, proof })
    }

    /// RFC 9449 §9: a proof without the nonce that is needed is told which to use.
    pub(super) fn demand_nonce(&self, proof: &Proof, is_required: bool, now: Timestamp) -> Result<(), GatewayRefusal> {
        let remembers_since = self.parts.hot.remembers_since();
        let rule = NonceRule { nonces: &self.parts.nonces, is_required, remembers_since, now };
        if rule.accepts(proof) {
            return Ok(());
        }
        let words = "Sign the DPoP proof with the nonce of the DPoP-Nonce header.";
        let refusal = Refusal::new("use_dpop_nonce", words).at("DPoP");
        let authenticate = Some(self.authenticate_field(Some("use_dpop_nonce"), words, None));
        let nonce = Some(self.parts.nonces.issue(now));
        Err(GatewayRefusal::Refused(Box::new(refusal), Box::new(Challenge { authenticate, nonce })))
    }

    /// The token's claims: kept by digest, or verified now. A kept one ends with its `exp` as any other.
    fn token(&self, text: &str, now: Timestamp) -> Result<Arc<AccessToken>, GatewayRefusal> {
        let digest = Digest::of(text);
        if let Some(kept) = self.tokens.get(&digest) {
            if now < kept.expires_at {
                return Ok(kept);
            }
            return Err(self.bad_token("expired"));
        }
        let expected = Expected { issuer: &self.settings.issuer, audience: &self.settings.audience, now };
        let token = access_token::verify(text, &self.parts.keys, &expected);
        let token = Arc::new(token.map_err(|error| self.bad_token(&error.to_string()))?);
        self.tokens.insert(digest, Arc::clone(&token));
        Ok(token)
    }

    /// One answer for every kind of bad token (RFC 6750 §3.1); the log knows more.
    pub(super) fn bad_token(&self, private: &str) -> GatewayRefusal {
        let words = "The access token is expired, revoked or not valid here. Get a new one.";
        self.challenged(Refusal::new("invalid_token", words).at("Authorization").private(private))
    }
}
