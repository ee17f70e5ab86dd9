//! Requests for certificates of employment.

use super::SqliteStore;
use super::data_keys::{key_of, opened};
use super::database::Database;
use super::delegations::stands;
use super::evidence::queue_event;
use super::submissions::insert_event;
use crate::domain::certificate_request::{CertificateRequest, RequestNews};
use crate::domain::evidence::Event;
use crate::domain::ids::{CertificateRequestId, ClientId};
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::{Statement, statements};
use crate::store::vault::Vault;
use crate::store::{Before, CertificateRequestChange, CertificateRequestStore, HeldCertificateRequest, record};
use async_trait::async_trait;
use rusqlite::{Params, Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO certificate_requests (id, client_id, link, created_at, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = certificate_requests.id), version
        FROM certificate_requests WHERE id = ?1";
    FIND_BY_LINK = "SELECT body, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = certificate_requests.id), version
        FROM certificate_requests WHERE link = ?1";
    FIND_BY_ANSWER = "SELECT body, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = certificate_requests.id), version
        FROM certificate_requests WHERE answer = ?1";
    LIST = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = certificate_requests.id), version
        FROM certificate_requests WHERE client_id = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4";
    UPDATE = "UPDATE certificate_requests SET body = ?3, answer = ?4, version = version + 1
        WHERE id = ?1 AND version = ?2";
}

/// None where its key was destroyed.
fn held(row: &Row<'_>, vault: &Vault) -> Result<Option<HeldCertificateRequest>, Fault> {
    let Some(body) = opened(row, vault, "certificate request", 1)? else { return Ok(None) };
    let (request, version) = (record::read("certificate request", &body)?, record::count(row.get(4)?)?);
    Ok(Some(HeldCertificateRequest { request, version }))
}

fn sealed(database: Database<'_>, one: &CertificateRequest, vault: &Vault) -> Result<String, Fault> {
    let id = one.id.as_str();
    vault.seal(&key_of(database, vault, id)?, &format!("certificate request:{id}"), one)
}

/// Leaves the leaf, and tells the company's software.
fn told(
    database: Database<'_>,
    one: &CertificateRequest,
    (news, at): (RequestNews, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_event(database, &Event::CertificateRequest { one, news, at }, vault)?;
    let event = record::write(&SubmissionEvent::of_certificate_request(one, news, at))?;
    insert_event(database, (&one.client, one.id.as_str()), (at, &event), vault)
}

fn insert(database: Database<'_>, new: &CertificateRequest, vault: &Vault) -> Result<bool, Fault> {
    if let Some(delegation) = &new.delegation
        && !stands(database, (delegation, &new.employer, &new.client), new.created_at)?
    {
        return Ok(false);
    }
    let (id, client, at) = (new.id.as_str(), new.client.as_str(), new.created_at.millis());
    let body = sealed(database, new, vault)?;
    database.execute(INSERT, params![id, client, new.link.as_bytes(), at, body])?;
    told(database, new, (RequestNews::Made, new.created_at), vault)?;
    Ok(true)
}

fn update(database: Database<'_>, change: &CertificateRequestChange, vault: &Vault) -> Result<bool, Fault> {
    let one = &change.request;
    let (id, version) = (one.id.as_str(), record::column(change.version)?);
    let answer = one.asked().map(|asked| asked.answer.as_bytes().to_vec());
    if database.execute(UPDATE, params![id, version, sealed(database, one, vault)?, answer])? != 1 {
        return Ok(false);
    }
    told(database, one, (change.news, change.at), vault)?;
    Ok(true)
}

impl SqliteStore {
    fn find_request(&self, by: Statement, params: impl Params) -> Result<Option<HeldCertificateRequest>, Fault> {
        self.read(|database| database.find_readable(by, params, |row| held(row, &self.vault)))
    }
}

#[async_trait]
impl CertificateRequestStore for SqliteStore {
    async fn insert_certificate_request(&self, new: &CertificateRequest) -> Result<bool, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.take(move |database| insert(database, &new, &vault)).await
    }

    async fn find_certificate_request(
        &self,
        id: &CertificateRequestId,
    ) -> Result<Option<HeldCertificateRequest>, Fault> {
        self.find_request(FIND, [id.as_str()])
    }

    async fn find_certificate_request_by_link(&self, link: Digest) -> Result<Option<HeldCertificateRequest>, Fault> {
        self.find_request(FIND_BY_LINK, [link.as_bytes()])
    }

    async fn find_certificate_request_by_answer(
        &self,
        answer: Digest,
    ) -> Result<Option<HeldCertificateRequest>, Fault> {
        self.find_request(FIND_BY_ANSWER, [answer.as_bytes()])
    }

    async fn list_certificate_requests(
        &self,
        client: &ClientId,
        before: &Before<CertificateRequestId>,
    ) -> Result<Vec<HeldCertificateRequest>, Fault> {
        let (at, id) = before.bound();
        let values = params![client.as_str(), at, id, before.limit];
        self.read(|database| database.list_readable(LIST, values, |row| held(row, &self.vault)))
    }

    async fn update_certificate_request(&self, change: &CertificateRequestChange) -> Result<bool, Fault> {
        let (change, vault) = (change.clone(), Arc::clone(&self.vault));
        self.take(move |database| update(database, &change, &vault)).await
    }
}
