//! The counter's own keys, sealed by their owner.

use super::evidence::queue_events;
use super::{PostgresStore, ask, is_one};
use crate::domain::evidence::Event;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{HeldKey, KeyStore};
use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use std::sync::Arc;

statements! {
    LIST = "SELECT id, purpose, sealed, created_at, active_from, retired_at FROM keys
        WHERE purpose = $1 ORDER BY created_at, id";
    LIST_AFTER = "SELECT id, purpose, sealed, created_at, active_from, retired_at FROM keys
        WHERE id > $1 ORDER BY id LIMIT $2";
    RESEAL = "UPDATE keys SET sealed = $3 WHERE id = $1 AND sealed = $2";
    INSERT = "INSERT INTO keys (id, purpose, sealed, created_at, active_from, retired_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING";
    RETIRE = "UPDATE keys SET retired_at = $2 WHERE id = $1";
}

fn key(row: &PgRow) -> Result<HeldKey, Fault> {
    Ok(HeldKey {
        id: row.try_get(0)?,
        purpose: row.try_get(1)?,
        sealed: row.try_get(2)?,
        created_at: Timestamp::from_millis(row.try_get(3)?),
        active_from: Timestamp::from_millis(row.try_get(4)?),
        retired_at: row.try_get::<Option<i64>, _>(5)?.map(Timestamp::from_millis),
    })
}

#[async_trait]
impl KeyStore for PostgresStore {
    async fn list_keys(&self, purpose: &str) -> Result<Vec<HeldKey>, Fault> {
        ask(LIST).bind(purpose).fetch_all(&self.pool).await?.iter().map(key).collect()
    }

    async fn insert_key(&self, key: &HeldKey) -> Result<bool, Fault> {
        let (key, vault) = (key.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let insert = ask(INSERT).bind(&key.id).bind(&key.purpose).bind(&key.sealed).bind(key.created_at.millis());
            let insert = insert.bind(key.active_from.millis()).bind(key.retired_at.map(Timestamp::millis));
            let is_new = is_one(insert, &mut transaction).await?;
            if is_new {
                let event = Event::Key { id: &key.id, action: "made", at: key.created_at };
                queue_events(&mut transaction, &[event], &vault).await?;
            }
            transaction.commit().await?;
            Ok(is_new)
        })
        .await
    }

    async fn list_keys_after(&self, id: &str, limit: u32) -> Result<Vec<HeldKey>, Fault> {
        let list = ask(LIST_AFTER).bind(id).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(key).collect()
    }

    async fn reseal_key(&self, seen: &HeldKey, sealed: &[u8], at: Timestamp) -> Result<bool, Fault> {
        let (seen, sealed, vault) = (seen.clone(), sealed.to_vec(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let reseal = ask(RESEAL).bind(&seen.id).bind(&seen.sealed).bind(&sealed);
            let is_ours = is_one(reseal, &mut transaction).await?;
            if is_ours {
                let event = Event::Key { id: &seen.id, action: "resealed", at };
                queue_events(&mut transaction, &[event], &vault).await?;
            }
            transaction.commit().await?;
            Ok(is_ours)
        })
        .await
    }

    async fn retire_key(&self, id: &str, at: Timestamp) -> Result<(), Fault> {
        let (id, vault) = (id.to_owned(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            if is_one(ask(RETIRE).bind(&id).bind(at.millis()), &mut transaction).await? {
                let event = Event::Key { id: &id, action: "retired", at };
                queue_events(&mut transaction, &[event], &vault).await?;
            }
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}
