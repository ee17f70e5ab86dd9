//! A payment service (決済サービス): who takes money by Pay-easy (情報リンク方式), mobile register and card, at pages of its own.
//!
//! What for: the counter hands a citizen over and learns what was taken. It never sees what is typed at those pages.
//!
//! How it flows: 1. [`PaymentService::open`] tells the service what is to be paid and where the browser goes back to, and gets the
//! address of a page for this one attempt; 2. the service notifies us of money that it took ([`PaymentService::notified`]);
//! 3. [`PaymentService::look`] asks what became of an attempt, and [`PaymentService::close`] that nothing be taken for it any
//! more: the answer says whether something had been. Each message is signed under a secret of both
//! ([`PaymentKey`](crate::domain::payment::PaymentKey)); an answer is signed together with the question's own id, a notification
//! is good for five minutes. Doing the same twice changes nothing at the service.
//!
//! There is no public protocol of this kind between portals and banks: this is the form of 情報リンク方式, with the numbers that
//! Pay-easy has, and a service that speaks otherwise needs a small gateway of its own.
//!
//! How to add one more: another client with the same trait.
//!
//! What it must never do: take a card number; follow an address that is not the service's own; call something paid that the
//! service did not sign.

mod client;
mod settings;
mod wire;

pub use client::PaymentClient;
pub use settings::{InvalidPayments, PaymentSettings};

use crate::adapters::breaker::Pulse;
use crate::domain::ids::PaymentAttemptId;
use crate::domain::payment::{Payment, PaymentAttempt, Taking};
use crate::domain::{Digest, Refusal, Timestamp};
use async_trait::async_trait;
use std::time::Duration;

/// Within which time of its making a notification is taken, before and after.
pub const NOTIFIED_WITHIN: Duration = Duration::from_mins(5);

/// What is to be paid, and by whom it is asked.
#[derive(Debug)]
pub struct Handover<'a> {
    /// The payment.
    pub payment: &'a Payment,
    /// The attempt.
    pub attempt: &'a PaymentAttempt,
    /// Where the browser goes back to.
    pub return_url: String,
    /// Where we are notified.
    pub notify_url: String,
}

/// Where an attempt stands at the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptStanding {
    /// Nothing is taken, but may be.
    Waiting,
    /// Nothing was taken, and nothing is any more.
    Closed,
    /// Money was taken.
    Taken(Taking),
}

/// Money that the service notified us of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notified {
    /// For which attempt.
    pub attempt: PaymentAttemptId,
    /// What was taken.
    pub taking: Taking,
    /// By what this very message is known again.
    pub mark: Digest,
    /// Until when it would be taken.
    pub good_until: Timestamp,
}

/// Why the service said nothing that can be relied on.
#[derive(Debug, thiserror::Error)]
pub enum PaymentServiceError {
    /// It cannot be reached, or is not asked while it keeps failing.
    #[error("the payment service cannot be reached: {0}")]
    Away(String),
    /// It said what cannot be read, or is not signed by it.
    #[error("the payment service's answer is not usable: {0}")]
    Unusable(&'static str),
}

/// A payment service.
#[async_trait]
pub trait PaymentService: Send + Sync {
    /// The address of the page at which this attempt is paid; the same for the same attempt.
    async fn open(&self, handover: &Handover<'_>) -> Result<String, PaymentServiceError>;
    /// What became of an attempt.
    async fn look(&self, attempt: &PaymentAttemptId) -> Result<AttemptStanding, PaymentServiceError>;
    /// Has nothing taken for an attempt from now on; what had been taken is told.
    async fn close(&self, attempt: &PaymentAttemptId) -> Result<AttemptStanding, PaymentServiceError>;
    /// Reads what the service notifies us of.
    ///
    /// # Errors
    /// `invalid_request` for what is not signed by it, is too old, or does not read.
    fn notified(&self, signature: &str, body: &[u8], now: Timestamp) -> Result<Notified, Refusal>;
    /// Whether a browser was sent back by the service just now.
    fn is_returned(&self, attempt: &PaymentAttemptId, sent: (i64, &str), now: Timestamp) -> bool;
    /// Where its pages are, as an origin.
    fn origin(&self) -> String;
    /// Whether it is asked freely.
    fn is_well(&self) -> bool;
    /// How it did lately.
    fn pulse(&self) -> Pulse;
}
