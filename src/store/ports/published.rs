//! The ports of what the operator tells of the service, of who calls what, and of statistics.

use crate::domain::ids::{ClientId, StatusNoticeId};
use crate::domain::service_status::{ComponentDay, StatusNotice};
use crate::domain::statistics::{ExactCount, Fact, Month, StatisticsRelease};
use crate::domain::usage::{UsageCount, UsageSum};
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;
use chrono::NaiveDate;

/// Incidents, planned maintenance, and how components stood.
#[async_trait]
pub trait StatusStore: Send + Sync {
    /// Writes a new notice, with the leaf of the operator's act.
    async fn insert_status_notice(&self, new: &StatusNotice) -> Result<(), Fault>;
    /// Writes the next version of a notice, with the leaf of its last update: of any number of callers that saw the version
    /// before it, one writes, and nobody writes to one that is over.
    async fn update_status_notice(&self, next: &StatusNotice) -> Result<bool, Fault>;
    /// The notice with this id.
    async fn find_status_notice(&self, id: &StatusNoticeId) -> Result<Option<StatusNotice>, Fault>;
    /// Notices that are not over, or were changed since, the one that changed last first; at most `limit`.
    async fn list_status_notices(&self, since: Timestamp, limit: u32) -> Result<Vec<StatusNotice>, Fault>;
    /// Notes how components stood on a day; what is kept of a day is the worst of all that was noted.
    async fn put_component_days(&self, days: &[ComponentDay]) -> Result<(), Fault>;
    /// How components stood on each day since `from`, in order of day and component.
    async fn list_component_days(&self, from: NaiveDate) -> Result<Vec<ComponentDay>, Fault>;
    /// Whether something that is to be sent to this agency, and waits for no person, is due since before `since` and in nobody's
    /// hands.
    async fn has_overdue_delivery(&self, agency: &str, since: Timestamp) -> Result<bool, Fault>;
    /// Forgets days before `from`; gives how many rows went.
    async fn delete_component_days(&self, from: NaiveDate) -> Result<u64, Fault>;
}

/// Who called what, by day.
#[async_trait]
pub trait UsageStore: Send + Sync {
    /// Adds calls to what is counted, all of them or none.
    async fn add_usage(&self, counts: &[UsageCount]) -> Result<(), Fault>;
    /// Sums since `from` of one client, or of every one, by client and operation; at most `limit`.
    async fn sum_usage(&self, of: Option<&ClientId>, from: NaiveDate, limit: u32) -> Result<Vec<UsageSum>, Fault>;
    /// Forgets days before `from`, some at a time; gives how many rows went.
    async fn delete_usage(&self, from: NaiveDate) -> Result<u64, Fault>;
}

/// What is counted of persons until its month is published, and what was published.
#[async_trait]
pub trait StatisticsStore: Send + Sync {
    /// Notes what persons did, each once, in at most so many cells of one series and month; what is of a month that was published
    /// is not noted any more.
    async fn add_facts(&self, facts: &[Fact], most_cells: u32) -> Result<(), Fault>;
    /// Municipalities after this one whose applications came or changed since they were counted, and up to which place they were.
    async fn list_uncounted(&self, after: &str, limit: u32) -> Result<Vec<(String, u64)>, Fault>;
    /// Notes up to which place a municipality's applications are counted; never back.
    async fn set_counted(&self, municipality: &str, place: u64) -> Result<(), Fault>;
    /// The first month of which something is noted.
    async fn find_first_counted_month(&self) -> Result<Option<Month>, Fault>;
    /// What is noted of a month, by cell.
    async fn count_facts(&self, month: Month) -> Result<Vec<ExactCount>, Fault>;
    /// Publishes a month, and forgets what was noted of it: of any number of callers, one does.
    async fn insert_release(&self, release: &StatisticsRelease) -> Result<bool, Fault>;
    /// Which months are published, the latest first.
    async fn list_released_months(&self, limit: u32) -> Result<Vec<Month>, Fault>;
    /// What was published of a month.
    async fn find_release(&self, month: Month) -> Result<Option<StatisticsRelease>, Fault>;
}
