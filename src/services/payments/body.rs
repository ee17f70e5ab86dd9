//! What agencies hand in as payments, read strictly.

use super::about;
use crate::domain::card_number::looks_like_card_number;
use crate::domain::client::Client;
use crate::domain::ids::PaymentId;
use crate::domain::payment::{MOST_YEN, Payment, PaymentNumbers, PaymentWay};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::words::Words;
use crate::domain::{Refusal, Timestamp};
use crate::services::body::day;
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Most characters of a title.
const LONGEST_TITLE: usize = 100;
/// Most characters of a name in kana: what banks' pages take.
const LONGEST_NAME: usize = 48;
/// How many days a due day may be ahead.
const LONGEST_DAYS: u64 = 366;
/// The members that are numbers by their kind: such a number may look like a card's by chance.
const NUMBERS: [&str; 4] = ["institution_number", "payment_number", "confirmation_number", "payment_category"];

/// A payment that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentRequest {
    /// Who collects (収納機関番号): 5 digits.
    #[schema(example = "13999")]
    pub institution_number: String,
    /// What is paid (納付番号): 1 to 20 digits.
    #[schema(example = "12345678901234")]
    pub payment_number: String,
    /// What keeps mistyped numbers out (確認番号): 1 to 6 digits.
    #[schema(example = "123456")]
    pub confirmation_number: String,
    /// Which of several things (納付区分), where you have such: 1 to 10 digits.
    #[schema(nullable = false, example = "001")]
    pub payment_category: Option<String>,
    /// The payer's name in kana, where the bank is to show it: at most 48 characters. Leave it out if you can.
    #[schema(nullable = false, example = "ミホン タロウ")]
    pub payer_kana: Option<String>,
    /// How much, in whole yen: 1 to 9999999999.
    #[schema(example = 12_500)]
    pub amount: u64,
    /// What for: at most 100 characters in each language. Whoever has the address reads it, so name no circumstances.
    pub title: PaymentWordsRequest,
    /// The last day in Japan on which it can be paid, at most 366 days ahead.
    #[schema(format = "date", example = "2027-06-30")]
    pub due_on: String,
    /// What it is about, where that is something here.
    #[schema(nullable = false)]
    pub about: Option<PaymentAboutRequest>,
    /// By what it may be paid; by every way when absent.
    #[schema(nullable = false)]
    pub ways: Option<Vec<PaymentWay>>,
}

/// A text in Japanese and in English.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentWordsRequest {
    /// In Japanese.
    #[schema(example = "市民税・県民税 第1期")]
    pub ja: String,
    /// In English; the Japanese is shown where this is absent.
    #[schema(nullable = false, example = "Residents' tax, first term")]
    pub en: Option<String>,
}

/// What a payment is about: one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentAboutRequest {
    /// A notice that you posted.
    #[schema(nullable = false, example = "ntc_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub notice: Option<String>,
    /// An application to your municipality.
    #[schema(nullable = false, example = "app_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub application: Option<String>,
}

fn wrong(at: &str, words: impl Into<String>) -> Refusal {
    Refusal::new("invalid_value", words).at(at)
}

/// Refuses a body that holds what looks like a card number in any text, or in the name of any member.
pub(super) fn refuse_card_numbers(whole: &Value) -> Result<(), Refusal> {
    let found = card_number(whole, String::new());
    let words = "It holds what looks like a card number (13 to 19 digits with a right check digit). Take it out: cards are \
                 typed at the card company's own page only.";
    found.map_or(Ok(()), |at| Err(Refusal::new("card_number_refused", words).at(at)))
}

