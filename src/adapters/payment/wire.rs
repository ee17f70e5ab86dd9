//! What goes over the wire.

use super::{Handover, PaymentServiceError};
use crate::domain::Refusal;
use crate::domain::card_number::looks_like_card_number;
use crate::domain::ids::PaymentAttemptId;
use crate::domain::payment::{BankType, MOST_YEN, PaymentKey, PaymentWay, Taking};
use crate::domain::{Timestamp, words::Words};
use chrono::DateTime;
use serde::{Deserialize, Serialize};

/// What is signed as what.
pub(super) mod word {
    pub const QUESTION: &str = "question";
    pub const ANSWER: &str = "answer";
    pub const NOTIFICATION: &str = "notification";
    pub const RETURN: &str = "return";
    pub const REFERENCE: &str = "reference";
}

/// The header field of a signature.
pub(super) const SIGNATURE: &str = "payment-signature";

/// A question: which shop asks, about which attempt, when, and by which id of its own.
#[derive(Serialize)]
pub(super) struct Question<'a> {
    pub shop: &'a str,
    pub link: &'a str,
    pub jti: &'a str,
    pub iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay: Option<Pay<'a>>,
}

/// What is to be paid.
#[derive(Serialize)]
pub(super) struct Pay<'a> {
    institution_number: &'a str,
    payment_number: &'a str,
    confirmation_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer_kana: Option<&'a str>,
    payee: &'a Words,
    title: &'a Words,
    amount: u64,
    way: PaymentWay,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_type: Option<BankType>,
    take_until: String,
    return_url: &'a str,
    notify_url: &'a str,
}

impl<'a> Pay<'a> {
    pub fn of(handover: &'a Handover<'a>) -> Self {
        let (payment, attempt) = (handover.payment, handover.attempt);
        Self {
            institution_number: &payment.numbers.institution,
            payment_number: &payment.numbers.number,
            confirmation_number: &payment.numbers.confirmation,
            payment_category: payment.numbers.category.as_deref(),
            payer_kana: payment.payer_kana.as_deref(),
            payee: &payment.payee,
            title: &payment.title,
            amount: payment.amount,
            way: attempt.way,
            bank_type: attempt.bank,
            take_until: attempt.until.rfc3339(),
            return_url: &handover.return_url,
            notify_url: &handover.notify_url,
        }
    }
}

/// Where an attempt stands.
#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Waiting,
    Closed,
    Taken,
}

/// An answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    pub link: String,
    pub state: State,
    pub url: Option<String>,
    pub taking: Option<RawTaking>,
}

/// A notification.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Notification {
    pub shop: String,
    pub link: String,
    pub jti: String,
    pub iat: i64,
    pub taking: RawTaking,
}

/// What was taken, as the service writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTaking {
    reference: String,
    amount: u64,
    way: PaymentWay,
    bank_type: Option<BankType>,
    taken_at: String,
}

impl RawTaking {
    /// What was taken; `latest` is the latest moment at which it can have been. A reference that looks like a card number, as
    /// one in ten long numbers does by chance, is kept as its MAC: the money was taken, and is known by that name again.
    pub fn read(self, latest: Timestamp, key: &PaymentKey) -> Result<Taking, &'static str> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !(1..=64).contains(&self.reference.len()) || !self.reference.chars().all(is_name) {
            return Err("the reference must be 1 to 64 of A-Z a-z 0-9 . _ -");
        }
        if self.amount > MOST_YEN {
            return Err("the amount is larger than any payment");
        }
        let at = DateTime::parse_from_rfc3339(&self.taken_at).map_err(|_| "taken_at must be as RFC 3339 has it")?;
        let taken_at = Timestamp::from_millis(at.timestamp_millis());
        if taken_at > latest || taken_at.millis() < 0 {
            return Err("taken_at is still to come");
        }
        let reference = if looks_like_card_number(&self.reference) {
            format!("hidden-{}", key.sign(word::REFERENCE, &[self.reference.as_bytes()]))
        } else {
            self.reference
        };
        Ok(Taking { reference, amount: self.amount, way: self.way, bank: self.bank_type, taken_at })
    }
}

impl Notification {
    /// Reads one. What the reader says is not passed on: it could name what a stranger sent.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let words = "The notification does not read: see the description of the payment service's wire.";
        serde_json::from_slice(body).map_err(|_| Refusal::new("invalid_request", words))
    }

    pub fn attempt(&self) -> Result<PaymentAttemptId, Refusal> {
        let refused = |_| Refusal::new("not_found", "There is no such attempt to pay.").at("/link");
        PaymentAttemptId::parse(&self.link).map_err(refused)
    }
}

impl Answer {
    pub fn read(body: &[u8], attempt: &PaymentAttemptId) -> Result<Self, PaymentServiceError> {
        let answer: Self =
            serde_json::from_slice(body).map_err(|_| PaymentServiceError::Unusable("it does not read"))?;
        if answer.link != attempt.as_str() {
            return Err(PaymentServiceError::Unusable("it is about another attempt"));
        }
        Ok(answer)
    }
}
