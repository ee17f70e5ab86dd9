//! What agencies give back about filings, and what they send to accounts without any.

use super::SqliteStore;
use super::database::Database;
use super::evidence::queue_event;
use super::submissions::insert_event;
use crate::domain::evidence::Event;
use crate::domain::ids::{ClientId, DeliveryId, DocumentId, SubmissionId};
use crate::domain::submission::Document;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, Content, DocumentChange, DocumentStore, ElectronicDeliveryStore, HeldDocument, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    /// Known by its delivery and reference, or by its agency and reference where it was sent to an account.
    INSERT = "INSERT INTO submission_documents
            (id, submission_id, delivery_id, reference, agency, due_at, body, content, client_id, announced_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, CASE WHEN ?9 IS NOT NULL THEN ?6 END) ON CONFLICT DO NOTHING";
    /// Asked first: most of the time nothing is due, and the writer need not be troubled.
    IS_DUE = "SELECT 1 FROM submission_documents
        WHERE agency = ?1 AND due_at IS NOT NULL AND due_at <= ?2 AND lease_until <= ?2 LIMIT 1";
    LEASE = "UPDATE submission_documents SET lease_until = ?3, version = version + 1 WHERE id IN (
            SELECT id FROM submission_documents
            WHERE agency = ?1 AND due_at IS NOT NULL AND due_at <= ?2 AND lease_until <= ?2 ORDER BY due_at LIMIT ?4)
        RETURNING body, version, NULL";
    UPDATE = "UPDATE submission_documents SET body = ?3, due_at = ?4, lease_until = 0, version = version + 1,
            content = CASE ?5 WHEN 'keep' THEN content WHEN 'drop' THEN NULL ELSE ?6 END,
            ended_at = CASE WHEN client_id IS NOT NULL AND ?4 IS NULL THEN ?7 END
        WHERE id = ?1 AND version = ?2";
    FIND = "SELECT body, version, content FROM submission_documents WHERE id = ?1";
    LIST = "SELECT body, version, NULL FROM submission_documents WHERE submission_id = ?1 ORDER BY id LIMIT 1000";
    LIST_SENT = "SELECT body, version, NULL FROM submission_documents
        WHERE client_id = ?1 AND (announced_at, id) < (?2, ?3) ORDER BY announced_at DESC, id DESC LIMIT ?4";
    TAKE_TURN = "INSERT INTO agency_turns (agency, due_at) VALUES (?1, ?3)
        ON CONFLICT (agency) DO UPDATE SET due_at = excluded.due_at WHERE agency_turns.due_at <= ?2";
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
    let values = params![one.id.as_str(), version, record::write(one)?, due_at, what, content, change.at.millis()];
    if database.execute(UPDATE, values)? != 1 {
        return Ok(false);
    }
    if let Some(event) = &change.event {
        insert_event(database, (&one.client, one.about_id()), (change.at, &record::write(event)?), vault)?;
    }
    if let Some(word) = change.word {
        queue_event(database, &Event::Document { document: one, word, at: change.at }, vault)?;
    }
    Ok(true)
}

#[async_trait]
impl DocumentStore for SqliteStore {
    async fn insert_document(&self, document: &Document, letter: Option<&[u8]>) -> Result<bool, Fault> {
        let (one, letter) = (document.clone(), letter.map(<[u8]>::to_vec));
        self.take(move |database| {
            let values = params![
                one.id.as_str(),
                one.submission.as_ref().map(SubmissionId::as_str),
                one.delivery.as_ref().map(DeliveryId::as_str),
                one.reference.as_str(),
                one.agency,
                one.announced_at.millis(),
                record::write(&one)?,
                letter,
                one.submission.is_none().then(|| one.client.as_str()),
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

#[async_trait]
impl ElectronicDeliveryStore for SqliteStore {
    async fn list_electronic_deliveries(
        &self,
        client: &ClientId,
        before: &Before<DocumentId>,
    ) -> Result<Vec<Document>, Fault> {
        let (at, id) = before.bound();
        let values = params![client.as_str(), at, id, before.limit];
        let found = self.read(|database| database.list(LIST_SENT, values, held))?;
        Ok(found.into_iter().map(|held| held.document).collect())
    }

    async fn take_agency_turn(&self, agency: &str, (now, next): (Timestamp, Timestamp)) -> Result<bool, Fault> {
        let agency = agency.to_owned();
        self.take(move |database| Ok(database.execute(TAKE_TURN, params![agency, now.millis(), next.millis()])? == 1))
            .await
    }
}
