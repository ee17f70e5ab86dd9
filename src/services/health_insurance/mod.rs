//! The health insurance card on the Individual Number Card (健康保険証利用の初期設定).
//!
//! What for: in one consent the card is made known to オンライン資格確認, so that it can be shown at a clinic.
//!
//! How it flows: 1. [`HealthInsurance::register`]: the consent and the operator's rules; the card is the one that the citizen
//! signed in with when they agreed; 2. the turn to change the registration is taken by one conditional write, so of any number of
//! calls one goes on; 3. the insurers are asked for the insured number (被保険者番号), which goes to the qualification system with
//! the card's serial number, and nowhere else; 4. what came of it is written with its leaf, and the turn ends. Whoever breaks off
//! in between has changed nothing here: the turn runs out, and saying the same again there is saying it once. 5.
//! [`HealthInsurance::end`] ends it in the same way, and so does the citizen at the dashboard ([`HealthInsurance::end_own`]).
//!
//! How to add one more: another thing to tell of a registration is a member of [`HealthInsuranceView`].
//!
//! What it must never do: keep or tell a number; register another card than the one that was signed in with; write that
//! something was registered that the qualification system has not said is.

mod view;

pub use view::{HealthInsuranceState, HealthInsuranceView};

use crate::adapters::breaker::Pulse;
use crate::adapters::maintenance::Closures;
use crate::adapters::qualification::{QualificationSystem, Registered, Trouble};
use crate::domain::health_insurance::{
    CertificateSerial, InsuranceClearance, InsuranceLease, InsuranceRegistration, Insured,
};
use crate::domain::subject::Subject;
use crate::domain::{Clock, Failure, Fault, Refusal};
use crate::evidence::EvidenceLog;
use crate::gateway::{Gateway, Permit};
use crate::services::account::CitizenSession;
use crate::store::{InsuranceChange, LeasedInsurance, Store};
use std::sync::Arc;
use std::time::Duration;

/// How long a turn may take: longer than both calls.
const TURN: Duration = Duration::from_mins(1);
/// When it is worth asking again where nothing was said about that.
const SOME_TIME: Duration = Duration::from_mins(5);
/// When it is worth asking again where another call has the turn.
const A_TURN: Duration = Duration::from_secs(5);
/// What both systems are called among the components of the service.
const COMPONENT: &str = "health-insurance";

/// What the use case is made of.
pub struct HealthInsuranceParts {
    /// The insurers and the qualification system; none where this installation is not connected.
    pub system: Option<Arc<dyn QualificationSystem>>,
    /// The operator's rules.
    pub gateway: Arc<Gateway>,
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// The log of evidence.
    pub evidence: Arc<EvidenceLog>,
    /// What is stopped as planned.
    pub closures: Arc<Closures>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// The use case.
pub struct HealthInsurance {
    parts: HealthInsuranceParts,
}

impl HealthInsurance {
    /// The use case of its parts.
    #[must_use]
    pub const fn new(parts: HealthInsuranceParts) -> Self {
        Self { parts }
    }

    /// How both systems did lately; none where this installation is not connected.
    #[must_use]
    pub fn pulse(&self) -> Option<Pulse> {
        self.parts.system.as_ref().map(|system| system.pulse())
    }

    /// Has the card registered that the citizen signed in with. Where it is already, nothing is done and the same is told.
    ///
    /// # Errors
    /// `refused_by_policy`; `card_not_shown` where it is not known which card that was; `not_insured`; `conflict` while another
    /// call is at it; `under_maintenance`; `health_insurance_unavailable`; `evidence_unavailable`.
    pub async fn register(&self, permit: &Permit) -> Result<HealthInsuranceView, Failure> {
        let clearance = self.clear(permit).await?;
        let card = clearance.certificate().ok_or_else(card_not_shown)?;
        let found = self.parts.store.find_insurance(clearance.subject()).await?;
        if found.is_some_and(|one| one.certificate == card) {
            return Ok(HealthInsuranceView::of(found, Some(card)));
        }
        let system = self.reachable()?;
        self.parts.evidence.intake().admit()?;
        let (lease, person) = self.lease(&clearance).await?;
        if lease.registered.is_some_and(|one| one.certificate == card) {
            self.settle(&lease, InsuranceChange::Unchanged).await?;
            return Ok(HealthInsuranceView::of(lease.registered, Some(card)));
        }
        let registered = match told(system, (&clearance, &person), card).await {
            Ok(()) => InsuranceRegistration { certificate: card, registered_at: self.parts.clock.now() },
            Err(refusal) => return self.give_back(&lease, refusal).await,
        };
        self.settle(&lease, InsuranceChange::Registered(registered)).await?;
        Ok(HealthInsuranceView::of(Some(registered), Some(card)))
    }

    /// Whether a card is registered.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub async fn find(&self, permit: &Permit) -> Result<HealthInsuranceView, Failure> {
        let clearance = self.clear(permit).await?;
        let found = self.parts.store.find_insurance(clearance.subject()).await?;
        Ok(HealthInsuranceView::of(found, clearance.certificate()))
    }

    /// Ends the registration; where there is none, there is none.
    ///
    /// # Errors
    /// As [`register`](Self::register), but `card_not_shown` and `not_insured`.
    pub async fn end(&self, permit: &Permit) -> Result<(), Failure> {
        let clearance = self.clear(permit).await?;
        self.ended(&clearance).await.map(|_| ())
    }

