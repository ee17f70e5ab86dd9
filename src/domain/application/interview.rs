//! The interview (面談) of an application: one appointment at most, which ends with the application at the latest.

use super::{Actor, Application};
use crate::domain::ids::InterviewSlotId;
use crate::domain::interview::{
    Appointment, AppointmentState, InterviewAct, InterviewResult, InterviewSlot, MOST_BOOKED_STEPS, MOST_STEPS,
};
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How early people come at most.
const EARLY: Duration = Duration::from_hours(1);

/// One step of an interview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterviewStep {
    /// What happened.
    pub act: InterviewAct,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// When the time that it is about begins, where it is about one.
    pub starts_at: Option<Timestamp>,
    /// What the municipality said with it, in its own words.
    pub note: Option<String>,
}

/// An interview as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interview {
    /// The appointment, or the last one.
    pub appointment: Option<Appointment>,
    /// When the municipality recorded that it was held in another way, if it did.
    pub held_otherwise_at: Option<Timestamp>,
    /// What happened, in order.
    pub steps: Vec<InterviewStep>,
}

fn conflict(words: &str) -> Refusal {
    Refusal::new("conflict", words)
}

fn too_late(words: &str) -> Refusal {
    Refusal::new("interview_too_late", words)
}

impl Application {
    /// The appointment that is booked.
    #[must_use]
    pub fn booked(&self) -> Option<&Appointment> {
        let appointment = self.interview.as_ref()?.appointment.as_ref()?;
        (appointment.state == AppointmentState::Booked).then_some(appointment)
    }

    /// By which appointment it holds a place: it does so from when it is booked, also once people came or did not, until it
    /// is cancelled or another takes its place.
    #[must_use]
    pub fn held_appointment(&self) -> Option<&Appointment> {
        let appointment = self.interview.as_ref()?.appointment.as_ref()?;
        (appointment.state != AppointmentState::Cancelled).then_some(appointment)
    }

    /// The slot in which it holds a place.
    #[must_use]
    pub fn held_slot(&self) -> Option<&InterviewSlotId> {
        self.held_appointment().map(|appointment| &appointment.slot)
    }

    /// Whether the municipality met whoever applied.
    #[must_use]
    pub fn was_interviewed(&self) -> bool {
        let Some(interview) = &self.interview else { return false };
        let attended = |one: &Appointment| one.state == AppointmentState::Attended;
        interview.held_otherwise_at.is_some() || interview.appointment.as_ref().is_some_and(attended)
    }

    /// Books a time, in the place of another where one is booked. Whether there is room is for the store to say.
    ///
    /// # Errors
    /// `conflict` when it is over or the interview was held; `invalid_value` at `/slot` when the time is another
    /// municipality's or for other procedures; `interview_too_late` after the last moment of either time.
    pub fn book(&mut self, slot: &InterviewSlot, at: Timestamp) -> Result<(), Refusal> {
        self.is_open_for_interviews()?;
        if slot.municipality != self.municipality || !slot.is_for(&self.procedure) {
            let words = "This time is not for this application: choose one of its `interview-slots`.";
            return Err(Refusal::new("invalid_value", words).at("/slot"));
        }
        if self.booked().is_some_and(|booked| !booked.meeting.is_changeable(at)) {
            return Err(too_late("The appointment cannot be changed any more: ask the municipality."));
        }
        if !slot.meeting.is_changeable(at) {
            return Err(too_late("This time cannot be booked any more: choose a later one.").at("/slot"));
        }
        let act = if self.booked().is_some() { InterviewAct::Changed } else { InterviewAct::Booked };
        let interview = self.interview.get_or_insert_default();
        if interview.steps.len() >= MOST_BOOKED_STEPS {
            return Err(conflict("It was booked and changed too often: ask the municipality."));
        }
        let meeting = slot.meeting.clone();
        let starts_at = Some(meeting.starts_at);
        let state = AppointmentState::Booked;
        interview.appointment = Some(Appointment { slot: slot.id.clone(), meeting, state, booked_at: at });
        interview.steps.push(InterviewStep { act, by: Actor::Applicant, at, starts_at, note: None });
        Ok(())
    }

