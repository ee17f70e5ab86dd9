//! What a caller proves itself by: an assertion (RFC 7523), or the certificate of its connection (RFC 8705 §2).

use super::authenticate::ClientCall;
use super::clients::KnownClient;
use crate::domain::ids::ClientId;
use crate::domain::profile::ClientAuthentication;
use crate::domain::{Refusal, Timestamp};
use crate::protocol::certificate::{CertificateError, CertificateRules, ClientCertificate, ExpectedSubject};
use crate::protocol::client_assertion::{ClaimedClient, VerifiedAssertion};
use crate::protocol::code::INVALID_CLIENT;

/// What was brought; not believed yet.
pub(super) enum Credential<'a> {
    /// An assertion.
    Assertion(ClaimedClient<'a>),
    /// A name, and the certificate that is to stand for it.
    Certificate(ClientId, &'a ClientCertificate),
}

/// Against what it is held.
#[derive(Clone, Copy)]
pub(super) struct Standard<'a> {
    /// Our issuer identifier.
    pub issuer: &'a str,
    /// What the operator decided about certificates.
    pub certificates: &'a CertificateRules,
    /// The present moment.
    pub now: Timestamp,
}

fn refused(public: impl Into<String>) -> Refusal {
    Refusal::new(INVALID_CLIENT, public)
}

impl<'a> Credential<'a> {
    /// Finds it. A caller that sends anything of an assertion means that, whatever its connection shows: a certificate
    /// may be there for the sake of its tokens only.
    ///
    /// # Errors
    /// `invalid_client` when there is neither, or what is there names nobody.
    pub fn find(call: &ClientCall<'a>) -> Result<Self, Refusal> {
        if call.has_authorization {
            let public = "clients prove themselves by private_key_jwt in the body, or by a client certificate; send no \
                Authorization field here";
            return Err(refused(public).at("Authorization"));
        }
        let is_other = ["client_assertion", "client_assertion_type", "client_secret"];
        let has_other = is_other.iter().any(|name| call.form.get(name).is_some());
        match call.certificate {
            Some(certificate) if !has_other => {
                // RFC 8705 §2: the certificate alone does not say which client it is.
                let id = call.form.get("client_id").ok_or_else(|| {
                    refused("client_id is needed beside a client certificate (RFC 8705 §2)").at("client_id")
                })?;
                let id = ClientId::parse(id).map_err(|_| refused("this is no client_id").at("client_id"))?;
                Ok(Self::Certificate(id, certificate))
            }
            _ => ClaimedClient::find(call.form).map(Self::Assertion),
        }
    }

    /// Who it says it is.
    pub const fn client(&self) -> &ClientId {
        match self {
            Self::Assertion(claimed) => &claimed.client,
            Self::Certificate(id, _) => id,
        }
    }

    /// The name of the key that an assertion says it is signed by.
    pub fn kid(&self) -> Option<String> {
        match self {
            Self::Assertion(claimed) => claimed.kid(),
            Self::Certificate(..) => None,
        }
    }

    /// Holds it against what the client registered, by the one method that it registered; gives the assertion that is
    /// to be used up, if it was one.
    ///
    /// # Errors
    /// `invalid_client`.
    pub fn verify(&self, known: &KnownClient, by: Standard<'_>) -> Result<Option<VerifiedAssertion>, Refusal> {
        match (self, &known.client.profile.authentication) {
            (Self::Assertion(claimed), ClientAuthentication::PrivateKeyJwt) => {
                let assertion = claimed.verify(&known.keys, by.issuer, by.now)?;
                assertion.check_algorithm(known.client.profile.assertion_signing_alg.as_deref())?;
                Ok(Some(assertion))
            }
            (Self::Assertion(_), _) => {
                let public = "this client is registered to prove itself by its certificate; send client_id and no \
                    client_assertion";
                Err(refused(public).at("client_assertion"))
            }
            (Self::Certificate(..), ClientAuthentication::PrivateKeyJwt) => {
                let public = "the parameter client_assertion is missing; this client is registered for private_key_jwt";
                Err(refused(public).at("client_assertion"))
            }
            (Self::Certificate(_, shown), ClientAuthentication::TlsClientAuth(subject)) => {
                let expected = ExpectedSubject::parse(subject).map_err(unaccepted)?;
                by_authority(shown, &expected, by).map_err(unaccepted).map(|()| None)
            }
            (Self::Certificate(_, shown), ClientAuthentication::SelfSignedTlsClientAuth) => {
                let is_current = shown.is_current(by.now).then_some(()).ok_or(CertificateError::Expired);
                let is_known = known.certificates.has(shown).then_some(()).ok_or(CertificateError::Unknown);
                is_known.and(is_current).map_err(unaccepted).map(|()| None)
            }
        }
    }
}

/// RFC 8705 §2.1: the name, and somebody whom we trust for it.
fn by_authority(
    shown: &ClientCertificate,
    expected: &ExpectedSubject,
    by: Standard<'_>,
) -> Result<(), CertificateError> {
    if !expected.is_named_by(shown) {
        return Err(CertificateError::Subject);
    }
    let authorities = by.certificates.authorities.as_ref().ok_or(CertificateError::Untrusted)?;
    authorities.check(shown, by.now)
}

fn unaccepted(error: CertificateError) -> Refusal {
    refused(format!("the client certificate {error}"))
}
