//! The compact form of a JWS (RFC 7515 §3.1), split and read without copying.

use super::{Algorithm, JoseError, PublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// Longest token that is looked at; an honest one with an RSA key inside stays under 4 KiB.
const MOST: usize = 16_384;

/// A token's three parts, borrowed from its text.
#[derive(Clone, Copy)]
pub struct Compact<'a> {
    /// Header part, base64url.
    pub header: &'a str,
    /// Claims part, base64url.
    pub claims: &'a str,
    signature: &'a str,
    signed: &'a str,
}

/// The header members that matter in every kind of token.
#[derive(Deserialize)]
pub struct Header<'a> {
    #[serde(borrow, default)]
    typ: Option<Cow<'a, str>>,
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow, default)]
    kid: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

/// Any value at all, even `null`, means that the member is there.
pub(super) fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(from).map(|_| true)
}

impl<'a> Compact<'a> {
    /// Splits `token`.
    ///
    /// # Errors
    /// [`JoseError::TooLong`]; [`JoseError::Malformed`] when there are not exactly three parts.
    pub fn split(token: &'a str) -> Result<Self, JoseError> {
        Self::split_within(token, MOST)
    }

    /// Splits a token of a kind that may have up to `most` characters.
    ///
    /// # Errors
    /// As [`Compact::split`].
    pub fn split_within(token: &'a str, most: usize) -> Result<Self, JoseError> {
        if token.len() > most {
            return Err(JoseError::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JoseError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(JoseError::Malformed)?;
        if claims.contains('.') {
            return Err(JoseError::Malformed);
        }
        Ok(Self { header, claims, signature, signed })
    }

    /// Verifies the signature with `key`, whose algorithm the header must name.
    ///
    /// # Errors
    /// [`JoseError::Algorithm`] when header and key differ, [`JoseError::Signature`] when it does not verify.
    pub fn verify(&self, alg: Algorithm, key: &PublicKey) -> Result<(), JoseError> {
        if alg != key.algorithm() {
            return Err(JoseError::Algorithm);
        }
        if key.verifies(self.signed.as_bytes(), self.signature) { Ok(()) } else { Err(JoseError::Signature) }
    }
}

impl Header<'_> {
    /// Refuses `crit` and any `typ` but those of `types`; gives the algorithm. An empty string in `types` allows a
    /// header without `typ`. Compared without case, as media types are (RFC 7515 §4.1.9).
    ///
    /// # Errors
    /// [`JoseError::Critical`], [`JoseError::Type`], [`JoseError::Algorithm`].
    pub fn check(&self, types: &[&str]) -> Result<Algorithm, JoseError> {
        if self.crit {
            return Err(JoseError::Critical);
        }
        let typ = self.typ.as_deref().unwrap_or("");
        if !types.iter().any(|t| t.eq_ignore_ascii_case(typ)) {
            return Err(JoseError::Type);
        }
        Algorithm::parse(&self.alg)
    }

    /// The `kid`, if named.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }
}

/// Decodes one base64url part; padding and stray bits are refused.
///
/// # Errors
/// [`JoseError::Malformed`].
pub fn decode_part(part: &str) -> Result<Vec<u8>, JoseError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| JoseError::Malformed)
}

/// Reads a decoded part into a struct that may borrow from it.
///
/// # Errors
/// [`JoseError::Malformed`] when it is no JSON object of that shape, a known member is doubled, or it is not UTF-8 to its
/// end (RFC 8259 §8.1), members that nobody reads included.
pub fn read<'a, T: Deserialize<'a>>(decoded: &'a [u8]) -> Result<T, JoseError> {
    // A JSON array would also fill a struct, in order; only an object is a header or a set of claims.
    if decoded.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b'{') {
        return Err(JoseError::Malformed);
    }
    let text = std::str::from_utf8(decoded).map_err(|_| JoseError::Malformed)?;
    serde_json::from_str(text).map_err(|_| JoseError::Malformed)
}
