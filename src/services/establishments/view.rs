//! What a client sees of an establishment.

use super::timeline::{self, TimelineEntry};
use super::{EstablishmentsParts, PAGE};
use crate::catalog::procedures::AgencyKind;
use crate::domain::establishment::{
    CompanyKind, Establishment, EstablishmentPart, EstablishmentState, RegistryEntry, Stage,
};
use crate::domain::submission::{Delivery, Finding, MOST_FINDINGS, SubmissionState};
use crate::domain::{Timestamp, Words};
use crate::services::submissions::FindingView;
use crate::submissions::{EstablishmentPlan, PlannedFiling, Whole};
use serde::Serialize;
use utoipa::ToSchema;

/// What follows from a form.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EstablishmentPlan)]
pub struct EstablishmentPlanView {
    /// The procedures, in the order in which they go out.
    pub procedures: Vec<PlannedEstablishmentProcedure>,
    /// What was found, by places in the form; at most 100. A `reject` keeps it from being begun.
    pub findings: Vec<FindingView>,
}

/// One procedure that follows.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedEstablishmentProcedure {
    /// In which stage it goes out.
    pub stage: Stage,
    /// Its code; see `GET /v1/procedures/{code}`.
    #[schema(example = "tax-company-establishment")]
    pub code: String,
    /// Its name.
    pub title: Words,
    /// Why it follows.
    pub because: Words,
    /// The kind of receiver.
    pub agency_kind: AgencyKind,
    /// The receiver, by its name here; absent when none here takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "tax")]
    pub agency: Option<String>,
    /// The last day on which it is in time, if the company is established on the day that you wish; absent where no day is
    /// fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date", example = "2027-02-01")]
    pub due_on: Option<String>,
}

/// What a founder decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FounderDecision {
    /// Nothing yet.
    Waiting,
    /// Signed.
    Signed,
    /// Declined.
    Declined,
}

/// One founder.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EstablishmentFounder)]
pub struct FounderView {
    /// The name, as the form says it.
    pub name: String,
    /// What the founder decided.
    pub decision: FounderDecision,
    /// When (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time", example = "2026-11-20T09:30:00+09:00")]
    pub decided_at: Option<String>,
    /// What the founder enters at `sign_at`. Give it to this founder alone; it works once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "BCDF-GHJK-LMNP-QRST-VWXZ")]
    pub code: Option<String>,
}

/// One stage that has begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EstablishmentStage)]
pub struct EstablishmentStageView {
    /// Which.
    pub stage: Stage,
    /// When it began (RFC 3339).
    #[schema(format = "date-time", example = "2026-11-20T09:30:00+09:00")]
    pub begun_at: String,
    /// When it was over (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time", example = "2026-11-20T09:30:00+09:00")]
    pub ended_at: Option<String>,
    /// The filing that it was handed in as: `GET /v1/submissions/{id}`, its events and documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "sub_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub submission: Option<String>,
}

/// How one procedure stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EstablishmentProcedure)]
pub struct ProcedureProgress {
    /// In which stage it goes out.
    pub stage: Stage,
    /// Its code.
    #[schema(example = "tax-company-establishment")]
    pub code: String,
    /// Its name.
    pub title: Words,
    /// The receiver, by its name here.
    #[schema(example = "tax")]
    pub agency: String,
    /// Where it stands; absent until its stage is handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub state: Option<SubmissionState>,
    /// Its part of the filing: what an amendment (補正) names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dlv_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub delivery: Option<String>,
    /// The receiver's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "000000000000000017")]
    pub arrival_number: Option<String>,
    /// The last day on which it is in time; absent where no day is fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date", example = "2027-02-01")]
    pub due_on: Option<String>,
    /// Whether that day is over, and the receiver does not have it.
    pub is_late: bool,
    /// What the receiver found.
    pub findings: Vec<FindingView>,
}

/// What the registry has of the new company (登記事項).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RegistryEntry)]
pub struct RegistryEntryView {
    /// 法人番号.
    #[schema(example = "7000012050002")]
    pub corporate_number: String,
    /// 商号.
    pub trade_name: String,
    /// 本店.
    pub head_office: String,
    /// 会社成立の年月日.
    #[schema(format = "date", example = "2026-12-01")]
    pub established_on: String,
    /// 登記申請日.
    #[schema(format = "date", example = "2026-12-01")]
    pub applied_on: String,
}

