//! What was paid, and what came besides.

use super::data_keys::opened;
use super::payments::{again, tell};
use super::{PostgresStore, ask, end, is_one};
use crate::domain::ids::ClientId;
use crate::domain::payment::{PaymentState, SettlementKind};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{NewSettlement, SettledPayment, SettledSum, SettlementStore, TakenSettlement, payment, record};
use async_trait::async_trait;
use chrono::NaiveDate;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    SETTLE = "UPDATE payments SET state = 'paid', settlement = $2, ended_at = $3, look_at = NULL, version = version + 1
        WHERE id = $1 AND state IN ('open', 'started')";
    INSERT = "INSERT INTO payment_settlements (id, payment_id, client_id, reference, day, way, kind, amount, recorded_at,
            place, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (reference) DO NOTHING";
    /// Held until what has the place is committed: a later place is committed later.
    TAKE_PLACE = "INSERT INTO payment_heads (client_id, last) VALUES ($1, 1)
        ON CONFLICT (client_id) DO UPDATE SET last = payment_heads.last + 1 RETURNING last";
    LIST = "SELECT p.body, p.id, p.id, (SELECT sealed FROM data_keys WHERE data_keys.id = p.id), s.body, s.place
        FROM payment_settlements s JOIN payments p ON p.id = s.payment_id
        WHERE s.client_id = $1 AND s.place > $2 ORDER BY s.place LIMIT $3";
    LIST_DAY = "SELECT p.body, p.id, p.id, (SELECT sealed FROM data_keys WHERE data_keys.id = p.id), s.body, s.place
        FROM payment_settlements s JOIN payments p ON p.id = s.payment_id
        WHERE s.client_id = $1 AND s.day = $4 AND s.place > $2 ORDER BY s.place LIMIT $3";
    SUM = "SELECT way, kind, count(*), CAST(sum(amount) AS BIGINT) FROM payment_settlements WHERE client_id = $1 AND day = $2
        GROUP BY way, kind ORDER BY way, kind";
    COUNT_ENDED = "SELECT count(*) FROM payments
        WHERE client_id = $1 AND state = $2 AND ended_at >= $3 AND ended_at < $4";
}

async fn take(connection: &mut PgConnection, new: &NewSettlement, vault: &Vault) -> Result<TakenSettlement, Fault> {
    let mut kind = new.excess.unwrap_or(SettlementKind::Settled);
    let mut is_settled = false;
    if kind == SettlementKind::Settled {
        let body = record::write(&payment::settlement(new, kind))?;
        let settle = ask(SETTLE).bind(new.payment.as_str()).bind(body).bind(new.at.millis());
        is_settled = is_one(settle, connection).await?;
    }
    let Some(held) = again(connection, &new.payment, vault).await? else { return Ok(TakenSettlement::NoPayment) };
    if kind == SettlementKind::Settled && !is_settled {
        kind = payment::excess(held.state);
    }
    let (written, client) = (payment::settlement(new, kind), held.payment.client.as_str());
    let place: i64 = ask(TAKE_PLACE).bind(client).fetch_one(&mut *connection).await?.try_get(0)?;
    let insert = ask(INSERT).bind(written.id.as_str()).bind(written.payment.as_str()).bind(client);
    let insert = insert.bind(&written.taking.reference).bind(written.day().to_string());
    let insert = insert.bind(written.taking.way.as_str()).bind(kind.as_str());
    let insert = insert.bind(record::column(written.taking.amount)?).bind(new.at.millis()).bind(place);
    if !is_one(insert.bind(record::write(&written)?), connection).await? {
        return Ok(TakenSettlement::Known);
    }
    tell(connection, &held.payment, (Some(&written), written.news(), new.at), vault).await?;
    Ok(TakenSettlement::Written(Box::new(written)))
}

fn line(row: &PgRow, vault: &Vault) -> Result<Option<SettledPayment>, Fault> {
    let Some(body) = opened(row, vault, payment::KIND, 1)? else { return Ok(None) };
    payment::settled(&body, row.try_get(4)?, row.try_get(5)?).map(Some)
}

#[async_trait]
impl SettlementStore for PostgresStore {
    async fn take_settlement(&self, new: &NewSettlement) -> Result<TakenSettlement, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let taken = take(&mut transaction, &new, &vault).await?;
            // What is known already changes nothing, the payment neither.
            end(transaction, matches!(taken, TakenSettlement::Written(_))).await?;
            Ok(taken)
        })
        .await
    }

    async fn list_settlements(
        &self,
        client: &ClientId,
        day: Option<NaiveDate>,
        (after, limit): (u64, u32),
    ) -> Result<Vec<SettledPayment>, Fault> {
        let list = ask(if day.is_some() { LIST_DAY } else { LIST }).bind(client.as_str());
        let list = list.bind(record::column(after)?).bind(i64::from(limit));
        let list = match day {
            Some(day) => list.bind(day.to_string()),
            None => list,
        };
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| line(row, &self.vault).transpose()).collect()
    }

    async fn sum_settlements(&self, client: &ClientId, day: NaiveDate) -> Result<Vec<SettledSum>, Fault> {
        let rows = ask(SUM).bind(client.as_str()).bind(day.to_string()).fetch_all(&self.pool).await?;
        let read = |row: &PgRow| payment::sum((row.try_get(0)?, row.try_get(1)?), (row.try_get(2)?, row.try_get(3)?));
        rows.iter().map(read).collect()
    }

    async fn count_ended_payments(
        &self,
        client: &ClientId,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<Vec<(PaymentState, u64)>, Fault> {
        let mut ended = Vec::new();
        for state in [PaymentState::Cancelled, PaymentState::Expired] {
            let count = ask(COUNT_ENDED).bind(client.as_str()).bind(state.as_str());
            let row = count.bind(from.millis()).bind(until.millis()).fetch_one(&self.pool).await?;
            let count = record::count(row.try_get(0)?)?;
            ended.extend((count > 0).then_some((state, count)));
        }
        Ok(ended)
    }
}
