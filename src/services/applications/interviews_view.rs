//! Interviews (面談) as municipalities publish them, and as whoever applied sees them.

use crate::domain::application::{Actor, Application, Interview};
use crate::domain::interview::{Appointment, AppointmentState, InterviewAct, InterviewNeed, InterviewResult, Meeting};
use crate::domain::{Timestamp, Words};
use crate::store::{HeldApplication, HeldInterviewSlot};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A time for interviews (面談枠).
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishInterviewSlot {
    /// For which procedures, by the codes that they have at every municipality: 1 to 20 with which an interview goes.
    #[schema(min_items = 1, max_items = 20, example = json!(["child-rearing-allowance-current-state"]))]
    pub procedures: Vec<String>,
    /// Where, as one finds it: 1 to 120 characters in each language.
    pub place: Words,
    /// When it begins, to the minute (RFC 3339): from now to a year from now.
    #[schema(format = "date-time", example = "2026-12-01T10:00:00+09:00")]
    pub starts_at: String,
    /// When it ends, to the minute: at most twelve hours later.
    #[schema(format = "date-time", example = "2026-12-01T10:30:00+09:00")]
    pub ends_at: String,
    /// Until when one can book it, give it up or take another, not after its beginning; absent for until its beginning.
    #[schema(format = "date-time", nullable = false, example = "2026-11-30T17:00:00+09:00")]
    pub deadline: Option<String>,
    /// For how many applications: 1 to 100.
    #[schema(minimum = 1, maximum = 100, example = 1)]
    pub capacity: u16,
}

/// Times for interviews, all of them or none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishInterviewSlots {
    /// 1 to 200.
    #[schema(min_items = 1, max_items = 200)]
    pub slots: Vec<PublishInterviewSlot>,
}

/// That a municipality withdraws a time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawInterviewSlot {
    /// What those who had booked it are told with it, at most 500 characters.
    #[schema(nullable = false, example = "担当者の都合により中止します。別の日時をご予約ください。")]
    pub note: Option<String>,
}

/// What became of an interview.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordInterview {
    /// What.
    pub result: InterviewResult,
    /// What whoever applied is told with it, at most 500 characters.
    #[schema(nullable = false, example = "窓口で本人確認を行いました。")]
    pub note: Option<String>,
}

/// Which time is booked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookInterview {
    /// The time, by its id.
    #[schema(example = "isl_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub slot: String,
    /// The time that is booked now and given up for it; absent where none is. So nobody books over what the person chose
    /// meanwhile.
    #[schema(nullable = false, example = "isl_Zm9vYmFyYmF6cXV4NTY3OA")]
    pub instead_of: Option<String>,
}

/// Which time is given up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelInterview {
    /// The time that is booked, by its id.
    #[schema(example = "isl_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub slot: String,
}

/// When and where people come.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = InterviewMeeting)]
pub struct MeetingView {
    /// Where.
    pub place: Words,
    /// When it begins (RFC 3339).
    #[schema(format = "date-time", example = "2026-12-01T10:00:00+09:00")]
    pub starts_at: String,
    /// When it ends.
    #[schema(format = "date-time", example = "2026-12-01T10:30:00+09:00")]
    pub ends_at: String,
    /// Until when one can book it, give it up or take another.
    #[schema(format = "date-time", example = "2026-11-30T17:00:00+09:00")]
    pub deadline: String,
}

/// A time that can be booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreeInterviewSlot {
    /// Its id, which `slot` of a booking says.
    #[schema(example = "isl_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// When and where.
    pub meeting: MeetingView,
    /// How many places are left.
    #[schema(example = 1)]
    pub left: u64,
}

/// Times that can be booked, by their beginning.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreeInterviewSlotPage {
    /// The times.
    pub items: Vec<FreeInterviewSlot>,
    /// What `after` says to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// A time for interviews as its municipality sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InterviewSlot)]
pub struct InterviewSlotView {
    /// Its id.
    #[schema(example = "isl_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// For which procedures.
    #[schema(example = json!(["child-rearing-allowance-current-state"]))]
    pub procedures: Vec<String>,
    /// When and where.
    pub meeting: MeetingView,
    /// For how many applications.
    #[schema(example = 1)]
    pub capacity: u16,
    /// How many hold a place.
    #[schema(example = 0)]
    pub taken: u64,
    /// When it was published (RFC 3339).
    #[schema(format = "date-time")]
    pub published_at: String,
    /// When it was withdrawn, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub withdrawn_at: Option<String>,
}

/// Times that were published together, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedInterviewSlots {
    /// The times.
    pub items: Vec<InterviewSlotView>,
}

