//! The steps of an establishment: each refuses what is not legal.

use super::{
    CompanyKind, Decision, Establishment, EstablishmentState, FounderStanding, RegistryEntry, Stage, StageRecord,
};
use crate::domain::ids::{SubjectId, SubmissionId};
use crate::domain::submission::{Finding, SubmissionState};
use crate::domain::{Digest, Refusal, Timestamp};

impl Establishment {
    /// A founder signs what has this digest. With the last signature the first stage begins.
    ///
    /// # Errors
    /// `conflict` when it is over, was decided, is another by now, or the same person signed for another founder.
    pub fn sign(
        &mut self,
        place: usize,
        (subject, digest): (&SubjectId, Digest),
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.decide(place, Decision { at: now, subject: subject.clone(), is_signed: true, digest })?;
        if self.founders.iter().all(|one| one.decision.as_ref().is_some_and(|decision| decision.is_signed)) {
            let stage = match self.form.kind {
                CompanyKind::Kabushiki => Stage::Certification,
                CompanyKind::Godo => Stage::Registration,
            };
            self.begin(stage, now)?;
        }
        Ok(())
    }

    /// A founder declines: nothing goes out.
    ///
    /// # Errors
    /// Those of [`sign`](Self::sign).
    pub fn decline(
        &mut self,
        place: usize,
        (subject, digest): (&SubjectId, Digest),
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.decide(place, Decision { at: now, subject: subject.clone(), is_signed: false, digest })?;
        self.step(EstablishmentState::Declined, now)
    }

    fn decide(&mut self, place: usize, decision: Decision) -> Result<(), Refusal> {
        if self.state != EstablishmentState::AwaitingSignatures || decision.at >= self.sign_until {
            return Err(conflict("nobody can sign any more"));
        }
        if decision.digest != self.digest {
            return Err(conflict("what was looked at is not what is to be signed"));
        }
        let same = |one: &FounderStanding| one.decision.as_ref().is_some_and(|d| d.subject == decision.subject);
        if self.founders.iter().any(same) {
            return Err(conflict(
                "each founder signs after a sign-in of their own, and this person has decided already",
            ));
        }
        let founder = self.founders.get_mut(place).ok_or_else(|| conflict("there is no such founder"))?;
        if founder.decision.is_some() {
            return Err(conflict("this founder has decided already"));
        }
        (founder.code, founder.decision) = (None, Some(decision));
        Ok(())
    }

    /// The time for signatures is over.
    ///
    /// # Errors
    /// `conflict` when it is not, or they are all there.
    pub fn expire(&mut self, now: Timestamp) -> Result<(), Refusal> {
        if now < self.sign_until {
            return Err(conflict("founders can still sign"));
        }
        self.step(EstablishmentState::Expired, now)
    }

    /// A stage begins, to be handed in next.
    ///
    /// # Errors
    /// `conflict` out of order.
    pub fn begin(&mut self, stage: Stage, now: Timestamp) -> Result<(), Refusal> {
        if let Some(last) = self.stages.last_mut() {
            last.ended_at.get_or_insert(now);
        }
        self.step(
            match stage {
                Stage::Certification => EstablishmentState::Certifying,
                Stage::Registration => EstablishmentState::Registering,
                Stage::Notification => EstablishmentState::Notifying,
            },
            now,
        )?;
        self.stages.push(StageRecord { stage, begun_at: now, intent_at: None, submission: None, ended_at: None });
        Ok(())
    }

    /// The stage that it is in is handed in from now on; to be durable before it is.
    pub fn intend(&mut self, now: Timestamp) {
        if let Some(last) = self.stages.last_mut() {
            last.intent_at.get_or_insert(now);
        }
    }

    /// The stage that it is in was handed in.
    pub fn handed_in(&mut self, submission: SubmissionId) {
        if let Some(last) = self.stages.last_mut() {
            last.submission.get_or_insert(submission);
        }
    }

    /// The company is there: what the registry said of it is told to the others.
    ///
    /// # Errors
    /// `conflict` out of order.
    pub fn register(&mut self, entry: RegistryEntry, now: Timestamp) -> Result<(), Refusal> {
        self.begin(Stage::Notification, now)?;
        self.registry = Some(entry);
        Ok(())
    }

    /// An agency has decided about a stage that comes before the company's being there, and not for it.
    ///
    /// # Errors
    /// `conflict` out of order.
    pub fn fall(&mut self, as_what: SubmissionState, findings: Vec<Finding>, now: Timestamp) -> Result<(), Refusal> {
        self.findings = findings;
        self.step(
            match as_what {
                SubmissionState::Cancelled => EstablishmentState::Cancelled,
                _ => EstablishmentState::Returned,
            },
            now,
        )
    }

    /// Every office of the last stage has decided.
    ///
    /// # Errors
    /// `conflict` out of order.
    pub fn complete(&mut self, now: Timestamp) -> Result<(), Refusal> {
        self.step(EstablishmentState::Completed, now)
    }

    /// Calls it off. What the notary has of it is asked back first.
    ///
    /// # Errors
    /// `not_cancellable` once its registration is under way; `conflict` while a stage is handed in just now.
    pub fn cancel(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let (is_intended, is_in) =
            self.current().map_or((false, false), |record| (record.intent_at.is_some(), record.submission.is_some()));
        match self.state {
            EstablishmentState::AwaitingSignatures => self.step(EstablishmentState::Cancelled, now),
            EstablishmentState::Certifying | EstablishmentState::Registering if !is_intended => {
                self.step(EstablishmentState::Cancelled, now)
            }
            EstablishmentState::Certifying | EstablishmentState::Registering if !is_in => {
                Err(conflict("it is handed in just now; call it off in a moment"))
            }
            EstablishmentState::Certifying => self.step(EstablishmentState::Cancelling, now),
            _ => Err(self.not_cancellable()),
        }
    }

    /// Nothing of it is with an agency any more.
    ///
    /// # Errors
    /// `conflict` unless it was being called off.
    pub fn cancelled(&mut self, now: Timestamp) -> Result<(), Refusal> {
        self.step(EstablishmentState::Cancelled, now)
    }

    /// Why it cannot be called off, and what can be done instead.
    #[must_use]
    pub fn not_cancellable(&self) -> Refusal {
        let words = match self.state {
            EstablishmentState::Registering => {
                "The registration (設立登記) is with the legal affairs bureau. Withdraw that filing (POST \
                 /v1/submissions/{id}/withdraw) while the bureau has not decided; once the company is registered it can \
                 only be dissolved (解散・清算)."
            }
            EstablishmentState::Notifying | EstablishmentState::Completed => {
                "The company is registered: it can only be dissolved (解散・清算). Notices that an office has not decided \
                 can be withdrawn (POST /v1/submissions/{id}/withdraw)."
            }
            _ => "It is over, or being called off already.",
        };
        Refusal::new("not_cancellable", words)
    }

    fn step(&mut self, next: EstablishmentState, now: Timestamp) -> Result<(), Refusal> {
        if !self.state.may_become(next) {
            return Err(conflict(&format!("from {} it cannot become {}", self.state.as_str(), next.as_str())));
        }
        (self.state, self.changed_at) = (next, now);
        if next != EstablishmentState::AwaitingSignatures {
            self.founders.iter_mut().for_each(|one| one.code = None);
        }
        if next.is_final()
            && let Some(last) = self.stages.last_mut()
        {
            last.ended_at.get_or_insert(now);
        }
        Ok(())
    }
}

fn conflict(words: &str) -> Refusal {
    Refusal::new("conflict", format!("This cannot be done with the establishment as it stands: {words}."))
}
