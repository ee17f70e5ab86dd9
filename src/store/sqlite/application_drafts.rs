//! Drafts of applications.

use super::SqliteStore;
use super::applications;
use super::data_keys::{key_of, opened};
use super::database::Database;
use crate::domain::application::{Application, ApplicationDraft};
use crate::domain::ids::{ApplicationId, ClientId, DraftId, SubjectId};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{
    ApplicationDraftStore, Before, HeldApplication, InsertedApplication, InsertedApplicationDraft, application_draft,
};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    COUNT = "SELECT count(*) FROM application_drafts WHERE client_id = ?1 AND subject_id = ?2 AND expires_at > ?3";
    INSERT = "INSERT INTO application_drafts (id, client_id, subject_id, key, tag, expires_at, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    FIND = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id)
        FROM application_drafts WHERE id = ?1 AND expires_at > ?2";
    FIND_BY_KEY = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id)
        FROM application_drafts WHERE client_id = ?1 AND subject_id = ?2 AND key = ?3";
    LIST = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id)
        FROM application_drafts WHERE subject_id = ?1 AND expires_at > ?2 ORDER BY expires_at DESC LIMIT 500";
    LIST_OF_CLIENT = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id)
        FROM application_drafts WHERE subject_id = ?1 AND expires_at > ?2 AND client_id = ?3
        ORDER BY expires_at DESC LIMIT 500";
    UPDATE = "UPDATE application_drafts SET tag = ?3, expires_at = ?4, body = ?5 WHERE id = ?1 AND tag = ?2";
    IS_THERE = "SELECT 1 FROM application_drafts WHERE id = ?1 AND tag = ?2";
    DELETE = "DELETE FROM application_drafts WHERE id = ?1 AND tag = ?2";
}

/// None where its person's key was destroyed.
fn held(row: &Row<'_>, vault: &Vault) -> Result<Option<ApplicationDraft>, Fault> {
    let body = opened(row, vault, application_draft::KIND, 1)?;
    body.map(|body| application_draft::read(&body)).transpose()
}

fn sealed(database: Database<'_>, one: &ApplicationDraft, vault: &Vault) -> Result<String, Fault> {
    let key = key_of(database, vault, one.subject.as_str())?;
    vault.seal(&key, &application_draft::name(&one.draft.id), one)
}

fn insert(
    database: Database<'_>,
    new: &ApplicationDraft,
    most: u32,
    vault: &Vault,
) -> Result<InsertedApplicationDraft, Fault> {
    let (client, subject) = (new.draft.client.as_str(), new.subject.as_str());
    let key = vault.blinded("idempotency", &new.draft.key.key)?;
    if let Some(earlier) = database.find(FIND_BY_KEY, params![client, subject, key], |row| held(row, vault))? {
        return Ok(application_draft::earlier(new, earlier));
    }
    let values = params![client, subject, new.draft.created_at.millis()];
    if database.find(COUNT, values, |row| Ok(row.get::<_, u32>(0)?))?.unwrap_or_default() >= most {
        return Ok(InsertedApplicationDraft::TooMany);
    }
    let (id, ends, body) = (new.draft.id.as_str(), new.draft.expires_at().millis(), sealed(database, new, vault)?);
    database.execute(INSERT, params![id, client, subject, key, new.draft.tag, ends, body])?;
    Ok(InsertedApplicationDraft::New)
}

/// Whether a draft is as it was seen. One writer: it is so until the write that asks.
pub(super) fn is_there(database: Database<'_>, (id, seen): (&DraftId, &str)) -> Result<bool, Fault> {
    Ok(database.find(IS_THERE, params![id.as_str(), seen], |_| Ok(()))?.is_some())
}

/// Takes it away.
pub(super) fn take(database: Database<'_>, (id, seen): (&DraftId, &str)) -> Result<bool, Fault> {
    Ok(database.execute(DELETE, params![id.as_str(), seen])? == 1)
}

#[async_trait]
impl ApplicationDraftStore for SqliteStore {
    async fn insert_application_draft(
        &self,
        new: &ApplicationDraft,
        most: u32,
    ) -> Result<InsertedApplicationDraft, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.write(move |database| insert(database, &new, most, &vault)).await
    }

    async fn find_application_draft(&self, id: &DraftId, now: Timestamp) -> Result<Option<ApplicationDraft>, Fault> {
        let values = params![id.as_str(), now.millis()];
        self.read(|database| database.find_readable(FIND, values, |row| held(row, &self.vault)))
    }

    async fn list_application_drafts(
        &self,
        (client, subject): (Option<&ClientId>, &SubjectId),
        now: Timestamp,
    ) -> Result<Vec<ApplicationDraft>, Fault> {
        let (subject, now, read) = (subject.as_str(), now.millis(), |row: &Row<'_>| held(row, &self.vault));
        self.read(|database| match client {
            Some(client) => database.list_readable(LIST_OF_CLIENT, params![subject, now, client.as_str()], read),
            None => database.list_readable(LIST, params![subject, now], read),
        })
    }

    async fn update_application_draft(&self, next: &ApplicationDraft, seen: &str) -> Result<bool, Fault> {
        let (next, seen, vault) = (next.clone(), seen.to_owned(), Arc::clone(&self.vault));
        self.take(move |database| {
            let body = sealed(database, &next, &vault)?;
            let (id, ends) = (next.draft.id.as_str(), next.draft.expires_at().millis());
            Ok(database.execute(UPDATE, params![id, seen, next.draft.tag, ends, body])? == 1)
        })
        .await
    }

    async fn delete_application_draft(&self, id: &DraftId, seen: &str) -> Result<bool, Fault> {
        let (id, seen) = (id.clone(), seen.to_owned());
        self.take(move |database| take(database, (&id, &seen))).await
    }

    async fn insert_drafted_application(
        &self,
        new: &Application,
        (id, seen): (&DraftId, &str),
    ) -> Result<InsertedApplication, Fault> {
        let (new, id, seen, vault) = (new.clone(), id.clone(), seen.to_owned(), Arc::clone(&self.vault));
        self.write(move |database| applications::insert(database, &new, Some((&id, &seen)), &vault)).await
    }

    async fn list_persons_applications(
        &self,
        subject: &SubjectId,
        before: &Before<ApplicationId>,
    ) -> Result<Vec<HeldApplication>, Fault> {
        self.persons_applications(subject, before)
    }
}
