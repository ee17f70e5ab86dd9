//! The queue of what goes to agencies.

use super::SqliteStore;
use super::database::Database;
use super::submissions::{delivery, insert_event};
use crate::domain::ids::DeliveryId;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{AgencyLoad, Content, DeliveryChange, DeliveryStore, HeldDelivery, Lane, Leasing};
use crate::store::{filing, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    /// Asked first: most of the time nothing is due, and the writer need not be troubled.
    ARE_SENDS_DUE = "SELECT 1 FROM submission_deliveries
        WHERE agency = ?1 AND lane = 'sends' AND due_at <= ?2 AND lease_until <= ?2 LIMIT 1";
    ARE_LOOKS_DUE = "SELECT 1 FROM submission_deliveries
        WHERE agency = ?1 AND lane = 'looks' AND due_at <= ?2 AND lease_until <= ?2 LIMIT 1";
    COUNT_LENT = "SELECT count(*) FROM submission_deliveries
        WHERE agency = ?1 AND lease_until > 0 AND lease_until > ?2";
    LEASE_SENDS = "UPDATE submission_deliveries SET lease_until = ?3, version = version + 1 WHERE id IN (
            SELECT id FROM submission_deliveries
            WHERE agency = ?1 AND lane = 'sends' AND due_at <= ?2 AND lease_until <= ?2 ORDER BY turn LIMIT ?4)
        RETURNING body, version, content, turn";
    LEASE_LOOKS = "UPDATE submission_deliveries SET lease_until = ?3, version = version + 1 WHERE id IN (
            SELECT id FROM submission_deliveries
            WHERE agency = ?1 AND lane = 'looks' AND due_at <= ?2 AND lease_until <= ?2 ORDER BY due_at LIMIT ?4)
        RETURNING body, version, content, turn";
    PUT_TURN = "INSERT INTO submission_turns (agency, client_id, turn) VALUES (?1, '', ?2)
        ON CONFLICT (agency, client_id) DO UPDATE SET turn = max(submission_turns.turn, excluded.turn)";
    UPDATE = "UPDATE submission_deliveries SET body = ?3, state = ?4, lane = ?5, due_at = ?6, lease_until = ?7,
            is_parked = ?8, version = version + 1,
            content = CASE ?9 WHEN 'keep' THEN content WHEN 'drop' THEN NULL ELSE ?10 END
        WHERE id = ?1 AND version = ?2";
    LIST_STATES = "SELECT state FROM submission_deliveries WHERE submission_id = ?1";
    SET_STATE = "UPDATE submissions SET state = ?2, ended_at = ?3 WHERE id = ?1 AND state <> ?2";
    FIND = "SELECT body, version, content FROM submission_deliveries WHERE id = ?1";
    COUNT_SENDS = "SELECT agency, count(*) FROM submission_deliveries WHERE lane = 'sends' GROUP BY agency";
    COUNT_LOOKS = "SELECT agency, count(*) FROM submission_deliveries WHERE lane = 'looks'
        AND state IN ('arrived', 'under_review', 'action_required') GROUP BY agency";
    COUNT_PARKED = "SELECT agency, count(*) FROM submission_deliveries WHERE is_parked = 1 GROUP BY agency";
    LIST_SEALED = "SELECT body, version, content FROM submission_deliveries WHERE content IS NOT NULL AND id > ?1
        ORDER BY id LIMIT ?2";
    /// No change of the delivery: whoever holds it goes on with it.
    RESEAL = "UPDATE submission_deliveries SET content = ?3 WHERE id = ?1 AND content = ?2";
    LIST_PARKED = "SELECT body, version, content FROM submission_deliveries WHERE is_parked = 1 AND id > ?1
        ORDER BY id LIMIT ?2";
}

