//! Handing an application in: from a call, or from a draft.

use super::body::CreateApplication;
use super::check::Filled;
use super::{Applications, attachment_gone, certificate_gone, key_reused};
use crate::domain::application::{Actor, Application, ApplicationState, Step, arrival_number};
use crate::domain::ids::{ApplicationId, ClientId, ReceiptId, SubjectId};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::submission::refuse;
use crate::domain::{Failure, Refusal};
use crate::store::{HeldApplication, InsertedApplication};

/// By whose software, and for which person.
pub(super) type Whose<'a> = (&'a ClientId, &'a SubjectId);

impl Applications {
    /// What came under this key before, if anything did. It is answered as it is, also once the form is another or a
    /// certificate was taken back.
    ///
    /// # Errors
    /// `idempotency_key_reused`.
    pub(super) async fn earlier(
        &self,
        of: Whose<'_>,
        key: &IdempotencyKey,
    ) -> Result<Option<HeldApplication>, Failure> {
        let earlier = self.parts.store.find_application_by_key(of, key.key).await?;
        match earlier {
            Some(earlier) if earlier.application.key != *key => Err(key_reused().into()),
            earlier => Ok(earlier),
        }
    }

    /// An application as it is to be written, held against its form; nothing is written.
    ///
    /// # Errors
    /// `invalid_value` naming the member, `invalid_filing` with all that was found.
    pub(super) async fn made(
        &self,
        of: Whose<'_>,
        request: CreateApplication,
        (key, is_by_person): (IdempotencyKey, bool),
    ) -> Result<Application, Failure> {
        let now = self.parts.clock.now();
        let (municipality, procedure) = (request.municipality.clone(), request.procedure.clone());
        let Filled { form, applied_by, answers, attached, files, found } = self.filled(of, request, now).await?;
        refuse(found)?;
        let step = Step { state: ApplicationState::Arrived, by: Actor::Applicant, at: now, note: None };
        Ok(Application {
            id: ApplicationId::generate(&*self.parts.entropy),
            client: of.0.clone(),
            subject: of.1.clone(),
            municipality,
            procedure,
            form: form.code().to_owned(),
            applied_by,
            is_by_person,
            signature: None,
            batch: None,
            answers,
            certificates: attached,
            files,
            key,
            arrival: arrival_number(now, &*self.parts.entropy),
            arrived_at: now,
            receipt: ReceiptId::generate(&*self.parts.entropy),
            state: step.state,
            timeline: vec![step],
            asked: None,
            outcome: None,
            interview: None,
        })
    }
}

/// What handing in came to.
pub(super) fn handed_in(inserted: InsertedApplication) -> Result<HeldApplication, Refusal> {
    match inserted {
        InsertedApplication::New(held) | InsertedApplication::Same(held) => Ok(*held),
        InsertedApplication::KeyReused => Err(key_reused()),
        InsertedApplication::CertificateGone => Err(certificate_gone()),
        InsertedApplication::AttachmentGone => Err(attachment_gone()),
        InsertedApplication::DraftGone => {
            let words = "The draft was changed, handed in or thrown away at this moment: look at it again.";
            Err(Refusal::new("precondition_failed", words).at("If-Match"))
        }
    }
}
