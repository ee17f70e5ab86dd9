//! What is handed in.

use crate::catalog::certificate_forms::CertificateForms;
use crate::catalog::procedures::{Procedure, is_municipality};
use crate::domain::Refusal;
use crate::domain::certificate_request::DeclineReason;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::employment_certificate::RevocationReason;
use crate::domain::submission::Finding;
use crate::services::body::unknown;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::form_urlencoded;
use utoipa::ToSchema;

const NO_MUNICIPALITY: &str = "It is no 全国地方公共団体コード: five digits and their check digit.";

/// What a certificate says: what the company signs.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateContent {
    /// The company, by its corporate number (法人番号): your own, or one that delegated `employment-certificate` to you.
    #[schema(example = "7000012050002")]
    pub corporate_number: String,
    /// The municipality that it is for (全国地方公共団体コード, six digits).
    #[schema(example = "131041")]
    pub municipality: String,
    /// The form that the municipality takes: `GET /v1/employment-certificates/forms?municipality=`.
    #[schema(example = "standard")]
    pub form: String,
    /// The employer's items, by the form's `office`.
    #[schema(value_type = Object)]
    pub employer: Map<String, Value>,
    /// The employee's items, by the form's `fields`.
    #[schema(value_type = Object)]
    pub employee: Map<String, Value>,
}

/// A certificate to be issued.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueRequest {
    /// A compact JWS (RFC 7515) over the content (`CertificateContent` as JSON), by a key that you registered: `typ`
    /// `employment-certificate+jws`, `alg` ES256, EdDSA or PS256, and the public key as `jwk` in its header.
    #[schema(example = "eyJ0eXAiOiJlbXBsb3ltZW50LWNlcnRpZmljYXRlK2p3cyIsImFsZyI6IkVTMjU2IiwiandrIjp7fX0.e30.c2ln")]
    pub signed_certificate: String,
}

/// A link by which one employee asks for one certificate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// The company that is asked: your own, or one that delegated `employment-certificate` to you.
    #[schema(example = "7000012050002")]
    pub corporate_number: String,
    /// The company's name, as the employee is shown it: 1 to 100 characters.
    #[schema(example = "見本工業株式会社")]
    pub employer_name: String,
    /// Your own name for the employee, shown to nobody else: 1 to 64 characters.
    #[schema(example = "000123")]
    pub employee: String,
    /// For how many days the link can be used, 1 to 60; 14 when not given.
    #[schema(minimum = 1, maximum = 60, example = 14)]
    pub days: Option<u32>,
}

/// The certificate that answers a request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    /// Its id: of the same company, for the municipality that was asked.
    #[schema(example = "emp_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub certificate: String,
}

/// That a request is declined.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineRequest {
    /// Why; the employee is told.
    pub reason: DeclineReason,
}

/// What was worked in a month.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MonthWorked {
    /// The month.
    #[schema(example = "2026-10")]
    pub month: String,
    /// On how many days, leave included.
    #[schema(example = 21)]
    pub days: u32,
    /// For how many hours.
    #[schema(example = 162)]
    pub hours: u32,
}

/// What payroll keeps for filings, for a draft of a certificate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrefillRequest {
    /// The company.
    #[schema(example = "7000012050002")]
    pub corporate_number: String,
    /// The municipality that it is for (全国地方公共団体コード, six digits).
    #[schema(example = "131041")]
    pub municipality: String,
    /// Items of the office (共通項目), by the names that procedures have them under: `office` of `GET /v1/procedures/{code}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub office: Map<String, Value>,
    /// Items of the employee, by the names that procedures or the form have them under.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub employee: Map<String, Value>,
    /// What was worked (就労実績), at most 24 months: the latest three are taken.
    #[serde(default)]
    #[schema(max_items = 24)]
    pub months: Vec<MonthWorked>,
}

/// That a certificate is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeRequest {
    /// Why.
    pub reason: RevocationReason,
}

/// A certificate that a municipality was handed the reference of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRequest {
    /// The reference, as whoever applied gave it.
    #[schema(example = "w2d3Yw5bq0mF1n8vJt7fTgw2d3Yw5bq0mF1n8vJt7fT")]
    pub reference: String,
}

/// The municipality that a query names, if it does.
///
/// # Errors
/// `invalid_value` naming the parameter.
pub(super) fn municipality(query: &str) -> Result<Option<String>, Refusal> {
    let mut named = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "municipality" if is_municipality(&value) => named = Some(value.into_owned()),
            "municipality" => return Err(Refusal::new("invalid_value", NO_MUNICIPALITY).at("municipality")),
            _ => return Err(unknown(&name, "municipality")),
        }
    }
    Ok(named)
}

/// A content whose company, municipality and form are right.
pub(super) struct Read<'a> {
    pub employer: CorporateNumber,
    pub form: &'a Procedure,
}

impl CertificateContent {
    /// Reads whose it is and in which form; `at` is where the content stands in the body.
    ///
    /// # Errors
    /// `invalid_value` naming the member.
    pub(super) fn read<'a>(&self, forms: &'a CertificateForms, at: &str) -> Result<Read<'a>, Refusal> {
        let wrong = |member: &str, words: String| Refusal::new("invalid_value", words).at(format!("{at}/{member}"));
        let employer = CorporateNumber::parse(&self.corporate_number)
            .map_err(|error| wrong("corporate_number", format!("A corporate number {error}.")))?;
        if !is_municipality(&self.municipality) {
            return Err(wrong("municipality", NO_MUNICIPALITY.to_owned()));
        }
        let takes = forms.of(&self.municipality);
        if let Some(form) = takes.filter(|form| form.code == self.form) {
            return Ok(Read { employer, form });
        }
        let takes = takes.map_or("", |form| form.code.as_str());
        Err(wrong("form", format!("The municipality {} takes the form {takes:?}.", self.municipality)))
    }

    /// What is wrong with the items, by their places in this content, below `at`.
    pub(super) fn findings(&self, form: &Procedure, at: &str) -> Vec<Finding> {
        let found = form.check(&json!({"office": self.employer, "records": [self.employee]}));
        let own = |pointer: &str| {
            let rest = |prefix: &str, name: &str| pointer.strip_prefix(prefix).map(|rest| format!("{at}/{name}{rest}"));
            rest("/office", "employer").or_else(|| rest("/records/0", "employee")).unwrap_or_else(|| at.to_owned())
        };
        found.into_iter().map(|one| Finding { pointer: own(&one.pointer), ..one }).collect()
    }
}
