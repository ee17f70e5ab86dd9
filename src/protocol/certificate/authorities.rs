//! Who vouches for the names in a certificate (RFC 8705 §2.1): the operator's authorities, by RFC 5280 paths.

use super::{CertificateError, ClientCertificate, X5t};
use crate::domain::Timestamp;
use moka::sync::Cache;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use std::sync::Arc;
use std::time::Duration;

/// How long a path that held is not walked again, and how many are kept.
const KEPT: Duration = Duration::from_mins(1);
const MOST_KEPT: u64 = 10_000;

/// Trusted authorities for client certificates.
#[derive(Clone, Debug)]
pub struct Authorities {
    verifier: Arc<dyn ClientCertVerifier>,
    held: Cache<X5t, Timestamp>,
}

/// Why a file of authorities is not taken; each text fits "the file …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthoritiesError {
    /// No PEM, or nothing in it.
    #[error("holds no certificate in PEM")]
    Empty,
    /// One of them does not read.
    #[error("holds a certificate that can be no authority")]
    Malformed,
}

impl Authorities {
    /// Reads certificates in PEM.
    ///
    /// # Errors
    /// [`AuthoritiesError`].
    pub fn from_pem(text: &[u8]) -> Result<Self, AuthoritiesError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(text) {
            let certificate = certificate.map_err(|_| AuthoritiesError::Malformed)?;
            roots.add(certificate).map_err(|_| AuthoritiesError::Malformed)?;
        }
        if roots.is_empty() {
            return Err(AuthoritiesError::Empty);
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
        let verifier = verifier.map_err(|_| AuthoritiesError::Malformed)?;
        Ok(Self { verifier, held: Cache::builder().max_capacity(MOST_KEPT).time_to_live(KEPT).build() })
    }

    /// Verifies that a path leads from `certificate` to one of them, in force at `now` and for client authentication.
    ///
    /// # Errors
    /// [`CertificateError::Untrusted`].
    pub fn check(&self, certificate: &ClientCertificate, now: Timestamp) -> Result<(), CertificateError> {
        let seen = self.held.get(&certificate.thumbprint());
        if certificate.is_current(now) && seen.is_some_and(|at| at <= now && now < at.plus(KEPT)) {
            return Ok(());
        }
        let der = CertificateDer::from(certificate.der());
        let chain: Vec<_> = certificate.chain().iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let seconds = u64::try_from(now.seconds()).map_err(|_| CertificateError::Untrusted)?;
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        self.verifier.verify_client_cert(&der, &chain, at).map_err(|_| CertificateError::Untrusted)?;
        self.held.insert(certificate.thumbprint(), now);
        Ok(())
    }
}
