//! Stage 3: the token is ours, and whoever calls holds the key or certificate that it is bound to.

use super::present::{Beside, Presented};
use super::{Call, Challenge, Gateway, GatewayRefusal};
use crate::domain::{Digest, Refusal, Timestamp};
use crate::protocol::access_token::{self, AccessToken, Confirmation, Expected};
use crate::protocol::dpop::{DpopCause, NonceRule, Proof, ProofContext, refusal};
use crate::protocol::jose::Jkt;
use std::sync::Arc;

/// A token whose key or certificate the caller holds. Only [`Gateway::authenticate`] makes one.
pub(super) struct Authenticated {
    token: Arc<AccessToken>,
    proof: Option<Proof>,
}

impl Authenticated {
    pub const fn token(&self) -> &Arc<AccessToken> {
        &self.token
    }
    /// The proof; none beside a certificate.
    pub const fn proof(&self) -> Option<&Proof> {
        self.proof.as_ref()
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
        let proof = match (presented.beside(), token.confirmation) {
            (Beside::Proof(proof), Confirmation::Key(jkt)) => {
                let proof = self.proof(call, (presented.token(), proof), now)?;
                self.take_proof(&proof, jkt, now).await?;
                Some(proof)
            }
            (Beside::Certificate(shown), Confirmation::Certificate(bound)) if shown == bound => None,
            (Beside::Certificate(_), Confirmation::Certificate(_)) => {
                let words = "The access token is bound to another client certificate.";
                return Err(self.challenged(Refusal::new("invalid_token", words).at("Authorization")));
            }
            (_, bound) => {
                // RFC 9449 §7.2: neither way of presenting may stand in for the other.
                let words = format!("This access token is presented by the {} scheme.", bound.token_type());
                return Err(self.challenged(Refusal::new("invalid_token", words).at("Authorization")));
            }
        };
        Ok(Authenticated { token, proof })
    }

    /// A proof that is right for this call and token.
    pub(super) fn proof(
        &self,
        call: &Call<'_>,
        (token, proof): (&str, &str),
        now: Timestamp,
    ) -> Result<Proof, GatewayRefusal> {
        let uri = [self.settings.public_url.as_str(), call.path].concat();
        let context = ProofContext { method: call.method, uri: &uri, access_token: Some(token), now };
        let mut verified = self.proofs.verify(proof, &context);
        // Where clients show certificates, we have another address (RFC 8705 §5).
        if verified.as_ref().is_err_and(|error| error.cause == DpopCause::Uri)
            && let Some(uri) = self.settings.certificates.alias_of(&uri, &self.settings.public_url)
        {
            verified = self.proofs.verify(proof, &ProofContext { uri: &uri, ..context });
        }
        verified.map_err(|error| self.challenged(error.refusal("invalid_dpop_proof")))
    }

    /// Uses a proof up that is by the token's key.
    async fn take_proof(&self, proof: &Proof, bound: Jkt, now: Timestamp) -> Result<(), GatewayRefusal> {
        if proof.jkt != bound {
            let words = "the DPoP proof is by another key than the access token is bound to";
            return Err(self.challenged(refusal("invalid_token", DpopCause::Key, words)));
        }
        // Whether this client must always show a nonce is known once its registration is; see `standing`.
        self.demand_nonce(proof, false, now)?;
        if !self.parts.hot.take_mark(proof.mark, proof.expires_at, now).await? {
            // RFC 9449 §11.1.
            let words = "the DPoP proof was used before; make a new one for every request";
            return Err(self.challenged(refusal("invalid_dpop_proof", DpopCause::Replay, words)));
        }
        Ok(())
    }

    /// RFC 9449 §9: a proof without the nonce that is needed is told which to use.
    pub(super) fn demand_nonce(&self, proof: &Proof, is_required: bool, now: Timestamp) -> Result<(), GatewayRefusal> {
        let remembers_since = self.parts.hot.remembers_since();
        let rule = NonceRule { nonces: &self.parts.nonces, is_required, remembers_since, now };
        if rule.accepts(proof) {
            return Ok(());
        }
        let words = "sign the DPoP proof with the nonce of the DPoP-Nonce header";
        let refusal = refusal("use_dpop_nonce", DpopCause::Nonce, words);
        let authenticate = Some(self.authenticate_field(Some("use_dpop_nonce"), &refusal.public, &[]));
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
        let audience = Some(self.settings.audience.as_str());
        let expected = Expected { issuer: &self.settings.issuer, audience, now };
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
