//! The access history.

use super::SqliteStore;
use super::database::Database;
use crate::domain::Fault;
use crate::domain::access::Access;
use crate::domain::ids::{AccessId, SubjectId};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::{AccessStore, Before};
use async_trait::async_trait;
use rusqlite::{Row, params};

statements! {
    INSERT = "INSERT INTO accesses (id, at, subject_id, body) VALUES (?1, ?2, ?3, ?4)";
    LIST_NEWEST = "SELECT body FROM accesses WHERE subject_id = ?1 ORDER BY at DESC, id DESC LIMIT ?2";
    LIST_BEFORE = "SELECT body FROM accesses WHERE subject_id = ?1 AND (at, id) < (?3, ?4)
        ORDER BY at DESC, id DESC LIMIT ?2";
}

/// Writes one line, alone or with what it tells of.
pub(super) fn insert_access(database: Database<'_>, line: &Access) -> Result<(), Fault> {
    let values = params![line.id.as_str(), line.at.millis(), line.subject.as_str(), record::write(line)?];
    database.execute(INSERT, values).map(drop)
}

fn access(row: &Row<'_>) -> Result<Access, Fault> {
    record::read("access", row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)
}

#[async_trait]
impl AccessStore for SqliteStore {
    async fn insert_accesses(&self, lines: &[Access]) -> Result<(), Fault> {
        let lines = lines.to_vec();
        self.write(move |database| lines.iter().try_for_each(|line| insert_access(database, line))).await
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
