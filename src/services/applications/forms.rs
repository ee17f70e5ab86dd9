//! The catalogue of forms.

use super::Applications;
use super::attachments_view::DocumentSlotView;
use crate::catalog::application_forms::{ApplicationForm, CertificateSlot};
use crate::catalog::procedures::is_municipality;
use crate::catalog::services::Standards;
use crate::domain::application::ApplicantKind;
use crate::domain::interview::InterviewNeed;
use crate::domain::{Refusal, Words};
use crate::gateway::Permit;
use crate::services::body::unknown;
use serde::Serialize;
use serde_json::Value;
use url::form_urlencoded;
use utoipa::ToSchema;

/// Forms of applications.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationFormList {
    /// By code.
    pub forms: Vec<ApplicationFormSummary>,
    /// The municipalities (全国地方公共団体コード) that receive applications here.
    #[schema(example = json!(["999016"]))]
    pub receiving: Vec<String>,
}

/// A form in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationFormSummary {
    /// Its code, which an application's `form` says.
    #[schema(example = "nursery-application-1")]
    pub code: String,
    /// Its name.
    pub title: Words,
    /// The procedure, by the code that it has at every municipality.
    #[schema(example = "nursery-application")]
    pub procedure: String,
    /// Its version.
    #[schema(example = 1)]
    pub version: u32,
    /// The first day on which it is in force.
    #[schema(format = "date", example = "2026-04-01")]
    pub in_force_from: String,
    /// The municipalities that alone take it; empty for the form of all others.
    #[schema(example = json!(["999016"]))]
    pub municipalities: Vec<String>,
}

/// A certificate of employment (就労証明書) that goes with an application when an item says so.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateSlotView {
    /// Its name, which what is attached says.
    #[schema(example = "guardian_1")]
    pub slot: String,
    /// Whose it is.
    pub title: Words,
    /// The item of `answers.applicant`.
    #[schema(example = "guardian_1_reason")]
    pub when_item: String,
    /// What it says then.
    #[schema(example = "1")]
    pub says: String,
}

/// A form with its items.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationFormView {
    /// The form in short.
    pub form: ApplicationFormSummary,
    /// Of whom or what each of `answers.entries` is.
    pub entries: Words,
    /// Most of them.
    #[schema(example = 6)]
    pub most_entries: usize,
    /// Who may apply by it.
    pub applicants: Vec<ApplicantKind>,
    /// Which certificates go with it.
    pub certificates: Vec<CertificateSlotView>,
    /// Which documents (添付書類) go with it, or may: `POST /v1/application-attachments`.
    pub attachments: Vec<DocumentSlotView>,
    /// Whether the procedure asks for an electronic signature. None is made here: then the municipality checks in person who
    /// applied.
    pub is_identity_checked_in_person: bool,
    /// Whether an interview (面談) goes with it: `GET /v1/applications/{id}/interview-slots` has its times. Absent where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub interview: Option<InterviewNeed>,
    /// The documents that are needed, by code: `GET /v1/service-procedures/standards`.
    #[schema(example = json!(["employment_certificate"]))]
    pub documents: Vec<String>,
    /// The JSON Schema (2020-12) of `answers`.
    #[schema(value_type = Object)]
    pub schema: Value,
}

impl ApplicationFormSummary {
    fn of(form: &ApplicationForm) -> Self {
        Self {
            code: form.code().to_owned(),
            title: form.items.title.clone(),
            procedure: form.procedure.clone(),
            version: form.version,
            in_force_from: form.from.to_string(),
            municipalities: form.items.municipalities.clone(),
        }
    }
}

impl CertificateSlotView {
    pub(super) fn of(slot: &CertificateSlot) -> Self {
        let CertificateSlot { name, title, item, value } = slot.clone();
        Self { slot: name, title, when_item: item, says: value }
    }
}

impl ApplicationFormView {
    pub(super) fn of(form: &ApplicationForm, standards: &Standards) -> Self {
        let standard = standards.get(&form.procedure);
        Self {
            form: ApplicationFormSummary::of(form),
            entries: form.entries.clone(),
            most_entries: form.most_entries,
            applicants: form.applicants.clone(),
            certificates: form.certificates.iter().map(CertificateSlotView::of).collect(),
            attachments: form.documents.iter().map(DocumentSlotView::of).collect(),
            is_identity_checked_in_person: standard.is_some_and(|one| one.is_signed),
            interview: form.interview,
            documents: standard.iter().flat_map(|one| &one.documents).map(ToString::to_string).collect(),
            schema: form.schema(),
        }
    }
}

impl Applications {
    /// What changes when a form does.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The forms: all of them, those of a procedure, or the one that is in force for it at a municipality today.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub fn forms(&self, _permit: &Permit, query: &str) -> Result<ApplicationFormList, Refusal> {
        let (mut procedure, mut municipality) = (None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "procedure" => procedure = Some(value.into_owned()),
                "municipality" if is_municipality(&value) => municipality = Some(value.into_owned()),
                "municipality" => {
                    let words = "It is no 全国地方公共団体コード: five digits and their check digit.";
                    return Err(Refusal::new("invalid_value", words).at("municipality"));
                }
                _ => return Err(unknown(&name, "procedure, municipality")),
            }
        }
        let today = self.parts.clock.now().date_in_japan();
        let is_asked = |form: &&ApplicationForm| procedure.as_ref().is_none_or(|asked| form.procedure == *asked);
        let is_there = |form: &&ApplicationForm| {
            municipality.as_ref().is_none_or(|place| {
                let taken = self.parts.forms.in_force(&form.procedure, place, today);
                taken.is_some_and(|taken| taken.code() == form.code())
            })
        };
        let forms = self.parts.forms.iter().filter(is_asked).filter(is_there).map(ApplicationFormSummary::of).collect();
        Ok(ApplicationFormList { forms, receiving: self.parts.forms.receiving().map(str::to_owned).collect() })
    }

    /// One form with its items.
    ///
    /// # Errors
    /// `not_found`.
    pub fn form(&self, _permit: &Permit, code: &str) -> Result<ApplicationFormView, Refusal> {
        let form = self.parts.forms.get(code).map(|form| ApplicationFormView::of(form, &self.parts.standards));
        form.ok_or_else(unknown_form)
    }
}

pub(super) fn unknown_form() -> Refusal {
    Refusal::new("not_found", "There is no form with this code; see GET /v1/application-forms.").at("code")
}
