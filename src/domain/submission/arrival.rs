//! The number that an agency gives a filing.

use serde::{Deserialize, Serialize};

/// The number under which an agency has a filing (到達番号).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArrivalNumber(String);

impl ArrivalNumber {
    /// Reads one: 1 to 64 of letters, digits and hyphens.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_good = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        is_good.then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ArrivalNumber {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("must be 1 to 64 letters, digits and hyphens")
    }
}

impl From<ArrivalNumber> for String {
    fn from(number: ArrivalNumber) -> Self {
        number.0
    }
}
