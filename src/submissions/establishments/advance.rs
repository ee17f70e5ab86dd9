//! One step with one establishment that is due, on as many nodes as serve.

use super::facts::Facts;
use crate::domain::establishment::{Establishment, EstablishmentAct, EstablishmentState, Stage, StageRecord};
use crate::domain::ids::SubmissionId;
use crate::domain::submission::{Act, Delivery, SubmissionState};
use crate::domain::{Failure, Fault, Refusal, Timestamp};
use crate::store::HeldEstablishment;
use crate::submissions::{Accepted, Filer, Part, Submissions, Validation, Wanted};
use serde_json::json;
use serde_json::value::to_raw_value;
use std::sync::Arc;
use std::time::Duration;

/// For how long one is lent.
const LEASE: Duration = Duration::from_mins(1);
/// How often to look when nobody rang.
const PAUSE: Duration = Duration::from_secs(1);
/// How often to look while the store is away.
const AFTER_FAULT: Duration = Duration::from_secs(5);
/// The pause between two looks at one: an eighth of the time that its stage has taken, within these.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);

impl Submissions {
    /// Moves establishments on, for as long as the process runs; to be spawned beside the server: what is
    /// handed in is receipted, which a worker alone cannot.
    pub async fn establish_forever(self: Arc<Self>) {
        loop {
            let rung = self.establish_bell.notified();
            let pause = match self.establish_due().await {
                Ok(true) => continue,
                Ok(false) => PAUSE,
                Err(fault) => {
                    tracing::warn!(%fault, "an establishment could not be moved on");
                    AFTER_FAULT
                }
            };
            let _ = tokio::time::timeout(pause, rung).await;
        }
    }

    /// Takes a step with one establishment that is due; false when none is. What fails is taken up again after its lease.
    ///
    /// # Errors
    /// [`Fault`] when the store is away, or no filing is taken on just now.
    pub async fn establish_due(&self) -> Result<bool, Fault> {
        let now = self.parts.clock.now();
        let Some(held) = self.parts.store.lease_establishment(now, now.plus(LEASE)).await? else { return Ok(false) };
        let HeldEstablishment { establishment: mut one, version } = held;
        match one.state {
            EstablishmentState::AwaitingSignatures => {
                if now >= one.sign_until {
                    one.expire(now).map_err(illegal)?;
                }
                self.step_establishment(&one, version, (Some(one.sign_until), None)).await?;
            }
            EstablishmentState::Certifying | EstablishmentState::Registering | EstablishmentState::Notifying => {
                self.advance(one, version).await?;
            }
            EstablishmentState::Cancelling => self.call_off(one, version).await?,
            _ => drop(self.step_establishment(&one, version, (None, None)).await?),
        }
        Ok(true)
    }

    async fn advance(&self, one: Establishment, version: u64) -> Result<(), Fault> {
        let now = self.parts.clock.now();
        let record = one.current().cloned().ok_or_else(|| Fault::Internal("a stage without its record".into()))?;
        let Some(filing) = &record.submission else {
            // A company is established on the day that its founders signed.
            let opens = one.form.opens_at().filter(|at| record.stage == Stage::Registration && now < *at);
            if record.stage == Stage::Notification && one.parts_of(Stage::Notification).next().is_none() {
                let mut one = one;
                one.complete(now).map_err(illegal)?;
                return self.look_again(&one, version).await;
            }
            return match opens {
                Some(opens) => self.step_establishment(&one, version, (Some(opens), None)).await.map(drop),
                None => self.hand_stage_in(one, version, &record).await,
            };
        };
        let found = self.parts.store.list_deliveries(std::slice::from_ref(filing)).await?;
        let parts: Vec<Delivery> = found.into_iter().map(|held| held.delivery).collect();
        match record.stage {
            Stage::Certification => self.after_certification(one, version, &parts).await,
            Stage::Registration => self.after_registration(one, version, &parts).await,
            Stage::Notification => {
                let mut one = one;
                if parts.iter().all(|part| part.state.is_final()) {
                    one.complete(now).map_err(illegal)?;
                }
                self.look_again(&one, version).await
            }
        }
    }

    /// The intent is durable before the filing is taken on, and its id after it: whoever finds an intent without an id hands
    /// in again, by the same key.
    async fn hand_stage_in(&self, mut one: Establishment, mut version: u64, record: &StageRecord) -> Result<(), Fault> {
        let now = self.parts.clock.now();
        if record.intent_at.is_none() {
            one.intend(now);
            // Still lent to us.
            if !self.step_establishment(&one, version, (Some(now.plus(LEASE)), None)).await? {
                return Ok(());
            }
            version += 1;
        }
        let filing = self.take_stage_on(&one, record.stage).await?;
        one.handed_in(filing);
        self.step_establishment(&one, version, (Some(now.plus(SHORTEST)), None)).await.map(drop)
    }

