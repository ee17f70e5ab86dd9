//! Documents that go with applications.

use super::SqliteStore;
use super::data_keys::{key_of, opened};
use super::database::Database;
use crate::domain::application::Application;
use crate::domain::attachment::{Attachment, HeldAttachment};
use crate::domain::ids::AttachmentId;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{AttachmentChange, AttachmentStore, InsertedAttachment, attachment, disposition, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

/// Documents in one write of the purge: each can have twenty pieces.
const CHUNK: u32 = 50;

statements! {
    COUNT = "SELECT count(*) FROM application_attachments
        WHERE client_id = ?1 AND subject_id = ?2 AND application_id IS NULL AND due_at > ?3";
    INSERT = "INSERT INTO application_attachments (id, client_id, subject_id, key, due_at, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = application_attachments.id),
            version, application_id
        FROM application_attachments WHERE id = ?1 AND (due_at IS NULL OR due_at > ?2)";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = application_attachments.id),
            version, application_id
        FROM application_attachments WHERE client_id = ?1 AND subject_id = ?2 AND key = ?3";
    UPDATE = "UPDATE application_attachments SET body = ?3, is_ready = ?4, due_at = ?5, version = version + 1
        WHERE id = ?1 AND version = ?2 AND application_id IS NULL";
    INSERT_PIECE = "INSERT INTO application_attachment_pieces (attachment_id, number, content) VALUES (?1, ?2, ?3)";
    LIST_PIECES = "SELECT content, attachment_id || ':' || number, attachment_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = attachment_id)
        FROM application_attachment_pieces WHERE attachment_id = ?1 ORDER BY number";
    /// One writer: what is free is so until the write that asks.
    IS_FREE = "SELECT 1 FROM application_attachments WHERE id = ?1 AND client_id = ?2 AND subject_id = ?3
        AND is_ready = 1 AND (application_id = ?4 OR (application_id IS NULL AND due_at > ?5))";
    TAKE = "UPDATE application_attachments SET application_id = ?2, due_at = NULL, version = version + 1
        WHERE id = ?1 AND application_id IS NULL";
    DELETE = "DELETE FROM application_attachments WHERE id = ?1 AND application_id IS NULL";
    LIST_DUE = "SELECT id FROM application_attachments WHERE due_at <= ?1 LIMIT ?2";
    LIST_OF = "SELECT id FROM application_attachments WHERE application_id = ?1";
    ERASE = "DELETE FROM application_attachments WHERE id = ?1";
    ERASE_PIECES = "DELETE FROM application_attachment_pieces WHERE attachment_id = ?1";
    /// No id is made twice, so no tombstone is wanted.
    ERASE_KEY = "DELETE FROM data_keys WHERE id = ?1";
}

/// None where its key was destroyed.
fn held(row: &Row<'_>, vault: &Vault) -> Result<Option<HeldAttachment>, Fault> {
    let Some(body) = opened(row, vault, attachment::KIND, 1)? else { return Ok(None) };
    attachment::read(&body, row.get(4)?, row.get(5)?).map(Some)
}

fn id(row: &Row<'_>) -> Result<String, Fault> {
    Ok(row.get(0)?)
}

fn insert(database: Database<'_>, new: &Attachment, most: u32, vault: &Vault) -> Result<InsertedAttachment, Fault> {
    let (client, subject) = (new.client.as_str(), new.subject.as_str());
    let key = vault.blinded("idempotency", &new.key.key)?;
    if let Some(earlier) = database.find(FIND_BY_KEY, params![client, subject, key], |row| held(row, vault))? {
        return Ok(attachment::earlier(new, earlier));
    }
    let values = params![client, subject, new.created_at.millis()];
    if database.find(COUNT, values, |row| Ok(row.get::<_, u32>(0)?))?.unwrap_or_default() >= most {
        return Ok(InsertedAttachment::TooMany);
    }
    let body = vault.seal(&key_of(database, vault, new.id.as_str())?, &attachment::name(&new.id), new)?;
    database.execute(INSERT, params![new.id.as_str(), client, subject, key, new.expires_at().millis(), body])?;
    Ok(InsertedAttachment::New)
}

fn update(database: Database<'_>, change: &AttachmentChange, vault: &Vault) -> Result<bool, Fault> {
    let one = &change.attachment;
    let (id, key) = (one.id.as_str(), key_of(database, vault, one.id.as_str())?);
    let body = vault.seal(&key, &attachment::name(&one.id), one)?;
    let (version, ends) = (record::column(change.version)?, one.expires_at().millis());
    if database.execute(UPDATE, params![id, version, body, one.ready().is_some(), ends])? != 1 {
        return Ok(false);
    }
    if let Some((number, bytes)) = &change.piece {
        let name = attachment::piece_name(&one.id, *number);
        let content = vault.seal_text(&key, &name, &disposition::text(bytes))?;
        database.execute(INSERT_PIECE, params![id, number, content])?;
    } else {
        database.execute(ERASE_PIECES, [id])?;
    }
    Ok(true)
}

fn erase(database: Database<'_>, ids: &[String]) -> Result<(), Fault> {
    for id in ids {
        for statement in [ERASE_PIECES, ERASE, ERASE_KEY] {
            database.execute(statement, [id])?;
        }
    }
    Ok(())
}

/// False where one of them went with another application, is not this person's by this client, or is not there any more.
pub(super) fn are_free(database: Database<'_>, one: &Application, at: Timestamp) -> Result<bool, Fault> {
    let (client, subject, own) = (one.client.as_str(), one.subject.as_str(), one.id.as_str());
    for id in attachment::of(one) {
        if database.find(IS_FREE, params![id, client, subject, own, at.millis()], |_| Ok(()))?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Within the write that hands an application in, or mends it, once they are free.
pub(super) fn take(database: Database<'_>, one: &Application) -> Result<(), Fault> {
    for id in attachment::of(one) {
        database.execute(TAKE, params![id, one.id.as_str()])?;
    }
    Ok(())
}

/// Within the write that erases an application.
pub(super) fn erase_with(database: Database<'_>, application: &str) -> Result<(), Fault> {
    erase(database, &database.list(LIST_OF, [application], id)?)
}

impl SqliteStore {
    /// Forgets what goes with nothing and whose time is over.
    pub(super) async fn purge_attachments(&self, now: Timestamp) -> Result<u64, Fault> {
        let mut gone = 0;
        loop {
            let due = move |database: Database<'_>| {
                let due = database.list(LIST_DUE, params![now.millis(), CHUNK], id)?;
                erase(database, &due).map(|()| due.len())
            };
            let count = self.write(due).await?;
            gone += count as u64;
            if count < CHUNK as usize {
                return Ok(gone);
            }
        }
    }
}

#[async_trait]
impl AttachmentStore for SqliteStore {
    async fn insert_attachment(&self, new: &Attachment, most: u32) -> Result<InsertedAttachment, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.write(move |database| insert(database, &new, most, &vault)).await
    }

    async fn find_attachment(&self, id: &AttachmentId, now: Timestamp) -> Result<Option<HeldAttachment>, Fault> {
        let values = params![id.as_str(), now.millis()];
        self.read(|database| database.find_readable(FIND, values, |row| held(row, &self.vault)))
    }

    async fn update_attachment(&self, change: &AttachmentChange) -> Result<bool, Fault> {
        let (change, vault) = (change.clone(), Arc::clone(&self.vault));
        self.take(move |database| update(database, &change, &vault)).await
    }

    async fn read_attachment(&self, id: &AttachmentId) -> Result<Vec<u8>, Fault> {
        let text = |row: &Row<'_>| opened(row, &self.vault, attachment::PIECE, 1);
        let pieces = self.read(|database| database.list_readable(LIST_PIECES, [id.as_str()], text))?;
        let pieces: Vec<Vec<u8>> = pieces.iter().map(|text| disposition::bytes(text)).collect::<Result<_, _>>()?;
        Ok(pieces.concat())
    }

    async fn delete_attachment(&self, id: &AttachmentId) -> Result<bool, Fault> {
        let id = id.clone();
        self.take(move |database| {
            let is_gone = database.execute(DELETE, [id.as_str()])? == 1;
            if is_gone {
                erase(database, &[id.to_string()])?;
            }
            Ok(is_gone)
        })
        .await
    }
}
