//! Which signed heads are kept: every one of the last week, then the last of each hour, after a year the last of each day.
//!
//! A busy log signs four heads a second. None of them is needed to prove anything: a proof between any two sizes is made
//! from the tiles, which stay, and whoever kept a head that is dropped here can still have it held against the log. What
//! stays shows when the log had which size.

use super::log::EvidenceLog;
use crate::domain::Fault;
use std::time::Duration;

/// How old a head is when only the last of its span stays, and the span.
const SCHEDULE: [(Duration, Duration); 2] = [
    (Duration::from_hours(24 * 7), Duration::from_hours(1)),
    (Duration::from_hours(24 * 365), Duration::from_hours(24)),
];
/// Heads dropped at once.
const AT_ONCE: u32 = 2000;
/// Turns of the log between two thinnings: a minute.
pub(super) const EVERY_TURNS: u32 = 240;

impl EvidenceLog {
    /// Drops some of the heads that the schedule keeps no more; gives how many.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn thin(&self) -> Result<u64, Fault> {
        let now = self.parts.clock.now();
        let mut dropped = 0;
        for (age, span) in SCHEDULE {
            dropped += self.parts.store.thin_checkpoints(now.minus(age), span, AT_ONCE).await?;
        }
        Ok(dropped)
    }
}
