//! The words of the catalogue that answers carry: names of data sets and items, hierarchy, versions.

use super::people::json_text;
use crate::catalog::{Catalog, DataSet};
use crate::domain::data_set::{DataSetCode, ItemCode};
use std::collections::HashMap;

/// What an answer needs to know of a data set.
pub(super) struct SetTerms {
    /// The official name, as a JSON string with its quotes.
    pub(super) name: String,
    /// The version, likewise.
    pub(super) version: String,
    pub(super) retention_years: Option<u32>,
    items: HashMap<ItemCode, ItemTerms>,
}

/// What an answer needs to know of an item.
pub(super) struct ItemTerms {
    pub(super) name: String,
    pub(super) is_group: bool,
    /// 1 at the top, one more inside each group.
    pub(super) hierarchy: u8,
}

/// All data sets.
pub(super) struct Terms(HashMap<DataSetCode, SetTerms>);

impl Terms {
    /// Takes the words out of the catalogue.
    pub(super) fn of(catalog: &Catalog) -> Self {
        Self(catalog.data_sets().map(|set| (set.code, terms_of(set))).collect())
    }

    /// One data set's words.
    pub(super) fn get(&self, code: DataSetCode) -> Option<&SetTerms> {
        self.0.get(&code)
    }
}

fn terms_of(set: &DataSet) -> SetTerms {
    let items = set.items.iter().map(|item| {
        let terms = ItemTerms { name: item.name.ja.clone(), is_group: item.is_group(), hierarchy: item.hierarchy };
        (item.code, terms)
    });
    SetTerms {
        name: json_text(&set.name.ja),
        version: json_text(&set.version),
        retention_years: set.retention.as_ref().map(|kept| kept.years),
        items: items.collect(),
    }
}

impl SetTerms {
    /// One item's words.
    pub(super) fn item(&self, code: ItemCode) -> Option<&ItemTerms> {
        self.items.get(&code)
    }
}
