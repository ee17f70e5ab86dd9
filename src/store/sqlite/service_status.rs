//! What the operator tells of the service, and how its components stood.

use super::SqliteStore;
use super::evidence::queue_event;
use crate::domain::evidence::{Event, StatusLeaf};
use crate::domain::ids::StatusNoticeId;
use crate::domain::service_status::{ComponentDay, StatusNotice};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{StatusStore, published, record};
use async_trait::async_trait;
use chrono::NaiveDate;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO status_notices (id, is_open, changed_at, version, body) VALUES (?1, 1, ?2, 1, ?3)";
    UPDATE = "UPDATE status_notices SET is_open = ?2, changed_at = ?3, version = ?4, body = ?5
        WHERE id = ?1 AND is_open = 1 AND version = ?4 - 1";
    FIND = "SELECT body FROM status_notices WHERE id = ?1";
    LIST_OPEN = "SELECT body FROM status_notices WHERE is_open = 1 ORDER BY changed_at DESC LIMIT ?1";
    LIST_CLOSED = "SELECT body FROM status_notices WHERE is_open = 0 AND changed_at >= ?1
        ORDER BY changed_at DESC LIMIT ?2";
    PUT_DAY = "INSERT INTO component_days (component, day, worst) VALUES (?1, ?2, ?3)
        ON CONFLICT (component, day) DO UPDATE SET worst = max(component_days.worst, excluded.worst)";
    LIST_DAYS = "SELECT component, day, worst FROM component_days WHERE day >= ?1 ORDER BY day, component";
    OVERDUE = "SELECT agency FROM submission_deliveries WHERE agency = ?1 AND lane = 'sends' AND due_at <= ?2
        AND lease_until <= ?2 AND is_parked = 0 LIMIT 1";
    DELETE_DAYS = "DELETE FROM component_days WHERE day < ?1";
}

fn notice(row: &Row<'_>) -> Result<StatusNotice, Fault> {
    let body: String = row.get(0)?;
    record::read("notice of the service's status", &body)
}

fn day(row: &Row<'_>) -> Result<ComponentDay, Fault> {
    published::component_day(row.get(0)?, &row.get::<_, String>(1)?, row.get(2)?)
}

#[async_trait]
impl StatusStore for SqliteStore {
    async fn insert_status_notice(&self, new: &StatusNotice) -> Result<(), Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.write(move |database| {
            database.execute(INSERT, params![new.id.as_str(), new.changed_at().millis(), record::write(&new)?])?;
            StatusLeaf::of(&new).map_or(Ok(()), |leaf| queue_event(database, &Event::Status(leaf), &vault))
        })
        .await
    }

    async fn update_status_notice(&self, next: &StatusNotice) -> Result<bool, Fault> {
        let (next, vault) = (next.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let (is_open, version) = (!next.step().is_final(), record::column(next.version)?);
            let values = params![next.id.as_str(), is_open, next.changed_at().millis(), version, record::write(&next)?];
            if database.execute(UPDATE, values)? != 1 {
                return Ok(false);
            }
            StatusLeaf::of(&next).map_or(Ok(()), |leaf| queue_event(database, &Event::Status(leaf), &vault))?;
            Ok(true)
        })
        .await
    }

    async fn find_status_notice(&self, id: &StatusNoticeId) -> Result<Option<StatusNotice>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], notice))
    }

    async fn list_status_notices(&self, since: Timestamp, limit: u32) -> Result<Vec<StatusNotice>, Fault> {
        self.read(|database| {
            let mut all = database.list(LIST_OPEN, [limit], notice)?;
            all.extend(database.list(LIST_CLOSED, params![since.millis(), limit], notice)?);
            Ok(published::newest_notices(all, limit))
        })
    }

    async fn put_component_days(&self, days: &[ComponentDay]) -> Result<(), Fault> {
        let days = days.to_vec();
        self.write(move |database| {
            days.iter().try_for_each(|one| {
                let values = params![one.component.as_str(), one.day.to_string(), one.worst.rank()];
                database.execute(PUT_DAY, values).map(drop)
            })
        })
        .await
    }

    async fn list_component_days(&self, from: NaiveDate) -> Result<Vec<ComponentDay>, Fault> {
        self.read(|database| database.list(LIST_DAYS, [from.to_string()], day))
    }

    async fn has_overdue_delivery(&self, agency: &str, since: Timestamp) -> Result<bool, Fault> {
        let values = params![agency, since.millis()];
        self.read(|database| Ok(database.find(OVERDUE, values, |_| Ok(()))?.is_some()))
    }

    async fn delete_component_days(&self, from: NaiveDate) -> Result<u64, Fault> {
        self.write(move |database| Ok(database.execute(DELETE_DAYS, [from.to_string()])? as u64)).await
    }
}
