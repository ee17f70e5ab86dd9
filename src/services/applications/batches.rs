//! One input for several procedures at several municipalities (ライフイベント一括申請): what they have in common is said
//! once, each goes to the municipality that the person chose for it, and all of them arrive or none.

use super::body::{ApplicantRequest, ApplicationAnswers, AttachmentRequest, CertificateAttachment, CreateApplication};
use super::hand_in::Whose;
use super::view::ApplicationSummary;
use super::{Applications, attachment_gone, certificate_gone, key_reused, whose};
use crate::catalog::services::LifeEvent;
use crate::domain::application::{Application, Batch};
use crate::domain::ids::ApplicationBatchId;
use crate::domain::refusal::Detail;
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::submission::{Finding, refuse};
use crate::domain::{Digest, Failure, Refusal};
use crate::gateway::Permit;
use crate::services::body::{digest_of, idempotency_key, read};
use crate::store::{HeldApplication, InsertedApplicationBatch};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Most applications of one batch.
const MOST: usize = 10;
/// Where what a form asks once stands in an application.
const APPLICANT: &str = "/answers/applicant/";

/// One application of a batch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchedApplication {
    /// The municipality (全国地方公共団体コード) that the person chose for this one: it is never guessed from an address.
    #[schema(example = "999016")]
    pub municipality: String,
    /// The procedure, which must be one of the life event's: `GET /v1/service-procedures/standards`.
    #[schema(example = "child-allowance-claim")]
    pub procedure: String,
    /// The form that was filled in.
    #[schema(example = "child-allowance-claim-1")]
    pub form: String,
    /// What is answered besides what all have in common; what is said here goes before that.
    pub answers: ApplicationAnswers,
    /// The certificates that go with it.
    #[serde(default)]
    pub certificates: Vec<CertificateAttachment>,
    /// The documents that go with it.
    #[serde(default)]
    pub attachments: Vec<AttachmentRequest>,
}

/// Applications of one life event, to be handed in together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApplicationBatch {
    /// What happened.
    pub life_event: LifeEvent,
    /// Who applies, and as what: the same for all.
    pub applied_by: ApplicantRequest,
    /// Items that are asked once by the forms: each goes into every form that has one of this name and says nothing of
    /// it.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub common: Map<String, Value>,
    /// The applications: 1 to 10.
    #[schema(min_items = 1, max_items = 10)]
    pub applications: Vec<BatchedApplication>,
}

/// Applications that were handed in together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationBatch)]
pub struct ApplicationBatchView {
    /// Its id, which each application says, too.
    #[schema(example = "abt_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// What happened.
    #[schema(example = "moving")]
    pub life_event: String,
    /// Each with its own arrival number and its own course, in the order in which they were handed in.
    pub applications: Vec<ApplicationSummary>,
}

impl ApplicationBatchView {
    fn of((id, life_event): (&ApplicationBatchId, String), all: &[HeldApplication]) -> Self {
        Self {
            id: id.to_string(),
            life_event,
            applications: all.iter().map(|held| ApplicationSummary::of(&held.application)).collect(),
        }
    }
}

/// One application of a batch, whole, and which of its items are the common ones.
struct Whole {
    request: CreateApplication,
    common: BTreeSet<String>,
}

/// Where something is wrong, in the batch: in what all have in common, or in one of them.
fn place(common: &BTreeSet<String>, n: usize, pointer: &str) -> String {
    match pointer.strip_prefix(APPLICANT).filter(|name| common.contains(*name)) {
        Some(name) => format!("/common/{name}"),
        None if pointer.starts_with("/applied_by") => pointer.to_owned(),
        None => format!("/applications/{n}{pointer}"),
    }
}

impl Applications {
    /// Hands several in together: all arrive, each with its arrival number, or none does.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_request`, `invalid_value` naming the member; `invalid_filing` with all that was found
    /// in any of them; `idempotency_key_reused`, `evidence_unavailable`.
    pub async fn create_batch(
        &self,
        permit: &Permit,
        bytes: &[u8],
        key: Option<&str>,
    ) -> Result<ApplicationBatchView, Failure> {
        self.parts.gateway.clear_applying(permit).await?;
        let key = idempotency_key(key, "applies for nothing twice")?;
        let request: CreateApplicationBatch = read(bytes)?;
        let (of, body) = (whose(permit)?, digest_of(bytes)?);
        let key_of = |n: usize| IdempotencyKey { key: Digest::of(&format!("application batch\n{n}\n{key}")), body };
        // What arrived is answered as it is.
        if let Some(earlier) = self.earlier(of, &key_of(0)).await? {
            let batch = earlier.application.batch.as_ref().ok_or_else(key_reused)?;
            return self.batch(permit, batch.id.as_str()).await;
        }
        let id = ApplicationBatchId::generate(&*self.parts.entropy);
        let life_event = request.life_event.as_str().to_owned();
        let mut new = self.all_made(of, request, key_of).await?;
        for (position, one) in (0..).zip(&mut new) {
            one.batch = Some(Batch { id: id.clone(), life_event: life_event.clone(), position });
        }
        self.parts.evidence.intake().admit()?;
        let wrong = |n: usize, refusal: Refusal| {
            let pointer = format!("/applications/{n}{}", refusal.pointer.as_deref().unwrap_or_default());
            refusal.at(pointer)
        };
        match self.parts.store.insert_application_batch(&new).await? {
            InsertedApplicationBatch::New(all) => Ok(ApplicationBatchView::of((&id, life_event), &all)),
            InsertedApplicationBatch::Same(id) => self.batch(permit, id.as_str()).await,
            InsertedApplicationBatch::KeyReused => Err(key_reused().into()),
            InsertedApplicationBatch::CertificateGone(n) => Err(wrong(n, certificate_gone()).into()),
            InsertedApplicationBatch::AttachmentGone(n) => Err(wrong(n, attachment_gone()).into()),
        }
    }

