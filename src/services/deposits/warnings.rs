//! Warnings to companies: that a disposition notice which nobody fetched soon cannot be fetched any more, and that the duty to
//! keep a deposit ends soon.
//!
//! Each is told once, in the write that notes it, by as many processes as look; one that is killed has told or has not noted.

use super::Deposits;
use crate::domain::Fault;
use crate::services::turns::forever;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked whether somebody is to be warned.
const LOOK: Duration = Duration::from_secs(5);

impl Deposits {
    /// Warns companies for as long as the process runs; to be spawned beside the server.
    pub async fn warn_forever(self: Arc<Self>) {
        forever(LOOK, "companies could not be warned", || self.warn_due()).await;
    }

    /// Tells of one notice and one duty that are due; false when none is.
    async fn warn_due(&self) -> Result<bool, Fault> {
        let (store, rules, now) = (&self.parts.store, &self.parts.rules, self.parts.clock.now());
        let is_notice = store.warn_of_disposition(now, now.plus(rules.notices().warned_before())).await?;
        let is_duty = store.warn_of_duty(now, now.plus(rules.warned_before())).await?;
        Ok(is_notice || is_duty)
    }
}
