//! A certificate in rows: what both files show.

use super::super::CertificateContent;
use super::shapes::{SHAPES, Shape};
use crate::catalog::procedures::{Choice, Field, Kind, Procedure, dates};
use crate::domain::employment_certificate::{Revocation, RevocationReason};
use crate::store::HeldCertificate;
use chrono::{Datelike as _, NaiveDate};
use serde_json::{Map, Value};

const FILLED: char = '■';
const EMPTY: char = '□';
/// What stands for an item that is absent in a line with others that are there.
const ABSENT: &str = "―";

/// A row: a number, what it is about, and its lines, each of pieces that stay together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub number: String,
    pub title: String,
    pub lines: Vec<Vec<String>>,
}

/// An item as a cell of its own: nothing where it is absent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    /// Its name in JSON.
    pub name: String,
    /// Its real name.
    pub title: String,
    /// What it holds.
    pub kind: Kind,
    /// What it says, if it does.
    pub value: Option<Value>,
}

/// A part of the form with its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub title: String,
    pub rows: Vec<Row>,
}

/// A certificate, ready to be written.
pub(super) struct Sheet {
    /// The form's name.
    pub title: String,
    /// Whose words: the company's number, when it was issued, and so on.
    pub parts: Vec<Part>,
    /// That it was taken back, in words.
    pub revoked: Option<String>,
    /// How it is verified.
    pub verify: Vec<String>,
    /// Each item, those of the certificate itself first.
    pub items: Vec<Item>,
    /// When it was issued, in milliseconds since 1970.
    pub issued_at: i64,
}

impl Sheet {
    /// A certificate in rows; counters verify references at `verify_at`.
    pub fn of((held, content): (&HeldCertificate, &CertificateContent), form: &Procedure, verify_at: &str) -> Self {
        let one = &held.certificate;
        let issued = said(one.issued_at.date_in_japan());
        let revoked = held.revocation.map(|Revocation { at, reason }| {
            format!("この証明書は{}に失効しました（{}）。", said(at.date_in_japan()), because(reason))
        });
        let standing = [
            ("corporate_number", "法人番号", one.employer.to_string()),
            ("municipality", "提出先（全国地方公共団体コード）", one.municipality.clone()),
            ("issued_at", "発行日時", one.issued_at.rfc3339()),
            ("certificate", "証明書番号", one.id.to_string()),
            ("reference", "照会番号", one.reference.clone()),
        ];
        let state = if revoked.is_some() { "revoked" } else { "issued" };
        let own = |name: &str, title: &str, value: &str| Item {
            name: name.to_owned(),
            title: title.to_owned(),
            kind: Kind::Line { characters: 100 },
            value: Some(value.into()),
        };
        let mut items = vec![own("state", "状態", state), own("form", "様式", &one.form)];
        items.extend(standing.iter().map(|(name, title, value)| own(name, title, value)));
        items.extend(form.office.iter().map(|field| item(field, &content.employer)));
        items.extend(form.fields.iter().map(|field| item(field, &content.employee)));
        let former = former(&form.office, &content.employer).chain(former(&form.fields, &content.employee));
        let former: Vec<Item> = former.collect();
        let standing = standing.into_iter().map(|(name, title, value)| {
            let (title, value) = if name == "issued_at" { ("発行日", issued.clone()) } else { (title, value) };
            Row { number: String::new(), title: title.to_owned(), lines: vec![vec![value]] }
        });
        let parts = [
            ("証明書の照会", standing.collect()),
            ("証明する事業者", form.office.iter().filter_map(|field| row(field, &content.employer)).collect()),
            ("証明の内容", SHAPES.iter().filter_map(|shape| shaped(shape, form, &content.employee)).collect()),
            ("追加的記載項目", added(form, &content.employee)),
            ("発行時の様式にあった項目", former.iter().map(alone).collect()),
        ];
        items.extend(former);
        let parts = parts.into_iter().filter(|(_, rows): &(_, Vec<Row>)| !rows.is_empty());
        Self {
            title: form.title.ja.clone(),
            parts: parts.map(|(title, rows)| Part { title: title.to_owned(), rows }).collect(),
            revoked,
            verify: vec![
                "この証明書は事業者が電子署名したものの写しです。提出先の市区町村は、照会番号で署名された原本を開けます。".into(),
                format!("有効か失効したかは {verify_at} に照会番号を入力して確認できます。照会番号は提出先のほかに渡さないでください。"),
            ],
            items,
            issued_at: one.issued_at.millis(),
        }
    }
}

const fn because(reason: RevocationReason) -> &'static str {
    match reason {
        RevocationReason::Incorrect => "記載誤り",
        RevocationReason::Changed => "就労状況の変更",
        RevocationReason::EmploymentEnded => "退職",
    }
}

fn item(field: &Field, values: &Map<String, Value>) -> Item {
    let value = values.get(&field.name).filter(|value| !value.is_null()).cloned();
    Item { name: field.name.clone(), title: field.title.ja.clone(), kind: field.kind.clone(), value }
}

