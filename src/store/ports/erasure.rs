//! The port of erasure: what was kept under consents that have ended, and whole accounts.

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
    /// Erases what is left of a person when their consents are erased: the account, the history, what representatives they
    /// had, by what third parties know them, and the key to all of it; one leaf says that it was done, not to whom. False,
    /// and nothing is erased, while there is any consent, ended ones too; while a representation stands in which the person
    /// has a part; while they are under protection; and when they are erased already. Nothing is given to an erased person
    /// afterwards: whoever signs in with the same account is a new one.
    async fn erase_account(&self, person: &SubjectId, at: Timestamp) -> Result<bool, Fault>;
}
