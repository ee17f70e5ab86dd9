//! How a registration came to be what it is: what a register vouched for, and who moved it on, when.

use super::client::ClientStatus;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Most changes that are kept; the oldest go first.
const MOST_CHANGES: usize = 200;

/// What is kept beside a client about its registration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The claims of the software statement (RFC 7591 §2.3); empty for a client that the operator brought.
    pub vouched: Map<String, Value>,
    /// Every change, oldest first.
    pub changes: Vec<Change>,
    /// Whether its owner gave it up (RFC 7592 §2.3). Then it stays stopped; citizens still see its name.
    pub is_deleted: bool,
}

/// One change, for whoever audits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: ChangedBy,
    /// The state before.
    pub from: ClientStatus,
    /// The state after.
    pub to: ClientStatus,
    /// Why, or what.
    pub note: String,
}

/// Who changes registrations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", content = "name", rename_all = "snake_case")]
pub enum ChangedBy {
    /// The third party, by its registration access token.
    Owner,
    /// The operator: the name under which they act.
    Operator(String),
}

impl Registration {
    /// Notes a change.
    pub fn note(&mut self, change: Change) {
        if self.changes.len() >= MOST_CHANGES {
            self.changes.remove(0);
        }
        self.changes.push(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_changes_stay() {
        let mut registration = Registration::default();
        for n in 0..=MOST_CHANGES {
            let at = Timestamp::from_seconds(i64::try_from(n).unwrap());
            let (from, to) = (ClientStatus::Draft, ClientStatus::UnderReview);
            registration.note(Change { at, by: ChangedBy::Operator("mihon".into()), from, to, note: String::new() });
        }
        assert_eq!(registration.changes.len(), MOST_CHANGES);
        assert_eq!(registration.changes[0].at, Timestamp::from_seconds(1));
        let text = serde_json::to_string(&registration).unwrap();
        assert_eq!(serde_json::from_str::<Registration>(&text).unwrap(), registration);
    }
}
