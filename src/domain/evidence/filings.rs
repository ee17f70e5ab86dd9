//! What is kept of filings, and of who may file for whom.

use super::{CertificateAct, Delegation, Digest, EmploymentCertificate, Submission};
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
    if let (Some(members), Some(via)) = (told.as_object_mut(), &one.via) {
        members.insert("via".to_owned(), via.as_str().into());
    }
    told
}

/// Nothing of the employee; the digest is of what the company signed.
pub(super) fn certificate(one: &EmploymentCertificate, act: CertificateAct<'_>) -> Value {
    let mut told = json!({
        "kind": "employment_certificate", "certificate": one.id.as_str(), "client": one.client.as_str(),
        "employer": one.employer.as_str(), "municipality": one.municipality, "form": one.form,
        "certificate_sha256": Digest::of(&one.signed).base64url(),
    });
    let Some(members) = told.as_object_mut() else { return told };
    if let Some(delegation) = &one.delegation {
        members.insert("delegation".to_owned(), delegation.as_str().into());
    }
    match act {
        CertificateAct::Issued => drop(members.insert("action".to_owned(), "issued".into())),
        CertificateAct::Revoked(reason) => {
            members.insert("action".to_owned(), "revoked".into());
            members.insert("reason".to_owned(), reason.as_str().into());
        }
        CertificateAct::Opened(by) => {
            members.insert("action".to_owned(), "opened".into());
            members.insert("opened_by".to_owned(), by.as_str().into());
        }
    }
    told
}
