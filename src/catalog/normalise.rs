//! From what a backend sent to what may leave: keep what was agreed to, type it, place it, forget the rest.
//!
//! The backend is not believed: its names, levels and order are read only as far as the catalogue knows them, its
//! counts and lengths are capped, and an item that was not agreed to is dropped before its content is even looked at.

mod occurrences;

pub(super) use occurrences::occurrences;

use super::data_set::{DataSet, Item};
use super::record::{CodedItem, CodedPosition, CodedValue, DataSetRecord};
use super::value::{self, ItemFaultReason, Parsed};
use crate::domain::data_set::ItemCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// Most items read of one answer; what comes after is dropped and counted.
pub const MAX_RAW_ITEMS: usize = 10_000;
/// Most faults told of one answer.
pub const MAX_FAULTS: usize = 200;

/// One item as a backend sent it (`personInfoNameDetailList`): hostile until read.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawItem {
    /// Its level; not believed, the catalogue knows it.
    pub hierarchy: String,
    /// Its code (`personInitemCd`).
    pub code: String,
    /// Its name; never handed on.
    pub name: String,
    /// Its content; none for a group.
    pub content: Option<String>,
}

/// Shows the code only: the content is personal.
impl fmt::Debug for RawItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawItem({:?})", self.code.get(..10))
    }
}

/// An agreed item whose content could not be read. It says which and why, never what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemFault {
    /// The item.
    #[schema(value_type = String, pattern = "^[0-9]{10}$", example = "0200000030")]
    pub item: ItemCode,
    /// Why.
    pub reason: ItemFaultReason,
}

/// How many items were left behind, for the metrics only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Their code is not in the catalogue.
    pub unknown: usize,
    /// The citizen did not agree to them.
    pub not_allowed: usize,
    /// They came after [`MAX_RAW_ITEMS`].
    pub over_limit: usize,
}

/// What may leave of one answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalised {
    /// The typed record.
    pub shape: DataSetRecord,
    /// Agreed items that the shape has no place for; empty when the whole record is coded.
    pub items: Vec<CodedItem>,
    /// Agreed items that could not be read.
    pub faults: Vec<ItemFault>,
    /// What was left behind.
    pub dropped: Dropped,
    /// Which places of what was sent that is, in order.
    pub cut: Vec<usize>,
    /// How many values are in `shape` and `items`.
    pub values: usize,
}

impl Normalised {
    /// Whether nothing is left to hand on.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values == 0
    }
}

/// Reads `raw` as the data set `set`; only items for which `allowed` says yes have any effect on what comes out.
#[must_use]
pub fn normalise(set: &DataSet, raw: &[RawItem], allowed: &dyn Fn(ItemCode) -> bool) -> Normalised {
    let mut tree = Tree::new(set);
    let mut dropped = Dropped { over_limit: raw.len().saturating_sub(MAX_RAW_ITEMS), ..Dropped::default() };
    let mut cut = Vec::new();
    for (place, sent) in raw.iter().take(MAX_RAW_ITEMS).enumerate() {
        let Some(item) = ItemCode::parse(&sent.code).ok().and_then(|code| set.item(code)) else {
            dropped.unknown += 1;
            cut.push(place);
            continue;
        };
        if item.is_group() {
            tree.open(item);
        } else if allowed(item.code) {
            tree.put(item, sent.content.as_deref().unwrap_or_default());
        } else {
            dropped.not_allowed += 1;
            cut.push(place);
        }
    }
    cut.extend(MAX_RAW_ITEMS..raw.len());
    tree.prune();
    let (shape, items) = tree.render();
    Normalised { shape, items, faults: tree.faults, dropped, cut, values: tree.values }
}

/// One occurrence of one group (or the top, which has no item).
struct Place<'a> {
    item: Option<&'a Item>,
    parent: usize,
    values: Vec<(&'a Item, Parsed)>,
    children: Vec<usize>,
    is_full: bool,
}

/// The items put back into the groups they were flattened from.
struct Tree<'a> {
    set: &'a DataSet,
    places: Vec<Place<'a>>,
    at: usize,
    faults: Vec<ItemFault>,
    values: usize,
}

impl<'a> Tree<'a> {
    fn new(set: &'a DataSet) -> Self {
        let top = Place { item: None, parent: 0, values: Vec::new(), children: Vec::new(), is_full: true };
        Self { set, places: vec![top], at: 0, faults: Vec::new(), values: 0 }
    }

    fn group_of(&self, place: usize) -> Option<ItemCode> {
        self.places.get(place).and_then(|p| p.item).map(|item| item.code)
    }

    /// Goes up to the nearest open occurrence of `group`, or opens one where the backend left it out.
    fn enter(&mut self, group: Option<ItemCode>) {
        let mut place = self.at;
        while place != 0 && self.group_of(place) != group {
            place = self.places.get(place).map_or(0, |p| p.parent);
        }
        self.at = place;
        if self.group_of(place) != group
            && let Some(item) = group.and_then(|code| self.set.item(code))
        {
            self.open(item);
        }
    }

