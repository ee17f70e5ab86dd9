//! Stage 4: the grant behind the token, and its client, as they stand now.

use super::authenticate::Authenticated;
use super::{Gateway, GatewayRefusal};
use crate::domain::client::Client;
use crate::domain::grant::Grant;
use crate::domain::ids::GrantId;
use crate::domain::scope::ScopeSet;
use crate::domain::{Fault, Refusal, Timestamp};
use crate::protocol::access_token::AccessToken;
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

/// How long what was read is trusted: the bound of revoke-to-deny when word of a revocation is lost.
const FRESH: Duration = Duration::from_millis(900);

#[derive(Clone)]
struct Seen {
    grant: Arc<Grant>,
    client: Arc<Client>,
    /// When the store was asked, not when it answered: what it said may be as old as that.
    at: Timestamp,
}

/// What was read lately.
pub(super) struct Standings(Cache<GrantId, Seen>);

impl Default for Standings {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(super::MOST_KEPT).time_to_live(Duration::from_secs(2)).build())
    }
}

impl Standings {
    pub fn forget(&self, id: &GrantId) {
        self.0.invalidate(id);
    }

    pub fn forget_all(&self) {
        self.0.invalidate_all();
    }
}

/// A grant in force whose client may act. Only [`Gateway::stand`] makes one.
pub(super) struct Standing {
    token: Arc<AccessToken>,
    grant: Arc<Grant>,
    client: Arc<Client>,
    scope: ScopeSet,
}

impl Standing {
    pub const fn token(&self) -> &Arc<AccessToken> {
        &self.token
    }
    pub const fn grant(&self) -> &Arc<Grant> {
        &self.grant
    }
    pub const fn client(&self) -> &Arc<Client> {
        &self.client
    }
    pub const fn scope(&self) -> ScopeSet {
        self.scope
    }
}

impl Gateway {
    pub(super) async fn stand(&self, authenticated: Authenticated, now: Timestamp) -> Result<Standing, GatewayRefusal> {
        let token = Arc::clone(authenticated.token());
        let Some(seen) = self.see(&token.grant, now).await? else {
            return Err(self.bad_token("its grant or client is not there"));
        };
        if seen.grant.client != token.client {
            return Err(self.bad_token("its grant is another client's"));
        }
        // Token and proof have been verified: the third party itself tried, and the person may know that it did.
        if seen.grant.is_paused(now) {
            self.witness(&seen.grant, &[], "consent_paused").await;
            return Err(super::paused().into());
        }
        if !seen.grant.is_in_force(now) {
            self.witness(&seen.grant, &[], "invalid_token").await;
            return Err(self.bad_token("its grant is not in force"));
        }
        if !seen.client.status.may_act_in(self.settings.environment) {
            self.witness(&seen.grant, &[], "client_suspended").await;
            let words = "This client has been suspended by the operator of this service.";
            return Err(Refusal::new("client_suspended", words).into());
        }
        if let Some(proof) = authenticated.proof().filter(|_| seen.client.dpop_nonce_required) {
            self.demand_nonce(proof, true, now)?;
        }
        self.check_visit(&seen.grant, &seen.client, now).await?;
        let scope = token.scope.narrowed_to(seen.grant.scope).narrowed_to(seen.client.scope);
        // A token that was narrowed (RFC 9396 §6) opens that part of the consent, and for whoever acts on it there is no more.
        let grant = match token.authorization_details {
            None => seen.grant,
            Some(_) => Arc::new(Grant { consent: token.consent(&seen.grant), ..(*seen.grant).clone() }),
        };
        Ok(Standing { token, grant, client: seen.client, scope })
    }

    /// Grant and client, if both may still be acted for: asked again before anything leaves, and by whoever takes up a
    /// job that another left.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn find_in_force(&self, id: &GrantId) -> Result<Option<(Arc<Grant>, Arc<Client>)>, Fault> {
        let now = self.parts.clock.now();
        let seen = self.see(id, now).await?;
        let good = seen.filter(|s| s.grant.is_in_force(now) && s.client.status.may_act_in(self.settings.environment));
        match good {
            Some(s) if self.is_visited(&s.grant, &s.client, now).await? => Ok(Some((s.grant, s.client))),
            _ => Ok(None),
        }
    }

    /// Grant and client from the cache or the store. A store that is away is a fault: never a yes.
    async fn see(&self, id: &GrantId, now: Timestamp) -> Result<Option<Seen>, Fault> {
        if let Some(seen) = self.standings.0.get(id).filter(|s| now >= s.at && now.since(s.at) < FRESH) {
            return Ok(Some(seen));
        }
        let Some(grant) = self.parts.store.find_grant(id).await? else { return Ok(None) };
        let Some(client) = self.parts.store.find_client(&grant.client).await? else { return Ok(None) };
        let seen = Seen { grant: Arc::new(grant), client: Arc::new(client), at: now };
        self.standings.0.insert(id.clone(), seen.clone());
        Ok(Some(seen))
    }
}
