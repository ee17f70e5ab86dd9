//! Applications as their municipality sees them.

use super::attachments_view::AttachedFileView;
use super::certificates::Standing;
use super::interviews_view::{AppointmentView, InterviewView};
use super::signature_view::ApplicationSignatureView;
use super::view::{
    AmendmentView, ApplicationCertificateState, AppliedByView, OutcomeView, StepView, answers, changed_at, procedure,
    timeline,
};
use crate::catalog::application_forms::ApplicationForm;
use crate::catalog::services::Standards;
use crate::domain::Words;
use crate::domain::application::{ApplicantKind, ApplicationState, AttachedCertificate};
use crate::domain::employment_certificate::RevocationReason;
use crate::store::HeldApplication;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An application in short, as its municipality sees it: nothing of what it says.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyApplicationSummary {
    /// Its place on the cursor: each change gives it a later one.
    #[schema(example = 42)]
    pub place: u64,
    /// Its id.
    #[schema(example = "app_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// The arrival number (到達番号).
    #[schema(example = "20261120-7K3M9QX2R4TD")]
    pub arrival_number: String,
    /// Where it stands.
    pub state: ApplicationState,
    /// The procedure, by the code that it has at every municipality.
    #[schema(example = "nursery-application")]
    pub procedure: String,
    /// The form that it was made by.
    #[schema(example = "nursery-application-mihon-1")]
    pub form: String,
    /// As what whoever applied did so.
    pub applied_as: ApplicantKind,
    /// The appointment (面談予約) that is booked, or the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub appointment: Option<AppointmentView>,
    /// Whether a company took a certificate back that goes with it.
    pub has_revoked_certificate: bool,
    /// When it arrived (RFC 3339).
    #[schema(format = "date-time", example = "2026-11-20T09:30:00+09:00")]
    pub arrived_at: String,
    /// When it came to stand there (RFC 3339).
    #[schema(format = "date-time", example = "2026-11-20T09:30:00+09:00")]
    pub changed_at: String,
}

/// Applications to a municipality, in the order in which they came or changed last.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyApplicationPage {
    /// The applications.
    pub items: Vec<AgencyApplicationSummary>,
    /// `after` of the next page, also when there is nothing new yet.
    #[schema(example = 42)]
    pub next: u64,
}

/// A certificate of employment (就労証明書) that was verified when it was attached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgencyApplicationVerifiedCertificate)]
pub struct AgencyCertificate {
    /// Its id.
    #[schema(example = "emp_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// The company that issued it.
    #[schema(example = "7000012050002")]
    pub corporate_number: String,
    /// Its form.
    #[schema(example = "standard-plus")]
    pub form: String,
    /// What opens it: `POST /v1/employment-certificates/open`.
    #[schema(example = "w2d3Yw5bq0mF1n8vJt7fTgw2d3Yw5bq0mF1n8vJt7fT")]
    pub reference: String,
    /// When it was verified here: signed by the company, for you, in the form that you take, and not taken back (RFC 3339).
    #[schema(format = "date-time")]
    pub verified_at: String,
    /// When the company took it back, if it did (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub revoked_at: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub revoked_because: Option<RevocationReason>,
}

/// A certificate that goes with an application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgencyApplicationCertificate)]
pub struct AgencyCertificateView {
    /// The place of the form that it is for.
    #[schema(example = "guardian_1")]
    pub slot: String,
    /// How it stands now.
    pub state: ApplicationCertificateState,
    /// The certificate, where it is none on paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub certificate: Option<AgencyCertificate>,
}

/// An application as its municipality sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyApplication {
    /// The application in short.
    pub application: AgencyApplicationSummary,
    /// What the procedure is called.
    pub title: Words,
    /// The version of the form; absent where the form is not kept here any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 1)]
    pub form_version: Option<u32>,
    /// Who applied, and as what.
    pub applied_by: AppliedByView,
    /// What it says: the items of the form.
    #[schema(value_type = Object)]
    pub answers: Value,
    /// The certificates that go with it.
    pub certificates: Vec<AgencyCertificateView>,
    /// The documents that go with it: `GET /agency/v1/applications/{id}/attachments/{attachment}`.
    pub attachments: Vec<AttachedFileView>,
    /// Whether you check in person who applied: the procedure asks for a signature, and none was made here.
    pub is_identity_checked_in_person: bool,
    /// The person's signature (電子署名), where the procedure asks for one: `GET /agency/v1/applications/{id}/signature`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub signature: Option<ApplicationSignatureView>,
    /// Whether the person, signed in with their card, handed it in at the counter's own pages, from what software prepared.
    pub is_handed_in_by_person: bool,
    /// How it came to stand where it does.
    pub timeline: Vec<StepView>,
    /// What you asked to be mended, as long as it is.
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
}

impl AgencyApplicationSummary {
    pub(super) fn of(held: &HeldApplication, standing: &[Standing]) -> Self {
        let one = &held.application;
        let appointment = one.interview.as_ref().and_then(|interview| interview.appointment.as_ref());
        Self {
            place: held.place,
            id: one.id.to_string(),
            arrival_number: one.arrival.clone(),
            state: one.state,
            procedure: one.procedure.clone(),
            form: one.form.clone(),
            applied_as: one.applied_by.kind,
            appointment: appointment.map(AppointmentView::of),
            has_revoked_certificate: standing.iter().any(|standing| matches!(standing, Standing::Revoked(_))),
            arrived_at: one.arrived_at.rfc3339(),
            changed_at: changed_at(one).rfc3339(),
        }
    }
}

impl AgencyCertificateView {
    fn of(attached: &AttachedCertificate, standing: Standing) -> Self {
        let certificate = match attached {
            AttachedCertificate::OnPaper { .. } => None,
            AttachedCertificate::Verified { id, employer, form, reference, at, .. } => Some(AgencyCertificate {
                id: id.to_string(),
                corporate_number: employer.to_string(),
                form: form.clone(),
                reference: reference.clone(),
                verified_at: at.rfc3339(),
                revoked_at: standing.revocation().map(|revocation| revocation.at.rfc3339()),
                revoked_because: standing.revocation().map(|revocation| revocation.reason),
            }),
        };
        Self { slot: attached.slot().to_owned(), state: standing.state(), certificate }
    }
}

impl AgencyApplication {
    pub(super) fn of(
        held: &HeldApplication,
        standing: &[Standing],
        (form, standards): (Option<&ApplicationForm>, &Standards),
    ) -> Self {
        let one = &held.application;
        let signature = ApplicationSignatureView::of(one, standards);
        let certificates = one.certificates.iter().zip(standing);
        Self {
            application: AgencyApplicationSummary::of(held, standing),
            title: procedure(one, standards),
            form_version: form.map(|form| form.version),
            applied_by: AppliedByView::of(&one.applied_by),
            answers: answers(&one.answers),
            certificates: certificates.map(|(one, standing)| AgencyCertificateView::of(one, *standing)).collect(),
            attachments: one.files.iter().map(AttachedFileView::of).collect(),
            is_identity_checked_in_person: ApplicationSignatureView::is_in_person(signature.as_ref()),
            signature,
            is_handed_in_by_person: one.is_by_person,
            timeline: timeline(one),
            amendment: AmendmentView::of(one),
            result: OutcomeView::of(one),
            interview: InterviewView::of(one, form.and_then(|form| form.interview)),
        }
    }
}
