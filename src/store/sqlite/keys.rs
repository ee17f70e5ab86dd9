//! The counter's own keys, sealed by their owner.

use super::SqliteStore;
use super::evidence::queue_event;
use crate::domain::evidence::Event;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{HeldKey, KeyStore};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    LIST = "SELECT id, purpose, sealed, created_at, active_from, retired_at FROM keys
        WHERE purpose = ?1 ORDER BY created_at, id";
    LIST_AFTER = "SELECT id, purpose, sealed, created_at, active_from, retired_at FROM keys
        WHERE id > ?1 ORDER BY id LIMIT ?2";
    RESEAL = "UPDATE keys SET sealed = ?3 WHERE id = ?1 AND sealed = ?2";
    INSERT = "INSERT INTO keys (id, purpose, sealed, created_at, active_from, retired_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING";
    RETIRE = "UPDATE keys SET retired_at = ?2 WHERE id = ?1";
}

fn key(row: &Row<'_>) -> Result<HeldKey, Fault> {
    Ok(HeldKey {
        id: row.get(0)?,
        purpose: row.get(1)?,
        sealed: row.get(2)?,
        created_at: Timestamp::from_millis(row.get(3)?),
        active_from: Timestamp::from_millis(row.get(4)?),
        retired_at: row.get::<_, Option<i64>>(5)?.map(Timestamp::from_millis),
    })
}

#[async_trait]
impl KeyStore for SqliteStore {
    async fn list_keys(&self, purpose: &str) -> Result<Vec<HeldKey>, Fault> {
        self.read(|database| database.list(LIST, [purpose], key))
    }

    async fn insert_key(&self, key: &HeldKey) -> Result<bool, Fault> {
        let (key, vault) = (key.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let (created, active) = (key.created_at.millis(), key.active_from.millis());
            let retired = key.retired_at.map(Timestamp::millis);
            let values = params![key.id, key.purpose, key.sealed, created, active, retired];
            let is_new = database.execute(INSERT, values)? == 1;
            if is_new {
                let event = Event::Key { id: &key.id, action: "made", at: key.created_at };
                queue_event(database, &event, &vault)?;
            }
            Ok(is_new)
        })
        .await
    }

    async fn list_keys_after(&self, id: &str, limit: u32) -> Result<Vec<HeldKey>, Fault> {
        self.read(|database| database.list(LIST_AFTER, params![id, limit], key))
    }

    async fn reseal_key(&self, seen: &HeldKey, sealed: &[u8], at: Timestamp) -> Result<bool, Fault> {
        let (seen, sealed, vault) = (seen.clone(), sealed.to_vec(), Arc::clone(&self.vault));
        self.take(move |database| {
            let is_ours = database.execute(RESEAL, params![seen.id, seen.sealed, sealed])? == 1;
            if is_ours {
                queue_event(database, &Event::Key { id: &seen.id, action: "resealed", at }, &vault)?;
            }
            Ok(is_ours)
        })
        .await
    }

    async fn retire_key(&self, id: &str, at: Timestamp) -> Result<(), Fault> {
        let (id, vault) = (id.to_owned(), Arc::clone(&self.vault));
        self.write(move |database| {
            if database.execute(RETIRE, params![id, at.millis()])? == 1 {
                queue_event(database, &Event::Key { id: &id, action: "retired", at }, &vault)?;
            }
            Ok(())
        })
        .await
    }
}
