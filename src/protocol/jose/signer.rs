//! What signs: a small trait, so that a key may live in this process or in a hardware module.

use super::{Algorithm, JwkError, RawJwk};
use crate::domain::{Fault, Secret};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::write::EncoderStringWriter;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::Write as _;

/// A signing key, wherever it lives.
pub trait Signer: Send + Sync {
    /// Its `kid`.
    fn kid(&self) -> &str;
    /// Its algorithm.
    fn algorithm(&self) -> Algorithm;
    /// The signature over `message`, in the JWS form of the algorithm.
    ///
    /// # Errors
    /// [`Fault`] when the key cannot sign now.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Fault>;
}

/// A compact JWS of `claims` with this `typ`.
///
/// # Errors
/// [`Fault`] when the claims cannot be written or the key cannot sign.
pub fn sign<C: Serialize>(signer: &dyn Signer, typ: &str, claims: &C) -> Result<String, Fault> {
    let claims = serde_json::to_vec(claims).map_err(|error| unwritten(&error))?;
    sign_parts(signer, typ, &[&claims])
}

/// A compact JWS with this `typ` of a payload that comes in parts, in order: each is written straight into the token, so
/// that a long one is not copied first.
///
/// # Errors
/// [`Fault`] when the key cannot sign.
pub fn sign_parts(signer: &dyn Signer, typ: &str, payload: &[&[u8]]) -> Result<String, Fault> {
    let header = json!({ "alg": signer.algorithm().as_str(), "kid": signer.kid(), "typ": typ }).to_string();
    let length: usize = payload.iter().map(|part| part.len()).sum();
    let mut token = String::with_capacity(384 + length / 3 * 4);
    URL_SAFE_NO_PAD.encode_string(header, &mut token);
    token.push('.');
    let mut encoder = EncoderStringWriter::from_consumer(&mut token, &URL_SAFE_NO_PAD);
    payload.iter().try_for_each(|part| encoder.write_all(part)).map_err(|error| unwritten(&error))?;
    encoder.into_inner();
    let signature = signer.sign(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

fn unwritten(error: &dyn std::error::Error) -> Fault {
    Fault::Internal(format!("a token could not be written: {error}"))
}

/// An ES256 key in this process, parsed once. Its `kid` is its RFC 7638 thumbprint, so no two keys can share one.
pub struct Es256Signer {
    pair: EcdsaKeyPair,
    kid: String,
    public: Value,
}

impl Es256Signer {
    /// A new key and its PKCS#8 document, to be sealed and kept.
    ///
    /// # Errors
    /// [`Fault::Internal`] when the machine cannot make one.
    pub fn generate() -> Result<(Self, Secret<Vec<u8>>), Fault> {
        let made = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| broken("made"))?;
        let document = Secret::new(made.to_pkcs8v1().map_err(|_| broken("written"))?.as_ref().to_vec());
        Ok((Self::of(made)?, document))
    }

    /// The key kept in a PKCS#8 document.
    ///
    /// # Errors
    /// [`Fault::Internal`] when it holds no P-256 key.
    pub fn from_pkcs8(document: &[u8]) -> Result<Self, Fault> {
        let read = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document);
        Self::of(read.map_err(|_| broken("read"))?)
    }

    /// The public JWK, ready to be published.
    #[must_use]
    pub fn public_jwk(&self) -> &Value {
        &self.public
    }

    fn of(pair: EcdsaKeyPair) -> Result<Self, Fault> {
        // An uncompressed point: 4, then x and y of 32 bytes each (SEC 1 §2.3.3).
        let point = pair.public_key().as_ref().get(1..).filter(|p| p.len() == 64).ok_or_else(|| broken("read"))?;
        let (x, y) = point.split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let mut public = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y });
        let thumbprint = RawJwk::deserialize(&public).map_err(|_| JwkError::Malformed).and_then(|jwk| jwk.thumbprint());
        let kid = thumbprint.map_err(|_| broken("read"))?.to_string();
        if let Some(members) = public.as_object_mut() {
            members.insert("kid".into(), json!(kid));
            members.insert("use".into(), json!("sig"));
            members.insert("alg".into(), json!("ES256"));
        }
        Ok(Self { pair, kid, public })
    }
}

impl Signer for Es256Signer {
    fn kid(&self) -> &str {
        &self.kid
    }

    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let signature = self.pair.sign(&SystemRandom::new(), message).map_err(|_| broken("used"))?;
        Ok(signature.as_ref().to_vec())
    }
}

fn broken(what: &str) -> Fault {
    Fault::Internal(format!("an ES256 key could not be {what}"))
}
