//! Where the system that discloses records is, and who we are there.

use crate::adapters::selfinfo::is_safe;
use crate::domain::Secret;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// The system, as the operator names it.
#[derive(Clone, Debug)]
pub struct ProvisionRecordSettings {
    /// Where it is: https, or http on this machine. Also the `aud` of our assertions.
    pub base_url: Url,
    /// Our id there, e.g. `SP12345678_AB1234`.
    pub client_id: String,
    /// The name (`kid`) of our key there.
    pub key_id: String,
    /// Our private key there: P-256, PEM.
    pub private_key: Secret<String>,
    /// Who vouches for its certificate, PEM; the system's authorities when absent.
    pub authorities_file: Option<PathBuf>,
    /// How long one call may take.
    pub call_timeout: Duration,
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("provision_records: {0}")]
pub struct InvalidProvisionRecords(pub String);

impl ProvisionRecordSettings {
    /// Checks what the form alone can tell.
    ///
    /// # Errors
    /// [`InvalidProvisionRecords`] with the first fault.
    pub fn check(&self) -> Result<(), InvalidProvisionRecords> {
        let fault = |words: &str| Err(InvalidProvisionRecords(words.to_owned()));
        if !is_safe(&self.base_url) {
            return fault("base_url must be https, or http on a loopback address, without query or credentials");
        }
        if self.client_id.is_empty() || self.client_id.len() > 255 || self.key_id.is_empty() {
            return fault("client_id and key_id must be there, the first with 255 characters at most");
        }
        Ok(())
    }
}
