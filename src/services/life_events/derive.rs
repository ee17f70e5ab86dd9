//! Which procedures an event wants, of whom, and why; and what of their items can be worked out.
//!
//! The bundles are the field's own: 採用 is 資格取得届 at both insurances, 被扶養者異動届 and 特別徴収切替; 退職 is 資格喪失届 at both,
//! 給与所得者異動届出書 and 源泉徴収票; and so on.

use super::body::{Employee, EventKind, LifeEvent};
use crate::domain::Words;
use chrono::{Datelike as _, Days, NaiveDate};
use serde_json::{Map, Value, json};

/// A procedure that an event wants of an employee.
pub(super) struct Wanted {
    pub code: &'static str,
    pub because: Words,
    /// Items that the event itself says.
    pub worked_out: Map<String, Value>,
    /// Which dependant it is about, where it is about one.
    pub dependant: Option<usize>,
}

const ACQUISITION: &str = "2200700";
const LOSS: &str = "2201700";
const DETERMINATION: &str = "2225700";
const MONTHLY_CHANGE: &str = "2221700";
const BONUS: &str = "2265700";
const DEPENDANTS: &str = "4950013520996000";

/// The procedures for one employee.
pub(super) fn derive(event: &LifeEvent, one: &Employee) -> Vec<Wanted> {
    let on = event.on;
    match event.kind {
        EventKind::Hired => hired(on, one),
        EventKind::Left => left(on, one),
        EventKind::NameChanged => {
            both(one, ("pension-name-change", "employment-name-change"), &changed(on), "氏名の変更")
        }
        EventKind::AddressChanged => {
            let wanted = wanted(
                "pension-address-change",
                WhyNot::Social(one),
                ("住所の変更", "The address changed."),
                changed(on),
            );
            wanted.into_iter().collect()
        }
        EventKind::DependantsChanged => dependants(one, on, "1"),
        EventKind::ChildbirthAndChildCareLeave => childbirth(on, one),
        EventKind::NursingCareLeave => nursing_care(on, one),
        EventKind::Bonus => {
            let items = items(json!({"paid_on": on, "in_kind": 0}));
            wanted(BONUS, WhyNot::Social(one), ("賞与の支払", "A bonus was paid."), items).into_iter().collect()
        }
        EventKind::StandardMonthlyDetermination => {
            let items = items(json!({"applies_from": format!("{}-09", on.year())}));
            let why =
                ("7月1日現在の被保険者の定時決定", "The yearly determination of the standard monthly remuneration.");
            wanted(DETERMINATION, WhyNot::Social(one), why, items).into_iter().collect()
        }
        EventKind::MonthlyChange => monthly_change(on, one),
        EventKind::AnnualLabourInsurance => {
            let items = items(json!({"fiscal_year": on.year().to_string()}));
            let why = ("労働保険の年度更新", "The yearly return of labour insurance.");
            wanted("labour-insurance-annual", WhyNot::Always, why, items).into_iter().collect()
        }
        EventKind::YearEndStatements => year_end(on),
    }
}

