//! Encrypted messages (RFC 7516): ECDH-ES or RSA-OAEP-256 to one recipient, content by A256GCM, compact form only.
//!
//! What for: a request object may be read by us alone, an id_token, a userinfo answer, an introspection or an
//! authorization response by its client alone.
//!
//! How it flows: out, [`RecipientKeys`] finds the client's key and [`encrypt`] makes the message; in, [`Decrypters`]
//! splits it, finds our key by `kid` and `alg`, gets the content key from it, and opens the content.
//!
//! How to add one more way for the content key: a variant of [`KeyManagement`], a variant of [`RecipientKey`] that
//! seals it and a [`Decrypter`] that opens it; every `match` will ask.
//!
//! What it must never do: tell a sender why a message did not open (RFC 7516 §11.5), inflate it (`zip`, RFC 8725
//! §3.6), or take a key by its text alone: what a key is for stands in the key.

mod agreement;
mod content;
mod decrypter;
mod recipient;
mod transport;

pub use agreement::EcdhEsDecrypter;
pub use decrypter::{Decrypter, Decrypters, SealedKey};
pub use recipient::{RecipientKey, RecipientKeys};
pub use transport::RsaOaepDecrypter;

use super::decode_part;
use crate::domain::profile::KeyManagement;
use crate::domain::{Entropy, Fault, Secret};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

/// The only content encryption.
pub const CONTENT_ENCRYPTION: &str = "A256GCM";
/// The key management algorithms, as metadata lists them.
pub const KEY_MANAGEMENT: [KeyManagement; 2] = [KeyManagement::EcdhEs, KeyManagement::RsaOaep256];

/// The key of one message's content.
pub type ContentKey = Secret<[u8; 32]>;

/// Why an encrypted message is not read. What failed inside is not told apart (RFC 7516 §11.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JweError {
    /// Longer than any honest one.
    #[error("is longer than any honest one")]
    TooLong,
    /// Not five base64url parts under a header object with the members required.
    #[error("is not a compact JWE with the header members required")]
    Malformed,
    /// Another `alg` or `enc`, or `zip` or `crit`.
    #[error("must use ECDH-ES or RSA-OAEP-256 with A256GCM, without zip and crit")]
    Algorithm,
    /// Its `cty` is not that of a signed message.
    #[error("must hold a signed JWT and say so by cty JWT")]
    Content,
    /// None of our keys opens it.
    #[error("does not open with a published key of ours that has use enc")]
    Sealed,
}

/// `text` for `recipient`: a signed JWT when `is_jwt`, and then `cty` says so (RFC 7519 §5.2).
///
/// # Errors
/// [`Fault`] when the machine cannot encrypt.
pub fn encrypt(recipient: &RecipientKey, text: &str, is_jwt: bool, entropy: &dyn Entropy) -> Result<String, Fault> {
    let mut header = json!({ "alg": recipient.management().as_str(), "enc": CONTENT_ENCRYPTION });
    let sealed = recipient.seal(entropy)?;
    if let Some(members) = header.as_object_mut() {
        if is_jwt {
            members.insert("cty".into(), json!("JWT"));
        }
        members.extend(recipient.kid().map(|kid| ("kid".to_owned(), json!(kid))));
        members.extend(sealed.ephemeral.map(|point| ("epk".to_owned(), point)));
    }
    let protected = URL_SAFE_NO_PAD.encode(header.to_string());
    let message = content::seal(&sealed.content_key, &protected, text.as_bytes(), entropy)?;
    let parts = [sealed.encrypted_key.as_slice(), &message.nonce, &message.ciphertext, &message.tag];
    let encoded = parts.map(|part| URL_SAFE_NO_PAD.encode(part));
    Ok(format!("{protected}.{}", encoded.join(".")))
}

/// Whether `text` has the five parts of an encrypted message rather than the three of a signed one.
#[must_use]
pub fn is_encrypted(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'.').count() == 4
}

/// A message's parts, decoded but not believed.
struct Parts<'a> {
    protected: &'a str,
    header: Vec<u8>,
    encrypted_key: Vec<u8>,
    nonce: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn split(token: &'a str, most: usize) -> Result<Self, JweError> {
        if token.len() > most {
            return Err(JweError::TooLong);
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [protected, encrypted_key, nonce, ciphertext, tag] = parts.as_slice() else {
            return Err(JweError::Malformed);
        };
        let decode = |part: &str| decode_part(part).map_err(|_| JweError::Malformed);
        Ok(Self {
            protected,
            header: decode(protected)?,
            encrypted_key: decode(encrypted_key)?,
            nonce: decode(nonce)?,
            ciphertext: decode(ciphertext)?,
            tag: decode(tag)?,
        })
    }
}

#[cfg(test)]
mod tests;
