//! Reads one item's content, as a backend sent it, into a value: full-width digits, 和暦 and several date forms are
//! understood; whatever is not understood is a fault on that item alone.

use super::data_set::{Item, ItemKind};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// Most characters an item's content may have.
pub const MAX_CONTENT_CHARS: usize = 1_000;
/// Whole numbers beyond this are no real value (nine trillion and more).
const MAX_WHOLE: i64 = 9_999_999_999_999;
/// No record of a living person is older, nor promises anything later.
const YEARS: std::ops::RangeInclusive<i32> = 1868..=2199;

/// Why an item's content could not be read. The content itself is never repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemFaultReason {
    /// Longer than any real value.
    TooLong,
    /// Holds control or direction-changing characters.
    ForbiddenCharacter,
    /// No calendar day.
    NotADate,
    /// No month of a year.
    NotAYearMonth,
    /// No year.
    NotAYear,
    /// No number.
    NotANumber,
    /// A number beyond any real value.
    OutOfRange,
    /// A code that the catalogue does not know.
    UnknownCode,
    /// Sent more than once where it can occur once; the first stands.
    Repeated,
}

/// A month of a year, written `YYYY-MM`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct YearMonth {
    year: i32,
    month: u32,
}

impl YearMonth {
    fn new(year: i32, month: u32) -> Option<Self> {
        (YEARS.contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }
}

impl TryFrom<String> for YearMonth {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        year_month(&text).ok_or("must be YYYY-MM")
    }
}

impl From<YearMonth> for String {
    fn from(at: YearMonth) -> Self {
        format!("{:04}-{:02}", at.year, at.month)
    }
}

impl utoipa::PartialSchema for YearMonth {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("A month of a year, YYYY-MM."))
            .pattern(Some("^[0-9]{4}-(0[1-9]|1[0-2])$"))
            .examples(["2025-04"])
            .into()
    }
}

impl utoipa::ToSchema for YearMonth {}

/// A content that was understood.
#[derive(Clone)]
pub(super) enum Parsed {
    Text(String),
    Date(NaiveDate),
    YearMonth(YearMonth),
    Year(u16),
    Whole(i64),
    Decimal(f64),
    /// Position in the item's list of codes.
    Code(usize),
}

impl Parsed {
    /// The value as it stands in a typed shape.
    pub(super) fn to_json(&self, item: &Item) -> serde_json::Value {
        match (self, &item.kind) {
            (Self::Text(text), _) => text.as_str().into(),
            (Self::Date(date), _) => date.to_string().into(),
            (Self::YearMonth(at), _) => String::from(*at).into(),
            (Self::Year(year), _) => (*year).into(),
            (Self::Whole(number), _) => (*number).into(),
            (Self::Decimal(number), _) => (*number).into(),
            (Self::Code(at), ItemKind::Enum { codes }) => codes.get(*at).map(|code| code.value.as_str()).into(),
            (Self::Code(_), _) => serde_json::Value::Null,
        }
    }
}

/// Reads `content` as the kind of `item`; `None` when there is nothing in it.
pub(super) fn read(item: &Item, content: &str) -> Result<Option<Parsed>, ItemFaultReason> {
    if content.len() > MAX_CONTENT_CHARS * 4 || content.chars().count() > MAX_CONTENT_CHARS {
        return Err(ItemFaultReason::TooLong);
    }
    if content.chars().any(is_forbidden) {
        return Err(ItemFaultReason::ForbiddenCharacter);
    }
    let text = content.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let narrow = narrow(text);
    let parsed = match &item.kind {
        ItemKind::Text => Parsed::Text(text.to_owned()),
        ItemKind::Date => Parsed::Date(date(&narrow).ok_or(ItemFaultReason::NotADate)?),
        ItemKind::YearMonth => Parsed::YearMonth(year_month(&narrow).ok_or(ItemFaultReason::NotAYearMonth)?),
        ItemKind::FiscalYear => Parsed::Year(year(&narrow).ok_or(ItemFaultReason::NotAYear)?),
        ItemKind::Yen => Parsed::Whole(whole(strip_unit(&narrow, "円"))?),
        ItemKind::Integer { unit } => Parsed::Whole(whole(strip_unit(&narrow, unit.as_deref().unwrap_or_default()))?),
        ItemKind::Decimal { unit } => Parsed::Decimal(decimal(strip_unit(&narrow, unit))?),
        ItemKind::Enum { codes } => {
            Parsed::Code(codes.iter().position(|c| is_same_code(&c.code, &narrow)).ok_or(ItemFaultReason::UnknownCode)?)
        }
        ItemKind::Group => return Ok(None),
    };
    Ok(Some(parsed))
}

/// Control characters, and the format characters that can make a text look like another.
fn is_forbidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\r' | '\n'))
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Full-width ASCII as ASCII, and the usual minus signs as `-`.
fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            '△' | '▲' | '−' => '-',
            other => other,
        })
        .collect()
}

