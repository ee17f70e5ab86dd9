//! What can be asked about yes or no: facts that are one whole number, read from items of one data set.
//!
//! A fact says which items it is read from and nothing else: the number is looked at here and goes no further than the
//! comparison. Whatever is missing, unreadable or contradictory makes it unknown, never nought.

use super::data_set::{ConditionKind, DataSet};
use super::normalise::{RawItem, occurrences};
use super::value::Parsed;
use super::{Catalog, available_from};
use crate::domain::Words;
use crate::domain::data_set::{DataSetCode, ItemCode};
use crate::domain::predicate::{FactCode, Operator, Predicate};
use crate::domain::retrieval::{Condition, Query};
use chrono::{Datelike, NaiveDate};

/// The first year that can be asked for.
pub const FIRST_YEAR: u16 = 2000;
/// The last one.
pub const LAST_YEAR: u16 = 2100;
/// A range for all that is on record begins in this year and no earlier.
const FIRST_YEAR_ON_RECORD: i32 = 1900;

/// The time that a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// How it stands now.
    Latest,
    /// All that is on record.
    Ever,
    /// A tax year, named by the question (課税年度).
    TaxYear,
    /// A fiscal year, 1 April to 31 March, named by the question (年度).
    FiscalYear,
}

impl Window {
    /// Every one.
    pub(super) const ALL: [Self; 4] = [Self::Latest, Self::Ever, Self::TaxYear, Self::FiscalYear];

    /// The name in the files and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::Ever => "ever",
            Self::TaxYear => "tax_year",
            Self::FiscalYear => "fiscal_year",
        }
    }

    /// Whether a question must name a year.
    #[must_use]
    pub const fn is_of_years(self) -> bool {
        matches!(self, Self::TaxYear | Self::FiscalYear)
    }

    /// The condition that the data set must answer.
    pub(super) const fn condition(self) -> ConditionKind {
        match self {
            Self::Latest => ConditionKind::Latest,
            Self::TaxYear => ConditionKind::TaxYear,
            Self::Ever | Self::FiscalYear => ConditionKind::Range,
        }
    }
}

/// Which occurrences are counted: those where an item is one of some codes, or none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Test {
    pub item: ItemCode,
    /// Places in the item's list of codes.
    pub codes: Vec<usize>,
    pub is_wanted: bool,
}

impl Test {
    fn passes(&self, value: Option<&Parsed>) -> bool {
        match value {
            Some(Parsed::Code(at)) => self.codes.contains(at) == self.is_wanted,
            // What is not said is not excluded.
            _ => !self.is_wanted,
        }
    }
}

/// How the number comes out of the items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The sum of these, which must all be there.
    Sum(Vec<ItemCode>),
    /// Whole years since this day.
    Age(ItemCode),
    /// How many occurrences there are that pass every test.
    Count(Vec<Test>),
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its code.
    pub code: FactCode,
    /// The data set that it is read from.
    pub data_set: DataSetCode,
    /// Its name.
    pub name: Words,
    /// What its numbers count.
    pub unit: Words,
    /// The largest number that can be asked about.
    pub most: u32,
    /// The time that it is about.
    pub window: Window,
    /// The group whose occurrences are looked at; the whole record when absent.
    pub(super) group: Option<ItemCode>,
    /// The item that says which year an occurrence is of.
    pub(super) when: Option<ItemCode>,
    pub(super) reading: Reading,
}

impl Fact {
    /// Every item that it is read from.
    pub(super) fn items(&self) -> Vec<ItemCode> {
        let mut items: Vec<ItemCode> = self.when.into_iter().collect();
        match &self.reading {
            Reading::Sum(all) => items.extend(all),
            Reading::Age(one) => items.push(*one),
            Reading::Count(tests) => items.extend(tests.iter().map(|test| test.item)),
        }
        items
    }

    /// What is wrong with asking `predicate` about it: the member and what would be right.
    ///
    /// # Errors
    /// As said.
    pub fn check(&self, predicate: &Predicate) -> Result<(), (&'static str, String)> {
        if predicate.value > self.most {
            return Err(("value", format!("must be 0 to {} for {}", self.most, self.code)));
        }
        match predicate.year {
            None if self.window.is_of_years() => Err(("year", format!("is missing: {} is a fact of years", self.code))),
            Some(_) if !self.window.is_of_years() => Err(("year", format!("has no meaning for {}", self.code))),
            Some(year) if !(FIRST_YEAR..=LAST_YEAR).contains(&year) => {
                Err(("year", format!("must be {FIRST_YEAR} to {LAST_YEAR}")))
            }
            _ => Ok(()),
        }
    }

    /// What is fetched to answer for `year` at `today`; none for a year that has not begun.
    #[must_use]
    pub fn query(&self, set: &DataSet, year: Option<u16>, today: NaiveDate) -> Option<Query> {
        let kept = |from: NaiveDate| available_from(set, today).map_or(from, |kept| kept.max(from));
        let condition = match (self.window, year) {
            (Window::Latest, _) => Condition::Latest,
            (Window::Ever, _) => {
                let first = NaiveDate::from_ymd_opt(FIRST_YEAR_ON_RECORD, 1, 1)?;
                Condition::Range { from: kept(first), to: today }
            }
            (Window::TaxYear, year) => {
                let year = year.filter(|year| i32::from(*year) <= today.year())?;
                Condition::TaxYear { year }
            }
            (Window::FiscalYear, year) => {
                let year = i32::from(year?);
                let first = NaiveDate::from_ymd_opt(year, 4, 1).filter(|first| *first <= today)?;
                let last = NaiveDate::from_ymd_opt(year + 1, 3, 31)?;
                // A year that is no more kept at all is asked for as it is, and the provider says so.
                let from = Some(kept(first)).filter(|from| *from <= last).unwrap_or(first);
                Condition::Range { from, to: last.min(today) }
            }
        };
        Some(Query { code: set.code, condition })
    }

