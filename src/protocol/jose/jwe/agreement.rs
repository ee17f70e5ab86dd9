//! ECDH-ES with P-256, used directly (RFC 7518 §4.6): the content key follows from an ephemeral key and the recipient's.

use super::decrypter::{Decrypter, SealedKey};
use super::{CONTENT_ENCRYPTION, ContentKey, JweError};
use crate::domain::profile::KeyManagement;
use crate::domain::{Fault, Secret};
use crate::protocol::jose::{JwkError, RawJwk};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};

/// An uncompressed point of P-256 (SEC 1 §2.3.3).
pub(super) type Point = [u8; 65];

/// The parties' info, as the header names it; both are empty in what we make.
#[derive(Clone, Copy, Debug, Default)]
pub struct PartyInfo<'a> {
    /// `apu`, decoded.
    pub producer: &'a [u8],
    /// `apv`, decoded.
    pub consumer: &'a [u8],
}

/// The single-step key derivation of NIST SP 800-56A with SHA-256, one round (RFC 7518 §4.6.2): up to 256 bits.
pub(super) fn derive(shared: &[u8], algorithm: &str, bits: u32, info: &PartyInfo<'_>) -> Secret<[u8; 32]> {
    let mut context = Context::new(&SHA256);
    context.update(&1_u32.to_be_bytes());
    context.update(shared);
    for part in [algorithm.as_bytes(), info.producer, info.consumer] {
        context.update(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        context.update(part);
    }
    context.update(&bits.to_be_bytes());
    let mut key = [0_u8; 32];
    for (to, from) in key.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    Secret::new(key)
}

/// A content key for the holder of `recipient`, and the ephemeral point from which they get it.
pub(super) fn agree_with(recipient: &Point) -> Result<(ContentKey, Value), Fault> {
    let broken = || Fault::Internal("a key could not be agreed on".into());
    let ephemeral = PrivateKey::generate(&ECDH_P256).map_err(|_| broken())?;
    let key = content_key(&ephemeral, recipient, &PartyInfo::default()).map_err(|_| broken())?;
    let public = ephemeral.compute_public_key().map_err(|_| broken())?;
    let point: Point = public.as_ref().try_into().map_err(|_| broken())?;
    Ok((key, jwk(&point)))
}

fn content_key(own: &PrivateKey, peer: &Point, info: &PartyInfo<'_>) -> Result<ContentKey, JweError> {
    // `agree` refuses a point that is not on the curve (RFC 8725 §3.4).
    let peer = UnparsedPublicKey::new(&ECDH_P256, peer);
    agree(own, peer, JweError::Sealed, |shared| Ok(derive(shared, CONTENT_ENCRYPTION, 256, info)))
}

fn jwk(point: &Point) -> Value {
    let (x, y) = point.split_at(33);
    let x = x.get(1..).unwrap_or_default();
    json!({ "kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y) })
}

/// A P-256 key in this process that messages to us are encrypted to. Its `kid` is its thumbprint.
pub struct EcdhEsDecrypter {
    key: PrivateKey,
    kid: String,
    public: Value,
}

impl EcdhEsDecrypter {
    /// A new key's PKCS#8 document, to be sealed and kept.
    ///
    /// # Errors
    /// [`Fault::Internal`] when the machine cannot make one.
    pub fn generate() -> Result<Secret<Vec<u8>>, Fault> {
        let key = PrivateKey::generate(&ECDH_P256).map_err(|_| broken("made"))?;
        let document: Pkcs8V1Der<'_> = key.as_der().map_err(|_| broken("written"))?;
        Ok(Secret::new(document.as_ref().to_vec()))
    }

    /// The key kept in a PKCS#8 document.
    ///
    /// # Errors
    /// [`Fault::Internal`] when it holds no P-256 key.
    pub fn from_pkcs8(document: &[u8]) -> Result<Self, Fault> {
        Self::of(PrivateKey::from_private_key_der(&ECDH_P256, document).map_err(|_| broken("read"))?)
    }

    /// The key with this private value (32 bytes, big-endian), as test vectors have it.
    #[cfg(test)]
    pub(super) fn from_value(value: &[u8]) -> Result<Self, Fault> {
        Self::of(PrivateKey::from_private_key(&ECDH_P256, value).map_err(|_| broken("read"))?)
    }

    fn of(key: PrivateKey) -> Result<Self, Fault> {
        let public = key.compute_public_key().map_err(|_| broken("read"))?;
        let point: Point = public.as_ref().try_into().map_err(|_| broken("read"))?;
        let mut public = jwk(&point);
        let read = RawJwk::deserialize(&public).map_err(|_| JwkError::Malformed);
        let kid = read.and_then(|jwk| jwk.thumbprint()).map_err(|_| broken("read"))?.to_string();
        if let Some(members) = public.as_object_mut() {
            members.insert("kid".into(), json!(kid));
            members.insert("use".into(), json!("enc"));
            members.insert("alg".into(), json!(KeyManagement::EcdhEs.as_str()));
        }
        Ok(Self { key, kid, public })
    }
}

impl Decrypter for EcdhEsDecrypter {
    fn kid(&self) -> &str {
        &self.kid
    }

    fn management(&self) -> KeyManagement {
        KeyManagement::EcdhEs
    }

    fn public_jwk(&self) -> &Value {
        &self.public
    }

    fn content_key(&self, sealed: &SealedKey<'_>) -> Result<ContentKey, JweError> {
        match sealed {
            SealedKey::Agreed { point, info } => content_key(&self.key, point, info),
            SealedKey::Wrapped(_) => Err(JweError::Sealed),
        }
    }
}

fn broken(what: &str) -> Fault {
    Fault::Internal(format!("an ECDH-ES key could not be {what}"))
}
