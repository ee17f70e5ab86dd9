//! The queue of what goes to agencies.

use super::submissions::{delivery, insert_events};
use super::{PostgresStore, ask, is_one};
use crate::domain::ids::DeliveryId;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{AgencyLoad, Content, DeliveryChange, DeliveryStore, HeldDelivery, Lane, Leasing};
use crate::store::{filing, record};
use async_trait::async_trait;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    /// Asked first: most of the time nothing is due, and no lock need be taken.
    IS_DUE = "SELECT EXISTS (SELECT 1 FROM submission_deliveries
        WHERE agency = $1 AND lane = $2 AND due_at <= $3 AND lease_until <= $3)";
    INSERT_TURN = "INSERT INTO submission_turns (agency, client_id, turn) VALUES ($1, '', 0)
        ON CONFLICT (agency, client_id) DO NOTHING";
    /// Workers ask for one agency's deliveries one after the other, so that together they never hold more than may be.
    LOCK_TURN = "SELECT turn FROM submission_turns WHERE agency = $1 AND client_id = '' FOR UPDATE";
    COUNT_LENT = "SELECT count(*) FROM submission_deliveries
        WHERE agency = $1 AND lease_until > 0 AND lease_until > $2";
    LEASE_SENDS = "WITH free AS MATERIALIZED (
            SELECT id FROM submission_deliveries
            WHERE agency = $1 AND lane = 'sends' AND due_at <= $2 AND lease_until <= $2
            ORDER BY turn LIMIT $4 FOR UPDATE SKIP LOCKED)
        UPDATE submission_deliveries SET lease_until = $3, version = version + 1
        FROM free WHERE submission_deliveries.id = free.id RETURNING body, version, content, turn";
    LEASE_LOOKS = "WITH free AS MATERIALIZED (
            SELECT id FROM submission_deliveries
            WHERE agency = $1 AND lane = 'looks' AND due_at <= $2 AND lease_until <= $2
            ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED)
        UPDATE submission_deliveries SET lease_until = $3, version = version + 1
        FROM free WHERE submission_deliveries.id = free.id RETURNING body, version, content, turn";
    PUT_TURN = "UPDATE submission_turns SET turn = greatest(turn, $2) WHERE agency = $1 AND client_id = ''";
    /// Two parts of one filing change one after the other, so that the whole is told rightly.
    LOCK_WHOLE = "SELECT 1 FROM submissions WHERE id = $1 FOR UPDATE";
    UPDATE = "UPDATE submission_deliveries SET body = $3, state = $4, lane = $5, due_at = $6, lease_until = $7,
            is_parked = $8, version = version + 1,
            content = CASE $9 WHEN 'keep' THEN content WHEN 'drop' THEN NULL ELSE $10 END
        WHERE id = $1 AND version = $2";
    LIST_STATES = "SELECT state FROM submission_deliveries WHERE submission_id = $1";
    SET_STATE = "UPDATE submissions SET state = $2, ended_at = $3 WHERE id = $1 AND state <> $2";
    FIND = "SELECT body, version, content FROM submission_deliveries WHERE id = $1";
    COUNT_SENDS = "SELECT agency, count(*) FROM submission_deliveries WHERE lane = 'sends' GROUP BY agency";
    COUNT_LOOKS = "SELECT agency, count(*) FROM submission_deliveries WHERE lane = 'looks'
        AND state IN ('arrived', 'under_review', 'action_required') GROUP BY agency";
    COUNT_PARKED = "SELECT agency, count(*) FROM submission_deliveries WHERE is_parked GROUP BY agency";
    LIST_SEALED = "SELECT body, version, content FROM submission_deliveries WHERE content IS NOT NULL AND id > $1
        ORDER BY id LIMIT $2";
    /// No change of the delivery: whoever holds it goes on with it.
    RESEAL = "UPDATE submission_deliveries SET content = $3 WHERE id = $1 AND content = $2";
    LIST_PARKED = "SELECT body, version, content FROM submission_deliveries WHERE is_parked AND id > $1
        ORDER BY id LIMIT $2";
}

