//! Who is under protection measures.

use super::SqliteStore;
use super::database::Database;
use super::evidence::queue_event;
use crate::domain::evidence::Event;
use crate::domain::ids::SubjectId;
use crate::domain::{Fault, Timestamp};
use crate::store::ProtectionStore;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use async_trait::async_trait;
use rusqlite::params;
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO protections (subject_id, since, registered_by) VALUES (?1, ?2, ?3)
        ON CONFLICT (subject_id) DO NOTHING";
    DELETE = "DELETE FROM protections WHERE subject_id = ?1";
    /// A row for everybody, so that nothing differs but the answer.
    FIND = "SELECT EXISTS (SELECT 1 FROM protections WHERE subject_id = ?1)";
    CANCEL = "UPDATE requests SET state = 'cancelled', result = NULL WHERE state IN ('accepted', 'completed')
        AND grant_id IN (SELECT id FROM grants WHERE subject_id = ?1 AND representation_id IS NOT NULL)";
}

fn queue(
    database: Database<'_>,
    (person, word, operator): (&SubjectId, &str, &str),
    at: Timestamp,
    vault: &Vault,
) -> Result<(), Fault> {
    queue_event(database, &Event::Protection { person, word, operator, at }, vault)
}

#[async_trait]
impl ProtectionStore for SqliteStore {
    async fn insert_protection(&self, person: &SubjectId, operator: &str, at: Timestamp) -> Result<bool, Fault> {
        let (person, operator, vault) = (person.clone(), operator.to_owned(), Arc::clone(&self.vault));
        self.take(move |database| {
            if database.execute(INSERT, params![person.as_str(), at.millis(), operator])? != 1 {
                return Ok(false);
            }
            database.execute(CANCEL, [person.as_str()])?;
            queue(database, (&person, "protected", &operator), at, &vault)?;
            Ok(true)
        })
        .await
    }

    async fn delete_protection(&self, person: &SubjectId, operator: &str, at: Timestamp) -> Result<bool, Fault> {
        let (person, operator, vault) = (person.clone(), operator.to_owned(), Arc::clone(&self.vault));
        self.take(move |database| {
            if database.execute(DELETE, [person.as_str()])? != 1 {
                return Ok(false);
            }
            queue(database, (&person, "protection_lifted", &operator), at, &vault)?;
            Ok(true)
        })
        .await
    }

    async fn is_protected(&self, person: &SubjectId) -> Result<bool, Fault> {
        let found = self.read(|database| database.find(FIND, [person.as_str()], |row| Ok(row.get(0)?)))?;
        // A look that finds nothing at all has not shown that anybody may be told anything.
        Ok(found.unwrap_or(true))
    }
}
