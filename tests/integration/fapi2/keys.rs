//! Keys as a client of the suite holds them: every algorithm, right and wrong, signs what it is told to.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use madoguchi::domain::{Digest, Entropy, SystemEntropy};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

enum Pair {
    Elliptic(EcdsaKeyPair),
    Rsa(Arc<RsaKeyPair>),
    Edwards(Ed25519KeyPair),
}

/// A private key and how it is known.
pub struct Key {
    pair: Pair,
    /// Its algorithm.
    pub alg: &'static str,
    /// Its `kid`.
    pub kid: String,
}

/// Making an RSA key is slow, so the tests share a few.
fn shared_rsa(which: usize) -> Arc<RsaKeyPair> {
    static KEYS: [OnceLock<Arc<RsaKeyPair>>; 2] = [const { OnceLock::new() }; 2];
    Arc::clone(KEYS[which].get_or_init(|| Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())))
}

impl Key {
    /// A new ES256 key.
    pub fn es256() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { pair: Pair::Elliptic(pair), alg: "ES256", kid: handle() }
    }

    /// One of two PS256 keys.
    pub fn ps256(which: usize) -> Self {
        Self { pair: Pair::Rsa(shared_rsa(which)), alg: "PS256", kid: handle() }
    }

    /// A new Ed25519 key.
    pub fn ed25519() -> Self {
        Self { pair: Pair::Edwards(Ed25519KeyPair::generate().unwrap()), alg: "EdDSA", kid: handle() }
    }

    /// The bare public members (RFC 7518 §6), in the order of their thumbprint.
    pub fn members(&self) -> Value {
        match &self.pair {
            Pair::Elliptic(pair) => {
                let point = pair.public_key().as_ref();
                json!({"crv": "P-256", "kty": "EC", "x": B64.encode(&point[1..33]), "y": B64.encode(&point[33..65])})
            }
            Pair::Rsa(pair) => {
                let n = pair.public_key().modulus().big_endian_without_leading_zero().to_vec();
                json!({"e": "AQAB", "kty": "RSA", "n": B64.encode(n)})
            }
            Pair::Edwards(pair) => {
                json!({"crv": "Ed25519", "kty": "OKP", "x": B64.encode(pair.public_key().as_ref())})
            }
        }
    }

    /// The public key as it is registered.
    pub fn jwk(&self) -> Value {
        let mut jwk = self.members();
        for (name, value) in [("kid", self.kid.as_str()), ("alg", self.alg), ("use", "sig")] {
            jwk[name] = json!(value);
        }
        jwk
    }

    /// The public key as nobody should send it: with its private part.
    pub fn private_jwk(&self) -> Value {
        let mut jwk = self.members();
        jwk["d"] = json!(B64.encode([7_u8; 32]));
        jwk
    }

    /// RFC 7638.
    pub fn thumbprint(&self) -> String {
        // `serde_json` writes members in the order of their names, which is the one that the RFC wants.
        Digest::of(&self.members().to_string()).base64url()
    }

    /// A JWS of `claims` by the algorithm that the header names, be it a forbidden one.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims.to_string()));
        let signature = self.signature(header["alg"].as_str().unwrap_or(self.alg), message.as_bytes());
        format!("{message}.{}", B64.encode(signature))
    }

    fn signature(&self, alg: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match (&self.pair, alg) {
            (_, "none") => Vec::new(),
            (Pair::Elliptic(pair), _) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            (Pair::Edwards(pair), _) => pair.sign(message).as_ref().to_vec(),
            (Pair::Rsa(pair), alg) => {
                let padding: &dyn aws_lc_rs::signature::RsaEncoding = match alg {
                    "RS256" => &aws_lc_rs::signature::RSA_PKCS1_SHA256,
                    _ => &aws_lc_rs::signature::RSA_PSS_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }
}

/// A JWT's header and claims, believed only when a key of `jwks` with its `kid` signed it.
#[track_caller]
pub fn verified(jwt: &str, jwks: &Value) -> (Value, Value) {
    let parts: Vec<&str> = jwt.split('.').collect();
    assert_eq!(parts.len(), 3, "no compact JWS: {jwt}");
    let read = |part: &str| -> Value { serde_json::from_slice(&B64.decode(part).unwrap()).unwrap() };
    let (header, claims) = (read(parts[0]), read(parts[1]));
    let keys = jwks["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == header["kid"] && key["alg"] == header["alg"]).expect("its key");
    let member = |name: &str| B64.decode(key[name].as_str().unwrap()).unwrap();
    let message = format!("{}.{}", parts[0], parts[1]);
    let signature = B64.decode(parts[2]).unwrap();
    let result = match header["alg"].as_str().unwrap() {
        "ES256" => {
            let point = [vec![4], member("x"), member("y")].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message.as_bytes(), &signature)
        }
        other => panic!("our issuer signs by ES256 unless asked otherwise, not by {other}"),
    };
    result.expect("a signature that verifies");
    (header, claims)
}

/// The claims of a token, believed without any check.
pub fn claims(jwt: &str) -> Value {
    serde_json::from_slice(&B64.decode(jwt.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// 256 unguessable bits as text.
pub fn handle() -> String {
    let entropy: &dyn Entropy = &SystemEntropy;
    entropy.handle()
}
