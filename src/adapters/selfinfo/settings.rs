//! One backend, as the operator names it in the backends file.

use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;
use url::{Host, Url};

/// A backend that speaks IF001.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackendSettings {
    /// Its name: what the catalogue's data sets and the call-back address say; `a-z 0-9 -`.
    pub name: String,
    /// Where it is: `https://…`, or `http://` on a loopback address.
    pub base_url: Url,
    /// Our client id there, e.g. `SP12345678_AB1234`.
    pub client_id: String,
    /// The file of our private key there (P-256, PEM).
    pub key_file: PathBuf,
    /// The key's name there.
    pub kid: String,
    /// Who vouches for its TLS certificate, PEM, when that is an authority of its own; else those of the system.
    #[serde(default)]
    pub authorities_file: Option<PathBuf>,
    /// Where the backend can reach us for call-backs; polling alone when absent.
    #[serde(default)]
    pub callback_base: Option<Url>,
    /// How long one retrieval may take in all, in seconds.
    #[serde(default = "default_deadline")]
    pub deadline_seconds: u16,
    /// How long one call may take, in seconds.
    #[serde(default = "default_call_timeout")]
    pub call_timeout_seconds: u16,
    /// How many retrievals may run at once.
    #[serde(default = "default_most_at_once")]
    pub most_at_once: u16,
    /// The pause before the second look at a result, in milliseconds; it grows from there to three seconds.
    #[serde(default = "default_first_pause")]
    pub first_pause_millis: u16,
    /// Pass a caller's `X-Sandbox-Scenario` on. Only for the sandbox.
    #[serde(default)]
    pub forwards_scenario: bool,
}

const fn default_deadline() -> u16 {
    60
}
const fn default_call_timeout() -> u16 {
    10
}
const fn default_most_at_once() -> u16 {
    512
}
const fn default_first_pause() -> u16 {
    150
}

/// A backend that cannot be used as it is configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("backend {name:?}: {fault}")]
pub struct InvalidBackend {
    /// Which.
    pub name: String,
    /// What is wrong, naming the field.
    pub fault: String,
}

impl BackendSettings {
    /// Checks what the form alone can tell.
    ///
    /// # Errors
    /// [`InvalidBackend`] with the first fault.
    pub fn check(&self) -> Result<(), InvalidBackend> {
        let fault = |fault: &str| Err(InvalidBackend { name: self.name.clone(), fault: fault.to_owned() });
        let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=64).contains(&self.name.len()) || !self.name.bytes().all(is_name) {
            return fault("name must be 1 to 64 characters of a-z 0-9 -");
        }
        if !is_safe(&self.base_url) {
            return fault("base_url must be https, or http on a loopback address, without query or credentials");
        }
        if self.callback_base.as_ref().is_some_and(|url| !is_safe(url)) {
            return fault("callback_base must be https, or http on a loopback address, without query or credentials");
        }
        if !(1..=600).contains(&self.deadline_seconds) || !(1..=60).contains(&self.call_timeout_seconds) {
            return fault("deadline_seconds must be 1 to 600 and call_timeout_seconds 1 to 60");
        }
        if self.most_at_once == 0 || self.first_pause_millis < 10 {
            return fault("most_at_once must be at least 1 and first_pause_millis at least 10");
        }
        Ok(())
    }

    /// The deadline of one retrieval.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(u64::from(self.deadline_seconds))
    }

    /// `{base_url}` without a slash at its end: also the `aud` of our assertions.
    #[must_use]
    pub fn base(&self) -> &str {
        self.base_url.as_str().trim_end_matches('/')
    }
}

/// Whether an operator may name it: https, or http on this machine, and nothing but an address.
pub(in crate::adapters) fn is_safe(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    is_plain && url.password().is_none() && (url.scheme() == "https" || (url.scheme() == "http" && is_loopback))
}
