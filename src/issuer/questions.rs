//! Whether a client may ask a citizen these questions of yes or no at all: the facts that there are, and how many
//! thresholds of one may be told.

use super::Issuer;
use crate::domain::Refusal;
use crate::domain::consent::{Ask, AskedDataSet, Need};
use crate::domain::predicate::Predicate;
use crate::protocol::code::INVALID_AUTHORIZATION_DETAILS;

/// The error names the place in its words: RFC 6749 errors have no member for it.
fn refused(public: &str, pointer: String) -> Refusal {
    Refusal::new(INVALID_AUTHORIZATION_DETAILS, format!("{pointer}: {public}")).at(pointer)
}

/// Each question of a data set with its place in the parameter.
fn placed(asked: &AskedDataSet, place: String) -> impl Iterator<Item = (&Predicate, String)> {
    let of = move |need: Need, member: &'static str| {
        let place = place.clone();
        let named = asked.predicates.iter().filter(move |asked| asked.need == need).enumerate();
        named.map(move |(n, asked)| (&asked.predicate, format!("{place}/{member}/{n}")))
    };
    of(Need::Required, "predicates").chain(of(Need::Optional, "optional_predicates"))
}

impl Issuer {
    /// Holds the questions about one data set against the catalogue's facts.
    ///
    /// # Errors
    /// `invalid_authorization_details` pointing at the first that makes no sense.
    pub(super) fn check_predicates(&self, asked: &AskedDataSet, place: &str) -> Result<(), Refusal> {
        for (predicate, place) in placed(asked, place.to_owned()) {
            let fact = self.parts.catalog.fact(&predicate.fact).filter(|fact| fact.data_set == asked.code);
            let fact = fact.ok_or_else(|| {
                let known: Vec<&str> = self.parts.catalog.facts_of(asked.code).map(|fact| fact.code.as_str()).collect();
                let public = format!("{} has no such fact; known are: {}", asked.code, known.join(" "));
                refused(&public, format!("{place}/fact"))
            })?;
            fact.check(predicate)
                .map_err(|(member, problem)| refused(&format!("{member} {problem}"), format!("{place}/{member}")))?;
        }
        Ok(())
    }

    /// Refuses more thresholds of one fact than may ever be told: what could not be answered is not asked.
    ///
    /// # Errors
    /// `invalid_authorization_details` pointing at the first that is one too many.
    pub(super) fn check_thresholds(&self, ask: &Ask) -> Result<(), Refusal> {
        let rules = self.parts.policies.now();
        let sets = ask.data_sets.iter().enumerate();
        let all: Vec<(&Predicate, String)> =
            sets.flat_map(|(n, asked)| placed(asked, format!("/0/data_sets/{n}"))).collect();
        for (n, (predicate, place)) in all.iter().enumerate() {
            // The form has made sure that no two tell the same.
            let earlier = all.iter().take(n).filter(|(other, _)| other.is_about_the_same_as(predicate)).count();
            let limit = rules.limits().thresholds(&predicate.fact);
            if earlier >= usize::try_from(limit.thresholds).unwrap_or(usize::MAX) {
                let year = predicate.year.map_or_else(String::new, |year| format!(" in {year}"));
                let public = format!(
                    "of {}{year}, {} different thresholds are told in {} days; ask for no more",
                    predicate.fact, limit.thresholds, limit.days
                );
                return Err(refused(&public, place.clone()));
            }
        }
        Ok(())
    }
}
