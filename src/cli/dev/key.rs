//! Makes P-256 keys for the pretend parties, as PEM for whoever signs and as JWK for whoever verifies.

use crate::domain::{Digest, Secret};
use anyhow::Context as _;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Bytes of one coordinate of a P-256 point.
const COORDINATE: usize = 32;

/// A new private key: PKCS#8, PEM.
pub fn generate() -> anyhow::Result<Secret<String>> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).context("no key could be made")?;
    let der = pair.to_pkcs8v1().context("no key could be made")?;
    let text = Secret::new(STANDARD.encode(der.as_ref()));
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in text.expose().as_bytes().chunks(64) {
        let _ = writeln!(pem, "{}", String::from_utf8_lossy(line));
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Ok(Secret::new(pem))
}

/// The public half of a private key, as a JWK; its thumbprint (RFC 7638) is its `kid`.
pub fn public_jwk(pem: &Secret<String>) -> anyhow::Result<Value> {
    let der = PrivateKeyDer::from_pem_slice(pem.expose().as_bytes()).map_err(|_| anyhow::anyhow!("no key in PEM"))?;
    let pair = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_der())
        .map_err(|_| anyhow::anyhow!("no P-256 private key"))?;
    // An uncompressed point (SEC 1 §2.3.3): 4, x, y.
    let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
    let (x, y) = point.split_at_checked(COORDINATE).context("a P-256 point has two coordinates")?;
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let kid = Digest::of(&format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)).base64url();
    Ok(json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256", "use": "sig", "kid": kid}))
}

/// The `kid` inside a JWK of ours.
pub fn kid(jwk: &Value) -> String {
    jwk.get("kid").and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::assertion::AssertionSigner;

    #[test]
    fn a_key_is_read_by_who_signs_and_holds_nothing_private_for_who_verifies() {
        let pem = generate().unwrap();
        assert!(AssertionSigner::from_pem(&pem, "k").is_ok());
        let jwk = public_jwk(&pem).unwrap();
        assert_eq!(jwk["x"].as_str().unwrap().len(), 43);
        assert!(jwk.get("d").is_none());
    }
}
