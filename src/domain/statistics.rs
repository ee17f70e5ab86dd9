//! Statistics (統計): how many persons did what in a month, so told that nobody learns of one of them.
//!
//! What is counted is persons, not acts: of one series in one month each counts once in a cell and in a few cells at most. What is
//! published is a count with noise ([`noise`]), and only where it is so large that at least `k` persons are in it whatever the
//! noise was. A month is published once and never again, so that nobody averages the noise away.

mod method;
pub mod noise;
mod release;
#[cfg(test)]
mod tests;

pub use method::StatisticsMethod;
pub use release::{StatisticsCell, StatisticsRelease, StatisticsTable};

use super::ids::SubjectId;
use super::time::Timestamp;
use chrono::{Datelike as _, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// A month of Japan, `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month(NaiveDate);

impl Month {
    /// The one that this moment is in.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self::holding(at.date_in_japan())
    }

    fn holding(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// Reads `YYYY-MM`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let (year, month) = text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2)?;
        let is_month = is_digits(year) && is_digits(month);
        is_month.then(|| NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)).flatten().map(Self)
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        self.0.checked_add_months(Months::new(1)).map_or(self, Self)
    }

    /// Its first day.
    #[must_use]
    pub const fn first_day(self) -> NaiveDate {
        self.0
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

impl TryFrom<String> for Month {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a month is YYYY-MM")
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

/// What is counted, by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StatisticsSeries)]
pub enum Series {
    /// Persons who applied, by procedure and municipality.
    ApplicationsByMunicipality,
    /// Persons who applied, by procedure and prefecture.
    ApplicationsByPrefecture,
    /// Persons who applied, by procedure and class of the third party whose software they used.
    ApplicationsByClass,
    /// Persons whose application ended, by procedure and how.
    OutcomesByProcedure,
    /// Persons whose application ended, by municipality and how.
    OutcomesByMunicipality,
    /// Persons whose application ended, by class of the third party whose software they used, and how.
    OutcomesByClass,
    /// Persons for whom an operation was called with their consent, by operation and class of the third party who called.
    UsageByClass,
}

/// What a cell is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StatisticsDimension)]
pub enum Dimension {
    /// The code of a standard procedure (手続).
    Procedure,
    /// The code of a municipality (全国地方公共団体コード).
    Municipality,
    /// The number of a prefecture (都道府県番号), two digits.
    Prefecture,
    /// The class of a third party.
    ThirdPartyClass,
    /// `approved`, `rejected` or `withdrawn`.
    Outcome,
    /// An `operationId`.
    Operation,
}

impl Dimension {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Procedure => "procedure",
            Self::Municipality => "municipality",
            Self::Prefecture => "prefecture",
            Self::ThirdPartyClass => "third_party_class",
            Self::Outcome => "outcome",
            Self::Operation => "operation",
        }
    }
}

impl Series {
    /// Every one, in the order in which they are told.
    pub const ALL: [Self; 7] = [
        Self::ApplicationsByMunicipality,
        Self::ApplicationsByPrefecture,
        Self::ApplicationsByClass,
        Self::OutcomesByProcedure,
        Self::OutcomesByMunicipality,
        Self::OutcomesByClass,
        Self::UsageByClass,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationsByMunicipality => "applications_by_municipality",
            Self::ApplicationsByPrefecture => "applications_by_prefecture",
            Self::ApplicationsByClass => "applications_by_class",
            Self::OutcomesByProcedure => "outcomes_by_procedure",
            Self::OutcomesByMunicipality => "outcomes_by_municipality",
            Self::OutcomesByClass => "outcomes_by_class",
            Self::UsageByClass => "usage_by_class",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// What its cells are told by.
    #[must_use]
    pub const fn dimensions(self) -> [Dimension; 2] {
        match self {
            Self::ApplicationsByMunicipality => [Dimension::Procedure, Dimension::Municipality],
            Self::ApplicationsByPrefecture => [Dimension::Procedure, Dimension::Prefecture],
            Self::ApplicationsByClass => [Dimension::Procedure, Dimension::ThirdPartyClass],
            Self::OutcomesByProcedure => [Dimension::Procedure, Dimension::Outcome],
            Self::OutcomesByMunicipality => [Dimension::Municipality, Dimension::Outcome],
            Self::OutcomesByClass => [Dimension::ThirdPartyClass, Dimension::Outcome],
            Self::UsageByClass => [Dimension::Operation, Dimension::ThirdPartyClass],
        }
    }
}

/// One person did one thing in one month.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fact {
    /// Who; the store keeps an HMAC of it, and that until the month is published.
    pub person: SubjectId,
    /// When.
    pub month: Month,
    /// In which series it counts.
    pub series: Series,
    /// In which cell of it: what its dimensions are.
    pub values: [String; 2],
}

/// How many persons are in one cell: nobody is told this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExactCount {
    /// Of which series.
    pub series: Series,
    /// What its dimensions are.
    pub values: [String; 2],
    /// How many.
    pub persons: u64,
}
