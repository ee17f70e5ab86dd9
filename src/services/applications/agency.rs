//! The municipality's side: what came, what it says, and each step that the municipality takes.

use super::AgencySignature;
use super::Applications;
use super::agency_view::{AgencyApplication, AgencyApplicationPage, AgencyApplicationSummary};
use super::body::{AskAmendment, DecideApplication, ReviewApplication};
use super::files::{ApplicationFile, FileKind, written};
use crate::domain::application::{Application, ApplicationNews, Decision};
use crate::domain::ids::ApplicationId;
use crate::domain::interview::InterviewNeed;
use crate::domain::{Failure, Refusal, Timestamp};
use crate::gateway::Permit;
use crate::services::body::{feed, read};
use crate::store::HeldApplication;

impl Applications {
    /// What came to the municipality behind this client, or changed, in that order.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found` where it is no municipality; `invalid_value` naming the parameter.
    pub async fn received(&self, permit: &Permit, query: &str) -> Result<AgencyApplicationPage, Failure> {
        self.parts.gateway.clear_taking_applications(permit).await?;
        let (after, limit) = feed(query)?;
        let municipality = municipality(permit)?;
        let found = self.parts.store.list_received_applications(municipality, after, limit).await?;
        let mut items = Vec::with_capacity(found.len());
        for held in &found {
            items.push(AgencyApplicationSummary::of(held, &self.standing(&held.application).await?));
        }
        Ok(AgencyApplicationPage { items, next: found.last().map_or(after, |held| held.place) })
    }

    /// What one says: counted and logged, then given.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found` for another municipality's, too; `evidence_unavailable`.
    pub async fn received_one(&self, permit: &Permit, id: &str) -> Result<AgencyApplication, Failure> {
        let held = self.given(permit, id).await?;
        self.told(&held).await
    }

    /// The same as a file.
    ///
    /// # Errors
    /// Those of [`received_one`](Self::received_one).
    pub async fn received_file(&self, permit: &Permit, id: &str, kind: FileKind) -> Result<ApplicationFile, Failure> {
        let held = self.given(permit, id).await?;
        let view = self.told(&held).await?;
        let form = self.parts.forms.get(&held.application.form);
        Ok(written((&view, form), &held.application, kind)?)
    }

    /// The person's signature on one, with what was signed: counted and logged as what the application says is, then given.
    ///
    /// # Errors
    /// Those of [`received_one`](Self::received_one); `not_found` where it is not signed, too.
    pub async fn received_signature(&self, permit: &Permit, id: &str) -> Result<AgencySignature, Failure> {
        let held = self.to_municipality(permit, id).await?;
        let words = "It is not signed: check in person who applied, where the procedure asks for that.";
        let signature = held.application.signature.clone();
        let signature = signature.ok_or_else(|| Refusal::new("not_found", words).at("id"))?;
        let given = self.counted(permit, &held).await?;
        Ok(AgencySignature::of(&given.application, &signature))
    }

    /// Says that the municipality looks into one, or how far it is with that.
    ///
    /// # Errors
    /// `refused_by_policy`, `not_found`; `invalid_value`; `conflict` when it is over, or changed meanwhile.
    pub async fn review(&self, permit: &Permit, id: &str, bytes: &[u8]) -> Result<AgencyApplication, Failure> {
        let held = self.to_municipality(permit, id).await?;
        let note = read::<ReviewApplication>(bytes)?.read()?;
        let step = |next: &mut Application, now| next.review(note, now);
        self.step(permit, held, ApplicationNews::UnderReview, step).await
    }

    /// Asks that one be mended (補正).
    ///
    /// # Errors
    /// Those of [`review`](Self::review).
    pub async fn ask_amendment(&self, permit: &Permit, id: &str, bytes: &[u8]) -> Result<AgencyApplication, Failure> {
        let held = self.to_municipality(permit, id).await?;
        let ask = read::<AskAmendment>(bytes)?.read(self.parts.clock.now())?;
        let step = |next: &mut Application, _| next.ask(ask);
        self.step(permit, held, ApplicationNews::AmendmentRequested, step).await
    }

    /// Delivers the result of one.
    ///
    /// # Errors
    /// Those of [`review`](Self::review); `interview_not_held` when it would be approved before the interview that its form
    /// asks for.
    pub async fn decide(&self, permit: &Permit, id: &str, bytes: &[u8]) -> Result<AgencyApplication, Failure> {
        let held = self.to_municipality(permit, id).await?;
        let outcome = read::<DecideApplication>(bytes)?.read(self.parts.clock.now())?;
        let needs_interview = self.interview_need(&held.application) == Some(InterviewNeed::Required);
        if outcome.decision == Decision::Approved && needs_interview && !held.application.was_interviewed() {
            let words =
                "The form asks for an interview: record that whoever applied came, or was met otherwise, first.";
            return Err(Refusal::new("interview_not_held", words).at("/decision").into());
        }
        let step = |next: &mut Application, _| next.decide(outcome);
        self.step(permit, held, ApplicationNews::Decided, step).await
    }

    pub(super) async fn step(
        &self,
        permit: &Permit,
        held: HeldApplication,
        news: ApplicationNews,
        step: impl FnOnce(&mut Application, Timestamp) -> Result<(), Refusal> + Send,
    ) -> Result<AgencyApplication, Failure> {
        let (mut next, now) = (held.application.clone(), self.parts.clock.now());
        step(&mut next, now)?;
        let changed = self.change(permit, (&held, next), (news, now)).await?;
        self.told(&changed).await
    }

    async fn given(&self, permit: &Permit, id: &str) -> Result<HeldApplication, Failure> {
        let held = self.to_municipality(permit, id).await?;
        self.counted(permit, &held).await
    }

    /// Writes down that its municipality is given something of it, before it is.
    pub(super) async fn counted(&self, permit: &Permit, held: &HeldApplication) -> Result<HeldApplication, Failure> {
        self.parts.evidence.intake().admit()?;
        let by = (&permit.client().id, self.parts.clock.now());
        let one = &held.application;
        let given = self.parts.store.read_application(&one.id, &one.municipality, by).await?;
        Ok(given.ok_or_else(nothing)?)
    }

    /// One that was made to the municipality behind this client.
    pub(super) async fn to_municipality(&self, permit: &Permit, id: &str) -> Result<HeldApplication, Failure> {
        let municipality = municipality(permit)?;
        let found = match ApplicationId::parse(id) {
            Ok(id) => self.parts.store.find_application(&id).await?,
            Err(_) => None,
        };
        let found = found.filter(|held| held.application.municipality == municipality).ok_or_else(nothing)?;
        self.parts.gateway.clear_taking_applications(permit).await?;
        Ok(found)
    }

    pub(super) async fn told(&self, held: &HeldApplication) -> Result<AgencyApplication, Failure> {
        let standing = self.standing(&held.application).await?;
        let form = self.parts.forms.get(&held.application.form);
        Ok(AgencyApplication::of(held, &standing, (form, &self.parts.standards)))
    }
}

pub(super) fn municipality(permit: &Permit) -> Result<&str, Refusal> {
    permit.client().corporate_number.local_government().ok_or_else(nothing)
}

fn nothing() -> Refusal {
    Refusal::new("not_found", "No application with this id was made to your municipality.").at("id")
}
