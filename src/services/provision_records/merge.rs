//! Exchanges and lines of the access history in one order: newest first; of one moment, exchanges first, then by id.

use super::wanted::Place;
use crate::domain::provision_record::DisclosedRecord;
use crate::services::account::ListedAccess;
use crate::services::body::place;

/// One entry of the list.
#[derive(Clone, Debug)]
pub enum Entry {
    /// One body asked another.
    Exchange(Box<DisclosedRecord>),
    /// A third party read through this counter, or was refused.
    Access(Box<ListedAccess>),
}

impl Entry {
    /// Where it stands in the list.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Exchange(one) => place(one.record().at, &one.id),
            Self::Access(one) => place(one.access.at, &one.access.id),
        }
    }
}

/// The first `most` entries after a place. Both come newest first; `accesses` begin after the place already.
pub(super) fn merged(
    exchanged: Vec<DisclosedRecord>,
    accesses: Vec<ListedAccess>,
    after: Option<&Place>,
    most: usize,
) -> Vec<Entry> {
    let is_after = |one: &DisclosedRecord| after.is_none_or(|place| place.is_before(one.record().at, &one.id));
    let mut exchanged = exchanged.into_iter().filter(is_after).peekable();
    let mut accesses = accesses.into_iter().peekable();
    let mut entries = Vec::new();
    while entries.len() < most {
        let is_exchange = match (exchanged.peek(), accesses.peek()) {
            (Some(one), Some(other)) => one.record().at >= other.access.at,
            (one, _) => one.is_some(),
        };
        let next = if is_exchange {
            exchanged.next().map(|one| Entry::Exchange(Box::new(one)))
        } else {
            accesses.next().map(|one| Entry::Access(Box::new(one)))
        };
        let Some(next) = next else { break };
        entries.push(next);
    }
    entries
}
