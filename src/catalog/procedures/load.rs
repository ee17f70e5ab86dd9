//! Reads the files of procedures and checks what one table, one file, and all files together must keep to.

mod e_gov_form;
mod extends;
mod fields;
mod form;

use super::definition::{AgencyKind, Due, Field, Procedure, RecordCount, Rule};
use super::municipality::is_municipality;
use super::{Charset, Procedures};
use crate::catalog::CatalogFault;
use crate::catalog::load::{note, read_files, snake_case};
use crate::catalog::reader::Reader;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use toml::Table;

const COMMON_FILE: &str = "common.toml";

type Faults = RefCell<Vec<CatalogFault>>;

/// What many procedures share: items by name.
pub(super) type Common = BTreeMap<String, Field>;

/// Reads the directory; all faults at once.
pub(super) fn load(dir: &Path) -> Result<Procedures, Vec<CatalogFault>> {
    let faults = Faults::default();
    let mut files = read_files(dir, &faults);
    let common = files.remove(COMMON_FILE).map(|table| read_common(&table, &faults));
    if common.is_none() && faults.borrow().is_empty() {
        note(&faults, COMMON_FILE, "is missing, or holds no TOML");
    }
    let (common, charset) = (common.unwrap_or_default(), Arc::new(Charset::new()));
    let files = extends::all(&files, &faults);
    let mut by_code: BTreeMap<String, Procedure> = BTreeMap::new();
    let mut first_file: BTreeMap<String, &str> = BTreeMap::new();
    for (file, table) in &files {
        let Some(one) = read_procedure(file, table, (&common, &charset), &faults) else { continue };
        for code in [Some(&one.code), one.e_gov.as_ref().filter(|id| **id != one.code)].into_iter().flatten() {
            if let Some(other) = first_file.insert(code.clone(), file) {
                note(&faults, file, &format!("describes {code}, as {other} does already"));
            }
        }
        by_code.insert(one.code.clone(), one);
    }
    if files.is_empty() && faults.borrow().is_empty() {
        note(&faults, &dir.display().to_string(), "holds no procedure");
    }
    let faults = faults.into_inner();
    if faults.is_empty() { Ok(Procedures { by_code }) } else { Err(faults) }
}

fn read_common(table: &Table, faults: &Faults) -> Common {
    let file = Reader::of_file(COMMON_FILE, table, faults);
    let mut common = Common::new();
    for entry in file.sections("field") {
        let Some(field) = fields::read_whole(&entry) else { continue };
        if !field.columns.is_empty() {
            entry.fault("column", "belongs to a procedure's own entry");
        }
        if common.insert(field.name.clone(), field).is_some() {
            entry.fault("name", "is there twice");
        }
    }
    file.finish();
    common
}

fn read_procedure(
    file: &str,
    table: &Table,
    (common, charset): (&Common, &Arc<Charset>),
    faults: &Faults,
) -> Option<Procedure> {
    let file = Reader::of_file(file, table, faults);
    let code = file.parsed("code", code);
    let title = file.words("title");
    let agency = file.parsed("agency", |text| {
        let known = AgencyKind::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| format!("must be one of {}", AgencyKind::ALL.map(AgencyKind::as_str).join(", ")))
    });
    let e_gov = file.optional_text("e_gov").map(str::to_owned);
    if e_gov.as_ref().is_some_and(|id| id.len() != 16 || !id.bytes().all(|b| b.is_ascii_digit())) {
        file.fault("e_gov", "must be a 手続識別子: 16 digits");
    }
    let records = file.parsed("records", |text| match text {
        "one" => Ok(RecordCount::One),
        "many" => Ok(RecordCount::Many),
        _ => Err("must be one or many".to_owned()),
    });
    let municipalities = file.optional_list("municipalities").unwrap_or_default();
    if let Some(wrong) = municipalities.iter().find(|code| !is_municipality(code)) {
        file.fault("municipalities", format!("{wrong:?} is no 市区町村コード: five digits and their check digit"));
    }
    let is_for_union = file.flag("is_for_union", false);
    let office = fields::read_office(&file, common);
    let fields = fields::read(&file, common);
    let due = read_due(&file, &fields);
    let rules = read_rules(&file, &fields);
    let csv = form::read(&file, &office, &fields);
    let e_gov_forms = e_gov_form::read(&file, (e_gov.as_deref(), records), &office, &fields);
    file.finish();
    Some(Procedure {
        code: code?,
        title: title?,
        agency: agency?,
        municipalities,
        is_for_union,
        e_gov,
        records: records?,
        due: due?,
        csv,
        e_gov_forms,
        office,
        fields,
        rules,
        charset: Arc::clone(charset),
    })
}

