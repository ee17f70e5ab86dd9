//! Applications (電子申請): what a citizen asks of a municipality, and what the municipality answers.
//!
//! What for: nursery places, allowances and certificates are asked for on paper at a counter, with documents that another
//! office already has. Here an app does it for the person who consents, at the municipality that this person chose.
//!
//! How it flows: `forms` says which items a procedure has at a municipality, and `prefill` what is known of them already; `body` reads an application and holds it against
//! the form in force; `certificates` verifies what is attached by reference, and `attachments` takes documents piece by piece
//! before it, each to go with one application; `hand_in` does so from a call or from a draft (`drafts`), which software
//! prepares and the person can hand in as well (`person`), or several together for one life event (`batches`); a draft can be signed first (`signing`); the store
//! writes it, sealed under a key of its own, with its arrival number and its leaf; `view` shows it to whoever applied.
//! `disasters` is the record of what some forms name by its code; `interviews` lets whoever applied book one of the times that
//! the municipality opens (`slots`), by the same conditional write as any change. `agency` is the municipality's side: what came, in
//! order; what it says, as JSON or as a file of `files`; each step of the timeline by one conditional write.
//!
//! How to add one more form: a file under `policies/application-forms/` and its entry in `policies/applications.toml`.
//!
//! What it must never do: choose the municipality for anybody; show an application to another person, client or municipality
//! than its own; attach a certificate that was taken back.

mod agency;
mod agency_view;
mod attachments;
mod attachments_view;
mod batches;
mod body;
mod certificates;
mod check;
mod disasters;
mod disasters_view;
mod drafts;
mod drops;
mod files;
mod forms;
mod hand_in;
mod interviews;
mod interviews_view;
mod person;
mod prefill;
mod prefill_view;
mod signature_view;
mod signing;
mod slots;
mod view;

pub use agency_view::{
    AgencyApplication, AgencyApplicationPage, AgencyApplicationSummary, AgencyCertificate, AgencyCertificateView,
};
pub use attachments_view::{
    AttachedFileView, AttachmentFile, AttachmentStateView, AttachmentView, CreateAttachment, DocumentSlotView,
};
pub use batches::{ApplicationBatchView, BatchedApplication, CreateApplicationBatch};
pub use body::{
    AmendApplication, ApplicantRequest, ApplicationAnswers, AskAmendment, AttachmentRequest, CertificateAttachment,
    CreateApplication, DecideApplication, ReviewApplication,
};
pub use check::ApplicationCheckView;
pub use disasters_view::{ChangeDisaster, DisasterPage, DisasterView, RecordDisaster};
pub use drafts::{ApplicationDraftContent, ApplicationDraftList, ApplicationDraftView};
pub use files::{ApplicationFile, FileKind};
pub use forms::{ApplicationFormList, ApplicationFormSummary, ApplicationFormView, CertificateSlotView};
pub use interviews_view::{
    AgencyInterviewAppointment, AgencyInterviewAppointmentPage, AppointmentView, BookInterview, CancelInterview,
    FreeInterviewSlot, FreeInterviewSlotPage, InterviewNext, InterviewSlotPage, InterviewSlotView, InterviewStepView,
    InterviewView, MeetingView, PublishInterviewSlot, PublishInterviewSlots, PublishedInterviewSlots, RecordInterview,
    WithdrawInterviewSlot,
};
pub use person::PreparedDraft;
pub use prefill_view::{PrefillView, PrefilledItem, UnfilledItem};
pub use signature_view::{
    AgencySignature, ApplicationSignatureState, ApplicationSignatureView, DraftSignatureState, DraftSignatureView,
    SignatureCovers, SignatureHeader, SignatureJws, SignerView,
};
pub use signing::{NotBack, SigningCallback, SigningOutcome};
pub use view::{
    AmendmentView, ApplicationCertificateState, ApplicationCertificateView, ApplicationPage, ApplicationPaymentView,
    ApplicationSummary, ApplicationView, AppliedByView, OutcomeView, StepView,
};

use super::employment_certificates::Seals;
use crate::adapters::signatures::Signatures;
use crate::catalog::application_forms::{ApplicationForm, ApplicationForms};
use crate::catalog::certificate_forms::CertificateForms;
use crate::catalog::municipalities::Municipalities;
use crate::catalog::procedures::is_municipality;
use crate::catalog::services::Standards;
use crate::domain::application::{Application, ApplicationNews, ApplicationState, AttachedCertificate};
use crate::domain::ids::{ApplicationId, ClientId, SubjectId};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::submission::refuse;
use crate::domain::{Clock, Digest, Entropy, Failure, Fault, Refusal, Timestamp};
use crate::evidence::EvidenceLog;
use crate::gateway::{Gateway, Permit};
use crate::services::body::{cut, idempotency_key, one_more, page_after, place, read};
use crate::store::{ApplicationChange, ChangedApplication, HeldApplication, Store};
use hand_in::handed_in;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What it is made of.
pub struct ApplicationsParts {
    /// The forms.
    pub forms: Arc<ApplicationForms>,
    /// The forms of certificates of employment.
    pub certificate_forms: Arc<CertificateForms>,
    /// What procedures are called, and which are signed.
    pub standards: Arc<Standards>,
    /// What municipalities are called.
    pub municipalities: Arc<Municipalities>,
    /// Verifies certificates.
    pub seals: Arc<dyn Seals>,
    /// Where persons sign; none where nobody can.
    pub signatures: Option<Arc<Signatures>>,
    /// Asks the rules.
    pub gateway: Arc<Gateway>,
    /// Where they are kept.
    pub store: Arc<dyn Store>,
    /// Whether anything can be logged.
    pub evidence: Arc<EvidenceLog>,
    /// The address that everybody sees, without a slash at its end.
    pub public_url: String,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// For ids and arrival numbers.
    pub entropy: Arc<dyn Entropy>,
}

