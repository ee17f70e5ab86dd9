//! Taking a filing on.

use super::deliver::filing;
use super::{Submissions, Whole, owner, receipt};
use crate::domain::client::Client;
use crate::domain::evidence::canonical;
use crate::domain::ids::{DeliveryId, ReceiptId, SubmissionId};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::submission::{
    Delivery, Finding, MOST_FINDINGS, Part as DeliveryPart, Severity, Submission, SubmissionState,
};
use crate::domain::{Digest, Failure, Fault, Refusal};
use crate::store::{InsertedSubmission, NewSubmission};
use serde_json::Value;
use serde_json::value::RawValue;

/// Who files.
#[derive(Clone, Copy, Debug)]
pub struct Filer<'a> {
    /// Its software, registered with us; it files for the company that stands behind it.
    pub client: &'a Client,
    /// Its share of an agency's turns.
    pub weight: u32,
}

/// One part of what is filed.
#[derive(Debug)]
pub struct Part<'a> {
    /// To which agency.
    pub agency: String,
    /// Which procedure.
    pub procedure: String,
    /// What it says.
    pub content: &'a RawValue,
}

/// What is filed.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// The bytes that were handed in.
    pub bytes: &'a [u8],
    /// `Idempotency-Key`.
    pub key: &'a str,
    /// The filer's own name for it.
    pub reference: Option<String>,
    /// Its parts.
    pub parts: Vec<Part<'a>>,
}

/// What handing in came to.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// It is taken on.
    New(Whole),
    /// It had been taken on before; so it was answered then, and so it stands now.
    Again(Whole),
}

impl Submissions {
    /// Takes a filing on; it is durable, and its receipt is signed, when this returns.
    ///
    /// # Errors
    /// `invalid_value` for an agency that is not there, `invalid_filing` with everything that was found, where it can never
    /// be taken like this; `idempotency_key_reused`, `evidence_unavailable`.
    pub async fn accept(&self, filer: &Filer<'_>, wanted: &Wanted<'_>) -> Result<Accepted, Failure> {
        let submission = self.submission(filer, wanted)?;
        let mut deliveries = Vec::with_capacity(wanted.parts.len());
        let mut findings = Vec::new();
        for (place, part) in (0..).zip(&wanted.parts) {
            let Some(post) = self.posts.get(&part.agency) else {
                let known: Vec<&str> = self.posts.keys().map(String::as_str).collect();
                let words = format!("There is no agency of this name here; there are: {}.", known.join(", "));
                return Err(Refusal::new("invalid_value", words).at(format!("/deliveries/{place}/agency")).into());
            };
            let id = DeliveryId::generate(&*self.parts.entropy);
            let named = DeliveryPart { agency: &part.agency, procedure: &part.procedure };
            let delivery = Delivery::new(id, &submission, place, &named);
            let content = part.content.get().as_bytes();
            let reference = delivery.reference();
            let found = post.agency.check(&filing(&delivery, &reference, content));
            findings.extend(found.into_iter().map(|one| one.below(&format!("/deliveries/{place}/content"))));
            let sealed = self.parts.master.seal(&owner(&delivery), content, &*self.parts.entropy)?;
            deliveries.push((delivery, sealed));
        }
        refuse(findings)?;
        self.parts.evidence.intake().admit()?;
        let new = NewSubmission { submission, deliveries, weight: filer.weight };
        match self.parts.store.insert_submission(&new).await? {
            InsertedSubmission::New => {
                self.bell.notify_waiters();
                let deliveries = new.deliveries.into_iter().map(|(delivery, _)| delivery).collect();
                Ok(Accepted::New(Whole { submission: new.submission, deliveries }))
            }
            InsertedSubmission::Same(earlier) => {
                let held = self.parts.store.list_deliveries(std::slice::from_ref(&earlier.id)).await?;
                let deliveries = held.into_iter().map(|held| held.delivery).collect();
                Ok(Accepted::Again(Whole { submission: *earlier, deliveries }))
            }
            InsertedSubmission::KeyReused => {
                let words = "This Idempotency-Key came with another filing before: use a new one.";
                Err(Refusal::new("idempotency_key_reused", words).at("Idempotency-Key").into())
            }
        }
    }

    fn submission(&self, filer: &Filer<'_>, wanted: &Wanted<'_>) -> Result<Submission, Fault> {
        let id = SubmissionId::generate(&*self.parts.entropy);
        // The same filing is the same whatever its white space and the order of its members.
        let value: Value = serde_json::from_slice(wanted.bytes).map_err(|e| Fault::Internal(e.to_string()))?;
        let key = IdempotencyKey { key: Self::digest_of_key(wanted.key), body: Digest::of(&canonical(&value)) };
        let mut submission = Submission {
            receipt: ReceiptId::of_submission(&id),
            id,
            client: filer.client.id.clone(),
            applicant: filer.client.corporate_number.clone(),
            key,
            reference: wanted.reference.clone(),
            digest: Digest::of_bytes(wanted.bytes),
            accepted_at: self.parts.clock.now(),
            signed_receipt: String::new(),
            state: SubmissionState::Accepted,
        };
        submission.signed_receipt = receipt::signed(&self.parts.issuer, &submission, &*(self.parts.signing)()?)?;
        Ok(submission)
    }

    /// The digest by which a filing is found again by its `Idempotency-Key`.
    #[must_use]
    pub fn digest_of_key(key: &str) -> Digest {
        Digest::of(&format!("filing\n{key}"))
    }
}

/// Refuses what can never be taken like this, with everything that was found about it.
///
/// # Errors
/// `invalid_filing`.
pub(super) fn refuse(mut findings: Vec<Finding>) -> Result<(), Refusal> {
    let Some(first) = findings.iter().find(|one| one.severity == Severity::Reject) else { return Ok(()) };
    let (words, pointer) = (format!("{}: {}", first.rule, first.words.en), first.pointer.clone());
    findings.truncate(MOST_FINDINGS);
    Err(Refusal::new("invalid_filing", words).at(pointer).found(findings))
}
