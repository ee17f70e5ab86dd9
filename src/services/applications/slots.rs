//! The municipality's side of interviews (面談): the times that it opens, who comes, and what became of that.

use super::agency::municipality;
use super::body::{LONGEST_NOTE, line};
use super::interviews_view::{
    AgencyInterviewAppointment, AgencyInterviewAppointmentPage, InterviewSlotPage, InterviewSlotView,
    PublishInterviewSlot, PublishInterviewSlots, PublishedInterviewSlots, RecordInterview, WithdrawInterviewSlot,
};
use super::{AgencyApplication, Applications};
use crate::domain::application::{Application, ApplicationNews};
use crate::domain::ids::{ApplicationId, InterviewSlotId, InvalidId};
use crate::domain::interview::{InterviewSlot, MOST_CAPACITY, MOST_OPEN_SLOTS, MOST_SLOTS, Meeting};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Digest, Failure, Refusal, Timestamp, Words};
use crate::gateway::Permit;
use crate::services::body::{LISTED, cut, day, entry, idempotency_key, limit, place, read, unknown};
use crate::store::{HeldInterviewSlot, InsertedInterviewSlots, InterviewSpan, NewInterviewSlots, WithdrawnSlot};
use chrono::DateTime;
use std::collections::BTreeSet;
use std::time::Duration;
use url::form_urlencoded;

/// Most characters of a place.
const LONGEST_PLACE: usize = 120;
/// Most procedures of one time.
const MOST_PROCEDURES: usize = 20;
/// How far ahead a time can be.
const AHEAD: Duration = Duration::from_hours(24 * 366);
/// How long one can be.
const LONGEST: Duration = Duration::from_hours(12);
const DAY: Duration = Duration::from_hours(24);
const MINUTE: i64 = 60_000;

/// Which times are asked for.
struct Asked<Id> {
    span: InterviewSpan,
    after: Option<(Timestamp, Id)>,
    limit: u32,
}

impl<Id> Asked<Id> {
    /// One day, or all from today on.
    fn read(query: &str, now: Timestamp, id_of: fn(&str) -> Result<Id, InvalidId>) -> Result<Self, Refusal> {
        let today = Timestamp::of_day_in_japan(now.date_in_japan()).unwrap_or(now);
        let span = InterviewSpan { from: today, until: Timestamp::from_millis(i64::MAX) };
        let mut asked = Self { span, after: None, limit: LISTED };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "date" => {
                    let wrong = || Refusal::new("invalid_value", "It must be a day, as 2026-12-01.").at("date");
                    let from = day(&value).and_then(Timestamp::of_day_in_japan).ok_or_else(wrong)?;
                    asked.span = InterviewSpan { from, until: from.plus(DAY) };
                }
                "after" => asked.after = Some(entry(&value, id_of)?),
                "limit" => asked.limit = limit(&value)?,
                _ => return Err(unknown(&name, "date, after, limit")),
            }
        }
        Ok(asked)
    }

    fn page(&self) -> (Option<&(Timestamp, Id)>, u32) {
        (self.after.as_ref(), self.limit.saturating_add(1))
    }
}

impl Applications {
    /// Publishes times, all of them or none. The same call again is answered with what it published.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found` where it is no municipality; `invalid_request`, `invalid_value` naming the member;
    /// `idempotency_key_reused`; `conflict` when there are too many.
    pub async fn publish_slots(
        &self,
        permit: &Permit,
        bytes: &[u8],
        key: Option<&str>,
    ) -> Result<PublishedInterviewSlots, Failure> {
        self.parts.gateway.clear_taking_applications(permit).await?;
        let whose = municipality(permit)?;
        let key = idempotency_key(key, "publishes nothing twice")?;
        let said: PublishInterviewSlots = read(bytes)?;
        let key = IdempotencyKey { key: Digest::of(&format!("interviews\n{key}")), body: Digest::of_bytes(bytes) };
        if !(1..=MOST_SLOTS).contains(&said.slots.len()) {
            let words = format!("Publish 1 to {MOST_SLOTS} times.");
            return Err(Refusal::new("invalid_value", words).at("/slots").into());
        }
        let now = self.parts.clock.now();
        let mut slots = Vec::with_capacity(said.slots.len());
        for (n, slot) in said.slots.into_iter().enumerate() {
            slots.push(self.slot_of((permit, whose), slot, (&format!("/slots/{n}"), now))?);
        }
        let new = NewInterviewSlots { municipality: whose.to_owned(), key, slots, at: now };
        let held = match self.parts.store.insert_interview_slots(&new, MOST_OPEN_SLOTS).await? {
            InsertedInterviewSlots::New => {
                let held = |slot| HeldInterviewSlot { slot, taken: 0, withdrawn_at: None };
                new.slots.into_iter().map(held).collect()
            }
            InsertedInterviewSlots::Same(held) => held,
            InsertedInterviewSlots::KeyReused => {
                let words = "This Idempotency-Key came with other times before: use a new one.";
                return Err(Refusal::new("idempotency_key_reused", words).at("Idempotency-Key").into());
            }
            InsertedInterviewSlots::TooMany => {
                let words = format!("A municipality has at most {MOST_OPEN_SLOTS} times that have yet to come.");
                return Err(Refusal::new("conflict", words).into());
            }
        };
        Ok(PublishedInterviewSlots { items: held.iter().map(InterviewSlotView::of).collect() })
    }