    async fn take_stage_on(&self, one: &Establishment, stage: Stage) -> Result<SubmissionId, Fault> {
        let facts = Facts::new(&one.form, one.registry.as_ref());
        let unwritten = |error: serde_json::Error| Fault::Internal(error.to_string());
        let mut parts = Vec::new();
        for part in one.parts_of(stage) {
            let procedure = self.parts.procedures.get(&part.procedure);
            let gone = || Fault::Internal(format!("the procedure {} is not described any more", part.procedure));
            let content = facts.content(procedure.ok_or_else(gone)?);
            parts.push((part, to_raw_value(&content).map_err(unwritten)?));
        }
        let told: Vec<_> = parts
            .iter()
            .map(|(part, content)| json!({"agency": part.agency, "procedure": part.procedure, "content": content}))
            .collect();
        let bytes = json!({"establishment": one.id, "stage": stage, "deliveries": told}).to_string();
        let applicant = one.registry.as_ref().map(|entry| entry.corporate_number.clone());
        let wanted = Wanted {
            bytes: bytes.as_bytes(),
            // No filer can send a key with spaces in it.
            key: &format!("establishment {} {}", one.id, stage.as_str()),
            reference: Some(format!("{}.{}", one.id, stage.as_str())),
            applicant,
            parts: parts
                .iter()
                .map(|(part, content)| Part { agency: part.agency.clone(), procedure: part.procedure.clone(), content })
                .collect(),
            // The founders' signatures are of what kept the rules when they signed.
            validation: Validation::Done { delegation: None },
            draft: None,
            deposit: None,
        };
        // As it was when it was begun: what became of its filer since changes nothing of it.
        let filer = Filer { client: &one.client, company: &one.filer, weight: one.weight };
        match self.accept(&filer, &wanted).await.map_err(passing)? {
            Accepted::New(whole) | Accepted::Again(whole) => Ok(whole.submission.id),
        }
    }

    async fn after_certification(&self, mut one: Establishment, version: u64, parts: &[Delivery]) -> Result<(), Fault> {
        let now = self.parts.clock.now();
        match over(parts) {
            Some((SubmissionState::Completed, _)) => {
                one.begin(Stage::Registration, now).map_err(illegal)?;
                self.step_establishment(&one, version, (Some(now), None)).await.map(drop)
            }
            Some((state, part)) => {
                one.fall(state, part.findings.clone(), now).map_err(illegal)?;
                self.look_again(&one, version).await
            }
            None => self.look_again(&one, version).await,
        }
    }

    async fn after_registration(&self, mut one: Establishment, version: u64, parts: &[Delivery]) -> Result<(), Fault> {
        let now = self.parts.clock.now();
        match over(parts) {
            Some((SubmissionState::Completed, part)) => {
                let Some(entry) = self.entry(&one, part).await else { return self.look_again(&one, version).await };
                one.register(entry, now).map_err(illegal)?;
                let told = (Some(now), Some(EstablishmentAct::Registered));
                self.step_establishment(&one, version, told).await.map(drop)
            }
            Some((state, part)) => {
                one.fall(state, part.findings.clone(), now).map_err(illegal)?;
                self.look_again(&one, version).await
            }
            None => self.look_again(&one, version).await,
        }
    }

    /// Nothing begins any more; what the notary has is asked back, and waited for.
    async fn call_off(&self, mut one: Establishment, version: u64) -> Result<(), Fault> {
        let filing = one.current().and_then(|record| record.submission.clone());
        let found = match &filing {
            Some(id) => self.parts.store.list_deliveries(std::slice::from_ref(id)).await?,
            None => Vec::new(),
        };
        let part = found.first().map(|held| &held.delivery).filter(|part| !part.state.is_final());
        let Some((part, id)) = part.zip(filing.as_ref()) else {
            one.cancelled(self.parts.clock.now()).map_err(illegal)?;
            return self.look_again(&one, version).await;
        };
        let done = match part.act {
            Act::File | Act::Amend if part.state.is_unsent() => self.cancel(&one.client, id.as_str()).await,
            Act::File | Act::Amend if part.state.is_with_agency() => self.withdraw(&one.client, id.as_str()).await,
            // It is on its way there, or back.
            _ => return self.look_again(&one, version).await,
        };
        if let Err(Failure::Broken(fault)) = done {
            return Err(fault);
        }
        self.look_again(&one, version).await
    }

    async fn look_again(&self, one: &Establishment, version: u64) -> Result<(), Fault> {
        let now = self.parts.clock.now();
        let since = one.stages.last().map_or(one.changed_at, |record| record.begun_at);
        let due = now.plus(pause(since, now));
        self.step_establishment(one, version, (Some(due), None)).await.map(drop)
    }
}

fn pause(since: Timestamp, now: Timestamp) -> Duration {
    let taken = u64::try_from(now.millis().saturating_sub(since.millis())).unwrap_or_default();
    Duration::from_millis(taken / 8).clamp(SHORTEST, LONGEST)
}

/// The one part of a stage before the last, once it is over.
fn over(parts: &[Delivery]) -> Option<(SubmissionState, &Delivery)> {
    parts.first().filter(|part| part.state.is_final()).map(|part| (part.state, part))
}

/// A step that is not legal here is our own mistake.
fn illegal(refusal: Refusal) -> Fault {
    Fault::Internal(refusal.public)
}

/// What a filer would be refused with breaks us here, and passes: it is tried again.
fn passing(failure: Failure) -> Fault {
    match failure {
        Failure::Refused(refusal) => Fault::Internal(format!("{}: {}", refusal.code, refusal.public)),
        Failure::Broken(fault) => fault,
    }
}
