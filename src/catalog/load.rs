//! Reads the files of the catalogue and checks what one table alone, one file, and all files together must keep to.

use super::data_set::{CodeValue, ConditionKind, DataSet, Group, ItemKind, Retention};
use super::reader::Reader;
use super::shapes::ShapeKind;
use super::{Catalog, CatalogFault};
use crate::domain::Words;
use crate::domain::acr::Acr;
use crate::domain::client::ClientClass;
use crate::domain::data_set::{DataSetCode, ItemCode};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;
use toml::Table;

mod facts;
mod items;

const GROUPS_FILE: &str = "groups.toml";
/// Law does not let anyone keep anything longer than a life.
const MAX_RETENTION_YEARS: u32 = 120;
/// A year: a sign-in that may be older than that need not be asked for at all.
const MOST_AUTHENTICATION_MINUTES: u32 = 366 * 24 * 60;

type Faults = RefCell<Vec<CatalogFault>>;

/// Reads the directory; all faults at once.
pub(super) fn load(dir: &Path) -> Result<Catalog, Vec<CatalogFault>> {
    let faults = Faults::default();
    let mut files = read_files(dir, &faults);
    let groups = files.remove(GROUPS_FILE).map(|table| read_groups(&table, &faults));
    if groups.is_none() && faults.borrow().is_empty() {
        note(&faults, GROUPS_FILE, "is missing, or holds no TOML");
    }
    let groups = groups.unwrap_or_default();
    let facts = files.remove(facts::FILE);
    let mut data_sets: BTreeMap<DataSetCode, DataSet> = BTreeMap::new();
    let mut first_file: BTreeMap<DataSetCode, &str> = BTreeMap::new();
    for (file, table) in &files {
        let Some(set) = read_data_set(file, table, &groups, &faults) else { continue };
        if let Some(other) = first_file.insert(set.code, file) {
            note(&faults, file, &format!("describes {}, as {other} does already", set.code));
        }
        data_sets.insert(set.code, set);
    }
    if files.is_empty() && faults.borrow().is_empty() {
        note(&faults, &dir.display().to_string(), "holds no data set");
    }
    // Of a data set with a fault, items are missing that a fact may name: one thing is told at a time.
    let facts = facts.filter(|_| faults.borrow().is_empty());
    let facts = facts.map(|table| facts::read(&table, &data_sets, &faults)).unwrap_or_default();
    let faults = faults.into_inner();
    if faults.is_empty() { Ok(Catalog { groups, data_sets, facts }) } else { Err(faults) }
}

pub(super) fn note(faults: &Faults, file: &str, problem: &str) {
    let fault = CatalogFault { file: file.to_owned(), key: String::new(), problem: problem.to_owned() };
    faults.borrow_mut().push(fault);
}

/// Every `*.toml` of the directory, parsed, by file name.
pub(super) fn read_files(dir: &Path, faults: &Faults) -> BTreeMap<String, Table> {
    let mut files = BTreeMap::new();
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            note(faults, &dir.display().to_string(), &format!("cannot be read: {error}"));
            return files;
        }
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let parsed = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot be read: {error}"))
            .and_then(|text| text.parse::<Table>().map_err(|error| format!("is no TOML: {}", error.message())));
        match parsed {
            Ok(table) => {
                files.insert(name, table);
            }
            Err(problem) => note(faults, &name, &problem),
        }
    }
    files
}

fn read_groups(table: &Table, faults: &Faults) -> Vec<Group> {
    let file = Reader::of_file(GROUPS_FILE, table, faults);
    let mut groups: Vec<Group> = Vec::new();
    for entry in file.sections("group") {
        let code = entry.parsed("code", snake_case);
        let name = entry.words("name");
        let area = entry.section("area").map(|area| {
            let read = (area.parsed("code", snake_case), area.bare_words());
            area.finish();
            read
        });
        entry.finish();
        let (Some(code), Some(name), Some((Some(area), Some(area_name)))) = (code, name, area) else { continue };
        if groups.iter().any(|group| group.code == code) {
            entry.fault("code", "is there twice");
        }
        groups.push(Group { code, name, area, area_name });
    }
    file.finish();
    groups
}

