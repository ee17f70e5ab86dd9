//! What a third party asks for, and what the citizen agreed to.
//!
//! [`Ask`] is the `authorization_details` of type `self_information` (RFC 9396) after parsing; [`Consent`] is what the
//! citizen left of it. A consent can only be made from an ask, and never holds more than it.

use super::client::Purpose;
use super::data_set::{DataSetCode, ItemCode};
use super::ids::RepresentationId;
use super::predicate::Predicate;
use super::terms::{Frequency, Terms};
use super::words::Words;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whether the third party can do without an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Refusing it is refusing the whole.
    Required,
    /// The citizen may refuse it alone.
    Optional,
}

/// One item asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedItem {
    /// The item.
    pub code: ItemCode,
    /// Can the third party do without it?
    pub need: Need,
}

/// One question asked for, which is answered yes or no instead of with data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedPredicate {
    /// The question.
    pub predicate: Predicate,
    /// Can the third party do without its answer?
    pub need: Need,
}

/// The days or years that the data may be about, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// First day.
    pub from: NaiveDate,
    /// Last day; open when absent.
    pub to: Option<NaiveDate>,
}

impl Period {
    /// The days that are in both, if there are any.
    #[must_use]
    pub fn within(self, other: Self) -> Option<Self> {
        let to = match (self.to, other.to) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let from = self.from.max(other.from);
        to.is_none_or(|to| from <= to).then_some(Self { from, to })
    }
}

/// One data set asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedDataSet {
    /// The data set.
    pub code: DataSetCode,
    /// Its items asked for; each once, all in the catalogue.
    pub items: Vec<AskedItem>,
    /// What time the data may be about; any when absent.
    pub period: Option<Period>,
    /// The questions asked about it, each once; where there is no item, there is a question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub predicates: Vec<AskedPredicate>,
}

/// Everything that one authorization request asks of a citizen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Code of one of the client's registered purposes.
    pub purpose: String,
    /// The data sets asked for; never empty, each once.
    pub data_sets: Vec<AskedDataSet>,
    /// For how many days; 0 for once. Never over the purpose's own limit.
    pub access_days: u32,
    /// On what terms.
    #[serde(default)]
    pub terms: Terms,
}

/// What the citizen chose on the consent page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Items left out, by data set. Only optional ones can be.
    pub refused: BTreeSet<(DataSetCode, ItemCode)>,
    /// Questions left out, by data set. Only optional ones can be.
    pub refused_predicates: BTreeSet<(DataSetCode, Predicate)>,
    /// For how many days, never over what was asked.
    pub access_days: u32,
    /// How often, never over what was asked; as was asked when absent.
    pub frequency: Option<Frequency>,
    /// By which representation they decide for another; for themselves when absent.
    pub acting: Option<RepresentationId>,
}

/// A choice that the ask does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// A required item was left out, or an item that was never asked for.
    #[error("item {1} of {0} cannot be refused alone")]
    NotOptional(DataSetCode, ItemCode),
    /// The same of a question.
    #[error("the question {1} of {0} cannot be refused alone")]
    NotOptionalQuestion(DataSetCode, Predicate),
    /// Longer than was asked.
    #[error("{0} days is longer than the {1} days asked for")]
    TooLong(u32, u32),
    /// More often than was asked.
    #[error("{0:?} is more often than was asked for")]
    TooOften(Frequency),
    /// For another, or for themselves, where that was not asked for or is not theirs to decide.
    #[error("this cannot be decided on that person's behalf")]
    OnBehalf,
    /// Nothing is left.
    #[error("nothing is left to agree to")]
    Nothing,
}

/// What a registration has come to that a person did not agree to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outgrown {
    /// The purpose is not registered any more.
    Purpose,
    /// It is passed on to more.
    Recipients,
    /// It is kept longer.
    Retention,
}

