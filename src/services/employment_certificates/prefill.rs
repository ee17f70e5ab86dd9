//! A draft of a certificate from what payroll keeps for filings (共通項目): what it says, what is missing, what is of no use.
//!
//! Nothing is looked up and nothing is kept: what a filing said is erased here once its agency has it.

use super::CertificateContent;
use super::body::MonthWorked;
use crate::catalog::procedures::{Procedure, dates, wide_text};
use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What is about another filing, also where a certificate has an item of that name.
const OF_OTHER_FILINGS: [&str; 1] = ["remarks"];

/// What payroll knows, and which of it was of use.
struct Known<'a> {
    items: &'a Map<String, Value>,
    used: BTreeSet<String>,
}

impl<'a> Known<'a> {
    const fn of(items: &'a Map<String, Value>) -> Self {
        Self { items, used: BTreeSet::new() }
    }

    fn value(&mut self, name: &str) -> Option<&'a Value> {
        let value = self.items.get(name).filter(|value| !value.is_null())?;
        self.used.insert(name.to_owned());
        Some(value)
    }

    fn text(&mut self, name: &str) -> Option<&'a str> {
        self.value(name).and_then(Value::as_str)
    }

    fn date(&mut self, name: &str) -> Option<Value> {
        let text = self.text(name)?;
        // What is no day is shown as one that is wrong.
        Some(dates::day(text).map_or_else(|_| text.into(), |day| day.to_string().into()))
    }

    fn unused(&self) -> impl Iterator<Item = String> {
        self.items.keys().filter(|name| !self.used.contains(*name)).cloned()
    }
}

/// A draft, and the names of items that were of no use.
pub(super) struct Filled {
    pub content: CertificateContent,
    pub unused: Vec<String>,
}

/// Fills the form.
pub(super) fn fill(
    (corporate_number, municipality): (String, String),
    form: &Procedure,
    (office, employee, months): (&Map<String, Value>, &Map<String, Value>, &[MonthWorked]),
    today: NaiveDate,
) -> Filled {
    let (mut office, mut employee) = (Known::of(office), Known::of(employee));
    let mut employer = Map::new();
    for (name, value) in employer_items(&mut office, today) {
        put(&mut employer, form.office_field(name).is_some(), (name, value));
    }
    let mut person = Map::new();
    // Items by the form's own names are the certificate's already.
    for field in form.fields.iter().filter(|field| !OF_OTHER_FILINGS.contains(&field.name.as_str())) {
        let value = match field.kind.name() {
            "date" => employee.date(&field.name),
            _ => employee.value(&field.name).cloned(),
        };
        put(&mut person, true, (&field.name, value));
    }
    if let Some(kana) = person.get_mut("name_kana")
        && let Some(text) = kana.as_str()
    {
        *kana = wide_text(text).into();
    }
    let derived = derived(&mut employee, &mut office);
    for (name, value) in derived.into_iter().chain(worked(months)) {
        let is_free = form.field(&name).is_some() && !person.contains_key(&name);
        put(&mut person, is_free, (&name, value));
    }
    let unused = office.unused().chain(employee.unused()).collect();
    let form = form.code.clone();
    Filled { content: CertificateContent { corporate_number, municipality, form, employer, employee: person }, unused }
}

fn put(into: &mut Map<String, Value>, is_wanted: bool, (name, value): (&str, Option<Value>)) {
    if let Some(value) = value.filter(|_| is_wanted) {
        into.insert(name.to_owned(), value);
    }
}

fn employer_items(office: &mut Known<'_>, today: NaiveDate) -> [(&'static str, Option<Value>); 7] {
    let phone: Option<String> =
        ["phone_area", "phone_exchange", "phone_subscriber"].iter().map(|part| office.text(part)).collect();
    let phone = phone.or_else(|| office.text("employer_phone").or(office.text("company_phone")).map(str::to_owned));
    let first = |office: &mut Known<'_>, names: [&str; 2]| names.iter().find_map(|name| office.value(name)).cloned();
    [
        ("certified_on", office.date("certified_on").or_else(|| Some(today.to_string().into()))),
        ("employer_name", first(office, ["office_name", "trade_name"])),
        // 事業主氏名: in filings the employer's name is that of the person.
        ("representative_name", first(office, ["representative_name", "employer_name"])),
        ("employer_address", first(office, ["office_address", "head_office_address"])),
        ("employer_phone", phone.map(Value::from)),
        ("contact_name", office.value("contact_name").cloned()),
        ("contact_phone", office.value("contact_phone").cloned()),
    ]
}

/// Items of a certificate from those of filings, in which they are said in another way.
fn derived(employee: &mut Known<'_>, office: &mut Known<'_>) -> Vec<(String, Option<Value>)> {
    let minutes = employee.value("weekly_minutes").and_then(Value::as_u64);
    let has_term = employee.value("has_term").and_then(Value::as_bool);
    let kind = match employee.text("employment_form") {
        Some("2") => Some("03"),
        Some("3") => Some("02"),
        Some("4") => Some("04"),
        _ => None,
    };
    let first_day = employee.date("term_from");
    let acquired = employee.date("acquired_on");
    [
        ("term", has_term.map(|has| if has { "2" } else { "1" }.into())),
        ("employed_from", first_day.or(acquired)),
        ("employed_until", employee.date("term_until")),
        ("employment_type", kind.map(Value::from)),
        ("hours_per_week", minutes.map(|minutes| (minutes / 60).into())),
        ("minutes_per_week", minutes.map(|minutes| (minutes % 60).into())),
        ("workplace_name", office.value("office_name").cloned()),
        ("workplace_address", office.value("office_address").cloned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// The latest three months, latest first.
fn worked(months: &[MonthWorked]) -> Vec<(String, Option<Value>)> {
    let mut latest: Vec<&MonthWorked> = months.iter().collect();
    latest.sort_by_key(|month| std::cmp::Reverse(dates::month(&month.month).ok()));
    let items = (1..=3).zip(latest).flat_map(|(n, one)| {
        let month = dates::month(&one.month).map_or_else(|_| one.month.clone(), |day| day.format("%Y-%m").to_string());
        [("month", json!(month)), ("days", json!(one.days)), ("hours", json!(one.hours))]
            .map(|(what, value)| (format!("worked_{what}_{n}"), Some(value)))
    });
    items.collect()
}
