//! A clearance: the proof that one query stands under a grant in force, with the items that may leave, or with the
//! questions that may be answered from it and no item at all.
//!
//! An adapter cannot be called without one, and one can only be made by checking a grant. What is checked is thus
//! what is used: the items and the person come from the same grant that was looked at.

use super::consent::{ConsentedDataSet, Period};
use super::data_set::ItemCode;
use super::grant::Grant;
use super::ids::{GrantId, SubjectId};
use super::predicate::Predicate;
use super::retrieval::{Condition, Query};
use super::scope::Scope;
use super::time::Timestamp;
use chrono::{Datelike, NaiveDate};
use std::sync::Arc;

/// Why a query does not stand under a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCleared {
    /// The grant has ended, or is nobody's.
    #[error("the grant is not in force")]
    GrantOver,
    /// The person holds the grant still.
    #[error("the grant is paused")]
    GrantPaused,
    /// The person was not asked for this data set.
    #[error("the data set is not part of the consent")]
    NotConsented,
    /// The person agreed to another time.
    #[error("the condition reaches outside the consented period")]
    OutsidePeriod,
    /// The person was asked and refused every item of it.
    #[error("the citizen refused every item of the data set")]
    EveryItemRefused,
    /// The person was not asked this question, or refused it.
    #[error("the question is not part of the consent")]
    QuestionNotConsented,
}

/// What becomes of the data that is fetched.
#[derive(Clone, Debug)]
enum Aim {
    /// The items agreed to leave.
    Items,
    /// Nothing leaves but the answers to these.
    Answers(Vec<Predicate>),
}

/// One query, cleared.
#[derive(Clone, Debug)]
pub struct Clearance {
    grant: Arc<Grant>,
    subject: SubjectId,
    place: usize,
    query: Query,
    aim: Aim,
}

impl Clearance {
    /// Checks `query` against `grant` as it stands at `now`.
    ///
    /// # Errors
    /// [`NotCleared`] with the first rule broken.
    pub fn check(grant: &Arc<Grant>, query: Query, now: Timestamp) -> Result<Self, NotCleared> {
        let (subject, place) = Self::stand(grant, &query, now)?;
        let agreed = grant.consent.as_ref().and_then(|c| c.data_sets.get(place)).ok_or(NotCleared::NotConsented)?;
        if agreed.items.is_empty() {
            // Of a data set that was only asked about, nobody refused anything.
            let was_asked = !agreed.refused.is_empty() || agreed.predicates.is_empty();
            return Err(if was_asked { NotCleared::EveryItemRefused } else { NotCleared::NotConsented });
        }
        if agreed.period.is_some_and(|p| !p.covers(&query.condition, now.date_in_japan())) {
            return Err(NotCleared::OutsidePeriod);
        }
        Ok(Self { grant: Arc::clone(grant), subject, place, query, aim: Aim::Items })
    }

    /// Checks that each of `predicates` may be answered from what `query` fetches: the same, but that no item leaves.
    /// A question names its own time, and was agreed to with it.
    ///
    /// # Errors
    /// [`NotCleared`] with the first rule broken.
    pub fn check_answers(
        grant: &Arc<Grant>,
        query: Query,
        predicates: &[&Predicate],
        now: Timestamp,
    ) -> Result<Self, NotCleared> {
        let (subject, place) = Self::stand(grant, &query, now)?;
        let agreed = grant.consent.as_ref().and_then(|c| c.data_sets.get(place)).ok_or(NotCleared::NotConsented)?;
        if predicates.is_empty() || !predicates.iter().all(|predicate| agreed.answers(predicate)) {
            return Err(NotCleared::QuestionNotConsented);
        }
        let aim = Aim::Answers(predicates.iter().map(|predicate| (*predicate).clone()).collect());
        Ok(Self { grant: Arc::clone(grant), subject, place, query, aim })
    }

    /// Whose data set a query is about, and where it stands in the consent.
    fn stand(grant: &Grant, query: &Query, now: Timestamp) -> Result<(SubjectId, usize), NotCleared> {
        let subject = grant.subject.clone().ok_or(NotCleared::GrantOver)?;
        if grant.is_paused(now) {
            return Err(NotCleared::GrantPaused);
        }
        if !grant.is_in_force(now) {
            return Err(NotCleared::GrantOver);
        }
        let consent = grant.consent.as_ref().ok_or(NotCleared::NotConsented)?;
        let place = consent.data_sets.iter().position(|d| d.code == query.code).ok_or(NotCleared::NotConsented)?;
        if !grant.scope.has(Scope::SelfInformation) {
            return Err(NotCleared::NotConsented);
        }
        Ok((subject, place))
    }

    /// What is asked.
    #[must_use]
    pub const fn query(&self) -> &Query {
        &self.query
    }

    /// Under which grant.
    #[must_use]
    pub fn grant(&self) -> &GrantId {
        &self.grant.id
    }

    /// About whom.
    #[must_use]
    pub const fn subject(&self) -> &SubjectId {
        &self.subject
    }

    /// Whether this item may leave: none does where only questions are answered.
    #[must_use]
    pub fn allows(&self, item: ItemCode) -> bool {
        matches!(self.aim, Aim::Items) && self.agreed().is_some_and(|d| d.allows(item))
    }

    /// Whether this question may be answered from what is fetched.
    #[must_use]
    pub fn answers(&self, predicate: &Predicate) -> bool {
        matches!(&self.aim, Aim::Answers(agreed) if agreed.contains(predicate))
    }

    /// What the person agreed to for this data set.
    #[must_use]
    pub fn agreed(&self) -> Option<&ConsentedDataSet> {
        self.grant.consent.as_ref().and_then(|c| c.data_sets.get(self.place))
    }
}

impl Period {
    /// Whether everything that `condition` asks for lies within the period. The newest data is data of `today`; a tax
    /// year (年度) is named by its number, so the period covers it when it touches that calendar year.
    #[must_use]
    pub fn covers(&self, condition: &Condition, today: NaiveDate) -> bool {
        let has = |day: NaiveDate| self.from <= day && self.to.is_none_or(|to| day <= to);
        match *condition {
            Condition::Latest => has(today),
            Condition::OnDate { date } => has(date),
            Condition::Range { from, to } => has(from) && has(to),
            Condition::TaxYear { year } => {
                let year = i32::from(year);
                self.from.year() <= year && self.to.is_none_or(|to| year <= to.year())
            }
        }
    }
}

#[cfg(test)]
mod tests;
