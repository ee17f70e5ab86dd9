//! That something was erased, of nobody by name.

use crate::domain::ids::SubjectId;
use serde_json::{Value, json};

/// What was erased, and by whose wish.
#[derive(Clone, Copy, Debug)]
pub enum Erased<'a> {
    /// So many consents that had ended, by the operator's schedule.
    OnSchedule(u64),
    /// So many of this person's, by their wish.
    OnRequest(&'a SubjectId, u64),
    /// A person's whole account, by their wish: whose it was nobody is to find out.
    Account,
}

impl<'a> Erased<'a> {
    /// Whose records they were, where that is kept.
    pub(super) const fn person(self) -> Option<&'a SubjectId> {
        match self {
            Self::OnRequest(person, _) => Some(person),
            Self::OnSchedule(_) | Self::Account => None,
        }
    }

    pub(super) fn record(self) -> Value {
        match self {
            Self::OnSchedule(consents) => json!({"kind": "erasure", "by": "schedule", "consents": consents}),
            Self::OnRequest(_, consents) => json!({"kind": "erasure", "by": "citizen", "consents": consents}),
            Self::Account => json!({"kind": "erasure", "by": "citizen", "account": true}),
        }
    }
}
