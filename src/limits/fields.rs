//! What answers say about limits: the `RateLimit-Policy` and `RateLimit` fields
//! (draft-ietf-httpapi-ratelimit-headers-11 §3, §4; structured fields, RFC 9651) and the refusal.

use super::plans::{Limit, LimitSet};
use crate::domain::Refusal;
use crate::hot::Standing;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Where all limits of one call stand; made with each call, written out only when the answer is.
#[derive(Clone, Debug)]
pub struct RateFields {
    set: Arc<LimitSet>,
    standings: Vec<Standing>,
}

impl RateFields {
    pub(super) fn new(set: &Arc<LimitSet>, standings: Vec<Standing>) -> Self {
        Self { set: Arc::clone(set), standings }
    }

    /// The value of `RateLimit-Policy`: the same for every call of this client to this operation.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.set.policy
    }

    /// The value of `RateLimit`. `r` is what is left; `t` the seconds over which to spread it: then a caller is neither
    /// refused nor invited to a faster pace than the limit's own (§8.5). With nothing left, `t` is when there is one
    /// more.
    #[must_use]
    pub fn limit(&self) -> String {
        write_limits(self.each())
    }

    fn used_up(&self) -> impl Iterator<Item = (&Limit, &Standing)> {
        self.each().filter(|(_, standing)| standing.retry_after.is_some())
    }

    fn each(&self) -> impl Iterator<Item = (&Limit, &Standing)> {
        self.set.limits.iter().zip(&self.standings)
    }
}

/// Where one call's limits stand, from when it was counted; held by who counts and by who answers, so that a call that
/// is refused after it was counted is told too.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<OnceLock<RateFields>>);

impl Tally {
    /// The call was counted; the first count stands.
    pub fn note(&self, rates: &RateFields) {
        let _ = self.0.set(rates.clone());
    }

    /// Where the limits stand, if the call was counted.
    #[must_use]
    pub fn read(&self) -> Option<&RateFields> {
        self.0.get()
    }
}

fn write_limits<'a>(limits: impl Iterator<Item = (&'a Limit, &'a Standing)>) -> String {
    let mut out = String::with_capacity(96);
    for (limit, standing) in limits {
        let separator = if out.is_empty() { "" } else { ", " };
        let name = &limit.name;
        let window = effective_window(limit, standing);
        // Writing to a String can't fail.
        let _ = write!(out, "{separator}\"{name}\";r={};t={window}", standing.remaining);
    }
    out
}

fn effective_window(limit: &Limit, standing: &Standing) -> u64 {
    let span = match standing.retry_after {
        Some(wait) => wait,
        None => limit.quota.period.mul_f64(f64::from(standing.remaining) / f64::from(limit.quota.burst.max(1))),
    };
    whole_seconds(span)
}

/// Whole seconds, never too few, at least one.
fn whole_seconds(span: Duration) -> u64 {
    (span.as_secs() + u64::from(span.subsec_nanos() > 0)).max(1)
}

/// A call that a limit refused.
#[derive(Clone, Debug)]
pub struct LimitRefusal {
    /// What the caller is told; code `rate_limited` (429), or `temporarily_unavailable` (503) when calls can't be
    /// counted. Its `retry_after` is the `Retry-After` field, in whole seconds.
    pub refusal: Box<Refusal>,
    told: Told,
}

/// What stands behind a refusal, for its fields.
#[derive(Clone, Debug)]
enum Told {
    Limits(Box<RateFields>),
    Jobs(Arc<LimitSet>),
    Nothing,
}

impl LimitRefusal {
    pub(super) fn used_up(fields: RateFields) -> Self {
        let violated: Vec<_> = fields.each().filter_map(|(limit, at)| Some((limit, at.retry_after?))).collect();
        let wait = whole_seconds(violated.iter().map(|(_, wait)| *wait).max().unwrap_or_default());
        let names: Vec<String> = violated
            .iter()
            .map(|(limit, _)| {
                let Limit { name, quota, .. } = limit;
                format!("`{name}` ({} in {} s)", quota.burst, quota.period.as_secs())
            })
            .collect();
        let (word, verb) = if names.len() == 1 { ("limit", "is") } else { ("limits", "are") };
        let public = format!("The {word} {} {verb} used up. Try again in {wait} s.", names.join(", "));
        let refusal = Refusal::new("rate_limited", public).retry_after(Duration::from_secs(wait));
        Self { refusal: Box::new(refusal), told: Told::Limits(Box::new(fields)) }
    }

    pub(super) fn all_taken(jobs: &Arc<LimitSet>, retry_after: Duration) -> Self {
        let most = jobs.limits.first().map_or(0, |limit| limit.quota.burst);
        let public = format!(
            "The limit `jobs` ({most} requests under way at one time) is reached. Collect or delete one, or try again in {} s.",
            retry_after.as_secs()
        );
        let refusal = Refusal::new("rate_limited", public).retry_after(retry_after);
        Self { refusal: Box::new(refusal), told: Told::Jobs(Arc::clone(jobs)) }
    }

    pub(super) fn without_fields(refusal: Refusal) -> Self {
        Self { refusal: Box::new(refusal), told: Told::Nothing }
    }

    /// The value of `RateLimit-Policy`, where there is one to tell.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        match &self.told {
            Told::Limits(fields) => Some(fields.policy()),
            Told::Jobs(set) => Some(&set.policy),
            Told::Nothing => None,
        }
    }

    /// The value of `RateLimit`: only the limits that refused, so that `Retry-After` is never earlier than the end of a
    /// window told beside it (§6).
    #[must_use]
    pub fn limit(&self) -> Option<String> {
        match &self.told {
            Told::Limits(fields) => Some(write_limits(fields.used_up())),
            Told::Jobs(_) => Some(format!("\"jobs\";r=0;t={}", self.refusal.retry_after?.as_secs())),
            Told::Nothing => None,
        }
    }

    /// Names of the limits that refused, for the problem's `violated-policies` (§5.1).
    #[must_use]
    pub fn violated(&self) -> Vec<&str> {
        match &self.told {
            Told::Limits(fields) => fields.used_up().map(|(limit, _)| &*limit.name).collect(),
            Told::Jobs(_) => vec!["jobs"],
            Told::Nothing => Vec::new(),
        }
    }
}
