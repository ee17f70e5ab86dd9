//! The bodies of the procedures.

use crate::catalog::procedures::check_digits::CheckDigit;
use crate::catalog::procedures::{AgencyKind, Due, Field, Kind, Procedure, RecordCount};
use crate::domain::Words;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Every procedure that is described here.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcedureList {
    /// By code.
    pub procedures: Vec<ProcedureSummary>,
}

/// One procedure in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcedureSummary {
    /// What a delivery's `procedure` says: 届書コード, 手続識別子, or a code of our own.
    #[schema(example = "2200700")]
    pub code: String,
    /// Its name.
    pub title: Words,
    /// With which kind of agency it is filed.
    pub agency: AgencyKind,
    /// Whether it goes to the company's 健康保険組合, too, where it has one.
    pub is_for_health_insurance_union: bool,
    /// e-Gov's 手続識別子, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "4950013520711000")]
    pub e_gov: Option<String>,
    /// How many records one filing holds.
    pub records: RecordCount,
    /// Until when it is filed.
    pub due: DueView,
    /// How many columns its line in the pension agency's CSV has, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 34)]
    pub csv_columns: Option<usize>,
}

/// Until when a procedure is filed; a last day that is no working day moves to the next one.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ProcedureDue)]
pub struct DueView {
    /// `days_after` or `months_after` the day that `field` names, `on_day` itself, `day_of_next_month` after it, `window` of each year, or
    /// `promptly`.
    #[schema(example = "days_after")]
    pub kind: &'static str,
    /// The item of a record that it is counted from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "acquired_on")]
    pub field: Option<String>,
    /// How many days after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 5)]
    pub days: Option<u32>,
    /// How many months after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 2)]
    pub months: Option<u32>,
    /// Whether the day itself counts (以後): then it ends a day earlier. With `months_after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub counts_first_day: Option<bool>,
    /// The item with a day before which it ends in any case. With `months_after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "first_fiscal_year_ends_on")]
    pub before: Option<String>,
    /// Which day of the next month.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub day: Option<u32>,
    /// The first day of the window, `MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<String>,
    /// Its last day, `MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub until: Option<String>,
}

/// One procedure with its items.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcedureView {
    /// What the list says of it.
    pub summary: ProcedureSummary,
    /// The items of the office, once for each filing: the members of the content's `office`.
    pub office: Vec<ProcedureField>,
    /// The items of each record: the members of an entry of the content's `records`.
    pub fields: Vec<ProcedureField>,
    /// The same as JSON Schema (2020-12) of the content.
    #[schema(value_type = Object)]
    pub schema: Value,
}

/// One item.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcedureField {
    /// Its name in JSON.
    #[schema(example = "name_kana")]
    pub name: String,
    /// Its real name (項目名).
    pub title: Words,
    /// `wide` (全角), `kana` (半角カナ), `text`, `line` (any printable characters), `digits`, `yen`, `number`, `date`, `month`,
    /// `time` (`HH:MM`), `flag` or `code`.
    #[schema(example = "kana")]
    pub kind: &'static str,
    /// Whether it must be there.
    pub is_required: bool,
    /// Most bytes of Shift_JIS.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 25)]
    pub most_bytes: Option<usize>,
    /// Fewest digits, or the least number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub least: Option<u64>,
    /// Most digits or characters, or the largest number or amount that can be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub most: Option<u64>,
    /// What the check digit among the digits is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub check_digit: Option<CheckDigit>,
    /// The codes it can take.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<CodeChoice>,
    /// The first of its columns in the pension agency's CSV, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 7)]
    pub csv_column: Option<usize>,
}

/// One code that an item can take.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeChoice {
    /// The code.
    #[schema(example = "1")]
    pub code: String,
    /// What it means.
    pub words: Words,
}

impl DueView {
    fn of(due: &Due) -> Self {
        match due.clone() {
            Due::DaysAfter { field, days } => {
                Self { kind: "days_after", field: Some(field), days: Some(days), ..Self::default() }
            }
            Due::MonthsAfter { field, months, counts_first_day, before } => Self {
                kind: "months_after",
                field: Some(field),
                months: Some(months),
                counts_first_day: Some(counts_first_day),
                before,
                ..Self::default()
            },
            Due::OnDay { field } => Self { kind: "on_day", field: Some(field), ..Self::default() },
            Due::DayOfNextMonth { field, day } => {
                Self { kind: "day_of_next_month", field: Some(field), day: Some(day), ..Self::default() }
            }
            Due::Window { from, until } => {
                Self { kind: "window", from: Some(from), until: Some(until), ..Self::default() }
            }
            Due::Promptly => Self { kind: "promptly", ..Self::default() },
        }
    }
}

impl ProcedureSummary {
    /// A procedure in short.
    #[must_use]
    pub fn of(one: &Procedure) -> Self {
        Self {
            code: one.code.clone(),
            title: one.title.clone(),
            agency: one.agency,
            is_for_health_insurance_union: one.is_for_union,
            e_gov: one.e_gov.clone(),
            records: one.records,
            due: DueView::of(&one.due),
            csv_columns: one.csv.as_ref().map(|form| form.columns),
        }
    }
}

impl ProcedureView {
    /// A procedure with its items.
    #[must_use]
    pub fn of(one: &Procedure) -> Self {
        Self {
            summary: ProcedureSummary::of(one),
            office: one.office.iter().map(ProcedureField::of).collect(),
            fields: one.fields.iter().map(ProcedureField::of).collect(),
            schema: one.schema(),
        }
    }
}

impl ProcedureField {
    fn of(one: &Field) -> Self {
        let (mut most_bytes, mut least, mut most, mut check_digit) = (None, None, None, None);
        let mut codes = Vec::new();
        match &one.kind {
            Kind::Wide { bytes } | Kind::Kana { bytes } | Kind::Text { bytes } => most_bytes = Some(*bytes),
            Kind::Digits { least: fewest, most: digits, check } => {
                (least, most, check_digit) = (Some(*fewest as u64), Some(*digits as u64), *check);
            }
            Kind::Yen { most: amount, .. } => most = Some(*amount),
            Kind::Number { least: smallest, most: largest } => (least, most) = (Some(*smallest), Some(*largest)),
            Kind::Code(choices) => {
                let choice = |one: &crate::catalog::procedures::Choice| CodeChoice {
                    code: one.code.clone(),
                    words: one.words.clone(),
                };
                codes = choices.iter().map(choice).collect();
            }
            Kind::Line { characters } => most = Some(*characters as u64),
            Kind::Date | Kind::Month | Kind::Time | Kind::Flag => {}
        }
        Self {
            name: one.name.clone(),
            title: one.title.clone(),
            kind: one.kind.name(),
            is_required: one.is_required,
            most_bytes,
            least,
            most,
            check_digit,
            codes,
            csv_column: one.columns.first().copied(),
        }
    }
}
