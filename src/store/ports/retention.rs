//! Erasing what was kept as long as the operator's schedule says.

use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// Records about people, by their age. Each call erases some, so that none holds others up; what is erased twice at once
/// is erased once.
#[async_trait]
pub trait RetentionStore: Send + Sync {
    /// Erases salts and records of events that happened before `until` and are logged, at most `limit` of them; gives
    /// how many. Their leaves stay.
    async fn erase_receipts(&self, until: Timestamp, limit: u32) -> Result<u64, Fault>;
    /// How many [`Self::erase_receipts`] would erase in all.
    async fn count_old_receipts(&self, until: Timestamp) -> Result<u64, Fault>;
    /// Erases lines of the access history from before `until`, at most `limit` of them; gives how many.
    async fn erase_accesses(&self, until: Timestamp, limit: u32) -> Result<u64, Fault>;
    /// How many [`Self::erase_accesses`] would erase in all.
    async fn count_old_accesses(&self, until: Timestamp) -> Result<u64, Fault>;
    /// Takes what was erased out of the engine's own files, as far as it can: SQLite empties its write-ahead log, which
    /// holds former pages. PostgreSQL does nothing here: there, vacuum and the operator's archives of its log decide.
    async fn forget_erased(&self) -> Result<(), Fault>;
}
