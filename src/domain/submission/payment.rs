//! What is to be paid for a filing (電子納付).

use serde::{Deserialize, Serialize};

/// How a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// It is to be paid.
    Unpaid,
    /// It is paid.
    Paid,
    /// The agency says what is not known here.
    Unknown,
}

/// What is to be paid, by the numbers that any bank of Pay-easy takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Payment {
    /// 収納機関番号.
    #[schema(example = "00100")]
    pub facility_number: String,
    /// 納付番号.
    #[schema(example = "1234567890123456")]
    pub payment_number: String,
    /// 確認番号.
    #[schema(example = "123456")]
    pub confirmation_number: String,
    /// How much, in yen.
    #[schema(example = 12000)]
    pub amount: u64,
    /// The last day, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date", example = "2026-12-10")]
    pub due_on: Option<String>,
    /// How it stands.
    pub state: PaymentState,
}

/// Most payments of one filing.
const MOST_PAYMENTS: usize = 50;

impl Payment {
    /// One as an agency says it; none when a number is none, or the day is no day.
    #[must_use]
    pub fn parse(numbers: [&str; 3], (amount, due_on): (u64, Option<&str>), state: PaymentState) -> Option<Self> {
        let is_number = |text: &&str| (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let due_on = due_on.map(str::parse::<chrono::NaiveDate>).transpose().ok()?;
        let [facility, payment, confirmation] = numbers;
        numbers.iter().all(is_number).then(|| Self {
            facility_number: facility.to_owned(),
            payment_number: payment.to_owned(),
            confirmation_number: confirmation.to_owned(),
            amount,
            due_on: due_on.map(|day| day.to_string()),
            state,
        })
    }

    /// As many as are kept.
    #[must_use]
    pub fn bounded(mut payments: Vec<Self>) -> Vec<Self> {
        payments.truncate(MOST_PAYMENTS);
        payments
    }
}
