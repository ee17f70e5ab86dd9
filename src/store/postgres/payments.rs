//! Payments (公金決済).
//!
//! Locks are taken in this order: the payment, the head of its agency's settlements.

use super::data_keys::{key_of, opened};
use super::evidence::queue_events;
use super::submissions::insert_events;
use super::{PostgresStore, ask, end, is_one};
use crate::domain::ids::{ClientId, PaymentId};
use crate::domain::payment::{HeldPayment, Payment, PaymentAbout, PaymentNews, Settlement};
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::payment::Course;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, InsertedPayment, PaymentBy, PaymentStep, PaymentStore, payment, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO payments (id, client_id, key, link, due_at, created_at, look_at, body, about)
        VALUES ($1, $2, $3, $4, $5, $6, $5, $7, $8) ON CONFLICT (client_id, key) DO NOTHING";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at
        FROM payments WHERE id = $1";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at
        FROM payments WHERE client_id = $1 AND key = $2";
    FIND_BY_LINK = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at
        FROM payments WHERE link = $1";
    FIND_BY_ATTEMPT = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at
        FROM payments WHERE id = (SELECT payment_id FROM payment_attempts WHERE payment_attempts.id = $1)";
    LIST = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at
        FROM payments WHERE client_id = $1 AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC LIMIT $4";
    LIST_ABOUT = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at
        FROM payments WHERE about = $1 ORDER BY created_at DESC, id DESC LIMIT 20";
    START = "UPDATE payments SET state = 'started', attempt = $3, look_at = $4, version = version + 1
        WHERE id = $1 AND version = $2 AND attempt IS NULL AND state IN ('open', 'started') AND due_at > $5";
    INSERT_ATTEMPT = "INSERT INTO payment_attempts (id, payment_id) VALUES ($1, $2)";
    FREE = "UPDATE payments SET attempt = NULL, look_at = due_at, version = version + 1
        WHERE id = $1 AND version = $2 AND state = 'started'";
    END = "UPDATE payments SET state = $3, ended_at = $4, look_at = NULL, version = version + 1
        WHERE id = $1 AND version = $2 AND attempt IS NULL AND state IN ('open', 'started')";
    LEASE = "UPDATE payments SET look_at = $2
        WHERE id IN (SELECT id FROM payments WHERE look_at <= $1 ORDER BY look_at LIMIT $3
            FOR UPDATE SKIP LOCKED)
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at";
}

/// None where its key was destroyed.
fn held(row: &PgRow, vault: &Vault) -> Result<Option<HeldPayment>, Fault> {
    let Some(body) = opened(row, vault, payment::KIND, 1)? else { return Ok(None) };
    let course = Course {
        state: row.try_get(4)?,
        attempt: row.try_get(5)?,
        settlement: row.try_get(6)?,
        version: row.try_get(7)?,
        ended_at: row.try_get(8)?,
    };
    payment::read(&body, &course, vault).map(Some)
}

fn all(rows: &[PgRow], vault: &Vault) -> Result<Vec<HeldPayment>, Fault> {
    rows.iter().filter_map(|row| held(row, vault).transpose()).collect()
}

/// The one with this id, as it stands within a transaction.
pub(super) async fn again(
    connection: &mut PgConnection,
    id: &PaymentId,
    vault: &Vault,
) -> Result<Option<HeldPayment>, Fault> {
    let row = ask(FIND).bind(id.as_str()).fetch_optional(connection).await?;
    row.map_or(Ok(None), |row| held(&row, vault))
}

