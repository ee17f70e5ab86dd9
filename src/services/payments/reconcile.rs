//! What was paid to an agency (消込): line by line in the order in which it was written down, and a day's sums.

use super::Payments;
use crate::domain::payment::{BankType, PaymentState, PaymentWay, SettlementKind};
use crate::domain::{Failure, Refusal, Timestamp};
use crate::gateway::Permit;
use crate::services::body::{LISTED, cell, day, limit, unknown};
use crate::store::{SettledPayment, SettledSum};
use chrono::{Days, NaiveDate};
use serde::Serialize;
use std::collections::BTreeMap;
use url::form_urlencoded;
use utoipa::ToSchema;

/// Some of what was paid, in the order in which it was written down.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettlementPage {
    /// The day in Japan that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date", example = "2027-06-30")]
    pub date: Option<String>,
    /// The whole day's sums by way; only where a day was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub totals: Vec<SettlementTotal>,
    /// How many payments you cancelled on that day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 1)]
    pub cancelled: Option<u64>,
    /// How many expired on that day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0)]
    pub expired: Option<u64>,
    /// The lines.
    pub items: Vec<SettlementView>,
    /// `after` with which the list goes on, now or at any later time.
    #[schema(example = 17)]
    pub next: u64,
    /// Whether there is more by now.
    pub has_more: bool,
}

/// A day's sum of one way.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettlementTotal {
    /// The way.
    pub way: PaymentWay,
    /// How many payments were paid.
    #[schema(example = 3)]
    pub count: u64,
    /// How much, in yen.
    #[schema(example = 37_500)]
    pub amount: u64,
    /// How often money came besides, which is to be paid back.
    #[schema(example = 1)]
    pub excess_count: u64,
    /// How much, in yen; it is not in `amount`.
    #[schema(example = 12_500)]
    pub excess_amount: u64,
}

/// Money that was taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settlement)]
pub struct SettlementView {
    /// Its place: it never changes.
    #[schema(example = 17)]
    pub place: u64,
    /// Its id.
    #[schema(example = "pst_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// For which payment.
    #[schema(example = "pmt_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub payment: String,
    /// What it counts as: the payment, or why it is an excess.
    pub counts_as: SettlementKind,
    /// Who collects (収納機関番号).
    #[schema(example = "13999")]
    pub institution_number: String,
    /// What is paid (納付番号).
    #[schema(example = "12345678901234")]
    pub payment_number: String,
    /// Which of several things (納付区分).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "001")]
    pub payment_category: Option<String>,
    /// How much was taken, in yen.
    #[schema(example = 12_500)]
    pub amount: u64,
    /// By what.
    pub way: PaymentWay,
    /// From which kind of bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub bank_type: Option<BankType>,
    /// The payment service's own name for it.
    #[schema(example = "txn-Zm9vYmFy")]
    pub reference: String,
    /// When it was taken (RFC 3339): by its day in Japan it is summed.
    #[schema(format = "date-time")]
    pub taken_at: String,
    /// When it was written down (RFC 3339).
    #[schema(format = "date-time")]
    pub recorded_at: String,
    /// By what the log of evidence knows it.
    #[schema(example = "r_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub receipt: String,
}

/// The same as a file.
#[derive(Debug)]
pub struct SettlementFile {
    /// CSV (RFC 4180), UTF-8.
    pub text: String,
    /// `after` of the next page, where there is more.
    pub next: Option<u64>,
}

struct Asked {
    day: Option<NaiveDate>,
    after: u64,
    limit: u32,
}

impl Asked {
    fn read(query: &str) -> Result<Self, Refusal> {
        let mut asked = Self { day: None, after: 0, limit: LISTED };
        let wrong = |at: &str, words: &str| Refusal::new("invalid_value", words).at(at);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "date" => {
                    asked.day = Some(day(&value).ok_or_else(|| wrong("date", "It must be a day: 2027-06-30."))?);
                }
                "after" => {
                    let read = value.parse::<u64>().ok();
                    let read = read.ok_or_else(|| wrong("after", "It must be the `next` of an earlier page, or 0."))?;
                    asked.after = read.min(i64::MAX.unsigned_abs());
                }
                "limit" => asked.limit = limit(&value)?,
                _ => return Err(unknown(&name, "date, after, limit")),
            }
        }
        Ok(asked)
    }
}

