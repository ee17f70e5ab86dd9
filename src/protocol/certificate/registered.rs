//! Which certificates a client's key set stands for (RFC 8705 §2.2).

use super::{ClientCertificate, X5t};
use crate::domain::Digest;
use crate::protocol::jose::{Jkt, RawJwk};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize as _;
use serde_json::{Value, json};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

/// The certificates of a self-signed client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegisteredCertificates(Vec<Registered>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Registered {
    /// The very one that its JWK carries as `x5c` (RFC 7517 §4.7).
    Exactly(X5t),
    /// Any that holds this key: the JWK carries no certificate.
    Key(Jkt),
}

impl RegisteredCertificates {
    /// Reads a JWK Set. A key that cannot be a certificate's is passed over.
    #[must_use]
    pub fn parse(jwks: &Value) -> Self {
        let keys = jwks.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Self(keys.iter().filter_map(registered).collect())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `certificate` is one of them.
    #[must_use]
    pub fn has(&self, certificate: &ClientCertificate) -> bool {
        let key = key_of(certificate.der());
        self.0.iter().any(|registered| match registered {
            Registered::Exactly(thumbprint) => *thumbprint == certificate.thumbprint(),
            Registered::Key(thumbprint) => key == Some(*thumbprint),
        })
    }
}

fn registered(jwk: &Value) -> Option<Registered> {
    if let Some(chain) = jwk.get("x5c") {
        let first = chain.get(0).and_then(Value::as_str)?;
        let der = STANDARD.decode(first).ok()?;
        return Some(Registered::Exactly(X5t(*Digest::of_bytes(&der).as_bytes())));
    }
    RawJwk::deserialize(jwk).ok()?.thumbprint().ok().map(Registered::Key)
}

/// The thumbprint (RFC 7638) of a certificate's key, if it is of a kind that JWKs of ours can be.
fn key_of(der: &[u8]) -> Option<Jkt> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let info = certificate.public_key();
    let curve = || info.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok()).map(|oid| oid.to_id_string());
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let jwk = match (info.algorithm.algorithm.to_id_string().as_str(), info.parsed().ok()?) {
        ("1.2.840.113549.1.1.1", PublicKey::RSA(key)) => {
            json!({"kty": "RSA", "n": text(unsigned(key.modulus)), "e": text(unsigned(key.exponent))})
        }
        ("1.2.840.10045.2.1", PublicKey::EC(point)) if curve().as_deref() == Some("1.2.840.10045.3.1.7") => {
            let (4, coordinates) = point.data().split_first().map(|(form, rest)| (*form, rest))? else { return None };
            let (x, y) = coordinates.split_at_checked(32).filter(|(_, y)| y.len() == 32)?;
            json!({"kty": "EC", "crv": "P-256", "x": text(x), "y": text(y)})
        }
        ("1.3.101.112", _) => json!({"kty": "OKP", "crv": "Ed25519", "x": text(&info.subject_public_key.data)}),
        _ => return None,
    };
    RawJwk::deserialize(&jwk).ok()?.thumbprint().ok()
}

/// DER writes a zero before a number whose first bit is set; JWK does not.
fn unsigned(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}
