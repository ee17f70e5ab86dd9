//! Receipts of payments (領収): what was paid, to whom, when and by what, signed by the counter, for whoever paid.
//!
//! A compact JWS (RFC 7515) with `typ` `payment-receipt+jwt` by a key that the counter publishes. It names no payer: whoever
//! shows it shows that it was paid.

use super::jose::{Signer, sign};
use crate::domain::Fault;
use crate::domain::payment::{BankType, Payment, Settlement};
use crate::domain::words::Words;
use serde::Serialize;

/// `typ`: so that it cannot be taken for any other token.
pub const TYPE: &str = "payment-receipt+jwt";

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    jti: &'a str,
    iat: i64,
    payment: &'a str,
    settlement: &'a str,
    payee: &'a Words,
    title: &'a Words,
    institution_number: &'a str,
    payment_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_category: Option<&'a str>,
    amount: u64,
    currency: &'static str,
    way: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_type: Option<&'static str>,
    paid_at: String,
}

/// The receipt; the same text for the same payment but for its signature. `jti` is by what the log of evidence knows it.
///
/// # Errors
/// [`Fault`] when our key cannot sign.
pub fn signed(issuer: &str, (one, settlement): (&Payment, &Settlement), signer: &dyn Signer) -> Result<String, Fault> {
    let taking = &settlement.taking;
    let claims = Claims {
        iss: issuer,
        jti: settlement.receipt.as_str(),
        iat: settlement.recorded_at.seconds(),
        payment: one.id.as_str(),
        settlement: settlement.id.as_str(),
        payee: &one.payee,
        title: &one.title,
        institution_number: &one.numbers.institution,
        payment_number: &one.numbers.number,
        payment_category: one.numbers.category.as_deref(),
        amount: taking.amount,
        currency: "JPY",
        way: taking.way.as_str(),
        bank_type: taking.bank.map(BankType::as_str),
        paid_at: taking.taken_at.rfc3339(),
    };
    sign(signer, TYPE, &claims)
}