/// Times of a municipality, by their beginning.
#[derive(Debug, Serialize, ToSchema)]
pub struct InterviewSlotPage {
    /// The times.
    pub items: Vec<InterviewSlotView>,
    /// What `after` says to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// An appointment (面談予約).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = InterviewAppointment)]
pub struct AppointmentView {
    /// In which slot.
    #[schema(example = "isl_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub slot: String,
    /// Where it stands.
    pub state: AppointmentState,
    /// When and where.
    pub meeting: MeetingView,
    /// When it was booked (RFC 3339).
    #[schema(format = "date-time")]
    pub booked_at: String,
}

/// An application that holds a place, in short: nothing of what it says.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyInterviewAppointment {
    /// The application's id.
    #[schema(example = "app_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub application: String,
    /// Its arrival number (到達番号), which whoever comes can tell.
    #[schema(example = "20261120-7K3M9QX2R4TD")]
    pub arrival_number: String,
    /// Its procedure.
    #[schema(example = "child-rearing-allowance-current-state")]
    pub procedure: String,
    /// The appointment.
    pub appointment: AppointmentView,
}

/// Appointments at a municipality, by their beginning.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyInterviewAppointmentPage {
    /// The appointments.
    pub items: Vec<AgencyInterviewAppointment>,
    /// What `after` says to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// What whoever applied does next about the interview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InterviewNext {
    /// It is asked for, and no time is booked: book one.
    Book,
    /// A time is booked: come.
    Come,
    /// Nothing.
    Nothing,
}

/// One step of an interview.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InterviewStep)]
pub struct InterviewStepView {
    /// What happened.
    pub act: InterviewAct,
    /// By whom.
    pub by: Actor,
    /// When (RFC 3339).
    #[schema(format = "date-time")]
    pub at: String,
    /// When the time that it is about begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub starts_at: Option<String>,
    /// What the municipality said with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub note: Option<String>,
}

/// The interview (面談) of an application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationInterview)]
pub struct InterviewView {
    /// Whether it is asked for. What is asked for is held before the application can be approved.
    pub need: InterviewNeed,
    /// What whoever applied does next.
    pub next: InterviewNext,
    /// Whether it was held.
    pub is_held: bool,
    /// The appointment, or the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub appointment: Option<AppointmentView>,
    /// When the municipality recorded that it was held without an appointment, if it did (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub held_otherwise_at: Option<String>,
    /// What happened about it, in order.
    pub steps: Vec<InterviewStepView>,
}

impl MeetingView {
    fn of(one: &Meeting) -> Self {
        Self {
            place: one.place.clone(),
            starts_at: one.starts_at.rfc3339(),
            ends_at: one.ends_at.rfc3339(),
            deadline: one.deadline.rfc3339(),
        }
    }
}

impl FreeInterviewSlot {
    pub(super) fn of(held: &HeldInterviewSlot) -> Self {
        let slot = &held.slot;
        let left = u64::from(slot.capacity).saturating_sub(held.taken);
        Self { id: slot.id.to_string(), meeting: MeetingView::of(&slot.meeting), left }
    }
}

impl InterviewSlotView {
    pub(super) fn of(held: &HeldInterviewSlot) -> Self {
        let slot = &held.slot;
        Self {
            id: slot.id.to_string(),
            procedures: slot.procedures.clone(),
            meeting: MeetingView::of(&slot.meeting),
            capacity: slot.capacity,
            taken: held.taken,
            published_at: slot.published_at.rfc3339(),
            withdrawn_at: held.withdrawn_at.map(Timestamp::rfc3339),
        }
    }
}

impl AppointmentView {
    pub(super) fn of(one: &Appointment) -> Self {
        Self {
            slot: one.slot.to_string(),
            state: one.state,
            meeting: MeetingView::of(&one.meeting),
            booked_at: one.booked_at.rfc3339(),
        }
    }
}

impl AgencyInterviewAppointment {
    /// None where it holds no place.
    pub(super) fn of(held: &HeldApplication) -> Option<Self> {
        let one = &held.application;
        let appointment = one.interview.as_ref()?.appointment.as_ref()?;
        Some(Self {
            application: one.id.to_string(),
            arrival_number: one.arrival.clone(),
            procedure: one.procedure.clone(),
            appointment: AppointmentView::of(appointment),
        })
    }
}

impl InterviewView {
    /// None where no interview goes with the form, and nothing was recorded of one.
    pub(super) fn of(one: &Application, need: Option<InterviewNeed>) -> Option<Self> {
        let none = Interview::default();
        let interview = one.interview.as_ref();
        let need = need.or_else(|| interview.map(|_| InterviewNeed::Offered))?;
        let interview = interview.unwrap_or(&none);
        let is_held = one.was_interviewed();
        let next = match (one.booked(), need) {
            _ if one.is_over() || is_held => InterviewNext::Nothing,
            (Some(_), _) => InterviewNext::Come,
            (None, InterviewNeed::Required) => InterviewNext::Book,
            (None, InterviewNeed::Offered) => InterviewNext::Nothing,
        };
        let step = |step: &crate::domain::application::InterviewStep| InterviewStepView {
            act: step.act,
            by: step.by,
            at: step.at.rfc3339(),
            starts_at: step.starts_at.map(Timestamp::rfc3339),
            note: step.note.clone(),
        };
        Some(Self {
            need,
            next,
            is_held,
            appointment: interview.appointment.as_ref().map(AppointmentView::of),
            held_otherwise_at: interview.held_otherwise_at.map(Timestamp::rfc3339),
            steps: interview.steps.iter().map(step).collect(),
        })
    }
}
