//! A grant changed by a newer decision of the same person for the same third party (Grant Management §5.2).

use super::consent::{Consent, ConsentedDataSet, Period};
use super::grant::Grant;
use super::ids::GrantId;

/// How a newer decision changes a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amendment {
    /// What was agreed to now is added.
    Merge,
    /// What was agreed to now takes the place of all that was allowed.
    Replace,
}

impl Grant {
    /// This grant after the decision that `newer` holds, under its own id; none when it is not in force then, is
    /// another client's or another person's, was decided by another than now, or when a merge would allow what nobody agreed to.
    ///
    /// The newest word counts: a merged grant lasts as long as was chosen now (it keeps its end when nothing about data
    /// was), and an item that was refused now is refused, whatever was agreed to before.
    #[must_use]
    pub fn amended(&self, newer: &Self, how: Amendment) -> Option<Self> {
        let is_same_person = self.subject.is_some() && self.subject == newer.subject && self.acting == newer.acting;
        let is_same = self.client == newer.client && is_same_person;
        if !is_same || !self.is_in_force(newer.created_at) {
            return None;
        }
        let kept = |id: &GrantId| Self {
            id: id.clone(),
            created_at: self.created_at,
            updated_at: Some(newer.created_at),
            ..newer.clone()
        };
        match how {
            Amendment::Replace => Some(kept(&self.id)),
            Amendment::Merge => {
                let (consent, expires_at) = match (&self.consent, &newer.consent) {
                    (None, consent) => (consent.clone(), newer.expires_at.max(self.expires_at)),
                    (Some(consent), None) => (Some(consent.clone()), self.expires_at),
                    (Some(older), Some(newer_consent)) => (Some(older.merged(newer_consent)?), newer.expires_at),
                };
                let scope = self.scope.with(newer.scope);
                let resources = merged_resources(&self.resources, &newer.resources)?;
                Some(Self { scope, consent, resources, expires_at, ..kept(&self.id) })
            }
        }
    }
}

/// No resource named is the counter itself, which cannot be told here: the two must then be the same.
fn merged_resources(older: &[String], newer: &[String]) -> Option<Vec<String>> {
    if older.is_empty() != newer.is_empty() {
        return None;
    }
    let mut all = older.to_vec();
    all.extend(newer.iter().filter(|resource| !older.contains(resource)).cloned());
    Some(all)
}

impl Consent {
    /// Both consents as one; none when they are for different purposes, or name different times for one data set:
    /// then the items of one would be given for the time of the other.
    #[must_use]
    pub fn merged(&self, newer: &Self) -> Option<Self> {
        if self.purpose != newer.purpose {
            return None;
        }
        let mut data_sets = self.data_sets.clone();
        for set in &newer.data_sets {
            match data_sets.iter_mut().find(|known| known.code == set.code) {
                Some(known) if !known.may_merge(set.period, set.items.is_empty()) => return None,
                Some(known) => known.merge(set),
                None => data_sets.push(set.clone()),
            }
        }
        Some(Self { data_sets, ..newer.clone() })
    }
}

impl ConsentedDataSet {
    /// Whether what is asked anew for data of `period`, or for answers alone, can stand beside this.
    #[must_use]
    pub fn may_merge(&self, period: Option<Period>, is_only_asked: bool) -> bool {
        // A question names its own time: a data set that was only asked about has none.
        is_only_asked || self.items.is_empty() || self.period == period
    }

    fn merge(&mut self, newer: &Self) {
        if self.items.is_empty() {
            self.period = newer.period;
        }
        self.items.retain(|item| !newer.refused.contains(item));
        self.items.extend(&newer.items);
        self.items.sort_unstable();
        self.items.dedup();
        self.refused.extend(&newer.refused);
        self.refused.retain(|item| !self.items.contains(item));
        self.refused.sort_unstable();
        self.refused.dedup();
        self.predicates.retain(|asked| !newer.refused_predicates.contains(asked));
        self.predicates.extend(newer.predicates.iter().cloned());
        self.predicates.sort_unstable();
        self.predicates.dedup();
        self.refused_predicates.extend(newer.refused_predicates.iter().cloned());
        self.refused_predicates.retain(|asked| !self.predicates.contains(asked));
        self.refused_predicates.sort_unstable();
        self.refused_predicates.dedup();
    }
}

#[cfg(test)]
mod tests;
