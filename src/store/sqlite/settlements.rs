//! What was paid, and what came besides.

use super::SqliteStore;
use super::data_keys::opened;
use super::database::Database;
use super::payments::{again, tell};
use crate::domain::ids::ClientId;
use crate::domain::payment::{PaymentState, SettlementKind};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{NewSettlement, SettledPayment, SettledSum, SettlementStore, TakenSettlement, payment, record};
use async_trait::async_trait;
use chrono::NaiveDate;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    IS_KNOWN = "SELECT 1 FROM payment_settlements WHERE reference = ?1";
    SETTLE = "UPDATE payments SET state = 'paid', settlement = ?2, ended_at = ?3, look_at = NULL, version = version + 1
        WHERE id = ?1 AND state IN ('open', 'started')";
    INSERT = "INSERT INTO payment_settlements (id, payment_id, client_id, reference, day, way, kind, amount, recorded_at,
            place, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    TAKE_PLACE = "INSERT INTO payment_heads (client_id, last) VALUES (?1, 1)
        ON CONFLICT (client_id) DO UPDATE SET last = last + 1 RETURNING last";
    LIST = "SELECT p.body, p.id, p.id, (SELECT sealed FROM data_keys WHERE data_keys.id = p.id), s.body, s.place
        FROM payment_settlements s JOIN payments p ON p.id = s.payment_id
        WHERE s.client_id = ?1 AND s.place > ?2 ORDER BY s.place LIMIT ?3";
    LIST_DAY = "SELECT p.body, p.id, p.id, (SELECT sealed FROM data_keys WHERE data_keys.id = p.id), s.body, s.place
        FROM payment_settlements s JOIN payments p ON p.id = s.payment_id
        WHERE s.client_id = ?1 AND s.day = ?4 AND s.place > ?2 ORDER BY s.place LIMIT ?3";
    SUM = "SELECT way, kind, count(*), sum(amount) FROM payment_settlements WHERE client_id = ?1 AND day = ?2
        GROUP BY way, kind ORDER BY way, kind";
    COUNT_ENDED = "SELECT count(*) FROM payments
        WHERE client_id = ?1 AND state = ?2 AND ended_at >= ?3 AND ended_at < ?4";
}

fn take(database: Database<'_>, new: &NewSettlement, vault: &Vault) -> Result<TakenSettlement, Fault> {
    if database.find(IS_KNOWN, [&new.taking.reference], |_| Ok(()))?.is_some() {
        return Ok(TakenSettlement::Known);
    }
    let Some(held) = again(database, &new.payment, vault)? else { return Ok(TakenSettlement::NoPayment) };
    let mut kind = new.excess.unwrap_or(SettlementKind::Settled);
    if kind == SettlementKind::Settled {
        let body = record::write(&payment::settlement(new, kind))?;
        if database.execute(SETTLE, params![new.payment.as_str(), body, new.at.millis()])? != 1 {
            kind = payment::excess(held.state);
        }
    }
    let written = payment::settlement(new, kind);
    let client = held.payment.client.as_str();
    let place = database.find(TAKE_PLACE, [client], |row| Ok(row.get::<_, i64>(0)?))?;
    let values = params![
        written.id.as_str(),
        written.payment.as_str(),
        client,
        written.taking.reference,
        written.day().to_string(),
        written.taking.way.as_str(),
        kind.as_str(),
        record::column(written.taking.amount)?,
        new.at.millis(),
        place,
        record::write(&written)?
    ];
    database.execute(INSERT, values)?;
    tell(database, &held.payment, (Some(&written), written.news(), new.at), vault)?;
    Ok(TakenSettlement::Written(Box::new(written)))
}

fn line(row: &Row<'_>, vault: &Vault) -> Result<Option<SettledPayment>, Fault> {
    let Some(body) = opened(row, vault, payment::KIND, 1)? else { return Ok(None) };
    let settlement: String = row.get(4)?;
    payment::settled(&body, &settlement, row.get(5)?).map(Some)
}

#[async_trait]
impl SettlementStore for SqliteStore {
    async fn take_settlement(&self, new: &NewSettlement) -> Result<TakenSettlement, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.write(move |database| take(database, &new, &vault)).await
    }

    async fn list_settlements(
        &self,
        client: &ClientId,
        day: Option<NaiveDate>,
        (after, limit): (u64, u32),
    ) -> Result<Vec<SettledPayment>, Fault> {
        let (client, after) = (client.as_str(), record::column(after)?);
        let read = |row: &Row<'_>| line(row, &self.vault);
        self.read(|database| match day {
            None => database.list_readable(LIST, params![client, after, limit], read),
            Some(day) => database.list_readable(LIST_DAY, params![client, after, limit, day.to_string()], read),
        })
    }

    async fn sum_settlements(&self, client: &ClientId, day: NaiveDate) -> Result<Vec<SettledSum>, Fault> {
        let read = |row: &Row<'_>| {
            let (way, kind): (String, String) = (row.get(0)?, row.get(1)?);
            payment::sum((&way, &kind), (row.get(2)?, row.get(3)?))
        };
        self.read(|database| database.list(SUM, params![client.as_str(), day.to_string()], read))
    }

    async fn count_ended_payments(
        &self,
        client: &ClientId,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<Vec<(PaymentState, u64)>, Fault> {
        let mut ended = Vec::new();
        for state in [PaymentState::Cancelled, PaymentState::Expired] {
            let values = params![client.as_str(), state.as_str(), from.millis(), until.millis()];
            let count = |row: &Row<'_>| record::count(row.get(0)?);
            let count = self.read(|database| database.find(COUNT_ENDED, values, count))?;
            ended.extend(count.filter(|count| *count > 0).map(|count| (state, count)));
        }
        Ok(ended)
    }
}
