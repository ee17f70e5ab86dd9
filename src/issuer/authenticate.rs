//! Who calls: the client behind an assertion or a certificate, and the key that its tokens are bound to.

use super::Issuer;
use super::answer::IssuerFailure;
use super::clients::KnownClient;
use super::credential::{Credential, Standard};
use crate::domain::profile::TokenBinding;
use crate::domain::refusal::Failure;
use crate::domain::{Refusal, Timestamp};
use crate::limits::{LimitCall, RateFields, Tally};
use crate::protocol::access_token::Confirmation;
use crate::protocol::certificate::{ClientCertificate, X5t};
use crate::protocol::client_assertion::VerifiedAssertion;
use crate::protocol::code::{INVALID_CLIENT, INVALID_DPOP_PROOF, INVALID_REQUEST, USE_DPOP_NONCE};
use crate::protocol::dpop::{DpopCause, NonceRule, Proof, ProofContext, refusal};
use crate::protocol::form::Form;
use std::sync::Arc;

/// What a client sent to one of the endpoints where it authenticates.
#[derive(Clone, Debug)]
pub struct ClientCall<'a> {
    /// The form body.
    pub form: &'a Form,
    /// The `DPoP` field, if there was one.
    pub dpop: Option<&'a str>,
    /// The certificate of the connection, if the caller showed one.
    pub certificate: Option<&'a ClientCertificate>,
    /// Whether there was an `Authorization` field.
    pub has_authorization: bool,
    /// Told as soon as the call is counted.
    pub tally: Tally,
}

/// An endpoint, as authentication sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    /// Its path under the public URL.
    pub path: &'static str,
    /// Its `operationId`, as rate plans name it.
    pub operation: &'static str,
}

/// A caller that proved itself; nothing is used up yet.
struct Verified {
    known: Arc<KnownClient>,
    proof: Option<Proof>,
    assertion: Option<VerifiedAssertion>,
}

/// A caller that may go on.
pub(super) struct Caller {
    /// The client.
    pub known: Arc<KnownClient>,
    /// The proof of a key, if one was sent.
    pub proof: Option<Proof>,
    /// The certificate of its connection, if it showed one.
    pub certificate: Option<X5t>,
    /// Where its limits stand.
    pub rates: RateFields,
}

impl Issuer {
    /// Authenticates the client, verifies its proof if there is one, counts the call, and then uses up the ids of both.
    /// Everything else comes first, so that a caller asked for a nonce (RFC 9449 §8) may send its assertion again.
    ///
    /// # Errors
    /// `invalid_client`, `invalid_dpop_proof`, `use_dpop_nonce`, `rate_limited`; [`crate::domain::Fault`].
    pub(super) async fn admit(
        &self,
        call: &ClientCall<'_>,
        endpoint: Endpoint,
        now: Timestamp,
    ) -> Result<Caller, IssuerFailure> {
        let verified = self.verify(call, endpoint, now).await?;
        let client = &verified.known.client;
        let counted =
            LimitCall { client: &client.id, plan: &client.rate_plan, operation: endpoint.operation, subject: None };
        let rates = self.parts.limits.admit(&counted, now).await?;
        call.tally.note(&rates);
        if let Some(assertion) = &verified.assertion
            && !self.parts.store.take_assertion(assertion.mark, assertion.expires_at).await?
        {
            let public = "the client assertion's jti was used before; sign a new assertion for every request";
            return Err(Refusal::new(INVALID_CLIENT, public).at("client_assertion").into());
        }
        if let Some(proof) = &verified.proof {
            self.take_proof(proof, now).await?;
        }
        let certificate = call.certificate.map(ClientCertificate::thumbprint);
        Ok(Caller { known: verified.known, proof: verified.proof, certificate, rates })
    }

