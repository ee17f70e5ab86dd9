//! Ending a grant: durable first, then word to every node.

use super::Issuer;
use crate::domain::grant::RevokedBy;
use crate::domain::ids::GrantId;
use crate::domain::{Fault, Timestamp};
use crate::hot::tell_grant;

impl Issuer {
    /// Ends a grant and everything that hangs on it; true for the first caller.
    pub(super) async fn end_grant(&self, id: &GrantId, by: RevokedBy, now: Timestamp) -> Result<bool, Fault> {
        let is_first = self.parts.store.revoke_grant(id, now, by).await?;
        // Told even when it had ended before: the word of that time may have been lost.
        tell_grant(&*self.parts.hot, id).await;
        Ok(is_first)
    }
}
