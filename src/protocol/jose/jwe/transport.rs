//! RSA-OAEP-256 (RFC 7518 §4.3): the content key, encrypted to the recipient's RSA key.

use super::decrypter::{Decrypter, SealedKey};
use super::{ContentKey, JweError};
use crate::domain::profile::KeyManagement;
use crate::domain::{Entropy, Fault, Secret};
use crate::protocol::jose::{JwkError, RawJwk};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{
    KeyPair, KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey,
};
use aws_lc_rs::signature::{KeyPair as _, RsaPublicKeyComponents};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};

/// The public key with this modulus, and the exponent 65537.
pub(super) fn public_key(modulus: &[u8]) -> Result<OaepPublicEncryptingKey, JwkError> {
    let parts = RsaPublicKeyComponents { n: modulus, e: [1_u8, 0, 1].as_slice() };
    let key: PublicEncryptingKey = parts.try_into().map_err(|_| JwkError::Malformed)?;
    OaepPublicEncryptingKey::new(key).map_err(|_| JwkError::Malformed)
}

/// A new content key, and the same encrypted to `recipient`.
pub(super) fn wrap_for(
    recipient: &OaepPublicEncryptingKey,
    entropy: &dyn Entropy,
) -> Result<(ContentKey, Vec<u8>), Fault> {
    let mut key = [0_u8; 32];
    entropy.fill(&mut key);
    let mut wrapped = vec![0_u8; recipient.ciphertext_size()];
    let length = recipient
        .encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut wrapped, None)
        .map_err(|_| Fault::Internal("a content key could not be encrypted".into()))?
        .len();
    wrapped.truncate(length);
    Ok((Secret::new(key), wrapped))
}

/// An RSA key in this process that messages to us are encrypted to. Its `kid` is its thumbprint.
pub struct RsaOaepDecrypter {
    key: OaepPrivateDecryptingKey,
    kid: String,
    public: Value,
}

impl RsaOaepDecrypter {
    /// A new key's PKCS#8 document, to be sealed and kept. Takes up to seconds.
    ///
    /// # Errors
    /// [`Fault::Internal`] when the machine cannot make one.
    pub fn generate() -> Result<Secret<Vec<u8>>, Fault> {
        let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).map_err(|_| broken("made"))?;
        let document: Pkcs8V1Der<'_> = key.as_der().map_err(|_| broken("written"))?;
        Ok(Secret::new(document.as_ref().to_vec()))
    }

    /// The key kept in a PKCS#8 document.
    ///
    /// # Errors
    /// [`Fault::Internal`] when it holds no RSA key.
    pub fn from_pkcs8(document: &[u8]) -> Result<Self, Fault> {
        let pair = KeyPair::from_pkcs8(document).map_err(|_| broken("read"))?;
        let modulus = pair.public_key().modulus().big_endian_without_leading_zero();
        let mut public = json!({ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(modulus), "e": "AQAB" });
        let read = RawJwk::deserialize(&public).map_err(|_| JwkError::Malformed);
        let kid = read.and_then(|jwk| jwk.thumbprint()).map_err(|_| broken("read"))?.to_string();
        if let Some(members) = public.as_object_mut() {
            members.insert("kid".into(), json!(kid));
            members.insert("use".into(), json!("enc"));
            members.insert("alg".into(), json!(KeyManagement::RsaOaep256.as_str()));
        }
        let key = PrivateDecryptingKey::from_pkcs8(document).map_err(|_| broken("read"))?;
        let key = OaepPrivateDecryptingKey::new(key).map_err(|_| broken("read"))?;
        Ok(Self { key, kid, public })
    }
}

impl Decrypter for RsaOaepDecrypter {
    fn kid(&self) -> &str {
        &self.kid
    }

    fn management(&self) -> KeyManagement {
        KeyManagement::RsaOaep256
    }

    fn public_jwk(&self) -> &Value {
        &self.public
    }

    fn content_key(&self, sealed: &SealedKey<'_>) -> Result<ContentKey, JweError> {
        let SealedKey::Wrapped(wrapped) = sealed else { return Err(JweError::Sealed) };
        let mut room = vec![0_u8; self.key.min_output_size()];
        let opened = self.key.decrypt(&OAEP_SHA256_MGF1SHA256, wrapped, &mut room, None);
        let opened = opened.map_err(|_| JweError::Sealed)?;
        Ok(Secret::new(<[u8; 32]>::try_from(&*opened).map_err(|_| JweError::Sealed)?))
    }
}

fn broken(what: &str) -> Fault {
    Fault::Internal(format!("an RSA-OAEP-256 key could not be {what}"))
}
