//! Taking a filing on.

use super::deliver::{filing, restless};
use super::receipt::{self, Filed};
use super::{Submissions, Whole, owner};
use crate::domain::client::Client;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::delegation::{Delegation, DelegationStatus};
use crate::domain::deposit::{Declaration, Filed as FiledHolding, Holding, Pieces};
use crate::domain::evidence::canonical;
use crate::domain::ids::{ClientId, DelegationId, DeliveryId, DraftId, ReceiptId, SubmissionId};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::submission::{Delivery, Finding, Part as DeliveryPart, Submission, SubmissionState, refuse};
use crate::domain::{Digest, Failure, Fault, Refusal, Timestamp};
use crate::store::{Before, FiledDeposit, InsertedSubmission, NewSubmission, SubmissionFilter};
use serde_json::Value;
use serde_json::value::RawValue;
use std::time::Duration;

/// Who files.
#[derive(Clone, Copy, Debug)]
pub struct Filer<'a> {
    /// Its software, registered with us.
    pub client: &'a ClientId,
    /// The company that stands behind it.
    pub company: &'a CorporateNumber,
    /// Its share of an agency's turns.
    pub weight: u32,
}

impl<'a> Filer<'a> {
    /// A client that files now.
    #[must_use]
    pub const fn of(client: &'a Client, weight: u32) -> Self {
        Self { client: &client.id, company: &client.corporate_number, weight }
    }
}

/// Whether what is filed is still to be held against the rules that are known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validation {
    /// It is: now, and by those of the moment at which it is sent.
    Due,
    /// It kept those of the day on which it came, and was taken on as it is: whatever the rules say since, only its agency
    /// may refuse it.
    Done {
        /// By which delegation it was taken on, where it is for another company. It is looked at again before it is sent.
        delegation: Option<DelegationId>,
    },
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
    /// For which company; none for the one that stands behind the filer.
    pub applicant: Option<CorporateNumber>,
    /// Its parts.
    pub parts: Vec<Part<'a>>,
    /// Whether they are to be held against the rules.
    pub validation: Validation,
    /// The draft that it was, with the tag of what is handed in.
    pub draft: Option<(DraftId, String)>,
    /// The deposit that it files.
    pub deposit: Option<Deposited>,
}

/// What is filed by reference, with what is handed in.
#[derive(Debug)]
pub struct Deposited {
    /// As it was declared.
    pub declared: Declaration,
    /// What is filed.
    pub holding: Holding,
    /// The digests of its pieces.
    pub pieces: Pieces,
    /// When: the filing is of this moment.
    pub at: Timestamp,
    /// For how many years its company must keep it.
    pub years: u32,
    /// How long after that it can still be referenced.
    pub stays: Duration,
}