    /// What is registered of whoever is signed in.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn own(&self, session: &CitizenSession) -> Result<Option<InsuranceRegistration>, Fault> {
        self.parts.store.find_insurance(session.subject()).await
    }

    /// Ends the registration of whoever is signed in; false when there was none.
    ///
    /// # Errors
    /// As [`end`](Self::end).
    pub async fn end_own(&self, session: &CitizenSession) -> Result<bool, Failure> {
        self.ended(&InsuranceClearance::of_oneself(session.subject().clone())).await
    }

    async fn ended(&self, clearance: &InsuranceClearance) -> Result<bool, Failure> {
        if self.parts.store.find_insurance(clearance.subject()).await?.is_none() {
            return Ok(false);
        }
        let system = self.reachable()?;
        self.parts.evidence.intake().admit()?;
        let (lease, person) = self.lease(clearance).await?;
        let Some(registered) = lease.registered else {
            self.settle(&lease, InsuranceChange::Unchanged).await?;
            return Ok(false);
        };
        let insured = insured(clearance, &person)?;
        if let Err(trouble) = system.deregister(insured, registered.certificate).await {
            return self.give_back(&lease, unavailable(trouble)).await;
        }
        self.settle(&lease, InsuranceChange::Ended).await?;
        Ok(true)
    }

    async fn clear(&self, permit: &Permit) -> Result<InsuranceClearance, Failure> {
        self.parts.gateway.clear_health_insurance(permit).await?;
        let words = "A card is registered by its holder: use a token that the person gave themselves.";
        let clearance = InsuranceClearance::under(permit.grant(), self.parts.clock.now());
        Ok(clearance.ok_or_else(|| Refusal::new("insufficient_scope", words))?)
    }

    fn reachable(&self) -> Result<&dyn QualificationSystem, Refusal> {
        self.parts.closures.check(COMPONENT, self.parts.clock.now())?;
        let words = "This service is not connected to the qualification system.";
        let none = || Refusal::new("health_insurance_unavailable", words).retry_after(SOME_TIME);
        self.parts.system.as_deref().ok_or_else(none)
    }

    async fn lease(&self, clearance: &InsuranceClearance) -> Result<(InsuranceLease, Subject), Failure> {
        let person = self.parts.store.find_subject(clearance.subject()).await?;
        let person = person.ok_or_else(|| Fault::Internal("somebody agreed who is not known".into()))?;
        let now = self.parts.clock.now();
        match self.parts.store.lease_insurance(clearance.subject(), now, now.plus(TURN)).await? {
            LeasedInsurance::Yes(lease) => Ok((lease, person)),
            LeasedInsurance::Busy => Err(busy().into()),
            LeasedInsurance::NobodyThere => {
                Err(Refusal::new("invalid_token", "The consent has ended. Ask the citizen again.").into())
            }
        }
    }

    async fn settle(&self, lease: &InsuranceLease, change: InsuranceChange) -> Result<(), Failure> {
        let is_ours = self.parts.store.end_insurance_lease(lease, change, self.parts.clock.now()).await?;
        if is_ours { Ok(()) } else { Err(busy().into()) }
    }

    /// Ends a turn in which nothing came about.
    async fn give_back<T>(&self, lease: &InsuranceLease, refusal: Refusal) -> Result<T, Failure> {
        self.settle(lease, InsuranceChange::Unchanged).await?;
        Err(refusal.into())
    }
}

/// Asks the insurers, and tells the qualification system.
async fn told(
    system: &dyn QualificationSystem,
    (clearance, person): (&InsuranceClearance, &Subject),
    card: CertificateSerial,
) -> Result<(), Refusal> {
    let insured = insured(clearance, person)?;
    let number = system.insured_number(insured).await.map_err(unavailable)?;
    let number = number.ok_or_else(not_insured)?;
    match system.register(insured, &number, card).await.map_err(unavailable)? {
        Registered::Yes => Ok(()),
        Registered::UnknownNumber => Err(not_insured()),
    }
}

fn insured<'a>(clearance: &InsuranceClearance, person: &'a Subject) -> Result<Insured<'a>, Refusal> {
    let words = "A card is registered by its holder: use a token that the person gave themselves.";
    Insured::of(clearance, person).ok_or_else(|| Refusal::new("insufficient_scope", words))
}

fn unavailable(trouble: Trouble) -> Refusal {
    tracing::warn!(reason = trouble.reason.as_str(), "the qualification system gave no answer");
    let words = "The qualification system gave no answer; call again with the same: it is registered once.";
    Refusal::new("health_insurance_unavailable", words).retry_after(trouble.retry_after.unwrap_or(SOME_TIME))
}

fn busy() -> Refusal {
    let words = "Another call is registering or ending this at the moment; read how it stands, or call again.";
    Refusal::new("conflict", words).retry_after(A_TURN)
}

fn card_not_shown() -> Refusal {
    let words = "It is not known which card the citizen signed in with: ask for their consent with the scope \
                 health_insurance by the authorization code flow, in which they sign in with it.";
    Refusal::new("card_not_shown", words)
}

fn not_insured() -> Refusal {
    let words = "No insurer knows this citizen now, or the qualification system does not know the number yet: the \
                 citizen asks their insurer.";
    Refusal::new("not_insured", words)
}
