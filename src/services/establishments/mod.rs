//! Establishing a company (法人設立ワンストップ): one form for notary, legal affairs bureau and everybody who is told of it.
//!
//! What for: whoever founds a company says the same name, address and day at nine counters, some of them only with a
//! certificate of another. Here it is said once, each founder signs it, and the registry's entry is passed on.
//!
//! How it flows: the form is read strictly; the engine of filings works out what follows ([`EstablishmentPlan`]), keeps it,
//! takes signatures and moves it on; `view` shows it as one timeline. Founders see it at `/dashboard/establishments`.
//!
//! How to add one more item: a member of the form in `domain::establishment`, its fact in the engine.
//!
//! What it must never do: show one client another's; tell a founder's code to anybody but who began it.

mod timeline;
mod view;

pub use timeline::{TimelineEntry, TimelineEvent};
pub use view::{
    EstablishmentPage, EstablishmentPlanView, EstablishmentStageView, EstablishmentSummary, EstablishmentView,
    FounderDecision, FounderView, PlannedEstablishmentProcedure, ProcedureProgress, ProgressCount, RegistryEntryView,
};

use crate::catalog::procedures::Procedures;
use crate::domain::establishment::{Establishment, EstablishmentForm};
use crate::domain::ids::{EstablishmentId, SubjectId};
use crate::domain::invitation::InvitationCode;
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Clock, Digest, Failure, Fault};
use crate::gateway::{Gateway, Permit};
use crate::limits::Limits;
use crate::services::body::{cut, digest_of, idempotency_key, one_more, page_after, place, read};
use crate::submissions::{EstablishmentPlan, Filer, FoundersWord, Submissions};
use std::sync::Arc;

/// Where founders sign.
pub const PAGE: &str = "/dashboard/establishments";

/// What it is made of.
pub struct EstablishmentsParts {
    /// The engine.
    pub engine: Arc<Submissions>,
    /// Asks the rules.
    pub gateway: Arc<Gateway>,
    /// Rate plans: how large a filer's share of turns is.
    pub limits: Arc<Limits>,
    /// The procedures that are described here.
    pub procedures: Arc<Procedures>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Our own address, without a slash at its end.
    pub public_url: String,
}

/// The use case.
pub struct Establishments {
    parts: EstablishmentsParts,
}

impl Establishments {
    /// The use case of its parts.
    #[must_use]
    pub const fn new(parts: EstablishmentsParts) -> Self {
        Self { parts }
    }

    fn filer<'a>(&self, permit: &'a Permit) -> Filer<'a> {
        let client = permit.client();
        Filer::of(client, self.parts.limits.filing_weight(&client.rate_plan))
    }

    /// What follows from a form; nothing is kept.
    ///
    /// # Errors
    /// `invalid_request`, `refused_by_policy`.
    pub async fn plan(&self, permit: &Permit, bytes: &[u8]) -> Result<EstablishmentPlanView, Failure> {
        self.parts.gateway.clear_establishing(permit).await?;
        let form: EstablishmentForm = read(bytes)?;
        let plan: EstablishmentPlan = self.parts.engine.plan_establishment(&self.filer(permit), &form);
        Ok(EstablishmentPlanView::of(&plan))
    }

    /// Begins one.
    ///
    /// # Errors
    /// `invalid_request`, `refused_by_policy`; `invalid_filing` with everything that was found; `idempotency_key_reused`,
    /// `evidence_unavailable`.
    pub async fn create(&self, permit: &Permit, bytes: &[u8], key: Option<&str>) -> Result<EstablishmentView, Failure> {
        self.parts.gateway.clear_establishing(permit).await?;
        let key = idempotency_key(key, "begins nothing twice")?;
        let form: EstablishmentForm = read(bytes)?;
        let key = IdempotencyKey { key: Digest::of(&format!("establishment\n{key}")), body: digest_of(bytes)? };
        let begun = self.parts.engine.begin_establishment(&self.filer(permit), form, key).await?;
        self.view(&begun).await
    }

    /// Those of this client, newest first.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub async fn list(&self, permit: &Permit, query: &str) -> Result<EstablishmentPage, Failure> {
        let mut before = page_after(query, EstablishmentId::parse)?;
        let limit = one_more(&mut before);
        let mut found = self.parts.engine.list_establishments(&permit.client().id, &before).await?;
        let next = cut(&mut found, limit, |last| place(last.created_at, &last.id));
        Ok(EstablishmentPage { items: found.iter().map(EstablishmentSummary::of).collect(), next })
    }

    /// One of this client's.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn find(&self, permit: &Permit, id: &str) -> Result<EstablishmentView, Failure> {
        let found = self.parts.engine.find_establishment(&permit.client().id, id).await?;
        self.view(&found).await
    }

    /// Calls one off.
    ///
    /// # Errors
    /// `not_found`, `not_cancellable`, `conflict`, `evidence_unavailable`.
    pub async fn cancel(&self, permit: &Permit, id: &str) -> Result<EstablishmentView, Failure> {
        let done = self.parts.engine.cancel_establishment(&permit.client().id, id).await?;
        self.view(&done).await
    }

    /// What a founder's code opens, and the founder's place.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn open(&self, code: &InvitationCode) -> Result<Option<(Establishment, usize)>, Fault> {
        self.parts.engine.open_establishment(code).await
    }

    /// What follows from an establishment, as its founders read it.
    #[must_use]
    pub fn told(&self, one: &Establishment) -> Vec<ProcedureProgress> {
        view::procedures(&self.parts, one, &[])
    }

    /// Takes what a founder decides.
    ///
    /// # Errors
    /// `not_found`, `conflict`, `evidence_unavailable`.
    pub async fn decide(
        &self,
        code: &InvitationCode,
        (subject, digest): (&SubjectId, Digest),
        is_signed: bool,
    ) -> Result<Establishment, Failure> {
        self.parts.engine.decide(&FoundersWord { code, subject, digest, is_signed }).await
    }

    async fn view(&self, one: &Establishment) -> Result<EstablishmentView, Failure> {
        let stages = self.parts.engine.stages_of(one).await?;
        Ok(view::of(&self.parts, one, &stages))
    }
}