/// Items that were signed and that the form has no more: as they are, by their names.
fn former<'a>(fields: &'a [Field], values: &'a Map<String, Value>) -> impl Iterator<Item = Item> + 'a {
    let is_known = move |name: &str| fields.iter().any(|field| field.name == name);
    values.iter().filter(move |(name, value)| !value.is_null() && !is_known(name)).map(|(name, value)| Item {
        name: name.clone(),
        title: name.clone(),
        kind: Kind::Line { characters: 0 },
        value: Some(value.clone()),
    })
}

fn alone(item: &Item) -> Row {
    let value = item.value.as_ref().map(|value| readable(&item.kind, value)).unwrap_or_default();
    Row { number: String::new(), title: item.title.clone(), lines: vec![vec![value]] }
}

/// A row of one item alone; none where it is absent and no code.
fn row(field: &Field, values: &Map<String, Value>) -> Option<Row> {
    let line = match &field.kind {
        Kind::Flag => written(&format!("{{{}:はい/いいえ}}", field.name), &[field], values)?,
        _ => written(&format!("{{{}}}", field.name), &[field], values)?,
    };
    Some(Row { number: String::new(), title: field.title.ja.clone(), lines: vec![line] })
}

/// A row of the standard form; none where this form has none of its items.
fn shaped(shape: &Shape, form: &Procedure, values: &Map<String, Value>) -> Option<Row> {
    let fields: Vec<&Field> = form.fields.iter().collect();
    let lines: Vec<_> = shape.lines.iter().filter_map(|line| written(line, &fields, values)).collect();
    let row = Row { number: shape.number.to_owned(), title: shape.title.to_owned(), lines };
    names(shape).any(|name| form.field(name).is_some()).then_some(row)
}

/// The items that a row of the standard form shows.
pub(super) fn names(shape: &Shape) -> impl Iterator<Item = &'static str> {
    let items = shape.lines.iter().flat_map(|line| line.split('{').skip(1)).filter_map(|rest| rest.split('}').next());
    items.map(|item| item.split_once(':').map_or(item, |(name, _)| name))
}

/// Items of this form that no row of the standard form shows.
fn added(form: &Procedure, values: &Map<String, Value>) -> Vec<Row> {
    let is_shown = |field: &&Field| !SHAPES.iter().any(|shape| names(shape).any(|name| name == field.name));
    form.fields.iter().filter(is_shown).filter_map(|field| row(field, values)).collect()
}

/// A line with its items; none where it shows nothing: no box, and no item that is there.
fn written(line: &str, fields: &[&Field], values: &Map<String, Value>) -> Option<Vec<String>> {
    let (mut pieces, mut is_shown) = (Vec::new(), false);
    for piece in line.split('|') {
        let mut text = String::new();
        for (n, part) in piece.split('{').enumerate() {
            let Some((item, rest)) = part.split_once('}').filter(|_| n > 0) else {
                text.push_str(part);
                continue;
            };
            let (name, label) = item.split_once(':').map_or((item, None), |(name, label)| (name, Some(label)));
            let field = fields.iter().find(|field| field.name == name);
            let value = values.get(name).filter(|value| !value.is_null());
            let boxes = field.and_then(|field| boxes(&field.kind, label, value));
            is_shown |= boxes.is_some() || (field.is_some() && value.is_some());
            if let Some(boxes) = boxes {
                if !text.is_empty() {
                    pieces.push(std::mem::take(&mut text));
                }
                pieces.extend(boxes);
            } else {
                let said = field.zip(value).map(|(field, value)| readable(&field.kind, value));
                text.push_str(said.as_deref().unwrap_or(ABSENT));
            }
            text.push_str(rest);
        }
        if !text.is_empty() {
            pieces.push(text);
        }
    }
    is_shown.then_some(pieces)
}

/// A code's choices, or a flag's, each with its box.
fn boxes(kind: &Kind, label: Option<&str>, value: Option<&Value>) -> Option<Vec<String>> {
    let boxed = |is: bool, words: &str| format!("{}{words}", if is { FILLED } else { EMPTY });
    match (kind, label) {
        (Kind::Code(choices), _) => {
            let said = |choice: &Choice| value.and_then(Value::as_str) == Some(choice.code.as_str());
            Some(choices.iter().map(|choice| boxed(said(choice), &choice.words.ja)).collect())
        }
        (Kind::Flag, Some(label)) => {
            let said = value.and_then(Value::as_bool);
            Some(match label.split_once('/') {
                Some((yes, no)) => vec![boxed(said == Some(true), yes), boxed(said == Some(false), no)],
                None => vec![boxed(said == Some(true), label)],
            })
        }
        _ => None,
    }
}

/// A value as people read it.
fn readable(kind: &Kind, value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match kind {
        Kind::Date => dates::day(&text).map_or(text, said),
        Kind::Month => dates::month(&text).map_or(text, |month| format!("{}年{}月", month.year(), month.month())),
        _ => text,
    }
}

fn said(day: NaiveDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}