impl Deposited {
    fn filed(&self, by: &Submission) -> FiledDeposit {
        let keep_until = FiledHolding::duty_ends(by.accepted_at, self.years);
        let filed = FiledHolding {
            at: by.accepted_at,
            submission: by.id.clone(),
            holding: self.holding.clone(),
            keep_until,
            expires_at: keep_until.plus(self.stays),
        };
        FiledDeposit { declared: self.declared.clone(), filed, pieces: self.pieces.clone() }
    }
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
    /// `invalid_value` for an agency that is not there, `not_delegated` for another company without its delegation,
    /// `invalid_filing` with everything that was found, where it can never be taken like this; `idempotency_key_reused`,
    /// `evidence_unavailable`. Where validation is done, neither the first nor the third.
    pub async fn accept(&self, filer: &Filer<'_>, wanted: &Wanted<'_>) -> Result<Accepted, Failure> {
        let mut submission = self.submission(filer, wanted)?;
        match &wanted.validation {
            Validation::Done { delegation } => submission.delegation.clone_from(delegation),
            Validation::Due if submission.applicant != *filer.company => {
                match self.delegation_of(&submission, wanted).await {
                    Ok(found) => submission.delegation = Some(found),
                    // What was taken on while it was delegated is answered as it was then.
                    Err(refusal) => return self.taken_before(&submission).await?.ok_or(refusal),
                }
            }
            Validation::Due => {}
        }
        submission.signed_receipt =
            receipt::signed(&self.parts.issuer, &Filed::of(&submission), &*(self.parts.signing)()?)?;
        let mut deliveries = Vec::with_capacity(wanted.parts.len());
        let mut findings = Vec::new();
        for (place, part) in (0..).zip(&wanted.parts) {
            let id = DeliveryId::generate(&*self.parts.entropy);
            let named = DeliveryPart { agency: &part.agency, procedure: &part.procedure };
            let mut delivery = Delivery::new(id, &submission, place, &named);
            let content = part.content.get().as_bytes();
            match wanted.validation {
                Validation::Due => {
                    self.check_way(&delivery, wanted)?;
                    findings.extend(self.found(&delivery, content)?);
                }
                Validation::Done { .. } => delivery.pass_validation()?,
            }
            // Its first event is that of the whole filing.
            delivery.written();
            let sealed = self.parts.master.seal(&owner(&delivery), content, &*self.parts.entropy)?;
            deliveries.push((delivery, sealed));
        }
        refuse(findings)?;
        self.parts.evidence.intake().admit()?;
        let is_taken_on = matches!(wanted.validation, Validation::Done { .. });
        let deposit = wanted.deposit.as_ref().map(|one| one.filed(&submission));
        let (weight, draft) = (filer.weight, wanted.draft.clone());
        let new = NewSubmission { submission, deliveries, weight, is_taken_on, draft, deposit };
        match self.parts.store.insert_submission(&new).await? {
            InsertedSubmission::New => {
                self.bell.notify_waiters();
                let deliveries = new.deliveries.into_iter().map(|(delivery, _)| delivery).collect();
                Ok(Accepted::New(Whole { submission: new.submission, deliveries }))
            }
            InsertedSubmission::Same(earlier) => self.again(&new.submission, *earlier).await,
            InsertedSubmission::KeyReused => Err(key_reused().into()),
            // Whoever handed it in at the same moment was first.
            InsertedSubmission::DraftChanged => {
                self.taken_before(&new.submission).await?.ok_or_else(|| restless().into())
            }
            InsertedSubmission::DepositChanged => {
                let words = "It is filed already, was withdrawn, or is not delegated to you any more.";
                let changed = || Refusal::new("conflict", words).into();
                self.taken_before(&new.submission).await?.ok_or_else(changed)
            }
            InsertedSubmission::NotDelegated => Err(self.no_delegation(&new.submission).await?.into()),
        }
    }

    /// What is filed by reference is filed so alone: its agency takes no content in its place.
    fn check_way(&self, one: &Delivery, wanted: &Wanted<'_>) -> Result<(), Refusal> {
        if wanted.deposit.is_some() || !self.parts.by_reference.contains(&one.procedure) {
            return Ok(());
        }
        let words = "This procedure is filed by cloud: declare it at POST /v1/deposits.";
        Err(Refusal::new("invalid_value", words).at(format!("/deliveries/{}/procedure", one.place)))
    }

    /// What is wrong with a part by the rules that are known here.
    fn found(&self, one: &Delivery, content: &[u8]) -> Result<Vec<Finding>, Refusal> {
        let place = one.place;
        let post = self.post(&one.agency).map_err(|unknown| unknown.at(format!("/deliveries/{place}/agency")))?;
        let found = post.agency.check(&filing(one, &one.reference(), content));
        Ok(found.into_iter().map(|one| one.below(&format!("/deliveries/{place}/content"))).collect())
    }

    fn submission(&self, filer: &Filer<'_>, wanted: &Wanted<'_>) -> Result<Submission, Fault> {
        let id = SubmissionId::generate(&*self.parts.entropy);
        // The same filing is the same whatever its white space and the order of its members.
        let value: Value = serde_json::from_slice(wanted.bytes).map_err(|e| Fault::Internal(e.to_string()))?;
        let key = IdempotencyKey { key: Self::digest_of_key(wanted.key), body: Digest::of(&canonical(&value)) };
        Ok(Submission {
            receipt: ReceiptId::of_submission(&id),
            id,
            client: filer.client.clone(),
            applicant: wanted.applicant.clone().unwrap_or_else(|| filer.company.clone()),
            delegation: None,
            key,
            reference: wanted.reference.clone(),
            digest: Digest::of_bytes(wanted.bytes),
            accepted_at: wanted.deposit.as_ref().map_or_else(|| self.parts.clock.now(), |one| one.at),
            signed_receipt: String::new(),
            state: SubmissionState::Accepted,
        })
    }

