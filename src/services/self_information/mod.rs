//! 自己情報取得: data about a person for a third party, within the person's consent.
//!
//! What for: the main job of the counter.
//!
//! How it flows:
//! 1. `create` reads the body, has the gateway clear each query, takes a place among the client's concurrent jobs and
//!    writes the job down, before any work: whatever crashes, somebody takes it up again (`resume`).
//! 2. `work` asks all backends at once, types and minimises what comes, asks once more whether grant and client still
//!    stand, and ends the job and its line of the access history in one transaction. Only then does anything leave.
//! 3. The result goes straight to a caller who waits (`handover`); otherwise it waits, sealed under a key of its own,
//!    until it is read once (`read`) or 15 minutes have passed.
//!
//! Cutting is in one place, `minimise`, which the consent page's preview goes through too. A question of yes or no takes
//! the same way, and is answered in `questions` instead of being cut: nothing of what was fetched for it leaves.
//!
//! A representative is told nothing of a person under protection measures, and cannot tell that from an empty answer
//! (`shield`).
//!
//! When the answer is lost on its way: without an `Idempotency-Key` the result is gone, and the request is made anew;
//! with one, the result stays sealed for its 15 minutes, so that repeating the request gives the same answer. Reading
//! the job by its address takes the result: the first complete read deletes it.
//!
//! A consent for one retrieval (`access_days` 0) is held by a key of its own in the job's row: one conditional write
//! decides who has it. A job that ended without anything retrieved gives it back.
//!
//! How to add one more outcome: a variant in `outcome`, and the place in `work` that finds it.
//!
//! What it must never do: ask a backend without a clearance; let an item leave that was not agreed to, or anything of
//! a fact but the answer; keep a result in clear; answer twice from one reading.

mod body;
mod create;
mod handover;
mod minimise;
mod outcome;
mod questions;
mod read;
mod resume;
mod shield;
mod work;

pub use body::{
    ConditionBody, DataSetQuery, LatestCondition, OnDateCondition, PredicateOperator, PredicateQuery, RangeCondition,
    SelfInformationRequest, TaxYearCondition,
};
pub use create::Wanted;
pub use minimise::preview;
pub use outcome::{
    DataSetResult, FailedResult, NoRecordResult, NonDisclosedResult, NotYetReflectedResult, Notice, OkResult,
    PredicateAnswer, PredicateFailure, PredicateResult, ProviderRecord, RefusedByCitizenResult, RetentionExpiredResult,
    SelfInformationJob, SelfInformationResult, UnsupportedProviderResult,
};
pub use questions::preview_answers;

use crate::adapters::selfinfo::SelfInformationSource;
use crate::catalog::Catalog;
use crate::domain::ids::{RequestId, SubjectId};
use crate::domain::retrieval::RetrievalRequest;
use crate::domain::subject::UpstreamAccount;
use crate::domain::{Clock, Entropy, MasterKey};
use crate::evidence::{EvidenceLog, Witness};
use crate::gateway::Gateway;
use crate::limits::Limits;
use crate::store::Store;
use bytes::Bytes;
use dashmap::DashMap;
use moka::sync::Cache;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// How jobs are kept.
#[derive(Clone, Debug)]
pub struct SelfInformationSettings {
    /// This process's name among the nodes; a fresh one for each start.
    pub node: String,
    /// How long a job is ours before another node may take it up: longer than the longest backend's deadline.
    pub lease: Duration,
    /// How long a job keeps its place among the client's concurrent jobs, should this process crash: longer than any
    /// backend may take.
    pub place: Duration,
    /// How long results wait.
    pub keep: Duration,
}

/// What it is made of.
pub struct SelfInformationParts {
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Asked to clear queries.
    pub gateway: Arc<Gateway>,
    /// Places for concurrent jobs.
    pub limits: Arc<Limits>,
    /// The data sets.
    pub catalog: Arc<Catalog>,
    /// The backends, by the name that data sets give them.
    pub sources: Arc<BTreeMap<String, Arc<dyn SelfInformationSource>>>,
    /// The access history.
    pub witness: Arc<Witness>,
    /// The log of evidence: what cannot be logged is not disclosed.
    pub evidence: Arc<EvidenceLog>,
    /// Seals results.
    pub master_key: Arc<MasterKey>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// For ids and seals.
    pub entropy: Arc<dyn Entropy>,
}

/// What a call came to.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The result, as JSON.
    Finished(RequestId, Bytes),
    /// Not yet.
    Working(RetrievalRequest),
}

/// A job running in this process.
struct Running {
    done: watch::Receiver<()>,
    abort: AbortHandle,
}

/// Persons whose upstream account is remembered.
const MOST_PERSONS: u64 = 100_000;

/// The use case.
pub struct SelfInformation {
    settings: SelfInformationSettings,
    parts: SelfInformationParts,
    running: DashMap<RequestId, Running>,
    persons: Cache<SubjectId, Arc<UpstreamAccount>>,
}

impl SelfInformation {
    /// The data sets.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.parts.catalog
    }

    /// The use case of its parts.
    #[must_use]
    pub fn new(settings: SelfInformationSettings, parts: SelfInformationParts) -> Self {
        Self { settings, parts, running: DashMap::new(), persons: Cache::new(MOST_PERSONS) }
    }

    /// The body of an answer that is no result yet.
    #[must_use]
    pub fn view(request: &RetrievalRequest) -> SelfInformationJob {
        SelfInformationJob {
            id: request.id.to_string(),
            status: outcome::AcceptedKind,
            created_at: request.created_at.rfc3339(),
            expires_at: request.expires_at.rfc3339(),
        }
    }

    /// What seals and opens the result of a job.
    fn owner(id: &RequestId) -> String {
        format!("self_information:{id}")
    }
}

#[cfg(test)]
mod tests;
