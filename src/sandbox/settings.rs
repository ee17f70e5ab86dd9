//! What the sandbox is told before it starts, and why it may refuse to.

use super::scenario::Scenario;
use super::tax_site::TaxSiteSettings;
use crate::catalog::procedures::Procedures;
use crate::catalog::services::Standards;
use crate::domain::Secret;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Everything the sandbox needs to know; plain data, made by the command line.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address that callers see; by default `http://` and the address listened on.
    pub public_url: Option<Url>,
    /// The gateways that are registered here; more than one is several customers of one government.
    pub relying_parties: Vec<RelyingParty>,
    /// Which scenarios a header or a form may ask for.
    pub scenarios: Vec<Scenario>,
    /// A directory of person files to serve in place of the built-in ones.
    pub persons: Option<PathBuf>,
    /// What can be filed, for the pension office; it takes nothing that is not here.
    pub procedures: Arc<Procedures>,
    /// What people apply for, the same everywhere, for the search web service; it has nothing without.
    pub standards: Arc<Standards>,
    /// Of which counter the tax site is a client; of none when not given.
    pub tax_site: Option<TaxSiteSettings>,
    /// How long things take.
    pub pace: Pace,
    /// Threads that answer requests.
    pub workers: usize,
}

impl Settings {
    /// The usual settings: every scenario allowed, the built-in persons, two threads.
    #[must_use]
    pub fn new(listen: SocketAddr, relying_parties: Vec<RelyingParty>) -> Self {
        Self {
            listen,
            public_url: None,
            relying_parties,
            scenarios: Scenario::ALL.to_vec(),
            persons: None,
            procedures: Arc::default(),
            standards: Arc::default(),
            tax_site: None,
            pace: Pace::default(),
            workers: 2,
        }
    }
}

/// How long the slower scenarios take. Without a scenario an answer is ready at once.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Until the data is there under `slow`.
    pub slow: Duration,
    /// Until the data is there under `callback_twice` and `callback_never`.
    pub called_back: Duration,
    /// From the data being there to the call-back. A result that was fetched meanwhile needs none.
    pub notice: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            slow: Duration::from_secs(3),
            called_back: Duration::from_millis(500),
            notice: Duration::from_millis(50),
        }
    }
}

/// One gateway as the pretend government has it registered.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    /// Its `client_id` at both identity providers: letters and digits, up to 255.
    pub identity_client_id: String,
    /// Its `client_id` at IF001, of the form `SP12345678_AB1234`.
    pub inquiry_client_id: String,
    /// The public keys that its assertions are verified with (RFC 7517 §5); no private members.
    pub jwks: serde_json::Value,
    /// Where browsers may be sent back to, compared as exact text (RFC 9700 §4.1.3).
    pub redirect_uris: Vec<String>,
    /// Its secret at the provider for companies, where it may use that one.
    pub corporate_client_secret: Option<Secret<String>>,
}

/// Why the sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// The system's own words.
        #[source]
        source: std::io::Error,
    },
    /// A registered gateway is not usable.
    #[error("relying party {client_id}: {reason}")]
    RelyingParty {
        /// Which one.
        client_id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Person or company files do not read; all faults at once.
    #[error("the sandbox's files do not read:\n{}", .0.join("\n"))]
    Files(Vec<String>),
    /// No key could be made, or no outbound client.
    #[error("the sandbox cannot start: {0}")]
    Machinery(String),
}
