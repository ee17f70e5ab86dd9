//! Decisions of the operator's rules, and the grants that they bear on.

use super::SqliteStore;
use super::grants::grant;
use crate::domain::decision::DecisionRecord;
use crate::domain::grant::Grant;
use crate::domain::ids::{DecisionId, GrantId};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{DecisionStore, record};
use async_trait::async_trait;
use rusqlite::params;

statements! {
    KEEP = "INSERT INTO decisions (id, at, body) VALUES (?1, ?2, ?3)
        ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE at < excluded.at";
    FIND = "SELECT body, at FROM decisions WHERE id = ?1";
    LIST_IN_FORCE = "SELECT body, revoked_at, revoked_by, paused_at, held_at, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grants.id)
        FROM grants WHERE state = 'active' AND subject_id IS NOT NULL AND expires_at > ?1 AND id > ?2
        ORDER BY id LIMIT ?3";
    COUNT_IN_FORCE = "SELECT COUNT(*) FROM grants
        WHERE state = 'active' AND subject_id IS NOT NULL AND expires_at > ?1";
}

#[async_trait]
impl DecisionStore for SqliteStore {
    async fn insert_decisions(&self, records: &[DecisionRecord]) -> Result<(), Fault> {
        let row = |one: &DecisionRecord| Ok((one.id.clone(), one.at.millis(), record::write(one)?));
        let rows = records.iter().map(row).collect::<Result<Vec<_>, Fault>>()?;
        self.write(move |database| {
            rows.iter().try_for_each(|(id, at, body)| database.execute(KEEP, params![id.as_str(), at, body]).map(drop))
        })
        .await
    }

    async fn find_decision(&self, id: &DecisionId) -> Result<Option<DecisionRecord>, Fault> {
        self.read(|database| {
            database.find(FIND, [id.as_str()], |row| {
                record::decision(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?, row.get(1)?)
            })
        })
    }

    async fn list_grants_in_force(
        &self,
        after: Option<&GrantId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Grant>, Fault> {
        let after = after.map_or("", GrantId::as_str);
        let values = params![now.millis(), after, limit];
        self.read(|database| database.list_readable(LIST_IN_FORCE, values, |row| grant(row, &self.vault)))
    }

    async fn count_grants_in_force(&self, now: Timestamp) -> Result<u64, Fault> {
        let count: Option<i64> =
            self.read(|database| database.find(COUNT_IN_FORCE, params![now.millis()], |row| Ok(row.get(0)?)))?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }
}