    /// The times that the municipality behind this client published, by their beginning: of one day, or from today on.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found` where it is no municipality; `invalid_value` naming the parameter.
    pub async fn own_slots(&self, permit: &Permit, query: &str) -> Result<InterviewSlotPage, Failure> {
        self.parts.gateway.clear_taking_applications(permit).await?;
        let (whose, now) = (municipality(permit)?, self.parts.clock.now());
        let asked = Asked::read(query, now, InterviewSlotId::parse)?;
        let mut found = self.parts.store.list_interview_slots(whose, asked.span, asked.page()).await?;
        let next = cut(&mut found, asked.limit as usize, |last| place(last.slot.meeting.starts_at, &last.slot.id));
        Ok(InterviewSlotPage { items: found.iter().map(InterviewSlotView::of).collect(), next })
    }

    /// Withdraws a time that has yet to begin: whoever had booked it is told, and can book another one.
    ///
    /// # Errors
    /// `not_found` for another municipality's, too; `refused_by_policy`; `invalid_value`; `conflict` when it has begun;
    /// `evidence_unavailable`.
    pub async fn withdraw_slot(&self, permit: &Permit, id: &str, bytes: &[u8]) -> Result<InterviewSlotView, Failure> {
        let whose = municipality(permit)?;
        let slot = self.published(whose, id).await?;
        self.parts.gateway.clear_taking_applications(permit).await?;
        let said: WithdrawInterviewSlot = read(bytes)?;
        let note = said.note.map(|note| line(&note, LONGEST_NOTE, "/note")).transpose()?;
        self.parts.evidence.intake().admit()?;
        let (by, id) = ((&permit.client().id, self.parts.clock.now()), &slot.slot.id);
        let withdrawn = self.parts.store.withdraw_interview_slot((whose, id), by, note.as_deref()).await?;
        let now = self.published(whose, id.as_str()).await?;
        if withdrawn == WithdrawnSlot::Unchanged && now.withdrawn_at.is_none() {
            return Err(Refusal::new("conflict", "It has begun: record who came instead.").into());
        }
        Ok(InterviewSlotView::of(&now))
    }

    /// Who comes when: of one day, or from today on. Nothing of what the applications say.
    ///
    /// # Errors
    /// Those of [`own_slots`](Self::own_slots).
    pub async fn appointments(&self, permit: &Permit, query: &str) -> Result<AgencyInterviewAppointmentPage, Failure> {
        self.parts.gateway.clear_taking_applications(permit).await?;
        let (whose, now) = (municipality(permit)?, self.parts.clock.now());
        let asked = Asked::read(query, now, ApplicationId::parse)?;
        let found = self.parts.store.list_interviewed_applications(whose, asked.span, asked.page()).await?;
        let told = found.iter().filter_map(|held| {
            let appointment = held.application.interview.as_ref()?.appointment.as_ref()?;
            Some((appointment.meeting.starts_at, held))
        });
        let mut told: Vec<_> = told.collect();
        let next = cut(&mut told, asked.limit as usize, |(at, last)| place(*at, &last.application.id));
        let items = told.into_iter().filter_map(|(_, held)| AgencyInterviewAppointment::of(held)).collect();
        Ok(AgencyInterviewAppointmentPage { items, next })
    }

