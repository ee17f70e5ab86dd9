//! The access history.

use super::SqliteStore;
use super::database::Database;
use super::evidence::queue_event;
use crate::domain::access::Access;
use crate::domain::evidence::Event;
use crate::domain::ids::{AccessId, SubjectId};
use crate::domain::{Entropy, Fault};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::{AccessStore, Before};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO accesses (id, at, subject_id, body) VALUES (?1, ?2, ?3, ?4)";
    LIST_NEWEST = "SELECT body FROM accesses WHERE subject_id = ?1 ORDER BY at DESC, id DESC LIMIT ?2";
    LIST_BEFORE = "SELECT body FROM accesses WHERE subject_id = ?1 AND (at, id) < (?3, ?4)
        ORDER BY at DESC, id DESC LIMIT ?2";
}

/// Writes one line, alone or with what it tells of, and queues its leaf.
pub(super) fn insert_access(database: Database<'_>, line: &Access, entropy: &dyn Entropy) -> Result<(), Fault> {
    let values = params![line.id.as_str(), line.at.millis(), line.subject.as_str(), record::write(line)?];
    database.execute(INSERT, values)?;
    queue_event(database, &Event::Access(line), entropy)
}

fn access(row: &Row<'_>) -> Result<Access, Fault> {
    record::read("access", row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)
}

#[async_trait]
impl AccessStore for SqliteStore {
    async fn insert_accesses(&self, lines: &[Access]) -> Result<(), Fault> {
        let (lines, entropy) = (lines.to_vec(), Arc::clone(&self.entropy));
        self.write(move |database| lines.iter().try_for_each(|line| insert_access(database, line, &*entropy))).await
    }

    async fn list_accesses(&self, subject: &SubjectId, before: &Before<AccessId>) -> Result<Vec<Access>, Fault> {
        self.read(|database| match &before.entry {
            None => database.list(LIST_NEWEST, params![subject.as_str(), before.limit], access),
            Some((at, id)) => {
                let values = params![subject.as_str(), before.limit, at.millis(), id.as_str()];
                database.list(LIST_BEFORE, values, access)
            }
        })
    }
}
