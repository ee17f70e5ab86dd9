//! A provider's document and keys, looked up when they are needed and kept fresh.

use super::error::{IdentityError, IdentityErrorKind};
use super::outbound::{Outbound, OutboundError};
use crate::domain::{Clock, Fault, Timestamp};
use openidconnect::core::CoreProviderMetadata;
use openidconnect::{DiscoveryError, IssuerUrl};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How long a discovery document and its keys are used without looking again.
pub(in crate::adapters) const FRESH_FOR: Duration = Duration::from_mins(15);
/// The least time between two looks that an unknown key provokes, so that no one can make us hammer the provider.
pub(in crate::adapters) const LEAST_BETWEEN_LOOKS: Duration = Duration::from_secs(10);

/// What a look told.
pub(in crate::adapters) struct Known {
    pub metadata: CoreProviderMetadata,
    at: Timestamp,
}

/// One provider as it describes itself (OpenID Connect Discovery).
pub(in crate::adapters) struct Discovery {
    issuer: IssuerUrl,
    clock: Arc<dyn Clock>,
    outbound: Outbound,
    known: RwLock<Option<Arc<Known>>>,
    looking: tokio::sync::Mutex<()>,
}

impl Discovery {
    /// Of this issuer; nothing is fetched yet. `key` is what the configuration calls it.
    ///
    /// # Errors
    /// [`Fault::Internal`] for what is no address, or is plain http elsewhere than on a loopback host.
    pub fn of(issuer: &str, key: &str, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| Fault::Internal(format!("{key} is no address")))?;
        let url = issuer.url();
        let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback) {
            return Err(Fault::Internal(format!("{key} must be https (http only on a loopback host)")));
        }
        let outbound =
            Outbound::new(Arc::clone(&clock)).map_err(|e| Fault::Internal(format!("outbound HTTP client: {e}")))?;
        Ok(Self { issuer, clock, outbound, known: RwLock::new(None), looking: tokio::sync::Mutex::new(()) })
    }

    /// What calls the provider.
    pub fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    fn remembered(&self, younger_than: Duration) -> Option<Arc<Known>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        known.filter(|k| self.clock.now().since(k.at) < younger_than)
    }

    /// The provider's document and keys, looked up again when older than `younger_than`; one look at a time.
    pub async fn provider(&self, younger_than: Duration) -> Result<Arc<Known>, IdentityError> {
        if let Some(known) = self.remembered(younger_than) {
            return Ok(known);
        }
        let _one_at_a_time = self.looking.lock().await;
        if let Some(known) = self.remembered(younger_than) {
            return Ok(known);
        }
        let metadata = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.outbound)
            .await
            .map_err(|error| discovery_error(&error))?;
        let known = Arc::new(Known { metadata, at: self.clock.now() });
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }
}

fn discovery_error(error: &DiscoveryError<OutboundError>) -> IdentityError {
    match error {
        DiscoveryError::Request(error) => outbound_error(error),
        DiscoveryError::Response(status, ..) => malformed(&format!("discovery answered {status}")),
        DiscoveryError::Validation(_) => malformed("the discovery document names another issuer"),
        _ => malformed("the discovery document or the key set does not read"),
    }
}

pub(in crate::adapters) fn malformed(detail: &str) -> IdentityError {
    IdentityError::new(IdentityErrorKind::Malformed, detail)
}

pub(in crate::adapters) fn outbound_error(error: &OutboundError) -> IdentityError {
    let kind = match error {
        OutboundError::Unreachable(_) | OutboundError::Unwell(_) => IdentityErrorKind::Unreachable,
        OutboundError::TooLarge | OutboundError::Malformed(_) => IdentityErrorKind::Malformed,
    };
    IdentityError::new(kind, error.to_string())
}
