//! Filings as their filers see them.

use super::SqliteStore;
use super::database::Database;
use super::delegations::may_be_filed;
use super::deposits;
use super::drafts::take_draft;
use super::evidence::queue_event;
use super::webhooks::insert_message;
use crate::domain::evidence::Event;
use crate::domain::ids::{ClientId, DelegationId, SubmissionId};
use crate::domain::submission::{Submission, SubmissionEvent, SubmissionState};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, HeldDelivery, InsertedSubmission, NewSubmission, SubmissionFilter, SubmissionStore};
use crate::store::{filing, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO submissions (id, client_id, idempotency_key, state, accepted_at, body, delegation_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (client_id, idempotency_key) DO NOTHING";
    FIND = "SELECT body, state FROM submissions WHERE id = ?1";
    FIND_BY_KEY = "SELECT body, state FROM submissions WHERE client_id = ?1 AND idempotency_key = ?2";
    LIST = "SELECT body, state FROM submissions
        WHERE client_id = ?1 AND (?2 IS NULL OR state = ?2) AND accepted_at >= ?3 AND accepted_at < ?4
            AND (accepted_at, id) < (?5, ?6)
        ORDER BY accepted_at DESC, id DESC LIMIT ?7";
    /// The next turn of a filer at an agency: a step after its last one, or after the last that anybody took.
    TAKE_TURN = "INSERT INTO submission_turns (agency, client_id, turn)
        VALUES (?1, ?2, ?3 + coalesce(
            (SELECT turn FROM submission_turns WHERE agency = ?1 AND client_id = ''), 0))
        ON CONFLICT (agency, client_id) DO UPDATE SET turn = max(submission_turns.turn + ?3, excluded.turn)
        RETURNING turn";
    INSERT_DELIVERY = "INSERT INTO submission_deliveries
            (id, submission_id, place, agency, state, lane, turn, due_at, content, body)
        VALUES (?1, ?2, ?3, ?4, ?5, 'sends', ?6, ?7, ?8, ?9)";
    LIST_DELIVERIES = "SELECT body, version, content FROM submission_deliveries WHERE submission_id = ?1 ORDER BY place";
    INSERT_EVENT = "INSERT INTO submission_events (client_id, submission_id, body) VALUES (?1, ?2, ?3)";
    LIST_EVENTS = "SELECT place, body FROM submission_events WHERE place > ?1 ORDER BY place LIMIT ?2";
    LIST_EVENTS_OF = "SELECT place, body FROM submission_events WHERE client_id = ?3 AND place > ?1
        ORDER BY place LIMIT ?2";
}

pub(super) fn submission(row: &Row<'_>) -> Result<Submission, Fault> {
    let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
    filing::submission(text(0)?, text(1)?)
}

/// A delivery from the columns body, version and content.
pub(super) fn delivery(row: &Row<'_>) -> Result<HeldDelivery, Fault> {
    filing::delivery(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?, row.get(1)?, row.get(2)?)
}

/// Writes an event in the transaction of what it tells, and the message of it.
pub(super) fn insert_event(
    database: Database<'_>,
    (client, about): (&ClientId, &str),
    (at, body): (Timestamp, &str),
    vault: &Vault,
) -> Result<(), Fault> {
    database.execute(INSERT_EVENT, params![client.as_str(), about, body])?;
    insert_message(database, client, (at, body), vault)
}

/// Files the deposit, where it is one; what is written here stays, so the key is asked for first.
fn may_file_deposit(database: Database<'_>, new: &NewSubmission, vault: &Vault) -> Result<bool, Fault> {
    let Some(deposit) = &new.deposit else { return Ok(true) };
    let (client, key) = (new.submission.client.as_str(), new.submission.key.key.as_bytes());
    let is_free = database.find(FIND_BY_KEY, params![client, key], submission)?.is_none();
    Ok(is_free && deposits::file(database, deposit, vault)?)
}

fn insert(database: Database<'_>, new: &NewSubmission, vault: &Vault) -> Result<InsertedSubmission, Fault> {
    let own = &new.submission;
    let (client, key) = (own.client.as_str(), own.key.key.as_bytes());
    let (at, delegation) = (own.accepted_at.millis(), own.delegation.as_ref().map(DelegationId::as_str));
    let values = params![own.id.as_str(), client, key, own.state.as_str(), at, record::write(own)?, delegation];
    let is_delegated = new.is_taken_on || may_be_filed(database, own)?;
    let is_ready = is_delegated && new.draft.as_ref().map_or(Ok(true), |draft| take_draft(database, draft))?;
    let is_ready = is_ready && may_file_deposit(database, new, vault)?;
    if !is_ready || database.execute(INSERT, values)? != 1 {
        let earlier = database.find(FIND_BY_KEY, params![client, key], submission)?;
        return filing::not_written(new, earlier);
    }
    for (delivery, content) in &new.deliveries {
        let turn = database.find(TAKE_TURN, params![delivery.agency, client, filing::step(new.weight)], |row| {
            Ok(row.get::<_, i64>(0)?)
        })?;
        let values = params![
            delivery.id.as_str(),
            own.id.as_str(),
            delivery.place,
            delivery.agency,
            delivery.state.as_str(),
            turn,
            own.accepted_at.millis(),
            content,
            record::write(delivery)?,
        ];
        database.execute(INSERT_DELIVERY, values)?;
    }
    let event = record::write(&SubmissionEvent::accepted(own))?;
    insert_event(database, (&own.client, own.id.as_str()), (own.accepted_at, &event), vault)?;
    queue_event(database, &Event::Submission(own), vault)?;
    Ok(InsertedSubmission::New)
}

#[async_trait]
impl SubmissionStore for SqliteStore {
    async fn insert_submission(&self, new: &NewSubmission) -> Result<InsertedSubmission, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.write(move |database| insert(database, &new, &vault)).await
    }

    async fn find_submission(&self, id: &SubmissionId) -> Result<Option<Submission>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], submission))
    }

    async fn list_deliveries(&self, of: &[SubmissionId]) -> Result<Vec<HeldDelivery>, Fault> {
        self.read(|database| {
            let mut found = Vec::new();
            for id in of {
                found.extend(database.list(LIST_DELIVERIES, [id.as_str()], delivery)?);
            }
            Ok(found)
        })
    }

    async fn list_submissions(
        &self,
        filter: &SubmissionFilter,
        before: &Before<SubmissionId>,
    ) -> Result<Vec<Submission>, Fault> {
        let from = filter.from.map_or(i64::MIN, Timestamp::millis);
        let to = filter.to.map_or(i64::MAX, Timestamp::millis);
        let (at, id) = before.bound();
        self.read(|database| {
            if let Some(key) = filter.key {
                let values = params![filter.client.as_str(), key.as_bytes()];
                let found = database.find(FIND_BY_KEY, values, submission)?;
                let fits = |one: &Submission| {
                    filter.state.is_none_or(|state| state == one.state)
                        && (from..to).contains(&one.accepted_at.millis())
                        && (one.accepted_at.millis(), one.id.as_str()) < (at, id)
                };
                return Ok(found.into_iter().filter(fits).collect());
            }
            let state = filter.state.map(SubmissionState::as_str);
            database.list(LIST, params![filter.client.as_str(), state, from, to, at, id, before.limit], submission)
        })
    }

    async fn list_submission_events(
        &self,
        client: Option<&ClientId>,
        after: u64,
        limit: u32,
    ) -> Result<Vec<SubmissionEvent>, Fault> {
        let after = record::column(after)?;
        let event =
            |row: &Row<'_>| filing::event(row.get(0)?, row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?);
        self.read(|database| match client {
            None => database.list(LIST_EVENTS, params![after, limit], event),
            Some(client) => database.list(LIST_EVENTS_OF, params![after, limit, client.as_str()], event),
        })
    }
}
