//! What there is to read.

use crate::catalog::statistics::StatisticsRules;
use crate::domain::statistics::{StatisticsMethod, StatisticsRelease};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Which statistics there are.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StatisticsIndex {
    /// The months that are published, the latest first; each is at `/statistics/{month}.json` and `/statistics/{month}.csv`.
    #[schema(example = json!(["2026-10"]))]
    pub months: Vec<String>,
    /// How months are made from now on; absent where this installation publishes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub method: Option<StatisticsMethod>,
    /// How many days after its last day a month is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 3)]
    pub released_after_days: Option<u32>,
}

impl StatisticsIndex {
    pub(super) fn of(published: &[Arc<StatisticsRelease>], rules: Option<&StatisticsRules>) -> Self {
        Self {
            months: published.iter().map(|one| one.month.to_string()).collect(),
            method: rules.map(StatisticsRules::method),
            released_after_days: rules.map(|rules| rules.released_after_days),
        }
    }
}