    /// Those that this person handed in together by this client.
    ///
    /// # Errors
    /// `not_found` for another's, too.
    pub async fn batch(&self, permit: &Permit, id: &str) -> Result<ApplicationBatchView, Failure> {
        let of = whose(permit)?;
        let found = match ApplicationBatchId::parse(id) {
            Ok(id) => self.parts.store.list_application_batch(&id).await?,
            Err(_) => Vec::new(),
        };
        let found: Vec<HeldApplication> =
            found.into_iter().filter(|held| (&held.application.client, &held.application.subject) == of).collect();
        let batch = found.first().and_then(|held| held.application.batch.as_ref());
        let unknown = || Refusal::new("not_found", "You handed no applications in together under this id.").at("id");
        let batch = batch.ok_or_else(unknown)?;
        Ok(ApplicationBatchView::of((&batch.id, batch.life_event.clone()), &found))
    }

    /// Each as it is to be written; what is wrong with any of them is told at once.
    async fn all_made(
        &self,
        of: Whose<'_>,
        request: CreateApplicationBatch,
        key_of: impl Fn(usize) -> IdempotencyKey,
    ) -> Result<Vec<Application>, Failure> {
        let (mut new, mut found) = (Vec::new(), Vec::<Finding>::new());
        let mut files = BTreeSet::new();
        for (n, Whole { request, common }) in self.whole(request)?.into_iter().enumerate() {
            match self.made(of, request, (key_of(n), false)).await {
                Ok(one) => {
                    if let Some(file) = one.files.iter().position(|file| !files.insert(file.id.clone())) {
                        let words = "This document goes with another application of this batch already.";
                        let at = format!("/applications/{n}/attachments/{file}/id");
                        return Err(Refusal::new("invalid_value", words).at(at).into());
                    }
                    new.push(one);
                }
                Err(Failure::Refused(refusal)) if refusal.code == "invalid_filing" => {
                    let Some(Detail::Findings(own)) = refusal.detail.as_deref() else { return Err(refusal.into()) };
                    let placed = |one: Finding| Finding { pointer: place(&common, n, &one.pointer), ..one };
                    found.extend(own.iter().cloned().map(placed));
                }
                Err(Failure::Refused(refusal)) => {
                    let pointer = place(&common, n, refusal.pointer.as_deref().unwrap_or_default());
                    return Err(refusal.at(pointer).into());
                }
                Err(broken) => return Err(broken),
            }
        }
        // What all have in common is wrong once.
        let mut told = BTreeSet::new();
        found.retain(|one| told.insert((one.pointer.clone(), one.rule.clone())));
        refuse(found)?;
        Ok(new)
    }

    /// Each with what all have in common.
    fn whole(&self, request: CreateApplicationBatch) -> Result<Vec<Whole>, Refusal> {
        let wrong = |at: String, words: &str| Refusal::new("invalid_value", words).at(at);
        let CreateApplicationBatch { life_event, applied_by, common, applications } = request;
        if !(1..=MOST).contains(&applications.len()) {
            return Err(wrong("/applications".to_owned(), "Hand 1 to 10 applications in together."));
        }
        let (mut all, mut used, mut places) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for (n, one) in applications.into_iter().enumerate() {
            let standard = self.parts.standards.get(&one.procedure);
            if !standard.is_some_and(|standard| standard.life_events.contains(&life_event)) {
                let words = "It is no procedure of this life event: see GET /v1/service-procedures/standards.";
                return Err(wrong(format!("/applications/{n}/procedure"), words));
            }
            if !places.insert((one.municipality.clone(), one.procedure.clone())) {
                return Err(wrong(format!("/applications/{n}"), "The batch has this procedure there already."));
            }
            let BatchedApplication { municipality, procedure, form, mut answers, certificates, attachments } = one;
            let mut filled = BTreeSet::new();
            for (name, value) in &common {
                let known = self.parts.forms.get(&form).and_then(|form| form.items.office_field(name));
                if known.is_some() {
                    used.insert(name.clone());
                    if !answers.applicant.contains_key(name) {
                        answers.applicant.insert(name.clone(), value.clone());
                        filled.insert(name.clone());
                    }
                }
            }
            let applied_by = applied_by.clone();
            let request =
                CreateApplication { municipality, procedure, form, applied_by, answers, certificates, attachments };
            all.push(Whole { request, common: filled });
        }
        match common.keys().find(|name| !used.contains(*name)) {
            Some(name) => Err(wrong(format!("/common/{name}"), "None of these forms has an item of this name.")),
            None => Ok(all),
        }
    }
}