    /// The delegation by which a filing is for another company than the filer's own.
    async fn delegation_of(&self, submission: &Submission, wanted: &Wanted<'_>) -> Result<DelegationId, Failure> {
        let place = |place: usize| format!("/deliveries/{place}/procedure");
        let procedures: Vec<_> =
            wanted.parts.iter().enumerate().map(|(n, part)| (place(n), &*part.procedure)).collect();
        let (company, client) = (&submission.applicant, &submission.client);
        self.delegation((company, client), &procedures, submission.accepted_at).await
    }

    /// The delegation in force of this company to this client, if it names these procedures; each with its place.
    pub(super) async fn delegation(
        &self,
        (company, client): (&CorporateNumber, &ClientId),
        procedures: &[(String, &str)],
        now: Timestamp,
    ) -> Result<DelegationId, Failure> {
        let found = self.parts.store.find_standing_delegation(company, client).await?;
        let found = match found {
            Some(one) if one.is_in_force(now) => one,
            other => return Err(why_not(company, other.as_ref(), now).into()),
        };
        for (place, procedure) in procedures {
            if !found.lets(client, procedure, now) {
                let words = format!(
                    "The delegation {} of this company to you does not name the procedure {procedure}: ask it for one that does.",
                    found.id
                );
                return Err(Refusal::new("not_delegated", words).at(place.as_str()).into());
            }
        }
        Ok(found.id)
    }

    /// Why a filing for another company was not written: the delegation changed meanwhile.
    async fn no_delegation(&self, submission: &Submission) -> Result<Refusal, Fault> {
        let found = self.parts.store.find_standing_delegation(&submission.applicant, &submission.client).await?;
        Ok(why_not(&submission.applicant, found.as_ref(), self.parts.clock.now()))
    }

    /// The filing that came with this key before, if any.
    async fn taken_before(&self, new: &Submission) -> Result<Option<Accepted>, Failure> {
        let (client, key) = (new.client.clone(), Some(new.key.key));
        let filter = SubmissionFilter { client, key, state: None, from: None, to: None };
        let found = self.parts.store.list_submissions(&filter, &Before { entry: None, limit: 1 }).await?;
        match found.into_iter().next() {
            None => Ok(None),
            Some(earlier) if earlier.key == new.key => self.again(new, earlier).await.map(Some),
            Some(_) => Err(key_reused().into()),
        }
    }

    /// The earlier filing with the same key and body. For whom is filed can stand beside the body: for another company it is
    /// another filing.
    async fn again(&self, new: &Submission, submission: Submission) -> Result<Accepted, Failure> {
        if submission.applicant != new.applicant {
            return Err(key_reused().into());
        }
        let held = self.parts.store.list_deliveries(std::slice::from_ref(&submission.id)).await?;
        let deliveries = held.into_iter().map(|held| held.delivery).collect();
        Ok(Accepted::Again(Whole { submission, deliveries }))
    }

    /// The digest by which a filing is found again by its `Idempotency-Key`.
    #[must_use]
    pub fn digest_of_key(key: &str) -> Digest {
        Digest::of(&format!("filing\n{key}"))
    }
}

pub(super) fn key_reused() -> Refusal {
    let words = "This Idempotency-Key came with another filing before: use a new one.";
    Refusal::new("idempotency_key_reused", words).at("Idempotency-Key")
}

/// Why nothing can be filed for a company by what was found of its delegation.
pub(super) fn why_not(company: &CorporateNumber, found: Option<&Delegation>, now: Timestamp) -> Refusal {
    match found {
        Some(one) if matches!(one.status, DelegationStatus::Paused { .. }) && one.is_standing(now) => {
            let words = format!(
                "The company {company} holds its delegation {} to you still (一時停止): nothing new is taken by it until the \
                 company lets it go on at its own page.",
                one.id
            );
            Refusal::new("not_delegated", words).at("/applicant")
        }
        _ => not_delegated(company),
    }
}

/// The same words whether the company is known here or not.
fn not_delegated(company: &CorporateNumber) -> Refusal {
    let words = format!(
        "The company {company} has no delegation to you in force: it registers one after its own sign-in here, or the \
         operator does by its power of attorney."
    );
    Refusal::new("not_delegated", words).at("/applicant")
}
