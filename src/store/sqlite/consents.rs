//! How often consents are used, pauses, and earlier words.

use super::SqliteStore;
use super::data_keys::{key_of, opened};
use super::database::Database;
use super::evidence::queue_event;
use super::requests::{cancel_requests_of, insert};
use super::thresholds::tell;
use super::writer::Done;
use crate::domain::consent_event::ConsentChange;
use crate::domain::evidence::{Change, Event};
use crate::domain::grant::Grant;
use crate::domain::ids::{ClientId, GrantId, SubjectId};
use crate::domain::retrieval::RetrievalRequest;
use crate::domain::{Fault, Timestamp};
use crate::store::record;
use crate::store::statement::{Statement, statements};
use crate::store::vault::Vault;
use crate::store::{Charge, ConsentStore, CountedRequest, InsertedRequest, Lease};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    /// Changes a row only while a use is left.
    TAKE_USE = "INSERT INTO consent_uses (grant_id, span, used, kept_until)
        SELECT ?1, ?2, 1, ?4 WHERE ?3 > 0
        ON CONFLICT (grant_id, span) DO UPDATE SET used = used + 1 WHERE used < ?3";
    FIND_USED = "SELECT used FROM consent_uses WHERE grant_id = ?1 AND span = ?2";
    PAUSE = "UPDATE grants SET paused_at = ?2
        WHERE id = ?1 AND state = 'active' AND paused_at IS NULL AND expires_at > ?2 AND subject_id IS NOT NULL
        RETURNING client_id, subject_id";
    RESUME = "UPDATE grants SET paused_at = NULL
        WHERE id = ?1 AND state = 'active' AND paused_at IS NOT NULL AND expires_at > ?2
        RETURNING client_id, subject_id";
    SUPERSEDE = "INSERT INTO superseded_grants (grant_id, at, body) VALUES (?1, ?2, ?3)
        ON CONFLICT (grant_id, at) DO NOTHING";
    /// Only for a client that wants to be told, and of a person's grant.
    NOTE = "INSERT INTO logout_notices (sign_in_id, client_id, subject_id, created_at, due_at, event, grant_id)
        SELECT grants.id || '.' || ?2 || '.' || ?3, client_id, subject_id, ?3, ?3, ?2, grants.id
        FROM grants JOIN clients ON clients.id = grants.client_id
        WHERE grants.id = ?1 AND subject_id IS NOT NULL
            AND json_extract(clients.body, '$.profile.consent_events_uri') IS NOT NULL
        ON CONFLICT (sign_in_id) DO NOTHING";
    LIST_SUPERSEDED = "SELECT body, at, grant_id || ':' || at, grant_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grant_id)
        FROM superseded_grants WHERE grant_id = ?1 ORDER BY at DESC";
}

/// Keeps what a grant was, within the decision that changes it.
pub(super) fn insert_superseded(
    database: Database<'_>,
    older: &Grant,
    at: Timestamp,
    vault: &Vault,
) -> Result<(), Fault> {
    let key = key_of(database, vault, older.id.as_str())?;
    let body = vault.seal(&key, &format!("superseded grant:{}:{}", older.id, at.millis()), older)?;
    database.execute(SUPERSEDE, params![older.id.as_str(), at.millis(), body]).map(drop)
}

/// Leaves a notice of what became of a grant, within the write that did it.
pub(super) fn note(database: Database<'_>, grant: &str, change: ConsentChange, at: Timestamp) -> Result<(), Fault> {
    database.execute(NOTE, params![grant, record::change(change), at.millis()]).map(drop)
}

/// Changes a grant's state by a statement, and queues the leaf of the change under its word; false when nothing changed.
fn change(
    database: Database<'_>,
    how: (Statement, &str),
    which: (&GrantId, Timestamp),
    vault: &Vault,
) -> Result<bool, Fault> {
    let ((statement, word), (grant, at)) = (how, which);
    let read = |row: &Row<'_>| Ok((record::id(row.get(0)?)?, row.get::<_, Option<String>>(1)?));
    let found: Option<(ClientId, _)> = database.find(statement, params![grant.as_str(), at.millis()], read)?;
    let Some((client, subject)) = found else { return Ok(false) };
    let subject: Option<SubjectId> = subject.map(record::id).transpose()?;
    let (client, subject) = (&client, subject.as_ref());
    let event = Event::Consent { grant, client, subject, change: Change::Other(word), at };
    queue_event(database, &event, vault)?;
    Ok(true)
}

#[async_trait]
impl ConsentStore for SqliteStore {
    async fn insert_counted_request(
        &self,
        request: &RetrievalRequest,
        lease: Lease<'_>,
        charge: &Charge,
    ) -> Result<CountedRequest, Fault> {
        let (request, owner, until, charge) = (request.clone(), lease.owner.to_owned(), lease.until, charge.clone());
        let vault = Arc::clone(&self.vault);
        let work = move |database: Database<'_>| {
            let inserted = insert(database, &request, (&owner, until), &vault)?;
            if inserted != InsertedRequest::New {
                return Ok(Done::Keep(CountedRequest::Inserted(inserted)));
            }
            if let Some(one) = &charge.one {
                let values = params![request.grant.as_str(), one.span, one.allowed, one.kept_until.millis()];
                if database.execute(TAKE_USE, values)? != 1 {
                    return Ok(Done::Undo(CountedRequest::UsedUp));
                }
            }
            Ok(match tell(database, &charge.thresholds, request.created_at, &vault)? {
                None => Done::Keep(CountedRequest::Inserted(inserted)),
                Some(told) => Done::Undo(CountedRequest::TooManyThresholds(told)),
            })
        };
        self.writer.write(work).await
    }

    async fn find_used(&self, grant: &GrantId, span: &str) -> Result<u32, Fault> {
        let found = self.read(|database| database.find(FIND_USED, [grant.as_str(), span], |row| Ok(row.get(0)?)))?;
        Ok(found.unwrap_or(0))
    }

    async fn pause_grant(&self, id: &GrantId, at: Timestamp) -> Result<bool, Fault> {
        let (id, vault) = (id.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let is_first = change(database, (PAUSE, "paused"), (&id, at), &vault)?;
            if is_first {
                cancel_requests_of(database, id.as_str())?;
                note(database, id.as_str(), ConsentChange::Paused, at)?;
            }
            Ok(is_first)
        })
        .await
    }

    async fn resume_grant(&self, id: &GrantId, now: Timestamp) -> Result<bool, Fault> {
        let (id, vault) = (id.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let is_first = change(database, (RESUME, "resumed"), (&id, now), &vault)?;
            if is_first {
                note(database, id.as_str(), ConsentChange::Resumed, now)?;
            }
            Ok(is_first)
        })
        .await
    }

    async fn list_superseded(&self, id: &GrantId) -> Result<Vec<Grant>, Fault> {
        self.read(|database| {
            database.list_readable(LIST_SUPERSEDED, [id.as_str()], |row| {
                let Some(body) = opened(row, &self.vault, "superseded grant", 2)? else { return Ok(None) };
                record::superseded(&body, row.get(1)?).map(Some)
            })
        })
    }
}
