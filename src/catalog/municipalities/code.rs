//! 全国地方公共団体コード: six digits with a check digit.

use crate::catalog::procedures::is_municipality;
use serde::{Serialize, Serializer};
use std::fmt;

/// The code of a municipality or a prefecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MunicipalityCode(u32);

/// A text that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be six digits, the last the check digit of the others (全国地方公共団体コード)")]
pub struct InvalidMunicipalityCode;

impl MunicipalityCode {
    /// Reads six ASCII digits; the check digit must be right.
    ///
    /// # Errors
    /// [`InvalidMunicipalityCode`].
    pub fn parse(text: &str) -> Result<Self, InvalidMunicipalityCode> {
        let number = text.parse().ok().filter(|_| is_municipality(text));
        number.map(Self).ok_or(InvalidMunicipalityCode)
    }

    /// The prefecture's number: the first two digits.
    #[must_use]
    pub fn prefecture(self) -> u8 {
        u8::try_from(self.0 / 10_000).unwrap_or_default()
    }

    /// Whether it is a prefecture's own.
    #[must_use]
    pub const fn is_prefecture(self) -> bool {
        self.0 % 10_000 < 10
    }
}

impl fmt::Display for MunicipalityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl Serialize for MunicipalityCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
