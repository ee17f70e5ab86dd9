//! The port of the keys that records about persons are under.

use crate::domain::Fault;
use async_trait::async_trait;

/// What one call of [`SealingStore::rewrap_keys`] saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// The last owner that it saw; none when there was none left.
    pub last: Option<String>,
    /// How many it saw.
    pub seen: u64,
    /// How many it changed.
    pub changed: u64,
}

/// The keys that records about persons are under. Each call does some, so that none holds others up; what is done is done,
/// and any number of nodes may do it at once.
#[async_trait]
pub trait SealingStore: Send + Sync {
    /// Seals records that a version before sealing left in clear, at most `limit` of each kind; gives how many.
    async fn seal_earlier(&self, limit: u32) -> Result<u64, Fault>;
    /// Keeps the keys of the owners after `after`, by id and at most `limit` of them, under the present master key.
    async fn rewrap_keys(&self, after: &str, limit: u32) -> Result<Rewrapped, Fault>;
}
