//! Payments (公金決済).

use super::SqliteStore;
use super::data_keys::{key_of, opened};
use super::database::Database;
use super::evidence::queue_event;
use super::submissions::insert_event;
use crate::domain::ids::{ClientId, PaymentId};
use crate::domain::payment::{HeldPayment, Payment, PaymentAbout, PaymentNews, Settlement};
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::payment::Course;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, InsertedPayment, PaymentBy, PaymentStep, PaymentStore, payment, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO payments (id, client_id, key, link, due_at, created_at, look_at, body, about)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5, ?7, ?8)";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at
        FROM payments WHERE id = ?1";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at
        FROM payments WHERE client_id = ?1 AND key = ?2";
    FIND_BY_LINK = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at
        FROM payments WHERE link = ?1";
    FIND_BY_ATTEMPT = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at
        FROM payments WHERE id = (SELECT payment_id FROM payment_attempts WHERE payment_attempts.id = ?1)";
    LIST = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at
        FROM payments WHERE client_id = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4";
    LIST_ABOUT = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at
        FROM payments WHERE about = ?1 ORDER BY created_at DESC, id DESC LIMIT 20";
    START = "UPDATE payments SET state = 'started', attempt = ?3, look_at = ?4, version = version + 1
        WHERE id = ?1 AND version = ?2 AND attempt IS NULL AND state IN ('open', 'started') AND due_at > ?5";
    INSERT_ATTEMPT = "INSERT INTO payment_attempts (id, payment_id) VALUES (?1, ?2)";
    FREE = "UPDATE payments SET attempt = NULL, look_at = due_at, version = version + 1
        WHERE id = ?1 AND version = ?2 AND state = 'started'";
    END = "UPDATE payments SET state = ?3, ended_at = ?4, look_at = NULL, version = version + 1
        WHERE id = ?1 AND version = ?2 AND attempt IS NULL AND state IN ('open', 'started')";
    LEASE = "UPDATE payments SET look_at = ?2
        WHERE id IN (SELECT id FROM payments WHERE look_at <= ?1 ORDER BY look_at LIMIT ?3)
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = payments.id),
            state, attempt, settlement, version, ended_at";
}

/// None where its key was destroyed.
fn held(row: &Row<'_>, vault: &Vault) -> Result<Option<HeldPayment>, Fault> {
    let Some(body) = opened(row, vault, payment::KIND, 1)? else { return Ok(None) };
    let course = Course {
        state: row.get(4)?,
        attempt: row.get(5)?,
        settlement: row.get(6)?,
        version: row.get(7)?,
        ended_at: row.get(8)?,
    };
    payment::read(&body, &course, vault).map(Some)
}

/// The one with this id, as it stands within a write.
pub(super) fn again(database: Database<'_>, id: &PaymentId, vault: &Vault) -> Result<Option<HeldPayment>, Fault> {
    database.find_readable(FIND, [id.as_str()], |row| held(row, vault))
}

