//! Our side of an encrypted message: a small trait, so that a key may live in this process or in a hardware module.

use super::agreement::{PartyInfo, Point};
use super::{CONTENT_ENCRYPTION, ContentKey, JweError, Parts, content};
use crate::domain::profile::KeyManagement;
use crate::protocol::jose::{RawJwk, decode_part, present, read};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Longest `apu` and `apv`, in characters.
const MOST_INFO: usize = 256;

/// How a content key reached us.
#[derive(Clone, Copy, Debug)]
pub enum SealedKey<'a> {
    /// By agreement with this ephemeral point.
    Agreed {
        /// An uncompressed point of P-256.
        point: &'a Point,
        /// What the key derivation takes besides.
        info: PartyInfo<'a>,
    },
    /// Encrypted to our RSA key.
    Wrapped(&'a [u8]),
}

/// A key that opens messages to us, wherever it lives.
pub trait Decrypter: Send + Sync {
    /// Its `kid`.
    fn kid(&self) -> &str;
    /// Its algorithm.
    fn management(&self) -> KeyManagement;
    /// The public JWK, ready to be published.
    fn public_jwk(&self) -> &Value;
    /// The content key of one message.
    ///
    /// # Errors
    /// [`JweError::Sealed`] when it cannot be had from what was sent.
    fn content_key(&self, sealed: &SealedKey<'_>) -> Result<ContentKey, JweError>;
}

/// Our keys that messages may be encrypted to: the present ones, and the former ones for a while.
#[derive(Clone, Default)]
pub struct Decrypters(Arc<[Arc<dyn Decrypter>]>);

/// The header of an encrypted message.
#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    enc: Cow<'a, str>,
    #[serde(borrow, default)]
    kid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    epk: Option<RawJwk<'a>>,
    #[serde(borrow, default)]
    apu: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    apv: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    cty: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    zip: bool,
}

impl Decrypters {
    /// These keys.
    #[must_use]
    pub fn new(keys: Vec<Arc<dyn Decrypter>>) -> Self {
        Self(keys.into())
    }

    /// Opens a nested JWT of at most `most` characters (RFC 7519 §5.2) and gives the signed one inside. The message's
    /// `kid` chooses our key; without one every key of its algorithm is tried.
    ///
    /// # Errors
    /// [`JweError`].
    pub fn open_jwt(&self, token: &str, most: usize) -> Result<String, JweError> {
        let parts = Parts::split(token, most)?;
        let header: Header<'_> = read(&parts.header).map_err(|_| JweError::Malformed)?;
        let management = header.check()?;
        if !header.cty.as_deref().is_some_and(|cty| cty.eq_ignore_ascii_case("JWT")) {
            return Err(JweError::Content);
        }
        let (producer, consumer) = (info(header.apu.as_deref())?, info(header.apv.as_deref())?);
        let point = header.point(management, &parts.encrypted_key)?;
        let sealed = match &point {
            Some(point) => SealedKey::Agreed { point, info: PartyInfo { producer: &producer, consumer: &consumer } },
            None => SealedKey::Wrapped(&parts.encrypted_key),
        };
        let kid = header.kid.as_deref();
        let candidates = self.0.iter().filter(|k| k.management() == management && kid.is_none_or(|kid| kid == k.kid()));
        let body = (parts.nonce.as_slice(), parts.ciphertext.as_slice(), parts.tag.as_slice());
        let mut result = Err(JweError::Sealed);
        for key in candidates {
            result = key.content_key(&sealed).and_then(|key| content::open(&key, parts.protected, body));
            if result.is_ok() {
                break;
            }
        }
        String::from_utf8(result?).map_err(|_| JweError::Malformed)
    }
}

impl Header<'_> {
    fn check(&self) -> Result<KeyManagement, JweError> {
        if self.crit || self.zip || self.enc != CONTENT_ENCRYPTION {
            return Err(JweError::Algorithm);
        }
        KeyManagement::parse(&self.alg).ok_or(JweError::Algorithm)
    }

    /// The ephemeral point, where the algorithm has one; and nothing where the other has its own.
    fn point(&self, management: KeyManagement, encrypted_key: &[u8]) -> Result<Option<Point>, JweError> {
        match (management, &self.epk) {
            // RFC 7516 §5.2 item 10: with direct agreement the encrypted key is empty.
            (KeyManagement::EcdhEs, Some(epk)) if encrypted_key.is_empty() => {
                epk.ephemeral_point().map(Some).map_err(|_| JweError::Malformed)
            }
            (KeyManagement::RsaOaep256, None) => Ok(None),
            _ => Err(JweError::Malformed),
        }
    }
}

fn info(text: Option<&str>) -> Result<Vec<u8>, JweError> {
    let text = text.unwrap_or_default();
    if text.len() > MOST_INFO {
        return Err(JweError::Malformed);
    }
    decode_part(text).map_err(|_| JweError::Malformed)
}

impl fmt::Debug for Decrypters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| key.kid())).finish()
    }
}
