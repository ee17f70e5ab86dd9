//! What the service answers, read strictly where it matters and leniently where it does not: a text that is missing costs
//! that text, an id that is none costs the answer.

use super::SourceError;
use crate::catalog::municipalities::MunicipalityCode;
use crate::catalog::services::blocks::https;
use crate::catalog::services::{Ages, Category, Contact, Link, Listing, Particulars, Period, Psid, SectionKind};
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Most rows of one municipality.
const MOST_ROWS: usize = 5_000;
/// Most characters of a name.
const MOST_NAME: usize = 300;
/// Most characters of a summary.
const MOST_SUMMARY: usize = 2_000;
/// Most characters of a text with markup.
const MOST_TEXT: usize = 20_000;
/// Most links.
const MOST_LINKS: usize = 50;
const MONTHS: u16 = 12;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    result_name: String,
    #[serde(default)]
    errors: Vec<Value>,
    #[serde(default, deserialize_with = "count")]
    hit_count: Option<usize>,
}

/// A number, or digits.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value.as_u64().and_then(|n| usize::try_from(n).ok()).or_else(|| value.as_str()?.parse().ok()))
}

impl Outcome {
    fn check(&self) -> Result<(), SourceError> {
        if self.result_name == "OK" {
            return Ok(());
        }
        let code = self.errors.iter().find_map(|error| error.get("errorCode").or(Some(error))?.as_str());
        let is_code = |code: &&str| code.len() <= 8 && code.bytes().all(|b| b.is_ascii_alphanumeric());
        Err(SourceError::Refused(code.filter(is_code).unwrap_or("without a code").to_owned()))
    }
}

/// `eLinkServProcListSearch`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListAnswer {
    result: Outcome,
    #[serde(default)]
    e_link_serv_proc_info_list: Vec<Map<String, Value>>,
}

/// `eLinkServProcDetailSearch`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DetailAnswer {
    result: Outcome,
    e_link_serv_proc_info: Option<Map<String, Value>>,
}

impl ListAnswer {
    pub(super) fn read(bytes: &[u8], municipality: MunicipalityCode) -> Result<Vec<Listing>, SourceError> {
        let answer: Self =
            serde_json::from_slice(bytes).map_err(|_| SourceError::Unreadable("it is not the list's JSON"))?;
        answer.result.check()?;
        let rows = answer.e_link_serv_proc_info_list;
        if rows.len() > MOST_ROWS {
            return Err(SourceError::Unreadable("there are too many rows"));
        }
        // Half a list would take away what is on the other half.
        if answer.result.hit_count.is_some_and(|count| count != rows.len()) {
            return Err(SourceError::Unreadable("hitCount is not the number of rows"));
        }
        rows.iter().map(|row| listing(row, municipality)).collect()
    }
}

impl DetailAnswer {
    pub(super) fn read(bytes: &[u8], psid: &Psid) -> Result<Particulars, SourceError> {
        let answer: Self =
            serde_json::from_slice(bytes).map_err(|_| SourceError::Unreadable("it is not the detail's JSON"))?;
        answer.result.check()?;
        let row = answer.e_link_serv_proc_info.ok_or(SourceError::Unreadable("there is no detail"))?;
        if text(&row, "psid", 64).as_deref() != Some(psid.as_str()) {
            return Err(SourceError::Unreadable("the detail is another procedure's"));
        }
        Ok(particulars(&row))
    }
}

fn listing(row: &Map<String, Value>, municipality: MunicipalityCode) -> Result<Listing, SourceError> {
    let psid = text(row, "psid", 64).and_then(|psid| Psid::parse(&psid));
    let name = text(row, "officialName", MOST_NAME);
    let is_there = text(row, "cityCode", 6).is_none_or(|code| code == municipality.to_string());
    if !is_there {
        return Err(SourceError::Unreadable("a row is another municipality's"));
    }
    let updated = text(row, "updateDateTime", 14).unwrap_or_default();
    Ok(Listing {
        psid: psid.ok_or(SourceError::Unreadable("a row has no psid"))?,
        municipality,
        name: name.ok_or(SourceError::Unreadable("a row has no officialName"))?,
        alias: text(row, "aliasName", MOST_NAME),
        summary: text(row, "summary", MOST_SUMMARY).unwrap_or_default(),
        category: text(row, "serviceCode", 64).map_or(Category::Other, |code| Category::of_service(&code)),
        is_e_applicable: flag(row.get("isEApplicable")),
        period: Period {
            from: text(row, "procedurePeriodDateFrom", 14).and_then(|text| date(&text)),
            until: text(row, "procedurePeriodDateTo", 14).and_then(|text| date(&text)),
        },
        department: text(row, "jurisdictionDepartment", MOST_NAME),
        version: format!("{}.{updated}", text(row, "procedureVersion", 32).unwrap_or_default()),
        updated_at: NaiveDateTime::parse_from_str(&updated, "%Y%m%d%H%M%S").ok(),
    })
}

