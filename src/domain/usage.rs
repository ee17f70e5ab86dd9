//! How often each client called each operation.

use super::ids::ClientId;
use chrono::NaiveDate;

/// Calls of one client to one operation on one day of Japan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageCount {
    /// Who called.
    pub client: ClientId,
    /// The `operationId`.
    pub operation: String,
    /// When.
    pub day: NaiveDate,
    /// How often.
    pub calls: u64,
}

/// Calls of one client to one operation in a span of days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageSum {
    /// Who called.
    pub client: ClientId,
    /// The `operationId`.
    pub operation: String,
    /// How often.
    pub calls: u64,
    /// On which day last.
    pub last_day: NaiveDate,
}
