//! Times for interviews (面談枠), and the places in them that applications hold.

use super::SqliteStore;
use super::applications::{held, update};
use super::database::Database;
use crate::domain::application::{Application, ApplicationNews};
use crate::domain::ids::{ApplicationId, ClientId, InterviewSlotId};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{
    ApplicationChange, ChangedApplication, HeldApplication, HeldInterviewSlot, InsertedInterviewSlots, InterviewSpan,
    InterviewStore, NewInterviewSlots, WithdrawnSlot, interview, record,
};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    FIND_BY_KEY = "SELECT slot, taken, withdrawn_at, request FROM interview_slots
        WHERE municipality = ?1 AND key = ?2 ORDER BY position";
    COUNT = "SELECT count(*) FROM interview_slots
        WHERE municipality = ?1 AND starts_at > ?2 AND withdrawn_at IS NULL";
    INSERT = "INSERT INTO interview_slots
            (id, municipality, key, position, request, starts_at, deadline, capacity, slot, procedures)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    FIND = "SELECT slot, taken, withdrawn_at FROM interview_slots WHERE id = ?1";
    LIST = "SELECT slot, taken, withdrawn_at FROM interview_slots
        WHERE municipality = ?1 AND starts_at >= ?2 AND starts_at < ?3 AND (starts_at, id) > (?4, ?5)
        ORDER BY starts_at, id LIMIT ?6";
    LIST_FREE = "SELECT slot, taken, withdrawn_at FROM interview_slots
        WHERE municipality = ?1 AND starts_at >= ?3 AND (starts_at, id) > (?4, ?5)
            AND deadline >= ?3 AND withdrawn_at IS NULL AND taken < capacity
            AND instr(procedures, ?2) > 0
        ORDER BY starts_at, id LIMIT ?6";
    WITHDRAW = "UPDATE interview_slots SET withdrawn_at = ?3
        WHERE id = ?1 AND municipality = ?2 AND withdrawn_at IS NULL AND starts_at > ?3";
    HELD = "SELECT interview_slot FROM applications WHERE id = ?1";
    TAKE = "UPDATE interview_slots SET taken = taken + 1 WHERE id = ?1 AND withdrawn_at IS NULL AND taken < capacity";
    IS_OPEN = "SELECT 1 FROM interview_slots WHERE id = ?1 AND withdrawn_at IS NULL";
    LET_GO = "UPDATE interview_slots SET taken = taken - 1 WHERE id = ?1";
    LIST_IN = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE interview_slot = ?1 ORDER BY id";
    LIST_INTERVIEWED = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications
        WHERE municipality = ?1 AND interview_at >= ?2 AND interview_at < ?3 AND (interview_at, id) > (?4, ?5)
        ORDER BY interview_at, id LIMIT ?6";
}

fn slot(row: &Row<'_>) -> Result<HeldInterviewSlot, Fault> {
    let text: String = row.get(0)?;
    interview::read(&text, row.get(1)?, row.get(2)?)
}

fn insert(
    database: Database<'_>,
    new: &NewInterviewSlots,
    most: u32,
    vault: &Vault,
) -> Result<InsertedInterviewSlots, Fault> {
    let (key, request) = (vault.blinded("idempotency", &new.key.key)?, new.key.body.as_bytes());
    let earlier = database
        .list(FIND_BY_KEY, params![new.municipality, key], |row| Ok((slot(row)?, row.get::<_, Vec<u8>>(3)?)))?;
    if let Some((_, of)) = earlier.first() {
        let is_same = of.as_slice() == request;
        let all = || earlier.iter().map(|(held, _)| held.clone()).collect();
        return Ok(if is_same { InsertedInterviewSlots::Same(all()) } else { InsertedInterviewSlots::KeyReused });
    }
    let count = database.find(COUNT, params![new.municipality, new.at.millis()], |row| Ok(row.get::<_, i64>(0)?))?;
    if record::count(count.unwrap_or_default())?.saturating_add(new.slots.len() as u64) > u64::from(most) {
        return Ok(InsertedInterviewSlots::TooMany);
    }
    for (position, one) in new.slots.iter().enumerate() {
        let (id, meeting) = (one.id.as_str(), &one.meeting);
        let (starts_at, deadline) = (meeting.starts_at.millis(), meeting.deadline.millis());
        let values = params![
            id,
            one.municipality,
            key,
            record::column(position as u64)?,
            request,
            starts_at,
            deadline,
            one.capacity,
            record::write(one)?,
            interview::procedures(one),
        ];
        database.execute(INSERT, values)?;
    }
    Ok(InsertedInterviewSlots::New)
}

