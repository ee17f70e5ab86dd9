//! What is told about a life event.

use super::plan::{Plan, Planned};
use crate::domain::Words;
use crate::domain::submission::{Finding, MOST_FINDINGS};
use crate::services::submissions::{FindingView, SubmissionView};
use serde::Serialize;
use utoipa::ToSchema;

/// What follows from a life event, and what was filed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LifeEventResult)]
pub struct LifeEventView {
    /// What was filed, as one submission; absent when only the plan was wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub submission: Option<SubmissionView>,
    /// The procedures, in the order of the submission's deliveries.
    pub procedures: Vec<PlannedProcedure>,
    /// What was found, by places in what you sent. A `reject` keeps all of it from being filed. At most 100: then those that
    /// keep it from being filed stand first.
    pub findings: Vec<FindingView>,
    /// How many more were found than are told; absent when all are.
    #[serde(skip_serializing_if = "is_none")]
    #[schema(required = false, example = 0)]
    pub findings_left_off: usize,
}

/// One procedure that follows.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedProcedure {
    /// Its code; see `GET /v1/procedures/{code}`.
    #[schema(example = "2200700")]
    pub code: String,
    /// Its name.
    pub title: Words,
    /// Why it follows.
    pub because: Words,
    /// The kind of agency: `pension_office`, `health_insurance_union`, `employment_office`, `labour_bureau`, `tax_office` or
    /// `municipality`.
    #[schema(example = "pension_office")]
    pub agency_kind: &'static str,
    /// The agency, by its name here; absent when none here takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "pension-office")]
    pub agency: Option<String>,
    /// Which employees it is about, by their places in what you sent.
    pub employees: Vec<usize>,
    /// The last day on which it is in time; a last day that is no working day has moved to the next one. Absent where no day
    /// is fixed (速やかに).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date", example = "2026-11-09")]
    pub due_on: Option<String>,
    /// Whether that day is over.
    pub is_late: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_none(count: &usize) -> bool {
    *count == 0
}

impl LifeEventView {
    /// A plan as it is shown.
    pub(super) fn planned(plan: &Plan) -> Self {
        let mut found: Vec<&Finding> = plan.findings.iter().collect();
        let left_off = found.len().saturating_sub(MOST_FINDINGS);
        if left_off > 0 {
            // Stable: among those that are as grave the order stays.
            found.sort_by_key(|one| !one.is_reject());
            found.truncate(MOST_FINDINGS);
        }
        Self {
            submission: None,
            procedures: plan.filings.iter().map(PlannedProcedure::of).collect(),
            findings: found.into_iter().map(FindingView::of).collect(),
            findings_left_off: left_off,
        }
    }
}

impl PlannedProcedure {
    fn of(one: &Planned) -> Self {
        Self {
            code: one.code.clone(),
            title: one.title.clone(),
            because: one.because.clone(),
            agency_kind: one.kind,
            agency: one.agency.clone(),
            employees: one.employees.clone(),
            due_on: one.due_on.map(|day| day.to_string()),
            is_late: one.is_late,
        }
    }
}
