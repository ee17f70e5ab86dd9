//! The port of shares of deposits.

use super::Before;
use crate::domain::deposit::Share;
use crate::domain::ids::{ClientId, DepositId, DepositShareId};
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// Shares of deposits. Each write leaves its leaf.
#[async_trait]
pub trait DepositShareStore: Send + Sync {
    /// Writes one; false when what it is of is not filed, or is shared with the same client already.
    async fn insert_share(&self, new: &Share) -> Result<bool, Fault>;
    /// Those of one deposit, newest first.
    async fn list_shares(&self, of: &DepositId, limit: u32) -> Result<Vec<Share>, Fault>;
    /// Those with a client that stand, newest first.
    async fn list_shares_with(
        &self,
        client: &ClientId,
        now: Timestamp,
        before: &Before<DepositShareId>,
    ) -> Result<Vec<Share>, Fault>;
    /// The one of this deposit with this client that stands.
    async fn find_share(&self, of: &DepositId, client: &ClientId, now: Timestamp) -> Result<Option<Share>, Fault>;
    /// Ends one of this deposit's; true for one caller only.
    async fn end_share(&self, of: &DepositId, id: &DepositShareId, at: Timestamp) -> Result<bool, Fault>;
}
