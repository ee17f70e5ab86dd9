//! The establishment of a company (法人設立): one form, signed by every founder, and the stages in which it goes out.
//!
//! What for: nine receivers are told of a new company, each with the same name and address, some of them only once it is
//! registered. The form is said once; what the registry answers is said to the others by us (ワンスオンリー).
//!
//! How it flows: [`Establishment`] changes by its methods alone, which refuse what is not legal. Founders [`sign`] a digest of
//! everything that will be filed; then the stages begin, one after the other, each handed in as one filing.
//!
//! What it must never do: go out with a signature missing, or with another content than the one that was signed.
//!
//! [`sign`]: Establishment::sign

mod form;
mod people;
mod registry;
mod state;
mod steps;
mod taxes;

pub use form::{
    CompanyKind, ContactPoint, Employment, EstablishmentForm, Founder, HeadOffice, MOST_LISTED, MOST_MEMBERS, Officer,
    OfficerRole, Salary, SocialInsurance,
};
pub use people::{
    ContractTerm, EmploymentKind, EmploymentMember, FormSex, HiringReason, PayPeriod, PensionCategory, PensionMember,
};
pub use registry::{Disbelieved, RegistryEntry};
pub use state::EstablishmentState;
pub use taxes::{DepreciationMethod, InventoryMethod, TaxChoices};

use super::corporate_number::CorporateNumber;
use super::evidence::canonical;
use super::ids::{ClientId, EstablishmentId, ReceiptId, SubjectId, SubmissionId};
use super::retrieval::IdempotencyKey;
use super::secret::Digest;
use super::submission::Finding;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// How long founders can sign.
pub const SIGN_WITHIN: Duration = Duration::from_hours(14 * 24);

/// One of the steps in which it goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 定款認証.
    Certification,
    /// 設立登記.
    Registration,
    /// Everything that follows the registration.
    Notification,
}

impl Stage {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Certification => "certification",
            Self::Registration => "registration",
            Self::Notification => "notification",
        }
    }
}

/// One procedure that follows from the form: what founders sign names its receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstablishmentPart {
    /// In which stage.
    pub stage: Stage,
    /// Which procedure.
    pub procedure: String,
    /// To which agency, by its name here.
    pub agency: String,
}

/// What a founder decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// Who, after a sign-in of their own.
    pub subject: SubjectId,
    /// Whether they signed; else they declined.
    pub is_signed: bool,
    /// What they signed or declined: the digest of form and parts.
    pub digest: Digest,
}

/// A founder's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FounderStanding {
    /// The code that opens the form to this founder, as it is shown; gone once it was used or is over.
    pub code: Option<String>,
    /// What the founder decided.
    pub decision: Option<Decision>,
}

/// A stage that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageRecord {
    /// Which.
    pub stage: Stage,
    /// When it began.
    pub begun_at: Timestamp,
    /// When handing it in began: from then on it may be out.
    pub intent_at: Option<Timestamp>,
    /// The filing that it was handed in as; none before that is known.
    pub submission: Option<SubmissionId>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
}

/// One establishment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Establishment {
    /// Its id.
    pub id: EstablishmentId,
    /// By whose software.
    pub client: ClientId,
    /// The company behind the software: it applies until the new company is there.
    pub filer: CorporateNumber,
    /// The filer's share of an agency's turns.
    pub weight: u32,
    /// The filer's `Idempotency-Key`.
    pub key: IdempotencyKey,
    /// What the log of evidence knows its beginning by.
    pub receipt: ReceiptId,
    /// What is said.
    pub form: EstablishmentForm,
    /// What follows from it.
    pub parts: Vec<EstablishmentPart>,
    /// What founders sign: of form and parts.
    pub digest: Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when founders can sign.
    pub sign_until: Timestamp,
    /// Each founder's place, in the form's order.
    pub founders: Vec<FounderStanding>,
    /// Where it stands.
    pub state: EstablishmentState,
    /// When that was last another.
    pub changed_at: Timestamp,
    /// The stages that have begun.
    pub stages: Vec<StageRecord>,
    /// What the registry said, once it is there.
    pub registry: Option<RegistryEntry>,
    /// Why it was returned.
    pub findings: Vec<Finding>,
}

/// What is done with one, for the log of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EstablishmentAct {
    /// It was begun.
    Begun,
    /// The founder at this place signed.
    Signed(usize),
    /// The founder at this place declined.
    Declined(usize),
    /// It was called off.
    Cancelled,
    /// The company is registered.
    Registered,
}

