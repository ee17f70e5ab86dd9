//! Filings as their filers see them.

use super::delegations::may_be_filed;
use super::deposits;
use super::drafts::take_draft;
use super::evidence::queue_events;
use super::webhooks::insert_messages;
use super::{PostgresStore, ask, is_one};
use crate::domain::evidence::Event;
use crate::domain::ids::{ClientId, DelegationId, SubmissionId};
use crate::domain::submission::{Submission, SubmissionEvent, SubmissionState};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, HeldDelivery, InsertedSubmission, NewSubmission, SubmissionFilter, SubmissionStore};
use crate::store::{filing, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    /// Waits for another caller with the same key, and then finds the key taken.
    INSERT = "INSERT INTO submissions (id, client_id, idempotency_key, state, accepted_at, body, delegation_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (client_id, idempotency_key) DO NOTHING";
    FIND = "SELECT body, state FROM submissions WHERE id = $1";
    FIND_BY_KEY = "SELECT body, state FROM submissions WHERE client_id = $1 AND idempotency_key = $2";
    LIST = "SELECT body, state FROM submissions
        WHERE client_id = $1 AND ($2::text IS NULL OR state = $2) AND accepted_at >= $3 AND accepted_at < $4
            AND (accepted_at, id) < ($5, $6)
        ORDER BY accepted_at DESC, id DESC LIMIT $7";
    /// The next turn of a filer at an agency: a step after its last one, or after the last that anybody took.
    TAKE_TURN = "INSERT INTO submission_turns (agency, client_id, turn)
        VALUES ($1, $2, $3 + coalesce(
            (SELECT turn FROM submission_turns WHERE agency = $1 AND client_id = ''), 0))
        ON CONFLICT (agency, client_id) DO UPDATE SET turn = greatest(submission_turns.turn + $3, excluded.turn)
        RETURNING turn";
    INSERT_DELIVERY = "INSERT INTO submission_deliveries
            (id, submission_id, place, agency, state, lane, turn, due_at, content, body)
        VALUES ($1, $2, $3, $4, $5, 'sends', $6, $7, $8, $9)";
    LIST_DELIVERIES = "SELECT body, version, content FROM submission_deliveries WHERE submission_id = ANY($1)
        ORDER BY submission_id, place";
    INSERT_EVENTS = "INSERT INTO submission_events (client_id, submission_id, body) SELECT $1, $2, unnest($3::text[])";
    IS_UNPLACED = "SELECT EXISTS (SELECT 1 FROM submission_events WHERE place IS NULL)";
    /// One reader gives places at a time; what it sees after it has the lock is all that is committed.
    LOCK_HEAD = "SELECT last FROM submission_event_head WHERE id = 1 FOR UPDATE";
    PLACE = "WITH new AS (
            SELECT id, row_number() OVER (ORDER BY id) AS n FROM submission_events WHERE place IS NULL
            ORDER BY id LIMIT 1000),
        placed AS (UPDATE submission_events SET place = $1 + new.n FROM new WHERE submission_events.id = new.id)
        UPDATE submission_event_head SET last = $1 + (SELECT count(*) FROM new) WHERE id = 1";
    LIST_EVENTS = "SELECT place, body FROM submission_events WHERE place > $1 ORDER BY place LIMIT $2";
    LIST_EVENTS_OF = "SELECT place, body FROM submission_events WHERE client_id = $3 AND place > $1
        ORDER BY place LIMIT $2";
}

pub(super) fn submission(row: &PgRow) -> Result<Submission, Fault> {
    filing::submission(row.try_get(0)?, row.try_get(1)?)
}

/// A delivery from the columns body, version and content.
pub(super) fn delivery(row: &PgRow) -> Result<HeldDelivery, Fault> {
    filing::delivery(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)
}

/// Writes events in the transaction of what they tell, and the messages of them.
pub(super) async fn insert_events(
    connection: &mut PgConnection,
    (client, about): (&ClientId, &str),
    (at, bodies): (Timestamp, &[String]),
    vault: &Vault,
) -> Result<(), Fault> {
    if bodies.is_empty() {
        return Ok(());
    }
    let insert = ask(INSERT_EVENTS).bind(client.as_str()).bind(about).bind(bodies);
    insert.execute(&mut *connection).await?;
    insert_messages(connection, client, (at, bodies), vault).await
}

