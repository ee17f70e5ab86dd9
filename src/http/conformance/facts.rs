//! What the checks look at, gathered once for one report.

use super::ConformanceParts;
use super::selftest::SelfTest;
use crate::domain::client::Client;
use crate::domain::{Fault, Timestamp};
use crate::http::edge::Network;
use crate::http::v1::metadata::ResourceMetadata;
use crate::store::HeldKey;
use serde_json::Value;
use std::path::PathBuf;

/// How a process of ours was started, as far as a clause depends on it. It holds no secret and no path of the
/// installation.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// Whether a broken clause keeps the process from being ready (`conformance.strict`).
    pub strict: bool,
    /// How connections come in.
    pub listener: ListenerKind,
    /// Whether only this machine can reach the listener.
    pub is_loopback: bool,
    /// Who may name the caller for us.
    pub trusted_proxies: Vec<Network>,
    /// Where we connect to.
    pub outbound: Vec<Outbound>,
    /// Where callers with certificates find us, when that is another address (RFC 8705 §5).
    pub mtls_url: Option<String>,
    /// Whether several nodes can share the hot state.
    pub is_hot_shared: bool,
    /// A directory where the self-test may keep its made-up records for a moment.
    pub scratch: PathBuf,
}

/// How connections come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenerKind {
    /// We terminate TLS ourselves.
    Tls,
    /// A proxy in front terminates TLS.
    BehindProxy,
    /// In the clear: to develop against, on this machine.
    Plain,
}

/// A connection of ours to elsewhere.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// The key of the configuration that names it.
    pub key: String,
    /// Its scheme.
    pub scheme: String,
    /// Whether it is TLS with a checked certificate, or stays on this machine.
    pub is_protected: bool,
}

impl Deployment {
    /// A counter in the clear on this machine, to develop against.
    #[must_use]
    pub fn local(scratch: PathBuf) -> Self {
        Self {
            strict: false,
            listener: ListenerKind::Plain,
            is_loopback: true,
            trusted_proxies: Vec::new(),
            outbound: Vec::new(),
            mtls_url: None,
            is_hot_shared: false,
            scratch,
        }
    }
}

/// Everything that one report follows from.
pub(super) struct Facts<'a> {
    pub deployment: &'a Deployment,
    pub issuer: &'a str,
    pub metadata: Value,
    pub resource: Value,
    pub published: Value,
    pub clients: Result<Vec<Client>, Fault>,
    pub signing_keys: Result<Vec<HeldKey>, Fault>,
    pub engine: &'static str,
    pub parts: &'a ConformanceParts,
    pub self_test: &'a SelfTest,
    pub now: Timestamp,
}

impl<'a> Facts<'a> {
    pub async fn gather(parts: &'a ConformanceParts, self_test: &'a SelfTest) -> Self {
        let read = |text: &str| serde_json::from_str(text).unwrap_or_default();
        let resource = ResourceMetadata::of(parts.gateway.settings());
        Self {
            deployment: &parts.deployment,
            issuer: parts.issuer.public_url(),
            metadata: read(&parts.issuer.metadata()),
            resource: serde_json::to_value(resource).unwrap_or_default(),
            published: read(&parts.issuer.published_keys().json()),
            clients: parts.store.list_clients().await,
            signing_keys: parts.store.list_keys("signing").await,
            engine: parts.store.engine(),
            parts,
            self_test,
            now: parts.clock.now(),
        }
    }
}
