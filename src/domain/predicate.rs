//! Questions that are answered yes or no instead of with data: is a fact at, over or under a number?
//!
//! A person agrees to the question as it is asked. Every question, however it is put, says the same as one threshold:
//! "is it at least so much", or its opposite. Who may ask for many thresholds of one fact can halve its way to the
//! value, so thresholds are what is counted, and [`Threshold`] is one as it is counted: without the person, the party or
//! the number in clear.

use super::data_set::DataSetCode;
use super::ids::SubjectId;
use super::retrieval::Query;
use super::secret::Digest;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest code of a fact.
const LONGEST_CODE: usize = 64;

/// A fact that can be asked about: snake_case words with dots between them, such as `income.total`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FactCode(Box<str>);

impl FactCode {
    /// Reads a code; whether the catalogue has it is another question.
    ///
    /// # Errors
    /// What it must be, when the form is another.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let is_word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        if text.len() <= LONGEST_CODE && text.split('.').all(is_word) {
            Ok(Self(text.into()))
        } else {
            Err("must be snake_case words with dots between them, 64 characters at most")
        }
    }

    /// The code's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FactCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FactCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for FactCode {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<FactCode> for String {
    fn from(code: FactCode) -> Self {
        code.0.into()
    }
}

/// How a fact is compared. There is no "equals": that is two thresholds, and asked as two questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// At least (以上).
    Ge,
    /// More than (を超える).
    Gt,
    /// At most (以下).
    Le,
    /// Less than (未満).
    Lt,
}

impl Operator {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ge => "ge",
            Self::Gt => "gt",
            Self::Le => "le",
            Self::Lt => "lt",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ge, Self::Gt, Self::Le, Self::Lt].into_iter().find(|operator| operator.as_str() == text)
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Ge => ">=",
            Self::Gt => ">",
            Self::Le => "<=",
            Self::Lt => "<",
        }
    }
}

/// One question: `income.total >= 3000000 in 2025`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predicate {
    /// About what.
    pub fact: FactCode,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub value: u32,
    /// In which year (年度), where the fact is one of years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
}

impl Predicate {
    /// The one number that it tells about: it says whether the fact is at least this, or that it is not.
    #[must_use]
    pub fn threshold(&self) -> i64 {
        match self.operator {
            Operator::Ge | Operator::Lt => i64::from(self.value),
            Operator::Gt | Operator::Le => i64::from(self.value) + 1,
        }
    }

    /// Whether it tells the same of a fact as `other` does, whichever way round it is asked.
    #[must_use]
    pub fn tells_the_same_as(&self, other: &Self) -> bool {
        self.is_about_the_same_as(other) && self.threshold() == other.threshold()
    }

    /// Whether it is about the same fact in the same year.
    #[must_use]
    pub fn is_about_the_same_as(&self, other: &Self) -> bool {
        self.fact == other.fact && self.year == other.year
    }

    /// What is so of a fact that is `number`.
    #[must_use]
    pub fn holds(&self, number: i64) -> bool {
        let is_reached = number >= self.threshold();
        match self.operator {
            Operator::Ge | Operator::Gt => is_reached,
            Operator::Le | Operator::Lt => !is_reached,
        }
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.fact, self.operator.sign(), self.value)?;
        self.year.map_or(Ok(()), |year| write!(f, " in {year}"))
    }
}

/// A question put to a data set: what is to be fetched for it, which never leaves, and what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inquiry {
    /// What the backend is asked for.
    pub query: Query,
    /// What the third party is told about it.
    pub predicate: Predicate,
}

impl Inquiry {
    /// The data set that answers it.
    #[must_use]
    pub const fn code(&self) -> DataSetCode {
        self.query.code
    }
}

/// What a question came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is so.
    Yes,
    /// It is not.
    No,
    /// The data do not say.
    Unknown,
}

impl Answer {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    /// The answer of a fact that is `number`, if it is known.
    #[must_use]
    pub fn of(predicate: &Predicate, number: Option<i64>) -> Self {
        match number.map(|number| predicate.holds(number)) {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unknown,
        }
    }
}

/// How many different thresholds of one fact one party is told, and for how long each is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThresholdLimit {
    /// So many.
    pub thresholds: u32,
    /// For so many days.
    pub days: u32,
}

/// One threshold, as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Of which person, party, fact and year.
    pub line: Digest,
    /// Which number of it.
    pub point: Digest,
    /// How many of the line may be there.
    pub allowed: u32,
    /// Until when it is remembered, if it is new.
    pub kept_until: Timestamp,
}

impl Threshold {
    /// The threshold that answering `predicate` about `subject` tells `party` (see
    /// [`Client::party`](super::client::Client::party)) at `now`.
    #[must_use]
    pub fn of(
        (subject, party): (&SubjectId, &str),
        predicate: &Predicate,
        limit: ThresholdLimit,
        now: Timestamp,
    ) -> Self {
        let year = predicate.year.map_or_else(String::new, |year| year.to_string());
        let line = format!("threshold line\n{subject}\n{party}\n{}\n{year}", predicate.fact);
        let point = Digest::of(&format!("{line}\n{}", predicate.threshold()));
        let span = std::time::Duration::from_hours(24).saturating_mul(limit.days);
        Self { line: Digest::of(&line), point, allowed: limit.thresholds, kept_until: now.plus(span) }
    }
}

#[cfg(test)]
mod tests;
