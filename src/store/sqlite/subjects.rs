//! Persons.

use super::SqliteStore;
use crate::domain::Fault;
use crate::domain::ids::SubjectId;
use crate::domain::subject::{Subject, UpstreamAccount};
use crate::store::SubjectStore;
use crate::store::record;
use crate::store::statement::statements;
use async_trait::async_trait;
use rusqlite::Row;

statements! {
    FIND = "SELECT id, upstream_issuer, upstream_subject FROM subjects WHERE id = ?1";
    FIND_BY_ACCOUNT = "SELECT id, upstream_issuer, upstream_subject FROM subjects
        WHERE upstream_issuer = ?1 AND upstream_subject = ?2";
    INSERT = "INSERT INTO subjects (id, upstream_issuer, upstream_subject) VALUES (?1, ?2, ?3)
        ON CONFLICT (upstream_issuer, upstream_subject) DO NOTHING";
}

fn subject(row: &Row<'_>) -> Result<Subject, Fault> {
    let account = UpstreamAccount { issuer: row.get(1)?, subject: row.get(2)? };
    Ok(Subject { id: record::id(row.get(0)?)?, account })
}

#[async_trait]
impl SubjectStore for SqliteStore {
    async fn find_or_insert_subject(&self, account: &UpstreamAccount, new_id: &SubjectId) -> Result<Subject, Fault> {
        let key = [account.issuer.clone(), account.subject.clone()];
        if let Some(known) = self.read(|database| database.find(FIND_BY_ACCOUNT, key.clone(), subject))? {
            return Ok(known);
        }
        let new_id = new_id.clone();
        self.write(move |database| {
            database.execute(INSERT, [new_id.as_str(), &key[0], &key[1]])?;
            let found = database.find(FIND_BY_ACCOUNT, key, subject)?;
            found.ok_or_else(|| Fault::Internal("a person is missing just after being written".into()))
        })
        .await
    }

    async fn find_subject_of(&self, account: &UpstreamAccount) -> Result<Option<Subject>, Fault> {
        let key = [account.issuer.clone(), account.subject.clone()];
        self.read(|database| database.find(FIND_BY_ACCOUNT, key, subject))
    }

    async fn find_subject(&self, id: &SubjectId) -> Result<Option<Subject>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], subject))
    }
}
