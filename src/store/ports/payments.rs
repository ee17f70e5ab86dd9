//! The ports of payments (公金決済).

use super::Before;
use crate::domain::ids::{ClientId, PaymentAttemptId, PaymentId};
use crate::domain::ids::{ReceiptId, SettlementId};
use crate::domain::payment::{
    HeldPayment, Payment, PaymentAttempt, PaymentState, PaymentWay, Settlement, SettlementKind, Taking,
};
use crate::domain::{Digest, Fault, Timestamp};
use async_trait::async_trait;
use chrono::NaiveDate;

/// What making a payment came to.
#[derive(Clone, Debug)]
pub enum InsertedPayment {
    /// It is there.
    New(Box<HeldPayment>),
    /// This client made it before, under the same key and from the same body.
    Same(Box<HeldPayment>),
    /// This client made another one under this key.
    KeyReused,
}

/// By what a payment is found.
#[derive(Clone, Copy, Debug)]
pub enum PaymentBy<'a> {
    /// Its id.
    Id(&'a PaymentId),
    /// The digest of its link's token.
    Link(&'a Digest),
    /// An attempt to pay it, whichever.
    Attempt(&'a PaymentAttemptId),
}

/// A step of a payment that is not paid.
#[derive(Clone, Debug)]
pub enum PaymentStep {
    /// Somebody is handed over to pay, while nobody else is, and before the end of the due day.
    Start(PaymentAttempt),
    /// Nobody is on the way any more: the provider takes nothing for the attempt from now on.
    Free,
    /// The agency cancels it, while nobody is on the way.
    Cancel,
    /// Its due day is over, while nobody is on the way.
    Expire,
}

/// Money that a provider took, to be written down.
#[derive(Clone, Debug)]
pub struct NewSettlement {
    /// Its id, should it be new.
    pub id: SettlementId,
    /// Its receipt, should it be new.
    pub receipt: ReceiptId,
    /// For which payment.
    pub payment: PaymentId,
    /// What was taken.
    pub taking: Taking,
    /// What it is whatever else was, where it cannot be the payment.
    pub excess: Option<SettlementKind>,
    /// When it is written.
    pub at: Timestamp,
}

/// What writing it down came to.
#[derive(Clone, Debug)]
pub enum TakenSettlement {
    /// It is written: as the payment, or as an excess.
    Written(Box<Settlement>),
    /// It was written before.
    Known,
    /// There is no such payment.
    NoPayment,
}

/// What was settled, with the payment that it is for.
#[derive(Clone, Debug)]
pub struct SettledPayment {
    /// What was settled.
    pub settlement: Settlement,
    /// The payment.
    pub payment: Payment,
    /// Its place among what its agency is told of: they are committed in this order.
    pub place: u64,
}

/// How much was settled in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledSum {
    /// By what.
    pub way: PaymentWay,
    /// As what.
    pub kind: SettlementKind,
    /// How often.
    pub count: u64,
    /// How much, in yen.
    pub amount: u64,
}

/// Payments.
#[async_trait]
pub trait PaymentStore: Send + Sync {
    /// Writes a new one with its leaf; of any number of calls with one key, one does.
    async fn insert_payment(&self, new: &Payment) -> Result<InsertedPayment, Fault>;
    /// The one that is found by this.
    async fn find_payment(&self, by: PaymentBy<'_>) -> Result<Option<HeldPayment>, Fault>;
    /// Those of a client, newest first.
    async fn list_payments(&self, client: &ClientId, before: &Before<PaymentId>) -> Result<Vec<HeldPayment>, Fault>;
    /// Those about this notice or application, newest first, twenty at most.
    async fn list_payments_about(&self, about: &str) -> Result<Vec<HeldPayment>, Fault>;
    /// Writes a step of what was read at this version; false, and nothing is written, when it is another by now.
    async fn step_payment(&self, of: (&PaymentId, u64), step: &PaymentStep, at: Timestamp) -> Result<bool, Fault>;
    /// Gives payments at which something is to be done by `now` to one caller alone until then.
    async fn lease_payments(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<HeldPayment>, Fault>;
}

/// What was paid.
#[async_trait]
pub trait SettlementStore: Send + Sync {
    /// Writes money down once, by the provider's name for it; of all for one payment, one is the payment. In the same write
    /// it gets its place and its leaf, and the agency is told.
    async fn take_settlement(&self, new: &NewSettlement) -> Result<TakenSettlement, Fault>;
    /// What was settled for a client's payments after this place, of one day or of all, in the order of places.
    async fn list_settlements(
        &self,
        client: &ClientId,
        day: Option<NaiveDate>,
        page: (u64, u32),
    ) -> Result<Vec<SettledPayment>, Fault>;
    /// How much was settled on a day, by way and kind.
    async fn sum_settlements(&self, client: &ClientId, day: NaiveDate) -> Result<Vec<SettledSum>, Fault>;
    /// How many payments were cancelled, and how many expired, from one moment on to another.
    async fn count_ended_payments(
        &self,
        client: &ClientId,
        span: (Timestamp, Timestamp),
    ) -> Result<Vec<(PaymentState, u64)>, Fault>;
}
