//! Reads a data set's items and checks that they hang together and fit the typed shape.

use super::super::data_set::{Item, ItemKind};
use super::super::reader::Reader;
use super::super::shapes::ShapeKind;
use super::{read_kind, snake_case};
use crate::domain::data_set::{DataSetCode, ItemCode};
use serde_json::{Map, Value};

/// Levels that the interface has (階層 1 to 3).
const MAX_HIERARCHY: u8 = 3;

/// All items of the file; those with a fault are left out and noted.
pub(super) fn read(file: &Reader<'_>, set: Option<DataSetCode>, shape: ShapeKind) -> Vec<Item> {
    let prefix = set.map(item_prefix).unwrap_or_default();
    let mut items: Vec<Item> = Vec::new();
    for entry in file.sections("item") {
        let Some(item) = read_item(&entry, &items) else { continue };
        if !item.code.as_str().starts_with(&prefix) {
            entry.fault("code", format!("must begin with {prefix}, the data set's number"));
        }
        if items.iter().any(|other| other.code == item.code) {
            entry.fault("code", "is there twice");
            continue;
        }
        check_field(&entry, &item, &items, shape);
        items.push(item);
    }
    for group in items.iter().filter(|item| item.is_group()) {
        if !items.iter().any(|item| item.parent == Some(group.code)) {
            file.fault("item", format!("group {} holds no item", group.code));
        }
    }
    items
}

/// What the item codes of a data set begin with: its number, two digits or more; the health-insurance group's has a 9
/// in front.
fn item_prefix(set: DataSetCode) -> String {
    let (family, number) = set.as_str().split_at(2);
    let number = number.trim_start_matches('0');
    if family == "HI" { format!("9{number:0>2}") } else { format!("{number:0>2}") }
}

fn read_item(entry: &Reader<'_>, before: &[Item]) -> Option<Item> {
    let read_code = |text: &str| ItemCode::parse(text).map_err(|error| error.to_string());
    let code = entry.parsed("code", read_code);
    let (name, plain) = (entry.words("name"), entry.words("plain"));
    let kind = read_kind(entry);
    let is_repeated = entry.flag("repeated", false);
    let parent = entry.optional_text("parent").and_then(|text| {
        let parent = before.iter().find(|item| item.is_group() && item.code.as_str() == text);
        if parent.is_none() {
            entry.fault("parent", "must be the code of a group that stands before it");
        }
        parent
    });
    let field = entry.optional_text("field").map(snake_case);
    entry.finish();
    let hierarchy = parent.map_or(1, |group| group.hierarchy + 1);
    if hierarchy > MAX_HIERARCHY {
        entry.fault("parent", format!("puts it on level {hierarchy}; the interface has {MAX_HIERARCHY}"));
    }
    let field = match field {
        Some(Err(problem)) => {
            entry.fault("field", problem);
            None
        }
        other => other.and_then(Result::ok),
    };
    let parent = parent.map(|group| group.code);
    Some(Item { code: code?, name: name?, plain: plain?, kind: kind?, hierarchy, is_repeated, parent, field })
}

/// Tries every value the item can have in its field of the shape.
fn check_field(entry: &Reader<'_>, item: &Item, before: &[Item], shape: ShapeKind) {
    let groups: Vec<&Item> = groups_above(item, before);
    if item.field.is_none() {
        if shape.is_typed() && item.is_group() && item.is_repeated {
            entry.fault("field", "is missing: repetitions cannot be told apart in a typed shape");
        }
        return;
    }
    if !shape.is_typed() {
        return entry.fault("field", "belongs to a data set with a typed shape only");
    }
    let scope = scope(&groups);
    let is_taken =
        before.iter().any(|other| other.field == item.field && self::scope(&groups_above(other, before)) == scope);
    if is_taken {
        entry.fault("field", "is taken by another item in the same place");
    }
    if scope.is_empty() && item.field.as_deref() == Some("kind") {
        entry.fault("field", "cannot be kind: that says which shape the record has");
    }
    for sample in samples(&item.kind) {
        let mut object = placed(item, sample, Map::new());
        for group in &groups {
            object = placed(group, Value::Object(object.clone()), object);
        }
        if let Err(error) = shape.build(object) {
            entry.fault("field", format!("does not fit the shape {}: {error}", shape.as_str()));
        }
    }
}

/// `value` under the field of `item`; `otherwise` when it has none.
fn placed(item: &Item, value: Value, otherwise: Map<String, Value>) -> Map<String, Value> {
    let Some(field) = &item.field else { return otherwise };
    let value = if item.is_repeated { Value::Array(vec![value]) } else { value };
    Map::from_iter([(field.clone(), value)])
}

/// The groups that hold an item, innermost first.
fn groups_above<'a>(item: &Item, items: &'a [Item]) -> Vec<&'a Item> {
    let mut above = Vec::new();
    let mut parent = item.parent;
    while let Some(group) = parent.and_then(|code| items.iter().find(|other| other.code == code)) {
        above.push(group);
        parent = group.parent;
    }
    above
}

/// The object that a field stands in, as the groups that make it.
fn scope(above: &[&Item]) -> Vec<ItemCode> {
    above.iter().filter(|group| group.field.is_some()).map(|group| group.code).collect()
}

/// A value of each form that an item of this kind can have.
fn samples(kind: &ItemKind) -> Vec<Value> {
    vec![match kind {
        ItemKind::Text => "text".into(),
        ItemKind::Date => "2025-04-01".into(),
        ItemKind::YearMonth => "2025-04".into(),
        ItemKind::FiscalYear => 2025.into(),
        ItemKind::Yen | ItemKind::Integer { .. } => (-1).into(),
        ItemKind::Decimal { .. } => 0.5.into(),
        ItemKind::Enum { codes } => return codes.iter().map(|code| code.value.as_str().into()).collect(),
        ItemKind::Group => Value::Object(Map::new()),
    }]
}
