//! An application (電子申請) of a citizen to one municipality, and what becomes of it.
//!
//! arrived (到達) → under review (審査中) ⇄ amendment requested (補正) → amended → approved or rejected; withdrawn (取下げ) by whoever
//! applied, as long as nothing is decided. Each change is one step of its timeline; none is ever taken away.

mod certificate;
mod draft;
mod interview;
mod news;
mod state;
#[cfg(test)]
mod tests;

pub use certificate::AttachedCertificate;
pub use draft::{ApplicationDraft, MOST_DRAFTS};
pub use interview::{Interview, InterviewStep};
pub use news::{ApplicationMention, ApplicationNews};
pub use state::ApplicationState;

use super::attachment::AttachedFile;
use super::electronic_signature::ElectronicSignature;
use super::entropy::Entropy;
use super::ids::{ApplicationBatchId, ApplicationId, ClientId, ReceiptId, SubjectId};
use super::refusal::Refusal;
use super::retrieval::IdempotencyKey;
use super::secret::Digest;
use super::time::Timestamp;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Most steps of one timeline: one that goes on for ever is no application.
const MOST_STEPS: usize = 100;

/// Who applies (申請者区分).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicantKind {
    /// The person whom it is about, or who brings up the child (本人).
    #[serde(rename = "self")]
    Oneself,
    /// A member of the family (家族).
    Family,
    /// Somebody who does so for them, as a care manager does (代理人・代行者).
    Agent,
}

impl ApplicantKind {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Oneself => "self",
            Self::Family => "family",
            Self::Agent => "agent",
        }
    }
}

/// Who applied, and as what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppliedBy {
    /// As what.
    pub kind: ApplicantKind,
    /// Their name, where they are another than the person whom it is about.
    pub name: Option<String>,
    /// What a member of the family is to that person (続柄).
    pub relationship: Option<String>,
    /// For whom an agent works.
    pub organisation: Option<String>,
    /// The number of that (事業者番号), where it has one.
    pub organisation_number: Option<String>,
}

/// What an application says: its form's items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// Items that are there once.
    pub applicant: Value,
    /// Items of each child, or member of the household.
    pub entries: Value,
}

impl Answers {
    /// The digest of what is said.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&format!("application\n{}\n{}", self.applicant, self.entries))
    }
}

/// One place that a municipality asks to be mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApplicationAmendmentItem)]
pub struct AmendmentItem {
    /// Where, as a JSON pointer (RFC 6901) into the application; empty for the whole.
    #[schema(example = "/answers/entries/0/birth_date")]
    pub pointer: String,
    /// What is wrong, and how to mend it: 1 to 500 characters.
    #[schema(example = "母子健康手帳の記載と異なります。")]
    pub message: String,
}

/// What a municipality asks to be mended (補正), and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmendmentAsk {
    /// What.
    pub items: Vec<AmendmentItem>,
    /// The last day.
    pub until: NaiveDate,
    /// When it was asked.
    pub at: Timestamp,
}

/// What a municipality decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApplicationDecision)]
pub enum Decision {
    /// What was applied for is given (承認・決定).
    Approved,
    /// It is not (不承認・却下).
    Rejected,
}

/// The result, as it was delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// What.
    pub decision: Decision,
    /// The title of the notice.
    pub title: String,
    /// What the notice says.
    pub text: String,
    /// The day of the decision.
    pub decided_on: NaiveDate,
    /// When it was delivered.
    pub at: Timestamp,
}

/// Who took a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApplicationActor)]
pub enum Actor {
    /// Whoever applied.
    Applicant,
    /// The municipality.
    Municipality,
}

/// One step of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Where it came to stand.
    pub state: ApplicationState,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// What the municipality said with it, in its own words.
    pub note: Option<String>,
}

/// That an application was handed in together with others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Which.
    pub id: ApplicationBatchId,
    /// For which life event, by its code.
    pub life_event: String,
    /// Which of them this one is, from 0.
    pub position: u16,
}