/// How many procedures stand where.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = EstablishmentProgress)]
pub struct ProgressCount {
    /// All that follow.
    pub all: usize,
    /// Decided, and done.
    pub completed: usize,
    /// Over without being done: returned, withdrawn, given up.
    pub unsettled: usize,
}

/// An establishment in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct EstablishmentSummary {
    /// Its id.
    #[schema(example = "est_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Your own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reference: Option<String>,
    /// Where it stands.
    pub state: EstablishmentState,
    /// When that was last another (RFC 3339).
    #[schema(format = "date-time", example = "2026-11-20T09:30:00+09:00")]
    pub changed_at: String,
    /// When it was begun (RFC 3339).
    #[schema(format = "date-time", example = "2026-11-20T09:30:00+09:00")]
    pub created_at: String,
    /// Which kind of company.
    pub kind: CompanyKind,
    /// Its trade name.
    #[schema(example = "株式会社見本工房")]
    pub trade_name: String,
    /// The new company's number, once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "7000012050002")]
    pub corporate_number: Option<String>,
}

/// A page of establishments.
#[derive(Debug, Serialize, ToSchema)]
pub struct EstablishmentPage {
    /// Newest first.
    pub items: Vec<EstablishmentSummary>,
    /// What `after` says to go on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// An establishment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Establishment)]
pub struct EstablishmentView {
    /// In short.
    pub establishment: EstablishmentSummary,
    /// Where founders sign, after a sign-in of their own.
    #[schema(example = "https://madoguchi.example/dashboard/establishments")]
    pub sign_at: String,
    /// Until when they can (RFC 3339).
    #[schema(format = "date-time", example = "2026-12-04T09:30:00+09:00")]
    pub sign_until: String,
    /// What they sign: SHA-256 over form and receivers, base64url.
    pub content_sha256: String,
    /// By what the log of evidence knows it: `GET /v1/receipts/{id}`.
    #[schema(example = "r_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub receipt_id: String,
    /// The founders, in the form's order.
    pub founders: Vec<FounderView>,
    /// The stages that have begun.
    pub stages: Vec<EstablishmentStageView>,
    /// Every procedure that follows, in order.
    pub procedures: Vec<ProcedureProgress>,
    /// How many of them stand where.
    pub progress: ProgressCount,
    /// What the registry has, once the company is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub registry: Option<RegistryEntryView>,
    /// Why it was returned, by places in what the receiver was told.
    pub findings: Vec<FindingView>,
    /// What happened, in order.
    pub timeline: Vec<TimelineEntry>,
}

impl EstablishmentPlanView {
    pub(super) fn of(plan: &EstablishmentPlan) -> Self {
        let mut found: Vec<&Finding> = plan.findings.iter().collect();
        if found.len() > MOST_FINDINGS {
            found.sort_by_key(|one| !one.is_reject());
            found.truncate(MOST_FINDINGS);
        }
        let procedure = |one: &PlannedFiling| PlannedEstablishmentProcedure {
            stage: one.stage,
            code: one.code.clone(),
            title: one.title.clone(),
            because: one.because.clone(),
            agency_kind: one.kind,
            agency: one.agency.clone(),
            due_on: one.due_on.map(|day| day.to_string()),
        };
        Self {
            procedures: plan.filings.iter().map(procedure).collect(),
            findings: found.into_iter().map(FindingView::of).collect(),
        }
    }
}

impl EstablishmentSummary {
    pub(super) fn of(one: &Establishment) -> Self {
        Self {
            id: one.id.to_string(),
            reference: one.form.reference.clone(),
            state: one.state,
            changed_at: one.changed_at.rfc3339(),
            created_at: one.created_at.rfc3339(),
            kind: one.form.kind,
            trade_name: one.form.trade_name.clone(),
            corporate_number: one.registry.as_ref().map(|entry| entry.corporate_number.to_string()),
        }
    }
}

impl RegistryEntryView {
    fn of(entry: &RegistryEntry) -> Self {
        Self {
            corporate_number: entry.corporate_number.to_string(),
            trade_name: entry.trade_name.clone(),
            head_office: entry.head_office.clone(),
            established_on: entry.established_on.to_string(),
            applied_on: entry.applied_on.to_string(),
        }
    }
}

impl ProgressCount {
    fn of(procedures: &[ProcedureProgress]) -> Self {
        let count = |is: fn(SubmissionState) -> bool| procedures.iter().filter(|one| one.state.is_some_and(is)).count();
        Self {
            all: procedures.len(),
            completed: count(|state| state == SubmissionState::Completed),
            unsettled: count(|state| state.is_final() && state != SubmissionState::Completed),
        }
    }
}

fn founders(one: &Establishment) -> Vec<FounderView> {
    let view = |(founder, standing): (&crate::domain::establishment::Founder, _)| {
        let standing: &crate::domain::establishment::FounderStanding = standing;
        FounderView {
            name: founder.name.clone(),
            decision: match &standing.decision {
                None => FounderDecision::Waiting,
                Some(decision) if decision.is_signed => FounderDecision::Signed,
                Some(_) => FounderDecision::Declined,
            },
            decided_at: standing.decision.as_ref().map(|decision| decision.at.rfc3339()),
            code: standing.code.clone(),
        }
    };
    one.form.founders.iter().zip(&one.founders).map(view).collect()
}

/// Each part with its delivery, where its stage was handed in: their order is the same.
fn progress(
    parts: &EstablishmentsParts,
    one: &Establishment,
    part: &EstablishmentPart,
    of: Option<&Delivery>,
) -> ProcedureProgress {
    let procedure = parts.procedures.get(&part.procedure);
    let unnamed = || Words { ja: part.procedure.clone(), en: part.procedure.clone() };
    let due_on = parts.engine.due_on(one, &part.procedure);
    let is_with_it = of.is_some_and(|delivery| delivery.arrival.is_some());
    let is_open = !one.state.is_final() || one.state == EstablishmentState::Completed;
    ProcedureProgress {
        stage: part.stage,
        code: part.procedure.clone(),
        title: procedure.map_or_else(unnamed, |procedure| procedure.title.clone()),
        agency: part.agency.clone(),
        state: of.map(|delivery| delivery.state),
        delivery: of.map(|delivery| delivery.id.to_string()),
        arrival_number: of.and_then(|delivery| delivery.arrival.as_ref()).map(|number| number.as_str().to_owned()),
        is_late: is_open && !is_with_it && due_on.is_some_and(|due| parts.clock.now().date_in_japan() > due),
        due_on: due_on.map(|day| day.to_string()),
        findings: of.map(|delivery| delivery.findings.iter().map(FindingView::of).collect()).unwrap_or_default(),
    }
}

fn delivery_of<'a>(one: &Establishment, stages: &'a [Whole], part: &EstablishmentPart) -> Option<&'a Delivery> {
    let place = one.parts_of(part.stage).position(|other| other == part)?;
    let filing = one.stage(part.stage)?.submission.as_ref()?;
    stages.iter().find(|whole| whole.submission.id == *filing)?.deliveries.get(place)
}

