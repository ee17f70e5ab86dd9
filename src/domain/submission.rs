//! A filing (申請・届出): what a filer hands in once, the parts of it that go to each agency, and what became of each.
//!
//! A part's life is a [`SubmissionState`]; it changes by the methods of [`Delivery`] alone, which refuse what is not legal
//! and note every state that was passed, so that each becomes an event.

mod arrival;
mod delivery;
mod document;
mod finding;
mod payment;
mod state;

pub use arrival::ArrivalNumber;
pub use delivery::{Act, Delivery, ParkedBecause, Part, RequiredAction, Standing};
pub use document::{
    AboutDocument, AgencySignature, Announced, Document, DocumentKind, DocumentNews, DocumentState, Letter, Posted,
    Signature, SignatureCheck, SignatureFlaw,
};
pub use finding::{Finding, Length, MOST_FINDINGS, Severity, is_rejected, refuse, tamed};
pub use payment::{Payment, PaymentState};
pub use state::SubmissionState;

use super::application::{Application, ApplicationMention, ApplicationNews};
use super::certificate_request::{CertificateRequest, RequestMention, RequestNews};
use super::citizen_notice::NoticeMention;
use super::corporate_number::CorporateNumber;
use super::delegation::{Delegation, SoftwareMention, SoftwareNews};
use super::deposit::{Declaration, DepositMention, DepositNews};
use super::disposition::{DispositionMention, DispositionNews, DispositionNotice};
use super::employment_certificate::{CertificateMention, CertificateNews, EmploymentCertificate};
use super::establishment::{Establishment, EstablishmentAct, EstablishmentMention};
use super::ids::{ClientId, DelegationId, DeliveryId, DocumentId, ReceiptId, SubmissionId};
use super::payment::{Payment as PublicPayment, PaymentMention, PaymentNews};
use super::retrieval::IdempotencyKey;
use super::secret::Digest;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most parts of one filing.
pub const MOST_DELIVERIES: usize = 50;

/// A filing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Its id, and last part of its address.
    pub id: SubmissionId,
    /// Whose software filed it.
    pub client: ClientId,
    /// For whom.
    pub applicant: CorporateNumber,
    /// By which delegation, where the filer files for another company than its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    /// The filer's `Idempotency-Key`.
    pub key: IdempotencyKey,
    /// The filer's own name for it.
    pub reference: Option<String>,
    /// SHA-256 of the bytes that were handed in.
    pub digest: Digest,
    /// When it arrived here.
    pub accepted_at: Timestamp,
    /// What the log of evidence knows it by.
    pub receipt: ReceiptId,
    /// The signed receipt, as it was given.
    pub signed_receipt: String,
    /// Where it stands as a whole.
    pub state: SubmissionState,
}

/// That a filing is for another company than the filer's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegated {
    /// For which.
    pub applicant: CorporateNumber,
    /// By which delegation.
    pub delegation: DelegationId,
}

impl Delegated {
    fn of(applicant: &CorporateNumber, delegation: Option<&DelegationId>) -> Option<Self> {
        delegation.map(|id| Self { applicant: applicant.clone(), delegation: id.clone() })
    }
}

/// What happened to which document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentMention {
    /// Which.
    pub id: DocumentId,
    /// What happened.
    pub news: DocumentNews,
}

/// That something changed, on the one cursor of all filings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionEvent {
    /// Its place: readers go on after it. Places have no gaps that fill later.
    #[serde(skip)]
    pub place: u64,
    /// Whose software filed it.
    pub client: ClientId,
    /// For which other company than the filer's own, and by which delegation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegated: Option<Delegated>,
    /// Which filing; none where it is about what was sent to an agency's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<SubmissionId>,
    /// Which part; none where it is about the whole.
    pub delivery: Option<DeliveryId>,
    /// The part's agency.
    pub agency: Option<String>,
    /// Where the part, or the whole, stands now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<SubmissionState>,
    /// Where the whole stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overall: Option<SubmissionState>,
    /// When.
    pub at: Timestamp,
    /// The agency's number, once there is one.
    pub arrival: Option<ArrivalNumber>,
    /// Whether it waits for a person here.
    pub is_parked: bool,
    /// The document that it is about, where it is about one: then nothing else changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentMention>,
    /// The deposit that it is about, where it is about one: then nothing else changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposit: Option<DepositMention>,
    /// The disposition notice that it is about, where it is about one: then nothing else changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<DispositionMention>,
    /// The establishment that it is about, where it is about one: then nothing else changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub establishment: Option<EstablishmentMention>,
    /// The software of an office that it is about, where it is about one: then there is no filing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software: Option<SoftwareMention>,
    /// The application to a municipality that it is about, where it is about one: then there is no filing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationMention>,
    /// The certificate of employment that it is about, where it is about one: then there is no filing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateMention>,
    /// The payment that it is about, where it is about one: then there is no filing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentMention>,
    /// The request for a certificate that it is about, where it is about one: then there is no filing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_request: Option<RequestMention>,
    /// The notice to a citizen that it is about, where it is about one: then there is no filing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeMention>,
}

impl SubmissionEvent {
    /// Something that this client is told of.
    fn told(client: &ClientId, at: Timestamp) -> Self {
        Self {
            place: 0,
            client: client.clone(),
            delegated: None,
            submission: None,
            delivery: None,
            agency: None,
            state: None,
            overall: None,
            at,
            arrival: None,
            is_parked: false,
            document: None,
            deposit: None,
            disposition: None,
            establishment: None,
            software: None,
            application: None,
            certificate: None,
            payment: None,
            certificate_request: None,
            notice: None,
        }
    }

