//! The uses of our keys: what is signed or opened by one can be neither by another.

use super::AnyDecrypter;
use crate::domain::profile::KeyManagement;
use crate::domain::{Fault, Secret};
use crate::protocol::jose::Es256Signer;
use crate::protocol::jose::jwe::{EcdhEsDecrypter, RsaOaepDecrypter};
use crate::protocol::webhook::{PURPOSE, WebhookKey};
use std::fmt;
use std::sync::Arc;

/// What a series of keys is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// Signs access tokens.
    AccessTokens,
    /// Signs what else clients are told: id_tokens, authorization responses, introspection, userinfo.
    Messages,
    /// Signs what is kept to be shown later: answers as signed data, consent receipts.
    Statements,
    /// Signs what filers are told by their webhooks.
    Webhooks,
    /// Opens request objects.
    Encryption(KeyManagement),
}

impl KeyUse {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::AccessTokens,
        Self::Messages,
        Self::Statements,
        Self::Webhooks,
        Self::Encryption(KeyManagement::EcdhEs),
        Self::Encryption(KeyManagement::RsaOaep256),
    ];

    /// The name in the store, and at the beginning of a key's id. The first was there before there were others.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessTokens => "signing",
            Self::Messages => "messages",
            Self::Statements => "statements",
            Self::Webhooks => PURPOSE,
            Self::Encryption(KeyManagement::EcdhEs) => "encryption-ecdh-es",
            Self::Encryption(KeyManagement::RsaOaep256) => "encryption-rsa-oaep-256",
        }
    }

    /// The use with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|usage| usage.as_str() == text)
    }

    /// A new key's PKCS#8 document.
    pub(super) fn generate(self) -> Result<Secret<Vec<u8>>, Fault> {
        match self {
            Self::AccessTokens | Self::Messages | Self::Statements => {
                Es256Signer::generate().map(|(_, document)| document)
            }
            Self::Webhooks => WebhookKey::generate().map(|(_, document)| document),
            Self::Encryption(KeyManagement::EcdhEs) => EcdhEsDecrypter::generate(),
            Self::Encryption(KeyManagement::RsaOaep256) => RsaOaepDecrypter::generate(),
        }
    }

    /// The key kept in a PKCS#8 document, where it is one that opens messages.
    pub(super) fn decrypter(self, document: &[u8]) -> Result<AnyDecrypter, Fault> {
        match self {
            Self::Encryption(KeyManagement::EcdhEs) => Ok(Arc::new(EcdhEsDecrypter::from_pkcs8(document)?)),
            Self::Encryption(KeyManagement::RsaOaep256) => Ok(Arc::new(RsaOaepDecrypter::from_pkcs8(document)?)),
            Self::AccessTokens | Self::Messages | Self::Statements | Self::Webhooks => {
                Err(Fault::Internal(format!("{self} keys open nothing")))
            }
        }
    }
}

impl fmt::Display for KeyUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