/// Leaves the leaf, and tells the agency's software of what it did not do itself.
pub(super) async fn tell(
    connection: &mut PgConnection,
    one: &Payment,
    (settlement, news, at): (Option<&Settlement>, PaymentNews, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_events(connection, &[payment::event(one, settlement, (news, at))], vault).await?;
    if !news.is_told() {
        return Ok(());
    }
    let event = record::write(&SubmissionEvent::of_payment(one, news, at))?;
    insert_events(connection, (&one.client, one.id.as_str()), (at, &[event]), vault).await
}

async fn taken(connection: &mut PgConnection, new: &Payment, vault: &Vault) -> Result<Option<InsertedPayment>, Fault> {
    let key = vault.blinded("idempotency", &new.key.key)?;
    let find = ask(FIND_BY_KEY).bind(new.client.as_str()).bind(key.to_vec());
    let Some(row) = find.fetch_optional(connection).await? else { return Ok(None) };
    Ok(Some(match held(&row, vault)? {
        Some(earlier) if earlier.payment.key == new.key => InsertedPayment::Same(Box::new(earlier)),
        // Another one's, or one that does not open any more.
        _ => InsertedPayment::KeyReused,
    }))
}

/// None when its key is taken.
async fn insert(connection: &mut PgConnection, new: &Payment, vault: &Vault) -> Result<Option<HeldPayment>, Fault> {
    let own = key_of(connection, vault, new.id.as_str()).await?;
    let body = vault.seal(&own, &payment::name(&new.id), new)?;
    let (key, token) = (vault.blinded("idempotency", &new.key.key)?, payment::token(vault, &new.id)?);
    let link = Digest::of(token.expose());
    let insert = ask(INSERT).bind(new.id.as_str()).bind(new.client.as_str()).bind(key.to_vec());
    let insert = insert.bind(link.as_bytes().as_slice());
    let insert = insert.bind(new.due_at().millis()).bind(new.created_at.millis()).bind(body);
    let insert = insert.bind(new.about.as_ref().map(PaymentAbout::as_str));
    if !is_one(insert, connection).await? {
        return Ok(None);
    }
    tell(connection, new, (None, PaymentNews::Made, new.created_at), vault).await?;
    let found = again(connection, &new.id, vault).await?;
    found.map(Some).ok_or_else(|| Fault::Internal("a payment that was just written is not there".into()))
}

async fn step(
    connection: &mut PgConnection,
    (id, version): (&PaymentId, i64),
    (step, at): (&PaymentStep, Timestamp),
    vault: &Vault,
) -> Result<bool, Fault> {
    let ended = |state: &'static str| ask(END).bind(id.as_str()).bind(version).bind(state).bind(at.millis());
    let (is_written, news) = match step {
        PaymentStep::Start(attempt) => {
            let start = ask(START).bind(id.as_str()).bind(version).bind(record::write(attempt)?);
            let start = start.bind(payment::first_look(attempt).millis()).bind(at.millis());
            let is_written = is_one(start, connection).await?;
            if is_written {
                let insert = ask(INSERT_ATTEMPT).bind(attempt.id.as_str()).bind(id.as_str());
                insert.execute(&mut *connection).await?;
            }
            (is_written, None)
        }
        PaymentStep::Free => (is_one(ask(FREE).bind(id.as_str()).bind(version), connection).await?, None),
        PaymentStep::Cancel => (is_one(ended("cancelled"), connection).await?, Some(PaymentNews::Cancelled)),
        PaymentStep::Expire => (is_one(ended("expired"), connection).await?, Some(PaymentNews::Expired)),
    };
    if let (true, Some(news)) = (is_written, news)
        && let Some(held) = again(connection, id, vault).await?
    {
        tell(connection, &held.payment, (None, news, at), vault).await?;
    }
    Ok(is_written)
}

#[async_trait]
impl PaymentStore for PostgresStore {
    async fn insert_payment(&self, new: &Payment) -> Result<InsertedPayment, Fault> {
        let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        if let Some(earlier) = earlier {
            return Ok(earlier);
        }
        let (one, vault) = (new.clone(), Arc::clone(&self.vault));
        let inserted = self.transact(async move |mut transaction| {
            let inserted = insert(&mut transaction, &one, &vault).await?;
            // Without it its key goes, too.
            end(transaction, inserted.is_some()).await?;
            Ok(inserted)
        });
        if let Some(held) = inserted.await? {
            return Ok(InsertedPayment::New(Box::new(held)));
        }
        // Another call was first, and has committed by now.
        let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        Ok(earlier.unwrap_or(InsertedPayment::KeyReused))
    }

    async fn find_payment(&self, by: PaymentBy<'_>) -> Result<Option<HeldPayment>, Fault> {
        let find = match by {
            PaymentBy::Id(id) => ask(FIND).bind(id.as_str()),
            PaymentBy::Link(link) => ask(FIND_BY_LINK).bind(link.as_bytes().to_vec()),
            PaymentBy::Attempt(id) => ask(FIND_BY_ATTEMPT).bind(id.as_str()),
        };
        find.fetch_optional(&self.pool).await?.map_or(Ok(None), |row| held(&row, &self.vault))
    }

    async fn list_payments(&self, client: &ClientId, before: &Before<PaymentId>) -> Result<Vec<HeldPayment>, Fault> {
        let (at, id) = before.bound();
        let list = ask(LIST).bind(client.as_str()).bind(at).bind(id).bind(i64::from(before.limit));
        all(&list.fetch_all(&self.pool).await?, &self.vault)
    }

    async fn list_payments_about(&self, about: &str) -> Result<Vec<HeldPayment>, Fault> {
        all(&ask(LIST_ABOUT).bind(about).fetch_all(&self.pool).await?, &self.vault)
    }

    async fn step_payment(
        &self,
        (id, version): (&PaymentId, u64),
        what: &PaymentStep,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let (id, version, what) = (id.clone(), record::column(version)?, what.clone());
        let vault = Arc::clone(&self.vault);
        self.transact(async move |mut transaction| {
            let is_written = step(&mut transaction, (&id, version), (&what, at), &vault).await?;
            end(transaction, is_written).await
        })
        .await
    }

    async fn lease_payments(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<HeldPayment>, Fault> {
        let lease = ask(LEASE).bind(now.millis()).bind(until.millis()).bind(i64::from(limit));
        all(&lease.fetch_all(&self.pool).await?, &self.vault)
    }
}
