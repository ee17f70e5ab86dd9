//! Establishments of companies (法人設立ワンストップ): one form, signed by every founder, handed in stage by stage.
//!
//! How it flows:
//! 1. `plan` derives from the form which procedures follow, to whom, until when, and what is wrong; the same for a dry run.
//! 2. [`Submissions::begin_establishment`] writes it down with a code for each founder; [`Submissions::decide`] takes a
//!    founder's signature by one conditional write. With the last one the first stage begins.
//! 3. `advance` takes one step with one that is due: the intent to hand a stage in is durable first, then [`accept`] takes it
//!    on by a key of the stage's own, so that a crash neither loses nor doubles it, then the filing's id is written.
//! 4. When the bureau has registered the company, its entry is read, held against the form, and told to the other offices:
//!    each part of the last stage goes its own way, whatever becomes of the others.
//!
//! How to add one more procedure: its file under `policies/procedures/`, its line in `derive`, its items in `facts` or `members`.
//!
//! What it must never do: hand in what not every founder signed; begin the registration of what was called off; believe an
//! entry that is not the answer to the form.
//!
//! [`accept`]: Submissions::accept

mod advance;
mod derive;
mod facts;
mod members;
mod outcome;
mod plan;
mod rules;

pub use plan::{EstablishmentPlan, PlannedFiling};

use super::accept::key_reused;
use super::deliver::{MOST_CHANGES, restless};
use super::{Filer, Submissions};
use crate::domain::establishment::{
    Establishment, EstablishmentAct, EstablishmentForm, EstablishmentState, NewEstablishment,
};
use crate::domain::ids::{ClientId, EstablishmentId, ReceiptId, SubjectId, SubmissionId};
use crate::domain::invitation::InvitationCode;
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::submission::{SubmissionState, refuse};
use crate::domain::{Digest, Failure, Fault, Refusal, Timestamp};
use crate::store::{Before, EstablishmentChange, HeldEstablishment, InsertedEstablishment};
use crate::submissions::Whole;
use chrono::NaiveDate;

/// What a founder decides, and by what.
#[derive(Clone, Copy, Debug)]
pub struct FoundersWord<'a> {
    /// The code that the founder was given.
    pub code: &'a InvitationCode,
    /// Who it is, after a sign-in of their own.
    pub subject: &'a SubjectId,
    /// The digest of what they looked at.
    pub digest: Digest,
    /// Whether they sign; else they decline.
    pub is_signed: bool,
}

impl Submissions {
    /// What follows from a form, and what is wrong with it; nothing is kept.
    #[must_use]
    pub fn plan_establishment(&self, filer: &Filer<'_>, form: &EstablishmentForm) -> EstablishmentPlan {
        let agencies: Vec<_> = self.agencies().collect();
        plan::Maker::new(form, (&self.parts.procedures, &agencies), self.parts.clock.now().date_in_japan())
            .plan(filer.company)
    }

    /// Begins one: durable, with its leaf and its founders' codes, when this returns.
    ///
    /// # Errors
    /// `invalid_filing` with everything that was found; `idempotency_key_reused`, `evidence_unavailable`.
    pub async fn begin_establishment(
        &self,
        filer: &Filer<'_>,
        form: EstablishmentForm,
        key: IdempotencyKey,
    ) -> Result<Establishment, Failure> {
        let plan = self.plan_establishment(filer, &form);
        refuse(plan.findings.clone())?;
        let entropy = &*self.parts.entropy;
        let codes: Vec<InvitationCode> = form.founders.iter().map(|_| InvitationCode::generate(entropy)).collect();
        let new = NewEstablishment {
            id: EstablishmentId::generate(entropy),
            client: filer.client.clone(),
            filer: filer.company.clone(),
            weight: filer.weight,
            key,
            receipt: ReceiptId::generate(entropy),
            parts: plan.parts(),
            form,
            codes: codes.iter().map(|code| code.shown().expose().clone()).collect(),
        };
        let new = Establishment::new(new, self.parts.clock.now());
        let digests: Vec<Digest> = codes.iter().map(InvitationCode::digest).collect();
        self.parts.evidence.intake().admit()?;
        match self.parts.store.insert_establishment(&new, &digests).await? {
            InsertedEstablishment::New => Ok(new),
            InsertedEstablishment::Same(earlier) => Ok(earlier.establishment),
            InsertedEstablishment::KeyReused => Err(key_reused().into()),
        }
    }

    /// The filer's own establishment with this id.
    ///
    /// # Errors
    /// `not_found` for another's, too.
    pub async fn find_establishment(&self, client: &ClientId, id: &str) -> Result<Establishment, Failure> {
        Ok(self.own_establishment(client, id).await?.establishment)
    }

    async fn own_establishment(&self, client: &ClientId, id: &str) -> Result<HeldEstablishment, Failure> {
        let found = match EstablishmentId::parse(id) {
            Ok(id) => self.parts.store.find_establishment(&id).await?,
            Err(_) => None,
        };
        let own = found.filter(|held| held.establishment.client == *client);
        own.ok_or_else(|| Refusal::new("not_found", "You began no establishment with this id.").at("id").into())
    }

