//! The part of a filing that goes to one agency, and every step that it can take.

use super::{ArrivalNumber, Finding, Payment, Submission, SubmissionState};
use crate::domain::Refusal;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::ids::{ClientId, DelegationId, DeliveryId, SubmissionId};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is to be done at the agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Hand it in (申請).
    File,
    /// Mend what was handed in (補正).
    Amend,
    /// Take it back (取下げ).
    Withdraw,
}

impl Act {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Amend => "amend",
            Self::Withdraw => "withdraw",
        }
    }
}

/// Why only a person can go on with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkedBecause {
    /// A call may have had its effect, and the agency can neither be asked nor told that it is the same one.
    UnknownOutcome,
    /// Its outcome could not be learnt for as long as one waits.
    NoAnswer,
    /// An operator said so.
    Operator,
}

/// What the agency wants of the filer, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequiredAction {
    /// The last moment for the amendment.
    pub until: Timestamp,
}

/// How an agency says that a filing stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where: arrived, under review, action required, completed, returned or cancelled.
    pub state: SubmissionState,
    /// With an action that is required, until when.
    pub until: Option<Timestamp>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What is to be paid, or was; none where the agency does not say.
    pub payments: Option<Vec<Payment>>,
}

/// The part of a filing that goes to one agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The filing it is part of.
    pub submission: SubmissionId,
    /// Whose software filed it.
    pub client: ClientId,
    /// For whom.
    pub applicant: CorporateNumber,
    /// By which delegation, where the filer files for another company than its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationId>,
    /// To which agency, by its name in the configuration.
    pub agency: String,
    /// Which procedure of that agency (手続識別子 or 届書コード).
    pub procedure: String,
    /// Its place in the filing, from 0.
    pub place: u32,
    /// Where it stands.
    pub state: SubmissionState,
    /// What is to be done, or was done last.
    pub act: Act,
    /// Counts what was to be done at the agency: 0 is the filing itself. Each has a reference of its own there.
    pub round: u32,
    /// How often this round was tried.
    pub attempts: u32,
    /// When it was taken on, or last handed to us anew: an amendment has a patience of its own.
    pub since: Timestamp,
    /// When it was last sent.
    pub tried_at: Option<Timestamp>,
    /// The agency's number.
    pub arrival: Option<ArrivalNumber>,
    /// What the agency wants.
    pub action: Option<RequiredAction>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What the agency wants to be paid, or was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    /// Why it waits for a person here.
    pub parked: Option<ParkedBecause>,
    /// When the agency's decision was heard of: documents may come after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// Where it stood at the agency before this round.
    resume: Option<SubmissionState>,
    /// The states passed since it was read, for the events.
    #[serde(skip)]
    passed: Vec<SubmissionState>,
}

/// What a filing says about one agency.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// The agency's name.
    pub agency: &'a str,
    /// The procedure.
    pub procedure: &'a str,
}

impl Delivery {
    /// A part that was just taken on.
    #[must_use]
    pub fn new(id: DeliveryId, of: &Submission, place: u32, part: &Part<'_>) -> Self {
        Self {
            id,
            submission: of.id.clone(),
            client: of.client.clone(),
            applicant: of.applicant.clone(),
            delegation: of.delegation.clone(),
            agency: part.agency.to_owned(),
            procedure: part.procedure.to_owned(),
            place,
            state: SubmissionState::Accepted,
            act: Act::File,
            round: 0,
            attempts: 0,
            since: of.accepted_at,
            tried_at: None,
            arrival: None,
            action: None,
            findings: Vec::new(),
            payments: Vec::new(),
            parked: None,
            decided_at: None,
            resume: None,
            passed: Vec::new(),
        }
    }

