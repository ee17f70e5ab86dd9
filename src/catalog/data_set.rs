//! What the catalogue says about a data set: its words, its items, who may ask for it and for what time.

use super::shapes::ShapeKind;
use crate::domain::Words;
use crate::domain::acr::Acr;
use crate::domain::client::ClientClass;
use crate::domain::data_set::{DataSetCode, ItemCode};
use crate::domain::decision::DataSetFacts;
use crate::domain::retrieval::Condition;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Duration;

/// A heading under which citizens find data sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// snake_case code that data sets name.
    pub code: String,
    /// Its name.
    pub name: Words,
    /// snake_case code of the area above it.
    pub area: String,
    /// The area's name.
    pub area_name: Words,
}

/// The kinds of [`Condition`] a data set can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConditionKind {
    /// The newest there is.
    Latest,
    /// As it stood on a day.
    OnDate,
    /// Everything between two days.
    Range,
    /// A tax year (年度).
    TaxYear,
}

impl ConditionKind {
    /// The kind of a condition.
    #[must_use]
    pub const fn of(condition: &Condition) -> Self {
        match condition {
            Condition::Latest => Self::Latest,
            Condition::OnDate { .. } => Self::OnDate,
            Condition::Range { .. } => Self::Range,
            Condition::TaxYear { .. } => Self::TaxYear,
        }
    }

    /// The name on the wire and in the files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::OnDate => "on_date",
            Self::Range => "range",
            Self::TaxYear => "tax_year",
        }
    }
}

/// For how long the law lets the provider keep the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Whole years.
    pub years: u32,
    /// The law that says so.
    pub law: Words,
}

/// One value that an item of kind `enum` can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeValue {
    /// What the backend sends.
    pub code: String,
    /// What we send instead: a snake_case name.
    pub value: String,
    /// What it means.
    pub words: Words,
}

/// What an item's content is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// Any text.
    Text,
    /// A day.
    Date,
    /// A month of a year (年月).
    YearMonth,
    /// A year (年度).
    FiscalYear,
    /// Whole yen.
    Yen,
    /// A whole number, with the unit it counts if there is one.
    Integer {
        /// UCUM-like unit or a Japanese counter, for people.
        unit: Option<String>,
    },
    /// A number with a fraction, in a unit.
    Decimal {
        /// The unit.
        unit: String,
    },
    /// One of a list of codes.
    Enum {
        /// The list, in the file's order.
        codes: Vec<CodeValue>,
    },
    /// No content of its own: it holds the items that name it as parent.
    Group,
}

impl ItemKind {
    /// The name in the files and on the wire.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Date => "date",
            Self::YearMonth => "year_month",
            Self::FiscalYear => "fiscal_year",
            Self::Yen => "yen",
            Self::Integer { .. } => "integer",
            Self::Decimal { .. } => "decimal",
            Self::Enum { .. } => "enum",
            Self::Group => "group",
        }
    }

    /// The unit of its numbers, if any.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        match self {
            Self::Yen => Some("JPY"),
            Self::Integer { unit } => unit.as_deref(),
            Self::Decimal { unit } => Some(unit),
            _ => None,
        }
    }
}

/// One item (特定個人情報項目) of a data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its code, unique within the data set (not across data sets: `TM…10` and `TM…100` share a beginning).
    pub code: ItemCode,
    /// Its name in the field.
    pub name: Words,
    /// One plain line for the citizen who decides about it.
    pub plain: Words,
    /// What its content is.
    pub kind: ItemKind,
    /// 1 at the top, one more inside each group (階層).
    pub hierarchy: u8,
    /// Whether it can occur several times in the same place.
    pub is_repeated: bool,
    /// The group that holds it.
    pub parent: Option<ItemCode>,
    /// Its place in the typed shape; without one it is handed on as a coded item.
    pub field: Option<String>,
}

impl Item {
    /// Whether it only holds others; groups are never consented to.
    #[must_use]
    pub const fn is_group(&self) -> bool {
        matches!(self.kind, ItemKind::Group)
    }
}

/// One data set (特定個人情報, or one of the health-insurance group).
#[derive(Clone, Debug)]
pub struct DataSet {
    /// Its code.
    pub code: DataSetCode,
    /// Code of its [`Group`].
    pub group: String,
    /// Its name.
    pub name: Words,
    /// What is in it, in one plain line.
    pub summary: Words,
    /// Who provides it.
    pub provider: Words,
    /// Name of the configured backend that is asked for it.
    pub backend: String,
    /// Version of this description.
    pub version: String,
    /// Its items, in the order in which a backend sends them.
    pub items: Vec<Item>,
    /// How long it is kept, where a law limits that.
    pub retention: Option<Retention>,
    /// Which classes of third party may ask; empty for nobody.
    pub classes: Vec<ClientClass>,
    /// How surely the citizen must have been recognised.
    pub min_acr: Acr,
    /// How long ago the citizen may have been recognised when the data is retrieved; any time when absent.
    pub max_authentication_age: Option<Duration>,
    /// The typed shape it is normalised into.
    pub shape: ShapeKind,
    /// The conditions that make sense for it.
    pub conditions: Vec<ConditionKind>,
    /// Whether it holds special care-required personal information (要配慮個人情報, 個人情報保護法 第二条第三項).
    pub is_sensitive: bool,
    /// Whether its name is publicly known; when not, only the code is listed and nobody may ask.
    pub is_name_known: bool,
    /// Where each code stands in `items`.
    pub(super) index: HashMap<ItemCode, usize>,
}

impl DataSet {
    /// What the operator's rules are told of it.
    #[must_use]
    pub fn facts(&self) -> DataSetFacts {
        DataSetFacts {
            code: self.code,
            group: self.group.clone(),
            classes: self.classes.clone(),
            min_acr: self.min_acr,
            is_sensitive: self.is_sensitive,
        }
    }

    /// The item with this code, if the data set has it.
    #[must_use]
    pub fn item(&self, code: ItemCode) -> Option<&Item> {
        self.index.get(&code).and_then(|at| self.items.get(*at))
    }

    /// The items that can be consented to: all but the groups.
    pub fn askable_items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| !item.is_group())
    }

    /// Whether a condition makes sense for it.
    #[must_use]
    pub fn answers(&self, condition: &Condition) -> bool {
        self.conditions.contains(&ConditionKind::of(condition))
    }

    /// Whether this class of third party may ask for it at all.
    #[must_use]
    pub fn is_open_to(&self, class: ClientClass) -> bool {
        self.classes.contains(&class)
    }
}
