//! Certificates as files, and whether one stands.

use super::{CertificateContent, EmploymentCertificates, RenderedCertificate, Rendering};
use crate::catalog::procedures::Procedure;
use crate::domain::employment_certificate::{EmploymentCertificate, Revocation};
use crate::domain::{Failure, Fault, Timestamp, Words};
use crate::gateway::Permit;
use crate::store::HeldCertificate;

/// How a certificate stands, for whoever has its reference: nothing of the employee, and nothing of the company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateStanding {
    /// Its form, in words.
    pub form: Words,
    /// The municipality that it is for.
    pub municipality: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// That it was taken back, if it was.
    pub revocation: Option<Revocation>,
}

impl EmploymentCertificates {
    /// One that this client issued, as a file.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn file(&self, permit: &Permit, id: &str, rendering: Rendering) -> Result<RenderedCertificate, Failure> {
        let found = self.own(permit, id).await?;
        Ok(self.rendered(&found, rendering).await?)
    }

    /// Opens one for the municipality that it was made for, as [`open`](Self::open) does, as a file.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub async fn open_file(
        &self,
        permit: &Permit,
        bytes: &[u8],
        rendering: Rendering,
    ) -> Result<RenderedCertificate, Failure> {
        let found = self.opened(permit, bytes).await?;
        Ok(self.rendered(&found, rendering).await?)
    }

    /// How the certificate with this reference stands; none where there is no such.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub async fn standing(&self, reference: &str) -> Result<Option<CertificateStanding>, Fault> {
        let digest = EmploymentCertificate::digest_of_reference(reference.trim());
        let Some(found) = self.parts.store.find_certificate_by_reference(digest).await? else { return Ok(None) };
        let form = self.form_of(&found)?.title.clone();
        let HeldCertificate { certificate: EmploymentCertificate { municipality, issued_at, .. }, revocation, .. } =
            found;
        Ok(Some(CertificateStanding { form, municipality, issued_at, revocation }))
    }

    async fn rendered(&self, held: &HeldCertificate, rendering: Rendering) -> Result<RenderedCertificate, Fault> {
        let content = self.parts.seals.content(&held.certificate.signed)?;
        let broken = |_| Fault::Internal("a stored certificate cannot be read".into());
        let content: CertificateContent = serde_json::from_value(content).map_err(broken)?;
        self.renderer.render(rendering, (held, &content), self.form_of(held)?).await
    }

    /// Its form; the one that its municipality takes now, where the operator has taken it away.
    fn form_of(&self, held: &HeldCertificate) -> Result<&Procedure, Fault> {
        let (one, forms) = (&held.certificate, &self.parts.forms);
        let form = forms.get(&one.form).or_else(|| forms.of(&one.municipality));
        form.ok_or_else(|| Fault::Internal("there is no form of certificates".into()))
    }
}
