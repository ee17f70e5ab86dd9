//! Erasure at the citizen's wish: what was kept under consents that have ended.

use super::{Account, CitizenSession};
use crate::domain::{Fault, Timestamp};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);
/// Consents in one write.
const FEW: u32 = 50;
/// Records of an earlier version in one write.
const BATCH: u32 = 500;

/// What of a person's ended consents can be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erasable {
    /// How many can be erased now.
    pub now: u64,
    /// How many ended too short a while ago.
    pub later: u64,
    /// For how many days after its end what was kept under a consent stays.
    pub after_days: u32,
}

impl Account {
    fn until(&self) -> (Timestamp, u32) {
        let days = self.kept_days.as_ref().map_or(0, |days| days());
        (self.clock.now().minus(DAY * days), days)
    }

    /// What can be erased, and what stays for now.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn erasable(&self, session: &CitizenSession) -> Result<Erasable, Fault> {
        let ((until, after_days), subject) = (self.until(), Some(session.subject()));
        let now = self.store.count_ended_consents(subject, until).await?;
        let ended = self.store.count_ended_consents(subject, self.clock.now()).await?;
        Ok(Erasable { now, later: ended.saturating_sub(now), after_days })
    }

    /// Erases what can be erased now; gives how many consents. What is done is done, some at a time.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; what is left is erased when it is asked for again.
    pub async fn erase(&self, session: &CitizenSession) -> Result<u64, Fault> {
        // What an earlier version left in clear does not say yet whose key it would be under.
        while self.store.seal_earlier(BATCH).await? > 0 {}
        let (until, _) = self.until();
        let mut all = 0;
        loop {
            let erased = self.store.erase_consents(Some(session.subject()), until, (self.clock.now(), FEW)).await?;
            if erased == 0 {
                break;
            }
            all += erased;
        }
        if all > 0 {
            self.forget_erased().await;
        }
        Ok(all)
    }

    /// What is erased is erased; that the engine's own log still holds it for a while is no failure of the citizen's.
    pub(super) async fn forget_erased(&self) {
        if let Err(error) = self.store.forget_erased().await {
            tracing::warn!(error = %error, "what a citizen had erased may still stand in the engine's own log");
        }
    }
}
