//! Establishments of companies.

use super::data_keys::{key_of, opened};
use super::evidence::queue_events;
use super::submissions::insert_events;
use super::{PostgresStore, ask, end, is_one};
use crate::domain::establishment::{Establishment, EstablishmentAct, EstablishmentState};
use crate::domain::evidence::Event;
use crate::domain::ids::{ClientId, EstablishmentId};
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, EstablishmentChange, EstablishmentStore, HeldEstablishment, InsertedEstablishment, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    /// Waits for another caller with the same key, and then finds the key taken.
    INSERT = "INSERT INTO establishments (id, client_id, idempotency_key, created_at, due_at, body)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (client_id, idempotency_key) DO NOTHING";
    INSERT_CODES = "INSERT INTO establishment_codes (digest, establishment_id, place)
        SELECT c.digest, $1, c.place FROM unnest($2::bytea[], $3::bigint[]) AS c (digest, place)";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = establishments.id), version
        FROM establishments WHERE id = $1";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = establishments.id), version
        FROM establishments WHERE client_id = $1 AND idempotency_key = $2";
    FIND_BY_CODE = "SELECT e.body, e.id, e.id, (SELECT sealed FROM data_keys WHERE data_keys.id = e.id), e.version, c.place
        FROM establishment_codes c JOIN establishments e ON e.id = c.establishment_id WHERE c.digest = $1";
    LIST = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = establishments.id), version
        FROM establishments WHERE client_id = $1 AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC LIMIT $4";
    UPDATE = "UPDATE establishments SET body = $3, due_at = $4, kept_from = $5, version = version + 1
        WHERE id = $1 AND version = $2";
    FORGET_CODES = "DELETE FROM establishment_codes WHERE establishment_id = $1";
    LEASE = "UPDATE establishments SET due_at = $2, version = version + 1 WHERE id = (
            SELECT id FROM establishments WHERE due_at <= $1 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = establishments.id), version";
}

/// None where its key was destroyed.
fn held(row: &PgRow, vault: &Vault) -> Result<Option<HeldEstablishment>, Fault> {
    let Some(body) = opened(row, vault, "establishment", 1)? else { return Ok(None) };
    let (establishment, version) = (record::read("establishment", &body)?, record::count(row.try_get(4)?)?);
    Ok(Some(HeldEstablishment { establishment, version }))
}

async fn sealed(connection: &mut PgConnection, one: &Establishment, vault: &Vault) -> Result<String, Fault> {
    let id = one.id.as_str();
    let key = key_of(connection, vault, id).await?;
    vault.seal(&key, &format!("establishment:{id}"), one)
}

async fn taken(
    connection: &mut PgConnection,
    new: &Establishment,
    vault: &Vault,
) -> Result<Option<InsertedEstablishment>, Fault> {
    let find = ask(FIND_BY_KEY).bind(new.client.as_str()).bind(new.key.key.as_bytes().as_slice());
    let Some(row) = find.fetch_optional(connection).await? else { return Ok(None) };
    Ok(Some(match held(&row, vault)? {
        Some(earlier) if earlier.establishment.key == new.key => InsertedEstablishment::Same(Box::new(earlier)),
        // Another one's, or one that does not open any more.
        _ => InsertedEstablishment::KeyReused,
    }))
}

/// False when another call with the same key was first.
async fn insert(
    connection: &mut PgConnection,
    new: &Establishment,
    codes: &[Digest],
    vault: &Vault,
) -> Result<bool, Fault> {
    let body = sealed(connection, new, vault).await?;
    let insert = ask(INSERT).bind(new.id.as_str()).bind(new.client.as_str()).bind(new.key.key.as_bytes().as_slice());
    let insert = insert.bind(new.created_at.millis()).bind(new.sign_until.millis()).bind(body);
    if !is_one(insert, connection).await? {
        return Ok(false);
    }
    let digests: Vec<Vec<u8>> = codes.iter().map(|code| code.as_bytes().to_vec()).collect();
    let places: Vec<i64> = (0_i64..).zip(codes).map(|(place, _)| place).collect();
    ask(INSERT_CODES).bind(new.id.as_str()).bind(digests).bind(places).execute(&mut *connection).await?;
    let event = Event::Establishment { one: new, act: EstablishmentAct::Begun, at: new.created_at };
    queue_events(connection, &[event], vault).await?;
    Ok(true)
}

