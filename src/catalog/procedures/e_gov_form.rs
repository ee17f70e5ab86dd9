//! e-Gov's forms (申請書XML) of a procedure: which element of which form each item goes to, and how it is written there.

use super::dates::Era;
use super::definition::{Field, Kind, Procedure};
use super::{dates, suggest};
use chrono::{Datelike as _, NaiveDate};
use serde_json::{Map, Value};

/// How an item is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// As it is: a day or a month in the elements 年号, 年, 月 and 日 inside its own, the era by its name.
    Plain,
    /// The same with the era by its code.
    EraCode,
    /// Half-width katakana as full-width ones.
    WideKana,
    /// A code by what it means.
    Meaning,
    /// Minutes in the elements 時間 and 分 inside its own.
    HoursAndMinutes,
    /// Yes as 1, no as 2 (有・無).
    YesOrNo,
}

impl Writing {
    /// Every way.
    pub const ALL: [Self; 6] =
        [Self::Plain, Self::EraCode, Self::WideKana, Self::Meaning, Self::HoursAndMinutes, Self::YesOrNo];

    /// The name in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::EraCode => "era_code",
            Self::WideKana => "wide_kana",
            Self::Meaning => "meaning",
            Self::HoursAndMinutes => "hours_and_minutes",
            Self::YesOrNo => "yes_or_no",
        }
    }

    /// Whether an item of this kind can be written so.
    #[must_use]
    pub const fn is_for(self, kind: &Kind) -> bool {
        match self {
            Self::Plain => true,
            Self::EraCode => matches!(kind, Kind::Date | Kind::Month),
            Self::WideKana => matches!(kind, Kind::Kana { .. } | Kind::Text { .. }),
            Self::Meaning => matches!(kind, Kind::Code(_)),
            Self::HoursAndMinutes => matches!(kind, Kind::Number { .. }),
            Self::YesOrNo => matches!(kind, Kind::Flag),
        }
    }
}

/// An item and its place in the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormItem {
    /// The item.
    pub field: String,
    /// Its element, `a/b` for b inside a; several where its digits are spread over them, by [`Field::parts`].
    pub elements: Vec<String>,
    /// How it is written.
    pub writing: Writing,
}

/// One form (様式) of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EgovForm {
    /// Items of the office.
    pub office: Vec<FormItem>,
    /// Items of the record.
    pub record: Vec<FormItem>,
    /// The element of the day on which it is filed.
    pub filed_on: Option<String>,
}

/// A text for an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where it goes, `a/b` for b inside a.
    pub element: String,
    /// What is written.
    pub text: String,
    /// Where it came from in the content; empty for what the content does not say.
    pub pointer: String,
}

impl Procedure {
    /// What goes into each of e-Gov's forms, in their order, for a content that passed the check; nothing where the procedure
    /// has no such form.
    #[must_use]
    pub fn written_for_e_gov(&self, content: &Value, today: NaiveDate) -> Vec<Vec<Written>> {
        self.e_gov_forms.iter().map(|form| self.written(form, content, today)).collect()
    }

    fn written(&self, form: &EgovForm, content: &Value, today: NaiveDate) -> Vec<Written> {
        let mut written = Vec::new();
        let none = Map::new();
        let office = content.get("office").and_then(Value::as_object).unwrap_or(&none);
        let record = content.pointer("/records/0").and_then(Value::as_object).unwrap_or(&none);
        let parts: [(&[FormItem], &[Field], _, _); 2] =
            [(&form.office, &self.office, office, "/office"), (&form.record, &self.fields, record, "/records/0")];
        for (items, fields, members, above) in parts {
            for item in items {
                let field = fields.iter().find(|field| field.name == item.field);
                let (Some(field), Some(value)) = (field, members.get(&item.field)) else { continue };
                write(item, field, value, &mut |element, text| {
                    written.push(Written { element, text, pointer: format!("{above}/{}", item.field) });
                });
            }
        }
        if let Some(element) = &form.filed_on {
            by_era(element, today, (Writing::Plain, true), &mut |element, text| {
                written.push(Written { element, text, pointer: String::new() });
            });
        }
        written
    }
}

fn write(item: &FormItem, field: &Field, value: &Value, put: &mut dyn FnMut(String, String)) {
    let Some(element) = item.elements.first() else { return };
    match (&field.kind, value, item.writing) {
        (Kind::Date, Value::String(text), writing) => {
            if let Ok(day) = dates::day(text) {
                by_era(element, day, (writing, true), put);
            }
        }
        (Kind::Month, Value::String(text), writing) => {
            // The era of a month is that of its last day.
            if let Ok(first) = dates::month(text) {
                by_era(element, first + chrono::Months::new(1) - chrono::Days::new(1), (writing, false), put);
            }
        }
        (Kind::Digits { .. }, Value::String(text), _) if item.elements.len() > 1 => {
            let mut rest = text.as_str();
            for (element, count) in item.elements.iter().zip(&field.parts) {
                let Some((part, after)) = rest.split_at_checked(*count) else { return };
                put(element.clone(), part.to_owned());
                rest = after;
            }
        }
        (Kind::Code(choices), Value::String(code), Writing::Meaning) => {
            let meaning = choices.iter().find(|choice| choice.code == *code).map(|choice| choice.words.ja.clone());
            put(element.clone(), meaning.unwrap_or_else(|| code.clone()));
        }
        (_, Value::String(text), Writing::WideKana) => put(element.clone(), suggest::wide_text(text)),
        (_, Value::String(text), _) => put(element.clone(), text.clone()),
        (_, Value::Number(number), Writing::HoursAndMinutes) => {
            let minutes = number.as_u64().unwrap_or_default();
            put(format!("{element}/時間"), (minutes / 60).to_string());
            put(format!("{element}/分"), (minutes % 60).to_string());
        }
        (Kind::Yen { most, .. }, Value::Number(number), _) => {
            put(element.clone(), number.as_u64().unwrap_or_default().min(*most).to_string());
        }
        (_, Value::Number(number), _) => put(element.clone(), number.to_string()),
        (_, Value::Bool(is_so), Writing::YesOrNo) => put(element.clone(), if *is_so { "1" } else { "2" }.to_owned()),
        (_, Value::Bool(true), _) => put(element.clone(), "1".to_owned()),
        _ => {}
    }
}

/// 年号, 年, 月 and, of a day, 日.
fn by_era(element: &str, day: NaiveDate, (writing, has_day): (Writing, bool), put: &mut dyn FnMut(String, String)) {
    let Some((era, year)) = Era::of(day) else { return };
    let era = if writing == Writing::EraCode { era.code.to_string() } else { era.name.to_owned() };
    put(format!("{element}/年号"), era);
    put(format!("{element}/年"), year.to_string());
    put(format!("{element}/月"), day.month().to_string());
    if has_day {
        put(format!("{element}/日"), day.day().to_string());
    }
}