/// What its office is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstablishmentNews {
    /// A founder signed.
    Signed,
    /// A founder declined: it is over.
    Declined,
    /// It was called off.
    Cancelled,
    /// The company is registered.
    Registered,
}

impl EstablishmentNews {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Registered => "registered",
        }
    }
}

/// What happened to which establishment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstablishmentMention {
    /// Which.
    pub id: EstablishmentId,
    /// What happened.
    pub news: EstablishmentNews,
    /// The founder who decided, by their place in the form from 0, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub founder: Option<usize>,
}

impl EstablishmentMention {
    /// What is told of this; nothing of what the office did itself.
    #[must_use]
    pub fn of(id: &EstablishmentId, act: EstablishmentAct) -> Option<Self> {
        let (news, founder) = match act {
            EstablishmentAct::Begun => return None,
            EstablishmentAct::Signed(place) => (EstablishmentNews::Signed, Some(place)),
            EstablishmentAct::Declined(place) => (EstablishmentNews::Declined, Some(place)),
            EstablishmentAct::Cancelled => (EstablishmentNews::Cancelled, None),
            EstablishmentAct::Registered => (EstablishmentNews::Registered, None),
        };
        Some(Self { id: id.clone(), news, founder })
    }
}

/// What one is begun with.
#[derive(Clone, Debug)]
pub struct NewEstablishment {
    /// Its id.
    pub id: EstablishmentId,
    /// By whose software.
    pub client: ClientId,
    /// The company behind the software.
    pub filer: CorporateNumber,
    /// The filer's share of an agency's turns.
    pub weight: u32,
    /// The filer's `Idempotency-Key`.
    pub key: IdempotencyKey,
    /// What the log of evidence will know it by.
    pub receipt: ReceiptId,
    /// What is said.
    pub form: EstablishmentForm,
    /// What follows from it.
    pub parts: Vec<EstablishmentPart>,
    /// Each founder's code, as it is shown.
    pub codes: Vec<String>,
}

/// What is signed: everything that will be said, and to whom.
#[must_use]
pub fn digest_of(form: &EstablishmentForm, parts: &[EstablishmentPart]) -> Digest {
    let whole = serde_json::json!({"form": form, "parts": parts});
    Digest::of(&format!("establishment\n{}", canonical(&whole)))
}

impl Establishment {
    /// One that was just begun.
    #[must_use]
    pub fn new(new: NewEstablishment, now: Timestamp) -> Self {
        let digest = digest_of(&new.form, &new.parts);
        let founders = new.codes.into_iter().map(|code| FounderStanding { code: Some(code), decision: None });
        Self {
            id: new.id,
            client: new.client,
            filer: new.filer,
            weight: new.weight,
            key: new.key,
            receipt: new.receipt,
            form: new.form,
            parts: new.parts,
            digest,
            created_at: now,
            sign_until: now.plus(SIGN_WITHIN),
            founders: founders.collect(),
            state: EstablishmentState::AwaitingSignatures,
            changed_at: now,
            stages: Vec::new(),
            registry: None,
            findings: Vec::new(),
        }
    }

    /// The parts of a stage.
    pub fn parts_of(&self, stage: Stage) -> impl Iterator<Item = &EstablishmentPart> {
        self.parts.iter().filter(move |part| part.stage == stage)
    }

    /// The record of a stage that has begun.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> Option<&StageRecord> {
        self.stages.iter().find(|record| record.stage == stage)
    }

    /// The stage that it is in.
    #[must_use]
    pub fn current(&self) -> Option<&StageRecord> {
        self.stages.last().filter(|record| record.ended_at.is_none())
    }

    /// When something was done that is logged.
    #[must_use]
    pub fn acted_at(&self, act: EstablishmentAct) -> Timestamp {
        match act {
            EstablishmentAct::Signed(place) | EstablishmentAct::Declined(place) => {
                let decision = self.founders.get(place).and_then(|one| one.decision.as_ref());
                decision.map_or(self.changed_at, |decision| decision.at)
            }
            EstablishmentAct::Begun => self.created_at,
            EstablishmentAct::Cancelled | EstablishmentAct::Registered => self.changed_at,
        }
    }

    /// When its records begin to be old: once it is over.
    #[must_use]
    pub fn kept_from(&self) -> Option<Timestamp> {
        self.state.is_final().then_some(self.changed_at)
    }
}

#[cfg(test)]
mod tests;