    async fn verify(&self, call: &ClientCall<'_>, endpoint: Endpoint, now: Timestamp) -> Result<Verified, Failure> {
        let credential = Credential::find(call)?;
        let known = self.clients.get(credential.client(), &*self.parts.store, now).await?;
        if !known.client.status.may_act_in(self.environment) {
            return Err(Refusal::new(INVALID_CLIENT, "this client is suspended; ask the operator").into());
        }
        let known = self.clients.with_key(known, credential.kid().as_deref(), now).await?;
        let standard = Standard { issuer: &self.public_url, certificates: &self.certificates, now };
        let assertion = credential.verify(&known, standard)?;
        let proof = match call.dpop {
            None => None,
            Some(proof) => {
                let uri = format!("{}{}", self.public_url, endpoint.path);
                let context = ProofContext { method: "POST", uri: &uri, access_token: None, now };
                Some(self.verify_proof(proof, &context, known.client.dpop_nonce_required)?)
            }
        };
        Ok(Verified { known, proof, assertion })
    }

    /// Verifies a proof, and that it shows a nonce where it must.
    pub(super) fn verify_proof(
        &self,
        proof: &str,
        context: &ProofContext<'_>,
        is_nonce_required: bool,
    ) -> Result<Proof, Refusal> {
        let mut verified = self.proofs.verify(proof, context);
        // The same endpoint has another address where clients show certificates (RFC 8705 §5).
        if verified.as_ref().is_err_and(|error| error.cause == DpopCause::Uri)
            && let Some(uri) = self.certificates.alias_of(context.uri, &self.public_url)
        {
            verified = self.proofs.verify(proof, &ProofContext { uri: &uri, ..*context });
        }
        let proof = verified.map_err(|error| error.refusal(INVALID_DPOP_PROOF))?;
        let rule = NonceRule {
            nonces: &self.nonces,
            is_required: is_nonce_required,
            remembers_since: self.parts.hot.remembers_since(),
            now: context.now,
        };
        if rule.accepts(&proof) {
            Ok(proof)
        } else {
            let public = "sign the DPoP proof again with the nonce of this answer's DPoP-Nonce field";
            Err(refusal(USE_DPOP_NONCE, DpopCause::Nonce, public))
        }
    }

    /// Uses up a proof.
    pub(super) async fn take_proof(&self, proof: &Proof, now: Timestamp) -> Result<(), Failure> {
        if self.parts.hot.take_mark(proof.mark, proof.expires_at, now).await? {
            return Ok(());
        }
        let public = "the DPoP proof's jti was used before; sign a new proof for every request";
        Err(refusal(INVALID_DPOP_PROOF, DpopCause::Replay, public).into())
    }
}

impl Caller {
    /// What tokens are bound to: what the client registered, else the proof's key, else the certificate.
    ///
    /// # Errors
    /// `invalid_dpop_proof` when no proof was sent and one was needed, `invalid_request` when a certificate was needed.
    pub fn confirmation(&self) -> Result<Confirmation, Refusal> {
        let key = self.proof.as_ref().map(|proof| Confirmation::Key(proof.jkt));
        let certificate = self.certificate.map(Confirmation::Certificate);
        let without_proof = |public| refusal(INVALID_DPOP_PROOF, DpopCause::Missing, public);
        match self.known.client.profile.binding {
            TokenBinding::AsPresented => key.or(certificate).ok_or_else(|| {
                let public = "a DPoP proof (RFC 9449) or a client certificate (RFC 8705) is needed: every access \
                    token is bound to one";
                without_proof(public)
            }),
            TokenBinding::Dpop => key.ok_or_else(|| {
                without_proof("a DPoP proof (RFC 9449) is needed: this client's access tokens are bound to its key")
            }),
            TokenBinding::Certificate => certificate.ok_or_else(|| {
                let public = "a client certificate (RFC 8705) is needed in the TLS handshake: this client's access \
                    tokens are bound to it";
                Refusal::new(INVALID_REQUEST, public)
            }),
        }
    }
}
