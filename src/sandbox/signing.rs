//! The identity providers' own signing keys: made at start, published as JWK sets, gone at the end.

use super::settings::StartError;
use crate::domain::Digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::json;

enum Pair {
    Es256(EcdsaKeyPair),
    Rs256(Box<RsaKeyPair>),
}

/// A key pair that signs JWTs.
pub(super) struct SigningKey {
    pair: Pair,
    header: String,
    /// Of a security event token (RFC 8417 §2.3).
    event_header: String,
    /// The JWK set with the public half, as served.
    pub(super) jwks: String,
}

fn broken(what: &str) -> StartError {
    StartError::Machinery(format!("no {what} key could be made"))
}

impl SigningKey {
    /// A P-256 key for ES256.
    ///
    /// # Errors
    /// [`StartError::Machinery`] when the machine makes no key.
    pub(super) fn es256() -> Result<Self, StartError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| broken("P-256"))?;
        let point = pair.public_key().as_ref();
        // An uncompressed point (SEC 1 §2.3.3): 04, x, y.
        let x = point.get(1..33).ok_or_else(|| broken("P-256"))?;
        let y = point.get(33..65).ok_or_else(|| broken("P-256"))?;
        let public =
            json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)});
        Ok(Self::publish(Pair::Es256(pair), "ES256", public))
    }

    /// An RSA key of 2048 bits for RS256.
    ///
    /// # Errors
    /// [`StartError::Machinery`] when the machine makes no key.
    pub(super) fn rs256() -> Result<Self, StartError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| broken("RSA"))?;
        let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        let public = json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(parts.n), "e": URL_SAFE_NO_PAD.encode(parts.e)});
        Ok(Self::publish(Pair::Rs256(Box::new(pair)), "RS256", public))
    }

    fn publish(pair: Pair, alg: &str, mut public: serde_json::Value) -> Self {
        let kid = Digest::of(&public.to_string()).base64url();
        if let Some(members) = public.as_object_mut() {
            members.extend([
                ("use".to_owned(), json!("sig")),
                ("alg".to_owned(), json!(alg)),
                ("kid".to_owned(), json!(kid)),
            ]);
        }
        let header = |typ: &str| URL_SAFE_NO_PAD.encode(json!({"typ": typ, "alg": alg, "kid": kid}).to_string());
        let (header, event_header) = (header("JWT"), header("secevent+jwt"));
        Self { pair, header, event_header, jwks: json!({ "keys": [public] }).to_string() }
    }

    /// Signs `claims` as a JWT (RFC 7519); none when the key fails, which a caller answers with 500.
    pub(super) fn sign(&self, claims: &impl Serialize) -> Option<String> {
        self.sign_under(&self.header, claims)
    }

    /// Signs `claims` as a security event token (RFC 8417).
    pub(super) fn sign_event(&self, claims: &impl Serialize) -> Option<String> {
        self.sign_under(&self.event_header, claims)
    }

    /// Signs `claims` as a DPoP proof (RFC 9449 §4.2): the key itself is in the header.
    pub(super) fn sign_proof(&self, claims: &impl Serialize) -> Option<String> {
        let published: serde_json::Value = serde_json::from_str(&self.jwks).ok()?;
        let key = published.get("keys")?.get(0)?;
        let jwk = json!({"kty": key.get("kty")?, "crv": key.get("crv")?, "x": key.get("x")?, "y": key.get("y")?});
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}).to_string();
        self.sign_under(&URL_SAFE_NO_PAD.encode(header), claims)
    }

    fn sign_under(&self, header: &str, claims: &impl Serialize) -> Option<String> {
        let claims = serde_json::to_vec(claims).ok()?;
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Es256(pair) => pair.sign(&random, message.as_bytes()).ok()?.as_ref().to_vec(),
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).ok()?;
                signature
            }
        };
        Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::jwk::JwkSet;
    use jsonwebtoken::{Algorithm, DecodingKey, Validation};

    #[test]
    fn what_is_signed_verifies_with_what_is_published() {
        for (key, algorithm) in
            [(SigningKey::es256().unwrap(), Algorithm::ES256), (SigningKey::rs256().unwrap(), Algorithm::RS256)]
        {
            let token = key.sign(&json!({"sub": "x", "exp": 4_000_000_000_i64})).unwrap();
            let set: JwkSet = serde_json::from_str(&key.jwks).unwrap();
            let public = DecodingKey::from_jwk(&set.keys[0]).unwrap();
            let read = jsonwebtoken::decode::<serde_json::Value>(&token, &public, &Validation::new(algorithm)).unwrap();
            assert_eq!(read.claims["sub"], "x");
            assert_eq!(read.header.kid, set.keys[0].common.key_id);
        }
    }
}
