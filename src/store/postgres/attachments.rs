//! Documents that go with applications.

use super::data_keys::{key_of, opened};
use super::{PostgresStore, ask, end, is_one};
use crate::domain::application::Application;
use crate::domain::attachment::{Attachment, HeldAttachment};
use crate::domain::ids::AttachmentId;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{AttachmentChange, AttachmentStore, InsertedAttachment, attachment, disposition, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

/// Documents in one write of the purge: each can have twenty pieces.
const CHUNK: u32 = 50;

statements! {
    COUNT = "SELECT count(*) FROM application_attachments
        WHERE client_id = $1 AND subject_id = $2 AND application_id IS NULL AND due_at > $3";
    INSERT = "INSERT INTO application_attachments (id, client_id, subject_id, key, due_at, body)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (client_id, subject_id, key) DO NOTHING";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = application_attachments.id),
            version, application_id
        FROM application_attachments WHERE id = $1 AND (due_at IS NULL OR due_at > $2)";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = application_attachments.id),
            version, application_id
        FROM application_attachments WHERE client_id = $1 AND subject_id = $2 AND key = $3";
    UPDATE = "UPDATE application_attachments SET body = $3, is_ready = $4, due_at = $5, version = version + 1
        WHERE id = $1 AND version = $2 AND application_id IS NULL";
    INSERT_PIECE = "INSERT INTO application_attachment_pieces (attachment_id, number, content) VALUES ($1, $2, $3)";
    LIST_PIECES = "SELECT content, attachment_id || ':' || number, attachment_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = attachment_id)
        FROM application_attachment_pieces WHERE attachment_id = $1 ORDER BY number";
    /// Whoever comes second waits for the first to commit, and finds it taken. What is its own already stays so.
    TAKE = "UPDATE application_attachments SET application_id = $2, due_at = NULL, version = version + 1
        WHERE id = $1 AND client_id = $3 AND subject_id = $4 AND is_ready = 1
            AND (application_id = $2 OR (application_id IS NULL AND due_at > $5))";
    LOCK = "SELECT id FROM application_attachments WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    DELETE = "DELETE FROM application_attachments WHERE id = $1 AND application_id IS NULL";
    LIST_DUE = "SELECT id FROM application_attachments WHERE due_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED";
    LIST_OF = "SELECT id FROM application_attachments WHERE application_id = ANY($1)";
    ERASE = "DELETE FROM application_attachments WHERE id = ANY($1)";
    ERASE_PIECES = "DELETE FROM application_attachment_pieces WHERE attachment_id = ANY($1)";
    /// No id is made twice, so no tombstone is wanted.
    ERASE_KEYS = "DELETE FROM data_keys WHERE id = ANY($1)";
}

/// None where its key was destroyed.
fn held(row: &PgRow, vault: &Vault) -> Result<Option<HeldAttachment>, Fault> {
    let Some(body) = opened(row, vault, attachment::KIND, 1)? else { return Ok(None) };
    attachment::read(&body, row.try_get(4)?, row.try_get(5)?).map(Some)
}

