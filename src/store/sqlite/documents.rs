//! What agencies give back about filings.

use super::SqliteStore;
use super::database::Database;
use super::evidence::queue_event;
use super::submissions::insert_event;
use crate::domain::evidence::Event;
use crate::domain::ids::{DocumentId, SubmissionId};
use crate::domain::submission::Document;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Content, DocumentChange, DocumentStore, HeldDocument, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO submission_documents (id, submission_id, delivery_id, reference, agency, due_at, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (delivery_id, reference) DO NOTHING";
    /// Asked first: most of the time nothing is due, and the writer need not be troubled.
    IS_DUE = "SELECT 1 FROM submission_documents
        WHERE agency = ?1 AND due_at IS NOT NULL AND due_at <= ?2 AND lease_until <= ?2 LIMIT 1";
    LEASE = "UPDATE submission_documents SET lease_until = ?3, version = version + 1 WHERE id IN (
            SELECT id FROM submission_documents
            WHERE agency = ?1 AND due_at IS NOT NULL AND due_at <= ?2 AND lease_until <= ?2 ORDER BY due_at LIMIT ?4)
        RETURNING body, version, NULL";
    UPDATE = "UPDATE submission_documents SET body = ?3, due_at = ?4, lease_until = 0, version = version + 1,
            content = CASE ?5 WHEN 'keep' THEN content WHEN 'drop' THEN NULL ELSE ?6 END
        WHERE id = ?1 AND version = ?2";
    FIND = "SELECT body, version, content FROM submission_documents WHERE id = ?1";
    LIST = "SELECT body, version, NULL FROM submission_documents WHERE submission_id = ?1 ORDER BY id LIMIT 1000";
    LIST_SEALED = "SELECT body, version, content FROM submission_documents WHERE content IS NOT NULL AND id > ?1
        ORDER BY id LIMIT ?2";
    /// No change of the document: whoever holds it goes on with it.
    RESEAL = "UPDATE submission_documents SET content = ?3 WHERE id = ?1 AND content = ?2";
}

fn held(row: &Row<'_>) -> Result<HeldDocument, Fault> {
    let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(HeldDocument {
        document: record::read("document", body)?,
        version: record::count(row.get(1)?)?,
        content: row.get(2)?,
    })
}

fn update(database: Database<'_>, change: &DocumentChange, vault: &Vault) -> Result<bool, Fault> {
    let one = &change.document;
    let (what, content) = match &change.content {
        Content::Keep => ("keep", None),
        Content::Drop => ("drop", None),
        Content::Replace(sealed) => ("replace", Some(sealed)),
    };
    let (version, due_at) = (record::column(change.version)?, change.due_at.map(Timestamp::millis));
    let values = params![one.id.as_str(), version, record::write(one)?, due_at, what, content];
    if database.execute(UPDATE, values)? != 1 {
        return Ok(false);
    }
    if let Some(event) = &change.event {
        insert_event(database, (&one.client, &one.submission), (change.at, &record::write(event)?), vault)?;
    }
    if let Some(word) = change.word {
        queue_event(database, &Event::Document { document: one, word, at: change.at }, vault)?;
    }
    Ok(true)
}

#[async_trait]
impl DocumentStore for SqliteStore {
    async fn insert_document(&self, document: &Document) -> Result<bool, Fault> {
        let one = document.clone();
        self.take(move |database| {
            let values = params![
                one.id.as_str(),
                one.submission.as_str(),
                one.delivery.as_str(),
                one.reference.as_str(),
                one.agency,
                one.announced_at.millis(),
                record::write(&one)?,
            ];
            Ok(database.execute(INSERT, values)? == 1)
        })
        .await
    }

    async fn lease_documents(
        &self,
        agency: &str,
        (now, until): (Timestamp, Timestamp),
        limit: u32,
    ) -> Result<Vec<HeldDocument>, Fault> {
        let due = self.read(|database| database.find(IS_DUE, params![agency, now.millis()], |_| Ok(())))?;
        if due.is_none() {
            return Ok(Vec::new());
        }
        let agency = agency.to_owned();
        let values = move |database: Database<'_>| {
            database.list(LEASE, params![agency, now.millis(), until.millis(), limit], held)
        };
        self.write(values).await
    }

    async fn update_document(&self, change: &DocumentChange) -> Result<bool, Fault> {
        let (change, vault) = (change.clone(), Arc::clone(&self.vault));
        self.take(move |database| update(database, &change, &vault)).await
    }

    async fn find_document(&self, id: &DocumentId) -> Result<Option<HeldDocument>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], held))
    }

    async fn list_documents(&self, of: &SubmissionId) -> Result<Vec<Document>, Fault> {
        let found = self.read(|database| database.list(LIST, [of.as_str()], held))?;
        Ok(found.into_iter().map(|held| held.document).collect())
    }

    async fn witness_document(&self, document: &Document, word: &str, at: Timestamp) -> Result<(), Fault> {
        let (document, word, vault) = (document.clone(), word.to_owned(), Arc::clone(&self.vault));
        let event = move |database: Database<'_>| {
            queue_event(database, &Event::Document { document: &document, word: &word, at }, &vault)
        };
        self.write(event).await
    }

    async fn list_sealed_documents(&self, after: &str, limit: u32) -> Result<Vec<HeldDocument>, Fault> {
        self.read(|database| database.list(LIST_SEALED, params![after, limit], held))
    }

    async fn reseal_document(&self, seen: &HeldDocument, sealed: &[u8]) -> Result<bool, Fault> {
        let (id, old, new) = (seen.document.id.clone(), seen.content.clone(), sealed.to_vec());
        self.take(move |database| Ok(database.execute(RESEAL, params![id.as_str(), old, new])? == 1)).await
    }
}
