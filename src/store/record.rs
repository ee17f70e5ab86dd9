//! How records are written down and read back, the same in every engine.

use crate::domain::consent_event::{ConsentChange, ConsentEvent};
use crate::domain::decision::DecisionRecord;
use crate::domain::delegation::{Delegation, DelegationStatus};
use crate::domain::employment_certificate::{Revocation, RevocationReason};
use crate::domain::grant::{Grant, GrantStatus, RevokedBy};
use crate::domain::representation::{FreezeReason, Representation, RepresentationEnd, RepresentationStatus};
use crate::domain::retrieval::{RequestState, RetrievalRequest};
use crate::domain::{Fault, Timestamp};
use crate::store::{HeldCertificate, Polled};
use serde::{Serialize, de::DeserializeOwned};
use std::cmp::Reverse;
use std::time::Duration;

/// A record as its JSON body.
pub(super) fn write<T: Serialize>(record: &T) -> Result<String, Fault> {
    serde_json::to_string(record).map_err(|_| Fault::Internal("a record cannot be written as JSON".into()))
}

/// A record from its JSON body. The fault says where reading stopped, never what stood there.
pub(super) fn read<T: DeserializeOwned>(kind: &str, body: &str) -> Result<T, Fault> {
    serde_json::from_str(body)
        .map_err(|e| Fault::Internal(format!("a stored {kind} does not read back (column {})", e.column())))
}

