//! Applications as whoever applied sees them.

use super::attachments_view::AttachedFileView;
use super::certificates::Standing;
use super::interviews_view::InterviewView;
use super::signature_view::ApplicationSignatureView;
use crate::catalog::services::Standards;
use crate::domain::application::{
    Actor, AmendmentItem, Answers, ApplicantKind, Application, ApplicationState, AppliedBy, Decision,
};
use crate::domain::payment::{HeldPayment, PaymentState};
use crate::domain::{Timestamp, Words};
use crate::store::HeldApplication;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// How a certificate that goes with an application stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationCertificateState {
    /// It was verified when it was attached, and stands.
    Verified,
    /// It was verified when it was attached, and its company took it back since.
    Revoked,
    /// It was verified when it was attached, and is not kept here any more.
    Gone,
    /// It is handed in on paper.
    OnPaper,
}

impl Standing {
    pub(super) const fn state(self) -> ApplicationCertificateState {
        match self {
            Self::Issued => ApplicationCertificateState::Verified,
            Self::Revoked(_) => ApplicationCertificateState::Revoked,
            Self::Gone => ApplicationCertificateState::Gone,
            Self::OnPaper => ApplicationCertificateState::OnPaper,
        }
    }
}

/// An application in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationSummary {
    /// Its id.
    #[schema(example = "app_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// The arrival number (到達番号), to be told to the municipality.
    #[schema(example = "20261120-7K3M9QX2R4TD")]
    pub arrival_number: String,
    /// Where it stands.
    pub state: ApplicationState,
    /// The municipality (全国地方公共団体コード).
    #[schema(example = "999016")]
    pub municipality: String,
    /// The procedure, by the code that it has at every municipality.
    #[schema(example = "nursery-application")]
    pub procedure: String,
    /// The batch that it was handed in with, if it was: `GET /v1/application-batches/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "abt_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub batch: Option<String>,
    /// When it arrived (RFC 3339).
    #[schema(format = "date-time", example = "2026-11-20T09:30:00+09:00")]
    pub arrived_at: String,
    /// When it came to stand there (RFC 3339).
    #[schema(format = "date-time", example = "2026-11-20T09:30:00+09:00")]
    pub changed_at: String,
}

/// A page of applications.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationPage {
    /// Newest first.
    pub items: Vec<ApplicationSummary>,
    /// What `after` says to go on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// Who applied, and as what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationAppliedByView)]
pub struct AppliedByView {
    /// As what.
    pub kind: ApplicantKind,
    /// Their name, where they are another than the person whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// What they are to that person (続柄).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub relationship: Option<String>,
    /// For whom an agent works.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub organisation: Option<String>,
    /// The number of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub organisation_number: Option<String>,
}

/// A certificate of employment (就労証明書) that goes with an application.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationCertificateView {
    /// The place of the form that it is for.
    #[schema(example = "guardian_1")]
    pub slot: String,
    /// How it stands.
    pub state: ApplicationCertificateState,
}

/// One step of the timeline.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationStep)]
pub struct StepView {
    /// Where it came to stand.
    pub state: ApplicationState,
    /// By whom.
    pub by: Actor,
    /// When (RFC 3339).
    #[schema(format = "date-time", example = "2026-11-20T09:30:00+09:00")]
    pub at: String,
    /// What the municipality said with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub note: Option<String>,
}

/// What is to be mended (補正).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationAmendment)]
pub struct AmendmentView {
    /// What.
    pub items: Vec<AmendmentItem>,
    /// The last day on which it can be.
    #[schema(format = "date", example = "2026-12-04")]
    pub until: String,
    /// When it was asked (RFC 3339).
    #[schema(format = "date-time")]
    pub asked_at: String,
}

/// The result (結果通知).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationResult)]
pub struct OutcomeView {
    /// What was decided.
    pub decision: Decision,
    /// The title of the notice.
    #[schema(example = "保育施設等利用調整結果通知書")]
    pub title: String,
    /// What the notice says.
    pub text: String,
    /// The day of the decision in Japan.
    #[schema(format = "date", example = "2026-11-20")]
    pub decided_on: String,
    /// When it was delivered (RFC 3339).
    #[schema(format = "date-time")]
    pub delivered_at: String,
}

/// What is to be paid for an application, or was (公金決済).
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationPaymentView {
    /// Its id.
    #[schema(example = "pmt_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Where it stands.
    pub state: PaymentState,
    /// What for.
    pub title: Words,
    /// How much, in yen.
    #[schema(example = 300)]
    pub amount: u64,
    /// The last day in Japan on which it can be paid.
    #[schema(format = "date", example = "2027-06-30")]
    pub due_on: String,
    /// Where it is paid, and its receipt is (納付用URL): open it in the citizen's browser.
    #[schema(format = "uri", example = "https://madoguchi.example/pay/Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6c")]
    pub url: String,
}

impl ApplicationPaymentView {
    pub(super) fn of(held: &HeldPayment, public_url: &str, now: Timestamp) -> Self {
        let one = &held.payment;
        Self {
            id: one.id.to_string(),
            state: held.state_at(now),
            title: one.title.clone(),
            amount: one.amount,
            due_on: one.due_on.to_string(),
            url: held.address(public_url),
        }
    }
}