/// What keeps a procedure from being wanted.
#[derive(Clone, Copy)]
enum WhyNot<'a> {
    Always,
    Social(&'a Employee),
    Employment(&'a Employee),
    Tax(&'a Employee),
}

fn wanted(
    code: &'static str,
    unless: WhyNot<'_>,
    (ja, en): (&str, &str),
    worked_out: Map<String, Value>,
) -> Option<Wanted> {
    let is_wanted = match unless {
        WhyNot::Always => true,
        WhyNot::Social(one) => one.has_social_insurance,
        WhyNot::Employment(one) => one.has_employment_insurance,
        WhyNot::Tax(one) => one.has_special_collection,
    };
    let because = Words { ja: ja.to_owned(), en: en.to_owned() };
    is_wanted.then_some(Wanted { code, because, worked_out, dependant: None })
}

fn items(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(items) => items,
        _ => Map::new(),
    }
}

fn changed(on: NaiveDate) -> Map<String, Value> {
    items(json!({"changed_on": on}))
}

fn both(
    one: &Employee,
    (social, employment): (&'static str, &'static str),
    own: &Map<String, Value>,
    ja: &str,
) -> Vec<Wanted> {
    let why = (ja, "It changed, and both insurances are told.");
    let found = [
        wanted(social, WhyNot::Social(one), why, own.clone()),
        wanted(employment, WhyNot::Employment(one), why, own.clone()),
    ];
    found.into_iter().flatten().collect()
}

fn hired(on: NaiveDate, one: &Employee) -> Vec<Wanted> {
    let sex = one.items.get("sex").cloned().unwrap_or_default();
    let has_dependants = if one.dependants.is_empty() { "0" } else { "1" };
    let social =
        items(json!({"acquired_on": on, "acquisition_kind": "1", "category": sex, "has_dependants": has_dependants}));
    // Whoever has a number was insured before.
    let again = if one.items.contains_key("employment_insured_number") { "2" } else { "1" };
    let employment = items(json!({"acquired_on": on, "acquisition_kind": again}));
    let month = on.format("%Y-%m").to_string();
    let mut found: Vec<Wanted> = [
        wanted(
            ACQUISITION,
            WhyNot::Social(one),
            ("採用され、健康保険・厚生年金保険の被保険者となる", "Hired, and covered by health and pension insurance."),
            social,
        ),
        wanted(
            "4950008680033000",
            WhyNot::Employment(one),
            ("採用され、雇用保険の被保険者となる", "Hired, and covered by employment insurance."),
            employment,
        ),
        wanted(
            "municipal-special-collection",
            WhyNot::Tax(one),
            ("住民税を給与から特別徴収する", "Resident tax is collected from the salary."),
            items(json!({"from_month": month})),
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    found.extend(dependants(one, on, "1"));
    found
}

fn left(on: NaiveDate, one: &Employee) -> Vec<Wanted> {
    let next = on.checked_add_days(Days::new(1)).unwrap_or(on);
    let social = items(json!({"left_on": on, "lost_on": next, "reason": "4"}));
    let employment = if one.wants_certificate_of_leaving { "4950008680035000" } else { "4950008680034000" };
    let own = items(json!({"left_on": on, "reason": "2"}));
    let tax = items(json!({"changed_on": on, "reason": "1"}));
    let year = items(json!({"left_on": on, "year": on.year().to_string()}));
    let found = [
        wanted(
            LOSS,
            WhyNot::Social(one),
            (
                "退職し、健康保険・厚生年金保険の資格を失う（喪失日は退職日の翌日）",
                "Left: the insurance is lost on the day after.",
            ),
            social,
        ),
        wanted(
            employment,
            WhyNot::Employment(one),
            ("退職し、雇用保険の資格を失う", "Left: employment insurance is lost."),
            own,
        ),
        wanted(
            "municipal-salary-earner-change",
            WhyNot::Tax(one),
            ("住民税の特別徴収を続けられなくなる", "Resident tax cannot be collected from the salary any more."),
            tax,
        ),
        wanted(
            "tax-withholding-leaving",
            WhyNot::Always,
            ("退職者に源泉徴収票を交付する", "Whoever leaves is given a statement of earnings."),
            year,
        ),
    ];
    found.into_iter().flatten().collect()
}

/// One filing for each dependant; a change that a dependant's own items say goes before `change`.
fn dependants(one: &Employee, on: NaiveDate, change: &str) -> Vec<Wanted> {
    let each = (0..one.dependants.len()).filter(|_| one.has_social_insurance).map(|n| Wanted {
        code: DEPENDANTS,
        because: Words {
            ja: "被扶養者に異動がある".to_owned(), en: "A dependant comes, goes or changes.".to_owned()
        },
        worked_out: items(json!({"changed_on": on, "change": change})),
        dependant: Some(n),
    });
    each.collect()
}

fn childbirth(on: NaiveDate, one: &Employee) -> Vec<Wanted> {
    let born = items(json!({"born_on": on, "expected_birth_on": on, "child_birth_date": on}));
    let is_maternity = one.items.get("sex").and_then(Value::as_str) == Some("2");
    let why_maternity =
        ("産前産後休業中は保険料が免除される", "Premiums are waived during leave before and after childbirth.");
    let mut found: Vec<Wanted> = Vec::new();
    if is_maternity {
        found.extend(wanted("pension-maternity-leave", WhyNot::Social(one), why_maternity, born.clone()));
    }
    let why = ("育児休業中は保険料が免除される", "Premiums are waived during child care leave.");
    found.extend(wanted("pension-child-care-leave", WhyNot::Social(one), why, born.clone()));
    for (code, ja, en) in [
        (
            "4950008680048000",
            "育児休業給付の基になる賃金を証明する",
            "The pay that the benefit is worked out from is certified.",
        ),
        ("4950008680182000", "育児休業給付を受ける", "The child care leave benefit is applied for."),
    ] {
        found.extend(wanted(code, WhyNot::Employment(one), (ja, en), born.clone()));
    }
    found.extend(dependants(one, on, "1"));
    found
}

fn nursing_care(on: NaiveDate, one: &Employee) -> Vec<Wanted> {
    let from = items(json!({"leave_from": on}));
    let certificate =
        ("介護休業給付の基になる賃金を証明する", "The pay that the benefit is worked out from is certified.");
    let benefit = ("介護休業給付を受ける", "The nursing care leave benefit is applied for.");
    let found = [
        wanted("4950008680048000", WhyNot::Employment(one), certificate, from.clone()),
        wanted("4950008680051000", WhyNot::Employment(one), benefit, from),
    ];
    found.into_iter().flatten().collect()
}

/// The three months before the revision.
fn monthly_change(on: NaiveDate, one: &Employee) -> Vec<Wanted> {
    let month = |before: u32| (on.month() + 11 - before) % 12 + 1;
    let items = items(json!({
        "revised_from": on.format("%Y-%m").to_string(),
        "month_1": month(3), "month_2": month(2), "month_3": month(1),
    }));
    let why = (
        "固定的賃金が変わり、標準報酬月額が2等級以上変わる",
        "Fixed pay changed, and the standard monthly remuneration with it.",
    );
    wanted(MONTHLY_CHANGE, WhyNot::Social(one), why, items).into_iter().collect()
}

fn year_end(on: NaiveDate) -> Vec<Wanted> {
    let year = items(json!({"year": on.year().to_string()}));
    let found = [
        wanted(
            "tax-withholding-statements",
            WhyNot::Always,
            ("支払った給与の法定調書を税務署に出す", "Statements of the salaries paid go to the tax office."),
            year.clone(),
        ),
        wanted(
            "municipal-salary-report",
            WhyNot::Always,
            ("支払った給与を市区町村に報告する", "Salaries paid are reported to the municipality."),
            year,
        ),
    ];
    found.into_iter().flatten().collect()
}
