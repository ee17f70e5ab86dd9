//! What agencies give back about filings, and what they send to accounts without any.

use super::evidence::queue_events;
use super::submissions::insert_events;
use super::{PostgresStore, ask, is_one};
use crate::domain::evidence::Event;
use crate::domain::ids::{ClientId, DeliveryId, DocumentId, SubmissionId};
use crate::domain::submission::Document;
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, Content, DocumentChange, DocumentStore, ElectronicDeliveryStore, HeldDocument, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    /// Known by its delivery and reference, or by its agency and reference where it was sent to an account.
    INSERT = "INSERT INTO submission_documents
            (id, submission_id, delivery_id, reference, agency, due_at, body, content, client_id, announced_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
    LEASE = "WITH free AS MATERIALIZED (
            SELECT id FROM submission_documents
            WHERE agency = $1 AND due_at IS NOT NULL AND due_at <= $2 AND lease_until <= $2
            ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED)
        UPDATE submission_documents SET lease_until = $3, version = version + 1
        FROM free WHERE submission_documents.id = free.id RETURNING body, version, NULL::bytea";
    UPDATE = "UPDATE submission_documents SET body = $3, due_at = $4, lease_until = 0, version = version + 1,
            content = CASE $5 WHEN 'keep' THEN content WHEN 'drop' THEN NULL ELSE $6 END,
            ended_at = CASE WHEN client_id IS NOT NULL AND $4::bigint IS NULL THEN $7::bigint END
        WHERE id = $1 AND version = $2";
    FIND = "SELECT body, version, content FROM submission_documents WHERE id = $1";
    LIST = "SELECT body, version, NULL::bytea FROM submission_documents WHERE submission_id = $1 ORDER BY id LIMIT 1000";
    LIST_SENT = "SELECT body, version, NULL::bytea FROM submission_documents
        WHERE client_id = $1 AND (announced_at, id) < ($2, $3) ORDER BY announced_at DESC, id DESC LIMIT $4";
    TAKE_TURN = "INSERT INTO agency_turns (agency, due_at) VALUES ($1, $3)
        ON CONFLICT (agency) DO UPDATE SET due_at = excluded.due_at WHERE agency_turns.due_at <= $2";
    LIST_SEALED = "SELECT body, version, content FROM submission_documents WHERE content IS NOT NULL AND id > $1
        ORDER BY id LIMIT $2";
    /// No change of the document: whoever holds it goes on with it.
    RESEAL = "UPDATE submission_documents SET content = $3 WHERE id = $1 AND content = $2";
}

fn held(row: &PgRow) -> Result<HeldDocument, Fault> {
    let (body, version): (&str, i64) = (row.try_get(0)?, row.try_get(1)?);
    Ok(HeldDocument {
        document: record::read("document", body)?,
        version: record::count(version)?,
        content: row.try_get(2)?,
    })
}

async fn update(connection: &mut PgConnection, change: &DocumentChange, vault: &Vault) -> Result<bool, Fault> {
    let one = &change.document;
    let (what, content) = match &change.content {
        Content::Keep => ("keep", None),
        Content::Drop => ("drop", None),
        Content::Replace(sealed) => ("replace", Some(sealed.as_slice())),
    };
    let update = ask(UPDATE).bind(one.id.as_str()).bind(record::column(change.version)?).bind(record::write(one)?);
    let update = update.bind(change.due_at.map(Timestamp::millis)).bind(what).bind(content).bind(change.at.millis());
    if !is_one(update, connection).await? {
        return Ok(false);
    }
    let events = change.event.iter().map(record::write).collect::<Result<Vec<_>, Fault>>()?;
    insert_events(connection, (&one.client, one.about_id()), (change.at, &events), vault).await?;
    if let Some(word) = change.word {
        queue_events(connection, &[Event::Document { document: one, word, at: change.at }], vault).await?;
    }
    Ok(true)
}

#[async_trait]
impl DocumentStore for PostgresStore {
    async fn insert_document(&self, document: &Document, letter: Option<&[u8]>) -> Result<bool, Fault> {
        let (one, at) = (document, document.announced_at.millis());
        let sent_to = one.submission.is_none().then(|| one.client.as_str());
        let insert = ask(INSERT).bind(one.id.as_str()).bind(one.submission.as_ref().map(SubmissionId::as_str));
        let insert = insert.bind(one.delivery.as_ref().map(DeliveryId::as_str)).bind(one.reference.as_str());
        let insert = insert.bind(&one.agency).bind(at).bind(record::write(one)?).bind(letter);
        let insert = insert.bind(sent_to).bind(sent_to.map(|_| at));
        Ok(insert.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn lease_documents(
        &self,
        agency: &str,
        (now, until): (Timestamp, Timestamp),
        limit: u32,
    ) -> Result<Vec<HeldDocument>, Fault> {
        let lease = ask(LEASE).bind(agency).bind(now.millis()).bind(until.millis()).bind(i64::from(limit));
        lease.fetch_all(&self.pool).await?.iter().map(held).collect()
    }

    async fn update_document(&self, change: &DocumentChange) -> Result<bool, Fault> {
        let (change, vault) = (change.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let is_changed = update(&mut transaction, &change, &vault).await?;
            if is_changed {
                transaction.commit().await?;
            } else {
                transaction.rollback().await?;
            }
            Ok(is_changed)
        })
        .await
    }

    async fn find_document(&self, id: &DocumentId) -> Result<Option<HeldDocument>, Fault> {
        ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?.as_ref().map(held).transpose()
    }

    async fn list_documents(&self, of: &SubmissionId) -> Result<Vec<Document>, Fault> {
        let rows = ask(LIST).bind(of.as_str()).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(held(row)?.document)).collect()
    }

    async fn witness_document(&self, document: &Document, word: &str, at: Timestamp) -> Result<(), Fault> {
        let (document, word, vault) = (document.clone(), word.to_owned(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let event = Event::Document { document: &document, word: &word, at };
            queue_events(&mut transaction, &[event], &vault).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    async fn list_sealed_documents(&self, after: &str, limit: u32) -> Result<Vec<HeldDocument>, Fault> {
        let list = ask(LIST_SEALED).bind(after).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(held).collect()
    }

    async fn reseal_document(&self, seen: &HeldDocument, sealed: &[u8]) -> Result<bool, Fault> {
        let reseal = ask(RESEAL).bind(seen.document.id.as_str()).bind(seen.content.as_deref()).bind(sealed);
        Ok(reseal.execute(&self.pool).await?.rows_affected() == 1)
    }
}

#[async_trait]
impl ElectronicDeliveryStore for PostgresStore {
    async fn list_electronic_deliveries(
        &self,
        client: &ClientId,
        before: &Before<DocumentId>,
    ) -> Result<Vec<Document>, Fault> {
        let (at, id) = before.bound();
        let list = ask(LIST_SENT).bind(client.as_str()).bind(at).bind(id).bind(i64::from(before.limit));
        list.fetch_all(&self.pool).await?.iter().map(|row| Ok(held(row)?.document)).collect()
    }

    async fn take_agency_turn(&self, agency: &str, (now, next): (Timestamp, Timestamp)) -> Result<bool, Fault> {
        let take = ask(TAKE_TURN).bind(agency).bind(now.millis()).bind(next.millis());
        Ok(take.execute(&self.pool).await?.rows_affected() == 1)
    }
}
