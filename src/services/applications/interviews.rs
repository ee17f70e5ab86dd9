//! Interviews (面談予約) for whoever applied: the times that can be booked, and the one that is, by software or by the person at
//! the counter's own pages.

use super::interviews_view::{BookInterview, CancelInterview, FreeInterviewSlot, FreeInterviewSlotPage};
use super::{ApplicationView, Applications};
use crate::domain::application::{Application, ApplicationNews};
use crate::domain::ids::{ClientId, InterviewSlotId};
use crate::domain::interview::{AppointmentState, InterviewNeed, InterviewSlot};
use crate::domain::{Failure, Fault, Refusal, Timestamp};
use crate::gateway::Permit;
use crate::services::account::CitizenSession;
use crate::services::body::{cut, page_after, place, read};
use crate::store::{HeldApplication, HeldInterviewSlot};

/// Most times of one page for a person.
const SHOWN: u32 = 30;

/// What a person books: a time, and which is given up for it.
type Wish<'a> = (&'a str, Option<&'a str>);

impl Applications {
    /// The times that can be booked for an application.
    ///
    /// # Errors
    /// `not_found`; `invalid_value` naming the parameter.
    pub async fn free_slots(&self, permit: &Permit, id: &str, query: &str) -> Result<FreeInterviewSlotPage, Failure> {
        let held = self.own(permit, id).await?;
        let page = page_after(query, InterviewSlotId::parse)?;
        let (found, next) = self.free(&held.application, page.entry.as_ref(), page.limit).await?;
        Ok(FreeInterviewSlotPage { items: found.iter().map(FreeInterviewSlot::of).collect(), next })
    }

    /// Books a time, or another one instead. The same again is answered with what is there.
    ///
    /// # Errors
    /// `not_found`; `refused_by_policy`; `invalid_request`, `invalid_value` naming the member; `already_booked` when another
    /// time is booked than was said; `slot_full`, `slot_gone`, `interview_too_late`; `conflict` when the application is over,
    /// its interview was held, or it was changed meanwhile; `evidence_unavailable`.
    pub async fn book(&self, permit: &Permit, id: &str, bytes: &[u8]) -> Result<ApplicationView, Failure> {
        let held = self.own(permit, id).await?;
        self.parts.gateway.clear_applying(permit).await?;
        let wish: BookInterview = read(bytes)?;
        let booked = self.booked(&permit.client().id, held, (&wish.slot, wish.instead_of.as_deref())).await?;
        self.shown(&booked).await
    }

    /// Gives the booked time up. The same again is answered with what is there.
    ///
    /// # Errors
    /// Those of [`book`](Self::book).
    pub async fn cancel_interview(&self, permit: &Permit, id: &str, bytes: &[u8]) -> Result<ApplicationView, Failure> {
        let held = self.own(permit, id).await?;
        let said: CancelInterview = read(bytes)?;
        let cancelled = self.cancelled(&permit.client().id, held, &said.slot).await?;
        self.shown(&cancelled).await
    }

