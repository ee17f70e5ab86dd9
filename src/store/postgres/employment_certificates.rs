//! Certificates of employment.

use super::applications::certificate_revoked;
use super::data_keys::{key_of, opened};
use super::delegations::stands;
use super::evidence::queue_events;
use super::submissions::insert_events;
use super::{PostgresStore, ask, is_one};
use crate::domain::employment_certificate::{CertificateAct, EmploymentCertificate, Revocation};
use crate::domain::evidence::Event;
use crate::domain::ids::{CertificateId, ClientId};
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, EmploymentCertificateStore, HeldCertificate, InsertedCertificate, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO employment_certificates (id, client_id, key, digest, reference, municipality, issued_at, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (client_id, key) DO NOTHING";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = employment_certificates.id),
            revoked_at, revoked_because, openings, opened_at
        FROM employment_certificates WHERE id = $1";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = employment_certificates.id),
            revoked_at, revoked_because, openings, opened_at
        FROM employment_certificates WHERE client_id = $1 AND key = $2";
    FIND_BY_REFERENCE = "SELECT body, id, id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = employment_certificates.id),
            revoked_at, revoked_because, openings, opened_at
        FROM employment_certificates WHERE reference = $1";
    LIST = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = employment_certificates.id),
            revoked_at, revoked_because, openings, opened_at
        FROM employment_certificates WHERE client_id = $1 AND (issued_at, id) < ($2, $3)
        ORDER BY issued_at DESC, id DESC LIMIT $4";
    REVOKE = "UPDATE employment_certificates SET revoked_at = $3, revoked_because = $4
        WHERE id = $1 AND client_id = $2 AND revoked_at IS NULL
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = employment_certificates.id),
            revoked_at, revoked_because, openings, opened_at";
    OPEN = "UPDATE employment_certificates SET openings = openings + 1, opened_at = $3
        WHERE reference = $1 AND municipality = $2
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = employment_certificates.id),
            revoked_at, revoked_because, openings, opened_at";
}

/// None where its key was destroyed.
fn held(row: &PgRow, vault: &Vault) -> Result<Option<HeldCertificate>, Fault> {
    let Some(body) = opened(row, vault, "employment certificate", 1)? else { return Ok(None) };
    let revoked = (row.try_get(4)?, row.try_get(5)?);
    record::certificate(&body, revoked, (row.try_get(6)?, row.try_get(7)?)).map(Some)
}

/// Leaves the leaf, and tells the company's software.
async fn queue(
    connection: &mut PgConnection,
    one: &EmploymentCertificate,
    (act, at): (CertificateAct<'_>, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_events(connection, &[Event::Certificate { one, act, at }], vault).await?;
    let event = record::write(&SubmissionEvent::of_certificate(one, act.news(), at))?;
    insert_events(connection, (&one.client, one.id.as_str()), (at, &[event]), vault).await
}

async fn taken(
    connection: &mut PgConnection,
    new: &EmploymentCertificate,
    vault: &Vault,
) -> Result<Option<InsertedCertificate>, Fault> {
    let find = ask(FIND_BY_KEY).bind(new.client.as_str()).bind(new.key.key.as_bytes().as_slice());
    let row = find.fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(match held(&row, vault)? {
        Some(earlier) if earlier.certificate.key == new.key => InsertedCertificate::Same(Box::new(earlier)),
        // Another one's, or one that does not open any more.
        _ => InsertedCertificate::KeyReused,
    }))
}

