//! Client certificates (RFC 8705): what a caller showed, and what of it we look at.
//!
//! What for: a certificate is another way to say who speaks, and another key to bind a token to. Here bytes become
//! a [`ClientCertificate`], of which a use case asks only what RFC 8705 lets it ask.
//!
//! How it flows: 1. the edge makes a [`ClientCertificate`] from the TLS connection, or from the [field](ClientCertificate::from_field)
//! of a trusted proxy; 2. its [`thumbprint`](ClientCertificate::thumbprint) is compared with a token's `cnf`; 3. for
//! client authentication it is one of the [`RegisteredCertificates`], or names the [`ExpectedSubject`] and one of the
//! [`Authorities`] vouches for it. [`CertificateRules`] says what is offered at all.
//!
//! How to add one more question about a certificate: a file with one method of [`ClientCertificate`].
//!
//! What it must never do: take a certificate for a proof: that its key was held is known by the handshake alone; read
//! a clock; believe a name before the chain above it was verified.

mod authorities;
mod field;
mod name;
mod registered;
mod rules;
mod subject;

pub use authorities::{Authorities, AuthoritiesError};
pub use registered::RegisteredCertificates;
pub use rules::CertificateRules;
pub use subject::ExpectedSubject;

use crate::domain::{Digest, Timestamp};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Longest certificate looked at, in bytes of DER.
const MOST: usize = 16 * 1024;

/// Why a certificate is not taken; each text fits "the client certificate …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It is no X.509 certificate in DER, or something follows it.
    #[error("is no X.509 certificate")]
    Malformed,
    /// It is longer than any honest one.
    #[error("is longer than 16384 bytes")]
    TooLong,
    /// A proxy's field holds none.
    #[error("is in a field that is neither RFC 9440's nor percent-encoded PEM")]
    Field,
    /// It does not name whom it must.
    #[error("does not name the subject that this client registered")]
    Subject,
    /// Nobody whom we trust vouches for it.
    #[error("is by no authority that is trusted here, or is not in force, or is not for client authentication")]
    Untrusted,
    /// It is none of those that the client registered.
    #[error("is none that this client registered in its key set")]
    Unknown,
    /// Its time has not come, or is over.
    #[error("is not in force now")]
    Expired,
}

/// A certificate whose key the caller holds: it was shown in a TLS handshake, to us or to a proxy that we trust.
/// Whether anybody vouches for the names in it is another question.
#[derive(Clone)]
pub struct ClientCertificate(Arc<Shown>);

struct Shown {
    der: Vec<u8>,
    chain: Vec<Vec<u8>>,
    thumbprint: X5t,
    not_before: Timestamp,
    not_after: Timestamp,
}

impl ClientCertificate {
    /// A certificate and what was sent with it to lead up to an authority, all in DER.
    ///
    /// # Errors
    /// [`CertificateError`] when the first does not read.
    pub fn new(der: Vec<u8>, chain: Vec<Vec<u8>>) -> Result<Self, CertificateError> {
        if der.len() > MOST {
            return Err(CertificateError::TooLong);
        }
        let (rest, read) = X509Certificate::from_der(&der).map_err(|_| CertificateError::Malformed)?;
        if !rest.is_empty() {
            return Err(CertificateError::Malformed);
        }
        let validity = read.validity();
        let not_before = Timestamp::from_seconds(validity.not_before.timestamp());
        let not_after = Timestamp::from_seconds(validity.not_after.timestamp());
        let thumbprint = X5t(*Digest::of_bytes(&der).as_bytes());
        Ok(Self(Arc::new(Shown { der, chain, thumbprint, not_before, not_after })))
    }

    /// What tokens are bound to (RFC 8705 §3.1).
    #[must_use]
    pub fn thumbprint(&self) -> X5t {
        self.0.thumbprint
    }

    /// Whether it is in force at `now` (RFC 5280 §4.1.2.5).
    #[must_use]
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.0.not_before <= now && now <= self.0.not_after
    }

    /// The certificate itself.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// What was sent with it.
    #[must_use]
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.0.chain
    }
}

/// It names somebody, so it never prints them.
impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({})", self.0.thumbprint)
    }
}

/// SHA-256 of a certificate's DER: what `cnf.x5t#S256` names (RFC 8705 §3.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct X5t([u8; 32]);

impl X5t {
    /// Reads 43 base64url characters.
    ///
    /// # Errors
    /// [`CertificateError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, CertificateError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CertificateError::Malformed)?;
        Ok(Self(bytes.try_into().map_err(|_| CertificateError::Malformed)?))
    }
}

impl fmt::Display for X5t {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for X5t {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "X5t({self})")
    }
}

impl TryFrom<String> for X5t {
    type Error = CertificateError;
    fn try_from(text: String) -> Result<Self, CertificateError> {
        Self::parse(&text)
    }
}

impl From<X5t> for String {
    fn from(thumbprint: X5t) -> Self {
        thumbprint.to_string()
    }
}

#[cfg(test)]
mod tests;