/// An application as whoever applied sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Application)]
pub struct ApplicationView {
    /// The application in short.
    pub application: ApplicationSummary,
    /// What the procedure is called.
    pub title: Words,
    /// The form that it was made by.
    #[schema(example = "nursery-application-mihon-1")]
    pub form: String,
    /// Who applied, and as what.
    pub applied_by: AppliedByView,
    /// What it says: the items of the form.
    #[schema(value_type = Object)]
    pub answers: Value,
    /// The certificates that go with it.
    pub certificates: Vec<ApplicationCertificateView>,
    /// The documents that go with it.
    pub attachments: Vec<AttachedFileView>,
    /// Whether the municipality checks in person who applied: the procedure asks for a signature, and none was made here.
    pub is_identity_checked_in_person: bool,
    /// The person's signature (電子署名), where the procedure asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub signature: Option<ApplicationSignatureView>,
    /// Whether the person handed it in at the counter's own pages, from a draft.
    pub is_handed_in_by_person: bool,
    /// How it came to stand where it does.
    pub timeline: Vec<StepView>,
    /// What is to be mended, as long as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub amendment: Option<AmendmentView>,
    /// The result, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub result: Option<OutcomeView>,
    /// The interview (面談) that goes with it, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub interview: Option<InterviewView>,
    /// What the municipality asks to be paid for it, newest first.
    pub payments: Vec<ApplicationPaymentView>,
    /// When the municipality was last given what it says (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub read_at: Option<String>,
    /// By what the log of evidence knows its arrival: `GET /v1/receipts/{id}`.
    #[schema(example = "r_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub receipt: String,
}

impl ApplicationSummary {
    pub(super) fn of(one: &Application) -> Self {
        Self {
            id: one.id.to_string(),
            arrival_number: one.arrival.clone(),
            state: one.state,
            municipality: one.municipality.clone(),
            procedure: one.procedure.clone(),
            batch: one.batch.as_ref().map(|batch| batch.id.to_string()),
            arrived_at: one.arrived_at.rfc3339(),
            changed_at: changed_at(one).rfc3339(),
        }
    }
}

/// When it came to stand where it does.
pub(super) fn changed_at(one: &Application) -> Timestamp {
    one.timeline.last().map_or(one.arrived_at, |step| step.at)
}

impl AppliedByView {
    pub(super) fn of(by: &AppliedBy) -> Self {
        let AppliedBy { kind, name, relationship, organisation, organisation_number } = by.clone();
        Self { kind, name, relationship, organisation, organisation_number }
    }
}

pub(super) fn answers(said: &Answers) -> Value {
    serde_json::json!({"applicant": said.applicant, "entries": said.entries})
}

pub(super) fn timeline(one: &Application) -> Vec<StepView> {
    let step = |step: &crate::domain::application::Step| StepView {
        state: step.state,
        by: step.by,
        at: step.at.rfc3339(),
        note: step.note.clone(),
    };
    one.timeline.iter().map(step).collect()
}

impl AmendmentView {
    pub(super) fn of(one: &Application) -> Option<Self> {
        let ask = one.asked.as_ref()?;
        Some(Self { items: ask.items.clone(), until: ask.until.to_string(), asked_at: ask.at.rfc3339() })
    }
}

impl OutcomeView {
    pub(super) fn of(one: &Application) -> Option<Self> {
        let outcome = one.outcome.as_ref()?;
        Some(Self {
            decision: outcome.decision,
            title: outcome.title.clone(),
            text: outcome.text.clone(),
            decided_on: outcome.decided_on.to_string(),
            delivered_at: outcome.at.rfc3339(),
        })
    }
}

/// What the procedure of an application is called.
pub(super) fn procedure(one: &Application, standards: &Standards) -> Words {
    let bare = || Words { ja: one.procedure.clone(), en: one.procedure.clone() };
    standards.get(&one.procedure).map_or_else(bare, |standard| standard.name.clone())
}

impl ApplicationView {
    pub(super) fn of(
        held: &HeldApplication,
        standing: &[Standing],
        payments: Vec<ApplicationPaymentView>,
        standards: &Standards,
    ) -> Self {
        let one = &held.application;
        let signature = ApplicationSignatureView::of(one, standards);
        let certificates = one.certificates.iter().zip(standing);
        Self {
            application: ApplicationSummary::of(one),
            title: procedure(one, standards),
            form: one.form.clone(),
            applied_by: AppliedByView::of(&one.applied_by),
            answers: answers(&one.answers),
            certificates: certificates
                .map(|(attached, standing)| ApplicationCertificateView {
                    slot: attached.slot().to_owned(),
                    state: standing.state(),
                })
                .collect(),
            attachments: one.files.iter().map(AttachedFileView::of).collect(),
            is_identity_checked_in_person: ApplicationSignatureView::is_in_person(signature.as_ref()),
            signature,
            is_handed_in_by_person: one.is_by_person,
            timeline: timeline(one),
            amendment: AmendmentView::of(one),
            result: OutcomeView::of(one),
            interview: None,
            payments,
            read_at: held.read_at.map(Timestamp::rfc3339),
            receipt: one.receipt.to_string(),
        }
    }
}