    /// A client's establishments, newest first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn list_establishments(
        &self,
        client: &ClientId,
        before: &Before<EstablishmentId>,
    ) -> Result<Vec<Establishment>, Fault> {
        let found = self.parts.store.list_establishments(client, before).await?;
        Ok(found.into_iter().map(|held| held.establishment).collect())
    }

    /// The filings that its stages were handed in as, in order.
    ///
    /// # Errors
    /// When the store is away. One that is not kept any more is left out.
    pub async fn stages_of(&self, one: &Establishment) -> Result<Vec<Whole>, Fault> {
        let mut found = Vec::new();
        for id in one.stages.iter().filter_map(|record| record.submission.as_ref()) {
            match self.find(&one.client, id.as_str()).await {
                Ok(whole) => found.push(whole),
                Err(Failure::Refused(_)) => {}
                Err(Failure::Broken(fault)) => return Err(fault),
            }
        }
        Ok(found)
    }

    /// Until when a part is to be filed: by the registry's entry, or as if the company were established on the day of the
    /// form; none where no day is fixed.
    #[must_use]
    pub fn due_on(&self, one: &Establishment, procedure: &str) -> Option<NaiveDate> {
        let procedure = self.parts.procedures.get(procedure)?;
        let entry = one.registry.clone().unwrap_or_else(|| plan::assumed(&one.form, &one.filer, one.form.establish_on));
        facts::Facts::new(&one.form, Some(&entry)).due_on(procedure, self.parts.clock.now().date_in_japan())
    }

    /// What a founder's code opens, and the founder's place; none once it was used or is over.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn open_establishment(&self, code: &InvitationCode) -> Result<Option<(Establishment, usize)>, Fault> {
        Ok(self.open(code).await?.map(|(held, place)| (held.establishment, place)))
    }

    async fn open(&self, code: &InvitationCode) -> Result<Option<(HeldEstablishment, usize)>, Fault> {
        let found = self.parts.store.find_establishment_by_code(code.digest()).await?;
        let now = self.parts.clock.now();
        let is_open = |one: &Establishment, place: usize| {
            one.state == EstablishmentState::AwaitingSignatures
                && now < one.sign_until
                && one.founders.get(place).is_some_and(|founder| founder.decision.is_none())
        };
        Ok(found.filter(|(held, place)| is_open(&held.establishment, *place)))
    }

    /// Takes a founder's signature, or that they decline: by one conditional write, with its leaf.
    ///
    /// # Errors
    /// `not_found` for a code that opens nothing any more; `conflict` where the person decided for another founder, or what
    /// they looked at is another; `evidence_unavailable`.
    pub async fn decide(&self, word: &FoundersWord<'_>) -> Result<Establishment, Failure> {
        self.parts.evidence.intake().admit()?;
        for _ in 0..MOST_CHANGES {
            let Some((held, place)) = self.open(word.code).await? else {
                return Err(Refusal::new("not_found", "This code opens nothing any more.").into());
            };
            let (mut one, now) = (held.establishment, self.parts.clock.now());
            let by = (word.subject, word.digest);
            let act = if word.is_signed {
                one.sign(place, by, now)?;
                EstablishmentAct::Signed(place)
            } else {
                one.decline(place, by, now)?;
                EstablishmentAct::Declined(place)
            };
            if self.write_establishment(&one, held.version, Some(act)).await? {
                return Ok(one);
            }
        }
        Err(restless().into())
    }

    /// Calls one off, as long as its registration is not under way.
    ///
    /// # Errors
    /// `not_found`; `not_cancellable`; `conflict` while a stage is handed in just now; `evidence_unavailable`.
    pub async fn cancel_establishment(&self, client: &ClientId, id: &str) -> Result<Establishment, Failure> {
        self.parts.evidence.intake().admit()?;
        for _ in 0..MOST_CHANGES {
            let held = self.own_establishment(client, id).await?;
            let (mut one, now) = (held.establishment, self.parts.clock.now());
            match (one.state, one.current().and_then(|record| record.submission.clone())) {
                // What waits for its turn at the bureau can still be called off: the queue decides.
                (EstablishmentState::Registering, Some(filing)) => {
                    if !self.is_called_off(client, &filing).await? {
                        return Err(one.not_cancellable().into());
                    }
                    one.fall(SubmissionState::Cancelled, Vec::new(), now)?;
                }
                _ => one.cancel(now)?,
            }
            if self.write_establishment(&one, held.version, Some(EstablishmentAct::Cancelled)).await? {
                return Ok(one);
            }
        }
        Err(restless().into())
    }

    /// Calls a filing off that no agency has; false when one may have it.
    async fn is_called_off(&self, client: &ClientId, filing: &SubmissionId) -> Result<bool, Failure> {
        match self.cancel(client, filing.as_str()).await {
            Ok(_) => Ok(true),
            // An earlier call of ours may have done it.
            Err(Failure::Refused(_)) => {
                let found = self.find(client, filing.as_str()).await?;
                Ok(found.deliveries.iter().all(|part| part.state == SubmissionState::Cancelled))
            }
            Err(broken) => Err(broken),
        }
    }

    /// Writes a change down, due at once where there is something to do; false when it is another by now.
    async fn write_establishment(
        &self,
        one: &Establishment,
        version: u64,
        act: Option<EstablishmentAct>,
    ) -> Result<bool, Fault> {
        let now = self.parts.clock.now();
        let due = if one.state == EstablishmentState::AwaitingSignatures { one.sign_until } else { now };
        self.step_establishment(one, version, (Some(due), act)).await
    }

    async fn step_establishment(
        &self,
        one: &Establishment,
        version: u64,
        (due_at, act): (Option<Timestamp>, Option<EstablishmentAct>),
    ) -> Result<bool, Fault> {
        let due_at = due_at.filter(|_| !one.state.is_final());
        let change = EstablishmentChange { establishment: one.clone(), version, due_at, act };
        let is_written = self.parts.store.update_establishment(&change).await?;
        if is_written {
            self.establish_bell.notify_waiters();
        }
        Ok(is_written)
    }
}

#[cfg(test)]
mod tests;