/// The keys at the top of a data set's file.
fn read_data_set(file: &str, table: &Table, groups: &[Group], faults: &Faults) -> Option<DataSet> {
    let file = Reader::of_file(file, table, faults);
    let code = file.parsed("code", |text| DataSetCode::parse(text).map_err(|error| error.to_string()));
    let group = file.parsed("group", |text| {
        let is_known = groups.is_empty() || groups.iter().any(|group| group.code == text);
        if is_known { Ok(text.to_owned()) } else { Err(format!("{text:?} is in no entry of {GROUPS_FILE}")) }
    });
    let shape = file.parsed("shape", |text| {
        ShapeKind::parse(text).ok_or_else(|| format!("must be one of {}", ShapeKind::names().join(", ")))
    });
    let backend = file.parsed("backend", backend_name);
    let version = file.text("version").map(str::to_owned);
    let is_name_known = file.flag("is_name_known", true);
    let classes = file.list("classes", ClientClass::parse);
    if !is_name_known && !classes.is_empty() {
        file.fault("classes", "must be empty: nobody may ask for data whose name is not known");
    }
    let conditions = file.list("conditions", condition_kind);
    if conditions.is_empty() && table.contains_key("conditions") {
        file.fault("conditions", "must name at least one of latest, on_date, range, tax_year");
    }
    let min_acr = file.parsed("min_acr", |text| {
        Acr::parse(text).filter(|acr| acr.as_str() == text).ok_or_else(|| "must be aal1, aal2 or aal3".to_owned())
    });
    let max_authentication_age = file.optional_count("max_authentication_age_minutes", MOST_AUTHENTICATION_MINUTES);
    let is_sensitive = file.flag("is_sensitive", false);
    let (name, summary, provider) = (file.words("name"), file.words("summary"), file.words("provider"));
    let retention = read_retention(&file);
    let items = items::read(&file, code, shape.unwrap_or(ShapeKind::Coded));
    if items.is_empty() && is_name_known && !table.contains_key("item") {
        file.fault("item", "must be there at least once");
    }
    file.finish();
    let index: HashMap<ItemCode, usize> = items.iter().enumerate().map(|(at, item)| (item.code, at)).collect();
    Some(DataSet {
        code: code?,
        group: group?,
        name: name?,
        summary: summary?,
        provider: provider?,
        backend: backend?,
        version: version?,
        items,
        retention,
        classes,
        min_acr: min_acr?,
        max_authentication_age: max_authentication_age.map(|minutes| Duration::from_mins(minutes.into())),
        shape: shape?,
        conditions,
        is_sensitive,
        is_name_known,
        index,
    })
}

fn read_retention(file: &Reader<'_>) -> Option<Retention> {
    let section = file.optional_section("retention")?;
    let (years, law) = (section.count("years", MAX_RETENTION_YEARS), section.words("law"));
    section.finish();
    Some(Retention { years: years?, law: law? })
}

pub(super) fn snake_case(text: &str) -> Result<String, String> {
    let is_snake = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if is_snake { Ok(text.to_owned()) } else { Err("must be snake_case: a-z, 0-9 and _, a letter first".to_owned()) }
}

fn backend_name(text: &str) -> Result<String, String> {
    let is_name = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if is_name { Ok(text.to_owned()) } else { Err("must be a backend's name: a-z, 0-9 and -".to_owned()) }
}

fn condition_kind(text: &str) -> Option<ConditionKind> {
    use ConditionKind::{Latest, OnDate, Range, TaxYear};
    [Latest, OnDate, Range, TaxYear].into_iter().find(|kind| kind.as_str() == text)
}

/// The kind of an item with what belongs to it (`unit`, `codes`).
fn read_kind(entry: &Reader<'_>) -> Option<ItemKind> {
    let unit = entry.optional_text("unit").map(str::to_owned);
    let codes = entry.optional_section("codes").map(|codes| read_codes(&codes));
    let kind = entry.text("kind")?;
    if codes.is_some() != (kind == "enum") {
        entry.fault("codes", "must be there for kind enum, and for no other");
    }
    if unit.is_some() && !matches!(kind, "integer" | "decimal") {
        entry.fault("unit", "belongs to kinds integer and decimal only");
    }
    Some(match kind {
        "text" => ItemKind::Text,
        "date" => ItemKind::Date,
        "year_month" => ItemKind::YearMonth,
        "fiscal_year" => ItemKind::FiscalYear,
        "yen" => ItemKind::Yen,
        "integer" => ItemKind::Integer { unit },
        "decimal" => {
            if unit.is_none() {
                entry.fault("unit", "is missing: a measured number needs its unit");
            }
            ItemKind::Decimal { unit: unit? }
        }
        "enum" => ItemKind::Enum { codes: codes? },
        "group" => ItemKind::Group,
        _ => {
            entry.fault("kind", "must be text, date, year_month, fiscal_year, yen, integer, decimal, enum or group");
            return None;
        }
    })
}

fn read_codes(section: &Reader<'_>) -> Vec<CodeValue> {
    let mut read: Vec<CodeValue> = Vec::new();
    for (code, entry) in section.entries() {
        let (value, words): (Option<String>, Option<Words>) = (entry.parsed("value", snake_case), entry.bare_words());
        entry.finish();
        let (Some(value), Some(words)) = (value, words) else { continue };
        read.push(CodeValue { code: code.to_owned(), value, words });
    }
    if section.entries().is_empty() {
        section.fault("", "must hold at least one code");
    }
    read
}

#[cfg(test)]
mod tests;
