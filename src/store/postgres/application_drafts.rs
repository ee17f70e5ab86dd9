//! Drafts of applications.

use super::data_keys::{key_of, opened};
use super::{PostgresStore, ask, end, is_one};
use crate::domain::application::{Application, ApplicationDraft};
use crate::domain::ids::{ApplicationId, ClientId, DraftId, SubjectId};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{
    ApplicationDraftStore, Before, HeldApplication, InsertedApplication, InsertedApplicationDraft, application_draft,
};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    COUNT = "SELECT count(*) FROM application_drafts WHERE client_id = $1 AND subject_id = $2 AND expires_at > $3";
    INSERT = "INSERT INTO application_drafts (id, client_id, subject_id, key, tag, expires_at, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (client_id, subject_id, key) DO NOTHING";
    FIND = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id)
        FROM application_drafts WHERE id = $1 AND expires_at > $2";
    FIND_BY_KEY = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id)
        FROM application_drafts WHERE client_id = $1 AND subject_id = $2 AND key = $3";
    LIST = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id)
        FROM application_drafts WHERE subject_id = $1 AND expires_at > $2 AND ($3::text IS NULL OR client_id = $3)
        ORDER BY expires_at DESC LIMIT 500";
    UPDATE = "UPDATE application_drafts SET tag = $3, expires_at = $4, body = $5 WHERE id = $1 AND tag = $2";
    DELETE = "DELETE FROM application_drafts WHERE id = $1 AND tag = $2";
}

/// None where its person's key was destroyed.
fn held(row: &PgRow, vault: &Vault) -> Result<Option<ApplicationDraft>, Fault> {
    let body = opened(row, vault, application_draft::KIND, 1)?;
    body.map(|body| application_draft::read(&body)).transpose()
}

async fn sealed(connection: &mut PgConnection, one: &ApplicationDraft, vault: &Vault) -> Result<String, Fault> {
    let key = key_of(connection, vault, one.subject.as_str()).await?;
    vault.seal(&key, &application_draft::name(&one.draft.id), one)
}

async fn earlier(
    connection: &mut PgConnection,
    new: &ApplicationDraft,
    vault: &Vault,
) -> Result<Option<InsertedApplicationDraft>, Fault> {
    let key = vault.blinded("idempotency", &new.draft.key.key)?;
    let find = ask(FIND_BY_KEY).bind(new.draft.client.as_str()).bind(new.subject.as_str()).bind(key.to_vec());
    let Some(row) = find.fetch_optional(connection).await? else { return Ok(None) };
    Ok(Some(application_draft::earlier(new, held(&row, vault)?)))
}

async fn insert(connection: &mut PgConnection, new: &ApplicationDraft, vault: &Vault) -> Result<bool, Fault> {
    let body = sealed(connection, new, vault).await?;
    let insert = ask(INSERT).bind(new.draft.id.as_str()).bind(new.draft.client.as_str()).bind(new.subject.as_str());
    let insert = insert.bind(vault.blinded("idempotency", &new.draft.key.key)?.to_vec()).bind(&new.draft.tag);
    is_one(insert.bind(new.draft.expires_at().millis()).bind(body), connection).await
}

/// Takes a draft away that is as it was seen. Whoever comes second waits for the first to commit, and finds it gone.
pub(super) async fn take(connection: &mut PgConnection, (id, seen): (&DraftId, &str)) -> Result<bool, Fault> {
    is_one(ask(DELETE).bind(id.as_str()).bind(seen), connection).await
}

#[async_trait]
impl ApplicationDraftStore for PostgresStore {
    async fn insert_application_draft(
        &self,
        new: &ApplicationDraft,
        most: u32,
    ) -> Result<InsertedApplicationDraft, Fault> {
        let mut connection = self.pool.acquire().await?;
        if let Some(earlier) = earlier(&mut connection, new, &self.vault).await? {
            return Ok(earlier);
        }
        let count = ask(COUNT).bind(new.draft.client.as_str()).bind(new.subject.as_str());
        let count = count.bind(new.draft.created_at.millis()).fetch_one(&mut *connection).await?;
        if count.try_get::<i64, _>(0)? >= i64::from(most) {
            return Ok(InsertedApplicationDraft::TooMany);
        }
        drop(connection);
        let (one, vault) = (new.clone(), Arc::clone(&self.vault));
        let is_new = self.transact(async move |mut transaction| {
            let is_new = insert(&mut transaction, &one, &vault).await?;
            end(transaction, is_new).await
        });
        if is_new.await? {
            return Ok(InsertedApplicationDraft::New);
        }
        // Another call was first, and has committed by now.
        let earlier = earlier(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        Ok(earlier.unwrap_or(InsertedApplicationDraft::KeyReused))
    }

    async fn find_application_draft(&self, id: &DraftId, now: Timestamp) -> Result<Option<ApplicationDraft>, Fault> {
        let found = ask(FIND).bind(id.as_str()).bind(now.millis()).fetch_optional(&self.pool).await?;
        found.map_or(Ok(None), |row| held(&row, &self.vault))
    }

    async fn list_application_drafts(
        &self,
        (client, subject): (Option<&ClientId>, &SubjectId),
        now: Timestamp,
    ) -> Result<Vec<ApplicationDraft>, Fault> {
        let list = ask(LIST).bind(subject.as_str()).bind(now.millis()).bind(client.map(ClientId::as_str));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn update_application_draft(&self, next: &ApplicationDraft, seen: &str) -> Result<bool, Fault> {
        let (next, seen, vault) = (next.clone(), seen.to_owned(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let body = sealed(&mut transaction, &next, &vault).await?;
            let write = ask(UPDATE).bind(next.draft.id.as_str()).bind(seen).bind(&next.draft.tag);
            let write = write.bind(next.draft.expires_at().millis()).bind(body);
            let is_written = is_one(write, &mut transaction).await?;
            end(transaction, is_written).await
        })
        .await
    }

    async fn delete_application_draft(&self, id: &DraftId, seen: &str) -> Result<bool, Fault> {
        take(&mut *self.pool.acquire().await?, (id, seen)).await
    }

    async fn insert_drafted_application(
        &self,
        new: &Application,
        (id, seen): (&DraftId, &str),
    ) -> Result<InsertedApplication, Fault> {
        self.hand_in(new, Some((id.clone(), seen.to_owned()))).await
    }

    async fn list_persons_applications(
        &self,
        subject: &SubjectId,
        before: &Before<ApplicationId>,
    ) -> Result<Vec<HeldApplication>, Fault> {
        self.persons_applications(subject, before).await
    }
}
