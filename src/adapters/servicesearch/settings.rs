//! Where the search web service is, and who we are there.

use crate::adapters::selfinfo::is_safe;
use crate::catalog::municipalities::MunicipalityCode;
use crate::domain::Secret;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// The search web service, as the operator names it.
#[derive(Clone, Debug)]
pub struct ServiceSearchSettings {
    /// Where it is, up to and with `/ws/`: https, or http on this machine.
    pub base_url: Url,
    /// Our id there.
    pub id: String,
    /// Our password there. Its SHA-256 goes with each call, as the protocol wants it.
    pub password: Secret<String>,
    /// Who vouches for its certificate, PEM; the system's authorities when absent.
    pub authorities_file: Option<PathBuf>,
    /// Whose procedures are read; everybody's when empty.
    pub municipalities: Vec<MunicipalityCode>,
    /// How long after a reading the next one begins.
    pub every: Duration,
    /// How long one call may take.
    pub call_timeout: Duration,
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the search web service: {0}")]
pub struct InvalidServiceSearch(pub String);

impl ServiceSearchSettings {
    /// Checks what the form alone can tell.
    ///
    /// # Errors
    /// [`InvalidServiceSearch`] with the first fault.
    pub fn check(&self) -> Result<(), InvalidServiceSearch> {
        let fault = |words: &str| Err(InvalidServiceSearch(words.to_owned()));
        if !is_safe(&self.base_url) {
            return fault("base_url must be https, or http on a loopback address, without query or credentials");
        }
        if self.id.is_empty() || self.id.len() > 64 || self.password.expose().is_empty() {
            return fault("id and password must be there, the id with 64 characters at most");
        }
        Ok(())
    }
}