fn code(text: &str) -> Result<String, String> {
    let is_good = (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if is_good { Ok(text.to_owned()) } else { Err("must be 1 to 64 characters of a-z 0-9 -".to_owned()) }
}

/// The name of an item that is there, and is of this kind where one is asked for.
fn item(entry: &Reader<'_>, key: &'static str, fields: &[Field], kind: &str) -> Option<String> {
    entry.parsed(key, |name| known(name, fields, kind))
}

fn known(name: &str, fields: &[Field], kind: &str) -> Result<String, String> {
    match fields.iter().find(|field| field.name == name) {
        None => Err(format!("{name:?} is no item of the records")),
        Some(field) if !kind.is_empty() && field.kind.name() != kind => Err(format!("{name:?} must be of kind {kind}")),
        Some(_) => Ok(name.to_owned()),
    }
}

fn items(entry: &Reader<'_>, key: &'static str, fields: &[Field]) -> Vec<String> {
    entry.list(key, |name| known(name, fields, "").ok())
}

fn read_due(file: &Reader<'_>, fields: &[Field]) -> Option<Due> {
    let due = file.section("due")?;
    let read = match due.text("kind")? {
        "days_after" => {
            let (field, days) = (item(&due, "field", fields, "date"), due.count("days", 366));
            field.zip(days).map(|(field, days)| Due::DaysAfter { field, days })
        }
        "months_after" => {
            let (field, months) = (item(&due, "field", fields, "date"), due.count("months", 24));
            let counts_first_day = due.flag("counts_first_day", false);
            let before = due.optional_text("before").map(|name| known(name, fields, "date"));
            let before = before.transpose().map_err(|problem| due.fault("before", problem)).ok().flatten();
            field.zip(months).map(|(field, months)| Due::MonthsAfter { field, months, counts_first_day, before })
        }
        "on_day" => item(&due, "field", fields, "date").map(|field| Due::OnDay { field }),
        "day_of_next_month" => {
            let (field, day) = (item(&due, "field", fields, "date"), due.count("day", 28));
            field.zip(day).map(|(field, day)| Due::DayOfNextMonth { field, day })
        }
        "window" => {
            let (from, until) = (due.parsed("from", month_day), due.parsed("until", month_day));
            from.zip(until).map(|(from, until)| Due::Window { from, until })
        }
        "promptly" => Some(Due::Promptly),
        _ => {
            due.fault("kind", "must be days_after, months_after, on_day, day_of_next_month, window or promptly");
            None
        }
    };
    due.finish();
    read
}

fn month_day(text: &str) -> Result<String, String> {
    // 29 February is no day of every year.
    let is_day = text.len() == 5 && chrono::NaiveDate::parse_from_str(&format!("2026-{text}"), "%Y-%m-%d").is_ok();
    if is_day { Ok(text.to_owned()) } else { Err("must be a day of every year, MM-DD".to_owned()) }
}

fn read_rules(file: &Reader<'_>, fields: &[Field]) -> Vec<Rule> {
    let mut rules = Vec::new();
    for entry in file.sections("rule") {
        let pair = || item(&entry, "earlier", fields, "date").zip(item(&entry, "later", fields, "date"));
        let rule = match entry.text("kind") {
            Some("one_of") => Some(Rule::OneOf(items(&entry, "fields", fields))),
            Some("when") => {
                let value = entry.optional_text("value").map(str::to_owned);
                let then = items(&entry, "then", fields);
                item(&entry, "field", fields, "").map(|field| Rule::When { field, value, then })
            }
            Some("without") => {
                let then = items(&entry, "then", fields);
                item(&entry, "field", fields, "").map(|field| Rule::Without { field, then })
            }
            Some("not_before") => pair().map(|(earlier, later)| Rule::NotBefore { earlier, later }),
            Some("days_after") => {
                let days = entry.count("days", 366);
                pair().zip(days).map(|((earlier, later), days)| Rule::DaysAfter { earlier, later, days })
            }
            Some(_) => {
                entry.fault("kind", "must be one_of, when, without, not_before or days_after");
                None
            }
            None => None,
        };
        entry.finish();
        rules.extend(rule);
    }
    rules
}

fn name(text: &str) -> Result<String, String> {
    snake_case(text)
}
