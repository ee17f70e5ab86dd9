//! Certificates of employment (就労証明書): a company says of an employee's work what a municipality asks, once and signed.
//!
//! What for: before a child has a place in a nursery, a parent carries a form of the municipality's own to the company, which
//! writes it by hand and seals it. Here payroll software fills the municipality's form, the company signs it, and the parent
//! hands on a reference.
//!
//! How it flows: `body` reads a content and holds it against the municipality's form ([`CertificateForms`]); the issuer
//! verifies the company's signature; the store writes it, sealed under a key of its own, with its leaf; `view` shows it, and
//! `rendered` makes files of it. `prefill` makes a draft of what payroll keeps; by `requests` an employee asks for one. A municipality opens it by its reference: that is counted and logged before it is answered.
//!
//! How to add one more form: a file under `policies/employment-certificates/`.
//!
//! What it must never do: issue what was not signed as it is; show it to another than its issuer and its municipality; say
//! whether a reference that is not theirs is one.

mod body;
mod files;
mod prefill;
mod rendered;
mod request_view;
mod requests;
mod view;

pub use body::{
    AnswerRequest, CertificateContent, DeclineRequest, IssueRequest, LinkRequest, MonthWorked, OpenRequest,
    PrefillRequest, RevokeRequest,
};
pub use files::CertificateStanding;
pub use rendered::{RenderedCertificate, Rendering};
pub use request_view::{
    AskedView, CertificateRequestLink, CertificateRequestPage, CertificateRequestState, CertificateRequestView,
    DeclinedView,
};
pub use requests::{ANSWERS, AskOutcome, LINK, OpenLink, RequestAnswer};
pub use view::{
    CertificateCheck, CertificateDraft, CertificateFormList, CertificateFormSummary, CertificatePage, CertificateState,
    CertificateSummary, CertificateView, OpenedCertificateView, RevocationView, SignedCertificateView,
};

use crate::catalog::certificate_forms::CertificateForms;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::employment_certificate::{EmploymentCertificate, PROCEDURE, Revocation};
use crate::domain::ids::{CertificateId, ClientId, DelegationId, ReceiptId};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::submission::refuse;
use crate::domain::{Clock, Digest, Entropy, Failure, Fault, Refusal, Timestamp};
use crate::evidence::EvidenceLog;
use crate::gateway::{Gateway, Permit};
use crate::services::body::{cut, idempotency_key, one_more, page_after, place, read};
use crate::services::procedures::ProcedureView;
use crate::services::submissions::FindingView;
use crate::store::{HeldCertificate, InsertedCertificate, Store};
use async_trait::async_trait;
use prefill::fill;
use rendered::Renderer;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Most months of what was worked.
const MOST_MONTHS: usize = 24;
/// The page where a reference is verified.
pub const PAGE: &str = "/employment-certificates/verify";
/// Where the content stands in what is signed, for findings.
const SIGNED: &str = "/signed_certificate";

/// What was signed, and by which key.
#[derive(Debug)]
pub struct Verified {
    /// What is signed: JSON.
    pub payload: Vec<u8>,
    /// The thumbprint (RFC 7638) of the key.
    pub signed_by: String,
}

/// Signatures (印): those of companies, and our own.
#[async_trait]
pub trait Seals: Send + Sync {
    /// Verifies a certificate by the keys that its client has registered now.
    ///
    /// # Errors
    /// `invalid_value` at `/signed_certificate`.
    async fn verify(&self, client: &ClientId, text: &str) -> Result<Verified, Failure>;
    /// Signs that it was issued.
    ///
    /// # Errors
    /// [`Fault`] when our key cannot sign.
    fn receipt(&self, one: &EmploymentCertificate) -> Result<String, Fault>;
    /// Whether one that was issued is still as its company signed it.
    fn is_as_signed(&self, one: &EmploymentCertificate) -> bool;
    /// What a certificate says that was verified before.
    ///
    /// # Errors
    /// [`Fault`] when it is none.
    fn content(&self, text: &str) -> Result<Value, Fault>;
}

/// What it is made of.
pub struct CertificatesParts {
    /// The forms.
    pub forms: Arc<CertificateForms>,
    /// Verifies companies' signatures, and signs ours.
    pub seals: Arc<dyn Seals>,
    /// Asks the rules.
    pub gateway: Arc<Gateway>,
    /// Where they are kept.
    pub store: Arc<dyn Store>,
    /// Whether anything can be logged.
    pub evidence: Arc<EvidenceLog>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// For ids and references.
    pub entropy: Arc<dyn Entropy>,
    /// Where this counter is: people verify references there.
    pub public_url: String,
}

/// The use case.
pub struct EmploymentCertificates {
    parts: CertificatesParts,
    tag: String,
    renderer: Renderer,
}

impl EmploymentCertificates {
    /// The use case of its parts.
    #[must_use]
    pub fn new(parts: CertificatesParts) -> Self {
        // What a caller sees of the forms changes with their files alone.
        let all: Vec<_> = parts.forms.iter().map(ProcedureView::of).collect();
        let tag = Digest::of_bytes(&serde_json::to_vec(&all).unwrap_or_default()).base64url();
        let renderer = Renderer::new(format!("{}{PAGE}", parts.public_url.trim_end_matches('/')));
        Self { parts, tag, renderer }
    }

