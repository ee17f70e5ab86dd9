//! Ending a grant: durable first, then word to every node.

use super::Issuer;
use crate::domain::grant::RevokedBy;
use crate::domain::ids::GrantId;
use crate::domain::{Fault, Timestamp};
use crate::hot::Invalidation;

impl Issuer {
    /// Ends a grant and everything that hangs on it; true for the first caller.
    pub(super) async fn end_grant(&self, id: &GrantId, by: RevokedBy, now: Timestamp) -> Result<bool, Fault> {
        let is_first = self.parts.store.revoke_grant(id, now, by).await?;
        // Told even when it had ended before: the word of that time may have been lost.
        if let Err(fault) = self.parts.hot.publish(&Invalidation::Grant(id.clone())).await {
            // Caches never trust themselves longer than a second, so this is late, not lost.
            tracing::warn!(fault = %fault, "word of a revocation was not published");
        }
        Ok(is_first)
    }
}
