//! Persons.

use super::data_keys::{key_of, opened};
use super::{PostgresStore, ask, is_one};
use crate::domain::Fault;
use crate::domain::ids::SubjectId;
use crate::domain::subject::{Subject, UpstreamAccount};
use crate::store::SubjectStore;
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use async_trait::async_trait;
use sqlx::{Connection as _, PgConnection, Row as _};

/// Rows of the time before that are sealed in one write.
const CHUNK: i64 = 500;

statements! {
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = subjects.id)
        FROM subjects WHERE id = $1";
    FIND_BY_ACCOUNT = "SELECT id FROM subjects WHERE account = $1";
    INSERT = "INSERT INTO subjects (id, account, body) VALUES ($1, $2, $3) ON CONFLICT (account) DO NOTHING";
    TAKE_IN_CLEAR = "DELETE FROM subjects_in_clear WHERE id IN (
            SELECT id FROM subjects_in_clear LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING id, upstream_issuer, upstream_subject";
}

async fn find_id(connection: &mut PgConnection, digest: [u8; 32]) -> Result<Option<SubjectId>, Fault> {
    let row = ask(FIND_BY_ACCOUNT).bind(digest.as_slice()).fetch_optional(connection).await?;
    row.map(|row| record::id(row.try_get(0)?)).transpose()
}

async fn insert(
    connection: &mut PgConnection,
    id: &SubjectId,
    account: &UpstreamAccount,
    vault: &Vault,
) -> Result<bool, Fault> {
    let key = key_of(connection, vault, id.as_str()).await?;
    let body = vault.seal(&key, &format!("account:{id}"), account)?;
    let digest = vault.account(account)?;
    is_one(ask(INSERT).bind(id.as_str()).bind(digest.as_slice()).bind(body), connection).await
}

/// Seals the accounts that the time before left in clear. What is done is done: it may be stopped at any moment, and done
/// by several nodes at once.
pub(super) async fn seal_all(connection: &mut PgConnection, vault: &Vault) -> Result<(), Fault> {
    loop {
        let mut transaction = connection.begin().await?;
        let rows = ask(TAKE_IN_CLEAR).bind(CHUNK).fetch_all(&mut *transaction).await?;
        for row in &rows {
            let account = UpstreamAccount { issuer: row.try_get(1)?, subject: row.try_get(2)? };
            insert(&mut transaction, &record::id(row.try_get(0)?)?, &account, vault).await?;
        }
        transaction.commit().await?;
        if rows.is_empty() {
            return Ok(());
        }
    }
}

#[async_trait]
impl SubjectStore for PostgresStore {
    async fn find_or_insert_subject(&self, account: &UpstreamAccount, new_id: &SubjectId) -> Result<Subject, Fault> {
        let digest = self.vault.account(account)?;
        let mut connection = self.pool.acquire().await?;
        if let Some(id) = find_id(&mut connection, digest).await? {
            return Ok(Subject { id, account: account.clone() });
        }
        insert(&mut connection, new_id, account, &self.vault).await?;
        let found = find_id(&mut connection, digest).await?;
        let id = found.ok_or_else(|| Fault::Internal("a person is missing just after being written".into()))?;
        Ok(Subject { id, account: account.clone() })
    }

    async fn find_subject_of(&self, account: &UpstreamAccount) -> Result<Option<Subject>, Fault> {
        let found = find_id(&mut *self.pool.acquire().await?, self.vault.account(account)?).await?;
        Ok(found.map(|id| Subject { id, account: account.clone() }))
    }

    async fn find_subject(&self, id: &SubjectId) -> Result<Option<Subject>, Fault> {
        let row = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        let Some(body) = opened(&row, &self.vault, "account", 1)? else { return Ok(None) };
        Ok(Some(Subject { id: id.clone(), account: record::read("account", &body)? }))
    }
}
