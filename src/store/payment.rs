//! What both engines make of a payment's records in the same way.

use super::vault::Vault;
use super::{NewSettlement, SettledPayment, SettledSum, record};
use crate::domain::evidence::{Event, PaymentLeaf};
use crate::domain::ids::PaymentId;
use crate::domain::payment::{
    HeldPayment, Payment, PaymentAttempt, PaymentNews, PaymentState, PaymentWay, Settlement, SettlementKind,
};
use crate::domain::{Digest, Fault, Secret, Timestamp};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::time::Duration;

/// As which kind a payment is sealed.
pub(super) const KIND: &str = "payment";
/// How long after the hand-over.
const FIRST_LOOK: Duration = Duration::from_secs(20);

/// Under which name it is sealed.
pub(super) fn name(id: &PaymentId) -> String {
    format!("{KIND}:{id}")
}

/// The columns that change beside the body.
pub(super) struct Course {
    pub state: String,
    pub attempt: Option<String>,
    pub settlement: Option<String>,
    pub version: i64,
    pub ended_at: Option<i64>,
}

/// The token of a payment's link: of its id under a key of ours, so that it need not be kept.
pub(super) fn token(vault: &Vault, id: &PaymentId) -> Result<Secret<String>, Fault> {
    let tag = vault.blinded("payment link", &Digest::of(id.as_str()))?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(tag)))
}

/// A payment from its body and from the columns that changed since.
pub(super) fn read(body: &str, course: &Course, vault: &Vault) -> Result<HeldPayment, Fault> {
    let payment: Payment = record::read(KIND, body)?;
    let attempt = course.attempt.as_deref().map(|text| record::read("attempt to pay", text)).transpose()?;
    let settlement = course.settlement.as_deref().map(|text| record::read("settlement", text)).transpose()?;
    Ok(HeldPayment {
        token: token(vault, &payment.id)?,
        state: state(&course.state)?,
        attempt,
        settlement,
        version: record::count(course.version)?,
        ended_at: course.ended_at.map(Timestamp::from_millis),
        payment,
    })
}

/// A state from its word.
pub(super) fn state(word: &str) -> Result<PaymentState, Fault> {
    PaymentState::parse(word).ok_or_else(|| Fault::Internal("a stored payment is in no known state".into()))
}

/// Money as it is written down, of this kind.
pub(super) fn settlement(new: &NewSettlement, kind: SettlementKind) -> Settlement {
    Settlement {
        id: new.id.clone(),
        payment: new.payment.clone(),
        taking: new.taking.clone(),
        kind,
        recorded_at: new.at,
        receipt: new.receipt.clone(),
    }
}

/// What money is that came for a payment that could not be paid any more.
pub(super) const fn excess(state: PaymentState) -> SettlementKind {
    match state {
        PaymentState::Cancelled => SettlementKind::Cancelled,
        PaymentState::Expired => SettlementKind::Late,
        PaymentState::Open | PaymentState::Started | PaymentState::Paid => SettlementKind::AlreadyPaid,
    }
}

/// A line of the reconciliation.
pub(super) fn settled(payment: &str, settlement: &str, place: i64) -> Result<SettledPayment, Fault> {
    Ok(SettledPayment {
        settlement: record::read("settlement", settlement)?,
        payment: record::read(KIND, payment)?,
        place: record::count(place)?,
    })
}

/// A sum of a day.
pub(super) fn sum((way, kind): (&str, &str), (count, amount): (i64, i64)) -> Result<SettledSum, Fault> {
    let unknown = || Fault::Internal("a stored settlement is of no known kind".into());
    Ok(SettledSum {
        way: PaymentWay::parse(way).ok_or_else(unknown)?,
        kind: SettlementKind::parse(kind).ok_or_else(unknown)?,
        count: record::count(count)?,
        amount: record::count(amount)?,
    })
}

/// The leaf of what happened to a payment.
pub(super) const fn event<'a>(
    one: &'a Payment,
    settlement: Option<&'a Settlement>,
    (news, at): (PaymentNews, Timestamp),
) -> Event<'a> {
    Event::Payment(PaymentLeaf { one, news, settlement, at })
}

/// When it is first asked what became of an attempt, should nobody tell.
pub(super) fn first_look(attempt: &PaymentAttempt) -> Timestamp {
    attempt.started_at.plus(FIRST_LOOK)
}
