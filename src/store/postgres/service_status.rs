//! What the operator tells of the service, and how its components stood.

use super::evidence::queue_events;
use super::{PostgresStore, ask, body, end, is_one};
use crate::domain::evidence::{Event, StatusLeaf};
use crate::domain::ids::StatusNoticeId;
use crate::domain::service_status::{ComponentDay, StatusNotice};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{StatusStore, published, record};
use async_trait::async_trait;
use chrono::NaiveDate;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO status_notices (id, is_open, changed_at, version, body) VALUES ($1, 1, $2, 1, $3)";
    UPDATE = "UPDATE status_notices SET is_open = $2, changed_at = $3, version = $4, body = $5
        WHERE id = $1 AND is_open = 1 AND version = $4 - 1";
    FIND = "SELECT body FROM status_notices WHERE id = $1";
    LIST_OPEN = "SELECT body FROM status_notices WHERE is_open = 1 ORDER BY changed_at DESC LIMIT $1";
    LIST_CLOSED = "SELECT body FROM status_notices WHERE is_open = 0 AND changed_at >= $1
        ORDER BY changed_at DESC LIMIT $2";
    PUT_DAYS = "INSERT INTO component_days (component, day, worst)
        SELECT * FROM UNNEST($1::text[], $2::text[], $3::bigint[])
        ON CONFLICT (component, day) DO UPDATE SET worst = greatest(component_days.worst, excluded.worst)";
    LIST_DAYS = "SELECT component, day, worst FROM component_days WHERE day >= $1 ORDER BY day, component";
    OVERDUE = "SELECT agency FROM submission_deliveries WHERE agency = $1 AND lane = 'sends' AND due_at <= $2
        AND lease_until <= $2 AND is_parked = false LIMIT 1";
    DELETE_DAYS = "DELETE FROM component_days WHERE day < $1";
}

fn notice(row: &PgRow) -> Result<StatusNotice, Fault> {
    record::read("notice of the service's status", body(row)?)
}

fn day(row: &PgRow) -> Result<ComponentDay, Fault> {
    published::component_day(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)
}

async fn leave(
    connection: &mut PgConnection,
    one: &StatusNotice,
    vault: &crate::store::vault::Vault,
) -> Result<(), Fault> {
    match StatusLeaf::of(one) {
        Some(leaf) => queue_events(connection, &[Event::Status(leaf)], vault).await,
        None => Ok(()),
    }
}

#[async_trait]
impl StatusStore for PostgresStore {
    async fn insert_status_notice(&self, new: &StatusNotice) -> Result<(), Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let insert = ask(INSERT).bind(new.id.as_str()).bind(new.changed_at().millis()).bind(record::write(&new)?);
            insert.execute(&mut *transaction).await?;
            leave(&mut transaction, &new, &vault).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    async fn update_status_notice(&self, next: &StatusNotice) -> Result<bool, Fault> {
        let (next, vault) = (next.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let update = ask(UPDATE).bind(next.id.as_str()).bind(i64::from(!next.step().is_final()));
            let update = update.bind(next.changed_at().millis()).bind(record::column(next.version)?);
            let is_done = is_one(update.bind(record::write(&next)?), &mut transaction).await?;
            if is_done {
                leave(&mut transaction, &next, &vault).await?;
            }
            end(transaction, is_done).await
        })
        .await
    }

    async fn find_status_notice(&self, id: &StatusNoticeId) -> Result<Option<StatusNotice>, Fault> {
        ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?.as_ref().map(notice).transpose()
    }

    async fn list_status_notices(&self, since: Timestamp, limit: u32) -> Result<Vec<StatusNotice>, Fault> {
        let open = ask(LIST_OPEN).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        let closed = ask(LIST_CLOSED).bind(since.millis()).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        let all = open.iter().chain(&closed).map(notice).collect::<Result<Vec<_>, _>>()?;
        Ok(published::newest_notices(all, limit))
    }

    async fn put_component_days(&self, days: &[ComponentDay]) -> Result<(), Fault> {
        let components: Vec<&str> = days.iter().map(|one| one.component.as_str()).collect();
        let moments: Vec<String> = days.iter().map(|one| one.day.to_string()).collect();
        let worst: Vec<i64> = days.iter().map(|one| one.worst.rank()).collect();
        ask(PUT_DAYS).bind(components).bind(moments).bind(worst).execute(&self.pool).await?;
        Ok(())
    }

    async fn list_component_days(&self, from: NaiveDate) -> Result<Vec<ComponentDay>, Fault> {
        ask(LIST_DAYS).bind(from.to_string()).fetch_all(&self.pool).await?.iter().map(day).collect()
    }

    async fn has_overdue_delivery(&self, agency: &str, since: Timestamp) -> Result<bool, Fault> {
        let asked = ask(OVERDUE).bind(agency).bind(since.millis());
        Ok(asked.fetch_optional(&self.pool).await?.is_some())
    }

    async fn delete_component_days(&self, from: NaiveDate) -> Result<u64, Fault> {
        Ok(ask(DELETE_DAYS).bind(from.to_string()).execute(&self.pool).await?.rows_affected())
    }
}
