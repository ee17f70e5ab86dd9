//! Persons.

use super::SqliteStore;
use super::data_keys::{key_of, opened};
use super::database::Database;
use crate::domain::Fault;
use crate::domain::ids::SubjectId;
use crate::domain::subject::{Subject, UpstreamAccount};
use crate::store::SubjectStore;
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use async_trait::async_trait;
use rusqlite::{Connection, Row, TransactionBehavior, params};
use std::sync::Arc;

/// Rows of the time before that are sealed in one write.
const CHUNK: u32 = 500;

statements! {
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = subjects.id)
        FROM subjects WHERE id = ?1";
    FIND_BY_ACCOUNT = "SELECT id FROM subjects WHERE account = ?1";
    INSERT = "INSERT INTO subjects (id, account, body) VALUES (?1, ?2, ?3)";
    LIST_IN_CLEAR = "SELECT id, upstream_issuer, upstream_subject FROM subjects_in_clear WHERE id > '' LIMIT ?1";
    DELETE_IN_CLEAR = "DELETE FROM subjects_in_clear WHERE id = ?1";
}

fn id(row: &Row<'_>) -> Result<SubjectId, Fault> {
    record::id(row.get(0)?)
}

fn insert(database: Database<'_>, id: &SubjectId, account: &UpstreamAccount, vault: &Vault) -> Result<(), Fault> {
    let body = vault.seal(&key_of(database, vault, id.as_str())?, &format!("account:{id}"), account)?;
    database.execute(INSERT, params![id.as_str(), vault.account(account)?, body]).map(drop)
}

/// Seals the accounts that the time before left in clear. What is done is done: it may be stopped at any moment.
pub(super) fn seal_all(connection: &mut Connection, vault: &Vault) -> Result<(), Fault> {
    let read = |row: &Row<'_>| {
        Ok((record::id::<SubjectId>(row.get(0)?)?, UpstreamAccount { issuer: row.get(1)?, subject: row.get(2)? }))
    };
    while Database::new(connection).find(LIST_IN_CLEAR, [1], |_| Ok(()))?.is_some() {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let database = Database::new(&transaction);
        for (id, account) in database.list(LIST_IN_CLEAR, [CHUNK], read)? {
            insert(database, &id, &account, vault)?;
            database.execute(DELETE_IN_CLEAR, [id.as_str()])?;
        }
        transaction.commit()?;
    }
    Ok(())
}

#[async_trait]
impl SubjectStore for SqliteStore {
    async fn find_or_insert_subject(&self, account: &UpstreamAccount, new_id: &SubjectId) -> Result<Subject, Fault> {
        let digest = self.vault.account(account)?;
        if let Some(id) = self.read(|database| database.find(FIND_BY_ACCOUNT, [digest], id))? {
            return Ok(Subject { id, account: account.clone() });
        }
        let (new_id, account, vault) = (new_id.clone(), account.clone(), Arc::clone(&self.vault));
        self.write(move |database| {
            // One writer: nobody else comes between the look and the write.
            if let Some(id) = database.find(FIND_BY_ACCOUNT, [digest], id)? {
                return Ok(Subject { id, account });
            }
            insert(database, &new_id, &account, &vault)?;
            Ok(Subject { id: new_id, account })
        })
        .await
    }

    async fn find_subject_of(&self, account: &UpstreamAccount) -> Result<Option<Subject>, Fault> {
        let digest = self.vault.account(account)?;
        let found = self.read(|database| database.find(FIND_BY_ACCOUNT, [digest], id))?;
        Ok(found.map(|id| Subject { id, account: account.clone() }))
    }

    async fn find_subject(&self, id: &SubjectId) -> Result<Option<Subject>, Fault> {
        let read = |row: &Row<'_>| opened(row, &self.vault, "account", 1);
        let body = self.read(|database| database.find_readable(FIND, [id.as_str()], read))?;
        let read = |body: String| Ok(Subject { id: id.clone(), account: record::read("account", &body)? });
        body.map(read).transpose()
    }
}
