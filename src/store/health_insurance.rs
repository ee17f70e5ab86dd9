//! What both engines make of health insurance registrations in the same way.

use super::{InsuranceChange, LeasedInsurance};
use crate::domain::evidence::Event;
use crate::domain::health_insurance::{InsuranceLease, InsuranceRegistration};
use crate::domain::ids::SubjectId;
use crate::domain::linkage::LinkageAct;
use crate::domain::{Fault, Timestamp};

/// As which kind one is sealed.
pub(super) const KIND: &str = "health_insurance";

/// Under which name one is sealed.
pub(super) fn name(subject: &SubjectId) -> String {
    format!("{KIND}:{subject}")
}

/// One from its body; none where there is no body.
pub(super) fn read(body: Option<String>) -> Result<Option<InsuranceRegistration>, Fault> {
    body.map(|body| super::record::read(KIND, &body)).transpose()
}

/// The turn that a write gave, or that nobody got.
pub(super) fn leased(subject: &SubjectId, given: Option<(i64, Option<InsuranceRegistration>)>) -> LeasedInsurance {
    let lease = |(turn, registered)| InsuranceLease { subject: subject.clone(), turn, registered };
    given.map_or(LeasedInsurance::Busy, |given| LeasedInsurance::Yes(lease(given)))
}

/// What a change is told of as; none where nothing changed.
pub(super) fn event(lease: &InsuranceLease, change: InsuranceChange, at: Timestamp) -> Option<Event<'_>> {
    let act = match (change, lease.registered) {
        (InsuranceChange::Registered(_), None) => LinkageAct::InsuranceRegistered,
        (InsuranceChange::Registered(_), Some(_)) => LinkageAct::InsuranceRenewed,
        (InsuranceChange::Ended, _) => LinkageAct::InsuranceEnded,
        (InsuranceChange::Unchanged, _) => return None,
    };
    Some(Event::Linkage { subject: &lease.subject, service: None, act, at })
}
