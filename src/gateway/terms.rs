//! The consent's own terms: what the third party's registration has become since, how long the operator lets a consent
//! last, and how often it may be used.

use super::Gateway;
use crate::catalog::DataSet;
use crate::domain::client::Client;
use crate::domain::consent::Outgrown;
use crate::domain::grant::Grant;
use crate::domain::terms::Frequency;
use crate::domain::{Fault, ReachedLimit, Refusal, Timestamp};
use crate::store::Use;
use std::time::Duration;

/// A day.
const DAY: Duration = Duration::from_hours(24);

/// How far a consent whose uses are counted is used now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uses {
    /// What was agreed to.
    pub frequency: Frequency,
    /// How many uses are taken in the present span.
    pub used: u32,
    /// When the next span begins; never, where the whole consent is counted.
    pub frees_at: Option<Timestamp>,
}

impl Uses {
    /// 403: every use of the span is taken.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let Frequency { times, per } = self.frequency;
        let words = match self.frees_at {
            Some(at) => {
                format!("The citizen allowed {times} per {}; the next is free at {}.", per.as_str(), at.rfc3339())
            }
            None => format!("The citizen allowed {times} in all. Ask the citizen again."),
        };
        let limit = ReachedLimit::counted("frequency", self.used, times, self.frees_at);
        Refusal::new("consent_limit_reached", words).limited(limit)
    }
}

/// 403: the person holds the consent still.
#[must_use]
pub fn paused() -> Refusal {
    let words = "The citizen has paused this consent. It works again, with the same tokens, once they resume it.";
    Refusal::new("consent_paused", words).limited(ReachedLimit::named("pause"))
}

/// The use that a request under `grant` at `now` counts as; none where uses are not counted.
#[must_use]
pub fn use_of(grant: &Grant, now: Timestamp) -> Option<Use> {
    let frequency = grant.consent.as_ref()?.terms.frequency?;
    let window = frequency.window(now, grant.agreed_at());
    let kept_until = window.frees_at.unwrap_or(grant.expires_at);
    Some(Use { span: window.name, allowed: frequency.times, kept_until })
}

impl Gateway {
    /// How far the grant's consent is used; none, and nothing is looked up, where uses are not counted.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn uses(&self, grant: &Grant) -> Result<Option<Uses>, Fault> {
        let now = self.parts.clock.now();
        let frequency = grant.consent.as_ref().and_then(|consent| consent.terms.frequency);
        let (Some(frequency), Some(one)) = (frequency, use_of(grant, now)) else { return Ok(None) };
        let used = self.parts.store.find_used(&grant.id, &one.span).await?;
        Ok(Some(Uses { frequency, used, frees_at: frequency.window(now, grant.agreed_at()).frees_at }))
    }

    /// How many days before its end the person is to be reminded of a consent: the most that is said of any group that they
    /// agreed to; never when nothing is.
    #[must_use]
    pub fn reminder_days(&self, grant: &Grant) -> Option<u32> {
        let rules = self.parts.policies.now();
        let agreed = grant.consent.iter().flat_map(|consent| &consent.data_sets);
        let sets = agreed.filter_map(|agreed| self.parts.catalog.data_set(agreed.code));
        sets.filter_map(|set| rules.limits().reminder_days(&set.group)).max()
    }

    /// Holds what a representative decided against what one of that kind may decide about now. That the representation
    /// itself is in force is the grant's own state: it is held still and ended with it.
    pub(super) fn check_acting(&self, grant: &Grant, set: &DataSet) -> Result<(), Refusal> {
        let Some(acting) = &grant.acting else { return Ok(()) };
        if self.parts.policies.now().may_represent(acting.kind, &set.group) {
            return Ok(());
        }
        let words = format!("A representative of the kind {} cannot decide about {}.", acting.kind.as_str(), set.code);
        Err(Refusal::new("refused_by_policy", words).limited(ReachedLimit::named("representation")))
    }

    /// Holds the consent against what the client is registered for now, and against how long the operator lets it last.
    pub(super) fn check_terms(&self, grant: &Grant, client: &Client, set: &DataSet) -> Result<(), Refusal> {
        let Some(consent) = &grant.consent else { return Ok(()) };
        if let Some(outgrown) = consent.outgrown_by(client.purpose(&consent.purpose)) {
            let (limit, words) = match outgrown {
                Outgrown::Purpose => ("purpose", "The client is not registered any more for the purpose agreed to."),
                Outgrown::Recipients => {
                    ("recipients", "The client is registered to pass it on further than agreed to.")
                }
                Outgrown::Retention => ("retention", "The client is registered to keep it longer than agreed to."),
            };
            let words = format!("{words} Ask the citizen again.");
            return Err(Refusal::new("consent_outgrown", words).limited(ReachedLimit::named(limit)));
        }
        let most = self.parts.policies.now().limits().access_days(&set.group, &consent.purpose);
        let ends_at = grant.agreed_at().plus(DAY.saturating_mul(most.max(1)));
        if self.parts.clock.now() >= ends_at {
            let words = format!("{} is given for {most} days at most. Ask the citizen again.", set.code);
            return Err(Refusal::new("refused_by_policy", words).limited(ReachedLimit::named("access_days")));
        }
        Ok(())
    }
}
