//! Our own TLS: 1.2 and 1.3 with the suites of BCP 195, and client certificates where a door asks for them.

use crate::domain::Secret;
use crate::http::edge::ShownCertificate;
use crate::protocol::certificate::ClientCertificate;
use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use anyhow::Context as _;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, CipherSuite, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme,
};
use std::any::Any;
use std::path::Path;
use std::sync::Arc;

/// What is negotiated: for TLS 1.2 those that RFC 9325 §4.2 recommends (FAPI 2.0 SP §5.2.2), all of TLS 1.3.
pub const SUITES: [CipherSuite; 7] = [
    CipherSuite::TLS13_AES_256_GCM_SHA384,
    CipherSuite::TLS13_AES_128_GCM_SHA256,
    CipherSuite::TLS13_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
];

/// Whether a door asks who comes for a certificate. Browsers show their owners a question then, so browsers and clients
/// with certificates are better served at two doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// It does not.
    Nobody,
    /// It does, and lets in who shows none.
    Everybody,
}

/// Our certificate and key, from PEM files.
///
/// # Errors
/// Names the file that does not read, or says that the two do not belong together.
pub fn config(certificate: &Path, key: &Path, asks: Asks) -> anyhow::Result<ServerConfig> {
    let text = Secret::new(std::fs::read(key).with_context(|| format!("cannot read {}", key.display()))?);
    let key_der = PrivateKeyDer::from_pem_slice(text.expose())
        .map_err(|_| anyhow::anyhow!("{} holds no private key in PEM", key.display()))?;
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| anyhow::anyhow!("{} holds no certificate chain in PEM: {error}", certificate.display()))?;
    let provider = Arc::new(provider());
    let algorithms = provider.signature_verification_algorithms;
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?;
    let builder = match asks {
        Asks::Nobody => builder.with_no_client_auth(),
        Asks::Everybody => builder.with_client_cert_verifier(Arc::new(Offered(algorithms))),
    };
    builder
        .with_single_cert(chain, key_der)
        .with_context(|| format!("{} and {} do not belong together", certificate.display(), key.display()))
}

/// aws-lc with [`SUITES`] only.
#[must_use]
pub fn provider() -> CryptoProvider {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.cipher_suites.retain(|suite| SUITES.contains(&suite.suite()));
    provider
}

/// Asks for a certificate, and takes any whose key the caller proves to hold. Who it is for is told by the use cases:
/// RFC 8705 lets it be self-signed, for authentication (§2.2) and for tokens (§3).
#[derive(Debug)]
struct Offered(WebPkiSupportedAlgorithms);

impl ClientCertVerifier for Offered {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// None: a client would leave a self-signed certificate at home.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let read = ClientCertificate::new(certificate.to_vec(), Vec::new());
        read.map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// Keeps a new connection's certificate for its requests.
pub(super) fn note_certificate(connection: &dyn Any, data: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() else { return };
    let Some((first, rest)) = stream.get_ref().1.peer_certificates().and_then(<[_]>::split_first) else { return };
    let chain = rest.iter().map(|der| der.to_vec()).collect();
    if let Ok(certificate) = ClientCertificate::new(first.to_vec(), chain) {
        data.insert(ShownCertificate(certificate));
    }
}
