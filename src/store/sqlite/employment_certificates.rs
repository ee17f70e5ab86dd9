//! Certificates of employment.

use super::SqliteStore;
use super::applications::certificate_revoked;
use super::data_keys::{key_of, opened};
use super::database::Database;
use super::delegations::stands;
use super::evidence::queue_event;
use super::submissions::insert_event;
use crate::domain::employment_certificate::{CertificateAct, EmploymentCertificate, Revocation};
use crate::domain::evidence::Event;
use crate::domain::ids::{CertificateId, ClientId};
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, EmploymentCertificateStore, HeldCertificate, InsertedCertificate, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO employment_certificates (id, client_id, key, digest, reference, municipality, issued_at, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (client_id, key) DO NOTHING";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = employment_certificates.id),
            revoked_at, revoked_because, openings, opened_at
        FROM employment_certificates WHERE id = ?1";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = employment_certificates.id),
            revoked_at, revoked_because, openings, opened_at
        FROM employment_certificates WHERE client_id = ?1 AND key = ?2";
    FIND_BY_REFERENCE = "SELECT body, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = employment_certificates.id),
            revoked_at, revoked_because, openings, opened_at
        FROM employment_certificates WHERE reference = ?1";
    LIST = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = employment_certificates.id),
            revoked_at, revoked_because, openings, opened_at
        FROM employment_certificates WHERE client_id = ?1 AND (issued_at, id) < (?2, ?3)
        ORDER BY issued_at DESC, id DESC LIMIT ?4";
    REVOKE = "UPDATE employment_certificates SET revoked_at = ?3, revoked_because = ?4
        WHERE id = ?1 AND client_id = ?2 AND revoked_at IS NULL
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = employment_certificates.id),
            revoked_at, revoked_because, openings, opened_at";
    OPEN = "UPDATE employment_certificates SET openings = openings + 1, opened_at = ?3
        WHERE reference = ?1 AND municipality = ?2
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = employment_certificates.id),
            revoked_at, revoked_because, openings, opened_at";
}

/// None where its key was destroyed.
fn held(row: &Row<'_>, vault: &Vault) -> Result<Option<HeldCertificate>, Fault> {
    let Some(body) = opened(row, vault, "employment certificate", 1)? else { return Ok(None) };
    record::certificate(&body, (row.get(4)?, row.get(5)?), (row.get(6)?, row.get(7)?)).map(Some)
}

/// Leaves the leaf, and tells the company's software.
fn queue(
    database: Database<'_>,
    one: &EmploymentCertificate,
    (act, at): (CertificateAct<'_>, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_event(database, &Event::Certificate { one, act, at }, vault)?;
    let event = record::write(&SubmissionEvent::of_certificate(one, act.news(), at))?;
    insert_event(database, (&one.client, one.id.as_str()), (at, &event), vault)
}

fn insert(database: Database<'_>, new: &EmploymentCertificate, vault: &Vault) -> Result<InsertedCertificate, Fault> {
    let (id, client, key) = (new.id.as_str(), new.client.as_str(), new.key.key.as_bytes());
    if let Some(earlier) = database.find_readable(FIND_BY_KEY, params![client, key], |row| held(row, vault))? {
        let is_same = earlier.certificate.key == new.key;
        return Ok(if is_same { InsertedCertificate::Same(Box::new(earlier)) } else { InsertedCertificate::KeyReused });
    }
    if let Some(delegation) = &new.delegation
        && !stands(database, (delegation, &new.employer, &new.client), new.issued_at)?
    {
        return Ok(InsertedCertificate::NotDelegated);
    }
    let body = vault.seal(&key_of(database, vault, id)?, &format!("employment certificate:{id}"), new)?;
    let reference = EmploymentCertificate::digest_of_reference(&new.reference);
    let (digest, at) = (new.key.body.as_bytes(), new.issued_at.millis());
    let values = params![id, client, key, digest, reference.as_bytes(), new.municipality, at, body];
    // One writer: nobody came between the look and the write; a key whose certificate does not open any more stays taken.
    if database.execute(INSERT, values)? != 1 {
        return Ok(InsertedCertificate::KeyReused);
    }
    queue(database, new, (CertificateAct::Issued, new.issued_at), vault)?;
    Ok(InsertedCertificate::New)
}

#[async_trait]
impl EmploymentCertificateStore for SqliteStore {
    async fn insert_certificate(&self, new: &EmploymentCertificate) -> Result<InsertedCertificate, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.write(move |database| insert(database, &new, &vault)).await
    }

    async fn find_certificate(&self, id: &CertificateId) -> Result<Option<HeldCertificate>, Fault> {
        self.read(|database| database.find_readable(FIND, [id.as_str()], |row| held(row, &self.vault)))
    }

    async fn find_certificate_by_key(&self, client: &ClientId, key: Digest) -> Result<Option<HeldCertificate>, Fault> {
        let values = params![client.as_str(), key.as_bytes()];
        self.read(|database| database.find_readable(FIND_BY_KEY, values, |row| held(row, &self.vault)))
    }

    async fn find_certificate_by_reference(&self, reference: Digest) -> Result<Option<HeldCertificate>, Fault> {
        self.read(|database| {
            database.find_readable(FIND_BY_REFERENCE, [reference.as_bytes()], |row| held(row, &self.vault))
        })
    }

    async fn list_certificates(
        &self,
        client: &ClientId,
        before: &Before<CertificateId>,
    ) -> Result<Vec<HeldCertificate>, Fault> {
        let (at, id) = before.bound();
        let values = params![client.as_str(), at, id, before.limit];
        self.read(|database| database.list_readable(LIST, values, |row| held(row, &self.vault)))
    }

    async fn revoke_certificate(
        &self,
        id: &CertificateId,
        client: &ClientId,
        revocation: Revocation,
    ) -> Result<bool, Fault> {
        let (id, client, vault) = (id.clone(), client.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let (at, reason) = (revocation.at, revocation.reason);
            let values = params![id.as_str(), client.as_str(), at.millis(), reason.as_str()];
            let revoked = database.find_readable(REVOKE, values, |row| held(row, &vault))?;
            let Some(one) = revoked else { return Ok(false) };
            certificate_revoked(database, (&id, &client, at), &vault)?;
            queue(database, &one.certificate, (CertificateAct::Revoked(reason), at), &vault)?;
            Ok(true)
        })
        .await
    }

    async fn open_certificate(
        &self,
        reference: Digest,
        municipality: &str,
        (by, at): (&ClientId, Timestamp),
    ) -> Result<Option<HeldCertificate>, Fault> {
        let (municipality, by, vault) = (municipality.to_owned(), by.clone(), Arc::clone(&self.vault));
        self.write(move |database| {
            let values = params![reference.as_bytes(), municipality, at.millis()];
            let found = database.find_readable(OPEN, values, |row| held(row, &vault))?;
            let Some(one) = found else { return Ok(None) };
            queue(database, &one.certificate, (CertificateAct::Opened(&by), at), &vault)?;
            Ok(Some(one))
        })
        .await
    }
}
