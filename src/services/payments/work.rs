//! What becomes of payments by themselves: the service is asked what became of attempts, and what is over expires.

use super::Payments;
use crate::adapters::payment::AttemptStanding;
use crate::domain::Fault;
use crate::domain::payment::HeldPayment;
use crate::services::turns::forever;
use crate::store::PaymentStep;
use std::sync::Arc;
use std::time::Duration;

/// How many are worked on in one look.
const AT_ONCE: u32 = 50;
/// How often it is looked whether something is to be done.
const LOOK: Duration = Duration::from_secs(2);
/// How long nobody else looks at what one process took, and how often an attempt is asked about.
const LEASE: Duration = Duration::from_secs(30);

impl Payments {
    /// Does so for as long as the process runs; to be spawned beside the server.
    pub async fn work_forever(self: Arc<Self>) {
        let turn = || async { Ok(self.work_due().await? >= AT_ONCE as usize) };
        forever(LOOK, "payments could not be looked after", turn).await;
    }

    /// Does what is due; gives at how many payments it looked.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; what was not done stays to be done.
    pub async fn work_due(&self) -> Result<usize, Fault> {
        let now = self.parts.clock.now();
        let due = self.parts.store.lease_payments(now, now.plus(LEASE), AT_ONCE).await?;
        for held in &due {
            self.tend(held).await?;
        }
        Ok(due.len())
    }

    /// Whatever money was taken in time counts: a payment that somebody is on the way to make expires only after the service
    /// said that it took nothing and takes nothing any more.
    async fn tend(&self, held: &HeldPayment) -> Result<(), Fault> {
        let now = self.parts.clock.now();
        let of = (&held.payment.id, held.version);
        let Some(attempt) = &held.attempt else {
            if now >= held.payment.due_at() {
                self.parts.store.step_payment(of, &PaymentStep::Expire, now).await?;
            }
            return Ok(());
        };
        let Some(service) = &self.parts.service else { return Ok(()) };
        let standing =
            if now >= attempt.until { service.close(&attempt.id).await } else { service.look(&attempt.id).await };
        match standing {
            Ok(AttemptStanding::Taken(taking)) => self.record(held, &attempt.id, taking).await.map(drop),
            Ok(AttemptStanding::Closed) => self.parts.store.step_payment(of, &PaymentStep::Free, now).await.map(drop),
            Ok(AttemptStanding::Waiting) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "what became of an attempt to pay could not be asked; it is asked again");
                Ok(())
            }
        }
    }
}
