//! Webhooks in the form of Standard Webhooks 1.0, signed by Ed25519 (its `v1a`): whoever is told can check with our
//! published key that it was us, and needs no secret of ours for it.

use super::jose::{JwkError, RawJwk};
use crate::domain::{Fault, Secret, Timestamp};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize as _;
use serde_json::{Value, json};

/// The name of the series of these keys in the store.
pub const PURPOSE: &str = "webhooks";

/// A key that signs webhooks. Its `kid` is its RFC 7638 thumbprint.
pub struct WebhookKey {
    pair: Ed25519KeyPair,
    public: Value,
}

impl WebhookKey {
    /// A new key and its PKCS#8 document, to be sealed and kept.
    ///
    /// # Errors
    /// [`Fault::Internal`] when the machine cannot make one.
    pub fn generate() -> Result<(Self, Secret<Vec<u8>>), Fault> {
        let made = Ed25519KeyPair::generate().map_err(|_| broken("made"))?;
        let document = Secret::new(made.to_pkcs8().map_err(|_| broken("written"))?.as_ref().to_vec());
        Ok((Self::of(made)?, document))
    }

    /// The key kept in a PKCS#8 document.
    ///
    /// # Errors
    /// [`Fault::Internal`] when it holds no Ed25519 key.
    pub fn from_pkcs8(document: &[u8]) -> Result<Self, Fault> {
        Self::of(Ed25519KeyPair::from_pkcs8(document).map_err(|_| broken("read"))?)
    }

    fn of(pair: Ed25519KeyPair) -> Result<Self, Fault> {
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let mut public = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
        let thumbprint = RawJwk::deserialize(&public).map_err(|_| JwkError::Malformed).and_then(|jwk| jwk.thumbprint());
        let kid = thumbprint.map_err(|_| broken("read"))?.to_string();
        if let Some(members) = public.as_object_mut() {
            members.insert("kid".into(), json!(kid));
            members.insert("use".into(), json!("sig"));
            members.insert("alg".into(), json!("EdDSA"));
        }
        Ok(Self { pair, public })
    }

    /// The public JWK (RFC 8037), ready to be published.
    #[must_use]
    pub const fn public_jwk(&self) -> &Value {
        &self.public
    }
}

/// The header fields of a message: its id, when it was sent, and a signature of each key over both and the body, with spaces
/// between. One that a receiver knows the key of is enough for it, so that keys can change (Standard Webhooks 1.0,
/// "Signature scheme").
#[must_use]
pub fn fields(keys: &[WebhookKey], id: &str, at: Timestamp, body: &str) -> [(&'static str, String); 3] {
    let at = at.seconds();
    let signed = format!("{id}.{at}.{body}");
    let signatures = keys.iter().map(|key| format!("v1a,{}", STANDARD.encode(key.pair.sign(signed.as_bytes()))));
    [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", at.to_string()),
        ("webhook-signature", signatures.collect::<Vec<_>>().join(" ")),
    ]
}

fn broken(what: &str) -> Fault {
    Fault::Internal(format!("an Ed25519 key could not be {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

    #[test]
    fn a_receiver_checks_with_the_published_key_alone() {
        let (key, document) = WebhookKey::generate().unwrap();
        let again = WebhookKey::from_pkcs8(document.expose()).unwrap();
        assert_eq!(key.public_jwk(), again.public_jwk());
        let at = Timestamp::from_seconds(1_800_000_000);
        let fields = fields(&[again], "msg_1", at, "{\"a\":1}");
        assert_eq!((fields[0].1.as_str(), fields[1].1.as_str()), ("msg_1", "1800000000"));
        let signature = STANDARD.decode(fields[2].1.strip_prefix("v1a,").unwrap()).unwrap();
        let x = URL_SAFE_NO_PAD.decode(key.public_jwk()["x"].as_str().unwrap()).unwrap();
        let public = UnparsedPublicKey::new(&ED25519, x);
        assert!(public.verify(b"msg_1.1800000000.{\"a\":1}", &signature).is_ok());
        assert!(public.verify(b"msg_1.1800000001.{\"a\":1}", &signature).is_err());
        assert!(WebhookKey::from_pkcs8(b"no key").is_err());
    }
}
