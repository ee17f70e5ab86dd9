//! What is said about a life event.

use crate::domain::Refusal;
use crate::services::body;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Most employees of one event.
pub(super) const MOST_EMPLOYEES: usize = 5000;

/// A life event of employees: items that several procedures want are said once.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LifeEventRequest {
    /// Your own name for it: 1 to 64 visible ASCII characters, nothing about a person.
    #[schema(example = "2026-11-hiring-0042")]
    pub reference: Option<String>,
    /// What happened.
    pub event: LifeEvent,
    /// What holds for the company.
    #[serde(default)]
    pub employer: Employer,
    /// Items of the office (事業所), once for all procedures: see `office` of `GET /v1/procedures/{code}`.
    #[schema(value_type = Object)]
    pub office: Map<String, Value>,
    /// Whom it is about, 1 to 5000; the office alone is one without items.
    pub employees: Vec<Employee>,
    /// Procedures that you file elsewhere, by code.
    #[serde(default)]
    pub leave_out: Vec<String>,
}

/// What happened.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LifeEvent {
    /// Which kind of event.
    pub kind: EventKind,
    /// When: the first day of work, the last one, the day of the change, of the birth, of payment; the first day of the
    /// month from which a determination or a change applies; any day of the year that a yearly filing is about.
    #[schema(value_type = String, format = "date", example = "2026-11-02")]
    pub on: NaiveDate,
}

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// 採用.
    Hired,
    /// 退職.
    Left,
    /// 氏名変更.
    NameChanged,
    /// 住所変更.
    AddressChanged,
    /// 被扶養者の異動.
    DependantsChanged,
    /// 出産・育児.
    ChildbirthAndChildCareLeave,
    /// 介護.
    NursingCareLeave,
    /// 賞与.
    Bonus,
    /// 定時決定（算定）.
    StandardMonthlyDetermination,
    /// 随時改定（月変）.
    MonthlyChange,
    /// 労働保険の年度更新.
    AnnualLabourInsurance,
    /// 年末調整後の法定調書・給与支払報告書.
    YearEndStatements,
}

/// What holds for the company.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Employer {
    /// The agency's name of the company's 健康保険組合, where it has one: what is about health insurance goes there, too.
    #[schema(example = "union")]
    pub health_insurance_union: Option<String>,
}

/// One employee.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own about one person")]
pub struct Employee {
    /// Whether covered by health and pension insurance; yes when left out.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub has_social_insurance: bool,
    /// Whether covered by employment insurance; yes when left out.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub has_employment_insurance: bool,
    /// Whether the resident tax is collected from the salary (特別徴収); yes when left out.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub has_special_collection: bool,
    /// Whether a certificate of leaving (離職票) is wanted.
    #[serde(default)]
    pub wants_certificate_of_leaving: bool,
    /// The employee's items, once for all procedures, by the names of `GET /v1/procedures/{code}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub items: Map<String, Value>,
    /// Each dependant that comes or goes, by the items of the procedure about dependants.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub dependants: Vec<Map<String, Value>>,
    /// Items of single procedures, by code: they go before the common ones, and before what is worked out here.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub details: BTreeMap<String, Map<String, Value>>,
}

const fn yes() -> bool {
    true
}

/// Reads an event.
///
/// # Errors
/// `invalid_request` for a body of another form, `invalid_value` with the place of what is wrong.
pub(super) fn read(bytes: &[u8]) -> Result<LifeEventRequest, Refusal> {
    let request: LifeEventRequest = body::read(bytes)?;
    let is_name = |text: &str| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if request.reference.as_deref().is_some_and(|text| !is_name(text)) {
        return Err(Refusal::new("invalid_value", "Use 1 to 64 visible ASCII characters.").at("/reference"));
    }
    if !(1..=MOST_EMPLOYEES).contains(&request.employees.len()) {
        let words = format!("Give 1 to {MOST_EMPLOYEES} employees.");
        return Err(Refusal::new("invalid_value", words).at("/employees"));
    }
    Ok(request)
}
