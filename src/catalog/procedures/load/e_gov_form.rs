//! e-Gov's forms: which element of which form each item goes to. What has no element would be lost in silence, so every
//! item has one.

use super::super::definition::{Field, Kind, RecordCount};
use super::super::e_gov_form::{EgovForm, FormItem, Writing};
use crate::catalog::reader::Reader;

/// Characters of one element's path.
const LONGEST: usize = 200;

/// Most forms of one procedure.
const MOST_FORMS: usize = 9;

/// `[e_gov_form]` and the `[[e_gov_form.more]]` after it, with every item's element held against its kind.
pub(super) fn read(
    file: &Reader<'_>,
    (e_gov, records): (Option<&str>, Option<RecordCount>),
    office: &[Field],
    fields: &[Field],
) -> Vec<EgovForm> {
    let Some(form) = file.optional_section("e_gov_form") else { return Vec::new() };
    if e_gov.is_none() {
        form.fault("", "belongs to a procedure with an e_gov number");
    }
    if records != Some(RecordCount::One) {
        form.fault("", "is of one record: records must be \"one\"");
    }
    let (first_office, first_record) = (form.section("office"), form.section("record"));
    let more = form.sections("more");
    if more.len() >= MOST_FORMS {
        form.fault("more", format!("must be at most {}", MOST_FORMS - 1));
    }
    let mut forms = vec![read_form(&form, office, fields)];
    forms.extend(more.iter().map(|one| read_form(one, office, fields)));
    form.finish();
    more.iter().for_each(Reader::finish);
    let is_there = |field: &Field, items: &dyn Fn(&EgovForm) -> &Vec<FormItem>| {
        forms.iter().any(|form| items(form).iter().any(|item| item.field == field.name))
    };
    for field in office.iter().filter(|field| !is_there(field, &|form| &form.office)) {
        if let Some(section) = &first_office {
            section.fault(&field.name, "has no element: it would be lost");
        }
    }
    for field in fields.iter().filter(|field| !is_there(field, &|form| &form.record)) {
        if let Some(section) = &first_record {
            section.fault(&field.name, "has no element: it would be lost");
        }
    }
    forms
}

fn read_form(form: &Reader<'_>, office: &[Field], fields: &[Field]) -> EgovForm {
    let filed_on = form.optional_text("filed_on").map(str::to_owned);
    if filed_on.as_ref().is_some_and(|path| !is_path(path)) {
        form.fault("filed_on", "must be an element, or a/b for b inside a");
    }
    let items = |section: Option<Reader<'_>>, fields: &[Field]| {
        section.map(|section| read_items(&section, fields)).unwrap_or_default()
    };
    let office = items(form.optional_section("office"), office);
    let record = items(form.optional_section("record"), fields);
    EgovForm { office, record, filed_on }
}

fn read_items(section: &Reader<'_>, fields: &[Field]) -> Vec<FormItem> {
    let mut read: Vec<FormItem> = Vec::new();
    for (name, entry) in section.entries() {
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            section.fault(name, "is no item of this procedure");
            continue;
        };
        let elements = read_elements(&entry, field);
        let writing = match entry.optional_text("as") {
            None => Writing::Plain,
            Some(_) => entry.parsed("as", |text| writing(text, &field.kind)).unwrap_or(Writing::Plain),
        };
        entry.finish();
        read.push(FormItem { field: field.name.clone(), elements, writing });
    }
    let all: Vec<&String> = read.iter().flat_map(|item| &item.elements).collect();
    for (n, element) in all.iter().enumerate() {
        if all.iter().take(n).any(|other| other == element) {
            section.fault("", format!("{element} is filled by two items"));
        }
    }
    read
}

fn read_elements(entry: &Reader<'_>, field: &Field) -> Vec<String> {
    let one = entry.optional_text("element").map(str::to_owned);
    let several = entry.optional_list("elements");
    let elements = match (one, several) {
        (Some(one), None) => vec![one],
        (None, Some(several)) if matches!(field.kind, Kind::Digits { .. }) && several.len() == field.parts.len() => {
            several
        }
        (None, Some(_)) => {
            entry.fault("elements", "must be as many as the parts of the item's digits");
            Vec::new()
        }
        _ => {
            entry.fault("element", "say element, or elements of digits in parts");
            Vec::new()
        }
    };
    if !elements.iter().all(|path| is_path(path)) {
        entry.fault("element", "must be an element, or a/b for b inside a");
    }
    elements
}

fn writing(text: &str, kind: &Kind) -> Result<Writing, String> {
    let known = Writing::ALL.into_iter().find(|writing| writing.as_str() == text && writing.is_for(kind));
    known.ok_or_else(|| {
        let names = Writing::ALL.into_iter().filter(|writing| writing.is_for(kind)).map(Writing::as_str);
        format!("must be one of {} for kind {}", names.collect::<Vec<_>>().join(", "), kind.name())
    })
}

fn is_path(path: &str) -> bool {
    path.chars().count() <= LONGEST
        && path.split('/').all(|name| !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control()))
}
