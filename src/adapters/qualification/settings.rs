//! Where the insurers' server and the qualification system are, and who we are there.

use crate::adapters::selfinfo::is_safe;
use crate::domain::Secret;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Both systems, as the operator names them.
#[derive(Clone, Debug)]
pub struct QualificationSettings {
    /// Where insured numbers are asked for: https, or http on this machine. Also the `aud` of our assertions there.
    pub insurers_url: Url,
    /// Where cards are registered; likewise.
    pub base_url: Url,
    /// Our id at both, e.g. `SP12345678_AB1234`.
    pub client_id: String,
    /// The name (`kid`) of our key at both.
    pub key_id: String,
    /// Our private key at both: P-256, PEM.
    pub private_key: Secret<String>,
    /// Who vouches for their certificates, PEM; the system's authorities when absent.
    pub authorities_file: Option<PathBuf>,
    /// How long one call may take, of the two that registering needs.
    pub call_timeout: Duration,
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("health_insurance: {0}")]
pub struct InvalidQualification(pub String);

impl QualificationSettings {
    /// Checks what the form alone can tell.
    ///
    /// # Errors
    /// [`InvalidQualification`] with the first fault.
    pub fn check(&self) -> Result<(), InvalidQualification> {
        let fault = |words: &str| Err(InvalidQualification(words.to_owned()));
        if !is_safe(&self.base_url) || !is_safe(&self.insurers_url) {
            let words = "base_url and insurers_url must be https, or http on a loopback address, without query or \
                         credentials";
            return fault(words);
        }
        if self.base_url.scheme() != self.insurers_url.scheme() {
            return fault("base_url and insurers_url must both be https, or both be http on a loopback address");
        }
        if self.client_id.is_empty() || self.client_id.len() > 255 || self.key_id.is_empty() {
            return fault("client_id and key_id must be there, the first with 255 characters at most");
        }
        Ok(())
    }
}
