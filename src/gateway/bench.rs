//! A gateway for the tests of use cases: with the operator's own rules, and no key that would let a token in.

use super::{Gateway, GatewayParts, GatewaySettings};
use crate::catalog::Catalog;
use crate::domain::{Clock, Environment, MasterKey};
use crate::evidence::Witness;
use crate::hot::Hot;
use crate::limits::Limits;
use crate::policy::Policies;
use crate::protocol::certificate::CertificateRules;
use crate::protocol::jose::PublishedKeys;
use crate::protocol::nonce::Nonces;
use crate::store::Store;
use std::path::Path;
use std::sync::Arc;

/// What the test shares with it.
pub(crate) struct BenchParts {
    pub store: Arc<dyn Store>,
    pub hot: Arc<dyn Hot>,
    pub clock: Arc<dyn Clock>,
    pub limits: Arc<Limits>,
    pub catalog: Arc<Catalog>,
    pub witness: Arc<Witness>,
}

/// A gateway by the rules in `policies`.
pub(crate) fn gateway(policies: &Path, master_key: &MasterKey, parts: BenchParts) -> Arc<Gateway> {
    let url = "https://gateway.example".to_owned();
    let settings = GatewaySettings {
        issuer: url.clone(),
        audience: url.clone(),
        public_url: url,
        certificates: CertificateRules::default(),
        environment: Environment::Production,
    };
    let parts = GatewayParts {
        store: parts.store,
        hot: parts.hot,
        clock: parts.clock,
        keys: PublishedKeys::default(),
        nonces: Arc::new(Nonces::new(master_key).unwrap()),
        limits: parts.limits,
        policies: Arc::new(Policies::load(policies).unwrap()),
        catalog: parts.catalog,
        witness: parts.witness,
    };
    Arc::new(Gateway::new(settings, parts))
}
