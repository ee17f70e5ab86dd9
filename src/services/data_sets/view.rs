//! The bodies of the catalogue.

use crate::catalog::{ConditionKind, DataSet, Fact, Item, ItemKind};
use crate::domain::Words;
use serde::Serialize;
use utoipa::ToSchema;

/// All data sets.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataSetList {
    /// By code.
    pub data_sets: Vec<DataSetSummary>,
}

/// One data set in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataSetSummary {
    /// 特定個人情報名コード, or our own `HI…` code of the health-insurance group.
    #[schema(pattern = "^(TM|HI)[0-9]{14}$", example = "TM00000000000002")]
    pub code: String,
    /// Its group's code.
    #[schema(example = "tax_and_income")]
    pub group: String,
    /// Its name.
    pub name: Words,
    /// What is in it, in one line.
    pub summary: Words,
    /// Who provides it.
    pub provider: Words,
    /// Version of this description.
    pub version: String,
    /// Which kinds of third party may ask; nobody when empty.
    #[schema(example = json!(["bank"]))]
    pub classes: Vec<&'static str>,
    /// How surely the citizen must have been recognised.
    #[schema(example = "aal3")]
    pub min_acr: &'static str,
    /// For how many minutes after the citizen was recognised it may be retrieved; for any time when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub max_authentication_age_minutes: Option<u64>,
    /// The conditions it answers.
    pub conditions: Vec<ConditionKind>,
    /// Whether it holds special care-required personal information (要配慮個人情報).
    pub is_sensitive: bool,
    /// Whether its name is publicly known; when not, only the code is listed and nobody may ask.
    pub is_name_known: bool,
    /// How long it is kept, where a law limits that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retention: Option<RetentionView>,
}

/// How long the provider may keep the data.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionView {
    /// Whole years.
    pub years: u32,
    /// The law that says so.
    pub law: Words,
}

/// One data set with its items.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataSetView {
    /// What the list says of it.
    pub summary: DataSetSummary,
    /// The typed shape of its data (`kind` in a result).
    #[schema(example = "income_and_local_tax")]
    pub shape: &'static str,
    /// Its items, in the provider's order.
    pub items: Vec<ItemView>,
    /// What can be asked about it yes or no, instead of having the data.
    pub facts: Vec<FactView>,
}

/// A fact that can be asked about: one whole number, which never leaves.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactView {
    /// Its code, as a predicate names it.
    #[schema(example = "income.total")]
    pub code: String,
    /// Its name.
    pub name: Words,
    /// What its numbers count.
    pub unit: Words,
    /// The largest number that can be asked about; the least is 0.
    #[schema(example = 4_000_000_000_u32)]
    pub most: u32,
    /// The time that it is about: `latest` (now), `ever` (all on record), `tax_year` or `fiscal_year`. A predicate about
    /// one of years names the year.
    #[schema(example = "tax_year")]
    pub window: &'static str,
}

/// One item.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemView {
    /// 特定個人情報項目コード.
    #[schema(pattern = "^[0-9]{10}$", example = "0200000010")]
    pub code: String,
    /// Its name.
    pub name: Words,
    /// The line that the citizen decides by.
    pub plain: Words,
    /// What its content is; groups hold others and cannot be asked for.
    #[schema(example = "yen")]
    pub kind: &'static str,
    /// The unit of its numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub unit: Option<String>,
    /// The values that it can have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<CodeView>,
    /// 階層: 1 at the top.
    pub hierarchy: u8,
    /// Whether it can occur several times.
    pub is_repeated: bool,
    /// The group that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub parent: Option<String>,
    /// Its place in the typed shape; without one it comes as a coded item.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub field: Option<String>,
}

/// One value that an item can have.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeView {
    /// The name in results.
    pub value: String,
    /// What it means.
    pub words: Words,
}

impl DataSetSummary {
    /// Of a data set.
    #[must_use]
    pub fn of(set: &DataSet) -> Self {
        Self {
            code: set.code.to_string(),
            group: set.group.clone(),
            name: set.name.clone(),
            summary: set.summary.clone(),
            provider: set.provider.clone(),
            version: set.version.clone(),
            classes: set.classes.iter().map(|c| c.as_str()).collect(),
            min_acr: set.min_acr.as_str(),
            max_authentication_age_minutes: set.max_authentication_age.map(|age| age.as_secs() / 60),
            conditions: set.conditions.clone(),
            is_sensitive: set.is_sensitive,
            is_name_known: set.is_name_known,
            retention: set.retention.as_ref().map(|r| RetentionView { years: r.years, law: r.law.clone() }),
        }
    }
}

impl DataSetView {
    /// Of a data set, and of what can be asked about it.
    #[must_use]
    pub fn of<'f>(set: &DataSet, facts: impl Iterator<Item = &'f Fact>) -> Self {
        let fact = |fact: &Fact| FactView {
            code: fact.code.to_string(),
            name: fact.name.clone(),
            unit: fact.unit.clone(),
            most: fact.most,
            window: fact.window.as_str(),
        };
        Self {
            facts: facts.map(fact).collect(),
            summary: DataSetSummary::of(set),
            shape: set.shape.as_str(),
            items: set.items.iter().map(ItemView::of).collect(),
        }
    }
}

impl ItemView {
    fn of(item: &Item) -> Self {
        let codes = match &item.kind {
            ItemKind::Enum { codes } => {
                codes.iter().map(|c| CodeView { value: c.value.clone(), words: c.words.clone() }).collect()
            }
            _ => Vec::new(),
        };
        Self {
            code: item.code.to_string(),
            name: item.name.clone(),
            plain: item.plain.clone(),
            kind: item.kind.as_str(),
            unit: item.kind.unit().map(str::to_owned),
            codes,
            hierarchy: item.hierarchy,
            is_repeated: item.is_repeated,
            parent: item.parent.map(|p| p.to_string()),
            field: item.field.clone(),
        }
    }
}