/// A closed word (an enum without fields) as its engine keeps it.
fn word<T: Serialize>(value: T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The word for who revoked a grant.
pub(super) fn revoked_by(by: RevokedBy) -> String {
    word(by)
}

/// The word for what became of a grant.
pub(super) fn change(change: ConsentChange) -> String {
    match change {
        ConsentChange::Revoked(by) => format!("revoked_by_{}", revoked_by(by)),
        ConsentChange::Paused => "paused".to_owned(),
        ConsentChange::Resumed => "resumed".to_owned(),
        ConsentChange::Changed => "changed".to_owned(),
        ConsentChange::Ending => "ending".to_owned(),
    }
}

/// What became of a grant, from its columns in a notice; none where the notice is about a sign-in.
pub(super) fn event(text: Option<String>, grant: Option<String>) -> Result<Option<ConsentEvent>, Fault> {
    let (Some(text), Some(grant)) = (text, grant) else { return Ok(None) };
    let unknown = || Fault::Internal("a stored notice tells of nothing known".into());
    let change = match (text.as_str(), text.strip_prefix("revoked_by_")) {
        (_, Some(by)) => ConsentChange::Revoked(serde_json::from_value(by.into()).map_err(|_| unknown())?),
        ("paused", _) => ConsentChange::Paused,
        ("resumed", _) => ConsentChange::Resumed,
        ("changed", _) => ConsentChange::Changed,
        ("ending", _) => ConsentChange::Ending,
        _ => return Err(unknown()),
    };
    Ok(Some(ConsentEvent { grant: id(grant)?, change }))
}

/// The state of a request from its word.
pub(super) fn state(text: &str) -> Result<RequestState, Fault> {
    serde_json::from_value(text.into()).map_err(|_| Fault::Internal("a stored request has an unknown state".into()))
}

/// A grant from its body and from the columns that may have changed since it was made.
pub(super) fn grant(
    body: &str,
    revoked_at: Option<i64>,
    by: Option<String>,
    (paused_at, held_at): (Option<i64>, Option<i64>),
) -> Result<Grant, Fault> {
    let mut grant: Grant = read("grant", body)?;
    if let Some(since) = paused_at {
        grant.status = GrantStatus::Paused { since: Timestamp::from_millis(since) };
    }
    // Whoever paused it can resume it; held still with its representation it is all the same.
    if let Some(since) = held_at {
        grant.status = GrantStatus::Held { since: Timestamp::from_millis(since) };
    }
    if let (Some(at), Some(by)) = (revoked_at, by) {
        let by = serde_json::from_value(by.into());
        let by = by.map_err(|_| Fault::Internal("a stored grant was revoked by nobody known".into()))?;
        grant.status = GrantStatus::Revoked { at: Timestamp::from_millis(at), by };
    }
    Ok(grant)
}

/// A decision from its body and from when it was last kept.
pub(super) fn decision(body: &str, at: i64) -> Result<DecisionRecord, Fault> {
    let decision: DecisionRecord = read("decision", body)?;
    Ok(DecisionRecord { at: Timestamp::from_millis(at), ..decision })
}

/// An earlier word of a grant, from its body.
pub(super) fn superseded(body: &str, at: i64) -> Result<Grant, Fault> {
    let mut grant: Grant = read("grant", body)?;
    grant.status = GrantStatus::Superseded { at: Timestamp::from_millis(at) };
    Ok(grant)
}

/// A representation from its body and from the columns that may have changed since it was made.
pub(super) fn representation(
    body: &str,
    state: &str,
    changed_at: Option<i64>,
    (by, reason): (Option<String>, Option<String>),
) -> Result<Representation, Fault> {
    let mut found: Representation = read("representation", body)?;
    let changed = changed_at.map(Timestamp::from_millis);
    let by = by.and_then(|by| RepresentationEnd::parse(&by));
    found.status = match (state, changed, by) {
        ("active", ..) => RepresentationStatus::Active,
        ("frozen", Some(since), _) => {
            // Before reasons were kept only operators had any.
            let reason = reason.map_or(Some(FreezeReason::Operator), |reason| FreezeReason::parse(&reason));
            let reason =
                reason.ok_or_else(|| Fault::Internal("a stored representation is frozen for nothing".into()))?;
            RepresentationStatus::Frozen { since, reason }
        }
        ("ended", Some(at), Some(by)) => RepresentationStatus::Ended { at, by },
        _ => return Err(Fault::Internal("a stored representation has an unknown state".into())),
    };
    Ok(found)
}

/// A delegation from its body and from the columns that may have changed since it was made.
pub(super) fn delegation(
    body: &str,
    (ended_at, by): (Option<i64>, Option<String>),
    paused_at: Option<i64>,
) -> Result<Delegation, Fault> {
    let mut found: Delegation = read("delegation", body)?;
    let by = by.map(|by| RepresentationEnd::parse(&by).ok_or_else(|| Fault::Internal("ended by nobody".into())));
    let ended = ended_at.map(Timestamp::from_millis).zip(by.transpose()?);
    let paused = paused_at.map(Timestamp::from_millis).map(|since| DelegationStatus::Paused { since });
    let standing = paused.unwrap_or(DelegationStatus::Active);
    found.status = ended.map_or(standing, |(at, by)| DelegationStatus::Ended { at, by });
    Ok(found)
}

/// A certificate from its body and from the columns that may have changed since it was issued.
pub(super) fn certificate(
    body: &str,
    (revoked_at, because): (Option<i64>, Option<String>),
    (openings, opened_at): (i64, Option<i64>),
) -> Result<HeldCertificate, Fault> {
    let reason = because.map(|reason| {
        RevocationReason::parse(&reason).ok_or_else(|| Fault::Internal("a certificate was revoked for nothing".into()))
    });
    let revoked = revoked_at.map(Timestamp::from_millis).zip(reason.transpose()?);
    Ok(HeldCertificate {
        certificate: read("employment certificate", body)?,
        revocation: revoked.map(|(at, reason)| Revocation { at, reason }),
        openings: count(openings)?,
        opened_at: opened_at.map(Timestamp::from_millis),
    })
}

/// A request from its body and its state's column.
pub(super) fn request(body: &str, current: &str) -> Result<RetrievalRequest, Fault> {
    let mut request: RetrievalRequest = read("request", body)?;
    request.state = state(current)?;
    Ok(request)
}

/// An identifier from the text that an engine kept.
pub(super) fn id<T: TryFrom<String>>(text: String) -> Result<T, Fault> {
    T::try_from(text).map_err(|_| Fault::Internal("a stored identifier is none".into()))
}

/// A span as engines count it.
pub(super) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// A count or place as engines keep it.
pub(super) fn column(count: u64) -> Result<i64, Fault> {
    i64::try_from(count).map_err(|_| Fault::Internal("a count is larger than engines keep".into()))
}

/// A count or place from its column.
pub(super) fn count(column: i64) -> Result<u64, Fault> {
    u64::try_from(column).map_err(|_| Fault::Internal("a stored count is negative".into()))
}

/// What a poll is told of a question that it could neither take nor wait for.
pub(super) fn polled(state: &str, expires_at: Timestamp, now: Timestamp) -> Result<Polled, Fault> {
    match state {
        "refused" if now < expires_at => Ok(Polled::Refused),
        "taken" => Ok(Polled::Unknown),
        // Answered between two looks: the next poll takes it.
        "open" | "granted" if now < expires_at => Ok(Polled::Pending),
        "open" | "granted" | "refused" => Ok(Polled::Over),
        _ => Err(Fault::Internal("a stored question has an unknown state".into())),
    }
}
/// Of what several lists gave, the newest. `place` tells where one stands in a list from new to old.
pub(super) fn newest<T, K: Ord>(mut found: Vec<T>, limit: u32, place: impl Fn(&T) -> K) -> Vec<T> {
    found.sort_by_key(|one| Reverse(place(one)));
    found.truncate(limit as usize);
    found
}
