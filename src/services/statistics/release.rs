//! Publishing months that are over.

use super::Statistics;
use crate::catalog::statistics::StatisticsRules;
use crate::domain::statistics::{Month, StatisticsRelease};
use crate::domain::{Fault, Timestamp};
use chrono::Days;

/// Whether a month's last day is past by so many days.
pub(super) fn is_due(month: Month, released_after_days: u32, now: Timestamp) -> bool {
    let last_day = month.next().first_day().pred_opt();
    let day = last_day.and_then(|day| day.checked_add_days(Days::new(u64::from(released_after_days))));
    day.is_some_and(|day| now.date_in_japan() >= day)
}

impl Statistics {
    /// Publishes every month that is due, from the first that something is noted of.
    pub(super) async fn release_due(&self, rules: &StatisticsRules) -> Result<(), Fault> {
        while let Some(month) = self.parts.store.find_first_counted_month().await? {
            let now = self.parts.clock.now();
            if !is_due(month, rules.released_after_days, now) {
                return Ok(());
            }
            let counts = self.parts.store.count_facts(month).await?;
            let release = StatisticsRelease::of((month, &counts), rules.method(), now, &*self.parts.entropy);
            if !self.parts.store.insert_release(&release).await? {
                // Another node was first; what is after it is looked for in the next turn.
                return Ok(());
            }
            tracing::info!(%month, "the statistics of a month are published");
        }
        Ok(())
    }
}
