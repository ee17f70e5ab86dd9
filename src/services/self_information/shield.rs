//! What a representative is told of somebody else: nothing of a person under protection measures (支援措置), and no sign
//! that they are under them.
//!
//! A person who has fled must not be found through somebody who may act for them: not by data, and not by the difference
//! between "nothing is on record" and "it is not disclosed". So to representatives both are one outcome, and the way
//! there is the same for everybody: the provider is asked, then the register of protected persons is looked at, and only
//! then is it decided what is told. What is not told is dropped before anything is made of it.

use super::SelfInformation;
use crate::adapters::selfinfo::Retrieved;
use crate::domain::grant::Grant;

impl SelfInformation {
    /// What may be told of `answer` under `grant`. Whoever decides for themselves is told all; whether the provider
    /// discloses it is the provider's say then.
    pub(super) async fn shielded(&self, grant: &Grant, answer: Retrieved) -> Retrieved {
        let (Some(_), Some(person)) = (&grant.acting, &grant.subject) else { return answer };
        let looked = self.parts.store.is_protected(person).await;
        if let Err(fault) = &looked {
            tracing::error!(%fault, "the register of protected persons could not be read: nothing is told");
        }
        // Not knowing is no permission.
        told(answer, looked.unwrap_or(true))
    }
}

/// What a representative is told.
fn told(answer: Retrieved, is_protected: bool) -> Retrieved {
    match (answer, is_protected) {
        // That a provider could not be reached says nothing about the person.
        (Retrieved::Failed(trouble), _) => Retrieved::Failed(trouble),
        // Which provider answers, what it keeps and what waits on paper would say where they are.
        (_, true) | (Retrieved::NoRecord | Retrieved::NonDisclosed, false) => Retrieved::NonDisclosed,
        (answer, false) => answer,
    }
}
