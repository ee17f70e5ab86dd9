//! Items: those of `common.toml`, and those of a procedure, which may be one of the former with a column of their own.

use super::super::check_digits::CheckDigit;
use super::super::definition::{Choice, Field, Kind, MOST_YEN};
use super::{Common, name};
use crate::catalog::reader::Reader;

/// More bytes than any item of a form has.
const MOST_BYTES: u32 = 2000;
const MOST_NUMBER: u32 = 999_999_999;

/// An item with everything about it.
pub(super) fn read_whole(entry: &Reader<'_>) -> Option<Field> {
    let own_name = entry.parsed("name", name);
    let title = entry.words("title");
    let kind = read_kind(entry);
    let is_required = entry.flag("required", false);
    let is_name = entry.flag("is_person_name", false);
    let parts = read_parts(entry);
    let columns = read_columns(entry);
    entry.finish();
    let field = Field { name: own_name?, title: title?, kind: kind?, is_required, is_name, columns, parts };
    if is_name && !matches!(field.kind, Kind::Wide { .. } | Kind::Kana { .. }) {
        entry.fault("is_person_name", "belongs to kinds wide and kana");
    }
    if !field.parts.is_empty()
        && !matches!(field.kind, Kind::Digits { most, least, .. } if most == least && field.parts.iter().sum::<usize>() == most)
    {
        entry.fault("parts", "must be digits of a fixed count, which the parts add up to");
    }
    Some(field)
}

/// Every `[[field]]` of a procedure.
pub(super) fn read(file: &Reader<'_>, common: &Common) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for entry in file.sections("field") {
        let Some(field) = read_one(&entry, common) else { continue };
        if fields.iter().any(|other| other.name == field.name) {
            entry.fault("", format!("{} is there twice", field.name));
        }
        fields.push(field);
    }
    fields
}

fn read_one(entry: &Reader<'_>, common: &Common) -> Option<Field> {
    let Some(used) = entry.optional_text("use") else { return read_whole(entry) };
    let Some(shared) = common.get(used) else {
        entry.fault("use", format!("{used:?} is no item of common.toml"));
        return None;
    };
    let own_name = entry.optional_text("name").map(name).transpose();
    let own_name = own_name.map_err(|problem| entry.fault("name", problem)).ok()?;
    let title = entry.optional_section("title").and_then(|section| {
        let words = section.bare_words();
        section.finish();
        words
    });
    let field = Field {
        name: own_name.unwrap_or_else(|| shared.name.clone()),
        title: title.unwrap_or_else(|| shared.title.clone()),
        is_required: entry.flag("required", shared.is_required),
        columns: read_columns(entry),
        ..shared.clone()
    };
    entry.finish();
    Some(field)
}

/// The items of the office, by their names in `common.toml`; a `?` behind the name: it may be absent.
pub(super) fn read_office(file: &Reader<'_>, common: &Common) -> Vec<Field> {
    file.list("office", |text| {
        let (used, is_required) = text.strip_suffix('?').map_or((text, true), |used| (used, false));
        let shared = common.get(used)?;
        Some(Field { is_required, ..shared.clone() })
    })
}

fn read_columns(entry: &Reader<'_>) -> Vec<usize> {
    let column = entry.optional_count("column", 200);
    column.map(|column| vec![column as usize]).unwrap_or_default()
}

fn read_parts(entry: &Reader<'_>) -> Vec<usize> {
    let parts = entry.optional_list("parts").unwrap_or_default();
    let read: Option<Vec<usize>> =
        parts.iter().map(|text| text.parse().ok().filter(|n| (1..=20).contains(n))).collect();
    read.unwrap_or_else(|| {
        entry.fault("parts", "must be counts of digits, as texts");
        Vec::new()
    })
}

fn read_kind(entry: &Reader<'_>) -> Option<Kind> {
    let bytes = entry.optional_count("bytes", MOST_BYTES).map(|n| n as usize);
    let characters = entry.optional_count("characters", MOST_BYTES).map(|n| n as usize);
    let (digits, least_digits) = (entry.optional_count("digits", 40), entry.optional_count("least_digits", 40));
    let (least, most) = (entry.optional_count("least", MOST_NUMBER), entry.optional_count("most", MOST_NUMBER));
    let codes = entry.optional_section("codes").map(|codes| read_codes(&codes));
    let check = entry.optional_text("check_digit").map(str::to_owned);
    let kind = entry.text("kind")?;
    let texts = matches!(kind, "wide" | "kana" | "text");
    for (key, is_there, belongs) in [
        ("bytes", bytes.is_some(), texts),
        ("characters", characters.is_some(), kind == "line"),
        ("digits", digits.is_some(), kind == "digits"),
        ("codes", codes.is_some(), kind == "code"),
    ] {
        if is_there != belongs {
            entry.fault(key, format!("{} for kind {kind}", if belongs { "is missing" } else { "has no place" }));
        }
    }
    for (key, is_there, may) in [
        ("least_digits", least_digits.is_some(), kind == "digits"),
        ("check_digit", check.is_some(), kind == "digits"),
        ("least", least.is_some(), kind == "number"),
        ("most", most.is_some(), matches!(kind, "number" | "yen")),
    ] {
        if is_there && !may {
            entry.fault(key, format!("has no place for kind {kind}"));
        }
    }
    match kind {
        "wide" => Some(Kind::Wide { bytes: bytes? }),
        "kana" => Some(Kind::Kana { bytes: bytes? }),
        "text" => Some(Kind::Text { bytes: bytes? }),
        "line" => Some(Kind::Line { characters: characters? }),
        "digits" => read_digits(entry, digits? as usize, (least_digits.map(|n| n as usize), check)),
        "yen" => Some(Kind::Yen { most: most.map_or(MOST_YEN, u64::from), is_capped: most.is_none() }),
        "number" => Some(Kind::Number { least: least.map_or(0, u64::from), most: most.map_or(99, u64::from) }),
        "date" => Some(Kind::Date),
        "month" => Some(Kind::Month),
        "time" => Some(Kind::Time),
        "flag" => Some(Kind::Flag),
        "code" => Some(Kind::Code(codes?)),
        _ => {
            entry.fault("kind", "must be wide, kana, text, line, digits, yen, number, date, month, time, flag or code");
            None
        }
    }
}

fn read_digits(entry: &Reader<'_>, most: usize, (least, check): (Option<usize>, Option<String>)) -> Option<Kind> {
    let check = match check {
        None => None,
        Some(text) => {
            let known = CheckDigit::ALL.into_iter().find(|check| check.as_str() == text);
            if known.is_none() {
                let names = CheckDigit::ALL.map(CheckDigit::as_str).join(", ");
                entry.fault("check_digit", format!("must be one of {names}"));
            }
            Some(known?)
        }
    };
    let least = least.unwrap_or(most);
    if least > most {
        entry.fault("least_digits", "is more than digits");
    }
    if check.is_some_and(|check| check.digits() != most || least != most) {
        entry.fault("digits", "is not what the check digit's number has");
    }
    Some(Kind::Digits { least, most, check })
}

fn read_codes(section: &Reader<'_>) -> Vec<Choice> {
    let mut read = Vec::new();
    for (code, entry) in section.entries() {
        let words = entry.bare_words();
        entry.finish();
        let is_code = (1..=4).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_code {
            section.fault(code, "must be 1 to 4 letters and digits");
        }
        read.extend(words.map(|words| Choice { code: code.to_owned(), words }));
    }
    if section.entries().is_empty() {
        section.fault("", "must hold at least one code");
    }
    read
}