/// Leaves the leaf, and tells the agency's software of what it did not do itself.
pub(super) fn tell(
    database: Database<'_>,
    one: &Payment,
    (settlement, news, at): (Option<&Settlement>, PaymentNews, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_event(database, &payment::event(one, settlement, (news, at)), vault)?;
    if !news.is_told() {
        return Ok(());
    }
    let event = record::write(&SubmissionEvent::of_payment(one, news, at))?;
    insert_event(database, (&one.client, one.id.as_str()), (at, &event), vault)
}

fn insert(database: Database<'_>, new: &Payment, vault: &Vault) -> Result<InsertedPayment, Fault> {
    let (id, client) = (new.id.as_str(), new.client.as_str());
    let key = vault.blinded("idempotency", &new.key.key)?;
    if let Some(earlier) = database.find_readable(FIND_BY_KEY, params![client, key], |row| held(row, vault))? {
        let is_same = earlier.payment.key == new.key;
        return Ok(if is_same { InsertedPayment::Same(Box::new(earlier)) } else { InsertedPayment::KeyReused });
    }
    // One writer: a key whose payment does not open any more stays taken.
    if database.find(FIND_BY_KEY, params![client, key], |_| Ok(()))?.is_some() {
        return Ok(InsertedPayment::KeyReused);
    }
    let body = vault.seal(&key_of(database, vault, id)?, &payment::name(&new.id), new)?;
    let link = Digest::of(payment::token(vault, &new.id)?.expose());
    let times = (new.due_at().millis(), new.created_at.millis());
    let about = new.about.as_ref().map(PaymentAbout::as_str);
    database.execute(INSERT, params![id, client, key, link.as_bytes(), times.0, times.1, body, about])?;
    tell(database, new, (None, PaymentNews::Made, new.created_at), vault)?;
    let found = again(database, &new.id, vault)?;
    found
        .map(|held| InsertedPayment::New(Box::new(held)))
        .ok_or_else(|| Fault::Internal("a payment that was just written is not there".into()))
}

fn step(
    database: Database<'_>,
    (id, version): (&PaymentId, i64),
    (step, at): (&PaymentStep, Timestamp),
    vault: &Vault,
) -> Result<bool, Fault> {
    let end = |state: &str| database.execute(END, params![id.as_str(), version, state, at.millis()]);
    let (written, news) = match step {
        PaymentStep::Start(attempt) => {
            let body = record::write(attempt)?;
            let look = payment::first_look(attempt).millis();
            let written = database.execute(START, params![id.as_str(), version, body, look, at.millis()])?;
            if written == 1 {
                database.execute(INSERT_ATTEMPT, params![attempt.id.as_str(), id.as_str()])?;
            }
            (written, None)
        }
        PaymentStep::Free => (database.execute(FREE, params![id.as_str(), version])?, None),
        PaymentStep::Cancel => (end("cancelled")?, Some(PaymentNews::Cancelled)),
        PaymentStep::Expire => (end("expired")?, Some(PaymentNews::Expired)),
    };
    if let (1, Some(news)) = (written, news)
        && let Some(held) = again(database, id, vault)?
    {
        tell(database, &held.payment, (None, news, at), vault)?;
    }
    Ok(written == 1)
}

#[async_trait]
impl PaymentStore for SqliteStore {
    async fn insert_payment(&self, new: &Payment) -> Result<InsertedPayment, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.write(move |database| insert(database, &new, &vault)).await
    }

    async fn find_payment(&self, by: PaymentBy<'_>) -> Result<Option<HeldPayment>, Fault> {
        let read = |row: &Row<'_>| held(row, &self.vault);
        self.read(|database| match by {
            PaymentBy::Id(id) => database.find_readable(FIND, [id.as_str()], read),
            PaymentBy::Link(link) => database.find_readable(FIND_BY_LINK, [link.as_bytes()], read),
            PaymentBy::Attempt(id) => database.find_readable(FIND_BY_ATTEMPT, [id.as_str()], read),
        })
    }

    async fn list_payments(&self, client: &ClientId, before: &Before<PaymentId>) -> Result<Vec<HeldPayment>, Fault> {
        let (at, id) = before.bound();
        let values = params![client.as_str(), at, id, before.limit];
        self.read(|database| database.list_readable(LIST, values, |row| held(row, &self.vault)))
    }

    async fn list_payments_about(&self, about: &str) -> Result<Vec<HeldPayment>, Fault> {
        self.read(|database| database.list_readable(LIST_ABOUT, [about], |row| held(row, &self.vault)))
    }

    async fn step_payment(
        &self,
        (id, version): (&PaymentId, u64),
        what: &PaymentStep,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let (id, version, what) = (id.clone(), record::column(version)?, what.clone());
        let vault = Arc::clone(&self.vault);
        self.take(move |database| step(database, (&id, version), (&what, at), &vault)).await
    }

    async fn lease_payments(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<HeldPayment>, Fault> {
        let vault = Arc::clone(&self.vault);
        self.write(move |database| {
            database.list_readable(LEASE, params![now.millis(), until.millis(), limit], |row| held(row, &vault))
        })
        .await
    }
}
