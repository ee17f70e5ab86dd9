//! Stage 4, at shared terminals: the visit in which the person allowed something still goes on.
//!
//! Whether it does is asked of the hot state and costs one node no call of the store's. A visit that is over is written
//! down as ended by whoever finds it so: what is over stays over, whatever the hot state forgets afterwards.

use super::{Gateway, GatewayRefusal};
use crate::domain::client::Client;
use crate::domain::grant::{Grant, RevokedBy};
use crate::domain::terminal::is_visit;
use crate::domain::{Fault, Timestamp};

impl Gateway {
    /// Lets a call go on, which is a use of the visit; nothing is asked about other clients.
    pub(super) async fn check_visit(
        &self,
        grant: &Grant,
        client: &Client,
        now: Timestamp,
    ) -> Result<(), GatewayRefusal> {
        if !is_visit(client, grant) {
            return Ok(());
        }
        let limits = self.parts.policies.now().limits().visit();
        if self.parts.limits.use_visit(grant, limits, now).await? {
            return Ok(());
        }
        self.end(&grant.id, RevokedBy::VisitOver, now).await?;
        self.witness(grant, &[], "invalid_token").await;
        Err(self.bad_token("the visit to a shared terminal is over"))
    }

    /// Whether a visit goes on, without using it: by the time something is ready, the person may have left.
    pub(super) async fn is_visited(&self, grant: &Grant, client: &Client, now: Timestamp) -> Result<bool, Fault> {
        let limits = self.parts.policies.now().limits().visit();
        Ok(!is_visit(client, grant) || self.parts.limits.is_visited(grant, limits, now).await?)
    }
}
