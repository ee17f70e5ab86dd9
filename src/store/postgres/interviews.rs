//! Times for interviews (面談枠), and the places in them that applications hold.
//!
//! Slots are locked before applications, by their ids: whoever withdraws one has to find nobody else book it meanwhile.

use super::applications::{held, update};
use super::{PostgresStore, ask, is_one};
use crate::domain::application::{Application, ApplicationNews};
use crate::domain::ids::{ApplicationId, ClientId, InterviewSlotId};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::{Statement, statements};
use crate::store::vault::Vault;
use crate::store::{
    ApplicationChange, ChangedApplication, HeldApplication, HeldInterviewSlot, InsertedInterviewSlots, InterviewSpan,
    InterviewStore, NewInterviewSlots, WithdrawnSlot, interview, record,
};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    FIND_BY_KEY = "SELECT slot, taken, withdrawn_at, request FROM interview_slots
        WHERE municipality = $1 AND key = $2 ORDER BY position";
    COUNT = "SELECT count(*) FROM interview_slots
        WHERE municipality = $1 AND starts_at > $2 AND withdrawn_at IS NULL";
    INSERT = "INSERT INTO interview_slots
            (id, municipality, key, position, request, starts_at, deadline, capacity, slot, procedures)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (municipality, key, position) DO NOTHING";
    FIND = "SELECT slot, taken, withdrawn_at FROM interview_slots WHERE id = $1";
    LIST = "SELECT slot, taken, withdrawn_at FROM interview_slots
        WHERE municipality = $1 AND starts_at >= $2 AND starts_at < $3 AND (starts_at, id) > ($4, $5)
        ORDER BY starts_at, id LIMIT $6";
    LIST_FREE = "SELECT slot, taken, withdrawn_at FROM interview_slots
        WHERE municipality = $1 AND starts_at >= $3 AND (starts_at, id) > ($4, $5)
            AND deadline >= $3 AND withdrawn_at IS NULL AND taken < capacity
            AND position($2 IN procedures) > 0
        ORDER BY starts_at, id LIMIT $6";
    WITHDRAW = "UPDATE interview_slots SET withdrawn_at = $3
        WHERE id = $1 AND municipality = $2 AND withdrawn_at IS NULL AND starts_at > $3";
    HELD = "SELECT interview_slot FROM applications WHERE id = $1";
    /// Whoever comes second waits for the first to commit, and counts the places again.
    TAKE = "UPDATE interview_slots SET taken = taken + 1 WHERE id = $1 AND withdrawn_at IS NULL AND taken < capacity";
    IS_OPEN = "SELECT id FROM interview_slots WHERE id = $1 AND withdrawn_at IS NULL";
    LET_GO = "UPDATE interview_slots SET taken = taken - 1 WHERE id = $1";
    LIST_IN = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications WHERE interview_slot = $1 ORDER BY id FOR UPDATE";
    LIST_INTERVIEWED = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = applications.id),
            version, place, readings, read_at
        FROM applications
        WHERE municipality = $1 AND interview_at >= $2 AND interview_at < $3 AND (interview_at, id) > ($4, $5)
        ORDER BY interview_at, id LIMIT $6";
}

fn slot(row: &PgRow) -> Result<HeldInterviewSlot, Fault> {
    interview::read(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)
}

async fn earlier(
    connection: &mut PgConnection,
    new: &NewInterviewSlots,
    vault: &Vault,
) -> Result<Option<InsertedInterviewSlots>, Fault> {
    let key = vault.blinded("idempotency", &new.key.key)?;
    let rows = ask(FIND_BY_KEY).bind(&new.municipality).bind(key.to_vec()).fetch_all(connection).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    if first.try_get::<&[u8], _>(3)? != new.key.body.as_bytes() {
        return Ok(Some(InsertedInterviewSlots::KeyReused));
    }
    rows.iter().map(slot).collect::<Result<_, _>>().map(|all| Some(InsertedInterviewSlots::Same(all)))
}