/// False when it is another by now.
async fn update(connection: &mut PgConnection, change: &EstablishmentChange, vault: &Vault) -> Result<bool, Fault> {
    let one = &change.establishment;
    let id = one.id.as_str();
    let body = sealed(connection, one, vault).await?;
    let write = ask(UPDATE).bind(id).bind(record::column(change.version)?).bind(body);
    let write = write.bind(change.due_at.map(Timestamp::millis)).bind(one.kept_from().map(Timestamp::millis));
    if !is_one(write, connection).await? {
        return Ok(false);
    }
    if one.state != EstablishmentState::AwaitingSignatures {
        ask(FORGET_CODES).bind(id).execute(&mut *connection).await?;
    }
    if let Some(act) = change.act {
        queue_events(connection, &[Event::Establishment { one, act, at: one.acted_at(act) }], vault).await?;
        if let Some(event) = SubmissionEvent::of_establishment(one, act) {
            let events = [record::write(&event)?];
            insert_events(connection, (&one.client, id), (event.at, &events), vault).await?;
        }
    }
    Ok(true)
}

#[async_trait]
impl EstablishmentStore for PostgresStore {
    async fn insert_establishment(
        &self,
        new: &Establishment,
        codes: &[Digest],
    ) -> Result<InsertedEstablishment, Fault> {
        let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        if let Some(earlier) = earlier {
            return Ok(earlier);
        }
        let (one, codes, vault) = (new.clone(), codes.to_vec(), Arc::clone(&self.vault));
        let is_new = self.transact(async move |mut transaction| {
            // Where it is not, its key goes with it.
            let is_done = insert(&mut transaction, &one, &codes, &vault).await?;
            end(transaction, is_done).await
        });
        if is_new.await? {
            return Ok(InsertedEstablishment::New);
        }
        // Another call was first, and has committed by now.
        let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        Ok(earlier.unwrap_or(InsertedEstablishment::KeyReused))
    }

    async fn find_establishment(&self, id: &EstablishmentId) -> Result<Option<HeldEstablishment>, Fault> {
        let found = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        Ok(found.as_ref().map(|row| held(row, &self.vault)).transpose()?.flatten())
    }

    async fn find_establishment_by_code(&self, code: Digest) -> Result<Option<(HeldEstablishment, usize)>, Fault> {
        let found = ask(FIND_BY_CODE).bind(code.as_bytes().as_slice()).fetch_optional(&self.pool).await?;
        let Some(row) = found else { return Ok(None) };
        let place = row.try_get::<i64, _>(5)?;
        Ok(held(&row, &self.vault)?.zip(usize::try_from(place).ok()))
    }

    async fn list_establishments(
        &self,
        client: &ClientId,
        before: &Before<EstablishmentId>,
    ) -> Result<Vec<HeldEstablishment>, Fault> {
        let (at, id) = before.bound();
        let list = ask(LIST).bind(client.as_str()).bind(at).bind(id).bind(i64::from(before.limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn update_establishment(&self, change: &EstablishmentChange) -> Result<bool, Fault> {
        let (change, vault) = (change.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let is_done = update(&mut transaction, &change, &vault).await?;
            end(transaction, is_done).await
        })
        .await
    }

    async fn lease_establishment(&self, now: Timestamp, until: Timestamp) -> Result<Option<HeldEstablishment>, Fault> {
        let row = ask(LEASE).bind(now.millis()).bind(until.millis()).fetch_optional(&self.pool).await?;
        Ok(row.as_ref().map(|row| held(row, &self.vault)).transpose()?.flatten())
    }
}
