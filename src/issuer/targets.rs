//! The protected resources that tokens are issued for: the counter itself, and those that registered clients serve.

use super::Issuer;
use crate::domain::refusal::Failure;
use crate::domain::{Environment, Fault, Refusal, Timestamp};
use crate::protocol::code::INVALID_TARGET;
use crate::protocol::target;
use crate::store::Store;
use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How long the list of registrations is believed without looking again.
const LIFE: Duration = Duration::from_secs(5);

type Known = (Timestamp, Arc<HashSet<String>>);

/// The resources of registered clients, remembered for a little while. Only the audience of new tokens hangs on it:
/// a resource server that has gone can neither look at them nor use them.
#[derive(Default)]
pub struct Targets(RwLock<Option<Known>>);

impl Targets {
    async fn known(
        &self,
        store: &dyn Store,
        environment: Environment,
        now: Timestamp,
    ) -> Result<Arc<HashSet<String>>, Fault> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((read_at, known)) = known
            && read_at <= now
            && now < read_at.plus(LIFE)
        {
            return Ok(known);
        }
        let clients = store.list_clients().await?;
        let serving = clients.into_iter().filter(|client| client.status.may_act_in(environment));
        let resources = serving.flat_map(|client| client.profile.resources);
        let fresh = Arc::new(resources.map(|text| target::plain(&text).to_owned()).collect::<HashSet<_>>());
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&fresh)));
        Ok(fresh)
    }
}

impl Issuer {
    /// Checks that tokens are issued for each of `resources`.
    ///
    /// # Errors
    /// `invalid_target` (RFC 8707 §2) for one that is neither the counter nor a registered resource server's; [`Fault`].
    pub(super) async fn check_targets(&self, resources: &[String], now: Timestamp) -> Result<(), Failure> {
        if resources.iter().all(|resource| *resource == self.public_url) {
            return Ok(());
        }
        let known = self.targets.known(&*self.parts.store, self.environment, now).await?;
        if resources.iter().all(|resource| *resource == self.public_url || known.contains(resource)) {
            return Ok(());
        }
        let public = format!("no tokens are issued for this resource; this service itself is {}", self.public_url);
        Err(Refusal::new(INVALID_TARGET, public).at("resource").into())
    }
}