impl Payments {
    /// What was paid for this client's payments.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_value` naming the parameter.
    pub async fn settlements(&self, permit: &Permit, query: &str) -> Result<SettlementPage, Failure> {
        self.parts.gateway.clear_collecting(permit).await?;
        let (asked, client) = (Asked::read(query)?, &permit.client().id);
        let page = (asked.after, asked.limit.saturating_add(1));
        let mut found = self.parts.store.list_settlements(client, asked.day, page).await?;
        let has_more = found.len() > asked.limit as usize;
        found.truncate(asked.limit as usize);
        let (mut totals, mut cancelled, mut expired) = (Vec::new(), None, None);
        if let Some(day) = asked.day {
            totals = sums(&self.parts.store.sum_settlements(client, day).await?);
            let ended = match span(day) {
                Some(span) => self.parts.store.count_ended_payments(client, span).await?,
                None => Vec::new(),
            };
            let count = |state| ended.iter().find(|(own, _)| *own == state).map_or(0, |(_, count)| *count);
            (cancelled, expired) = (Some(count(PaymentState::Cancelled)), Some(count(PaymentState::Expired)));
        }
        Ok(SettlementPage {
            date: asked.day.map(|day| day.to_string()),
            totals,
            cancelled,
            expired,
            next: found.last().map_or(asked.after, |last| last.place),
            items: found.iter().map(SettlementView::of).collect(),
            has_more,
        })
    }

    /// The same as a file.
    ///
    /// # Errors
    /// Those of [`settlements`](Self::settlements).
    pub async fn settlements_file(&self, permit: &Permit, query: &str) -> Result<SettlementFile, Failure> {
        let page = self.settlements(permit, query).await?;
        let head = "place,settlement,payment,counts_as,institution_number,payment_number,payment_category,amount,way,\
                    bank_type,reference,taken_at,recorded_at,receipt\r\n";
        let lines: Vec<String> = page.items.iter().map(SettlementView::line).collect();
        Ok(SettlementFile { text: format!("{head}{}", lines.concat()), next: page.has_more.then_some(page.next) })
    }
}

/// The moments of a day in Japan.
fn span(day: NaiveDate) -> Option<(Timestamp, Timestamp)> {
    let next = day.checked_add_days(Days::new(1))?;
    Timestamp::of_day_in_japan(day).zip(Timestamp::of_day_in_japan(next))
}

fn sums(found: &[SettledSum]) -> Vec<SettlementTotal> {
    let mut totals: BTreeMap<PaymentWay, SettlementTotal> = BTreeMap::new();
    for one in found {
        let nothing = SettlementTotal { way: one.way, count: 0, amount: 0, excess_count: 0, excess_amount: 0 };
        let total = totals.entry(one.way).or_insert(nothing);
        if one.kind == SettlementKind::Settled {
            total.count += one.count;
            total.amount += one.amount;
        } else {
            total.excess_count += one.count;
            total.excess_amount += one.amount;
        }
    }
    totals.into_values().collect()
}

impl SettlementView {
    fn of(one: &SettledPayment) -> Self {
        let (settlement, numbers) = (&one.settlement, &one.payment.numbers);
        let taking = &settlement.taking;
        Self {
            place: one.place,
            id: settlement.id.to_string(),
            payment: settlement.payment.to_string(),
            counts_as: settlement.kind,
            institution_number: numbers.institution.clone(),
            payment_number: numbers.number.clone(),
            payment_category: numbers.category.clone(),
            amount: taking.amount,
            way: taking.way,
            bank_type: taking.bank,
            reference: taking.reference.clone(),
            taken_at: taking.taken_at.rfc3339(),
            recorded_at: settlement.recorded_at.rfc3339(),
            receipt: settlement.receipt.to_string(),
        }
    }

    fn line(&self) -> String {
        let (place, amount) = (self.place.to_string(), self.amount.to_string());
        let cells = [
            &place,
            self.id.as_str(),
            &self.payment,
            self.counts_as.as_str(),
            &self.institution_number,
            &self.payment_number,
            self.payment_category.as_deref().unwrap_or_default(),
            &amount,
            self.way.as_str(),
            self.bank_type.map(BankType::as_str).unwrap_or_default(),
            &self.reference,
            &self.taken_at,
            &self.recorded_at,
            &self.receipt,
        ];
        format!("{}\r\n", cells.map(cell).join(","))
    }
}
