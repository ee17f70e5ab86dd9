//! What is kept of consents.

use super::accesses::questions;
use super::{Change, ClientId, Grant, GrantId, RepresentationId, RepresentationKind};
use serde_json::{Map, Value, json};

/// What became of a consent, and what was agreed to.
pub(super) fn told(grant: &GrantId, client: &ClientId, change: Change<'_>) -> Value {
    let word = match change {
        Change::Made(_) => "made",
        Change::Amended(_) => "amended",
        Change::Ended(_) => "ended",
        Change::Other(word) => word,
    };
    let mut record = json!({"kind": "consent", "grant": grant.as_str(), "client": client.as_str(), "change": word});
    let Some(members) = record.as_object_mut() else { return record };
    match change {
        Change::Made(terms) | Change::Amended(terms) => members.append(&mut agreed(terms)),
        Change::Ended(by) => drop(members.insert("by".to_owned(), serde_json::to_value(by).unwrap_or_default())),
        Change::Other(_) => {}
    }
    record
}

/// That another acted for the person: which registration, and on what ground; never who.
pub(super) fn mark(members: &mut Map<String, Value>, id: &RepresentationId, kind: RepresentationKind) {
    members.insert("representation".to_owned(), id.as_str().into());
    members.insert("as".to_owned(), kind.as_str().into());
}

fn agreed(terms: &Grant) -> Map<String, Value> {
    let mut members = Map::new();
    if let Some(acting) = &terms.acting {
        mark(&mut members, &acting.id, acting.kind);
    }
    members.insert("expires_at".to_owned(), terms.expires_at.rfc3339().into());
    members.insert("scope".to_owned(), terms.scope.to_string().into());
    if let Some(consent) = &terms.consent {
        let sets = consent.data_sets.iter();
        let sets = sets.map(|set| {
            let mut told = json!({"code": set.code.as_str(), "items": set.items.len(), "refused": set.refused.len()});
            let is_asked = !set.predicates.is_empty() || !set.refused_predicates.is_empty();
            if let Some(members) = told.as_object_mut().filter(|_| is_asked) {
                members.insert("questions".to_owned(), questions(&set.predicates));
                members.insert("refused_questions".to_owned(), set.refused_predicates.len().into());
            }
            told
        });
        members.insert("data_sets".to_owned(), sets.collect());
        members.insert("purpose".to_owned(), consent.purpose.as_str().into());
        members.insert("access_days".to_owned(), consent.access_days.into());
        members.insert("retention_days".to_owned(), consent.retention_days.into());
    }
    members
}
