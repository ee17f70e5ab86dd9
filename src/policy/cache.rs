//! Decisions already made. There are few different questions (classes × data sets × a handful of contexts), and each is
//! asked over and over; evaluating one costs some tens of microseconds, looking it up far less than one.

use super::{Action, DataSetFacts, Decision, Question};
use crate::domain::acr::Acr;
use crate::domain::client::{ClientClass, ClientStatus};
use crate::domain::ids::ClientId;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{PoisonError, RwLock};

/// Decisions kept at most. Filled up, all are dropped at once: what is still asked comes back by itself.
const MOST: usize = 16_384;

/// Decisions by question. The rules never change while they are loaded, so nothing here grows old.
#[derive(Default)]
pub(super) struct Cache {
    hasher: RandomState,
    made: RwLock<HashMap<u64, (Owned, Decision)>>,
}

impl Cache {
    pub fn get_or_make(&self, question: &Question<'_>, make: impl FnOnce() -> Decision) -> Decision {
        let key = self.hasher.hash_one(question);
        {
            let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
            // The whole question is compared: two that share a hash must not share a decision.
            if let Some((_, decision)) = made.get(&key).filter(|(asked, _)| asked.as_question() == *question) {
                return decision.clone();
            }
        }
        let decision = make();
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= MOST {
            made.clear();
        }
        made.insert(key, (Owned::of(question), decision.clone()));
        decision
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.made.read().unwrap().len()
    }
}

/// A question kept.
struct Owned {
    client: ClientId,
    class: ClientClass,
    status: ClientStatus,
    action: Action,
    data_set: Option<DataSetFacts>,
    acr: Option<Acr>,
    purpose: Option<String>,
}

impl Owned {
    fn of(question: &Question<'_>) -> Self {
        let Question { client, class, status, action, data_set, acr, purpose } = *question;
        let (data_set, purpose) = (data_set.cloned(), purpose.map(str::to_owned));
        Self { client: client.clone(), class, status, action, data_set, acr, purpose }
    }

    fn as_question(&self) -> Question<'_> {
        Question {
            client: &self.client,
            class: self.class,
            status: self.status,
            action: self.action,
            data_set: self.data_set.as_ref(),
            acr: self.acr,
            purpose: self.purpose.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