    /// Records what became of an application's interview.
    ///
    /// # Errors
    /// Those of [`review`](Self::review).
    pub async fn record_interview(
        &self,
        permit: &Permit,
        id: &str,
        bytes: &[u8],
    ) -> Result<AgencyApplication, Failure> {
        let held = self.to_municipality(permit, id).await?;
        let RecordInterview { result, note } = read(bytes)?;
        let note = note.map(|note| line(&note, LONGEST_NOTE, "/note")).transpose()?;
        let step = |next: &mut Application, now| next.record_interview(result, note, now);
        self.step(permit, held, ApplicationNews::InterviewRecorded, step).await
    }

    async fn published(&self, whose: &str, id: &str) -> Result<HeldInterviewSlot, Failure> {
        let found = match InterviewSlotId::parse(id) {
            Ok(id) => self.parts.store.find_interview_slot(&id).await?,
            Err(_) => None,
        };
        let unknown = || Refusal::new("not_found", "Your municipality published no time with this id.").at("id");
        Ok(found.filter(|held| held.slot.municipality == whose).ok_or_else(unknown)?)
    }

    fn slot_of(
        &self,
        (permit, whose): (&Permit, &str),
        said: PublishInterviewSlot,
        (at, now): (&str, Timestamp),
    ) -> Result<InterviewSlot, Refusal> {
        let wrong = |member: &str, words: &str| Refusal::new("invalid_value", words).at(format!("{at}/{member}"));
        self.check_procedures(&said.procedures, at)?;
        let place = Words {
            ja: line(&said.place.ja, LONGEST_PLACE, &format!("{at}/place/ja"))?,
            en: line(&said.place.en, LONGEST_PLACE, &format!("{at}/place/en"))?,
        };
        let read = |member: &str, text: &str| {
            minute(text).ok_or_else(|| wrong(member, "It must be a whole minute, as 2026-12-01T10:00:00+09:00."))
        };
        let starts_at = read("starts_at", &said.starts_at)?;
        if starts_at <= now || starts_at > now.plus(AHEAD) {
            return Err(wrong("starts_at", "It must be from now to a year from now."));
        }
        let ends_at = read("ends_at", &said.ends_at)?;
        if ends_at <= starts_at || ends_at > starts_at.plus(LONGEST) {
            return Err(wrong("ends_at", "It must be after `starts_at`, and at most twelve hours later."));
        }
        let deadline = said.deadline.as_deref().map(|text| read("deadline", text)).transpose()?.unwrap_or(starts_at);
        if deadline <= now || deadline > starts_at {
            return Err(wrong("deadline", "It must be after now, and not after `starts_at`."));
        }
        if !(1..=MOST_CAPACITY).contains(&said.capacity) {
            return Err(wrong("capacity", "It must be 1 to 100."));
        }
        Ok(InterviewSlot {
            id: InterviewSlotId::generate(&*self.parts.entropy),
            municipality: whose.to_owned(),
            client: permit.client().id.clone(),
            procedures: said.procedures,
            meeting: Meeting { place, starts_at, ends_at, deadline },
            capacity: said.capacity,
            published_at: now,
        })
    }

    fn check_procedures(&self, procedures: &[String], at: &str) -> Result<(), Refusal> {
        let wrong = |place: String, words: &str| Refusal::new("invalid_value", words).at(format!("{at}/{place}"));
        if !(1..=MOST_PROCEDURES).contains(&procedures.len()) {
            return Err(wrong("procedures".to_owned(), "Name 1 to 20 procedures."));
        }
        let mut names = BTreeSet::new();
        for (n, code) in procedures.iter().enumerate() {
            if !self.parts.forms.has_interviews(code) {
                let words = "No interview goes with any form of this procedure: see GET /v1/application-forms.";
                return Err(wrong(format!("procedures/{n}"), words));
            }
            if !names.insert(code) {
                return Err(wrong(format!("procedures/{n}"), "It is there twice."));
            }
        }
        Ok(())
    }
}

fn minute(text: &str) -> Option<Timestamp> {
    let read = (text.len() <= 40).then(|| DateTime::parse_from_rfc3339(text).ok()).flatten()?;
    Some(read.timestamp_millis()).filter(|at| at % MINUTE == 0).map(Timestamp::from_millis)
}
