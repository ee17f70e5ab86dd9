//! What is to be paid for an application (`GET /payment/{arrive_id}`, 電子納付情報一覧取得).
//!
//! The numbers are the filer's to pay by, at any bank; the banks' own pages (`GET /payment/lists`, `POST /payment`) are for
//! people and are not called.

use super::EgovAgency;
use super::calls::{Call, Failed};
use super::envelope::{Envelope, or_empty};
use crate::domain::submission::{ArrivalNumber, Payment, PaymentState};
use serde::Deserialize;

#[derive(Deserialize)]
struct Listed {
    #[serde(default, deserialize_with = "or_empty")]
    apply_pay_list: Vec<Said>,
}

/// A payment as e-Gov says it.
#[derive(Deserialize)]
struct Said {
    #[serde(default, deserialize_with = "or_empty")]
    facility_number: String,
    #[serde(default, deserialize_with = "or_empty")]
    pay_number: String,
    #[serde(default, deserialize_with = "or_empty")]
    confirm_number: String,
    #[serde(default, deserialize_with = "or_empty")]
    total_fee: Fee,
    #[serde(default, deserialize_with = "or_empty")]
    pay_expired: String,
    #[serde(default, deserialize_with = "or_empty")]
    pay_status: String,
}

/// A number, or the same as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Fee {
    Number(u64),
    Text(String),
}

impl Default for Fee {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Said {
    /// The payment; none when it does not make sense.
    fn read(&self) -> Option<Payment> {
        let amount = match &self.total_fee {
            Fee::Number(number) => *number,
            Fee::Text(text) => text.replace(',', "").parse().ok()?,
        };
        // A day, or a day and a time.
        let due_on = Some(self.pay_expired.split(' ').next().unwrap_or_default()).filter(|day| !day.is_empty());
        let state = match self.pay_status.as_str() {
            "未納" | "納付待ち" => PaymentState::Unpaid,
            "納付済" | "納付済み" | "消込済" => PaymentState::Paid,
            _ => PaymentState::Unknown,
        };
        Payment::parse([&self.facility_number, &self.pay_number, &self.confirm_number], (amount, due_on), state)
    }
}

impl EgovAgency {
    /// What is to be paid for an application. A payment that cannot be read is no reason to say nothing of the others.
    pub(super) async fn payments(&self, arrival: &ArrivalNumber) -> Result<Vec<Payment>, Failed> {
        let path = ["payment", arrival.as_str()];
        let call = Call::get(&path, &[], self.settings.call_timeout());
        let answer: Envelope<Listed> = self.calls.make(call).await?;
        let read: Vec<Payment> = answer.results.apply_pay_list.iter().filter_map(Said::read).collect();
        if read.len() < answer.results.apply_pay_list.len() {
            tracing::warn!(agency = self.settings.name, "e-Gov says of a payment what makes no sense");
        }
        Ok(Payment::bounded(read))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(change: &Value) -> Option<Payment> {
        let mut said = json!({
            "facility_number": "00100", "pay_number": "1234567890123456", "confirm_number": "123456",
            "total_fee": "12,000", "pay_expired": "2026-12-10 23:59:59", "pay_status": "未納",
        });
        said.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        serde_json::from_value::<Said>(said).unwrap().read()
    }

    #[test]
    fn a_payment_is_read_and_nonsense_is_none() {
        let one = read(&json!({})).unwrap();
        assert_eq!((one.amount, one.due_on.as_deref(), one.state), (12_000, Some("2026-12-10"), PaymentState::Unpaid));
        assert_eq!(read(&json!({"total_fee": 5, "pay_expired": null})).unwrap().due_on, None);
        for (word, state) in [("納付済", PaymentState::Paid), ("-", PaymentState::Unknown), ("", PaymentState::Unknown)]
        {
            assert_eq!(read(&json!({"pay_status": word})).unwrap().state, state, "{word}");
        }
        for wrong in [
            json!({"pay_number": ""}),
            json!({"pay_number": "12 34"}),
            json!({"confirm_number": "１２"}),
            json!({"facility_number": "000000000000000000000"}),
            json!({"total_fee": "-1"}),
            json!({"pay_expired": "soon"}),
        ] {
            assert_eq!(read(&wrong), None, "{wrong}");
        }
    }
}
