//! Interviews and visits (面談・来庁) that belong to applications: the times that a municipality opens, and who comes when.
//!
//! A municipality opens times (slots), each with room for some. An application has one appointment at most: booked → attended or
//! not attended, or cancelled by whoever applied, by the municipality, or because the application was over first. Somebody who
//! was met in another way has no need of one any more.

use super::ids::{ClientId, InterviewSlotId};
use super::time::Timestamp;
use super::words::Words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most steps of one application's interview after which nothing new is booked: that goes on for ever otherwise.
pub const MOST_BOOKED_STEPS: usize = 60;
/// Most steps after which nothing more is recorded but what frees a place.
pub const MOST_STEPS: usize = 100;
/// Most people of one slot.
pub const MOST_CAPACITY: u16 = 100;
/// Most slots of one call.
pub const MOST_SLOTS: usize = 200;
/// Most slots of one municipality that have yet to come.
pub const MOST_OPEN_SLOTS: u32 = 10_000;

/// Whether an interview goes with what a form applies for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InterviewNeed {
    /// It is asked for: nothing is approved before it was held.
    Required,
    /// Whoever applied may have one.
    Offered,
}

/// When and where people come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meeting {
    /// Where, as one finds it.
    pub place: Words,
    /// When it begins, to the minute.
    pub starts_at: Timestamp,
    /// When it ends, to the minute.
    pub ends_at: Timestamp,
    /// Until when one can book it, give it up, or take another.
    pub deadline: Timestamp,
}

impl Meeting {
    /// Whether one can still book it or give it up.
    #[must_use]
    pub fn is_changeable(&self, now: Timestamp) -> bool {
        now <= self.deadline
    }
}

/// A time that a municipality opens (面談枠). It stays as it was published; it can be withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterviewSlot {
    /// Its id.
    pub id: InterviewSlotId,
    /// Whose: 全国地方公共団体コード.
    pub municipality: String,
    /// By whose software it was published.
    pub client: ClientId,
    /// For which procedures, by the codes that they have at every municipality.
    pub procedures: Vec<String>,
    /// When and where.
    pub meeting: Meeting,
    /// For how many applications: 1 to [`MOST_CAPACITY`].
    pub capacity: u16,
    /// When it was published.
    pub published_at: Timestamp,
}

impl InterviewSlot {
    /// Whether it is for a procedure.
    #[must_use]
    pub fn is_for(&self, procedure: &str) -> bool {
        self.procedures.iter().any(|one| one == procedure)
    }
}

/// Where an appointment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentState {
    /// A place is held (予約済).
    Booked,
    /// It is not held any more (取消).
    Cancelled,
    /// Whoever applied came (来庁・実施済).
    Attended,
    /// They did not (不参加).
    NotAttended,
}

impl AppointmentState {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Cancelled => "cancelled",
            Self::Attended => "attended",
            Self::NotAttended => "not_attended",
        }
    }
}

/// An application's place in a slot (面談予約).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appointment {
    /// In which slot.
    pub slot: InterviewSlotId,
    /// What the slot says.
    pub meeting: Meeting,
    /// Where it stands.
    pub state: AppointmentState,
    /// When it was booked.
    pub booked_at: Timestamp,
}

/// What a municipality records of an interview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InterviewResult {
    /// Whoever applied came to their appointment.
    Attended,
    /// They did not.
    NotAttended,
    /// They were met in another way, as at the counter without an appointment: none is needed any more.
    HeldOtherwise,
}

/// What happened about an interview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InterviewAct {
    /// A time was booked.
    Booked,
    /// Another time was booked instead.
    Changed,
    /// Whoever applied gave it up.
    Cancelled,
    /// The municipality withdrew the time.
    SlotWithdrawn,
    /// The application was withdrawn or decided before it.
    ApplicationOver,
    /// The municipality recorded that whoever applied came.
    Attended,
    /// That they did not.
    NotAttended,
    /// That they were met in another way.
    HeldOtherwise,
}

impl InterviewAct {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Changed => "changed",
            Self::Cancelled => "cancelled",
            Self::SlotWithdrawn => "slot_withdrawn",
            Self::ApplicationOver => "application_over",
            Self::Attended => "attended",
            Self::NotAttended => "not_attended",
            Self::HeldOtherwise => "held_otherwise",
        }
    }
}
