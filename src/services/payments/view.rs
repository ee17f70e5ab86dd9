//! What agencies see of their payments.

use crate::domain::Timestamp;
use crate::domain::payment::{BankType, HeldPayment, PaymentAbout, PaymentState, PaymentWay, Settlement};
use crate::domain::words::Words;
use serde::Serialize;
use utoipa::ToSchema;

/// A payment as its agency sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgencyPayment)]
pub struct AgencyPaymentView {
    /// Its id.
    #[schema(example = "pmt_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Where it stands.
    pub state: PaymentState,
    /// Where it is paid (納付用URL): put it into a notice or a result. Whoever has it can read what is to be paid.
    #[schema(format = "uri", example = "https://madoguchi.example/pay/Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6c")]
    pub url: String,
    /// Who collects (収納機関番号).
    #[schema(example = "13999")]
    pub institution_number: String,
    /// What is paid (納付番号).
    #[schema(example = "12345678901234")]
    pub payment_number: String,
    /// What keeps mistyped numbers out (確認番号).
    #[schema(example = "123456")]
    pub confirmation_number: String,
    /// Which of several things (納付区分).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "001")]
    pub payment_category: Option<String>,
    /// How much, in yen.
    #[schema(example = 12_500)]
    pub amount: u64,
    /// What for.
    pub title: Words,
    /// The last day in Japan on which it can be paid.
    #[schema(format = "date", example = "2027-06-30")]
    pub due_on: String,
    /// The notice that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ntc_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub notice: Option<String>,
    /// The application that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "app_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub application: Option<String>,
    /// By what it may be paid.
    pub ways: Vec<PaymentWay>,
    /// How it was paid, once it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub paid: Option<PaidView>,
    /// When it was made (RFC 3339).
    #[schema(format = "date-time")]
    pub created_at: String,
    /// Since when it is over (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub ended_at: Option<String>,
}

/// How a payment was paid.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaidBy)]
pub struct PaidView {
    /// The line of the reconciliation.
    #[schema(example = "pst_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub settlement: String,
    /// By what.
    pub way: PaymentWay,
    /// From which kind of bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub bank_type: Option<BankType>,
    /// When the money was taken (RFC 3339).
    #[schema(format = "date-time")]
    pub paid_at: String,
    /// By what the log of evidence knows it.
    #[schema(example = "r_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub receipt: String,
}

/// Some payments of an agency, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyPaymentPage {
    /// The payments.
    pub items: Vec<AgencyPaymentView>,
    /// `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

impl PaidView {
    fn of(one: &Settlement) -> Self {
        Self {
            settlement: one.id.to_string(),
            way: one.taking.way,
            bank_type: one.taking.bank,
            paid_at: one.taking.taken_at.rfc3339(),
            receipt: one.receipt.to_string(),
        }
    }
}

impl AgencyPaymentView {
    pub(super) fn of(held: &HeldPayment, url: String, now: Timestamp) -> Self {
        let one = &held.payment;
        let (notice, application) = match &one.about {
            Some(PaymentAbout::Notice(id)) => (Some(id.to_string()), None),
            Some(PaymentAbout::Application(id)) => (None, Some(id.to_string())),
            None => (None, None),
        };
        Self {
            id: one.id.to_string(),
            state: held.state_at(now),
            url,
            institution_number: one.numbers.institution.clone(),
            payment_number: one.numbers.number.clone(),
            confirmation_number: one.numbers.confirmation.clone(),
            payment_category: one.numbers.category.clone(),
            amount: one.amount,
            title: one.title.clone(),
            due_on: one.due_on.to_string(),
            notice,
            application,
            ways: one.ways.clone(),
            paid: held.settlement.as_ref().map(PaidView::of),
            created_at: one.created_at.rfc3339(),
            ended_at: held.ended_at.map(Timestamp::rfc3339),
        }
    }
}
