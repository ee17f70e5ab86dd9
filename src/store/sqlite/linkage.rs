//! What citizens' accounts are linked with.

use super::SqliteStore;
use super::data_keys::{key_of, opened};
use super::erasure::is_closed;
use super::evidence::queue_event;
use crate::domain::evidence::Event;
use crate::domain::ids::{LinkId, SubjectId};
use crate::domain::linkage::{HeldLink, Link, LinkCredential, LinkageAct, ServiceCode};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{InsertedLink, LinkageStore, linkage};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    FIND_REGISTERED = "SELECT registered_at FROM account_registrations WHERE subject_id = ?1";
    REGISTER = "INSERT INTO account_registrations (subject_id, registered_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    INSERT = "INSERT INTO links (id, subject_id, service, linked_at, body) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (subject_id, service) DO NOTHING";
    LIST = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), version
        FROM links WHERE subject_id = ?1 ORDER BY service";
    UPDATE = "UPDATE links SET body = ?4, version = version + 1 WHERE id = ?1 AND subject_id = ?2 AND version = ?3";
    TAKE = "DELETE FROM links WHERE id = ?1 AND subject_id = ?2
        RETURNING body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), version";
}

/// None where its key was destroyed.
fn held(row: &Row<'_>, vault: &Vault) -> Result<Option<HeldLink>, Fault> {
    let Some(body) = opened(row, vault, linkage::KIND, 1)? else { return Ok(None) };
    linkage::read(&body, row.get(4)?).map(Some)
}

#[async_trait]
impl LinkageStore for SqliteStore {
    async fn find_registered(&self, subject: &SubjectId) -> Result<Option<Timestamp>, Fault> {
        let read = |row: &Row<'_>| Ok(Timestamp::from_millis(row.get(0)?));
        self.read(|database| database.find(FIND_REGISTERED, [subject.as_str()], read))
    }

    async fn insert_link(&self, new: &Link) -> Result<InsertedLink, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.write(move |database| {
            let person = new.subject.as_str();
            if is_closed(database, person)? {
                return Ok(InsertedLink::NobodyThere);
            }
            let key = key_of(database, &vault, person)?;
            let body = vault.seal(&key, &linkage::name(&new.id), &new)?;
            let at = new.linked_at.millis();
            let values = params![new.id.as_str(), person, new.service.as_str(), at, body];
            if database.execute(INSERT, values)? != 1 {
                return Ok(InsertedLink::Linked);
            }
            let is_first = database.execute(REGISTER, params![person, at])? == 1;
            linkage::linked(&new, is_first).iter().try_for_each(|event| queue_event(database, event, &vault))?;
            Ok(InsertedLink::Done)
        })
        .await
    }

    async fn list_links(&self, subject: &SubjectId) -> Result<Vec<HeldLink>, Fault> {
        self.read(|database| database.list_readable(LIST, [subject.as_str()], |row| held(row, &self.vault)))
    }

    async fn update_link(&self, seen: &HeldLink, credential: &LinkCredential) -> Result<bool, Fault> {
        let (mut new, version, vault) = (seen.link.clone(), seen.version, Arc::clone(&self.vault));
        new.credential = credential.clone();
        self.take(move |database| {
            let key = key_of(database, &vault, new.subject.as_str())?;
            let body = vault.seal(&key, &linkage::name(&new.id), &new)?;
            Ok(database.execute(UPDATE, params![new.id.as_str(), new.subject.as_str(), version, body])? == 1)
        })
        .await
    }

    async fn take_link(&self, (subject, id): (&SubjectId, &LinkId), at: Timestamp) -> Result<Option<HeldLink>, Fault> {
        let (subject, id, vault) = (subject.clone(), id.clone(), Arc::clone(&self.vault));
        self.write(move |database| {
            let read = |row: &Row<'_>| held(row, &vault);
            let Some(taken) = database.find_readable(TAKE, params![id.as_str(), subject.as_str()], read)? else {
                return Ok(None);
            };
            let service = Some(&taken.link.service);
            let event = Event::Linkage { subject: &subject, service, act: LinkageAct::Unlinked, at };
            queue_event(database, &event, &vault)?;
            Ok(Some(taken))
        })
        .await
    }

    async fn insert_hand_over(&self, subject: &SubjectId, service: &ServiceCode, at: Timestamp) -> Result<(), Fault> {
        let (subject, service, vault) = (subject.clone(), service.clone(), Arc::clone(&self.vault));
        self.write(move |database| {
            let act = LinkageAct::HandedOver;
            queue_event(database, &Event::Linkage { subject: &subject, service: Some(&service), act, at }, &vault)
        })
        .await
    }
}