/// The texts of the detail, in the order in which they are read.
const TEXTS: [(SectionKind, &str); 12] = [
    (SectionKind::Overview, "body"),
    (SectionKind::Target, "target"),
    (SectionKind::TargetAge, "targetAgeCondition"),
    (SectionKind::Benefit, "allowanceDetailBody"),
    (SectionKind::FinancialSupport, "allowanceDetailFinancialSupport"),
    (SectionKind::MaterialSupport, "allowanceDetailMaterialSupport"),
    (SectionKind::Fee, "usageFee"),
    (SectionKind::HowToApply, "procedureMethod"),
    (SectionKind::EligiblePerson, "eligiblePerson"),
    (SectionKind::Requirements, "requirements"),
    (SectionKind::TargetArea, "targetArea"),
    (SectionKind::ContactNotes, "contactNotes"),
];

fn particulars(row: &Map<String, Value>) -> Particulars {
    let texts = TEXTS.iter().filter_map(|(kind, name)| Some((*kind, text(row, name, MOST_TEXT)?)));
    let age = |years: &str, months: &str, last: u16| {
        let years = number(row.get(years)).map(|years| years.saturating_mul(MONTHS).saturating_add(last));
        number(row.get(months)).or(years)
    };
    let lists = ["relatedLinkList", "muniServLinkList", "formLinkList"];
    let links = lists.iter().filter_map(|name| row.get(*name)?.as_array()).flatten().filter_map(link);
    Particulars {
        texts: texts.collect(),
        ages: Ages {
            from_months: age("targetAgeFrom", "targetAgeInMonthsFrom", 0),
            // The whole last year is within it.
            to_months: age("targetAgeTo", "targetAgeInMonthsTo", MONTHS - 1),
        },
        contact: Contact {
            name: text(row, "contactName", MOST_NAME),
            phone: text(row, "contactTelNo", 40),
            email: text(row, "contactEmailAddress", 254).filter(|text| text.contains('@')),
            form: text(row, "contactFormUrl", 2048).and_then(|url| https(&url)),
            address: text(row, "contactAddress", MOST_NAME),
        },
        links: links.take(MOST_LINKS).collect(),
    }
}

/// A link as an object, or as `text;https://…`.
fn link(value: &Value) -> Option<Link> {
    let (words, address) = match value {
        Value::String(line) => line.rsplit_once(';')?,
        other => {
            let of = |names: [&str; 2]| names.iter().find_map(|name| other.get(*name)?.as_str());
            (of(["name", "title"]).unwrap_or_default(), of(["url", "link"])?)
        }
    };
    let url = https(address)?;
    let words: String = words.trim().chars().filter(|c| !c.is_control()).take(MOST_NAME).collect();
    Some(Link { text: if words.is_empty() { url.to_string() } else { words }, url })
}

/// A text that is not blank, cut where it is too long; a number is its digits.
fn text(row: &Map<String, Value>, name: &str, most: usize) -> Option<String> {
    let found = match row.get(name)? {
        Value::String(text) => text.trim().chars().filter(|c| !c.is_control() || *c == '\n').take(most).collect(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    Some(found).filter(|text: &String| !text.is_empty())
}

fn flag(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => matches!(text.as_str(), "1" | "true"),
        Some(Value::Number(number)) => number.as_u64() == Some(1),
        _ => false,
    }
}

fn number(value: Option<&Value>) -> Option<u16> {
    match value? {
        Value::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// `YYYYMMDD`, whatever time follows.
fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text.get(..8)?, "%Y%m%d").ok()
}