/// The slot in which an application holds a place as it is kept.
pub(super) fn held_place(database: Database<'_>, one: &Application) -> Result<Option<String>, Fault> {
    Ok(database.find(HELD, [one.id.as_str()], |row| Ok(row.get::<_, Option<String>>(0)?))?.flatten())
}

/// Takes the place that an application holds from now on, and lets the one go that it held; or says why there is none.
pub(super) fn change_place(
    database: Database<'_>,
    held: Option<&str>,
    wanted: Option<&str>,
) -> Result<Option<ChangedApplication>, Fault> {
    if held == wanted {
        return Ok(None);
    }
    if let Some(wanted) = wanted
        && database.execute(TAKE, [wanted])? != 1
    {
        let is_open = database.find(IS_OPEN, [wanted], |_| Ok(()))?.is_some();
        return Ok(Some(if is_open { ChangedApplication::SlotFull } else { ChangedApplication::SlotGone }));
    }
    if let Some(held) = held {
        database.execute(LET_GO, [held])?;
    }
    Ok(None)
}

fn withdraw(
    database: Database<'_>,
    (municipality, id): (&str, &InterviewSlotId),
    (by, at, note): (&ClientId, Timestamp, Option<&str>),
    vault: &Vault,
) -> Result<WithdrawnSlot, Fault> {
    if database.execute(WITHDRAW, params![id.as_str(), municipality, at.millis()])? != 1 {
        return Ok(WithdrawnSlot::Unchanged);
    }
    let mut told = 0;
    for one in database.list_readable(LIST_IN, [id.as_str()], |row| held(row, vault))? {
        let mut application = one.application;
        if application.booked().is_none() {
            continue;
        }
        application.lose_appointment(at, note);
        let (by, news) = (by.clone(), ApplicationNews::InterviewWithdrawn);
        let change = ApplicationChange { application, version: one.version, news, by, at };
        // One that is over stays as it is: nobody waits for anything.
        if matches!(update(database, &change, vault)?, ChangedApplication::Done(_)) {
            told += 1;
        }
    }
    Ok(WithdrawnSlot::Done(told))
}

#[async_trait]
impl InterviewStore for SqliteStore {
    async fn insert_interview_slots(
        &self,
        new: &NewInterviewSlots,
        most: u32,
    ) -> Result<InsertedInterviewSlots, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.write(move |database| insert(database, &new, most, &vault)).await
    }

    async fn find_interview_slot(&self, id: &InterviewSlotId) -> Result<Option<HeldInterviewSlot>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], slot))
    }

    async fn list_interview_slots(
        &self,
        municipality: &str,
        span: InterviewSpan,
        (after, limit): (Option<&(Timestamp, InterviewSlotId)>, u32),
    ) -> Result<Vec<HeldInterviewSlot>, Fault> {
        let (at, id) = interview::bound(after);
        let values = params![municipality, span.from.millis(), span.until.millis(), at, id, limit];
        self.read(|database| database.list(LIST, values, slot))
    }

    async fn list_free_interview_slots(
        &self,
        (municipality, procedure): (&str, &str),
        now: Timestamp,
        (after, limit): (Option<&(Timestamp, InterviewSlotId)>, u32),
    ) -> Result<Vec<HeldInterviewSlot>, Fault> {
        let (at, id) = interview::bound(after);
        let values = params![municipality, interview::wanted(procedure), now.millis(), at, id, limit];
        self.read(|database| database.list(LIST_FREE, values, slot))
    }

    async fn withdraw_interview_slot(
        &self,
        (municipality, id): (&str, &InterviewSlotId),
        (by, at): (&ClientId, Timestamp),
        note: Option<&str>,
    ) -> Result<WithdrawnSlot, Fault> {
        let (municipality, id, by) = (municipality.to_owned(), id.clone(), by.clone());
        let (note, vault) = (note.map(str::to_owned), Arc::clone(&self.vault));
        self.write(move |database| withdraw(database, (&municipality, &id), (&by, at, note.as_deref()), &vault)).await
    }

    async fn list_interviewed_applications(
        &self,
        municipality: &str,
        span: InterviewSpan,
        (after, limit): (Option<&(Timestamp, ApplicationId)>, u32),
    ) -> Result<Vec<HeldApplication>, Fault> {
        let (at, id) = interview::bound(after);
        let values = params![municipality, span.from.millis(), span.until.millis(), at, id, limit];
        self.read(|database| database.list_readable(LIST_INTERVIEWED, values, |row| held(row, &self.vault)))
    }
}
