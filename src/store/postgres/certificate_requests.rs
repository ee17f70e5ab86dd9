//! Requests for certificates of employment.

use super::data_keys::{key_of, opened};
use super::delegations::stands;
use super::evidence::queue_events;
use super::submissions::insert_events;
use super::{PostgresStore, ask, end, is_one};
use crate::domain::certificate_request::{CertificateRequest, RequestNews};
use crate::domain::evidence::Event;
use crate::domain::ids::{CertificateRequestId, ClientId};
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, CertificateRequestChange, CertificateRequestStore, HeldCertificateRequest, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO certificate_requests (id, client_id, link, created_at, body) VALUES ($1, $2, $3, $4, $5)";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = certificate_requests.id), version
        FROM certificate_requests WHERE id = $1";
    FIND_BY_LINK = "SELECT body, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = certificate_requests.id), version
        FROM certificate_requests WHERE link = $1";
    FIND_BY_ANSWER = "SELECT body, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = certificate_requests.id), version
        FROM certificate_requests WHERE answer = $1";
    LIST = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = certificate_requests.id), version
        FROM certificate_requests WHERE client_id = $1 AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC LIMIT $4";
    UPDATE = "UPDATE certificate_requests SET body = $3, answer = $4, version = version + 1
        WHERE id = $1 AND version = $2";
}

/// None where its key was destroyed.
fn held(row: &PgRow, vault: &Vault) -> Result<Option<HeldCertificateRequest>, Fault> {
    let Some(body) = opened(row, vault, "certificate request", 1)? else { return Ok(None) };
    let (request, version) = (record::read("certificate request", &body)?, record::count(row.try_get(4)?)?);
    Ok(Some(HeldCertificateRequest { request, version }))
}

async fn sealed(connection: &mut PgConnection, one: &CertificateRequest, vault: &Vault) -> Result<String, Fault> {
    let id = one.id.as_str();
    let key = key_of(connection, vault, id).await?;
    vault.seal(&key, &format!("certificate request:{id}"), one)
}

/// Leaves the leaf, and tells the company's software.
async fn told(
    connection: &mut PgConnection,
    one: &CertificateRequest,
    (news, at): (RequestNews, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_events(connection, &[Event::CertificateRequest { one, news, at }], vault).await?;
    let event = record::write(&SubmissionEvent::of_certificate_request(one, news, at))?;
    insert_events(connection, (&one.client, one.id.as_str()), (at, &[event]), vault).await
}

async fn insert(connection: &mut PgConnection, new: &CertificateRequest, vault: &Vault) -> Result<bool, Fault> {
    if let Some(delegation) = &new.delegation
        && !stands(connection, (delegation, &new.employer, &new.client), new.created_at).await?
    {
        return Ok(false);
    }
    let body = sealed(connection, new, vault).await?;
    let insert = ask(INSERT).bind(new.id.as_str()).bind(new.client.as_str()).bind(new.link.as_bytes().as_slice());
    insert.bind(new.created_at.millis()).bind(body).execute(&mut *connection).await?;
    told(connection, new, (RequestNews::Made, new.created_at), vault).await?;
    Ok(true)
}

async fn update(
    connection: &mut PgConnection,
    change: &CertificateRequestChange,
    vault: &Vault,
) -> Result<bool, Fault> {
    let one = &change.request;
    let body = sealed(connection, one, vault).await?;
    let answer = one.asked().map(|asked| asked.answer.as_bytes().to_vec());
    let write = ask(UPDATE).bind(one.id.as_str()).bind(record::column(change.version)?).bind(body).bind(answer);
    if !is_one(write, connection).await? {
        return Ok(false);
    }
    told(connection, one, (change.news, change.at), vault).await?;
    Ok(true)
}

impl PostgresStore {
    async fn find_request(
        &self,
        statement: super::Statement,
        digest: Digest,
    ) -> Result<Option<HeldCertificateRequest>, Fault> {
        let found = ask(statement).bind(digest.as_bytes().as_slice()).fetch_optional(&self.pool).await?;
        Ok(found.as_ref().map(|row| held(row, &self.vault)).transpose()?.flatten())
    }
}

#[async_trait]
impl CertificateRequestStore for PostgresStore {
    async fn insert_certificate_request(&self, new: &CertificateRequest) -> Result<bool, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let is_done = insert(&mut transaction, &new, &vault).await?;
            end(transaction, is_done).await
        })
        .await
    }

    async fn find_certificate_request(
        &self,
        id: &CertificateRequestId,
    ) -> Result<Option<HeldCertificateRequest>, Fault> {
        let found = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        Ok(found.as_ref().map(|row| held(row, &self.vault)).transpose()?.flatten())
    }

    async fn find_certificate_request_by_link(&self, link: Digest) -> Result<Option<HeldCertificateRequest>, Fault> {
        self.find_request(FIND_BY_LINK, link).await
    }

    async fn find_certificate_request_by_answer(
        &self,
        answer: Digest,
    ) -> Result<Option<HeldCertificateRequest>, Fault> {
        self.find_request(FIND_BY_ANSWER, answer).await
    }

    async fn list_certificate_requests(
        &self,
        client: &ClientId,
        before: &Before<CertificateRequestId>,
    ) -> Result<Vec<HeldCertificateRequest>, Fault> {
        let (at, id) = before.bound();
        let list = ask(LIST).bind(client.as_str()).bind(at).bind(id).bind(i64::from(before.limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn update_certificate_request(&self, change: &CertificateRequestChange) -> Result<bool, Fault> {
        let (change, vault) = (change.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let is_done = update(&mut transaction, &change, &vault).await?;
            end(transaction, is_done).await
        })
        .await
    }
}
