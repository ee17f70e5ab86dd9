//! Signed assertions with which the counter proves itself to a backend (RFC 7523 §2.2 and §2.1): ES256 over a JWT.

use crate::domain::{Fault, Secret, Timestamp};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Serialize;
use serde_json::json;
use std::time::Duration;

/// The type of our client assertions (RFC 7523 §2.2).
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion is good for: one round trip.
const LIFETIME: Duration = Duration::from_mins(1);

/// What an assertion says (RFC 7523 §3): who says it, of whom, to whom, when, and by which id, once.
pub(super) struct Assertion<'a> {
    /// Who says it (`iss`).
    pub issuer: &'a str,
    /// Of whom (`sub`).
    pub subject: &'a str,
    /// To whom (`aud`).
    pub audience: &'a str,
    /// When (`iat`).
    pub now: Timestamp,
    /// By which id (`jti`), never used again.
    pub id: String,
}

/// A key file that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a P-256 private key in PEM (PKCS#8 or SEC 1)")]
pub struct InvalidKey;

/// Our private key at one backend, parsed once.
pub struct AssertionSigner {
    pair: EcdsaKeyPair,
    header: String,
    random: SystemRandom,
}

impl AssertionSigner {
    /// From a P-256 private key in PEM; `kid` names it to the backend.
    ///
    /// # Errors
    /// [`InvalidKey`] when the text is no such key.
    pub fn from_pem(pem: &Secret<String>, kid: &str) -> Result<Self, InvalidKey> {
        let der = PrivateKeyDer::from_pem_slice(pem.expose().as_bytes()).map_err(|_| InvalidKey)?;
        let pair = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_der());
        let header = json!({"typ": "JWT", "alg": "ES256", "kid": kid}).to_string();
        Ok(Self {
            pair: pair.map_err(|_| InvalidKey)?,
            header: URL_SAFE_NO_PAD.encode(header),
            random: SystemRandom::new(),
        })
    }

    /// Signs an assertion that is good for a minute.
    ///
    /// # Errors
    /// [`Fault::Internal`] when signing fails.
    pub(super) fn assert(&self, said: &Assertion<'_>) -> Result<String, Fault> {
        self.sign(&json!({
            "iss": said.issuer,
            "sub": said.subject,
            "aud": said.audience,
            "iat": said.now.seconds(),
            "exp": said.now.plus(LIFETIME).seconds(),
            "jti": said.id,
        }))
    }

    /// Signs `claims` as a compact JWT (RFC 7515 §3.1).
    ///
    /// # Errors
    /// [`Fault::Internal`] when signing fails.
    pub fn sign<T: Serialize>(&self, claims: &T) -> Result<String, Fault> {
        let claims = serde_json::to_vec(claims).map_err(|e| Fault::Internal(format!("assertion: {e}")))?;
        let mut token = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(claims));
        let signature = self.pair.sign(&self.random, token.as_bytes());
        let signature = signature.map_err(|_| Fault::Internal("signing an assertion failed".into()))?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.as_ref(), &mut token);
        Ok(token)
    }
}

impl std::fmt::Debug for AssertionSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[assertion signer]")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, KeyPair as _, UnparsedPublicKey};
    use base64::engine::general_purpose::STANDARD;

    /// A P-256 key of its own for each test.
    pub fn fresh_key() -> Secret<String> {
        pem(&EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn pem(pair: &EcdsaKeyPair) -> Secret<String> {
        let der = pair.to_pkcs8v1().unwrap();
        let text = STANDARD.encode(der.as_ref());
        Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n"))
    }

    #[test]
    fn what_is_signed_verifies_and_names_its_key() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let signer = AssertionSigner::from_pem(&pem(&pair), "k1").unwrap();
        let token = signer.sign(&json!({"iss": "c"})).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());
        key.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        let header = URL_SAFE_NO_PAD.decode(signed.split('.').next().unwrap()).unwrap();
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&header).unwrap(),
            json!({"typ": "JWT", "alg": "ES256", "kid": "k1"})
        );
    }

    #[test]
    fn other_texts_are_no_key() {
        for bad in ["", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert_eq!(AssertionSigner::from_pem(&Secret::new(bad.into()), "k").unwrap_err(), InvalidKey);
        }
    }
}
