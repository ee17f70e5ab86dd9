//! Reads `facts.toml`: what can be asked about yes or no, and from which items it is read.

use super::super::data_set::{DataSet, Item, ItemKind};
use super::super::facts::{Fact, Reading, Test, Window};
use super::super::reader::Reader;
use crate::domain::data_set::{DataSetCode, ItemCode};
use crate::domain::predicate::FactCode;
use std::collections::BTreeMap;
use toml::Table;

/// The file's name. A catalogue without it has no facts, and nothing can be asked yes or no.
pub(super) const FILE: &str = "facts.toml";

/// All facts of the file; those with a fault are left out and noted.
pub(super) fn read(
    table: &Table,
    data_sets: &BTreeMap<DataSetCode, DataSet>,
    faults: &super::Faults,
) -> BTreeMap<FactCode, Fact> {
    let file = Reader::of_file(FILE, table, faults);
    let mut facts = BTreeMap::new();
    for entry in file.sections("fact") {
        let fact = read_fact(&entry, data_sets);
        entry.finish();
        let Some(fact) = fact else { continue };
        if facts.contains_key(&fact.code) {
            entry.fault("code", "is there twice");
        }
        facts.insert(fact.code.clone(), fact);
    }
    file.finish();
    facts
}

fn read_fact(entry: &Reader<'_>, data_sets: &BTreeMap<DataSetCode, DataSet>) -> Option<Fact> {
    let code = entry.parsed("code", |text| FactCode::parse(text).map_err(str::to_owned));
    let (name, unit, most) = (entry.words("name"), entry.words("unit"), entry.count("most", u32::MAX));
    let window = entry.parsed("window", |text| {
        let names: Vec<&str> = Window::ALL.iter().map(|window| window.as_str()).collect();
        let found = Window::ALL.into_iter().find(|window| window.as_str() == text);
        found.ok_or_else(|| format!("must be one of {}", names.join(", ")))
    });
    let set = entry.parsed("data_set", |text| {
        let code = DataSetCode::parse(text).map_err(|error| error.to_string())?;
        data_sets.get(&code).ok_or_else(|| "is not in the catalogue".to_owned())
    });
    let (Some(set), Some(window)) = (set, window) else {
        // Asked for, so that they are not told to be unknown as well.
        let _ = (entry.optional_text("age"), entry.optional_text("year"), entry.optional_text("count"));
        let _ = (entry.optional_list("sum"), entry.sections("where"));
        return None;
    };
    if !set.conditions.contains(&window.condition()) {
        entry.fault("window", format!("needs the condition {} of {}", window.condition().as_str(), set.code));
    }
    let (reading, group) = read_reading(entry, set)?;
    let when = read_year(entry, set, window).ok()?;
    let fact =
        Fact { code: code?, data_set: set.code, name: name?, unit: unit?, most: most?, window, group, when, reading };
    for item in fact.items() {
        if !is_around(set, item, group) {
            entry.fault("", format!("item {item} does not stand in the group that is looked at, nor around it"));
        }
    }
    if fact.items().is_empty() {
        entry.fault("count", "needs a year or a where: what is counted must say something");
    }
    Some(fact)
}

/// A fault that was noted.
struct Noted;

/// The item that says of which year an occurrence is; none where the fact is not of years.
fn read_year(entry: &Reader<'_>, set: &DataSet, window: Window) -> Result<Option<ItemCode>, Noted> {
    let named = entry.optional_text("year");
    let kind: fn(&ItemKind) -> bool = match (window, named) {
        (Window::TaxYear, _) => |kind| matches!(kind, ItemKind::FiscalYear),
        (Window::FiscalYear, _) => |kind| matches!(kind, ItemKind::Date | ItemKind::FiscalYear),
        (Window::Latest | Window::Ever, None) => return Ok(None),
        (Window::Latest | Window::Ever, Some(_)) => {
            entry.fault("year", "belongs to the windows tax_year and fiscal_year only");
            return Err(Noted);
        }
    };
    let Some(named) = named else {
        entry.fault("year", "is missing: the item that says of which year an occurrence is");
        return Err(Noted);
    };
    find(entry, "year", set, named, kind).map(|item| Some(item.code)).ok_or(Noted)
}