async fn lease(connection: &mut PgConnection, wanted: &Leasing) -> Result<Vec<HeldDelivery>, Fault> {
    let (now, until) = (wanted.now.millis(), wanted.until.millis());
    ask(INSERT_TURN).bind(&wanted.agency).execute(&mut *connection).await?;
    ask(LOCK_TURN).bind(&wanted.agency).fetch_one(&mut *connection).await?;
    let lent = ask(COUNT_LENT).bind(&wanted.agency).bind(now).fetch_one(&mut *connection).await?;
    let free = i64::from(wanted.most).saturating_sub(lent.try_get(0)?).min(i64::from(wanted.limit));
    if free <= 0 {
        return Ok(Vec::new());
    }
    let statement = match wanted.lane {
        Lane::Sends => LEASE_SENDS,
        Lane::Looks => LEASE_LOOKS,
    };
    let rows = ask(statement).bind(&wanted.agency).bind(now).bind(until).bind(free);
    let rows = rows.fetch_all(&mut *connection).await?;
    let with_turn = |row| Ok((sqlx::Row::try_get::<i64, _>(row, 3)?, delivery(row)?));
    let mut leased = rows.iter().map(with_turn).collect::<Result<Vec<_>, Fault>>()?;
    leased.sort_by_key(|(turn, _)| *turn);
    if let (Lane::Sends, Some((turn, _))) = (wanted.lane, leased.last()) {
        ask(PUT_TURN).bind(&wanted.agency).bind(turn).execute(connection).await?;
    }
    Ok(leased.into_iter().map(|(_, held)| held).collect())
}

async fn update(connection: &mut PgConnection, change: &DeliveryChange, vault: &Vault) -> Result<bool, Fault> {
    let one = &change.delivery;
    let (what, content) = match &change.content {
        Content::Keep => ("keep", None),
        Content::Drop => ("drop", None),
        Content::Replace(sealed) => ("replace", Some(sealed.as_slice())),
    };
    ask(LOCK_WHOLE).bind(one.submission.as_str()).fetch_optional(&mut *connection).await?;
    let update = ask(UPDATE).bind(one.id.as_str()).bind(record::column(change.version)?).bind(record::write(one)?);
    let update = update.bind(one.state.as_str()).bind(filing::lane_of(change));
    let update = update.bind(change.due_at.map(Timestamp::millis)).bind(change.lease.map_or(0, Timestamp::millis));
    if !is_one(update.bind(one.parked.is_some()).bind(what).bind(content), connection).await? {
        return Ok(false);
    }
    let parts = ask(LIST_STATES).bind(one.submission.as_str()).fetch_all(&mut *connection).await?;
    let parts = parts.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<Vec<String>, Fault>>()?;
    let overall = filing::overall(&parts)?;
    let ended_at = overall.is_final().then(|| change.at.millis());
    let set = ask(SET_STATE).bind(one.submission.as_str()).bind(overall.as_str()).bind(ended_at);
    set.execute(&mut *connection).await?;
    let whose = (&one.client, one.submission.as_str());
    insert_events(connection, whose, (change.at, &filing::events(change, overall)?), vault).await?;
    Ok(true)
}

#[async_trait]
impl DeliveryStore for PostgresStore {
    async fn lease_deliveries(&self, wanted: &Leasing) -> Result<Vec<HeldDelivery>, Fault> {
        let is_due = ask(IS_DUE).bind(&wanted.agency).bind(filing::lane(wanted.lane)).bind(wanted.now.millis());
        if !is_due.fetch_one(&self.pool).await?.try_get::<bool, _>(0)? {
            return Ok(Vec::new());
        }
        let wanted = wanted.clone();
        self.transact(async move |mut transaction| {
            let leased = lease(&mut transaction, &wanted).await?;
            transaction.commit().await?;
            Ok(leased)
        })
        .await
    }

    async fn update_delivery(&self, change: &DeliveryChange) -> Result<bool, Fault> {
        let (change, vault) = (change.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let is_changed = update(&mut transaction, &change, &vault).await?;
            if is_changed {
                transaction.commit().await?;
            } else {
                transaction.rollback().await?;
            }
            Ok(is_changed)
        })
        .await
    }

    async fn find_delivery(&self, id: &DeliveryId) -> Result<Option<HeldDelivery>, Fault> {
        ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?.as_ref().map(delivery).transpose()
    }

    async fn count_deliveries(&self) -> Result<Vec<AgencyLoad>, Fault> {
        let mut counts = [Vec::new(), Vec::new(), Vec::new()];
        for (counted, statement) in counts.iter_mut().zip([COUNT_SENDS, COUNT_LOOKS, COUNT_PARKED]) {
            for row in ask(statement).fetch_all(&self.pool).await? {
                counted.push((row.try_get(0)?, row.try_get(1)?));
            }
        }
        filing::load(counts)
    }

    async fn list_sealed_deliveries(&self, after: &str, limit: u32) -> Result<Vec<HeldDelivery>, Fault> {
        let list = ask(LIST_SEALED).bind(after).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(delivery).collect()
    }

    async fn reseal_delivery(&self, seen: &HeldDelivery, sealed: &[u8]) -> Result<bool, Fault> {
        let reseal = ask(RESEAL).bind(seen.delivery.id.as_str()).bind(seen.content.as_deref()).bind(sealed);
        Ok(reseal.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn list_parked(&self, after: &str, limit: u32) -> Result<Vec<HeldDelivery>, Fault> {
        let list = ask(LIST_PARKED).bind(after).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(delivery).collect()
    }
}
