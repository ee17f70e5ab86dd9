//! What citizens' accounts are linked with.

use super::data_keys::{key_of, opened};
use super::erasure::is_closed;
use super::evidence::queue_events;
use super::{PostgresStore, ask, is_one};
use crate::domain::evidence::Event;
use crate::domain::ids::{LinkId, SubjectId};
use crate::domain::linkage::{HeldLink, Link, LinkCredential, LinkageAct, ServiceCode};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{InsertedLink, LinkageStore, linkage};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    FIND_REGISTERED = "SELECT registered_at FROM account_registrations WHERE subject_id = $1";
    REGISTER = "INSERT INTO account_registrations (subject_id, registered_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    INSERT = "INSERT INTO links (id, subject_id, service, linked_at, body) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (subject_id, service) DO NOTHING";
    LIST = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), version
        FROM links WHERE subject_id = $1 ORDER BY service";
    UPDATE = "UPDATE links SET body = $4, version = version + 1 WHERE id = $1 AND subject_id = $2 AND version = $3";
    TAKE = "DELETE FROM links WHERE id = $1 AND subject_id = $2
        RETURNING body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), version";
}

/// None where its key was destroyed.
fn held(row: &PgRow, vault: &Vault) -> Result<Option<HeldLink>, Fault> {
    let Some(body) = opened(row, vault, linkage::KIND, 1)? else { return Ok(None) };
    linkage::read(&body, row.try_get(4)?).map(Some)
}

async fn insert(connection: &mut PgConnection, new: &Link, vault: &Vault) -> Result<InsertedLink, Fault> {
    let person = new.subject.as_str();
    if is_closed(&mut *connection, person).await? {
        return Ok(InsertedLink::NobodyThere);
    }
    let key = key_of(&mut *connection, vault, person).await?;
    let body = vault.seal(&key, &linkage::name(&new.id), new)?;
    let at = new.linked_at.millis();
    let insert = ask(INSERT).bind(new.id.as_str()).bind(person).bind(new.service.as_str()).bind(at).bind(body);
    if !is_one(insert, &mut *connection).await? {
        return Ok(InsertedLink::Linked);
    }
    let is_first = is_one(ask(REGISTER).bind(person).bind(at), &mut *connection).await?;
    queue_events(connection, &linkage::linked(new, is_first), vault).await?;
    Ok(InsertedLink::Done)
}

async fn take(
    connection: &mut PgConnection,
    (subject, id): (&SubjectId, &LinkId),
    at: Timestamp,
    vault: &Vault,
) -> Result<Option<HeldLink>, Fault> {
    let row = ask(TAKE).bind(id.as_str()).bind(subject.as_str()).fetch_optional(&mut *connection).await?;
    let Some(taken) = row.as_ref().map(|row| held(row, vault)).transpose()?.flatten() else { return Ok(None) };
    let event = Event::Linkage { subject, service: Some(&taken.link.service), act: LinkageAct::Unlinked, at };
    queue_events(connection, &[event], vault).await?;
    Ok(Some(taken))
}

#[async_trait]
impl LinkageStore for PostgresStore {
    async fn find_registered(&self, subject: &SubjectId) -> Result<Option<Timestamp>, Fault> {
        let found = ask(FIND_REGISTERED).bind(subject.as_str()).fetch_optional(&self.pool).await?;
        found.map(|row| Ok(Timestamp::from_millis(row.try_get(0)?))).transpose()
    }

    async fn insert_link(&self, new: &Link) -> Result<InsertedLink, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let inserted = insert(&mut transaction, &new, &vault).await?;
            match inserted {
                InsertedLink::Done => transaction.commit().await?,
                InsertedLink::Linked | InsertedLink::NobodyThere => transaction.rollback().await?,
            }
            Ok(inserted)
        })
        .await
    }

    async fn list_links(&self, subject: &SubjectId) -> Result<Vec<HeldLink>, Fault> {
        let rows = ask(LIST).bind(subject.as_str()).fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn update_link(&self, seen: &HeldLink, credential: &LinkCredential) -> Result<bool, Fault> {
        let (mut new, version, vault) = (seen.link.clone(), i64::from(seen.version), Arc::clone(&self.vault));
        new.credential = credential.clone();
        self.transact(async move |mut transaction| {
            let key = key_of(&mut transaction, &vault, new.subject.as_str()).await?;
            let body = vault.seal(&key, &linkage::name(&new.id), &new)?;
            let update = ask(UPDATE).bind(new.id.as_str()).bind(new.subject.as_str()).bind(version).bind(body);
            let is_done = is_one(update, &mut transaction).await?;
            transaction.commit().await?;
            Ok(is_done)
        })
        .await
    }

    async fn take_link(&self, (subject, id): (&SubjectId, &LinkId), at: Timestamp) -> Result<Option<HeldLink>, Fault> {
        let (subject, id, vault) = (subject.clone(), id.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let taken = take(&mut transaction, (&subject, &id), at, &vault).await?;
            transaction.commit().await?;
            Ok(taken)
        })
        .await
    }

    async fn insert_hand_over(&self, subject: &SubjectId, service: &ServiceCode, at: Timestamp) -> Result<(), Fault> {
        let (subject, service, vault) = (subject.clone(), service.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let act = LinkageAct::HandedOver;
            let event = Event::Linkage { subject: &subject, service: Some(&service), act, at };
            queue_events(&mut transaction, &[event], &vault).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}