/// An application as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Its id.
    pub id: ApplicationId,
    /// By whose software it was made.
    pub client: ClientId,
    /// Who signed in and consented.
    pub subject: SubjectId,
    /// The municipality (全国地方公共団体コード), which whoever applied chose.
    pub municipality: String,
    /// Which procedure, by the code that it has at every municipality.
    pub procedure: String,
    /// In which form.
    pub form: String,
    /// Who applied, as what.
    pub applied_by: AppliedBy,
    /// Whether the person handed it in at the counter's own pages, from what the software prepared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_by_person: bool,
    /// The person's signature (電子署名) over what it said when it was handed in, where it was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Box<ElectronicSignature>>,
    /// The batch that it was handed in with, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Batch>,
    /// What it says now.
    pub answers: Answers,
    /// The certificates of employment that go with it now.
    pub certificates: Vec<AttachedCertificate>,
    /// The documents that go with it now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<AttachedFile>,
    /// By what the same call is known again.
    pub key: IdempotencyKey,
    /// The arrival number (到達番号).
    pub arrival: String,
    /// When it arrived.
    pub arrived_at: Timestamp,
    /// What the log of evidence knows its arrival by.
    pub receipt: ReceiptId,
    /// Where it stands.
    pub state: ApplicationState,
    /// How it came there.
    pub timeline: Vec<Step>,
    /// What is to be mended, as long as it is.
    pub asked: Option<AmendmentAsk>,
    /// The result, once there is one.
    pub outcome: Option<Outcome>,
    /// The interview (面談) that goes with it, once anything was booked or recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interview: Option<Interview>,
}

/// The letters and digits of arrival numbers: none that is taken for another (Crockford's).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new arrival number: the day in Japan, and 60 unguessable bits.
#[must_use]
pub fn arrival_number(at: Timestamp, entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 12];
    entropy.fill(&mut bytes);
    let letters = bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 32))).map(|letter| char::from(*letter));
    format!("{}-{}", at.date_in_japan().format("%Y%m%d"), letters.collect::<String>())
}

impl Application {
    /// Whether anything can still happen to it.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.state.is_over()
    }

    /// Withdraws it.
    ///
    /// # Errors
    /// `conflict` when it is decided or withdrawn already.
    pub fn withdraw(&mut self, at: Timestamp) -> Result<(), Refusal> {
        self.step(ApplicationState::Withdrawn, (Actor::Applicant, at), None)?;
        self.asked = None;
        self.free_appointment(Actor::Applicant, at);
        Ok(())
    }

    /// Mends it as it was asked.
    ///
    /// # Errors
    /// `conflict` when nothing is asked, or it is too late.
    pub fn amend(
        &mut self,
        (answers, certificates, files): (Answers, Vec<AttachedCertificate>, Vec<AttachedFile>),
        at: Timestamp,
    ) -> Result<(), Refusal> {
        if self.asked.as_ref().is_some_and(|ask| at.date_in_japan() > ask.until) {
            return Err(Refusal::new(
                "conflict",
                "The day until which it could be amended is over: ask the municipality.",
            ));
        }
        self.step(ApplicationState::Amended, (Actor::Applicant, at), None)?;
        (self.answers, self.certificates, self.files, self.asked) = (answers, certificates, files, None);
        Ok(())
    }

    /// The municipality looks into it, or is one stage further in that.
    ///
    /// # Errors
    /// `conflict` when it is over.
    pub fn review(&mut self, note: Option<String>, at: Timestamp) -> Result<(), Refusal> {
        self.step(ApplicationState::UnderReview, (Actor::Municipality, at), note)?;
        self.asked = None;
        Ok(())
    }

    /// The municipality asks that it be mended.
    ///
    /// # Errors
    /// `conflict` when it is over, or is being mended already.
    pub fn ask(&mut self, ask: AmendmentAsk) -> Result<(), Refusal> {
        self.step(ApplicationState::AmendmentRequested, (Actor::Municipality, ask.at), None)?;
        self.asked = Some(ask);
        Ok(())
    }

    /// The municipality delivers the result.
    ///
    /// # Errors
    /// `conflict` when it is over, or an amendment is awaited and the result approves it.
    pub fn decide(&mut self, outcome: Outcome) -> Result<(), Refusal> {
        let state = match outcome.decision {
            Decision::Approved => ApplicationState::Approved,
            Decision::Rejected => ApplicationState::Rejected,
        };
        self.step(state, (Actor::Municipality, outcome.at), None)?;
        self.free_appointment(Actor::Municipality, outcome.at);
        (self.outcome, self.asked) = (Some(outcome), None);
        Ok(())
    }

    fn step(
        &mut self,
        to: ApplicationState,
        (by, at): (Actor, Timestamp),
        note: Option<String>,
    ) -> Result<(), Refusal> {
        self.state.check(to)?;
        // What ends it always has a place.
        if self.timeline.len() >= MOST_STEPS && !to.is_over() {
            return Err(Refusal::new("conflict", "Its timeline is full: it can only be decided or withdrawn."));
        }
        self.state = to;
        self.timeline.push(Step { state: to, by, at, note });
        Ok(())
    }
}
