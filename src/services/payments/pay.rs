//! Whoever has the address of a payment reads it, is handed over to pay it, and comes back.

use super::{Payments, TRIES, is_token};
use crate::adapters::payment::{AttemptStanding, Handover};
use crate::domain::ids::PaymentAttemptId;
use crate::domain::payment::{BankType, HeldPayment, PaymentAttempt, PaymentState, PaymentWay};
use crate::domain::{Digest, Failure, Fault, Timestamp};
use crate::store::{PaymentBy, PaymentStep};
use std::time::Duration;

/// How long somebody has to pay once they were handed over.
const ATTEMPT: Duration = Duration::from_mins(30);
/// Where browsers come back to, before the attempt's id.
pub const RETURNS: &str = "/pay/returns/";
/// Where the service notifies us.
pub const NOTIFICATIONS: &str = "/payments/notifications";

/// What somebody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// By what.
    pub way: PaymentWay,
    /// From which kind of bank, where it is from a bank.
    pub bank: Option<BankType>,
}

/// What asking to pay came to.
#[derive(Debug)]
pub enum PayOutcome {
    /// Go on at this page of the payment service.
    HandOver(String),
    /// It cannot be paid, or not any more.
    NotPayable,
    /// There is no such payment.
    Gone,
    /// The service does not say what became of another attempt, or cannot be reached: nobody must pay now.
    Away,
}

impl Choice {
    /// From the fields of a form: a kind of bank goes with Pay-easy and mobile register, and with them alone.
    #[must_use]
    pub fn parse(way: Option<&str>, bank: Option<&str>) -> Option<Self> {
        let way = PaymentWay::parse(way?)?;
        match way {
            PaymentWay::Card => Some(Self { way, bank: None }),
            PaymentWay::PayEasy | PaymentWay::MobileRegister => Some(Self { way, bank: Some(BankType::parse(bank?)?) }),
        }
    }
}

impl Payments {
    /// The payment behind a link.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn opened(&self, token: &str) -> Result<Option<HeldPayment>, Fault> {
        if !is_token(token) {
            return Ok(None);
        }
        self.parts.store.find_payment(PaymentBy::Link(&Digest::of(token))).await
    }

    /// Where it stands now.
    #[must_use]
    pub fn state(&self, held: &HeldPayment) -> PaymentState {
        held.state_at(self.parts.clock.now())
    }

    /// Where the service's pages are, as an origin; none where nothing can be paid.
    #[must_use]
    pub fn leads_to(&self) -> Option<String> {
        self.parts.service.as_ref().map(|service| service.origin())
    }

    /// Hands somebody over to pay: one attempt is under way at a time. Doing it again by the same way goes on with the same
    /// attempt; by another way it stops the first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn pay(&self, token: &str, choice: Choice) -> Result<PayOutcome, Failure> {
        if self.parts.closures.of("payments").is_some() {
            return Ok(PayOutcome::Away);
        }
        for _ in 0..TRIES {
            let Some(held) = self.opened(token).await? else { return Ok(PayOutcome::Gone) };
            let now = self.parts.clock.now();
            let is_payable = held.state.is_payable() && now < held.payment.due_at();
            if !is_payable || !held.payment.ways.contains(&choice.way) {
                return Ok(PayOutcome::NotPayable);
            }
            match &held.attempt {
                Some(attempt) if is_same(attempt, choice, now) => match self.handed_over(&held, attempt).await {
                    Some(address) => return Ok(PayOutcome::HandOver(address)),
                    // It may have been paid, or have ended there: then that is written down, and another begins.
                    None if !self.is_cleared(&held).await? => return Ok(PayOutcome::Away),
                    None => {}
                },
                Some(_) if !self.is_cleared(&held).await? => return Ok(PayOutcome::Away),
                Some(_) => {}
                None => self.start(&held, choice, now).await?,
            }
        }
        Ok(PayOutcome::Away)
    }

    async fn start(&self, held: &HeldPayment, choice: Choice, now: Timestamp) -> Result<(), Fault> {
        let attempt = PaymentAttempt {
            id: PaymentAttemptId::generate(&*self.parts.entropy),
            way: choice.way,
            bank: choice.bank,
            started_at: now,
            until: now.plus(ATTEMPT).min(held.payment.due_at()),
        };
        // Should another be first, theirs is found in the next turn.
        let of = (&held.payment.id, held.version);
        self.parts.store.step_payment(of, &PaymentStep::Start(attempt), now).await.map(drop)
    }

    /// The page at the service for this attempt.
    async fn handed_over(&self, held: &HeldPayment, attempt: &PaymentAttempt) -> Option<String> {
        let service = self.parts.service.as_ref()?;
        let base = &self.parts.public_url;
        let handover = Handover {
            payment: &held.payment,
            attempt,
            return_url: format!("{base}{RETURNS}{}", attempt.id),
            notify_url: format!("{base}{NOTIFICATIONS}"),
        };
        match service.open(&handover).await {
            Ok(address) => Some(address),
            Err(error) => {
                tracing::warn!(%error, "nobody could be handed over to pay");
                None
            }
        }
    }

    /// Stops the attempt that is under way. False when the service does not say what became of it: then nobody must pay.
    async fn is_cleared(&self, held: &HeldPayment) -> Result<bool, Failure> {
        match self.stop(held).await {
            Ok(()) => Ok(true),
            Err(Failure::Refused(_)) => Ok(false),
            Err(broken @ Failure::Broken(_)) => Err(broken),
        }
    }

    /// The payment that a browser comes back to. Where the service sent it back just now, the service is asked what it took;
    /// that the browser came back settles nothing. None for no attempt of ours, and for what the service did not sign.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn returned(&self, attempt: &str, sent: Option<(&str, &str)>) -> Result<Option<HeldPayment>, Fault> {
        let Ok(attempt) = PaymentAttemptId::parse(attempt) else { return Ok(None) };
        let Some(held) = self.parts.store.find_payment(PaymentBy::Attempt(&attempt)).await? else { return Ok(None) };
        let (Some((at, signature)), Some(service)) = (sent, &self.parts.service) else { return Ok(Some(held)) };
        let now = self.parts.clock.now();
        if !at.parse().is_ok_and(|at| service.is_returned(&attempt, (at, signature), now)) {
            return Ok(None);
        }
        let of = (&held.payment.id, held.version);
        let is_current = held.attempt.as_ref().is_some_and(|own| own.id == attempt) && held.state.is_payable();
        if is_current {
            match service.look(&attempt).await {
                Ok(AttemptStanding::Taken(taking)) => drop(self.record(&held, &attempt, taking).await?),
                Ok(AttemptStanding::Closed) => drop(self.parts.store.step_payment(of, &PaymentStep::Free, now).await?),
                Ok(AttemptStanding::Waiting) => {}
                Err(error) => tracing::warn!(%error, "what became of an attempt to pay could not be asked"),
            }
        }
        self.again(&held.payment.id).await.map(Some)
    }

    /// The signed receipt of a payment that is paid.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be signed.
    pub fn receipt(&self, held: &HeldPayment) -> Result<Option<String>, Fault> {
        let settlement = held.settlement.as_ref();
        settlement.map(|one| self.parts.receipts.receipt(&held.payment, one)).transpose()
    }
}

/// Whether the attempt that is under way is the one that somebody chooses again.
fn is_same(attempt: &PaymentAttempt, choice: Choice, now: Timestamp) -> bool {
    now < attempt.until && (attempt.way, attempt.bank) == (choice.way, choice.bank)
}