fn ids(rows: &[PgRow]) -> Result<Vec<String>, Fault> {
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// None where its key is not taken.
async fn earlier(
    connection: &mut PgConnection,
    new: &Attachment,
    vault: &Vault,
) -> Result<Option<InsertedAttachment>, Fault> {
    let key = vault.blinded("idempotency", &new.key.key)?;
    let find = ask(FIND_BY_KEY).bind(new.client.as_str()).bind(new.subject.as_str()).bind(key.to_vec());
    let Some(row) = find.fetch_optional(connection).await? else { return Ok(None) };
    Ok(Some(attachment::earlier(new, held(&row, vault)?)))
}

async fn insert(connection: &mut PgConnection, new: &Attachment, vault: &Vault) -> Result<bool, Fault> {
    let key = key_of(connection, vault, new.id.as_str()).await?;
    let body = vault.seal(&key, &attachment::name(&new.id), new)?;
    let insert = ask(INSERT).bind(new.id.as_str()).bind(new.client.as_str()).bind(new.subject.as_str());
    let insert = insert.bind(vault.blinded("idempotency", &new.key.key)?.to_vec());
    is_one(insert.bind(new.expires_at().millis()).bind(body), connection).await
}

async fn update(connection: &mut PgConnection, change: &AttachmentChange, vault: &Vault) -> Result<bool, Fault> {
    let one = &change.attachment;
    let key = key_of(connection, vault, one.id.as_str()).await?;
    let body = vault.seal(&key, &attachment::name(&one.id), one)?;
    let write = ask(UPDATE).bind(one.id.as_str()).bind(record::column(change.version)?).bind(body);
    let write = write.bind(i64::from(one.ready().is_some())).bind(one.expires_at().millis());
    if !is_one(write, connection).await? {
        return Ok(false);
    }
    if let Some((number, bytes)) = &change.piece {
        let name = attachment::piece_name(&one.id, *number);
        let content = vault.seal_text(&key, &name, &disposition::text(bytes))?;
        let write = ask(INSERT_PIECE).bind(one.id.as_str()).bind(i64::from(*number)).bind(content);
        write.execute(connection).await?;
    } else {
        ask(ERASE_PIECES).bind(vec![one.id.to_string()]).execute(connection).await?;
    }
    Ok(true)
}

async fn erase(connection: &mut PgConnection, ids: &[String]) -> Result<(), Fault> {
    for statement in [ERASE_PIECES, ERASE, ERASE_KEYS] {
        ask(statement).bind(ids).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Within the write that hands an application in, or mends it. False where one of its documents went with another, is not
/// this person's by this client, or is not there any more: then nothing of that write may stay.
pub(super) async fn take(connection: &mut PgConnection, one: &Application, at: Timestamp) -> Result<bool, Fault> {
    for id in attachment::of(one) {
        let take = ask(TAKE).bind(id).bind(one.id.as_str()).bind(one.client.as_str()).bind(one.subject.as_str());
        if !is_one(take.bind(at.millis()), &mut *connection).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Before several applications take theirs: calls that name the same ones in other orders wait in one order.
pub(super) async fn lock(connection: &mut PgConnection, all: &[Application]) -> Result<(), Fault> {
    let ids: Vec<&str> = all.iter().flat_map(attachment::of).collect();
    if !ids.is_empty() {
        ask(LOCK).bind(ids).execute(connection).await?;
    }
    Ok(())
}

/// Within the write that erases applications.
pub(super) async fn erase_with(connection: &mut PgConnection, applications: &[String]) -> Result<(), Fault> {
    let of = ids(&ask(LIST_OF).bind(applications).fetch_all(&mut *connection).await?)?;
    erase(connection, &of).await
}

impl PostgresStore {
    /// Forgets what goes with nothing and whose time is over.
    pub(super) async fn purge_attachments(&self, now: Timestamp) -> Result<u64, Fault> {
        let mut gone = 0;
        loop {
            let count = self.transact(async move |mut transaction| {
                let list = ask(LIST_DUE).bind(now.millis()).bind(i64::from(CHUNK));
                let due = ids(&list.fetch_all(&mut *transaction).await?)?;
                erase(&mut transaction, &due).await?;
                transaction.commit().await?;
                Ok(due.len() as u64)
            });
            let count = count.await?;
            gone += count;
            if count < u64::from(CHUNK) {
                return Ok(gone);
            }
        }
    }
}

#[async_trait]
impl AttachmentStore for PostgresStore {
    async fn insert_attachment(&self, new: &Attachment, most: u32) -> Result<InsertedAttachment, Fault> {
        let mut connection = self.pool.acquire().await?;
        if let Some(earlier) = earlier(&mut connection, new, &self.vault).await? {
            return Ok(earlier);
        }
        let count = ask(COUNT).bind(new.client.as_str()).bind(new.subject.as_str()).bind(new.created_at.millis());
        if count.fetch_one(&mut *connection).await?.try_get::<i64, _>(0)? >= i64::from(most) {
            return Ok(InsertedAttachment::TooMany);
        }
        drop(connection);
        let (one, vault) = (new.clone(), Arc::clone(&self.vault));
        let is_new = self.transact(async move |mut transaction| {
            let is_new = insert(&mut transaction, &one, &vault).await?;
            end(transaction, is_new).await
        });
        if is_new.await? {
            return Ok(InsertedAttachment::New);
        }
        // Another call was first, and has committed by now.
        let earlier = earlier(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        Ok(earlier.unwrap_or(InsertedAttachment::KeyReused))
    }

    async fn find_attachment(&self, id: &AttachmentId, now: Timestamp) -> Result<Option<HeldAttachment>, Fault> {
        let found = ask(FIND).bind(id.as_str()).bind(now.millis()).fetch_optional(&self.pool).await?;
        found.map_or(Ok(None), |row| held(&row, &self.vault))
    }

    async fn update_attachment(&self, change: &AttachmentChange) -> Result<bool, Fault> {
        let (change, vault) = (change.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let is_written = update(&mut transaction, &change, &vault).await?;
            end(transaction, is_written).await
        })
        .await
    }

    async fn read_attachment(&self, id: &AttachmentId) -> Result<Vec<u8>, Fault> {
        let rows = ask(LIST_PIECES).bind(id.as_str()).fetch_all(&self.pool).await?;
        let mut bytes = Vec::new();
        for row in &rows {
            if let Some(text) = opened(row, &self.vault, attachment::PIECE, 1)? {
                bytes.extend(disposition::bytes(&text)?);
            }
        }
        Ok(bytes)
    }

    async fn delete_attachment(&self, id: &AttachmentId) -> Result<bool, Fault> {
        let id = id.clone();
        self.transact(async move |mut transaction| {
            let is_gone = is_one(ask(DELETE).bind(id.as_str()), &mut transaction).await?;
            if is_gone {
                erase(&mut transaction, &[id.to_string()]).await?;
            }
            end(transaction, is_gone).await
        })
        .await
    }
}
