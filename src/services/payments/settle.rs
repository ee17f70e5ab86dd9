//! Money that was taken is written down once.

use super::Payments;
use crate::domain::ids::{PaymentAttemptId, ReceiptId, SettlementId};
use crate::domain::payment::{HeldPayment, SettlementKind, Taking};
use crate::domain::{Failure, Fault, Refusal};
use crate::store::{NewSettlement, PaymentBy, TakenSettlement};

impl Payments {
    /// Takes what the payment service notifies us of. The same money again changes nothing; the very same message again is
    /// refused.
    ///
    /// # Errors
    /// `payments_not_offered`; `invalid_request`, `invalid_value` for what is not the service's, too
    /// old, or does not read; `not_found` for no attempt of ours; `conflict` for a message that came before.
    pub async fn notified(&self, signature: &str, body: &[u8]) -> Result<(), Failure> {
        let now = self.parts.clock.now();
        let told = self.service()?.notified(signature, body, now)?;
        let held = self.parts.store.find_payment(PaymentBy::Attempt(&told.attempt)).await?;
        let missing = || Refusal::new("not_found", "There is no such attempt to pay.").at("/link");
        let held = held.ok_or_else(missing)?;
        if !self.parts.hot.take_mark(told.mark, told.good_until, now).await? {
            return Err(
                Refusal::new("conflict", "This very message came before: send it anew, with another jti.").into()
            );
        }
        Ok(self.record(&held, &told.attempt, told.taking).await.map(drop)?)
    }

    /// Writes money down: as the payment, or as what it is besides. Never refused for what else is full or wrong: it was
    /// taken.
    pub(super) async fn record(
        &self,
        held: &HeldPayment,
        attempt: &PaymentAttemptId,
        taking: Taking,
    ) -> Result<TakenSettlement, Fault> {
        let new = NewSettlement {
            id: SettlementId::generate(&*self.parts.entropy),
            receipt: ReceiptId::generate(&*self.parts.entropy),
            payment: held.payment.id.clone(),
            excess: held.payment.excess_of(&taking),
            taking,
            at: self.parts.clock.now(),
        };
        let taken = self.parts.store.take_settlement(&new).await?;
        if let TakenSettlement::Written(written) = &taken {
            if written.kind != SettlementKind::Settled {
                tracing::warn!(
                    counts_as = written.kind.as_str(),
                    "money came besides a payment: it is in the reconciliation"
                );
            }
            self.close_others(held, attempt).await;
        }
        Ok(taken)
    }

    /// What else is under way is stopped, so that nobody pays again. Should that not be possible, what comes is an excess.
    async fn close_others(&self, held: &HeldPayment, attempt: &PaymentAttemptId) {
        let Some(other) = held.attempt.as_ref().filter(|other| other.id != *attempt) else { return };
        let Some(service) = &self.parts.service else { return };
        if let Err(error) = service.close(&other.id).await {
            tracing::warn!(%error, "an attempt to pay again could not be stopped");
        }
    }
}
