//! Rate plans: how often a third party may call, about whom, and how much at one time.
//!
//! What for: one caller's haste must not become everybody's wait, and one citizen's data must not be asked for over and
//! over. The operator decides in `policies/rate-plans.toml`.
//!
//! How it flows: (1) [`Limits::load`] reads the file and tells all its faults at once; limits, names and the
//! `RateLimit-Policy` field of each operation are made then. (2) [`Limits::admit_address`] stands before everything that
//! costs. (3) [`Limits::admit`] charges, once the caller is known, all limits of the call in one go through
//! [`crate::hot::Quotas`], or none. (4) [`Limits::enter_job`] holds a place for work that goes on. Answers take their
//! fields from [`RateFields`], refusals from [`LimitRefusal`].
//!
//! How to add one more: a limit that fits some calls gets its name and place in `plans.rs` and its key in `charges`.
//!
//! What it must never do: tell one client about another's calls (each key names the client, also where it counts calls
//! about a citizen); charge for a call it refuses; put a key in clear anywhere.

mod address;
mod attempts;
mod fields;
mod plans;
mod visits;

pub use attempts::Attempt;
pub use fields::{LimitRefusal, RateFields, Tally};
pub use plans::{PlanFault, PlanFaults};

use crate::domain::ids::{ClientId, SubjectId};
use crate::domain::{Fault, Refusal, Timestamp};
use crate::hot::{Charge, Hot, LocalQuotas, Place};
use plans::{CountedBy, LimitSet, Plan, Plans};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// When to ask again for a place: jobs end within seconds.
const RETRY_A_PLACE: Duration = Duration::from_secs(2);
/// When to ask again after the hot state itself failed.
const RETRY_A_FAULT: Duration = Duration::from_secs(1);

/// A call, as limits see it.
#[derive(Clone, Copy, Debug)]
pub struct LimitCall<'a> {
    /// Who calls.
    pub client: &'a ClientId,
    /// Its rate plan.
    pub plan: &'a str,
    /// The operation's `operationId`.
    pub operation: &'a str,
    /// The citizen whom the call is about, if any.
    pub subject: Option<&'a SubjectId>,
}

/// A job that wants a place.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// Whose job it is.
    pub client: &'a ClientId,
    /// The client's rate plan.
    pub plan: &'a str,
    /// The job's id.
    pub id: &'a str,
    /// When the place comes back by itself, should its holder crash.
    pub until: Timestamp,
}

/// The operator's rate plans at work.
pub struct Limits {
    plans: Plans,
    hot: Arc<dyn Hot>,
    addresses: LocalQuotas,
}

