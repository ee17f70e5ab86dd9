//! Certificates of employment (就労証明書) that go with applications, by their references.

use super::Applications;
use super::body::CertificateAttachment;
use crate::catalog::application_forms::ApplicationForm;
use crate::domain::application::{Answers, Application, AttachedCertificate};
use crate::domain::employment_certificate::{EmploymentCertificate, Revocation};
use crate::domain::{Failure, Fault, Refusal, Timestamp};
use crate::store::HeldCertificate;
use std::collections::BTreeSet;

/// How a certificate that goes with an application stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is issued.
    Issued,
    /// Its company took it back.
    Revoked(Revocation),
    /// Its time here is over.
    Gone,
    /// It is handed in on paper.
    OnPaper,
}

impl Standing {
    /// That it was taken back, if it was.
    pub(super) const fn revocation(&self) -> Option<&Revocation> {
        match self {
            Self::Revoked(revocation) => Some(revocation),
            Self::Issued | Self::Gone | Self::OnPaper => None,
        }
    }
}

impl Applications {
    /// Verifies what is attached: that it was made for this municipality, in the form that it takes; that it is as its company
    /// signed it; and that it was not taken back.
    ///
    /// # Errors
    /// `invalid_value` naming the certificate.
    pub(super) async fn attach(
        &self,
        (form, municipality): (&ApplicationForm, &str),
        answers: &Answers,
        attachments: &[CertificateAttachment],
        now: Timestamp,
    ) -> Result<Vec<AttachedCertificate>, Failure> {
        let wanted: BTreeSet<&str> = form.wanted_certificates(answers).map(|slot| slot.name.as_str()).collect();
        let (mut taken, mut attached) = (BTreeSet::new(), Vec::<AttachedCertificate>::new());
        for (n, attachment) in attachments.iter().enumerate() {
            let wrong = |member: &str, words: &str| {
                Refusal::new("invalid_value", words).at(format!("/certificates/{n}/{member}"))
            };
            let slot = &attachment.slot;
            if !wanted.contains(slot.as_str()) || !taken.insert(slot.as_str()) {
                let words =
                    "The form asks for one certificate for each slot, and for none where the answers name no work.";
                return Err(wrong("slot", words).into());
            }
            attached.push(match (&attachment.reference, attachment.is_on_paper) {
                (None, true) => AttachedCertificate::OnPaper { slot: slot.clone() },
                (Some(reference), false) => {
                    let found = self.verified(reference, municipality).await?;
                    let one = found.map_err(|words| wrong("reference", words))?;
                    if attached.iter().any(|other| other.id() == Some(&one.id)) {
                        return Err(
                            wrong("reference", "It is attached already: each certificate is of one employee.").into()
                        );
                    }
                    let (id, employer, form) = (one.id, one.employer, one.form);
                    AttachedCertificate::Verified {
                        slot: slot.clone(),
                        id,
                        employer,
                        form,
                        reference: one.reference,
                        at: now,
                    }
                }
                _ => return Err(wrong("reference", "Say either `reference` or `is_on_paper`.").into()),
            });
        }
        Ok(attached)
    }

    /// The certificate with this reference, or why it cannot be attached.
    async fn verified(
        &self,
        reference: &str,
        municipality: &str,
    ) -> Result<Result<EmploymentCertificate, &'static str>, Fault> {
        const NOTHING: &str = "No certificate with this reference was made for this municipality.";
        let digest = EmploymentCertificate::digest_of_reference(reference);
        let found = self.parts.store.find_certificate_by_reference(digest).await?;
        let found = found.filter(|held| held.certificate.municipality == municipality);
        let Some(HeldCertificate { certificate, revocation, .. }) = found else { return Ok(Err(NOTHING)) };
        if revocation.is_some() {
            return Ok(Err("The company took this certificate back: ask it for another one."));
        }
        let takes = self.parts.certificate_forms.of(municipality);
        if takes.is_none_or(|form| form.code != certificate.form) {
            return Ok(Err(
                "The municipality takes another form of certificate by now: ask the company for a new one.",
            ));
        }
        if !self.parts.seals.is_as_signed(&certificate) {
            return Err(Fault::Internal("a stored certificate is not as its company signed it".into()));
        }
        Ok(Ok(certificate))
    }

    /// How each that goes with an application stands now, in their order.
    pub(super) async fn standing(&self, one: &Application) -> Result<Vec<Standing>, Fault> {
        let mut standing = Vec::new();
        for attached in &one.certificates {
            standing.push(match attached.id() {
                None => Standing::OnPaper,
                Some(id) => match self.parts.store.find_certificate(id).await? {
                    None => Standing::Gone,
                    Some(held) => held.revocation.map_or(Standing::Issued, Standing::Revoked),
                },
            });
        }
        Ok(standing)
    }
}
