//! Visits to shared terminals, at the authorization server: the same limits as at the gateway.

use super::Issuer;
use crate::domain::client::Client;
use crate::domain::grant::{Grant, RevokedBy};
use crate::domain::ids::ClientId;
use crate::domain::terminal::is_visit;
use crate::domain::{Fault, Timestamp};
use crate::protocol::access_token::LIFE;

impl Issuer {
    /// Whether what the client does now may go on: it is no visit, or a visit that goes on and is used by it. A visit that is
    /// over is ended for good.
    pub(super) async fn use_visit(&self, client: &Client, grant: &Grant, now: Timestamp) -> Result<bool, Fault> {
        let limits = self.parts.policies.now().limits().visit();
        if !is_visit(client, grant) || self.parts.limits.use_visit(grant, limits, now).await? {
            return Ok(true);
        }
        self.end_grant(&grant.id, RevokedBy::VisitOver, now).await?;
        Ok(false)
    }

    /// The same, only looking: who asks about a token does not use it.
    async fn is_visited(&self, client: &Client, grant: &Grant, now: Timestamp) -> Result<bool, Fault> {
        let limits = self.parts.policies.now().limits().visit();
        Ok(!is_visit(client, grant) || self.parts.limits.is_visited(grant, limits, now).await?)
    }

    /// The same of a grant to `holder`, about which `asking` asks.
    pub(super) async fn is_under_way(
        &self,
        holder: &ClientId,
        asking: &Client,
        grant: &Grant,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        if *holder == asking.id {
            return self.is_visited(asking, grant, now).await;
        }
        match self.parts.store.find_client(holder).await? {
            Some(client) => self.is_visited(&client, grant, now).await,
            None => Ok(false),
        }
    }

    /// When an access token given now is over. A terminal cannot refresh its own, so that it is for the whole visit.
    pub(super) fn token_end(&self, client: &Client, grant: &Grant, now: Timestamp) -> Timestamp {
        if is_visit(client, grant) {
            self.parts.policies.now().limits().visit().end(grant)
        } else {
            now.plus(LIFE).min(grant.expires_at)
        }
    }
}