/// How the number is read, and in which group.
fn read_reading(entry: &Reader<'_>, set: &DataSet) -> Option<(Reading, Option<ItemCode>)> {
    let (sum, age) = (entry.optional_list("sum"), entry.optional_text("age"));
    let (count, tests) = (entry.optional_text("count"), entry.sections("where"));
    if count.is_none() && !tests.is_empty() {
        entry.fault("where", "belongs to a count");
    }
    match (sum, age, count) {
        (Some(named), None, None) => {
            let is_number = |kind: &ItemKind| matches!(kind, ItemKind::Yen | ItemKind::Integer { .. });
            let items: Option<Vec<&Item>> = named.iter().map(|code| find(entry, "sum", set, code, is_number)).collect();
            let items = items.filter(|items| !items.is_empty())?;
            let group = items.first()?.parent;
            Some((Reading::Sum(items.iter().map(|item| item.code).collect()), group))
        }
        (None, Some(named), None) => {
            let item = find(entry, "age", set, named, |kind| matches!(kind, ItemKind::Date))?;
            Some((Reading::Age(item.code), item.parent))
        }
        (None, None, Some(named)) => {
            let group = find(entry, "count", set, named, |kind| matches!(kind, ItemKind::Group))?;
            let tests: Option<Vec<Test>> = tests.iter().map(|test| read_test(test, set)).collect();
            Some((Reading::Count(tests?), Some(group.code)))
        }
        _ => {
            entry.fault("", "needs exactly one of sum, age and count");
            None
        }
    }
}

fn read_test(entry: &Reader<'_>, set: &DataSet) -> Option<Test> {
    let named = entry.text("item");
    let (is, not) = (entry.optional_list("is"), entry.optional_list("not"));
    entry.finish();
    let item = find(entry, "item", set, named?, |kind| matches!(kind, ItemKind::Enum { .. }))?;
    let ItemKind::Enum { codes } = &item.kind else { return None };
    let (values, is_wanted) = match (is, not) {
        (Some(values), None) => (values, true),
        (None, Some(values)) => (values, false),
        _ => {
            entry.fault("", "needs exactly one of is and not");
            return None;
        }
    };
    let mut places = Vec::with_capacity(values.len());
    for value in &values {
        match codes.iter().position(|code| code.value == *value) {
            Some(place) => places.push(place),
            None => entry.fault("is", format!("{value} is no value of {}", item.code)),
        }
    }
    Some(Test { item: item.code, codes: places, is_wanted })
}

/// The item, if it is there once in its place and of the right kind.
fn find<'s>(
    entry: &Reader<'_>,
    key: &str,
    set: &'s DataSet,
    code: &str,
    is_right: fn(&ItemKind) -> bool,
) -> Option<&'s Item> {
    let found = ItemCode::parse(code).ok().and_then(|code| set.item(code));
    match found {
        Some(item) if is_right(&item.kind) && (item.is_group() || !item.is_repeated) => Some(item),
        Some(item) => {
            entry.fault(key, format!("{code} is of kind {}, or repeated, and cannot be read so", item.kind.as_str()));
            None
        }
        None => {
            entry.fault(key, format!("{} has no item {code}", set.code));
            None
        }
    }
}

/// Whether an item stands in `group`, or in a group around it, or at the top.
fn is_around(set: &DataSet, item: ItemCode, group: Option<ItemCode>) -> bool {
    let Some(item) = set.item(item) else { return false };
    let mut at = group;
    loop {
        if item.parent == at {
            return true;
        }
        match at {
            Some(code) => at = set.item(code).and_then(|group| group.parent),
            None => return false,
        }
    }
}
