//! What a call takes of what was allowed: a use of its consent, and the thresholds that its answers tell.
//!
//! A third party that asks "at least 3,000,000?", "at least 4,000,000?" and so on halves its way to the value. So what is
//! counted is not calls but thresholds, of one person, fact and year, for all clients of one corporation and under every
//! consent together; and it is counted in the write that accepts the call.

use super::{Gateway, use_of};
use crate::domain::client::Client;
use crate::domain::grant::Grant;
use crate::domain::predicate::Threshold;
use crate::domain::retrieval::RetrievalRequest;
use crate::domain::{Fault, ReachedLimit, Refusal};
use crate::store::{Charge, ThresholdsTold};

impl Gateway {
    /// What taking `request` on under `grant` takes.
    #[must_use]
    pub fn charge(&self, grant: &Grant, client: &Client, request: &RetrievalRequest) -> Charge {
        let now = request.created_at;
        let (rules, party) = (self.parts.policies.now(), client.party());
        let thresholds = request.inquiries.iter().map(|inquiry| {
            let limit = rules.limits().thresholds(&inquiry.predicate.fact);
            Threshold::of((&request.subject, &party), &inquiry.predicate, limit, now)
        });
        // A consent for one retrieval is held by a key of its own, and a try that retrieved nothing costs nothing.
        let is_once = grant.consent.as_ref().is_some_and(|consent| consent.access_days == 0);
        let one = use_of(grant, now).filter(|_| !is_once);
        Charge { one, thresholds: thresholds.collect() }
    }

    /// 403: one of the request's questions would tell one threshold more than may be told.
    ///
    /// # Errors
    /// [`Fault::Internal`] when the request has no such question.
    pub fn told_enough(&self, request: &RetrievalRequest, told: ThresholdsTold) -> Result<Refusal, Fault> {
        let inquiry = request.inquiries.get(told.place);
        let inquiry = inquiry.ok_or_else(|| Fault::Internal("a question is refused that was not asked".into()))?;
        let asked = &inquiry.predicate;
        let limit = self.parts.policies.now().limits().thresholds(&asked.fact);
        let year = asked.year.map_or_else(String::new, |year| format!(" in {year}"));
        let frees = told.frees_at.map_or_else(String::new, |at| format!(" The next is free at {}.", at.rfc3339()));
        let words = format!(
            "Of one person, {} different thresholds of {}{year} are told in {} days, and {} were.{frees} Those can be asked again.",
            limit.thresholds, asked.fact, limit.days, told.told
        );
        let reached = ReachedLimit::counted("thresholds", told.told, limit.thresholds, told.frees_at);
        let refusal = Refusal::new("predicate_limit_reached", words).at(format!("/predicates/{}", told.place));
        Ok(refusal.limited(reached))
    }
}
