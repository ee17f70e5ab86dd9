//! `madoguchi clients statement`: what a register signs about a third party's software (RFC 7591 §2.3).

use super::super::dev::{Directory, REGISTER_ISSUER};
use super::super::say;
use crate::domain::{Clock as _, Entropy, Secret, SystemClock, SystemEntropy};
use crate::protocol::jose::{Es256Signer, sign};
use anyhow::Context as _;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::Duration;

/// A day.
const DAY: Duration = Duration::from_hours(24);

/// Prints a statement about the metadata in `file`, by the register named, or by the made-up one of `dev`.
pub fn statement(file: &Path, dev: &Path, register: Option<(&Path, &str)>, days: u16) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut claims: Map<String, Value> =
        serde_json::from_str(&text).with_context(|| format!("{} is no JSON object", file.display()))?;
    let (pem, issuer) = match register {
        Some((key, issuer)) => {
            let pem = std::fs::read_to_string(key).with_context(|| format!("cannot read {}", key.display()))?;
            (Secret::new(pem), issuer)
        }
        None => (Directory::open(dev)?.register_key()?, REGISTER_ISSUER),
    };
    let key = PrivateKeyDer::from_pem_slice(pem.expose().as_bytes()).map_err(|_| anyhow::anyhow!("no key in PEM"))?;
    let signer = Es256Signer::from_pkcs8(key.secret_der())?;
    let now = SystemClock.now();
    let entropy: &dyn Entropy = &SystemEntropy;
    let own = json!({
        "iss": issuer,
        "iat": now.seconds(),
        "exp": now.plus(DAY * u32::from(days)).seconds(),
        "jti": entropy.short_handle(),
    });
    claims.extend(own.as_object().cloned().unwrap_or_default());
    say(&sign(&signer, "JWT", &claims)?);
    Ok(())
}
