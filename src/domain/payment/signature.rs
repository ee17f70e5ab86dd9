//! How the counter and its payment service sign what they tell one another: HMAC-SHA-256 (RFC 2104) under a secret that both
//! have, over a word for what it is, and its parts, each with its length, so that nothing signed as one thing passes as another.

use crate::domain::secret::Secret;
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Fewest bytes of the secret.
pub const SHORTEST_KEY: usize = 32;

/// The secret that both have.
#[derive(Clone)]
pub struct PaymentKey(hmac::Key);

impl PaymentKey {
    /// Of a secret of 32 bytes at least.
    #[must_use]
    pub fn new(secret: &Secret<String>) -> Option<Self> {
        let bytes = secret.expose().as_bytes();
        (bytes.len() >= SHORTEST_KEY).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
    }

    /// The signature (base64url) of these parts as what `word` says.
    #[must_use]
    pub fn sign(&self, word: &str, parts: &[&[u8]]) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, &framed(word, parts)))
    }

    /// Whether a signature is right; in constant time.
    #[must_use]
    pub fn is_signed(&self, word: &str, parts: &[&[u8]], signature: &str) -> bool {
        let signature = URL_SAFE_NO_PAD.decode(signature);
        signature.is_ok_and(|bytes| hmac::verify(&self.0, &framed(word, parts), &bytes).is_ok())
    }
}

fn framed(word: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("payment {word} v1\n").into_bytes();
    for part in parts {
        bytes.extend_from_slice(format!("{}\n", part.len()).as_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}