    /// What changes when a form does.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The forms; only that of one municipality where the query names one.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub fn forms(&self, _permit: &Permit, query: &str) -> Result<CertificateFormList, Refusal> {
        let forms = match body::municipality(query)? {
            Some(municipality) => self.parts.forms.of(&municipality).into_iter().collect(),
            None => self.parts.forms.iter().collect::<Vec<_>>(),
        };
        Ok(CertificateFormList { forms: forms.into_iter().map(CertificateFormSummary::of).collect() })
    }

    /// One form with its items.
    ///
    /// # Errors
    /// `not_found`.
    pub fn form(&self, _permit: &Permit, code: &str) -> Result<ProcedureView, Refusal> {
        self.parts.forms.get(code).map(ProcedureView::of).ok_or_else(|| {
            let words = "There is no form with this code; see GET /v1/employment-certificates/forms.";
            Refusal::new("not_found", words).at("code")
        })
    }

    /// Holds a content against its form; nothing is kept.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_value`; `refused_by_policy` and `not_delegated` for another company.
    pub async fn check(&self, permit: &Permit, bytes: &[u8]) -> Result<CertificateCheck, Failure> {
        let content: CertificateContent = read(bytes)?;
        let found = content.read(&self.parts.forms, "")?;
        self.delegation(permit, &found.employer).await?;
        let findings = content.findings(found.form, "");
        Ok(CertificateCheck { form: found.form.code.clone(), findings: findings.iter().map(FindingView::of).collect() })
    }

    /// Makes a draft from what payroll keeps, and says what is missing or wrong in it. Nothing is kept.
    ///
    /// # Errors
    /// `invalid_value` naming the member; `not_delegated` for another company without its delegation.
    pub async fn prefill(&self, permit: &Permit, bytes: &[u8]) -> Result<CertificateDraft, Failure> {
        let PrefillRequest { corporate_number, municipality, office, employee, months } = read(bytes)?;
        if months.len() > MOST_MONTHS {
            let words = format!("Send at most {MOST_MONTHS} months.");
            return Err(Refusal::new("invalid_value", words).at("/months").into());
        }
        let form = self.parts.forms.of(&municipality).map_or_else(String::new, |form| form.code.clone());
        let bare =
            CertificateContent { corporate_number, municipality, form, employer: Map::new(), employee: Map::new() };
        let found = bare.read(&self.parts.forms, "")?;
        self.delegation(permit, &found.employer).await?;
        let today = self.parts.clock.now().date_in_japan();
        let filled = fill((bare.corporate_number, bare.municipality), found.form, (&office, &employee, &months), today);
        let findings = filled.content.findings(found.form, "/content");
        let findings = findings.iter().map(FindingView::of).collect();
        Ok(CertificateDraft { content: filled.content, findings, unused: filled.unused })
    }

    /// Issues one: durable, with its leaf and our receipt, when this returns.
    ///
    /// # Errors
    /// Those of [`check`](Self::check); `invalid_value` for a signature that is not the client's; `invalid_filing` with all
    /// that was found; `idempotency_key_reused`, `evidence_unavailable`.
    pub async fn issue(&self, permit: &Permit, bytes: &[u8], key: Option<&str>) -> Result<CertificateView, Failure> {
        let key = idempotency_key(key, "issues nothing twice")?;
        let request: IssueRequest = read(bytes)?;
        let client = permit.client();
        let key = IdempotencyKey {
            key: Digest::of(&format!("employment certificate\n{key}")),
            body: Digest::of(&request.signed_certificate),
        };
        // What was issued is answered as it was then, also once the delegation is over or the form is another.
        if let Some(earlier) = self.parts.store.find_certificate_by_key(&client.id, key.key).await? {
            let is_same = earlier.certificate.key == key;
            return if is_same { Ok(CertificateView::of(&earlier)) } else { Err(key_reused().into()) };
        }
        let verified = self.parts.seals.verify(&client.id, &request.signed_certificate).await?;
        let content: CertificateContent = read(&verified.payload).map_err(|refusal| refusal.at(SIGNED))?;
        let found = content.read(&self.parts.forms, SIGNED)?;
        let now = self.parts.clock.now();
        let mut one = EmploymentCertificate {
            id: CertificateId::generate(&*self.parts.entropy),
            client: client.id.clone(),
            delegation: self.delegation(permit, &found.employer).await?,
            employer: found.employer,
            municipality: content.municipality.clone(),
            form: content.form.clone(),
            key,
            reference: self.parts.entropy.handle(),
            signed: request.signed_certificate,
            signed_by: verified.signed_by,
            receipt: ReceiptId::generate(&*self.parts.entropy),
            signed_receipt: String::new(),
            issued_at: now,
        };
        refuse(content.findings(found.form, SIGNED))?;
        one.signed_receipt = self.parts.seals.receipt(&one)?;
        self.parts.evidence.intake().admit()?;
        match self.parts.store.insert_certificate(&one).await? {
            InsertedCertificate::New => Ok(CertificateView::of(&held(one))),
            InsertedCertificate::Same(earlier) => Ok(CertificateView::of(&earlier)),
            InsertedCertificate::KeyReused => Err(key_reused().into()),
            InsertedCertificate::NotDelegated => Err(not_delegated(&one.employer).into()),
        }
    }

    /// One that this client issued.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn find(&self, permit: &Permit, id: &str) -> Result<CertificateView, Failure> {
        Ok(CertificateView::of(&self.own(permit, id).await?))
    }

    /// Those that this client issued, newest first.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub async fn list(&self, permit: &Permit, query: &str) -> Result<CertificatePage, Failure> {
        let mut before = page_after(query, CertificateId::parse)?;
        let limit = one_more(&mut before);
        let mut found = self.parts.store.list_certificates(&permit.client().id, &before).await?;
        let next = cut(&mut found, limit, |last| place(last.certificate.issued_at, &last.certificate.id));
        Ok(CertificatePage { items: found.iter().map(CertificateSummary::of).collect(), next })
    }

    /// Takes one back; its municipality sees so from this moment on. Asked for again, it stays as it was taken back first.
    ///
    /// # Errors
    /// `not_found`; `evidence_unavailable`.
    pub async fn revoke(&self, permit: &Permit, id: &str, bytes: &[u8]) -> Result<CertificateView, Failure> {
        let request: RevokeRequest = read(bytes)?;
        let found = self.own(permit, id).await?;
        if found.revocation.is_none() {
            self.parts.evidence.intake().admit()?;
            let revocation = Revocation { at: self.parts.clock.now(), reason: request.reason };
            self.parts.store.revoke_certificate(&found.certificate.id, &permit.client().id, revocation).await?;
        }
        self.find(permit, id).await
    }

    /// Opens one for the municipality that it was made for: counted and logged, then answered. One that was taken back opens,
    /// too, and says so.
    ///
    /// # Errors
    /// `not_found`, in the same words for what is not there, and what is another's; `evidence_unavailable`.
    pub async fn open(&self, permit: &Permit, bytes: &[u8]) -> Result<OpenedCertificateView, Failure> {
        let found = self.opened(permit, bytes).await?;
        let content = self.parts.seals.content(&found.certificate.signed)?;
        Ok(OpenedCertificateView::of(&found, content))
    }

    async fn opened(&self, permit: &Permit, bytes: &[u8]) -> Result<HeldCertificate, Failure> {
        let request: OpenRequest = read(bytes)?;
        let nothing = || {
            let words =
                "No certificate with this reference was made for your municipality. Ask whoever applied for it again.";
            Refusal::new("not_found", words).at("/reference")
        };
        let client = permit.client();
        let municipality = client.corporate_number.local_government().ok_or_else(nothing)?;
        self.parts.evidence.intake().admit()?;
        let (by, at): (&ClientId, Timestamp) = (&client.id, self.parts.clock.now());
        let reference = EmploymentCertificate::digest_of_reference(&request.reference);
        let found = self.parts.store.open_certificate(reference, municipality, (by, at)).await?;
        Ok(found.ok_or_else(nothing)?)
    }

    async fn own(&self, permit: &Permit, id: &str) -> Result<HeldCertificate, Failure> {
        let found = match CertificateId::parse(id) {
            Ok(id) => self.parts.store.find_certificate(&id).await?,
            Err(_) => None,
        };
        let own = found.filter(|held| held.certificate.client == permit.client().id);
        own.ok_or_else(|| Refusal::new("not_found", "You issued no certificate with this id.").at("id").into())
    }

    /// By which delegation a client may issue for a company; none for its own.
    async fn delegation(&self, permit: &Permit, company: &CorporateNumber) -> Result<Option<DelegationId>, Failure> {
        let client = permit.client();
        if *company == client.corporate_number {
            return Ok(None);
        }
        self.parts.gateway.clear_filing_for_another(permit).await?;
        let found = self.parts.store.find_standing_delegation(company, &client.id).await?;
        let stands = found.filter(|one| one.lets(&client.id, PROCEDURE, self.parts.clock.now()));
        Ok(Some(stands.ok_or_else(|| not_delegated(company))?.id))
    }
}

const fn held(certificate: EmploymentCertificate) -> HeldCertificate {
    HeldCertificate { certificate, revocation: None, openings: 0, opened_at: None }
}

fn key_reused() -> Refusal {
    let words = "This Idempotency-Key came with another certificate before: use a new one.";
    Refusal::new("idempotency_key_reused", words).at("Idempotency-Key")
}

fn not_delegated(company: &CorporateNumber) -> Refusal {
    let words = format!(
        "The company {company} has no delegation to you in force that names {PROCEDURE}: it registers one after its own \
         sign-in here, or the operator does by its power of attorney."
    );
    Refusal::new("not_delegated", words).at("/corporate_number")
}