/// The use case.
pub struct Applications {
    parts: ApplicationsParts,
    tag: String,
}

impl Applications {
    /// The use case of its parts.
    #[must_use]
    pub fn new(parts: ApplicationsParts) -> Self {
        // What a caller sees of the forms changes with their files alone.
        let all: Vec<_> = parts.forms.iter().map(|form| ApplicationFormView::of(form, &parts.standards)).collect();
        let tag = Digest::of_bytes(&serde_json::to_vec(&all).unwrap_or_default()).base64url();
        Self { parts, tag }
    }

    /// Hands one in: durable, with its leaf, and the municipality can take it, when this returns.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_request`, `invalid_value` naming the member; `invalid_filing` with all that was found;
    /// `idempotency_key_reused`, `evidence_unavailable`.
    pub async fn create(&self, permit: &Permit, bytes: &[u8], key: Option<&str>) -> Result<ApplicationView, Failure> {
        self.parts.gateway.clear_applying(permit).await?;
        let key = idempotency_key(key, "applies for nothing twice")?;
        let request: CreateApplication = read(bytes)?;
        let (client, subject) = whose(permit)?;
        let key = IdempotencyKey { key: Digest::of(&format!("application\n{key}")), body: Digest::of_bytes(bytes) };
        if let Some(earlier) = self.earlier((client, subject), &key).await? {
            return self.shown(&earlier).await;
        }
        let new = self.made((client, subject), request, (key, false)).await?;
        self.parts.evidence.intake().admit()?;
        self.shown(&handed_in(self.parts.store.insert_application(&new).await?)?).await
    }

    /// One that this person handed in by this client.
    ///
    /// # Errors
    /// `not_found`, in the same words for what is not there, and what is another's.
    pub async fn find(&self, permit: &Permit, id: &str) -> Result<ApplicationView, Failure> {
        self.shown(&self.own(permit, id).await?).await
    }

