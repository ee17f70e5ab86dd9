//! The access history.

use super::SqliteStore;
use super::data_keys::{key_of, opened};
use super::database::Database;
use super::evidence::queue_event;
use crate::domain::Fault;
use crate::domain::access::Access;
use crate::domain::evidence::Event;
use crate::domain::ids::{AccessId, SubjectId};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{AccessStore, Before};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO accesses (id, at, subject_id, grant_id, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    LIST_NEWEST = "SELECT body, id, grant_id, (SELECT sealed FROM data_keys WHERE data_keys.id = grant_id)
        FROM accesses WHERE subject_id = ?1 ORDER BY at DESC, id DESC LIMIT ?2";
    LIST_BEFORE = "SELECT body, id, grant_id, (SELECT sealed FROM data_keys WHERE data_keys.id = grant_id)
        FROM accesses WHERE subject_id = ?1 AND (at, id) < (?3, ?4) ORDER BY at DESC, id DESC LIMIT ?2";
}

/// Writes one line, alone or with what it tells of, and queues its leaf.
pub(super) fn insert_access(database: Database<'_>, line: &Access, vault: &Vault) -> Result<(), Fault> {
    let key = key_of(database, vault, line.grant.as_str())?;
    let body = vault.seal(&key, &format!("access:{}", line.id), line)?;
    let values = params![line.id.as_str(), line.at.millis(), line.subject.as_str(), line.grant.as_str(), body];
    database.execute(INSERT, values)?;
    queue_event(database, &Event::Access(line), vault)
}

fn access(row: &Row<'_>, vault: &Vault) -> Result<Option<Access>, Fault> {
    opened(row, vault, "access", 1)?.map(|body| record::read("access", &body)).transpose()
}

#[async_trait]
impl AccessStore for SqliteStore {
    async fn insert_accesses(&self, lines: &[Access]) -> Result<(), Fault> {
        let (lines, vault) = (lines.to_vec(), Arc::clone(&self.vault));
        self.write(move |database| lines.iter().try_for_each(|line| insert_access(database, line, &vault))).await
    }

    async fn list_accesses(&self, subject: &SubjectId, before: &Before<AccessId>) -> Result<Vec<Access>, Fault> {
        let read = |row: &Row<'_>| access(row, &self.vault);
        self.read(|database| match &before.entry {
            None => database.list_readable(LIST_NEWEST, params![subject.as_str(), before.limit], read),
            Some((at, id)) => {
                let values = params![subject.as_str(), before.limit, at.millis(), id.as_str()];
                database.list_readable(LIST_BEFORE, values, read)
            }
        })
    }
}
