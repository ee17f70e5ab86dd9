//! 法人番号: the thirteen digits by which a company or public body is known.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A corporate number (法人番号): a check digit and twelve digits.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CorporateNumber(String);

/// Why a text is no corporate number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 13 digits whose first is the check digit of the other twelve")]
pub struct InvalidCorporateNumber;

impl CorporateNumber {
    /// Reads thirteen digits and verifies the check digit: `9 - (Σ digit × weight) mod 9`, weights 1 and 2 in
    /// turn from the right (法人番号の指定等に関する省令 第二条).
    ///
    /// # Errors
    /// [`InvalidCorporateNumber`] on any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidCorporateNumber> {
        let digits: Vec<u32> = text.chars().map_while(|c| c.to_digit(10)).collect();
        if text.len() != 13 || digits.len() != 13 {
            return Err(InvalidCorporateNumber);
        }
        let rest = digits.get(1..).unwrap_or_default();
        if digits.first() == Some(&check_digit(rest)) { Ok(Self(text.to_owned())) } else { Err(InvalidCorporateNumber) }
    }

    /// The number of the prefecture or municipality with this 全国地方公共団体コード (six digits); none for other texts.
    #[must_use]
    pub fn of_local_government(code: &str) -> Option<Self> {
        let rest = format!("000020{code}");
        let digits: Vec<u32> = rest.chars().map_while(|c| c.to_digit(10)).collect();
        Self::parse(&format!("{}{rest}", check_digit(&digits))).ok()
    }

    /// What stands where none was given: all zeros and their check digit, which nobody has.
    #[must_use]
    pub fn none() -> Self {
        Self("9000000000000".to_owned())
    }

    /// The 全国地方公共団体コード (six digits) of a prefecture or municipality, whose numbers are made of it; none for anybody
    /// else.
    #[must_use]
    pub fn local_government(&self) -> Option<&str> {
        self.0.get(1..)?.strip_prefix("000020")
    }

    /// The thirteen digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `9 - (Σ digit × weight) mod 9`, weights 1 and 2 in turn from the right.
fn check_digit(rest: &[u32]) -> u32 {
    let sum: u32 = rest.iter().rev().enumerate().map(|(n, d)| if n % 2 == 0 { *d } else { d * 2 }).sum();
    9 - sum % 9
}

impl fmt::Display for CorporateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CorporateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for CorporateNumber {
    type Error = InvalidCorporateNumber;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<CorporateNumber> for String {
    fn from(number: CorporateNumber) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_is_verified() {
        // 国税庁 publishes its own number: 7000012050002.
        assert!(CorporateNumber::parse("7000012050002").is_ok());
        for bad in ["8000012050002", "700001205000", "70000120500021", "7000012o50002", ""] {
            assert_eq!(CorporateNumber::parse(bad), Err(InvalidCorporateNumber), "{bad}");
        }
        assert_eq!(CorporateNumber::parse(CorporateNumber::none().as_str()), Ok(CorporateNumber::none()));
    }

    #[test]
    fn a_municipality_has_the_number_of_its_code() {
        // 三条市.
        let number = CorporateNumber::of_local_government("152048").unwrap();
        assert_eq!((number.as_str(), number.local_government()), ("5000020152048", Some("152048")));
        for bad in ["15204", "1520488", "15204a", "１５２０４８", ""] {
            assert_eq!(CorporateNumber::of_local_government(bad), None, "{bad}");
        }
    }
}