    /// Gives the booked time up.
    ///
    /// # Errors
    /// `conflict` when none is booked; `interview_too_late` after its last moment.
    pub fn cancel_appointment(&mut self, at: Timestamp) -> Result<(), Refusal> {
        let booked = self.booked().ok_or_else(|| conflict("No time is booked."))?;
        if !booked.meeting.is_changeable(at) {
            return Err(too_late("The appointment cannot be cancelled any more: tell the municipality."));
        }
        self.end_appointment((InterviewAct::Cancelled, Actor::Applicant), at, None);
        Ok(())
    }

    /// Its municipality withdraws the time that is booked; nothing happens where none is.
    pub fn lose_appointment(&mut self, at: Timestamp, note: Option<&str>) {
        self.end_appointment((InterviewAct::SlotWithdrawn, Actor::Municipality), at, note);
    }

    /// The municipality records what became of the interview; it can correct what it recorded.
    ///
    /// # Errors
    /// `conflict` when the application is over, the same is recorded already, nothing is booked that people could have come
    /// to, or that has yet to come.
    pub fn record_interview(
        &mut self,
        result: InterviewResult,
        note: Option<String>,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        if self.is_over() {
            return Err(conflict("The application is over."));
        }
        let interview = self.interview.get_or_insert_default();
        if interview.steps.len() >= MOST_STEPS {
            return Err(conflict("Nothing more can be recorded of this interview."));
        }
        let (act, state) = match result {
            InterviewResult::Attended => (InterviewAct::Attended, AppointmentState::Attended),
            InterviewResult::NotAttended => (InterviewAct::NotAttended, AppointmentState::NotAttended),
            InterviewResult::HeldOtherwise => return interview.hold_otherwise(note, at),
        };
        let appointment = interview.appointment.as_mut().filter(|one| one.state != AppointmentState::Cancelled);
        let appointment = appointment.ok_or_else(|| conflict("No time is booked."))?;
        if appointment.state == state {
            return Err(conflict("That is recorded already."));
        }
        let earliest = if state == AppointmentState::Attended { EARLY } else { Duration::ZERO };
        if at.plus(earliest) < appointment.meeting.starts_at {
            return Err(conflict("The appointment has yet to come."));
        }
        appointment.state = state;
        let starts_at = Some(appointment.meeting.starts_at);
        interview.steps.push(InterviewStep { act, by: Actor::Municipality, at, starts_at, note });
        Ok(())
    }

    /// It is over: a time that has yet to come is somebody else's.
    pub(super) fn free_appointment(&mut self, by: Actor, at: Timestamp) {
        if self.booked().is_some_and(|booked| at < booked.meeting.starts_at) {
            self.end_appointment((InterviewAct::ApplicationOver, by), at, None);
        }
    }

    fn is_open_for_interviews(&self) -> Result<(), Refusal> {
        if self.is_over() {
            return Err(conflict("The application was decided or withdrawn: no interview goes with it any more."));
        }
        if self.was_interviewed() { Err(conflict("The interview was held.")) } else { Ok(()) }
    }

    /// What ends one always has a place among the steps.
    fn end_appointment(&mut self, (act, by): (InterviewAct, Actor), at: Timestamp, note: Option<&str>) {
        let Some(interview) = &mut self.interview else { return };
        let is_booked = |one: &&mut Appointment| one.state == AppointmentState::Booked;
        let Some(appointment) = interview.appointment.as_mut().filter(is_booked) else { return };
        appointment.state = AppointmentState::Cancelled;
        let starts_at = Some(appointment.meeting.starts_at);
        interview.steps.push(InterviewStep { act, by, at, starts_at, note: note.map(str::to_owned) });
    }
}

impl Interview {
    /// A place that is booked is somebody else's from then on.
    fn hold_otherwise(&mut self, note: Option<String>, at: Timestamp) -> Result<(), Refusal> {
        if self.held_otherwise_at.is_some() {
            return Err(conflict("That is recorded already."));
        }
        let booked = self.appointment.as_mut().filter(|one| one.state == AppointmentState::Booked);
        let starts_at = booked.map(|one| {
            one.state = AppointmentState::Cancelled;
            one.meeting.starts_at
        });
        self.held_otherwise_at = Some(at);
        let act = InterviewAct::HeldOtherwise;
        self.steps.push(InterviewStep { act, by: Actor::Municipality, at, starts_at, note });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
