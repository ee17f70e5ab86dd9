//! Certificates of made-up authorities and clients.

use base64::{Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use madoguchi::protocol::certificate::ClientCertificate;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair};
use serde_json::{Value, json};

/// An authority.
pub type Authority = CertifiedIssuer<'static, KeyPair>;

/// A certificate with its key.
pub struct Shown {
    pub certificate: ClientCertificate,
    pub key: KeyPair,
}

/// An authority that signs anything.
pub fn authority(name: &str) -> Authority {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// `CN=name,O=見本銀行`.
pub fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "見本銀行");
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// A client's certificate by `authority`.
pub fn below(authority: &Authority, name: &str) -> Shown {
    let key = KeyPair::generate().unwrap();
    let certificate = named(name).signed_by(&key, authority).unwrap();
    Shown { certificate: read(&certificate), key }
}

/// A client's certificate by itself.
pub fn self_signed(name: &str) -> Shown {
    let key = KeyPair::generate().unwrap();
    let certificate = named(name).self_signed(&key).unwrap();
    Shown { certificate: read(&certificate), key }
}

fn read(certificate: &rcgen::Certificate) -> ClientCertificate {
    ClientCertificate::new(certificate.der().to_vec(), Vec::new()).unwrap()
}

impl Shown {
    /// The certificate as PEM (RFC 7468 §5).
    pub fn certificate_pem(&self) -> String {
        let text = STANDARD.encode(self.certificate.der());
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    }

    /// Its key as a JWK that carries the certificate (RFC 8705 §2.2.2).
    pub fn jwk(&self) -> Value {
        let raw = self.key.public_key_raw();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&raw[1..33]), URL_SAFE_NO_PAD.encode(&raw[33..]));
        json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "x5c": [STANDARD.encode(self.certificate.der())]})
    }

    /// Another certificate with the same key.
    pub fn again(&self, name: &str) -> Self {
        let key = KeyPair::from_pem(&self.key.serialize_pem()).unwrap();
        Self { certificate: read(&named(name).self_signed(&key).unwrap()), key }
    }

    /// Certificate and key as PEM, as HTTP clients take them.
    pub fn pem(&self) -> String {
        self.certificate_pem() + &self.key.serialize_pem()
    }
}
