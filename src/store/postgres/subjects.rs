//! Persons.

use super::{PostgresStore, ask};
use crate::domain::Fault;
use crate::domain::ids::SubjectId;
use crate::domain::subject::{Subject, UpstreamAccount};
use crate::store::SubjectStore;
use crate::store::record;
use crate::store::statement::statements;
use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

statements! {
    FIND = "SELECT id, upstream_issuer, upstream_subject FROM subjects WHERE id = $1";
    FIND_BY_ACCOUNT = "SELECT id, upstream_issuer, upstream_subject FROM subjects
        WHERE upstream_issuer = $1 AND upstream_subject = $2";
    INSERT = "INSERT INTO subjects (id, upstream_issuer, upstream_subject) VALUES ($1, $2, $3)
        ON CONFLICT (upstream_issuer, upstream_subject) DO NOTHING";
}

fn subject(row: &PgRow) -> Result<Subject, Fault> {
    let account = UpstreamAccount { issuer: row.try_get(1)?, subject: row.try_get(2)? };
    Ok(Subject { id: record::id(row.try_get(0)?)?, account })
}

impl PostgresStore {
    async fn find_by_account(&self, account: &UpstreamAccount) -> Result<Option<Subject>, Fault> {
        let find = ask(FIND_BY_ACCOUNT).bind(&account.issuer).bind(&account.subject);
        find.fetch_optional(&self.pool).await?.as_ref().map(subject).transpose()
    }
}

#[async_trait]
impl SubjectStore for PostgresStore {
    async fn find_or_insert_subject(&self, account: &UpstreamAccount, new_id: &SubjectId) -> Result<Subject, Fault> {
        if let Some(known) = self.find_by_account(account).await? {
            return Ok(known);
        }
        let insert = ask(INSERT).bind(new_id.as_str()).bind(&account.issuer).bind(&account.subject);
        insert.execute(&self.pool).await?;
        let found = self.find_by_account(account).await?;
        found.ok_or_else(|| Fault::Internal("a person is missing just after being written".into()))
    }

    async fn find_subject_of(&self, account: &UpstreamAccount) -> Result<Option<Subject>, Fault> {
        self.find_by_account(account).await
    }

    async fn find_subject(&self, id: &SubjectId) -> Result<Option<Subject>, Fault> {
        ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?.as_ref().map(subject).transpose()
    }
}