#[async_trait]
impl EmploymentCertificateStore for PostgresStore {
    async fn insert_certificate(&self, new: &EmploymentCertificate) -> Result<InsertedCertificate, Fault> {
        let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        if let Some(earlier) = earlier {
            return Ok(earlier);
        }
        let (one, vault) = (new.clone(), Arc::clone(&self.vault));
        let inserted = self.transact(async move |mut transaction| {
            let new = one;
            let id = new.id.as_str();
            if let Some(delegation) = &new.delegation
                && !stands(&mut transaction, (delegation, &new.employer, &new.client), new.issued_at).await?
            {
                return Ok(Some(InsertedCertificate::NotDelegated));
            }
            let key = key_of(&mut transaction, &vault, id).await?;
            let body = vault.seal(&key, &format!("employment certificate:{id}"), &new)?;
            let reference = EmploymentCertificate::digest_of_reference(&new.reference);
            let insert = ask(INSERT).bind(id).bind(new.client.as_str()).bind(new.key.key.as_bytes().as_slice());
            let insert = insert.bind(new.key.body.as_bytes().as_slice()).bind(reference.as_bytes().as_slice());
            let insert = insert.bind(&new.municipality).bind(new.issued_at.millis()).bind(&body);
            if !is_one(insert, &mut transaction).await? {
                // Its key goes with it.
                transaction.rollback().await?;
                return Ok(None);
            }
            queue(&mut transaction, &new, (CertificateAct::Issued, new.issued_at), &vault).await?;
            transaction.commit().await?;
            Ok(Some(InsertedCertificate::New))
        });
        if let Some(inserted) = inserted.await? {
            return Ok(inserted);
        }
        // Another call was first, and has committed by now.
        let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        Ok(earlier.unwrap_or(InsertedCertificate::KeyReused))
    }

    async fn find_certificate(&self, id: &CertificateId) -> Result<Option<HeldCertificate>, Fault> {
        let found = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        Ok(found.as_ref().map(|row| held(row, &self.vault)).transpose()?.flatten())
    }

    async fn find_certificate_by_key(&self, client: &ClientId, key: Digest) -> Result<Option<HeldCertificate>, Fault> {
        let find = ask(FIND_BY_KEY).bind(client.as_str()).bind(key.as_bytes().as_slice());
        let row = find.fetch_optional(&self.pool).await?;
        row.map_or(Ok(None), |row| held(&row, &self.vault))
    }

    async fn find_certificate_by_reference(&self, reference: Digest) -> Result<Option<HeldCertificate>, Fault> {
        let find = ask(FIND_BY_REFERENCE).bind(reference.as_bytes().as_slice());
        let row = find.fetch_optional(&self.pool).await?;
        row.map_or(Ok(None), |row| held(&row, &self.vault))
    }

    async fn list_certificates(
        &self,
        client: &ClientId,
        before: &Before<CertificateId>,
    ) -> Result<Vec<HeldCertificate>, Fault> {
        let (at, id) = before.bound();
        let list = ask(LIST).bind(client.as_str()).bind(at).bind(id).bind(i64::from(before.limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn revoke_certificate(
        &self,
        id: &CertificateId,
        client: &ClientId,
        revocation: Revocation,
    ) -> Result<bool, Fault> {
        let (id, client, vault) = (id.clone(), client.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let (at, reason) = (revocation.at, revocation.reason);
            let revoke = ask(REVOKE).bind(id.as_str()).bind(client.as_str()).bind(at.millis()).bind(reason.as_str());
            let row = revoke.fetch_optional(&mut *transaction).await?;
            let Some(one) = row.as_ref().map(|row| held(row, &vault)).transpose()?.flatten() else {
                transaction.rollback().await?;
                return Ok(false);
            };
            certificate_revoked(&mut transaction, (&id, &client, at), &vault).await?;
            queue(&mut transaction, &one.certificate, (CertificateAct::Revoked(reason), at), &vault).await?;
            transaction.commit().await?;
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
        self.transact(async move |mut transaction| {
            let open = ask(OPEN).bind(reference.as_bytes().as_slice()).bind(&municipality).bind(at.millis());
            let row = open.fetch_optional(&mut *transaction).await?;
            let Some(one) = row.as_ref().map(|row| held(row, &vault)).transpose()?.flatten() else {
                transaction.rollback().await?;
                return Ok(None);
            };
            queue(&mut transaction, &one.certificate, (CertificateAct::Opened(&by), at), &vault).await?;
            transaction.commit().await?;
            Ok(Some(one))
        })
        .await
    }
}
