//! Erasing what was kept as long as the operator's schedule says.

use crate::domain::{Fault, Kept, Timestamp};
use async_trait::async_trait;

/// Records by their age. Each call erases some, so that none holds others up; what is erased twice at once is erased
/// once. Nothing goes that is not over, or whose leaf is not in the log yet; leaves stay.
#[async_trait]
pub trait RetentionStore: Send + Sync {
    /// Erases records of one kind that are older than `until`, with all that hangs on them; gives how many. `when` is the
    /// moment, and how many at most.
    async fn erase_old(&self, kind: Kept, until: Timestamp, when: (Timestamp, u32)) -> Result<u64, Fault>;
    /// How many [`Self::erase_old`] would erase in all.
    async fn count_old(&self, kind: Kept, until: Timestamp) -> Result<u64, Fault>;
    /// Takes what was erased out of the engine's own files, as far as it can: SQLite empties its write-ahead log, which
    /// holds former pages. PostgreSQL does nothing here: there, vacuum and the operator's archives of its log decide.
    async fn forget_erased(&self) -> Result<(), Fault>;
}
