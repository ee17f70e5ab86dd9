//! Drafts of filings.

use super::SqliteStore;
use super::database::Database;
use crate::domain::draft::Draft;
use crate::domain::ids::{ClientId, DraftId};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{DraftStore, HeldDraft, InsertedDraft, record};
use async_trait::async_trait;
use rusqlite::{Row, params};

statements! {
    COUNT = "SELECT count(*) FROM submission_drafts WHERE client_id = ?1 AND expires_at > ?2";
    INSERT = "INSERT INTO submission_drafts (id, client_id, idempotency_key, tag, expires_at, content, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (client_id, idempotency_key) DO NOTHING";
    FIND = "SELECT body, content FROM submission_drafts WHERE id = ?1 AND expires_at > ?2";
    FIND_BY_KEY = "SELECT body, content FROM submission_drafts WHERE client_id = ?1 AND idempotency_key = ?2";
    LIST = "SELECT body FROM submission_drafts WHERE client_id = ?1 AND expires_at > ?2
        ORDER BY expires_at DESC LIMIT 1000";
    UPDATE = "UPDATE submission_drafts SET tag = ?3, expires_at = ?4, content = ?5, body = ?6 WHERE id = ?1 AND tag = ?2";
    DELETE = "DELETE FROM submission_drafts WHERE id = ?1 AND tag = ?2";
    LIST_SEALED = "SELECT body, content FROM submission_drafts WHERE id > ?1 ORDER BY id LIMIT ?2";
    /// No change of the draft: whoever saw it may go on with it.
    RESEAL = "UPDATE submission_drafts SET content = ?3 WHERE id = ?1 AND content = ?2";
}

fn draft(row: &Row<'_>) -> Result<Draft, Fault> {
    record::read("draft", row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)
}

fn held(row: &Row<'_>) -> Result<HeldDraft, Fault> {
    Ok(HeldDraft { draft: draft(row)?, content: row.get(1)? })
}

/// Takes away a draft that is handed in; false when it is another by now.
pub(super) fn take_draft(database: Database<'_>, (id, seen): &(DraftId, String)) -> Result<bool, Fault> {
    Ok(database.execute(DELETE, params![id.as_str(), seen])? == 1)
}

#[async_trait]
impl DraftStore for SqliteStore {
    async fn insert_draft(&self, new: &HeldDraft, most: u32) -> Result<InsertedDraft, Fault> {
        let HeldDraft { draft: one, content } = new.clone();
        self.write(move |database| {
            let (client, key) = (one.client.as_str(), one.key.key.as_bytes());
            if let Some(earlier) = database.find(FIND_BY_KEY, params![client, key], held)? {
                return Ok(InsertedDraft::Earlier(Box::new(earlier)));
            }
            let count =
                database.find(COUNT, params![client, one.created_at.millis()], |row| Ok(row.get::<_, u32>(0)?))?;
            if count.unwrap_or_default() >= most {
                return Ok(InsertedDraft::TooMany);
            }
            let ends = one.expires_at().millis();
            database
                .execute(INSERT, params![one.id.as_str(), client, key, one.tag, ends, content, record::write(&one)?])?;
            Ok(InsertedDraft::New)
        })
        .await
    }

    async fn find_draft(&self, id: &DraftId, now: Timestamp) -> Result<Option<HeldDraft>, Fault> {
        self.read(|database| database.find(FIND, params![id.as_str(), now.millis()], held))
    }

    async fn list_drafts(&self, client: &ClientId, now: Timestamp) -> Result<Vec<Draft>, Fault> {
        self.read(|database| database.list(LIST, params![client.as_str(), now.millis()], draft))
    }

    async fn update_draft(&self, next: &HeldDraft, seen: &str) -> Result<bool, Fault> {
        let (HeldDraft { draft: one, content }, seen) = (next.clone(), seen.to_owned());
        self.take(move |database| {
            let ends = one.expires_at().millis();
            let values = params![one.id.as_str(), seen, one.tag, ends, content, record::write(&one)?];
            Ok(database.execute(UPDATE, values)? == 1)
        })
        .await
    }

    async fn delete_draft(&self, id: &DraftId, seen: &str) -> Result<bool, Fault> {
        let taken = (id.clone(), seen.to_owned());
        self.take(move |database| take_draft(database, &taken)).await
    }

    async fn list_sealed_drafts(&self, after: &str, limit: u32) -> Result<Vec<HeldDraft>, Fault> {
        self.read(|database| database.list(LIST_SEALED, params![after, limit], held))
    }

    async fn reseal_draft(&self, seen: &HeldDraft, sealed: &[u8]) -> Result<bool, Fault> {
        let (id, old, new) = (seen.draft.id.clone(), seen.content.clone(), sealed.to_vec());
        self.take(move |database| Ok(database.execute(RESEAL, params![id.as_str(), old, new])? == 1)).await
    }
}