fn lease(database: Database<'_>, wanted: &Leasing) -> Result<Vec<HeldDelivery>, Fault> {
    let (now, until) = (wanted.now.millis(), wanted.until.millis());
    let lent = database.find(COUNT_LENT, params![wanted.agency, now], |row| Ok(row.get::<_, u32>(0)?))?;
    let free = wanted.most.saturating_sub(lent.unwrap_or_default()).min(wanted.limit);
    if free == 0 {
        return Ok(Vec::new());
    }
    let statement = match wanted.lane {
        Lane::Sends => LEASE_SENDS,
        Lane::Looks => LEASE_LOOKS,
    };
    let with_turn = |row: &Row<'_>| Ok((row.get::<_, i64>(3)?, delivery(row)?));
    let mut leased = database.list(statement, params![wanted.agency, now, until, free], with_turn)?;
    leased.sort_by_key(|(turn, _)| *turn);
    if let (Lane::Sends, Some((turn, _))) = (wanted.lane, leased.last()) {
        database.execute(PUT_TURN, params![wanted.agency, turn])?;
    }
    Ok(leased.into_iter().map(|(_, held)| held).collect())
}

fn update(database: Database<'_>, change: &DeliveryChange, vault: &Vault) -> Result<bool, Fault> {
    let one = &change.delivery;
    let (what, content) = match &change.content {
        Content::Keep => ("keep", None),
        Content::Drop => ("drop", None),
        Content::Replace(sealed) => ("replace", Some(sealed)),
    };
    let values = params![
        one.id.as_str(),
        record::column(change.version)?,
        record::write(one)?,
        one.state.as_str(),
        filing::lane_of(change),
        change.due_at.map(Timestamp::millis),
        change.lease.map_or(0, Timestamp::millis),
        one.parked.is_some(),
        what,
        content,
    ];
    if database.execute(UPDATE, values)? != 1 {
        return Ok(false);
    }
    let parts = database.list(LIST_STATES, [one.submission.as_str()], |row| Ok(row.get(0)?))?;
    let overall = filing::overall(&parts)?;
    let ended_at = overall.is_final().then(|| change.at.millis());
    database.execute(SET_STATE, params![one.submission.as_str(), overall.as_str(), ended_at])?;
    for event in filing::events(change, overall)? {
        insert_event(database, (&one.client, one.submission.as_str()), (change.at, &event), vault)?;
    }
    Ok(true)
}

#[async_trait]
impl DeliveryStore for SqliteStore {
    async fn lease_deliveries(&self, wanted: &Leasing) -> Result<Vec<HeldDelivery>, Fault> {
        let is_due = self.read(|database| {
            let is_due = match wanted.lane {
                Lane::Sends => ARE_SENDS_DUE,
                Lane::Looks => ARE_LOOKS_DUE,
            };
            database.find(is_due, params![wanted.agency, wanted.now.millis()], |_| Ok(()))
        })?;
        if is_due.is_none() {
            return Ok(Vec::new());
        }
        let wanted = wanted.clone();
        self.write(move |database| lease(database, &wanted)).await
    }

    async fn update_delivery(&self, change: &DeliveryChange) -> Result<bool, Fault> {
        let (change, vault) = (change.clone(), Arc::clone(&self.vault));
        self.take(move |database| update(database, &change, &vault)).await
    }

    async fn find_delivery(&self, id: &DeliveryId) -> Result<Option<HeldDelivery>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], delivery))
    }

    async fn count_deliveries(&self) -> Result<Vec<AgencyLoad>, Fault> {
        self.read(|database| {
            let count = |statement| database.list(statement, [], |row| Ok((row.get(0)?, row.get(1)?)));
            filing::load([count(COUNT_SENDS)?, count(COUNT_LOOKS)?, count(COUNT_PARKED)?])
        })
    }

    async fn list_sealed_deliveries(&self, after: &str, limit: u32) -> Result<Vec<HeldDelivery>, Fault> {
        self.read(|database| database.list(LIST_SEALED, params![after, limit], delivery))
    }

    async fn reseal_delivery(&self, seen: &HeldDelivery, sealed: &[u8]) -> Result<bool, Fault> {
        let (id, old, new) = (seen.delivery.id.clone(), seen.content.clone(), sealed.to_vec());
        self.take(move |database| Ok(database.execute(RESEAL, params![id.as_str(), old, new])? == 1)).await
    }

    async fn list_parked(&self, after: &str, limit: u32) -> Result<Vec<HeldDelivery>, Fault> {
        self.read(|database| database.list(LIST_PARKED, params![after, limit], delivery))
    }
}
