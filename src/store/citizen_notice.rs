//! What both engines make of a notice's records in the same way.

use super::{InsertedCitizenNotice, record};
use crate::domain::citizen_notice::{CitizenNotice, HeldCitizenNotice, NewCitizenNotice, NoticeMention};
use crate::domain::grant::Grant;
use crate::domain::ids::CitizenNoticeId;
use crate::domain::scope::Scope;
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Fault, Timestamp};

/// As which kind a notice is sealed.
pub(super) const KIND: &str = "citizen notice";
/// As which kind a file of one is.
pub(super) const FILE: &str = "citizen notice file";

/// Under which name a notice is sealed.
pub(super) fn name(id: &CitizenNoticeId) -> String {
    format!("{KIND}:{id}")
}

/// Under which name its file is.
pub(super) fn file_name(id: &CitizenNoticeId, number: u32) -> String {
    format!("{FILE}:{id}:{number}")
}

/// A notice from its body and from the columns that may have changed since.
pub(super) fn read(body: &str, place: Option<i64>, read_at: Option<i64>) -> Result<HeldCitizenNotice, Fault> {
    Ok(HeldCitizenNotice {
        notice: record::read(KIND, body)?,
        place: place.map(record::count).transpose()?,
        read_at: read_at.map(Timestamp::from_millis),
    })
}

/// What it means that another one has the key of `new`.
pub(super) fn earlier(new: &CitizenNotice, earlier: HeldCitizenNotice) -> InsertedCitizenNotice {
    if earlier.notice.key == new.key {
        InsertedCitizenNotice::Same(Box::new(earlier))
    } else {
        InsertedCitizenNotice::KeyReused
    }
}

/// One that was just written.
pub(super) fn written(new: &NewCitizenNotice, place: Option<u64>) -> InsertedCitizenNotice {
    InsertedCitizenNotice::New(Box::new(HeldCitizenNotice { notice: new.notice.clone(), place, read_at: None }))
}

/// Whether its time has come when it is written.
pub(super) fn is_due(new: &CitizenNotice) -> bool {
    new.deliver_at <= new.posted_at
}

/// What the client behind a grant is told of a notice to the grant's person, if it may read it.
pub(super) fn told(grant: &Grant, (id, place): (&CitizenNoticeId, u64), now: Timestamp) -> Option<SubmissionEvent> {
    let is_told = grant.is_in_force(now) && grant.scope.has(Scope::Notices);
    let mention = || NoticeMention { id: id.clone(), grant: grant.id.clone(), place };
    is_told.then(|| SubmissionEvent::of_notice(&grant.client, mention(), now))
}