    /// Begins an occurrence of a group; one that is not repeated is begun once and gone back to.
    fn open(&mut self, group: &'a Item) {
        self.enter(group.parent);
        let place = self.at;
        let known = self.places.get(place).and_then(|p| {
            p.children.iter().copied().find(|child| !group.is_repeated && self.group_of(*child) == Some(group.code))
        });
        self.at = known.unwrap_or_else(|| {
            let new = self.places.len();
            self.places.push(Place {
                item: Some(group),
                parent: place,
                values: Vec::new(),
                children: Vec::new(),
                is_full: false,
            });
            if let Some(p) = self.places.get_mut(place) {
                p.children.push(new);
            }
            new
        });
    }

    fn put(&mut self, item: &'a Item, content: &str) {
        self.enter(item.parent);
        let parsed = match value::read(item, content) {
            Ok(Some(parsed)) => parsed,
            Ok(None) => return,
            Err(reason) => return self.fault(item, reason),
        };
        let Some(place) = self.places.get_mut(self.at) else { return };
        if !item.is_repeated && place.values.iter().any(|(known, _)| known.code == item.code) {
            return self.fault(item, ItemFaultReason::Repeated);
        }
        place.values.push((item, parsed));
        place.is_full = true;
        self.values += 1;
    }

    fn fault(&mut self, item: &Item, reason: ItemFaultReason) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(ItemFault { item: item.code, reason });
        }
    }

    /// Forgets occurrences in which nothing agreed to is left. A group's place comes after its parent's, so one way
    /// back is enough.
    fn prune(&mut self) {
        for at in (1..self.places.len()).rev() {
            let full = self.places.get(at).filter(|p| p.is_full).map(|p| p.parent);
            if let Some(parent) = full.and_then(|parent| self.places.get_mut(parent)) {
                parent.is_full = true;
            }
        }
        let full: Vec<bool> = self.places.iter().map(|p| p.is_full).collect();
        for place in &mut self.places {
            place.children.retain(|child| full.get(*child).copied().unwrap_or(false));
        }
    }

    fn render(&self) -> (DataSetRecord, Vec<CodedItem>) {
        let is_typed = self.set.shape.is_typed();
        let mut rest = Vec::new();
        self.coded(0, &mut Vec::new(), &mut rest, &|item| !is_typed || item.field.is_none());
        if !is_typed {
            return (DataSetRecord::coded(rest), Vec::new());
        }
        let mut object = Map::new();
        self.fill(0, &mut object);
        if let Ok(record) = self.set.shape.build(object) {
            return (record, rest);
        }
        // The files were tried at the start, so this is not reached; if it ever is, nothing agreed to is lost.
        let mut all = Vec::new();
        self.coded(0, &mut Vec::new(), &mut all, &|_| true);
        (DataSetRecord::coded(all), Vec::new())
    }

    /// Puts the values and groups of one place into `object` under their fields; a group without one adds its own to
    /// the object it stands in.
    fn fill(&self, at: usize, object: &mut Map<String, Value>) {
        let Some(place) = self.places.get(at) else { return };
        for (item, parsed) in &place.values {
            if let Some(field) = &item.field {
                insert(object, field, item.is_repeated, parsed.to_json(item));
            }
        }
        for child in &place.children {
            let Some(group) = self.places.get(*child).and_then(|p| p.item) else { continue };
            if let Some(field) = &group.field {
                let mut inner = Map::new();
                self.fill(*child, &mut inner);
                if !inner.is_empty() {
                    insert(object, field, group.is_repeated, Value::Object(inner));
                }
            } else {
                self.fill(*child, object);
            }
        }
    }

    /// Collects the values that `wanted` says yes to, each with the groups it stands in.
    fn coded(
        &self,
        at: usize,
        within: &mut Vec<CodedPosition>,
        out: &mut Vec<CodedItem>,
        wanted: &dyn Fn(&Item) -> bool,
    ) {
        let Some(place) = self.places.get(at) else { return };
        for (item, parsed) in place.values.iter().filter(|(item, _)| wanted(item)) {
            if let Some(value) = CodedValue::of(item, parsed) {
                out.push(CodedItem { code: item.code, name: item.name.clone(), within: within.clone(), value });
            }
        }
        let mut counts: Vec<(ItemCode, u32)> = Vec::new();
        for child in &place.children {
            let Some(group) = self.group_of(*child) else { continue };
            let occurrence = if let Some((_, count)) = counts.iter_mut().find(|(code, _)| *code == group) {
                *count += 1;
                *count
            } else {
                counts.push((group, 1));
                1
            };
            within.push(CodedPosition { group, occurrence });
            self.coded(*child, within, out, wanted);
            within.pop();
        }
    }
}

fn insert(object: &mut Map<String, Value>, field: &str, is_list: bool, value: Value) {
    if !is_list {
        object.insert(field.to_owned(), value);
    } else if let Value::Array(list) = object.entry(field).or_insert_with(|| Value::Array(Vec::new())) {
        list.push(value);
    }
}

#[cfg(test)]
mod tests;
