//! What is kept of filings, and of who may file for whom.

use super::{
    CertificateAct, Declaration, Delegation, DepositAct, Digest, EmploymentCertificate, Establishment,
    EstablishmentAct, Submission,
};
use crate::domain::application::{Application, ApplicationNews};
use crate::domain::certificate_request::{CertificateRequest, RequestNews, RequestStanding};
use crate::domain::deposit::{Reference, Share};
use crate::domain::disposition::{DispositionAct, DispositionNotice};
use crate::domain::ids::ClientId;
use serde_json::{Map, Value, json};

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

/// Nothing of the employee, and neither secret.
pub(super) fn certificate_request(one: &CertificateRequest, news: RequestNews) -> Value {
    let mut told = json!({
        "kind": "certificate_request", "request": one.id.as_str(), "client": one.client.as_str(),
        "employer": one.employer.as_str(), "action": news.as_str(),
    });
    let certificate = match &one.standing {
        RequestStanding::Answered { certificate, .. } => Some(certificate.as_str()),
        _ => None,
    };
    if let (Some(members), Some(certificate)) = (told.as_object_mut(), certificate) {
        members.insert("certificate".to_owned(), certificate.into());
    }
    told
}

/// Nothing of the founders but how many there are; the digest is of what they sign.
pub(super) fn establishment(one: &Establishment, act: EstablishmentAct) -> Value {
    let mut told = json!({
        "kind": "establishment", "establishment": one.id.as_str(), "client": one.client.as_str(),
        "content_sha256": one.digest.base64url(), "founders": one.founders.len(),
    });
    let Some(members) = told.as_object_mut() else { return told };
    let (action, founder) = match act {
        EstablishmentAct::Begun => ("begun", None),
        EstablishmentAct::Signed(place) => ("signed", Some(place)),
        EstablishmentAct::Declined(place) => ("declined", Some(place)),
        EstablishmentAct::Cancelled => ("cancelled", None),
        EstablishmentAct::Registered => ("registered", None),
    };
    members.insert("action".to_owned(), action.into());
    if let Some(place) = founder {
        members.insert("founder".to_owned(), place.into());
    }
    if let Some(entry) = one.registry.as_ref().filter(|_| act == EstablishmentAct::Registered) {
        members.insert("corporate_number".to_owned(), entry.corporate_number.as_str().into());
    }
    told
}

/// Never its title, nor any of it.
pub(super) fn disposition(one: &DispositionNotice, act: DispositionAct<'_>) -> Value {
    let (action, answered) = (
        match act {
            DispositionAct::PutDown => "put_down",
            DispositionAct::Delivered(_) => "delivered",
            DispositionAct::Fetched(_) => "fetched",
        },
        &one.answered,
    );
    let mut told = json!({
        "kind": "disposition_notice", "notice": one.id.as_str(), "as": one.kind.as_str(), "action": action,
        "client": act.by(one).as_str(), "agency": one.agency, "submission": answered.submission.as_str(),
        "delivery": answered.delivery.as_str(), "applicant": answered.company.as_str(),
        "content_sha256": one.holding.digest.base64url(),
    });
    if let (Some(members), Some(earlier)) = (told.as_object_mut(), &one.supersedes) {
        members.insert("supersedes".to_owned(), earlier.as_str().into());
    }
    told
}

/// Nothing of what it says; the digest is of the answers as they stand.
pub(super) fn application(one: &Application, news: ApplicationNews, by: &ClientId) -> Value {
    let mut told = json!({
        "kind": "application", "application": one.id.as_str(), "action": news.as_str(), "client": one.client.as_str(),
        "by": by.as_str(), "municipality": one.municipality, "procedure": one.procedure, "form": one.form,
        "arrival_number": one.arrival, "state": one.state.as_str(), "content_sha256": one.answers.digest().base64url(),
    });
    if let Some(members) = told.as_object_mut().filter(|_| !one.files.is_empty()) {
        let files: Vec<String> = one.files.iter().map(|file| file.digest.base64url()).collect();
        members.insert("attachments_sha256".to_owned(), files.into());
    }
    if let Some(members) = told.as_object_mut().filter(|_| one.is_by_person) {
        members.insert("handed_in_by_person".to_owned(), true.into());
    }
    let appointment = one.interview.as_ref().and_then(|interview| interview.appointment.as_ref());
    if let (Some(members), Some(appointment)) = (told.as_object_mut(), appointment) {
        members.insert("interview_slot".to_owned(), appointment.slot.as_str().into());
        members.insert("interview_state".to_owned(), appointment.state.as_str().into());
    }
    told
}

/// Never where the data is, nor any of it.
pub(super) fn deposit(one: &Declaration, act: DepositAct<'_>) -> Value {
    let mut told = json!({
        "kind": "deposit", "deposit": one.id.as_str(), "client": one.client.as_str(), "applicant": one.company.as_str(),
        "agency": one.agency, "procedure": one.procedure,
    });
    let Some(members) = told.as_object_mut() else { return told };
    if let Some(delegation) = &one.delegation {
        members.insert("delegation".to_owned(), delegation.as_str().into());
    }
    let action = match act {
        DepositAct::Declared => "declared",
        DepositAct::Filed(digest) => {
            members.insert("content_sha256".to_owned(), digest.base64url().into());
            "filed"
        }
        DepositAct::Withdrawn => "withdrawn",
        DepositAct::Referenced(reference) => referenced(members, reference, "referenced"),
        DepositAct::Ended(ended) => {
            members.insert("outcome".to_owned(), ended.end.outcome.as_str().into());
            members.insert("sent".to_owned(), ended.end.sent.into());
            members.insert("extent".to_owned(), if ended.is_whole { "whole" } else { "range" }.into());
            referenced(members, ended.reference, "reference_ended")
        }
        DepositAct::Shared(share) => shared(members, share, "shared"),
        DepositAct::Unshared(share) => shared(members, share, "unshared"),
    };
    members.insert("action".to_owned(), action.into());
    told
}

fn referenced(members: &mut Map<String, Value>, reference: &Reference, action: &'static str) -> &'static str {
    members.insert("reference".to_owned(), reference.id.as_str().into());
    members.insert("referenced_by".to_owned(), reference.client.as_str().into());
    members.insert("purpose".to_owned(), reference.purpose.as_str().into());
    members.insert("first".to_owned(), reference.span.first().into());
    members.insert("last".to_owned(), reference.span.last().into());
    action
}

fn shared(members: &mut Map<String, Value>, share: &Share, action: &'static str) -> &'static str {
    members.insert("share".to_owned(), share.id.as_str().into());
    members.insert("shared_with".to_owned(), share.client.as_str().into());
    members.insert("purpose".to_owned(), share.purpose.as_str().into());
    members.insert("until".to_owned(), share.expires_at.rfc3339().into());
    action
}