/// False where another call was first.
async fn insert(connection: &mut PgConnection, new: &NewInterviewSlots, vault: &Vault) -> Result<bool, Fault> {
    let key = vault.blinded("idempotency", &new.key.key)?;
    for (position, one) in new.slots.iter().enumerate() {
        let insert = ask(INSERT).bind(one.id.as_str()).bind(&one.municipality).bind(key.to_vec());
        let insert = insert.bind(record::column(position as u64)?).bind(new.key.body.as_bytes().to_vec());
        let insert = insert.bind(one.meeting.starts_at.millis()).bind(one.meeting.deadline.millis());
        let insert = insert.bind(i64::from(one.capacity)).bind(record::write(one)?).bind(interview::procedures(one));
        if !is_one(insert, connection).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes the place that an application holds from now on, and lets the one go that it held; or says why there is none. What
/// it held is read without a lock: who changed it since has given the application another version, which the change that
/// follows finds.
pub(super) async fn change_place(
    connection: &mut PgConnection,
    one: &Application,
) -> Result<Option<ChangedApplication>, Fault> {
    let row = ask(HELD).bind(one.id.as_str()).fetch_optional(&mut *connection).await?;
    let held: Option<String> = row.map(|row| row.try_get(0)).transpose()?.flatten();
    let wanted = one.held_slot().map(InterviewSlotId::as_str);
    if held.as_deref() == wanted {
        return Ok(None);
    }
    let mut moves: Vec<(&str, Statement)> = Vec::with_capacity(2);
    moves.extend(held.as_deref().map(|held| (held, LET_GO)));
    moves.extend(wanted.map(|wanted| (wanted, TAKE)));
    moves.sort_by_key(|(id, _)| *id);
    for (id, statement) in moves {
        if !is_one(ask(statement).bind(id), connection).await? && wanted == Some(id) {
            let is_open = ask(IS_OPEN).bind(id).fetch_optional(&mut *connection).await?.is_some();
            return Ok(Some(if is_open { ChangedApplication::SlotFull } else { ChangedApplication::SlotGone }));
        }
    }
    Ok(None)
}

async fn withdraw(
    connection: &mut PgConnection,
    (municipality, id): (&str, &InterviewSlotId),
    (by, at, note): (&ClientId, Timestamp, Option<&str>),
    vault: &Vault,
) -> Result<WithdrawnSlot, Fault> {
    let withdraw = ask(WITHDRAW).bind(id.as_str()).bind(municipality).bind(at.millis());
    if !is_one(withdraw, connection).await? {
        return Ok(WithdrawnSlot::Unchanged);
    }
    // All of them are held before the first has its place among what the municipality is told of.
    let rows = ask(LIST_IN).bind(id.as_str()).fetch_all(&mut *connection).await?;
    let mut told = 0;
    for row in &rows {
        let Some(one) = held(row, vault)? else { continue };
        let mut application = one.application;
        if application.booked().is_none() {
            continue;
        }
        application.lose_appointment(at, note);
        let (by, news) = (by.clone(), ApplicationNews::InterviewWithdrawn);
        let change = ApplicationChange { application, version: one.version, news, by, at };
        // One that is over stays as it is: nobody waits for anything.
        if matches!(Box::pin(update(connection, &change, vault)).await?, ChangedApplication::Done(_)) {
            told += 1;
        }
    }
    Ok(WithdrawnSlot::Done(told))
}

#[async_trait]
impl InterviewStore for PostgresStore {
    async fn insert_interview_slots(
        &self,
        new: &NewInterviewSlots,
        most: u32,
    ) -> Result<InsertedInterviewSlots, Fault> {
        let mut connection = self.pool.acquire().await?;
        if let Some(earlier) = earlier(&mut connection, new, &self.vault).await? {
            return Ok(earlier);
        }
        let count = ask(COUNT).bind(&new.municipality).bind(new.at.millis()).fetch_one(&mut *connection).await?;
        let count = record::count(count.try_get(0)?)?;
        drop(connection);
        if count.saturating_add(new.slots.len() as u64) > u64::from(most) {
            return Ok(InsertedInterviewSlots::TooMany);
        }
        let (all, vault) = (new.clone(), Arc::clone(&self.vault));
        let inserted = self.transact(async move |mut transaction| {
            let is_new = insert(&mut transaction, &all, &vault).await?;
            super::end(transaction, is_new).await
        });
        if inserted.await? {
            return Ok(InsertedInterviewSlots::New);
        }
        // Another call was first, and has committed by now.
        let earlier = earlier(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        Ok(earlier.unwrap_or(InsertedInterviewSlots::KeyReused))
    }

    async fn find_interview_slot(&self, id: &InterviewSlotId) -> Result<Option<HeldInterviewSlot>, Fault> {
        let found = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        found.as_ref().map(slot).transpose()
    }

    async fn list_interview_slots(
        &self,
        municipality: &str,
        span: InterviewSpan,
        (after, limit): (Option<&(Timestamp, InterviewSlotId)>, u32),
    ) -> Result<Vec<HeldInterviewSlot>, Fault> {
        let (at, id) = interview::bound(after);
        let list = ask(LIST).bind(municipality).bind(span.from.millis()).bind(span.until.millis());
        let rows = list.bind(at).bind(id).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        rows.iter().map(slot).collect()
    }

    async fn list_free_interview_slots(
        &self,
        (municipality, procedure): (&str, &str),
        now: Timestamp,
        (after, limit): (Option<&(Timestamp, InterviewSlotId)>, u32),
    ) -> Result<Vec<HeldInterviewSlot>, Fault> {
        let (at, id) = interview::bound(after);
        let list = ask(LIST_FREE).bind(municipality).bind(interview::wanted(procedure)).bind(now.millis());
        let rows = list.bind(at).bind(id).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        rows.iter().map(slot).collect()
    }

    async fn withdraw_interview_slot(
        &self,
        (municipality, id): (&str, &InterviewSlotId),
        (by, at): (&ClientId, Timestamp),
        note: Option<&str>,
    ) -> Result<WithdrawnSlot, Fault> {
        let (municipality, id, by) = (municipality.to_owned(), id.clone(), by.clone());
        let (note, vault) = (note.map(str::to_owned), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let done = (&by, at, note.as_deref());
            let withdrawn = withdraw(&mut transaction, (&municipality, &id), done, &vault).await?;
            transaction.commit().await?;
            Ok(withdrawn)
        })
        .await
    }

    async fn list_interviewed_applications(
        &self,
        municipality: &str,
        span: InterviewSpan,
        (after, limit): (Option<&(Timestamp, ApplicationId)>, u32),
    ) -> Result<Vec<HeldApplication>, Fault> {
        let (at, id) = interview::bound(after);
        let list = ask(LIST_INTERVIEWED).bind(municipality).bind(span.from.millis()).bind(span.until.millis());
        let rows = list.bind(at).bind(id).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }
}