impl Limits {
    /// Reads the plans from the file at `path`.
    ///
    /// # Errors
    /// [`PlanFaults`]: everything that is wrong with the file, each with its place in it.
    pub fn load(path: &Path, hot: Arc<dyn Hot>) -> Result<Self, PlanFaults> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| PlanFaults(vec![PlanFault::new(&path.display().to_string(), error.to_string())]))?;
        Self::parse(&text, hot)
    }

    /// Reads the plans from the text of a file.
    ///
    /// # Errors
    /// As [`Limits::load`].
    pub fn parse(text: &str, hot: Arc<dyn Hot>) -> Result<Self, PlanFaults> {
        Ok(Self { plans: Plans::parse(text)?, hot, addresses: LocalQuotas::default() })
    }

    /// Whether there is a plan of this name; a registration should name one that is.
    #[must_use]
    pub fn has_plan(&self, name: &str) -> bool {
        self.plans.by_name.contains_key(name)
    }

    /// The plans there are.
    #[must_use]
    pub fn plan_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.plans.by_name.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Every operation that some plan names, for comparing with those that exist.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.plans.by_name.values().flat_map(|plan| plan.operations.keys().map(String::as_str))
    }

    /// Counts one call from `ip`; meant to stand before anything that costs.
    ///
    /// # Errors
    /// [`LimitRefusal`] naming the limit `address`.
    pub fn admit_address(&self, ip: IpAddr, now: Timestamp) -> Result<(), LimitRefusal> {
        let limit = &self.plans.address;
        let key = address::key_of(ip);
        if limit.exempt.iter().any(|network| network.contains(key)) {
            return Ok(());
        }
        let (is_allowed, standing) = self.addresses.charge_one(&key, limit.quota(), now);
        if is_allowed { Ok(()) } else { Err(LimitRefusal::used_up(RateFields::new(&limit.set, vec![standing]))) }
    }

    /// Counts one call of a known client against all limits that fit it, or against none.
    ///
    /// # Errors
    /// [`LimitRefusal`] naming the limits that are used up.
    pub async fn admit(&self, call: &LimitCall<'_>, now: Timestamp) -> Result<RateFields, LimitRefusal> {
        let set = self.plan(call.plan).set_for(call.operation, call.subject.is_some());
        let verdict = self.hot.charge(&charges(set, call), now).await.map_err(|fault| failed(&fault))?;
        let fields = RateFields::new(set, verdict.standings);
        if verdict.is_allowed { Ok(fields) } else { Err(LimitRefusal::used_up(fields)) }
    }

    /// Takes a place among the client's concurrent jobs; the same job asking again keeps its place.
    ///
    /// # Errors
    /// [`LimitRefusal`] naming the limit `jobs`.
    pub async fn enter_job(&self, job: &Job<'_>, now: Timestamp) -> Result<(), LimitRefusal> {
        let plan = self.plan(job.plan);
        let key = jobs_key(job.client);
        let place = Place { key: &key, holder: job.id, most: plan.concurrent_jobs, until: job.until };
        let has_entered = self.hot.enter(&place, now).await.map_err(|fault| failed(&fault))?;
        if has_entered { Ok(()) } else { Err(LimitRefusal::all_taken(&plan.jobs, RETRY_A_PLACE)) }
    }

    /// Gives the job's place back. A place that can't be given back now comes back by itself.
    pub async fn leave_job(&self, client: &ClientId, id: &str) {
        if let Err(fault) = self.hot.leave(&jobs_key(client), id).await {
            tracing::warn!(fault = %fault, "a job's place was not given back; it comes back when its time is over");
        }
    }

    /// How large the share of an agency's turns is that a client of this plan gets, beside others who file there.
    #[must_use]
    pub fn filing_weight(&self, plan: &str) -> u32 {
        self.plan(plan).filing_weight
    }

    fn plan(&self, name: &str) -> &Plan {
        self.plans.by_name.get(name).unwrap_or(&self.plans.default)
    }
}

fn jobs_key(client: &ClientId) -> String {
    format!("jobs:{client}")
}

/// What a call counts against. Keys don't name the plan, so that a client put on another keeps what it has used.
fn charges(set: &LimitSet, call: &LimitCall<'_>) -> Vec<Charge> {
    let client = call.client.as_str();
    let key = |by: CountedBy| match (by, call.subject) {
        (CountedBy::Operation, _) => ["operation:", client, ":", call.operation].concat(),
        (CountedBy::Citizen, Some(subject)) => ["citizen:", client, ":", subject.as_str()].concat(),
        (CountedBy::Day, _) => ["day:", client].concat(),
        _ => ["client:", client].concat(),
    };
    set.limits.iter().map(|limit| Charge { key: key(limit.counted_by), quota: limit.quota }).collect()
}

/// The engines go on with local counters when they can, so this is rare; without a count there is no admission.
fn failed(fault: &Fault) -> LimitRefusal {
    tracing::error!(fault = %fault, "limits could not be counted");
    let public = "The service can't count calls for the moment. Try again shortly.";
    LimitRefusal::without_fields(Refusal::new("temporarily_unavailable", public).retry_after(RETRY_A_FAULT))
}

#[cfg(test)]
mod tests;
