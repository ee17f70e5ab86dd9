//! The bodies of certificates.

use super::CertificateContent;
use crate::catalog::procedures::Procedure;
use crate::domain::employment_certificate::{Revocation, RevocationReason};
use crate::domain::{Timestamp, Words};
use crate::services::submissions::FindingView;
use crate::store::HeldCertificate;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The forms that municipalities take.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateFormList {
    /// By code.
    pub forms: Vec<CertificateFormSummary>,
}

/// A form in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateFormSummary {
    /// Its code, which a certificate's `form` says.
    #[schema(example = "standard")]
    pub code: String,
    /// Its name.
    pub title: Words,
    /// The municipalities that take it; empty for the form of all others.
    #[schema(example = json!(["131041"]))]
    pub municipalities: Vec<String>,
}

/// What is wrong with a content.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateCheck {
    /// The form that it was held against.
    #[schema(example = "standard")]
    pub form: String,
    /// What was found; with nothing that rejects it, it can be signed and issued.
    pub findings: Vec<FindingView>,
}

/// A draft of a certificate.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateDraft {
    /// What it says so far: complete it, sign it, and issue it.
    pub content: CertificateContent,
    /// What is missing or wrong, by places in this answer.
    pub findings: Vec<FindingView>,
    /// Items that were sent and are of no use for this form, by name.
    #[schema(example = json!(["sex"]))]
    pub unused: Vec<String>,
}

/// How a certificate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateState {
    /// It is issued.
    Issued,
    /// The company took it back.
    Revoked,
}

/// That it was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevocationView {
    /// When (RFC 3339).
    #[schema(example = "2026-11-20T09:30:00Z")]
    pub at: String,
    /// Why.
    pub reason: RevocationReason,
}

/// What everybody who may see a certificate is told of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateSummary {
    /// Its id.
    #[schema(example = "emp_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// How it stands.
    pub state: CertificateState,
    /// The company that issued it.
    #[schema(example = "7000012050002")]
    pub corporate_number: String,
    /// By which delegation, where the software is another company's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dlg_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub delegation: Option<String>,
    /// The municipality that it is for.
    #[schema(example = "131041")]
    pub municipality: String,
    /// Its form.
    #[schema(example = "standard")]
    pub form: String,
    /// When it was issued (RFC 3339).
    #[schema(example = "2026-11-20T09:30:00Z")]
    pub issued_at: String,
    /// That it was taken back, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub revoked: Option<RevocationView>,
    /// By what the log of evidence knows it: `GET /v1/receipts/{id}`.
    #[schema(example = "r_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub receipt: String,
}

/// A certificate as its issuer sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateView {
    /// What everybody is told.
    pub certificate: CertificateSummary,
    /// How often its municipality opened it.
    pub openings: u64,
    /// When last (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-20T09:30:00Z")]
    pub opened_at: Option<String>,
    /// What opens it at the municipality. A secret of the employee: give it to nobody else.
    #[schema(example = "w2d3Yw5bq0mF1n8vJt7fTgw2d3Yw5bq0mF1n8vJt7fT")]
    pub reference: String,
    /// The certificate and what vouches for it.
    pub signed: SignedCertificateView,
}

/// A certificate as it was signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedCertificateView {
    /// What the company signed: a compact JWS.
    #[schema(example = "eyJ0eXAiOiJlbXBsb3ltZW50LWNlcnRpZmljYXRlK2p3cyIsImFsZyI6IkVTMjU2IiwiandrIjp7fX0.e30.c2ln")]
    pub jws: String,
    /// The thumbprint (RFC 7638) of the key that it is signed by.
    #[schema(example = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")]
    pub signed_by: String,
    /// A JWT by our key (`/jwks`): that this company issued this text then, by a key that was its own.
    #[schema(example = "eyJ0eXAiOiJlbXBsb3ltZW50LWNlcnRpZmljYXRlLXJlY2VpcHQrand0IiwiYWxnIjoiRVMyNTYifQ.e30.c2ln")]
    pub receipt: String,
}

/// A certificate as its municipality sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenedCertificateView {
    /// What everybody is told: look at `state` first.
    pub certificate: CertificateSummary,
    /// What it says: the payload of the JWS, read.
    #[schema(value_type = Object)]
    pub content: Value,
    /// The certificate and what vouches for it.
    pub signed: SignedCertificateView,
}

/// A page of certificates.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificatePage {
    /// Newest first.
    pub items: Vec<CertificateSummary>,
    /// What `after` says to go on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

impl CertificateFormSummary {
    pub(super) fn of(form: &Procedure) -> Self {
        let municipalities = form.municipalities.clone();
        Self { code: form.code.clone(), title: form.title.clone(), municipalities }
    }
}

impl CertificateSummary {
    pub(super) fn of(held: &HeldCertificate) -> Self {
        let one = &held.certificate;
        let revoked = held.revocation.map(|Revocation { at, reason }| RevocationView { at: at.rfc3339(), reason });
        Self {
            id: one.id.to_string(),
            state: if revoked.is_some() { CertificateState::Revoked } else { CertificateState::Issued },
            corporate_number: one.employer.to_string(),
            delegation: one.delegation.as_ref().map(ToString::to_string),
            municipality: one.municipality.clone(),
            form: one.form.clone(),
            issued_at: one.issued_at.rfc3339(),
            revoked,
            receipt: one.receipt.to_string(),
        }
    }
}

impl SignedCertificateView {
    fn of(held: &HeldCertificate) -> Self {
        let one = &held.certificate;
        Self { jws: one.signed.clone(), signed_by: one.signed_by.clone(), receipt: one.signed_receipt.clone() }
    }
}

impl CertificateView {
    pub(super) fn of(held: &HeldCertificate) -> Self {
        Self {
            certificate: CertificateSummary::of(held),
            openings: held.openings,
            opened_at: held.opened_at.map(Timestamp::rfc3339),
            reference: held.certificate.reference.clone(),
            signed: SignedCertificateView::of(held),
        }
    }
}

impl OpenedCertificateView {
    pub(super) fn of(held: &HeldCertificate, content: Value) -> Self {
        Self { certificate: CertificateSummary::of(held), content, signed: SignedCertificateView::of(held) }
    }
}
