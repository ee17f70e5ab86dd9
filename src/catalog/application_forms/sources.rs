//! Which items of a form are known already (ワンスオンリー), and from which item of the person's own self-information.

use super::ApplicationForm;
use crate::catalog::procedures::Procedure;
use crate::domain::data_set::{DataSetCode, ItemCode};
use serde::Deserialize;
use serde_json::{Value, json};

/// Where an item of a form comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemSource {
    /// The item, among those that are there once.
    pub item: String,
    /// The data set (特定個人情報).
    pub data_set: DataSetCode,
    /// The item of it.
    pub code: ItemCode,
}

/// The same, as a file says it: of the forms that it names, or of all that have the item.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSource {
    item: String,
    data_set: DataSetCode,
    code: ItemCode,
    #[serde(default)]
    forms: Vec<String>,
}

impl RawSource {
    fn is_of(&self, form: &Procedure) -> bool {
        let is_named = self.forms.is_empty() || self.forms.contains(&form.code);
        is_named && form.office_field(&self.item).is_some()
    }
}

/// Those of one form.
pub(super) fn of(all: &[RawSource], form: &Procedure) -> Vec<ItemSource> {
    let own = all.iter().filter(|source| source.is_of(form));
    own.map(|source| ItemSource { item: source.item.clone(), data_set: source.data_set, code: source.code }).collect()
}

/// What is wrong with them, by item.
pub(super) fn faults<'a>(all: &'a [RawSource], forms: &'a [&Procedure]) -> impl Iterator<Item = (&'a str, String)> {
    all.iter().enumerate().filter_map(|(n, source)| {
        let has = |code: &String| forms.iter().any(|form| form.code == *code && source.is_of(form));
        let named_wrongly = source.forms.iter().find(|code| !has(code));
        let is_twice = |form: &&&Procedure| {
            let same = |other: &RawSource| other.item == source.item && other.is_of(form);
            source.is_of(form) && all.iter().take(n).any(same)
        };
        let problem = if let Some(code) = named_wrongly {
            format!("the prefill: {code} is no form with this item")
        } else if !forms.iter().any(|form| source.is_of(form)) {
            "the prefill: no form has this item".to_owned()
        } else {
            let form = forms.iter().find(is_twice)?;
            format!("the prefill: it has two sources in {}", form.code)
        };
        Some((source.item.as_str(), problem))
    })
}

impl ApplicationForm {
    /// Says of each item of a schema where it comes from.
    pub(super) fn mark_sources(&self, applicant: &mut Value) {
        for source in &self.sources {
            let place = applicant.pointer_mut(&format!("/properties/{}", source.item)).and_then(Value::as_object_mut);
            if let Some(members) = place {
                let (data_set, item) = (source.data_set.as_str(), source.code.as_str());
                members.insert("x-self-information".to_owned(), json!({"data_set": data_set, "item": item}));
            }
        }
    }
}
