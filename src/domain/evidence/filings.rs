//! What is kept of filings, and of who may file for whom.

use super::{Delegation, Submission};
use serde_json::{Value, json};

/// Who filed what, and for whom where it was for another company.
pub(super) fn filed(submission: &Submission) -> Value {
    let mut told = json!({
        "kind": "submission", "submission": submission.id.as_str(), "client": submission.client.as_str(),
        "content_sha256": submission.digest.base64url(),
    });
    if let (Some(members), Some(delegation)) = (told.as_object_mut(), &submission.delegation) {
        members.insert("applicant".to_owned(), submission.applicant.as_str().into());
        members.insert("delegation".to_owned(), delegation.as_str().into());
    }
    told
}

pub(super) fn delegation(one: &Delegation, word: &str, operator: Option<&str>) -> Value {
    let mut told = json!({
        "kind": "delegation", "delegation": one.id.as_str(), "applicant": one.company.as_str(),
        "client": one.client.as_str(), "as": one.kind.as_str(), "procedures": one.procedures.names(), "change": word,
    });
    if let (Some(members), Some(operator)) = (told.as_object_mut(), operator) {
        members.insert("operator".to_owned(), operator.into());
    }
    told
}
