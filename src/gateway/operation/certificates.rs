//! Certificates of employment (就労証明書): what companies and their verifiers can call.

use super::{Narrow, Operation};
use crate::domain::scope::Scope;

const fn of(scopes: &'static [Scope], id: &'static str) -> Operation {
    Operation { id, scopes, is_personal: false, narrow: Narrow::None }
}

const fn certificate(id: &'static str) -> Operation {
    of(&[Scope::EmploymentCertificates], id)
}

impl Operation {
    /// `GET /v1/employment-certificates/forms`.
    pub const LIST_CERTIFICATE_FORMS: Self = certificate("list_certificate_forms");
    /// `GET /v1/employment-certificates/forms/{code}`.
    pub const GET_CERTIFICATE_FORM: Self = certificate("get_certificate_form");
    /// `POST /v1/employment-certificates/prefill`.
    pub const PREFILL_EMPLOYMENT_CERTIFICATE: Self = certificate("prefill_employment_certificate");
    /// `POST /v1/employment-certificate-requests`.
    pub const CREATE_CERTIFICATE_REQUEST: Self = certificate("create_certificate_request");
    /// `GET /v1/employment-certificate-requests`.
    pub const LIST_CERTIFICATE_REQUESTS: Self = certificate("list_certificate_requests");
    /// `GET /v1/employment-certificate-requests/{id}`.
    pub const GET_CERTIFICATE_REQUEST: Self = certificate("get_certificate_request");
    /// `POST /v1/employment-certificate-requests/{id}/answer`.
    pub const ANSWER_CERTIFICATE_REQUEST: Self = certificate("answer_certificate_request");
    /// `POST /v1/employment-certificate-requests/{id}/decline`.
    pub const DECLINE_CERTIFICATE_REQUEST: Self = certificate("decline_certificate_request");
    /// `POST /v1/employment-certificates/check`.
    pub const CHECK_EMPLOYMENT_CERTIFICATE: Self = certificate("check_employment_certificate");
    /// `POST /v1/employment-certificates`.
    pub const CREATE_EMPLOYMENT_CERTIFICATE: Self = certificate("create_employment_certificate");
    /// `GET /v1/employment-certificates`.
    pub const LIST_EMPLOYMENT_CERTIFICATES: Self = certificate("list_employment_certificates");
    /// `GET /v1/employment-certificates/{id}`.
    pub const GET_EMPLOYMENT_CERTIFICATE: Self = certificate("get_employment_certificate");
    /// `POST /v1/employment-certificates/{id}/revoke`.
    pub const REVOKE_EMPLOYMENT_CERTIFICATE: Self = certificate("revoke_employment_certificate");
    /// `POST /v1/employment-certificates/open`.
    pub const OPEN_EMPLOYMENT_CERTIFICATE: Self = of(&[Scope::CertificateVerification], "open_employment_certificate");
}
