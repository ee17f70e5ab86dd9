//! The bodies of requests for certificates.

use crate::domain::Timestamp;
use crate::domain::certificate_request::{Asked, CertificateRequest, DeclineReason, RequestStanding};
use serde::Serialize;
use utoipa::ToSchema;

/// How a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateRequestState {
    /// The link can be used.
    Open,
    /// Nobody used the link in time.
    Expired,
    /// The employee asked: answer or decline.
    Asked,
    /// A certificate answers it.
    Answered,
    /// You declined, or took the link back.
    Declined,
}

/// What the employee asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct AskedView {
    /// For which municipality (全国地方公共団体コード).
    #[schema(example = "131041")]
    pub municipality: String,
    /// In which form: the one that the municipality takes.
    #[schema(example = "standard")]
    pub form: String,
    /// When (RFC 3339).
    #[schema(example = "2026-11-20T09:30:00Z")]
    pub at: String,
}

/// That it was declined.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeclinedView {
    /// Why.
    pub reason: DeclineReason,
    /// When (RFC 3339).
    #[schema(example = "2026-11-20T09:30:00Z")]
    pub at: String,
}

/// A request for a certificate.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateRequestView {
    /// Its id.
    #[schema(example = "ecr_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// How it stands.
    pub state: CertificateRequestState,
    /// The company that is asked.
    #[schema(example = "7000012050002")]
    pub corporate_number: String,
    /// By which delegation, where the software is another company's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dlg_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub delegation: Option<String>,
    /// The company's name, as the employee is shown it.
    #[schema(example = "見本工業株式会社")]
    pub employer_name: String,
    /// Your own name for the employee.
    #[schema(example = "000123")]
    pub employee: String,
    /// When the link was made (RFC 3339).
    #[schema(example = "2026-11-20T09:30:00Z")]
    pub created_at: String,
    /// Until when the link can be used (RFC 3339).
    #[schema(example = "2026-12-04T09:30:00Z")]
    pub expires_at: String,
    /// What the employee asked, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub asked: Option<AskedView>,
    /// The certificate that answers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "emp_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub certificate: Option<String>,
    /// That it was declined, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub declined: Option<DeclinedView>,
}

/// A request with its link.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateRequestLink {
    /// The request.
    pub request: CertificateRequestView,
    /// The link, told this once: give it to the employee and to nobody else. Whoever opens it first asks.
    #[schema(
        example = "https://gateway.example/employment-certificates/requests/w2d3Yw5bq0mF1n8vJt7fTgw2d3Yw5bq0mF1n8vJt7fT"
    )]
    pub link: String,
}

/// A page of requests.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateRequestPage {
    /// Newest first.
    pub items: Vec<CertificateRequestView>,
    /// What `after` says to go on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

impl CertificateRequestView {
    pub(super) fn of(one: &CertificateRequest, now: Timestamp) -> Self {
        let (state, certificate, declined) = match &one.standing {
            RequestStanding::Open if one.is_open(now) => (CertificateRequestState::Open, None, None),
            RequestStanding::Open => (CertificateRequestState::Expired, None, None),
            RequestStanding::Asked { .. } => (CertificateRequestState::Asked, None, None),
            RequestStanding::Answered { certificate, .. } => {
                (CertificateRequestState::Answered, Some(certificate.to_string()), None)
            }
            RequestStanding::Declined { reason, at, .. } => {
                let declined = DeclinedView { reason: *reason, at: at.rfc3339() };
                (CertificateRequestState::Declined, None, Some(declined))
            }
        };
        let asked = one.asked().map(|Asked { municipality, form, at, .. }| AskedView {
            municipality: municipality.clone(),
            form: form.clone(),
            at: at.rfc3339(),
        });
        Self {
            id: one.id.to_string(),
            state,
            corporate_number: one.employer.to_string(),
            delegation: one.delegation.as_ref().map(ToString::to_string),
            employer_name: one.employer_name.clone(),
            employee: one.employee.clone(),
            created_at: one.created_at.rfc3339(),
            expires_at: one.expires_at.rfc3339(),
            asked,
            certificate,
            declined,
        }
    }
}