    /// A person's application with the times that can be booked for it from behind a place on, and where later ones go on; none
    /// where it is not theirs.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn own_interview(
        &self,
        session: &CitizenSession,
        id: &str,
        after: Option<&str>,
    ) -> Result<Option<(HeldApplication, Vec<HeldInterviewSlot>, Option<String>)>, Fault> {
        let Some(held) = self.of_session(session, id).await? else { return Ok(None) };
        let after = after.and_then(|text| crate::services::body::entry(text, InterviewSlotId::parse).ok());
        let (free, next) = self.free(&held.application, after.as_ref(), SHOWN).await?;
        Ok(Some((held, free, next)))
    }

    /// Books a time for a person's application, as they saw it; false where it is not theirs.
    ///
    /// # Errors
    /// Those of [`book`](Self::book).
    pub async fn book_own(&self, session: &CitizenSession, id: &str, wish: Wish<'_>) -> Result<bool, Failure> {
        let Some(held) = self.of_session(session, id).await? else { return Ok(false) };
        let client = held.application.client.clone();
        self.booked(&client, held, wish).await.map(|_| true)
    }

    /// Gives the time up that the person saw; false where the application is not theirs.
    ///
    /// # Errors
    /// Those of [`book`](Self::book).
    pub async fn cancel_own(&self, session: &CitizenSession, id: &str, slot: &str) -> Result<bool, Failure> {
        let Some(held) = self.of_session(session, id).await? else { return Ok(false) };
        let client = held.application.client.clone();
        self.cancelled(&client, held, slot).await.map(|_| true)
    }

    /// Whether an interview goes with the form that an application was made by.
    #[must_use]
    pub fn interview_need(&self, one: &Application) -> Option<InterviewNeed> {
        self.parts.forms.get(&one.form)?.interview
    }

    /// The moment of now, by which a time can still be changed or not.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    async fn of_session(&self, session: &CitizenSession, id: &str) -> Result<Option<HeldApplication>, Fault> {
        Ok(self.any(id).await?.filter(|held| held.application.subject == *session.subject()))
    }

    /// Nothing is free for what no interview goes with any more.
    async fn free(
        &self,
        one: &Application,
        after: Option<&(Timestamp, InterviewSlotId)>,
        limit: u32,
    ) -> Result<(Vec<HeldInterviewSlot>, Option<String>), Fault> {
        if one.is_over() || one.was_interviewed() || self.interview_need(one).is_none() {
            return Ok((Vec::new(), None));
        }
        let (of, page) = ((&*one.municipality, &*one.procedure), (after, limit.saturating_add(1)));
        let mut found = self.parts.store.list_free_interview_slots(of, self.parts.clock.now(), page).await?;
        let next = cut(&mut found, limit as usize, |last| place(last.slot.meeting.starts_at, &last.slot.id));
        Ok((found, next))
    }

    async fn booked(
        &self,
        by: &ClientId,
        held: HeldApplication,
        (slot, instead_of): Wish<'_>,
    ) -> Result<HeldApplication, Failure> {
        let now_booked = held.application.booked().map(|booked| booked.slot.as_str());
        if now_booked == Some(slot) {
            return Ok(held);
        }
        if self.interview_need(&held.application).is_none() {
            return Err(Refusal::new("conflict", "No interview goes with this application.").into());
        }
        if now_booked != instead_of {
            let words = now_booked.map_or_else(
                || "No time is booked: leave `instead_of` out.".to_owned(),
                |booked| {
                    format!("Another time is booked: {booked}. To take one in its place, name it as `instead_of`.")
                },
            );
            return Err(Refusal::new("already_booked", words).at("/instead_of").into());
        }
        let slot = self.open_slot(slot).await?;
        let (mut next, now) = (held.application.clone(), self.parts.clock.now());
        next.book(&slot, now)?;
        self.changed(by, (&held, next), (ApplicationNews::InterviewBooked, now)).await
    }

    async fn cancelled(&self, by: &ClientId, held: HeldApplication, slot: &str) -> Result<HeldApplication, Failure> {
        let last = held.application.interview.as_ref().and_then(|interview| interview.appointment.as_ref());
        let last = last.filter(|last| last.slot.as_str() == slot);
        if last.is_some_and(|last| last.state == AppointmentState::Cancelled) {
            return Ok(held);
        }
        if last.is_none() {
            let words = "This time is not the one that is booked: look where the application stands now.";
            return Err(Refusal::new("already_booked", words).at("/slot").into());
        }
        let (mut next, now) = (held.application.clone(), self.parts.clock.now());
        next.cancel_appointment(now)?;
        self.changed(by, (&held, next), (ApplicationNews::InterviewCancelled, now)).await
    }

    /// A slot that stands. Whether it has room is asked once more by the write.
    async fn open_slot(&self, id: &str) -> Result<InterviewSlot, Failure> {
        let found = match InterviewSlotId::parse(id) {
            Ok(id) => self.parts.store.find_interview_slot(&id).await?,
            Err(_) => None,
        };
        let unknown = || Refusal::new("invalid_value", "There is no such time: choose one of its `interview-slots`.");
        let found = found.ok_or_else(|| unknown().at("/slot"))?;
        if found.withdrawn_at.is_some() {
            return Err(slot_gone().into());
        }
        Ok(found.slot)
    }
}

pub(super) fn slot_gone() -> Refusal {
    Refusal::new("slot_gone", "The municipality withdrew this time: choose another one.").at("/slot")
}

pub(super) fn slot_full() -> Refusal {
    Refusal::new("slot_full", "The last place at this time is taken: choose another one.").at("/slot")
}
