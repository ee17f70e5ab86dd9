//! The data sets that can be asked for, and how a backend's coded items become typed, normalised data.
//!
//! What for: which data exists, under which official code, in which words a citizen is asked about it, who may ask and
//! for what time is the operator's business, so it lies in files under `policies/data-sets/`, not in code. Everybody
//! else reads it here: the consent page its words, the policy its facts, the adapters its item codes, the API its
//! list.
//!
//! How it flows:
//! 1. [`Catalog::load`] reads `groups.toml` and every other `*.toml` of the directory (one file, one data set), tells
//!    all faults at once with file and key, and tries each item's `field` against the typed shape.
//! 2. [`normalise()`] takes what a backend sent for one data set and what the citizen agreed to, and gives back the
//!    typed record of [`shapes`], coded items for what has no place in it, and the faults of single items.
//! 3. [`facts`] reads the one number out of it that a question of yes or no is about (`facts.toml`).
//! 4. [`procedures`] are what can be filed, from files of their own (`policies/procedures/`).
//! 5. [`municipalities`] and [`services`] are where people apply, and for what (`policies/services/`).
//! 6. [`available_from`] says since when data can exist at all under the law's retention.
//!
//! How to add one more data set: one file beside the others; no code, unless it wants a typed shape of its own (see
//! [`shapes`]). How to add a fact that can be asked about: an entry in `facts.toml`. How to add a kind of content: a variant in [`ItemKind`], its reading in `value.rs`, its place in
//! `record.rs`.
//!
//! What it must never do: let anything of an item leave that was not agreed to; hand on a backend's own words for an
//! item's name; repeat content in a fault; invent the name of a code that is not publicly known.

pub mod application_forms;
pub mod certificate_forms;
mod data_set;
pub mod deposits;
pub mod facts;
pub mod fold;
mod load;
pub mod municipalities;
pub mod notices;
mod normalise;
pub mod procedures;
pub mod provision_records;
mod reader;
pub mod record;
pub mod services;
pub mod shapes;
pub mod statistics;
mod value;

pub use data_set::{CodeValue, ConditionKind, DataSet, Group, Item, ItemKind, Retention};
pub use facts::Fact;
pub use normalise::{Dropped, ItemFault, MAX_FAULTS, MAX_RAW_ITEMS, Normalised, RawItem, normalise};
pub use record::{CodedItem, CodedPosition, CodedRecord, CodedValue, DataSetRecord};
pub use shapes::ShapeKind;
pub use value::{ItemFaultReason, MAX_CONTENT_CHARS, YearMonth};

use crate::domain::data_set::DataSetCode;
use crate::domain::predicate::FactCode;
use chrono::{Months, NaiveDate};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

/// One thing wrong with the catalogue's files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CatalogFault {
    /// The file's name.
    pub file: String,
    /// The key in it; empty for the whole file.
    pub key: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl fmt::Display for CatalogFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "{}: {}", self.file, self.problem),
            key => write!(f, "{}: {key}: {}", self.file, self.problem),
        }
    }
}

impl std::error::Error for CatalogFault {}

/// A file of the directory of the rules that need not be there.
///
/// # Errors
/// What of it does not read.
fn read_optional<T: DeserializeOwned>(rules: &Path, file: &str) -> Result<Option<T>, Vec<CatalogFault>> {
    let fault = |problem: String| vec![CatalogFault { file: file.to_owned(), key: String::new(), problem }];
    match std::fs::read_to_string(rules.join(file)) {
        Ok(text) => toml::from_str(&text).map(Some).map_err(|error| fault(error.message().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(fault(error.to_string())),
    }
}

/// All data sets and the groups they stand in.
#[derive(Clone, Debug)]
pub struct Catalog {
    groups: Vec<Group>,
    data_sets: BTreeMap<DataSetCode, DataSet>,
    facts: BTreeMap<FactCode, Fact>,
}

impl Catalog {
    /// Reads the directory of data-set files.
    ///
    /// # Errors
    /// Every fault of every file, in the files' order.
    pub fn load(dir: &Path) -> Result<Self, Vec<CatalogFault>> {
        load::load(dir)
    }

    /// The data set with this code, if the catalogue has it.
    #[must_use]
    pub fn data_set(&self, code: DataSetCode) -> Option<&DataSet> {
        self.data_sets.get(&code)
    }

    /// All data sets, by code.
    pub fn data_sets(&self) -> impl Iterator<Item = &DataSet> {
        self.data_sets.values()
    }

    /// All groups, in the order in which they are shown.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter()
    }

    /// The group with this code, if any.
    #[must_use]
    pub fn group(&self, code: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.code == code)
    }

    /// The names of all backends that data sets are asked from, each once.
    #[must_use]
    pub fn backends(&self) -> std::collections::BTreeSet<&str> {
        self.data_sets.values().map(|set| set.backend.as_str()).collect()
    }
}

/// The first day about which the provider can still have data at `today`; `None` when no law limits it.
///
/// A record is kept for the years the law says, counted from its own day, so that of today's date that many years ago
/// is the oldest one left; 29 February becomes 28 February where there is none.
#[must_use]
pub fn available_from(set: &DataSet, today: NaiveDate) -> Option<NaiveDate> {
    let months = set.retention.as_ref()?.years.checked_mul(12)?;
    today.checked_sub_months(Months::new(months))
}

#[cfg(test)]
mod tests;
