//! A certificate as a proxy that terminates TLS passes it on, in a header field.

use super::{CertificateError, ClientCertificate};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// Longest field looked at: a chain of the longest certificates that are taken.
const MOST: usize = 128 * 1024;
/// Most certificates of a chain.
const MOST_CHAIN: usize = 8;

impl ClientCertificate {
    /// Reads a field by its first character: `:…:` is RFC 9440's `Client-Cert`, with `chain` its `Client-Cert-Chain`;
    /// all else is percent-encoded PEM (nginx's `$ssl_client_escaped_cert` and the like), whose further certificates
    /// are the chain.
    ///
    /// # Errors
    /// [`CertificateError::Field`] when it has neither form; what [`ClientCertificate::new`] says.
    pub fn from_field(field: &str, chain: Option<&str>) -> Result<Self, CertificateError> {
        if field.len() > MOST || chain.is_some_and(|chain| chain.len() > MOST) {
            return Err(CertificateError::TooLong);
        }
        let mut all = if field.starts_with(':') {
            let mut all = vec![binary(field)?];
            for one in chain.iter().flat_map(|chain| chain.split(',')) {
                all.push(binary(one.trim_matches([' ', '\t']))?);
            }
            all
        } else {
            pem(field)?
        };
        if all.is_empty() || all.len() > 1 + MOST_CHAIN {
            return Err(CertificateError::Field);
        }
        let certificate = all.remove(0);
        Self::new(certificate, all)
    }
}

/// A byte sequence of RFC 9651 §3.3.5, without parameters.
fn binary(item: &str) -> Result<Vec<u8>, CertificateError> {
    let inside = item.strip_prefix(':').and_then(|item| item.strip_suffix(':')).ok_or(CertificateError::Field)?;
    STANDARD.decode(inside).map_err(|_| CertificateError::Field)
}

fn pem(field: &str) -> Result<Vec<Vec<u8>>, CertificateError> {
    let text = percent_decoded(field).ok_or(CertificateError::Field)?;
    let certificates = CertificateDer::pem_slice_iter(&text).map(|one| one.map(|der| der.to_vec()));
    certificates.collect::<Result<_, _>>().map_err(|_| CertificateError::Field)
}

/// `+` stays what it is: it is a letter of base64.
fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            out.push(byte);
        }
    }
    Some(out)
}
