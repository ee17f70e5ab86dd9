//! What is kept of a disclosure, or of one that was refused.

use super::consents;
use crate::domain::access::{Access, Disposition};
use crate::domain::ids::CitizenNoticeId;
use crate::domain::predicate::Predicate;
use serde_json::{Value, json};

/// Who asked for what, and how it ended: codes and counts, never values.
pub(super) fn told(line: &Access) -> Value {
    let asked = line.data_sets.iter().map(|set| {
        let mut one = json!({"code": set.code.as_str(), "outcome": set.outcome.as_str(), "items": set.items});
        let Some(members) = one.as_object_mut() else { return one };
        if let Some(cut) = set.cut {
            members.insert("held_back".to_owned(), cut.count.into());
        }
        if !set.predicates.is_empty() {
            members.insert("questions".to_owned(), questions(&set.predicates));
        }
        one
    });
    let mut record = json!({
        "kind": "disclosure", "client": line.client.as_str(), "grant": line.grant.as_str(), "purpose": line.purpose,
        "data_sets": asked.collect::<Vec<_>>(),
    });
    let Some(members) = record.as_object_mut() else { return record };
    if !line.notices.is_empty() {
        members.insert("notices".to_owned(), line.notices.iter().map(CitizenNoticeId::as_str).collect());
    }
    if !line.private_documents.is_empty() {
        members.insert("private_documents".to_owned(), line.private_documents.iter().map(String::as_str).collect());
    }
    if let Some(count) = line.records {
        members.insert("records".to_owned(), count.into());
    }
    if let Some(acting) = &line.acting {
        consents::mark(members, &acting.representation, acting.kind);
    }
    if let Some(request) = &line.request {
        members.insert("request".to_owned(), request.as_str().into());
    }
    if let Disposition::Refused { code, decision } = &line.disposition {
        members.insert("kind".to_owned(), "refusal".into());
        members.insert("code".to_owned(), code.as_str().into());
        if let Some(decision) = decision {
            members.insert("decision".to_owned(), decision.as_str().into());
        }
    }
    record
}

/// What was asked, never what was answered.
pub(super) fn questions(predicates: &[Predicate]) -> Value {
    predicates.iter().map(ToString::to_string).collect()
}
