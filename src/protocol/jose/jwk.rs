//! A public key (RFC 7517), read strictly and parsed once; its thumbprint (RFC 7638).

use super::Algorithm;
use crate::domain::Digest;
use crate::domain::profile::KeyManagement;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// Why a JWK is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// Members are missing, doubled or not base64url.
    #[error("members are missing or malformed")]
    Malformed,
    /// It holds a private or symmetric key: that key is no secret any more.
    #[error("it holds private members; send only the public key")]
    Private,
    /// Not an EC P-256, RSA or OKP Ed25519 key, or its `alg` is another.
    #[error("kty, crv and alg must be of ES256, PS256 or EdDSA")]
    Kind,
    /// `use` or `key_ops` says that it is not for signatures.
    #[error("use or key_ops is not for verifying signatures")]
    Use,
    /// RSA under 2048 or over 4096 bits, or a public exponent other than 65537.
    #[error("an RSA key must have 2048 to 4096 bits and the exponent 65537")]
    Size,
}

/// The members of a JWK as they stand in the text.
#[derive(Deserialize)]
pub struct RawJwk<'a> {
    #[serde(borrow)]
    kty: Cow<'a, str>,
    #[serde(borrow, default)]
    crv: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    x: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    y: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    n: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    e: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    alg: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    kid: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "use")]
    usage: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    key_ops: Option<Vec<Cow<'a, str>>>,
    #[serde(default)]
    d: Option<IgnoredAny>,
    #[serde(default)]
    k: Option<IgnoredAny>,
    #[serde(default)]
    p: Option<IgnoredAny>,
    #[serde(default)]
    q: Option<IgnoredAny>,
    #[serde(default)]
    dp: Option<IgnoredAny>,
    #[serde(default)]
    dq: Option<IgnoredAny>,
    #[serde(default)]
    qi: Option<IgnoredAny>,
    #[serde(default)]
    oth: Option<IgnoredAny>,
}

/// SHA-256 thumbprint of a public key (RFC 7638): what `cnf.jkt` names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Jkt([u8; 32]);

impl Jkt {
    /// Reads 43 base64url characters.
    ///
    /// # Errors
    /// [`JwkError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, JwkError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| JwkError::Malformed)?;
        Ok(Self(bytes.try_into().map_err(|_| JwkError::Malformed)?))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Jkt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Jkt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jkt({self})")
    }
}

impl TryFrom<String> for Jkt {
    type Error = JwkError;
    fn try_from(text: String) -> Result<Self, JwkError> {
        Self::parse(&text)
    }
}

impl From<Jkt> for String {
    fn from(jkt: Jkt) -> Self {
        jkt.to_string()
    }
}

/// The numbers of a public key that messages are encrypted to.
pub enum EncryptionParts {
    /// An uncompressed point of P-256, not yet shown to be on the curve.
    Point([u8; 65]),
    /// An RSA modulus of 2048 to 4096 bits; the exponent is 65537.
    Modulus(Vec<u8>),
}