    /// The number that `records` say, if they say one: what each provider sent is looked at by itself.
    #[must_use]
    pub fn number<'r>(
        &self,
        set: &DataSet,
        records: impl Iterator<Item = &'r [RawItem]>,
        (year, today): (Option<u16>, NaiveDate),
    ) -> Option<i64> {
        let wanted = self.items();
        let mut read = Read::default();
        for raw in records {
            for values in occurrences(set, raw, self.group, &wanted)? {
                self.look(&values, (year, today), &mut read)?;
            }
        }
        match self.reading {
            Reading::Count(_) => (read.seen > 0).then_some(read.count),
            // Two providers that say different things say nothing.
            Reading::Sum(_) | Reading::Age(_) => {
                let (first, rest) = read.numbers.split_first()?;
                rest.iter().all(|other| other == first).then_some(*first)
            }
        }
    }

    /// One occurrence; none when it does not let itself be read.
    fn look(&self, values: &[Option<Parsed>], (year, today): (Option<u16>, NaiveDate), read: &mut Read) -> Option<()> {
        if values.iter().all(Option::is_none) {
            return Some(());
        }
        let (when, values) = values.split_at(usize::from(self.when.is_some()));
        read.seen += 1;
        if let Some(when) = when.first() {
            let of = match when.as_ref()? {
                Parsed::Year(year) => i32::from(*year),
                Parsed::Date(date) => date.year() - i32::from(date.month() < 4),
                _ => return None,
            };
            if year.is_none_or(|year| i32::from(year) != of) {
                return Some(());
            }
        }
        match &self.reading {
            Reading::Count(tests) => {
                let is_counted = tests.iter().zip(values).all(|(test, value)| test.passes(value.as_ref()));
                read.count += i64::from(is_counted);
            }
            Reading::Sum(_) => {
                let parts = values.iter().map(|value| match value {
                    Some(Parsed::Whole(number)) => Some(*number),
                    _ => None,
                });
                read.numbers.push(parts.sum::<Option<i64>>()?);
            }
            Reading::Age(_) => match values.first() {
                Some(Some(Parsed::Date(born))) => read.numbers.push(age(*born, today)?),
                _ => return None,
            },
        }
        Some(())
    }

    /// A question about it in words.
    #[must_use]
    pub fn question(&self, predicate: &Predicate) -> Words {
        let number = grouped(predicate.value);
        let (of_ja, of_en) = match predicate.year {
            Some(year) => (format!("{}（{year}年度）", self.name.ja), format!("{} ({year})", self.name.en)),
            None => (self.name.ja.clone(), self.name.en.clone()),
        };
        let (unit_ja, unit_en) = (&self.unit.ja, &self.unit.en);
        let ja = match predicate.operator {
            Operator::Ge => format!("{of_ja}は{number}{unit_ja}以上か"),
            Operator::Gt => format!("{of_ja}は{number}{unit_ja}を超えるか"),
            Operator::Le => format!("{of_ja}は{number}{unit_ja}以下か"),
            Operator::Lt => format!("{of_ja}は{number}{unit_ja}未満か"),
        };
        let en = match predicate.operator {
            Operator::Ge => format!("{of_en}: {number} {unit_en} or more?"),
            Operator::Gt => format!("{of_en}: more than {number} {unit_en}?"),
            Operator::Le => format!("{of_en}: {number} {unit_en} or less?"),
            Operator::Lt => format!("{of_en}: less than {number} {unit_en}?"),
        };
        Words { ja, en }
    }
}

/// What was found so far.
#[derive(Default)]
struct Read {
    /// Occurrences that say anything.
    seen: usize,
    count: i64,
    numbers: Vec<i64>,
}

/// Whole years since birth; who was born on 29 February is a year older on 1 March where there is none.
fn age(born: NaiveDate, today: NaiveDate) -> Option<i64> {
    let is_before_birthday = (today.month(), today.day()) < (born.month(), born.day());
    let years = i64::from(today.year()) - i64::from(born.year()) - i64::from(is_before_birthday);
    (years >= 0).then_some(years)
}

/// 3000000 as 3,000,000.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl Catalog {
    /// The fact with this code, if there is one.
    #[must_use]
    pub fn fact(&self, code: &FactCode) -> Option<&Fact> {
        self.facts.get(code)
    }

    /// The facts that are read from a data set, by code.
    pub fn facts_of(&self, set: DataSetCode) -> impl Iterator<Item = &Fact> {
        self.facts.values().filter(move |fact| fact.data_set == set)
    }

    /// A question in words; its own text, where the catalogue no longer has its fact.
    #[must_use]
    pub fn question(&self, predicate: &Predicate) -> Words {
        let own = || Words { ja: predicate.to_string(), en: predicate.to_string() };
        self.fact(&predicate.fact).map_or_else(own, |fact| fact.question(predicate))
    }
}

#[cfg(test)]
mod tests;
