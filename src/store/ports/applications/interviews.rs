//! The port of times for interviews (面談枠). Places in them are taken and let go by changes of applications.

use super::HeldApplication;
use crate::domain::ids::{ApplicationId, ClientId, InterviewSlotId};
use crate::domain::interview::InterviewSlot;
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// A slot as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldInterviewSlot {
    /// As it was published.
    pub slot: InterviewSlot,
    /// How many applications hold a place.
    pub taken: u64,
    /// When it was withdrawn, if it was.
    pub withdrawn_at: Option<Timestamp>,
}

/// Slots of one municipality, all of them or none.
#[derive(Clone, Debug)]
pub struct NewInterviewSlots {
    /// Whose.
    pub municipality: String,
    /// By what the same call is known again.
    pub key: IdempotencyKey,
    /// The slots, in their order; one at least.
    pub slots: Vec<InterviewSlot>,
    /// When.
    pub at: Timestamp,
}

/// What publishing came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedInterviewSlots {
    /// They are published.
    New,
    /// This municipality published them before, under the same key and from the same body: as they stand.
    Same(Vec<HeldInterviewSlot>),
    /// It published others under this key.
    KeyReused,
    /// With these it had more that have yet to come than it may: none was written.
    TooMany,
}

/// Which span of time is looked at: what begins in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterviewSpan {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

/// What withdrawing a slot came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WithdrawnSlot {
    /// It is withdrawn, and those who had booked it are told: how many.
    Done(usize),
    /// It is not there, is withdrawn already, or has begun.
    Unchanged,
}

/// Times for interviews, each one municipality's.
#[async_trait]
pub trait InterviewStore: Send + Sync {
    /// Publishes slots, of which the municipality has `most` at most that have yet to come.
    async fn insert_interview_slots(&self, new: &NewInterviewSlots, most: u32)
    -> Result<InsertedInterviewSlots, Fault>;
    /// The slot with this id.
    async fn find_interview_slot(&self, id: &InterviewSlotId) -> Result<Option<HeldInterviewSlot>, Fault>;
    /// Those of a municipality in a span, behind a place, by their beginning.
    async fn list_interview_slots(
        &self,
        municipality: &str,
        span: InterviewSpan,
        page: (Option<&(Timestamp, InterviewSlotId)>, u32),
    ) -> Result<Vec<HeldInterviewSlot>, Fault>;
    /// Those of a municipality for a procedure that can still be booked at a moment and have room, behind a place.
    async fn list_free_interview_slots(
        &self,
        of: (&str, &str),
        now: Timestamp,
        page: (Option<&(Timestamp, InterviewSlotId)>, u32),
    ) -> Result<Vec<HeldInterviewSlot>, Fault>;
    /// Withdraws one that has yet to begin. Every application that had booked it loses the appointment in the same write, and
    /// whoever applied is told, with the municipality's own words.
    async fn withdraw_interview_slot(
        &self,
        of: (&str, &InterviewSlotId),
        by: (&ClientId, Timestamp),
        note: Option<&str>,
    ) -> Result<WithdrawnSlot, Fault>;
    /// The applications that hold a place in a slot of this municipality that begins in a span, behind a place, by that
    /// beginning.
    async fn list_interviewed_applications(
        &self,
        municipality: &str,
        span: InterviewSpan,
        page: (Option<&(Timestamp, ApplicationId)>, u32),
    ) -> Result<Vec<HeldApplication>, Fault>;
}
