//! Decisions already made. There are few different questions (classes × data sets × a handful of contexts), and each is
//! asked over and over; evaluating one costs some tens of microseconds, looking it up far less than one.

use super::{Decision, Question};
use crate::domain::decision::Facts;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{PoisonError, RwLock};

/// Decisions kept at most. Filled up, all are dropped at once: what is still asked comes back by itself.
const MOST: usize = 16_384;

/// Decisions by question. It belongs to one set of rules and goes with it, so nothing here grows old: other rules
/// begin with an empty one.
#[derive(Default)]
pub(super) struct Cache {
    hasher: RandomState,
    made: RwLock<HashMap<u64, (Facts, Decision)>>,
}

impl Cache {
    pub fn get_or_make(&self, question: &Question<'_>, make: impl FnOnce() -> Decision) -> Decision {
        let key = self.hasher.hash_one(question);
        {
            let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
            // The whole question is compared: two that share a hash must not share a decision.
            if let Some((_, decision)) = made.get(&key).filter(|(asked, _)| Question::of(asked) == *question) {
                return decision.clone();
            }
        }
        let decision = make();
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= MOST {
            made.clear();
        }
        made.insert(key, (question.facts(), decision.clone()));
        decision
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.made.read().unwrap().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::client::{ClientClass, ClientStatus};
    use crate::domain::decision::Action;
    use crate::domain::ids::ClientId;

    #[test]
    fn a_decision_is_made_once_and_the_table_is_bounded() {
        let cache = Cache::default();
        let client = ClientId::parse("c_1").unwrap();
        let ask = |purpose: &str| {
            let question = Question {
                client: &client,
                class: ClientClass::Bank,
                status: ClientStatus::Production,
                action: Action::ReadCatalogue,
                data_set: None,
                acr: None,
                purpose: Some(purpose),
                access_days: None,
                hour: 12,
            };
            let mut was_made = false;
            let decision = cache.get_or_make(&question, || {
                was_made = true;
                Decision { is_allowed: true, rule: purpose.into() }
            });
            assert_eq!(&*decision.rule, purpose);
            was_made
        };
        assert!(ask("a"));
        assert!(!ask("a"));
        for n in 0..MOST + 10 {
            ask(&n.to_string());
        }
        assert!(cache.len() <= MOST);
    }
}