/// One data set agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentedDataSet {
    /// The data set.
    pub code: DataSetCode,
    /// The items that may leave, sorted.
    pub items: Vec<ItemCode>,
    /// The items that the citizen refused, sorted.
    pub refused: Vec<ItemCode>,
    /// What time the data may be about.
    pub period: Option<Period>,
    /// The questions that may be answered, sorted. They let no item leave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub predicates: Vec<Predicate>,
    /// The questions that the citizen refused, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused_predicates: Vec<Predicate>,
}

/// What the citizen agreed to, with the words they saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The purpose's code.
    pub purpose: String,
    /// The purpose as the citizen read it.
    pub purpose_words: Words,
    /// The data sets agreed to. One whose every item was refused stays, with no items.
    pub data_sets: Vec<ConsentedDataSet>,
    /// For how many days; 0 for once.
    pub access_days: u32,
    /// How long the third party keeps it.
    pub retention_days: u32,
    /// Whom it is passed on to.
    pub recipients: Vec<Words>,
    /// On what terms.
    #[serde(default)]
    pub terms: Terms,
}

impl Consent {
    /// What is left of `ask` after the citizen's `choice`.
    ///
    /// # Errors
    /// [`ChoiceError`] when the choice refuses what is required, is longer than asked, or leaves nothing.
    pub fn decide(ask: &Ask, purpose: &Purpose, choice: &Choice) -> Result<Self, ChoiceError> {
        if choice.access_days > ask.access_days {
            return Err(ChoiceError::TooLong(choice.access_days, ask.access_days));
        }
        let decided = ask.terms.on_behalf_of.decided(choice.acting.is_some());
        let on_behalf_of = decided.ok_or(ChoiceError::OnBehalf)?;
        let frequency = choice.frequency.or(ask.terms.frequency);
        // Where nothing was asked, any number is less.
        if let (Some(chosen), Some(asked)) = (frequency, ask.terms.frequency)
            && !chosen.is_within(asked)
        {
            return Err(ChoiceError::TooOften(chosen));
        }
        for (code, item) in &choice.refused {
            let asked = ask.data_sets.iter().find(|d| d.code == *code);
            let asked = asked.and_then(|d| d.items.iter().find(|i| i.code == *item));
            if asked.is_none_or(|i| i.need == Need::Required) {
                return Err(ChoiceError::NotOptional(*code, *item));
            }
        }
        for (code, predicate) in &choice.refused_predicates {
            let asked = ask.data_sets.iter().find(|d| d.code == *code);
            let asked = asked.and_then(|d| d.predicates.iter().find(|p| p.predicate == *predicate));
            if asked.is_none_or(|p| p.need == Need::Required) {
                return Err(ChoiceError::NotOptionalQuestion(*code, predicate.clone()));
            }
        }
        let data_sets: Vec<_> = ask.data_sets.iter().map(|d| d.decide(choice)).collect();
        if data_sets.iter().all(ConsentedDataSet::allows_nothing) {
            return Err(ChoiceError::Nothing);
        }
        Ok(Self {
            purpose: purpose.code.clone(),
            purpose_words: purpose.words.clone(),
            data_sets,
            access_days: choice.access_days,
            retention_days: purpose.retention_days,
            recipients: purpose.recipients.clone(),
            terms: Terms { frequency, on_behalf_of, ..ask.terms },
        })
    }

    /// Where the purpose as it is `registered` now goes beyond what the person read; nowhere, where it says the same
    /// or less.
    #[must_use]
    pub fn outgrown_by(&self, registered: Option<&Purpose>) -> Option<Outgrown> {
        let Some(registered) = registered else { return Some(Outgrown::Purpose) };
        if registered.recipients.iter().any(|recipient| !self.recipients.contains(recipient)) {
            return Some(Outgrown::Recipients);
        }
        (registered.retention_days > self.retention_days).then_some(Outgrown::Retention)
    }

