//! The port of erasure: what was kept under consents that have ended.

use crate::domain::ids::SubjectId;
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// Erasure of consents that have ended, with everything that hangs on them: earlier words, the access history, salts and
/// records of evidence, jobs.
#[async_trait]
pub trait ErasureStore: Send + Sync {
    /// Erases consents that ended before `until`, a person's or anybody's; gives how many. `when` is the moment, and how
    /// many at most. Each one's key is destroyed, so that no copy of what was under it opens any more; what is left is deleted; and one leaf
    /// for the log says how many they were. Of many callers one erases each.
    async fn erase_consents(
        &self,
        of: Option<&SubjectId>,
        until: Timestamp,
        when: (Timestamp, u32),
    ) -> Result<u64, Fault>;
    /// How many consents that ended before `until` a person, or anybody, has.
    async fn count_ended_consents(&self, of: Option<&SubjectId>, until: Timestamp) -> Result<u64, Fault>;
}
