//! What an application still lacks, before it is handed in.

use super::body::CreateApplication;
use super::forms::CertificateSlotView;
use super::hand_in::Whose;
use super::{Applications, slots, whose};
use crate::catalog::application_forms::ApplicationForm;
use crate::domain::application::{Answers, AppliedBy, AttachedCertificate};
use crate::domain::attachment::AttachedFile;
use crate::domain::submission::Finding;
use crate::domain::{Failure, Timestamp};
use crate::gateway::Permit;
use crate::services::body::read;
use crate::services::submissions::FindingView;
use serde::Serialize;
use utoipa::ToSchema;

/// How an application stands that was not handed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationCheck)]
pub struct ApplicationCheckView {
    /// The form that it was held against.
    #[schema(example = "nursery-application-mihon-1")]
    pub form: String,
    /// Whether it would be taken as it is.
    pub is_acceptable: bool,
    /// What was found, by its place in the application; it may be nothing.
    pub findings: Vec<FindingView>,
    /// The certificates of employment (就労証明書) that these answers ask for, whether they are attached or not.
    pub certificates: Vec<CertificateSlotView>,
    /// Whether the municipality checks in person who applied.
    pub is_identity_checked_in_person: bool,
}

/// An application that was read and whose certificates were verified.
pub(super) struct Filled<'f> {
    pub form: &'f ApplicationForm,
    pub applied_by: AppliedBy,
    pub answers: Answers,
    pub attached: Vec<AttachedCertificate>,
    pub files: Vec<AttachedFile>,
    /// What is wrong with it.
    pub found: Vec<Finding>,
}

impl Applications {
    /// Holds an application against the form in force at its municipality. Nothing is kept, and nobody is told.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_request`, `invalid_value` naming the member.
    pub async fn check(&self, permit: &Permit, bytes: &[u8]) -> Result<ApplicationCheckView, Failure> {
        self.parts.gateway.clear_applying(permit).await?;
        let filled = self.filled(whose(permit)?, read(bytes)?, self.parts.clock.now()).await?;
        let Filled { form, answers, found, .. } = filled;
        let standard = self.parts.standards.get(&form.procedure);
        Ok(ApplicationCheckView {
            form: form.code().to_owned(),
            is_acceptable: !found.iter().any(Finding::is_reject),
            findings: found.iter().map(FindingView::of).collect(),
            certificates: form.wanted_certificates(&answers).map(CertificateSlotView::of).collect(),
            is_identity_checked_in_person: standard.is_some_and(|one| one.is_signed),
        })
    }

    /// # Errors
    /// `invalid_value` naming the member.
    pub(super) async fn filled(
        &self,
        of: Whose<'_>,
        request: CreateApplication,
        now: Timestamp,
    ) -> Result<Filled<'_>, Failure> {
        let form = self.form_of(&request, now)?;
        let applied_by = request.applied_by.read(form)?;
        let answers = request.answers.read();
        let attached = self.attach((form, &request.municipality), &answers, &request.certificates, now).await?;
        let files = self.files(of, (form, None), &request.attachments).await?;
        let mut found = form.check_whole((applied_by.kind, &answers), &slots(&attached), &files);
        found.extend(self.disaster_fault((form, &request.municipality), &answers, (None, now)).await?);
        Ok(Filled { form, applied_by, answers, attached, files, found })
    }
}
