//! Visits to shared terminals: each ends with its time, or when nobody used it for a while.

use super::Limits;
use crate::domain::grant::Grant;
use crate::domain::terminal::VisitLimits;
use crate::domain::{Fault, Timestamp};
use crate::hot::Awake;

impl Limits {
    /// Whether the visit that gave `grant` goes on at `now`; where it does, it was used now.
    ///
    /// # Errors
    /// [`Fault`] when the hot state is away: nobody knows then.
    pub async fn use_visit(&self, grant: &Grant, limits: VisitLimits, now: Timestamp) -> Result<bool, Fault> {
        let key = key(grant);
        Ok(now < limits.end(grant) && self.hot.keep_awake(&awake(&key, grant, limits), now).await?)
    }

    /// Whether the visit that gave `grant` goes on at `now`; this is no use of it.
    ///
    /// # Errors
    /// As [`Limits::use_visit`].
    pub async fn is_visited(&self, grant: &Grant, limits: VisitLimits, now: Timestamp) -> Result<bool, Fault> {
        let key = key(grant);
        Ok(now < limits.end(grant) && self.hot.is_awake(&awake(&key, grant, limits), now).await?)
    }
}

fn key(grant: &Grant) -> String {
    format!("visit:{}", grant.id)
}

fn awake<'a>(key: &'a str, grant: &Grant, limits: VisitLimits) -> Awake<'a> {
    Awake { key, since: grant.agreed_at(), idle: limits.idle }
}
