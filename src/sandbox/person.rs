//! A made-up person as their file says it.

use super::scenario::Scenario;
use crate::domain::data_set::{DataSetCode, ItemCode};
use crate::domain::words::Words;
use chrono::{NaiveDate, NaiveDateTime};
use serde::Deserialize;

/// One file of `persons/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonFile {
    /// The person's name in files, forms and households: small letters, digits and `-`.
    pub(super) id: String,
    /// Who this is, in one line.
    pub(super) story: Words,
    pub(super) name: Name,
    pub(super) birth_date: NaiveDate,
    pub(super) sex: Sex,
    pub(super) address: Address,
    pub(super) card: Card,
    /// The ids of everybody in the household, this person included; those without a file are named with `other:`.
    pub(super) household: Vec<String>,
    /// Under 支援措置: a municipality discloses nothing about this person.
    #[serde(default)]
    pub(super) is_protected: bool,
    /// How the government behaves about this person when nothing else is asked for.
    #[serde(default)]
    pub(super) scenario: Option<Scenario>,
    pub(super) data_sets: Vec<HoldingFile>,
}

/// A name in Japanese and in Roman letters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Name {
    pub(super) full: String,
    pub(super) roman: String,
}

/// As on the resident record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Sex {
    Male,
    Female,
}

/// Where the person is registered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Address {
    /// Six-digit municipality code.
    pub(super) municipality: String,
    pub(super) text: String,
}

/// The pretend card.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Card {
    /// Sixteen digits; no real card has such a number.
    pub(super) number: String,
    /// Four digits.
    pub(super) pin: String,
    #[serde(default)]
    pub(super) state: CardState,
    /// The certificate for signing (署名用電子証明書); children have none.
    #[serde(default)]
    pub(super) signing: Option<SigningFile>,
}

/// A certificate for signing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SigningFile {
    /// Its password (署名用パスワード): 6 to 16 capital letters and digits.
    pub(super) password: String,
    #[serde(default)]
    pub(super) state: SigningState,
}

/// How a certificate for signing stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum SigningState {
    #[default]
    Active,
    /// Taken back, as when its holder moves.
    Revoked,
    /// No longer in force.
    Expired,
    /// Its password was wrong too often.
    Locked,
    /// An authority that nobody trusts issued it.
    Foreign,
}

/// Whether the card may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CardState {
    #[default]
    Active,
    /// Reported lost: its certificates are suspended.
    Suspended,
}

/// What is held about the person in one data set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HoldingFile {
    pub(super) code: DataSetCode,
    pub(super) records: Vec<RecordFile>,
}

/// One dated record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordFile {
    /// The tax year or fiscal year that the record is about; or
    pub(super) year: Option<i32>,
    /// the day of the event; or
    pub(super) on: Option<NaiveDate>,
    /// the first day of the state and
    pub(super) from: Option<NaiveDate>,
    /// its last day, open when there is none.
    pub(super) to: Option<NaiveDate>,
    /// Who holds it: a municipality by its code, or
    pub(super) municipality: Option<String>,
    /// another body by name.
    pub(super) body: Option<String>,
    /// When the provider last wrote it, in Japan's time.
    pub(super) updated: NaiveDateTime,
    /// It has happened, but the provider has not put it into the network yet.
    #[serde(default)]
    pub(super) is_pending: bool,
    /// Code and content, in order; a group's code alone starts one repetition of the group.
    pub(super) items: Vec<ItemFile>,
}

/// `["0200000010", "2026"]`, or `["0200000001"]` for a group.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum ItemFile {
    Value(ItemCode, String),
    Group((ItemCode,)),
}

impl ItemFile {
    pub(super) fn code(&self) -> ItemCode {
        match self {
            Self::Value(code, _) | Self::Group((code,)) => *code,
        }
    }

    #[cfg(test)]
    pub(super) fn code_str(&self) -> &str {
        match self {
            Self::Value(code, _) | Self::Group((code,)) => code.as_str(),
        }
    }

    pub(super) fn content(&self) -> Option<&str> {
        match self {
            Self::Value(_, content) => Some(content),
            Self::Group(_) => None,
        }
    }
}