/// False when the key is taken, the delegation is not in force, or the draft is another by now.
async fn insert(connection: &mut PgConnection, new: &NewSubmission, vault: &Vault) -> Result<bool, Fault> {
    let own = &new.submission;
    if !new.is_taken_on && !may_be_filed(connection, own).await? {
        return Ok(false);
    }
    if let Some(draft) = &new.draft
        && !take_draft(connection, draft).await?
    {
        return Ok(false);
    }
    let insert = ask(INSERT).bind(own.id.as_str()).bind(own.client.as_str()).bind(own.key.key.as_bytes().as_slice());
    let insert = insert.bind(own.state.as_str()).bind(own.accepted_at.millis()).bind(record::write(own)?);
    let insert = insert.bind(own.delegation.as_ref().map(DelegationId::as_str));
    if !is_one(insert, connection).await? {
        return Ok(false);
    }
    if let Some(deposit) = &new.deposit
        && !deposits::file(connection, deposit, vault).await?
    {
        return Ok(false);
    }
    let event = [record::write(&SubmissionEvent::accepted(own))?];
    insert_events(connection, (&own.client, own.id.as_str()), (own.accepted_at, &event), vault).await?;
    queue_events(connection, &[Event::Submission(own)], vault).await?;
    // Turns are locked until the end of the transaction: last, and in the order of agencies, so that two filings of one
    // filer never wait for each other.
    let mut deliveries: Vec<_> = new.deliveries.iter().collect();
    deliveries.sort_by(|(one, _), (other, _)| (&one.agency, one.place).cmp(&(&other.agency, other.place)));
    for (delivery, content) in deliveries {
        let turn = ask(TAKE_TURN).bind(&delivery.agency).bind(own.client.as_str()).bind(filing::step(new.weight));
        let turn: i64 = turn.fetch_one(&mut *connection).await?.try_get(0)?;
        let insert = ask(INSERT_DELIVERY).bind(delivery.id.as_str()).bind(own.id.as_str());
        let insert = insert.bind(i64::from(delivery.place)).bind(&delivery.agency).bind(delivery.state.as_str());
        let insert = insert.bind(turn).bind(own.accepted_at.millis()).bind(content).bind(record::write(delivery)?);
        insert.execute(&mut *connection).await?;
    }
    Ok(true)
}

impl PostgresStore {
    async fn find_by_key(&self, client: &ClientId, key: &[u8]) -> Result<Option<Submission>, Fault> {
        let find = ask(FIND_BY_KEY).bind(client.as_str()).bind(key.to_vec());
        find.fetch_optional(&self.pool).await?.as_ref().map(submission).transpose()
    }

    /// Gives places to what is committed and has none.
    async fn place_events(&self) -> Result<(), Fault> {
        if !ask(IS_UNPLACED).fetch_one(&self.pool).await?.try_get::<bool, _>(0)? {
            return Ok(());
        }
        self.transact(async move |mut transaction| {
            let last: i64 = ask(LOCK_HEAD).fetch_one(&mut *transaction).await?.try_get(0)?;
            ask(PLACE).bind(last).execute(&mut *transaction).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }
}

#[async_trait]
impl SubmissionStore for PostgresStore {
    async fn insert_submission(&self, new: &NewSubmission) -> Result<InsertedSubmission, Fault> {
        let (wanted, vault) = (new.clone(), Arc::clone(&self.vault));
        let is_new = self.transact(async move |mut transaction| {
            let is_new = insert(&mut transaction, &wanted, &vault).await?;
            if is_new {
                transaction.commit().await?;
            } else {
                transaction.rollback().await?;
            }
            Ok(is_new)
        });
        if is_new.await? {
            return Ok(InsertedSubmission::New);
        }
        let own = &new.submission;
        let earlier = self.find_by_key(&own.client, own.key.key.as_bytes()).await?;
        filing::not_written(new, earlier)
    }

    async fn find_submission(&self, id: &SubmissionId) -> Result<Option<Submission>, Fault> {
        ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?.as_ref().map(submission).transpose()
    }

    async fn list_deliveries(&self, of: &[SubmissionId]) -> Result<Vec<HeldDelivery>, Fault> {
        let ids: Vec<&str> = of.iter().map(SubmissionId::as_str).collect();
        ask(LIST_DELIVERIES).bind(ids).fetch_all(&self.pool).await?.iter().map(delivery).collect()
    }

    async fn list_submissions(
        &self,
        filter: &SubmissionFilter,
        before: &Before<SubmissionId>,
    ) -> Result<Vec<Submission>, Fault> {
        let from = filter.from.map_or(i64::MIN, Timestamp::millis);
        let to = filter.to.map_or(i64::MAX, Timestamp::millis);
        let (at, id) = before.bound();
        if let Some(key) = filter.key {
            let found = self.find_by_key(&filter.client, key.as_bytes()).await?;
            let fits = |one: &Submission| {
                filter.state.is_none_or(|state| state == one.state)
                    && (from..to).contains(&one.accepted_at.millis())
                    && (one.accepted_at.millis(), one.id.as_str()) < (at, id)
            };
            return Ok(found.into_iter().filter(fits).collect());
        }
        let list = ask(LIST).bind(filter.client.as_str()).bind(filter.state.map(SubmissionState::as_str));
        let list = list.bind(from).bind(to).bind(at).bind(id).bind(i64::from(before.limit));
        list.fetch_all(&self.pool).await?.iter().map(submission).collect()
    }

    async fn list_submission_events(
        &self,
        client: Option<&ClientId>,
        after: u64,
        limit: u32,
    ) -> Result<Vec<SubmissionEvent>, Fault> {
        self.place_events().await?;
        let (after, limit) = (record::column(after)?, i64::from(limit));
        let list = match client {
            None => ask(LIST_EVENTS).bind(after).bind(limit),
            Some(client) => ask(LIST_EVENTS_OF).bind(after).bind(limit).bind(client.as_str()),
        };
        let event = |row: &PgRow| filing::event(row.try_get(0)?, row.try_get(1)?);
        list.fetch_all(&self.pool).await?.iter().map(event).collect()
    }
}