fn strip_unit<'a>(text: &'a str, unit: &str) -> &'a str {
    text.strip_suffix(unit).unwrap_or(text).trim()
}

fn is_same_code(known: &str, sent: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    known == sent
        || (is_number(known) && is_number(sent) && known.trim_start_matches('0') == sent.trim_start_matches('0'))
}

/// Digits without their grouping commas; a comma anywhere else is no number.
fn ungrouped(digits: &str) -> Option<String> {
    let mut groups = digits.split(',');
    let first = groups.next()?;
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_grouped = digits.contains(',');
    if !is_digits(first) || (is_grouped && first.len() > 3) || !groups.all(|g| g.len() == 3 && is_digits(g)) {
        return None;
    }
    Some(digits.replace(',', ""))
}

fn signed(text: &str) -> (i64, &str) {
    text.strip_prefix('-').map_or((1, text.strip_prefix('+').unwrap_or(text)), |rest| (-1, rest.trim_start()))
}

fn whole(text: &str) -> Result<i64, ItemFaultReason> {
    let (sign, digits) = signed(text);
    let digits = ungrouped(digits).ok_or(ItemFaultReason::NotANumber)?;
    let number: i64 = digits.parse().map_err(|_| ItemFaultReason::OutOfRange)?;
    if number > MAX_WHOLE { Err(ItemFaultReason::OutOfRange) } else { Ok(sign * number) }
}

fn decimal(text: &str) -> Result<f64, ItemFaultReason> {
    let (sign, digits) = signed(text);
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let before = ungrouped(before).ok_or(ItemFaultReason::NotANumber)?;
    if !after.bytes().all(|b| b.is_ascii_digit()) || digits.ends_with('.') {
        return Err(ItemFaultReason::NotANumber);
    }
    // Nine places before the point and six after are exact enough in an f64 and more than any measurement has.
    if before.len() > 9 || after.len() > 6 {
        return Err(ItemFaultReason::OutOfRange);
    }
    let number: f64 = format!("{before}.{after}0").parse().map_err(|_| ItemFaultReason::NotANumber)?;
    Ok(if sign < 0 { -number } else { number })
}

/// Eras and the year before their first; the later part of a year name such as 平成32年 still reads as that year.
const ERAS: [(&str, i32); 10] = [
    ("令和", 2018),
    ("平成", 1988),
    ("昭和", 1925),
    ("大正", 1911),
    ("明治", 1867),
    ("R", 2018),
    ("H", 1988),
    ("S", 1925),
    ("T", 1911),
    ("M", 1867),
];

/// The year, then month and day as far as they are written. Marks between them are `年月日度/.-` or nothing.
fn parts(text: &str) -> Option<(i32, Vec<u32>)> {
    let era = ERAS.iter().find_map(|(name, base)| Some((text.strip_prefix(name)?, *base)));
    let (rest, base) = era.map_or((text, None), |(rest, base)| (rest, Some(base)));
    let rest = rest.trim().replace("元年", "1年");
    let mut fields: Vec<&str> = rest.split(['年', '月', '日', '度', '/', '.', '-']).map(str::trim).collect();
    while fields.len() > 1 && fields.last().is_some_and(|f| f.is_empty()) {
        fields.pop();
    }
    let width = if base.is_some() { 2 } else { 4 };
    let only = fields.first().copied().filter(|f| fields.len() == 1 && f.len() > width && f.is_ascii());
    if let Some(run) = only {
        if !matches!(run.len() - width, 2 | 4) {
            return None;
        }
        fields = vec![run.get(..width)?, run.get(width..width + 2)?];
        fields.extend(run.get(width + 2..width + 4));
    }
    let mut numbers = Vec::with_capacity(3);
    for field in &fields {
        if field.is_empty() || field.len() > 4 || !field.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        numbers.push(field.parse::<u32>().ok()?);
    }
    let first = i32::try_from(*numbers.first()?).ok()?;
    let year = match base {
        Some(base) if (1..=99).contains(&first) => base + first,
        None if fields.first().is_some_and(|f| f.len() == 4) => first,
        _ => return None,
    };
    YEARS.contains(&year).then(|| (year, numbers.split_off(1)))
}

fn date(text: &str) -> Option<NaiveDate> {
    let (year, rest) = parts(text)?;
    let [month, day] = rest.as_slice() else { return None };
    NaiveDate::from_ymd_opt(year, *month, *day).filter(|d| YEARS.contains(&d.year()))
}

fn year_month(text: &str) -> Option<YearMonth> {
    let (year, rest) = parts(text)?;
    let [month] = rest.as_slice() else { return None };
    YearMonth::new(year, *month)
}

fn year(text: &str) -> Option<u16> {
    let (year, rest) = parts(text)?;
    if rest.is_empty() { u16::try_from(year).ok() } else { None }
}

#[cfg(test)]
mod tests;