    /// Those that this person handed in by this client, newest first.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub async fn list(&self, permit: &Permit, query: &str) -> Result<ApplicationPage, Failure> {
        let mut before = page_after(query, ApplicationId::parse)?;
        let limit = one_more(&mut before);
        let mut found = self.parts.store.list_applications(whose(permit)?, &before).await?;
        let next = cut(&mut found, limit, |last| place(last.application.arrived_at, &last.application.id));
        Ok(ApplicationPage {
            items: found.iter().map(|held| ApplicationSummary::of(&held.application)).collect(),
            next,
        })
    }

    /// Withdraws one, as long as nothing is decided.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it is over, or changed meanwhile; `evidence_unavailable`.
    pub async fn withdraw(&self, permit: &Permit, id: &str) -> Result<ApplicationView, Failure> {
        let held = self.own(permit, id).await?;
        let (mut next, now) = (held.application.clone(), self.parts.clock.now());
        next.withdraw(now)?;
        let changed = self.change(permit, (&held, next), (ApplicationNews::Withdrawn, now)).await?;
        self.shown(&changed).await
    }

    /// Mends one as its municipality asked.
    ///
    /// # Errors
    /// Those of [`create`](Self::create); `not_found`; `conflict` when nothing is asked, it is too late, or it changed
    /// meanwhile.
    pub async fn amend(&self, permit: &Permit, id: &str, bytes: &[u8]) -> Result<ApplicationView, Failure> {
        let held = self.own(permit, id).await?;
        self.parts.gateway.clear_applying(permit).await?;
        let request: AmendApplication = read(bytes)?;
        let (mut next, now) = (held.application.clone(), self.parts.clock.now());
        next.state.check(ApplicationState::Amended)?;
        // It is held against the form that it was made by, also where another is in force by now.
        let form = self.parts.forms.get(&next.form);
        let form = form.ok_or_else(|| Fault::Internal("the form of an application is not there any more".into()))?;
        let answers = request.answers.read();
        let attached = self.attach((form, &next.municipality), &answers, &request.certificates, now).await?;
        let files = self.files(whose(permit)?, (form, Some(&next.id)), &request.attachments).await?;
        let mut found = form.check_whole((next.applied_by.kind, &answers), &slots(&attached), &files);
        let place = (form, next.municipality.as_str());
        found.extend(self.disaster_fault(place, &answers, (Some(&next.answers), now)).await?);
        refuse(found)?;
        next.amend((answers, attached, files), now)?;
        let changed = self.change(permit, (&held, next), (ApplicationNews::Amended, now)).await?;
        self.shown(&changed).await
    }

    /// The form in force, which must be the one that was filled in.
    fn form_of(&self, request: &CreateApplication, now: Timestamp) -> Result<&ApplicationForm, Refusal> {
        let wrong = |at: &str, words: String| Refusal::new("invalid_value", words).at(at);
        let (procedure, municipality) = (&request.procedure, &request.municipality);
        if !is_municipality(municipality) || !self.parts.forms.is_receiving(municipality) {
            let words =
                "No such municipality receives applications here: `receiving` of GET /v1/application-forms names them.";
            return Err(wrong("/municipality", words.to_owned()));
        }
        let form = self.parts.forms.in_force(procedure, municipality, now.date_in_japan());
        let form = form.ok_or_else(|| {
            let words = "It cannot be applied for here at this municipality: see GET /v1/application-forms.";
            wrong("/procedure", words.to_owned())
        })?;
        if form.code() == request.form {
            return Ok(form);
        }
        let words = format!("The municipality {municipality} takes the form {:?} now.", form.code());
        Err(wrong("/form", words))
    }

    /// Writes a change of what was read.
    async fn change(
        &self,
        permit: &Permit,
        (held, next): (&HeldApplication, Application),
        (news, at): (ApplicationNews, Timestamp),
    ) -> Result<HeldApplication, Failure> {
        self.changed(&permit.client().id, (held, next), (news, at)).await
    }

    /// The same by whatever software.
    async fn changed(
        &self,
        by: &ClientId,
        (held, next): (&HeldApplication, Application),
        (news, at): (ApplicationNews, Timestamp),
    ) -> Result<HeldApplication, Failure> {
        self.parts.evidence.intake().admit()?;
        let by = by.clone();
        let change = ApplicationChange { application: next, version: held.version, news, by, at };
        match self.parts.store.update_application(&change).await? {
            ChangedApplication::Done(held) => Ok(*held),
            ChangedApplication::Changed => {
                let words = "It was changed at the same moment: look where it stands now.";
                Err(Refusal::new("conflict", words).into())
            }
            ChangedApplication::CertificateGone => Err(certificate_gone().into()),
            ChangedApplication::AttachmentGone => Err(attachment_gone().into()),
            ChangedApplication::SlotGone => Err(interviews::slot_gone().into()),
            ChangedApplication::SlotFull => Err(interviews::slot_full().into()),
        }
    }

    async fn own(&self, permit: &Permit, id: &str) -> Result<HeldApplication, Failure> {
        let of = whose(permit)?;
        let own = self.any(id).await?.filter(|held| (&held.application.client, &held.application.subject) == of);
        Ok(own.ok_or_else(|| Refusal::new("not_found", "You made no application with this id.").at("id"))?)
    }

    async fn any(&self, id: &str) -> Result<Option<HeldApplication>, Fault> {
        match ApplicationId::parse(id) {
            Ok(id) => self.parts.store.find_application(&id).await,
            Err(_) => Ok(None),
        }
    }

    async fn shown(&self, held: &HeldApplication) -> Result<ApplicationView, Failure> {
        let certificates = self.standing(&held.application).await?;
        let payments = self.payments(&held.application).await?;
        let mut view = ApplicationView::of(held, &certificates, payments, &self.parts.standards);
        view.interview = InterviewView::of(&held.application, self.interview_need(&held.application));
        Ok(view)
    }

    /// What is to be paid for an application, or was.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn payments(&self, one: &Application) -> Result<Vec<ApplicationPaymentView>, Fault> {
        let (found, now) = (self.parts.store.list_payments_about(one.id.as_str()).await?, self.parts.clock.now());
        Ok(found.iter().map(|held| ApplicationPaymentView::of(held, &self.parts.public_url, now)).collect())
    }
}

/// By which client, and for which person: what an application belongs to.
fn whose(permit: &Permit) -> Result<(&ClientId, &SubjectId), Fault> {
    let subject = permit.grant().subject.as_ref();
    let subject = subject.ok_or_else(|| Fault::Internal("an application without a person was let in".into()))?;
    Ok((&permit.client().id, subject))
}

fn slots(attached: &[AttachedCertificate]) -> BTreeSet<&str> {
    attached.iter().map(AttachedCertificate::slot).collect()
}

fn key_reused() -> Refusal {
    let words = "This Idempotency-Key came with another application before: use a new one.";
    Refusal::new("idempotency_key_reused", words).at("Idempotency-Key")
}

fn certificate_gone() -> Refusal {
    let words = "A certificate that is attached was taken back by its company at this moment: ask for another one.";
    Refusal::new("invalid_value", words).at("/certificates")
}

fn attachment_gone() -> Refusal {
    let words = "A document that is named went with another application at this moment: upload it again.";
    Refusal::new("invalid_value", words).at("/attachments")
}