    /// That a notice to a citizen became visible, told to a client that may read it under their grant.
    #[must_use]
    pub fn of_notice(client: &ClientId, mention: NoticeMention, at: Timestamp) -> Self {
        Self { notice: Some(mention), ..Self::told(client, at) }
    }

    /// That a filing was taken on.
    #[must_use]
    pub fn accepted(submission: &Submission) -> Self {
        Self {
            delegated: Delegated::of(&submission.applicant, submission.delegation.as_ref()),
            submission: Some(submission.id.clone()),
            state: Some(submission.state),
            overall: Some(submission.state),
            ..Self::told(&submission.client, submission.accepted_at)
        }
    }

    /// That a part came to be in `state`.
    #[must_use]
    pub fn of(delivery: &Delivery, state: SubmissionState, overall: SubmissionState, at: Timestamp) -> Self {
        Self {
            delegated: Delegated::of(&delivery.applicant, delivery.delegation.as_ref()),
            submission: Some(delivery.submission.clone()),
            delivery: Some(delivery.id.clone()),
            agency: Some(delivery.agency.clone()),
            state: Some(state),
            overall: Some(overall),
            arrival: delivery.arrival.clone(),
            is_parked: delivery.parked.is_some(),
            ..Self::told(&delivery.client, at)
        }
    }

    /// That something happened to a document of a filing that stands so, or to one that was sent to an account.
    #[must_use]
    pub fn of_document(document: &Document, news: DocumentNews, state: Option<SubmissionState>, at: Timestamp) -> Self {
        Self {
            delegated: document.delegated.clone(),
            submission: document.submission.clone(),
            delivery: document.delivery.clone(),
            agency: Some(document.agency.clone()),
            state,
            overall: state,
            arrival: document.arrival.clone(),
            document: Some(DocumentMention { id: document.id.clone(), news }),
            ..Self::told(&document.client, at)
        }
    }

    /// That something happened to what was filed by reference, in a filing that stands so.
    #[must_use]
    pub fn of_deposit(
        (one, submission): (&Declaration, &SubmissionId),
        news: DepositNews,
        state: SubmissionState,
        at: Timestamp,
    ) -> Self {
        Self {
            delegated: Delegated::of(&one.company, one.delegation.as_ref()),
            submission: Some(submission.clone()),
            agency: Some(one.agency.clone()),
            state: Some(state),
            overall: Some(state),
            deposit: Some(DepositMention { id: one.id.clone(), news }),
            ..Self::told(&one.client, at)
        }
    }

    /// That something happened to a certificate of employment; nothing of what it says.
    #[must_use]
    pub fn of_certificate(one: &EmploymentCertificate, news: CertificateNews, at: Timestamp) -> Self {
        Self {
            delegated: Delegated::of(&one.employer, one.delegation.as_ref()),
            certificate: Some(CertificateMention { id: one.id.clone(), news }),
            ..Self::told(&one.client, at)
        }
    }

    /// That something happened to a payment; nothing of what it says.
    #[must_use]
    pub fn of_payment(one: &PublicPayment, news: PaymentNews, at: Timestamp) -> Self {
        Self { payment: Some(PaymentMention { id: one.id.clone(), news }), ..Self::told(&one.client, at) }
    }

    /// That something happened to a request for a certificate of employment.
    #[must_use]
    pub fn of_certificate_request(one: &CertificateRequest, news: RequestNews, at: Timestamp) -> Self {
        Self {
            delegated: Delegated::of(&one.employer, one.delegation.as_ref()),
            certificate_request: Some(RequestMention { id: one.id.clone(), news }),
            ..Self::told(&one.client, at)
        }
    }

    /// That something was done with the establishment of a company, told to the office that began it; none of what it did
    /// itself.
    #[must_use]
    pub fn of_establishment(one: &Establishment, act: EstablishmentAct) -> Option<Self> {
        let mention = EstablishmentMention::of(&one.id, act)?;
        Some(Self { establishment: Some(mention), ..Self::told(&one.client, one.acted_at(act)) })
    }

    /// That something was done with an application.
    #[must_use]
    pub fn of_application(one: &Application, news: ApplicationNews, at: Timestamp) -> Self {
        Self { application: Some(ApplicationMention { id: one.id.clone(), news }), ..Self::told(&one.client, at) }
    }

    /// That an office let software file for a company, or that it files no more; none of what is no software's. Whom it is
    /// told to is for the company's own clients to be put in.
    #[must_use]
    pub fn of_software(one: &Delegation, news: SoftwareNews, at: Timestamp) -> Option<Self> {
        let mention = SoftwareMention::of(one, news)?;
        Some(Self { software: Some(mention), ..Self::told(&one.client, at) })
    }

    /// The same as the company's own software is told it: for no other company, by nobody's delegation.
    #[must_use]
    pub fn to_company(&self, client: &ClientId) -> Self {
        Self { client: client.clone(), delegated: None, ..self.clone() }
    }

    /// That there is a disposition notice, or that it soon cannot be fetched any more, told to whoever filed; or that it was delivered, told to whoever put it down.
    #[must_use]
    pub fn of_disposition(one: &DispositionNotice, news: DispositionNews, at: Timestamp) -> Self {
        let answered = &one.answered;
        let (client, delegated) = match news {
            DispositionNews::Available | DispositionNews::Expiring => {
                (&answered.client, Delegated::of(&answered.company, answered.delegation.as_ref()))
            }
            DispositionNews::Delivered => (&one.client, None),
        };
        Self {
            delegated,
            submission: Some(answered.submission.clone()),
            delivery: Some(answered.delivery.clone()),
            agency: Some(one.agency.clone()),
            disposition: Some(DispositionMention { id: one.id.clone(), news }),
            ..Self::told(client, at)
        }
    }
}

#[cfg(test)]
mod tests;