/// Where it stands. A member is never named that looks so itself.
fn card_number(value: &Value, at: String) -> Option<String> {
    match value {
        Value::String(text) => looks_like_card_number(text).then_some(at),
        Value::Array(values) => values.iter().enumerate().find_map(|(n, one)| card_number(one, format!("{at}/{n}"))),
        Value::Object(members) => members.iter().find_map(|(name, one)| match name {
            name if looks_like_card_number(name) => Some(at.clone()),
            name if at.is_empty() && NUMBERS.contains(&name.as_str()) => None,
            name => card_number(one, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))),
        }),
        Value::Number(number) => looks_like_card_number(&number.to_string()).then_some(at),
        Value::Null | Value::Bool(_) => None,
    }
}

impl PaymentRequest {
    /// The payment.
    pub(super) fn compose(
        self,
        client: &Client,
        (id, key): (PaymentId, IdempotencyKey),
        now: Timestamp,
    ) -> Result<Payment, Refusal> {
        let numbers = PaymentNumbers {
            institution: self.institution_number,
            number: self.payment_number,
            confirmation: self.confirmation_number,
            category: self.payment_category,
        };
        if let Some((member, words)) = numbers.fault() {
            return Err(wrong(&format!("/{member}"), words));
        }
        if !(1..=MOST_YEN).contains(&self.amount) {
            return Err(wrong("/amount", format!("It must be 1 to {MOST_YEN} yen.")));
        }
        let ja = line(self.title.ja, LONGEST_TITLE, "/title/ja")?;
        let en = self.title.en.map(|text| line(text, LONGEST_TITLE, "/title/en")).transpose()?;
        let payer_kana = self.payer_kana.map(kana).transpose()?;
        let asked = self.about.map(|asked| about(asked.notice.as_deref(), asked.application.as_deref()));
        Ok(Payment {
            id,
            client: client.id.clone(),
            payee: client.name.clone(),
            numbers,
            payer_kana,
            amount: self.amount,
            title: Words { en: en.unwrap_or_else(|| ja.clone()), ja },
            due_on: due(&self.due_on, now)?,
            about: asked.transpose()?,
            ways: ways(self.ways)?,
            key,
            created_at: now,
        })
    }
}

fn line(text: String, most: usize, at: &str) -> Result<String, Refusal> {
    let is_turning = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_good = !text.trim().is_empty()
        && text.chars().count() <= most
        && !text.chars().any(|c| c.is_control() || is_turning(c));
    is_good.then_some(text).ok_or_else(|| wrong(at, format!("It must be 1 to {most} printable characters.")))
}

/// Katakana, as banks have names.
fn kana(text: String) -> Result<String, Refusal> {
    let is_kana = |c: char| matches!(c, '\u{30a1}'..='\u{30fc}' | '\u{ff66}'..='\u{ff9f}' | ' ' | '\u{3000}');
    let is_good = !text.trim().is_empty() && text.chars().count() <= LONGEST_NAME && text.chars().all(is_kana);
    let words = format!("It must be 1 to {LONGEST_NAME} characters of katakana and spaces.");
    is_good.then_some(text).ok_or_else(|| wrong("/payer_kana", words))
}

fn due(text: &str, now: Timestamp) -> Result<NaiveDate, Refusal> {
    let today = now.date_in_japan();
    let latest = today.checked_add_days(Days::new(LONGEST_DAYS)).unwrap_or(today);
    let due = day(text).filter(|day| (today..=latest).contains(day));
    let words = format!("It must be a day in Japan from today on, at most {LONGEST_DAYS} days ahead: 2027-06-30.");
    due.ok_or_else(|| wrong("/due_on", words))
}

fn ways(asked: Option<Vec<PaymentWay>>) -> Result<Vec<PaymentWay>, Refusal> {
    let Some(asked) = asked else { return Ok(PaymentWay::ALL.to_vec()) };
    // In one order, each once, whatever was sent.
    let ways: Vec<PaymentWay> = PaymentWay::ALL.iter().copied().filter(|way| asked.contains(way)).collect();
    let is_good = !ways.is_empty() && ways.len() == asked.len();
    is_good.then_some(ways).ok_or_else(|| wrong("/ways", "Name at least one, each once."))
}