pub(super) fn procedures(parts: &EstablishmentsParts, one: &Establishment, stages: &[Whole]) -> Vec<ProcedureProgress> {
    one.parts.iter().map(|part| progress(parts, one, part, delivery_of(one, stages, part))).collect()
}

pub(super) fn of(parts: &EstablishmentsParts, one: &Establishment, stages: &[Whole]) -> EstablishmentView {
    let procedures = procedures(parts, one, stages);
    let stage = |record: &crate::domain::establishment::StageRecord| EstablishmentStageView {
        stage: record.stage,
        begun_at: record.begun_at.rfc3339(),
        ended_at: record.ended_at.map(Timestamp::rfc3339),
        submission: record.submission.as_ref().map(ToString::to_string),
    };
    EstablishmentView {
        establishment: EstablishmentSummary::of(one),
        sign_at: format!("{}{PAGE}", parts.public_url),
        sign_until: one.sign_until.rfc3339(),
        content_sha256: one.digest.base64url(),
        receipt_id: one.receipt.to_string(),
        founders: founders(one),
        stages: one.stages.iter().map(stage).collect(),
        progress: ProgressCount::of(&procedures),
        procedures,
        registry: one.registry.as_ref().map(RegistryEntryView::of),
        findings: one.findings.iter().map(FindingView::of).collect(),
        timeline: timeline::of(one, stages),
    }
}
