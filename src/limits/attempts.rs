//! Limits that no rate plan sets: how often a person may guess, and how often a person may be asked.

use super::plans::{CountedBy, Limit, LimitSet};
use super::{LimitRefusal, Limits, RateFields, failed};
use crate::domain::Timestamp;
use crate::domain::ids::{ClientId, SubjectId};
use crate::hot::{Charge, Quota};
use std::time::Duration;

/// Something that is safe only while it is rare.
#[derive(Clone, Copy, Debug)]
pub enum Attempt<'a> {
    /// A signed-in person types a terminal's code (RFC 8628 §5.1).
    UserCode {
        /// Who types.
        subject: &'a SubjectId,
    },
    /// A client asks a person who is not at its page (CIBA).
    Backchannel {
        /// Who asks.
        client: &'a ClientId,
        /// Who is asked.
        subject: &'a SubjectId,
    },
}

impl Attempt<'_> {
    fn key(&self) -> String {
        match self {
            Self::UserCode { subject } => format!("user-code:{subject}"),
            // An id has no line feed, so no other pair gives this key.
            Self::Backchannel { client, subject } => format!("backchannel:{client}\n{subject}"),
        }
    }

    fn limit(&self) -> Limit {
        let (name, burst, minutes) = match self {
            // With a thousand open questions a guess succeeds once in 25 million; ten an hour come back.
            Self::UserCode { .. } => ("user_code", 10, 60),
            Self::Backchannel { .. } => ("backchannel", 5, 10),
        };
        Limit {
            name: name.into(),
            counted_by: CountedBy::Other,
            quota: Quota { burst, period: Duration::from_mins(minutes) },
        }
    }
}

impl Limits {
    /// Counts one attempt, whether it succeeds or not.
    ///
    /// # Errors
    /// [`LimitRefusal`] naming the limit.
    pub async fn admit_attempt(&self, attempt: &Attempt<'_>, now: Timestamp) -> Result<(), LimitRefusal> {
        let set = LimitSet::new(vec![attempt.limit()]);
        let charges: Vec<Charge> =
            set.limits.iter().map(|limit| Charge { key: attempt.key(), quota: limit.quota }).collect();
        let verdict = self.hot.charge(&charges, now).await.map_err(|fault| failed(&fault))?;
        if verdict.is_allowed { Ok(()) } else { Err(LimitRefusal::used_up(RateFields::new(&set, verdict.standings))) }
    }
}