    /// The part of this consent that `ask` names; none when it asks for more than was agreed to, or for something else.
    #[must_use]
    pub fn part(&self, ask: &Ask) -> Option<Vec<ConsentedDataSet>> {
        let is_of_frequency = ask.terms.frequency.is_none_or(|asked| self.terms.frequency == Some(asked));
        if ask.purpose != self.purpose || ask.access_days > self.access_days || !is_of_frequency {
            return None;
        }
        ask.data_sets.iter().map(|asked| self.data_set(asked.code)?.part(asked)).collect()
    }

    /// What is left of this consent within `part`: never more than either.
    #[must_use]
    pub fn narrowed_to(&self, part: &[ConsentedDataSet]) -> Self {
        let narrowed = part.iter().filter_map(|set| self.data_set(set.code)?.narrowed_to(set));
        Self { data_sets: narrowed.collect(), ..self.clone() }
    }

    /// The data set agreed to with this code, if any.
    #[must_use]
    pub fn data_set(&self, code: DataSetCode) -> Option<&ConsentedDataSet> {
        self.data_sets.iter().find(|d| d.code == code)
    }
}

impl AskedDataSet {
    fn decide(&self, choice: &Choice) -> ConsentedDataSet {
        let (mut no, mut yes): (Vec<_>, Vec<_>) =
            self.items.iter().map(|i| i.code).partition(|item| choice.refused.contains(&(self.code, *item)));
        yes.sort_unstable();
        no.sort_unstable();
        let asked = self.predicates.iter().map(|asked| asked.predicate.clone());
        let is_refused = |p: &Predicate| choice.refused_predicates.contains(&(self.code, p.clone()));
        let (mut refused_predicates, mut predicates): (Vec<_>, Vec<_>) = asked.partition(is_refused);
        predicates.sort_unstable();
        refused_predicates.sort_unstable();
        ConsentedDataSet {
            code: self.code,
            items: yes,
            refused: no,
            period: self.period,
            predicates,
            refused_predicates,
        }
    }
}

impl ConsentedDataSet {
    fn part(&self, asked: &AskedDataSet) -> Option<Self> {
        let mut items: Vec<ItemCode> = asked.items.iter().map(|item| item.code).collect();
        items.sort_unstable();
        let period = match (self.period, asked.period) {
            (agreed, None) => agreed,
            (None, wanted) => wanted,
            (Some(agreed), Some(wanted)) => Some(agreed.within(wanted).filter(|within| *within == wanted)?),
        };
        let mut predicates: Vec<Predicate> = asked.predicates.iter().map(|asked| asked.predicate.clone()).collect();
        predicates.sort_unstable();
        let is_agreed = items.iter().all(|item| self.allows(*item)) && predicates.iter().all(|p| self.answers(p));
        let (code, refused) = (self.code, vec![]);
        is_agreed.then_some(Self { code, items, refused, period, predicates, refused_predicates: vec![] })
    }

    fn narrowed_to(&self, part: &Self) -> Option<Self> {
        let period = match (self.period, part.period) {
            (Some(agreed), Some(wanted)) => Some(agreed.within(wanted)?),
            (one, other) => one.or(other),
        };
        let items = self.items.iter().filter(|item| part.allows(**item)).copied().collect();
        let predicates = self.predicates.iter().filter(|p| part.answers(p)).cloned().collect();
        Some(Self { items, period, predicates, ..self.clone() })
    }

    /// Whether this item may leave.
    #[must_use]
    pub fn allows(&self, item: ItemCode) -> bool {
        self.items.binary_search(&item).is_ok()
    }

    /// Whether this question may be answered, as it was agreed to and not otherwise.
    #[must_use]
    pub fn answers(&self, predicate: &Predicate) -> bool {
        self.predicates.binary_search(predicate).is_ok()
    }

    /// Whether every item and every question of it was refused.
    #[must_use]
    pub fn allows_nothing(&self) -> bool {
        self.items.is_empty() && self.predicates.is_empty()
    }
}

#[cfg(test)]
mod tests;
