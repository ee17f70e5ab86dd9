//! The two keys of a third party: one that proves who it is, one that its tokens are bound to.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use madoguchi::domain::{Clock, Digest, Entropy, SystemClock, SystemEntropy};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};

/// An ES256 private key, parsed once, with the JOSE headers that go with its uses.
pub struct Key {
    pair: EcdsaKeyPair,
    thumbprint: String,
    proof_header: String,
    assertion_header: String,
    certificate_header: String,
    /// By how many seconds its holder's clock is ahead of the machine's; a test puts it forward.
    ahead: AtomicI64,
}

impl Key {
    /// The registered key, from its PKCS#8 PEM.
    pub fn from_pem(pem: &str, kid: &str) -> anyhow::Result<Self> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes())?;
        Ok(Self::new(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_pkcs8_der())?, kid))
    }

    /// A key of the moment, for DPoP.
    pub fn generate() -> anyhow::Result<Self> {
        Ok(Self::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?, "none"))
    }

    fn new(pair: EcdsaKeyPair, kid: &str) -> Self {
        // An uncompressed point: 0x04, then x and y of 32 bytes each.
        let point = pair.public_key().as_ref();
        let (x, y) = (B64.encode(&point[1..33]), B64.encode(&point[33..65]));
        // RFC 7638 §3: the required members only, in order.
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let proof = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": {"kty": "EC", "crv": "P-256", "x": x, "y": y}});
        let jwk = &proof["jwk"];
        let certificate = json!({"typ": "employment-certificate+jws", "alg": "ES256", "kid": kid, "jwk": jwk});
        let assertion = json!({"typ": "JWT", "alg": "ES256", "kid": kid});
        Self {
            thumbprint: Digest::of(&canonical).base64url(),
            proof_header: B64.encode(proof.to_string()),
            certificate_header: B64.encode(certificate.to_string()),
            assertion_header: B64.encode(assertion.to_string()),
            ahead: AtomicI64::new(0),
            pair,
        }
    }

    /// Puts its holder's clock so many seconds ahead of the machine's.
    pub fn set_ahead(&self, seconds: i64) {
        self.ahead.store(seconds, Ordering::Relaxed);
    }

    fn now(&self) -> i64 {
        SystemClock.now().seconds() + self.ahead.load(Ordering::Relaxed)
    }

    /// A client assertion (RFC 7523): its audience is the issuer, as one string (FAPI 2.0).
    pub fn assertion(&self, client_id: &str, issuer: &str) -> anyhow::Result<String> {
        let now = self.now();
        let claims = json!({
            "iss": client_id, "sub": client_id, "aud": issuer, "jti": unguessable(), "iat": now, "exp": now + 50,
        });
        self.sign(&self.assertion_header, &claims)
    }

    /// A DPoP proof (RFC 9449 §4.2) for one call.
    pub fn proof(&self, method: &str, uri: &str, token: Option<&str>, nonce: Option<&str>) -> anyhow::Result<String> {
        let target = uri.split(['?', '#']).next().unwrap_or(uri);
        let mut claims = json!({
            "jti": unguessable(), "htm": method, "htu": target, "iat": self.now(),
        });
        if let Some(token) = token {
            claims["ath"] = Value::from(Digest::of(token).base64url());
        }
        if let Some(nonce) = nonce {
            claims["nonce"] = Value::from(nonce);
        }
        self.sign(&self.proof_header, &claims)
    }

    /// A certificate of employment as the company signs it: whoever has it needs nothing else to verify it.
    pub fn certificate(&self, content: &Value) -> anyhow::Result<String> {
        self.sign(&self.certificate_header, content)
    }

    /// The key's thumbprint (RFC 7638), which binds a code to it from the start.
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    fn sign(&self, header: &str, claims: &Value) -> anyhow::Result<String> {
        let mut text = format!("{header}.{}", B64.encode(claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes())?;
        text.push('.');
        text.push_str(&B64.encode(signature));
        Ok(text)
    }
}

/// 128 unguessable bits.
pub fn unguessable() -> String {
    let mut bytes = [0_u8; 16];
    SystemEntropy.fill(&mut bytes);
    B64.encode(bytes)
}