    /// By what the agency knows this round again, however often it is sent.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}-{}", self.id, self.round)
    }

    /// The states passed since it was read.
    #[must_use]
    pub fn passed(&self) -> &[SubmissionState] {
        &self.passed
    }

    /// What was passed is written down.
    pub fn written(&mut self) {
        self.passed.clear();
    }

    /// Whether the outcome of a call is still to be learnt.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.state == SubmissionState::Delivering
    }

    /// It keeps the rules that are known here; it waits for its turn.
    ///
    /// # Errors
    /// `conflict` when it was looked at already.
    pub fn pass_validation(&mut self) -> Result<(), Refusal> {
        if self.state == SubmissionState::Accepted {
            self.step(SubmissionState::Validating)?;
        }
        self.step(SubmissionState::Queued)
    }

    /// It does not keep the rules that are known here: no agency sees it.
    ///
    /// # Errors
    /// `conflict` when it was looked at already.
    pub fn fail_validation(&mut self, findings: Vec<Finding>) -> Result<(), Refusal> {
        if self.state == SubmissionState::Accepted {
            self.step(SubmissionState::Validating)?;
        }
        self.findings = findings;
        self.step(SubmissionState::Returned)
    }

    /// The intent to send, to be durable before anything is sent.
    ///
    /// # Errors
    /// `conflict` unless it waits for its turn.
    pub fn begin(&mut self, now: Timestamp) -> Result<(), Refusal> {
        self.step(SubmissionState::Delivering)?;
        self.attempts = self.attempts.saturating_add(1);
        self.tried_at = Some(now);
        Ok(())
    }

    /// One more try of a round whose outcome is not known, under the same reference.
    pub fn begin_again(&mut self, now: Timestamp) {
        self.attempts = self.attempts.saturating_add(1);
        self.tried_at = Some(now);
    }

    /// The agency has taken this round.
    ///
    /// # Errors
    /// `conflict` unless it was on its way.
    pub fn taken(&mut self, arrival: ArrivalNumber, findings: Vec<Finding>) -> Result<(), Refusal> {
        let next = match self.act {
            Act::File => SubmissionState::Arrived,
            Act::Amend => SubmissionState::UnderReview,
            Act::Withdraw => SubmissionState::Cancelled,
        };
        self.step(next)?;
        self.arrival.get_or_insert(arrival);
        self.action = None;
        self.findings = findings;
        Ok(())
    }

    /// The agency does not take this round, for good: a filing comes back, an amendment or withdrawal leaves it as it was.
    ///
    /// # Errors
    /// `conflict` unless it was on its way.
    pub fn refused(&mut self, findings: Vec<Finding>) -> Result<(), Refusal> {
        self.step(match self.act {
            Act::File => SubmissionState::Returned,
            Act::Amend | Act::Withdraw => self.resume.unwrap_or(SubmissionState::UnderReview),
        })?;
        self.findings = findings;
        Ok(())
    }

    /// The agency certainly does not have this round: it waits for another turn.
    ///
    /// # Errors
    /// `conflict` unless it was on its way.
    pub fn not_taken(&mut self) -> Result<(), Refusal> {
        self.step(SubmissionState::Queued)
    }

    /// Nobody tries any more what the agency certainly does not have.
    ///
    /// # Errors
    /// `conflict` unless it waits for its turn.
    pub fn give_up(&mut self) -> Result<(), Refusal> {
        self.step(match self.act {
            Act::File => SubmissionState::Failed,
            Act::Amend | Act::Withdraw => self.resume.unwrap_or(SubmissionState::UnderReview),
        })
    }

    /// From now on only a person goes on with it.
    pub fn park(&mut self, because: ParkedBecause) {
        self.parked = Some(because);
        self.passed.push(self.state);
    }

    /// A person lets it go on. Where it was parked for an unknown outcome, they have asked the agency, and it does not
    /// have it; otherwise what is in doubt stays so.
    ///
    /// # Errors
    /// `conflict` unless it is parked.
    pub fn unpark(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let because = self.parked.take().ok_or_else(|| conflict("it is not parked"))?;
        // Patience begins anew, or it would be given up at once.
        self.since = now;
        if because == ParkedBecause::UnknownOutcome && self.is_in_doubt() {
            return self.not_taken();
        }
        self.passed.push(self.state);
        Ok(())
    }

    /// The agency says where it stands; true when that is news.
    ///
    /// # Errors
    /// `conflict` for a step that is not legal: then what the agency says is not believed.
    pub fn seen(&mut self, standing: Standing) -> Result<bool, Refusal> {
        let action = standing.until.map(|until| RequiredAction { until });
        let action = action.filter(|_| standing.state == SubmissionState::ActionRequired);
        let payments = standing.payments.unwrap_or_else(|| self.payments.clone());
        let is_other = standing.state != self.state || action != self.action || payments != self.payments;
        if !is_other {
            return Ok(false);
        }
        if standing.state == self.state {
            self.passed.push(self.state);
        } else {
            self.step(standing.state)?;
        }
        self.action = action;
        self.findings = standing.findings;
        self.payments = payments;
        Ok(true)
    }

    /// Notes when the agency decided, once.
    pub fn note_decision(&mut self, now: Timestamp) {
        if matches!(self.state, SubmissionState::Completed | SubmissionState::Returned) {
            self.decided_at.get_or_insert(now);
        }
    }

    /// Calls off what no agency has. An amendment or withdrawal that waits is called off alone.
    ///
    /// # Errors
    /// `conflict` when it was or may have been sent, or is over.
    pub fn cancel(&mut self) -> Result<(), Refusal> {
        if !self.state.is_unsent() {
            return Err(conflict("it was or may have been sent already: withdraw it"));
        }
        self.parked = None;
        match self.act {
            Act::File => self.step(SubmissionState::Cancelled),
            Act::Amend | Act::Withdraw => self.step(self.resume.unwrap_or(SubmissionState::UnderReview)),
        }
    }

    /// Sends an amendment (補正) that the agency asked for.
    ///
    /// # Errors
    /// `conflict` unless one is asked for and its time is not over.
    pub fn amend(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let is_in_time = self.action.is_some_and(|action| now < action.until);
        if self.state != SubmissionState::ActionRequired || !is_in_time {
            return Err(conflict("no amendment is asked for, or its time is over"));
        }
        self.next_round(Act::Amend, now)
    }

    /// Asks the agency to take it back (取下げ).
    ///
    /// # Errors
    /// `conflict` unless the agency has it and has not decided.
    pub fn withdraw(&mut self, now: Timestamp) -> Result<(), Refusal> {
        if !self.state.is_with_agency() {
            return Err(conflict("no agency has it, or it is decided: only what an agency has can be withdrawn"));
        }
        self.next_round(Act::Withdraw, now)
    }

    fn next_round(&mut self, act: Act, now: Timestamp) -> Result<(), Refusal> {
        let before = self.state;
        self.step(SubmissionState::Queued)?;
        self.resume = Some(before);
        (self.act, self.round, self.attempts, self.since) = (act, self.round.saturating_add(1), 0, now);
        Ok(())
    }

    fn step(&mut self, next: SubmissionState) -> Result<(), Refusal> {
        if !self.state.may_become(next) {
            return Err(conflict(&format!("from {} it cannot become {}", self.state.as_str(), next.as_str())));
        }
        self.state = next;
        self.passed.push(next);
        Ok(())
    }
}

fn conflict(words: &str) -> Refusal {
    Refusal::new("conflict", format!("This cannot be done with the delivery as it stands: {words}."))
}