impl RawJwk<'_> {
    /// The algorithm that this key is for; every rule that needs no arithmetic is applied.
    ///
    /// # Errors
    /// [`JwkError`], see its variants.
    pub fn check(&self) -> Result<Algorithm, JwkError> {
        self.refuse_private()?;
        if self.usage.as_deref().is_some_and(|u| u != "sig") {
            return Err(JwkError::Use);
        }
        if self.key_ops.as_ref().is_some_and(|ops| !ops.iter().any(|op| op == "verify")) {
            return Err(JwkError::Use);
        }
        let alg = match (&*self.kty, self.crv.as_deref()) {
            ("EC", Some("P-256")) => Algorithm::Es256,
            ("RSA", None) => Algorithm::Ps256,
            ("OKP", Some("Ed25519")) => Algorithm::EdDsa,
            _ => return Err(JwkError::Kind),
        };
        // RFC 8725 §3.1: a key is used with one algorithm only.
        if self.alg.as_deref().is_some_and(|a| a != alg.as_str()) {
            return Err(JwkError::Kind);
        }
        Ok(alg)
    }

    /// The RFC 7638 thumbprint; members are checked to be plain base64url, so the canonical JSON needs no escapes.
    ///
    /// # Errors
    /// [`JwkError`].
    pub fn thumbprint(&self) -> Result<Jkt, JwkError> {
        let mut text = String::with_capacity(160);
        match self.check()? {
            Algorithm::Es256 => {
                text.push_str(r#"{"crv":"P-256","kty":"EC","x":""#);
                text.push_str(member(self.x.as_ref())?);
                text.push_str(r#"","y":""#);
                text.push_str(member(self.y.as_ref())?);
            }
            Algorithm::Ps256 => {
                text.push_str(r#"{"e":""#);
                text.push_str(member(self.e.as_ref())?);
                text.push_str(r#"","kty":"RSA","n":""#);
                text.push_str(member(self.n.as_ref())?);
            }
            Algorithm::EdDsa => {
                text.push_str(r#"{"crv":"Ed25519","kty":"OKP","x":""#);
                text.push_str(member(self.x.as_ref())?);
            }
        }
        text.push_str(r#""}"#);
        Ok(Jkt(*Digest::of(&text).as_bytes()))
    }

    /// The key, parsed and ready to verify.
    ///
    /// # Errors
    /// [`JwkError`]; a point that is not on its curve is [`JwkError::Malformed`].
    pub fn parse(&self) -> Result<PublicKey, JwkError> {
        let algorithm = self.check()?;
        let thumbprint = self.thumbprint()?;
        let kind = match algorithm {
            Algorithm::Es256 => Kind::Elliptic(parsed(&ECDSA_P256_SHA256_FIXED, &self.point()?)?),
            Algorithm::EdDsa => Kind::Elliptic(parsed(&ED25519, &coordinate(self.x.as_ref())?)?),
            Algorithm::Ps256 => Kind::Rsa(self.rsa()?),
        };
        Ok(PublicKey { algorithm, thumbprint, kid: self.kid.as_deref().map(str::to_owned), kind })
    }

    /// The `kid`, if there is one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The numbers of a key that messages are encrypted to: one that says so by `use` or `alg`, since a key has one use
    /// (RFC 8725 §3.1 and RFC 7517 §4.2).
    ///
    /// # Errors
    /// [`JwkError::Kind`] and [`JwkError::Use`] when it is for something else; see the others.
    pub fn encryption_parts(&self) -> Result<EncryptionParts, JwkError> {
        let is_named = self.alg.as_deref().is_some_and(|alg| KeyManagement::parse(alg).is_some());
        match self.usage.as_deref() {
            Some("enc") => {}
            None if is_named => {}
            _ => return Err(JwkError::Use),
        }
        self.refuse_private()?;
        if self.key_ops.as_ref().is_some_and(|ops| ops.iter().any(|op| matches!(&**op, "sign" | "verify"))) {
            return Err(JwkError::Use);
        }
        let (kind, alg) = match (&*self.kty, self.crv.as_deref()) {
            ("EC", Some("P-256")) => (EncryptionParts::Point(self.point()?), KeyManagement::EcdhEs),
            ("RSA", None) => (EncryptionParts::Modulus(self.modulus()?), KeyManagement::RsaOaep256),
            _ => return Err(JwkError::Kind),
        };
        if self.alg.as_deref().is_some_and(|named| named != alg.as_str()) { Err(JwkError::Kind) } else { Ok(kind) }
    }

    /// The point of an ephemeral key (`epk`, RFC 7518 §4.6.1.1).
    ///
    /// # Errors
    /// [`JwkError`] when it is no public P-256 key.
    pub(super) fn ephemeral_point(&self) -> Result<[u8; 65], JwkError> {
        self.refuse_private()?;
        if self.kty != "EC" || self.crv.as_deref() != Some("P-256") {
            return Err(JwkError::Kind);
        }
        self.point()
    }

    fn point(&self) -> Result<[u8; 65], JwkError> {
        let (x, y) = (coordinate(self.x.as_ref())?, coordinate(self.y.as_ref())?);
        let mut point = Vec::with_capacity(65);
        point.push(4);
        point.extend_from_slice(&x);
        point.extend_from_slice(&y);
        point.try_into().map_err(|_| JwkError::Malformed)
    }

    fn refuse_private(&self) -> Result<(), JwkError> {
        let secret = [&self.d, &self.k, &self.p, &self.q, &self.dp, &self.dq, &self.qi, &self.oth];
        let is_secret = self.kty == "oct" || secret.iter().any(|member| member.is_some());
        if is_secret { Err(JwkError::Private) } else { Ok(()) }
    }

    fn rsa(&self) -> Result<DecodingKey, JwkError> {
        Ok(DecodingKey::from_rsa_raw_components(&self.modulus()?, &[1, 0, 1]))
    }

    fn modulus(&self) -> Result<Vec<u8>, JwkError> {
        let n = URL_SAFE_NO_PAD.decode(member(self.n.as_ref())?).map_err(|_| JwkError::Malformed)?;
        let first = n.first().copied().filter(|byte| *byte != 0).ok_or(JwkError::Malformed)?;
        let bits = n.len() * 8 - usize::try_from(first.leading_zeros()).unwrap_or(0);
        // FAPI 2.0 SP §5.4.1-2; the upper bound keeps a hostile key from costing more than an honest one.
        if !(2048..=4096).contains(&bits) || member(self.e.as_ref())? != "AQAB" {
            return Err(JwkError::Size);
        }
        Ok(n)
    }
}

fn member<'m>(value: Option<&'m Cow<'_, str>>) -> Result<&'m str, JwkError> {
    let text = value.ok_or(JwkError::Malformed)?;
    let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if is_plain && !text.is_empty() && text.len() <= 1024 { Ok(text) } else { Err(JwkError::Malformed) }
}

fn coordinate(value: Option<&Cow<'_, str>>) -> Result<[u8; 32], JwkError> {
    let bytes = URL_SAFE_NO_PAD.decode(member(value)?).map_err(|_| JwkError::Malformed)?;
    bytes.try_into().map_err(|_| JwkError::Malformed)
}

fn parsed(
    algorithm: &'static dyn aws_lc_rs::signature::VerificationAlgorithm,
    bytes: &[u8],
) -> Result<ParsedPublicKey, JwkError> {
    ParsedPublicKey::new(algorithm, bytes).map_err(|_| JwkError::Malformed)
}

enum Kind {
    Elliptic(ParsedPublicKey),
    Rsa(DecodingKey),
}

/// A public key that verifies with one algorithm only.
pub struct PublicKey {
    algorithm: Algorithm,
    thumbprint: Jkt,
    kid: Option<String>,
    kind: Kind,
}

impl PublicKey {
    /// The only algorithm it verifies with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its RFC 7638 thumbprint.
    #[must_use]
    pub const fn thumbprint(&self) -> Jkt {
        self.thumbprint
    }

    /// Its `kid`, if it has one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether `signature` (base64url) over `message` is by this key.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        match &self.kind {
            Kind::Elliptic(key) => {
                // ES256 and Ed25519 signatures have exactly 64 bytes (RFC 7518 §3.4, RFC 8032 §5.1.6).
                let mut bytes = [0_u8; 66];
                let length = URL_SAFE_NO_PAD.decode_slice(signature, &mut bytes);
                let exact = length.ok().filter(|length| *length == 64).and_then(|length| bytes.get(..length));
                exact.is_some_and(|bytes| key.verify_sig(message, bytes).is_ok())
            }
            Kind::Rsa(key) => jsonwebtoken::crypto::verify(signature, message, key, jsonwebtoken::Algorithm::PS256)
                .is_ok_and(|is_right| is_right),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("algorithm", &self.algorithm)
            .field("thumbprint", &self.thumbprint)
            .finish_non_exhaustive()
    }
}
