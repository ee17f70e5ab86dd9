//! The registry of companies (商業登記): made-up companies, whose numbers have right check digits.

use crate::domain::Timestamp;
use chrono::NaiveDate;
use serde_json::{Value, json};

/// What is applied for there.
pub(super) const PROCEDURE: &str = "registry-establishment";

/// What is applied for, as the application says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct Registration {
    pub trade_name: String,
    pub head_office: String,
    pub applied_on: NaiveDate,
}

impl Registration {
    /// Of an application's content, on this day.
    pub fn of(content: Option<&Value>, now: Timestamp) -> Option<Self> {
        let said = |name: &str| Some(content?.get("office")?.get(name)?.as_str()?.to_owned());
        Some(Self {
            trade_name: said("trade_name")?,
            head_office: said("head_office_address")?,
            applied_on: now.date_in_japan(),
        })
    }

    /// What the registry has of it, under its number there.
    pub fn entry(&self, number: &str) -> Value {
        json!({
            "arrival_number": number, "corporate_number": corporate_number(number), "trade_name": self.trade_name,
            "head_office": self.head_office, "established_on": self.applied_on, "applied_on": self.applied_on,
        })
    }
}

/// The same for the same application: `9999`, the last eight digits of its number, and their check digit in front.
fn corporate_number(number: &str) -> String {
    let last: String = number.chars().rev().filter(char::is_ascii_digit).take(8).collect();
    let last: String = last.chars().rev().collect();
    let body = format!("9999{last:0>8}");
    let digits = body.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
    let sum: u32 = digits.map(|(n, digit)| if n % 2 == 0 { digit } else { digit * 2 }).sum();
    format!("{}{body}", 9 - sum % 9)
}

#[cfg(test)]
mod tests {
    use super::corporate_number;
    use crate::domain::corporate_number::CorporateNumber;

    #[test]
    fn every_number_that_is_given_has_a_right_check_digit() {
        for count in [1_u64, 2, 17, 999, 12_345_678, 4_000_000_009] {
            let number = corporate_number(&format!("{count:018}"));
            assert!(CorporateNumber::parse(&number).is_ok(), "{number}");
        }
        assert_ne!(corporate_number("000000000000000001"), corporate_number("000000000000000002"));
    }
}
