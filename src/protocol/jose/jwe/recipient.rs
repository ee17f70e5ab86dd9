//! A client's public keys that messages to it are encrypted to, parsed once.

use super::agreement::{self, Point};
use super::{ContentKey, transport};
use crate::domain::profile::KeyManagement;
use crate::domain::{Entropy, Fault};
use crate::protocol::jose::{EncryptionParts, JwkError, RawJwk};
use aws_lc_rs::agreement::{ECDH_P256, ParsedPublicKey, UnparsedPublicKey};
use aws_lc_rs::rsa::OaepPublicEncryptingKey;
use serde::Deserialize;
use serde_json::Value;
use std::fmt;

/// Most keys looked at in a set.
const MOST_KEYS: usize = 16;

/// One public key for one algorithm.
pub struct RecipientKey {
    kid: Option<String>,
    kind: Kind,
}

enum Kind {
    Point(Box<Point>),
    Rsa(OaepPublicEncryptingKey),
}

/// What carries a content key to its recipient.
pub(super) struct SealedFor {
    pub content_key: ContentKey,
    pub encrypted_key: Vec<u8>,
    pub ephemeral: Option<Value>,
}

impl RecipientKey {
    /// Its `kid`, if it has one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The only algorithm it is used with.
    #[must_use]
    pub const fn management(&self) -> KeyManagement {
        match self.kind {
            Kind::Point(_) => KeyManagement::EcdhEs,
            Kind::Rsa(_) => KeyManagement::RsaOaep256,
        }
    }

    /// A content key for one message.
    pub(super) fn seal(&self, entropy: &dyn Entropy) -> Result<SealedFor, Fault> {
        match &self.kind {
            Kind::Point(point) => {
                let (content_key, ephemeral) = agreement::agree_with(point)?;
                Ok(SealedFor { content_key, encrypted_key: Vec::new(), ephemeral: Some(ephemeral) })
            }
            Kind::Rsa(key) => {
                let (content_key, encrypted_key) = transport::wrap_for(key, entropy)?;
                Ok(SealedFor { content_key, encrypted_key, ephemeral: None })
            }
        }
    }

    fn read(jwk: &Value) -> Result<Self, JwkError> {
        let raw = RawJwk::deserialize(jwk).map_err(|_| JwkError::Malformed)?;
        let kid = raw.kid().map(str::to_owned);
        let kind = match raw.encryption_parts()? {
            EncryptionParts::Point(point) => {
                let parsed: Result<ParsedPublicKey, _> = UnparsedPublicKey::new(&ECDH_P256, &point).try_into();
                parsed.map_err(|_| JwkError::Malformed)?;
                Kind::Point(Box::new(point))
            }
            EncryptionParts::Modulus(modulus) => Kind::Rsa(transport::public_key(&modulus)?),
        };
        Ok(Self { kid, kind })
    }
}

/// The keys of a JWK Set that are for encryption (`use` is `enc`, or `alg` is one of ours).
#[derive(Debug, Default)]
pub struct RecipientKeys(Vec<RecipientKey>);

impl RecipientKeys {
    /// Reads a JWK Set, passing over what is for anything else.
    ///
    /// # Errors
    /// [`JwkError`] when there is no `keys` array, it has too many, or an encryption key is private, too small or
    /// malformed.
    pub fn parse(jwks: &Value) -> Result<Self, JwkError> {
        let keys = jwks.get("keys").and_then(Value::as_array).ok_or(JwkError::Malformed)?;
        if keys.len() > MOST_KEYS {
            return Err(JwkError::Malformed);
        }
        let mut usable = Vec::new();
        for key in keys {
            match RecipientKey::read(key) {
                Ok(key) => usable.push(key),
                Err(JwkError::Kind | JwkError::Use) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self(usable))
    }

    /// The first key for this algorithm.
    #[must_use]
    pub fn find(&self, management: KeyManagement) -> Option<&RecipientKey> {
        self.0.iter().find(|key| key.management() == management)
    }
}

impl fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecipientKey").field("kid", &self.kid).field("alg", &self.management()).finish_non_exhaustive()
    }
}
