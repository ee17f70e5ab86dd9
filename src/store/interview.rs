//! What both engines make of times for interviews in the same way.

use super::{HeldInterviewSlot, record};
use crate::domain::interview::InterviewSlot;
use crate::domain::{Fault, Timestamp};

/// A slot from its record and from the columns that change beside it.
pub(super) fn read(slot: &str, taken: i64, withdrawn_at: Option<i64>) -> Result<HeldInterviewSlot, Fault> {
    Ok(HeldInterviewSlot {
        slot: record::read("interview slot", slot)?,
        taken: record::count(taken)?,
        withdrawn_at: withdrawn_at.map(Timestamp::from_millis),
    })
}

/// The codes of its procedures between commas, which are in no code.
pub(super) fn procedures(slot: &InterviewSlot) -> String {
    format!(",{},", slot.procedures.join(","))
}

/// By what [`procedures`] is searched for one.
pub(super) fn wanted(procedure: &str) -> String {
    format!(",{procedure},")
}

/// The place behind which a page begins; before everything without one.
pub(super) fn bound<Id: AsRef<str>>(after: Option<&(Timestamp, Id)>) -> (i64, &str) {
    after.map_or((i64::MIN, ""), |(at, id)| (at.millis(), id.as_ref()))
}
