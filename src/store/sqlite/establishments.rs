//! Establishments of companies.

use super::SqliteStore;
use super::data_keys::{key_of, opened};
use super::database::Database;
use super::evidence::queue_event;
use super::submissions::insert_event;
use crate::domain::establishment::{Establishment, EstablishmentAct, EstablishmentState};
use crate::domain::evidence::Event;
use crate::domain::ids::{ClientId, EstablishmentId};
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{Before, EstablishmentChange, EstablishmentStore, HeldEstablishment, InsertedEstablishment, record};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO establishments (id, client_id, idempotency_key, created_at, due_at, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (client_id, idempotency_key) DO NOTHING";
    INSERT_CODE = "INSERT INTO establishment_codes (digest, establishment_id, place) VALUES (?1, ?2, ?3)";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = establishments.id), version
        FROM establishments WHERE id = ?1";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = establishments.id), version
        FROM establishments WHERE client_id = ?1 AND idempotency_key = ?2";
    FIND_BY_CODE = "SELECT e.body, e.id, e.id, (SELECT sealed FROM data_keys WHERE data_keys.id = e.id), e.version, c.place
        FROM establishment_codes c JOIN establishments e ON e.id = c.establishment_id WHERE c.digest = ?1";
    LIST = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = establishments.id), version
        FROM establishments WHERE client_id = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4";
    UPDATE = "UPDATE establishments SET body = ?3, due_at = ?4, kept_from = ?5, version = version + 1
        WHERE id = ?1 AND version = ?2";
    FORGET_CODES = "DELETE FROM establishment_codes WHERE establishment_id = ?1";
    /// Asked first: most of the time nothing is due, and the writer need not be troubled.
    IS_DUE = "SELECT 1 FROM establishments WHERE due_at <= ?1 LIMIT 1";
    LEASE = "UPDATE establishments SET due_at = ?2, version = version + 1 WHERE id = (
            SELECT id FROM establishments WHERE due_at <= ?1 ORDER BY due_at LIMIT 1)
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = establishments.id), version";
}

/// None where its key was destroyed.
fn held(row: &Row<'_>, vault: &Vault) -> Result<Option<HeldEstablishment>, Fault> {
    let Some(body) = opened(row, vault, "establishment", 1)? else { return Ok(None) };
    let (establishment, version) = (record::read("establishment", &body)?, record::count(row.get(4)?)?);
    Ok(Some(HeldEstablishment { establishment, version }))
}

fn sealed(database: Database<'_>, one: &Establishment, vault: &Vault) -> Result<String, Fault> {
    let id = one.id.as_str();
    vault.seal(&key_of(database, vault, id)?, &format!("establishment:{id}"), one)
}

fn insert(
    database: Database<'_>,
    new: &Establishment,
    codes: &[Digest],
    vault: &Vault,
) -> Result<InsertedEstablishment, Fault> {
    let (id, client, key) = (new.id.as_str(), new.client.as_str(), new.key.key.as_bytes());
    if let Some(earlier) = database.find_readable(FIND_BY_KEY, params![client, key], |row| held(row, vault))? {
        let is_same = earlier.establishment.key == new.key;
        return Ok(if is_same {
            InsertedEstablishment::Same(Box::new(earlier))
        } else {
            InsertedEstablishment::KeyReused
        });
    }
    let body = sealed(database, new, vault)?;
    let values = params![id, client, key, new.created_at.millis(), new.sign_until.millis(), body];
    // One writer: nobody came between the look and the write; a key whose record does not open any more stays taken.
    if database.execute(INSERT, values)? != 1 {
        return Ok(InsertedEstablishment::KeyReused);
    }
    for (place, code) in (0_i64..).zip(codes) {
        database.execute(INSERT_CODE, params![code.as_bytes(), id, place])?;
    }
    let event = Event::Establishment { one: new, act: EstablishmentAct::Begun, at: new.created_at };
    queue_event(database, &event, vault)?;
    Ok(InsertedEstablishment::New)
}

fn update(database: Database<'_>, change: &EstablishmentChange, vault: &Vault) -> Result<bool, Fault> {
    let one = &change.establishment;
    let (id, version) = (one.id.as_str(), record::column(change.version)?);
    let kept_from = one.kept_from().map(Timestamp::millis);
    let due = change.due_at.map(Timestamp::millis);
    if database.execute(UPDATE, params![id, version, sealed(database, one, vault)?, due, kept_from])? != 1 {
        return Ok(false);
    }
    if one.state != EstablishmentState::AwaitingSignatures {
        database.execute(FORGET_CODES, [id])?;
    }
    if let Some(act) = change.act {
        queue_event(database, &Event::Establishment { one, act, at: one.acted_at(act) }, vault)?;
        if let Some(event) = SubmissionEvent::of_establishment(one, act) {
            insert_event(database, (&one.client, id), (event.at, &record::write(&event)?), vault)?;
        }
    }
    Ok(true)
}

#[async_trait]
impl EstablishmentStore for SqliteStore {
    async fn insert_establishment(
        &self,
        new: &Establishment,
        codes: &[Digest],
    ) -> Result<InsertedEstablishment, Fault> {
        let (new, codes, vault) = (new.clone(), codes.to_vec(), Arc::clone(&self.vault));
        self.write(move |database| insert(database, &new, &codes, &vault)).await
    }

    async fn find_establishment(&self, id: &EstablishmentId) -> Result<Option<HeldEstablishment>, Fault> {
        self.read(|database| database.find_readable(FIND, [id.as_str()], |row| held(row, &self.vault)))
    }

    async fn find_establishment_by_code(&self, code: Digest) -> Result<Option<(HeldEstablishment, usize)>, Fault> {
        self.read(|database| {
            database.find_readable(FIND_BY_CODE, [code.as_bytes()], |row| {
                let place = row.get::<_, i64>(5)?;
                Ok(held(row, &self.vault)?.zip(usize::try_from(place).ok()))
            })
        })
    }

    async fn list_establishments(
        &self,
        client: &ClientId,
        before: &Before<EstablishmentId>,
    ) -> Result<Vec<HeldEstablishment>, Fault> {
        let (at, id) = before.bound();
        let values = params![client.as_str(), at, id, before.limit];
        self.read(|database| database.list_readable(LIST, values, |row| held(row, &self.vault)))
    }

    async fn update_establishment(&self, change: &EstablishmentChange) -> Result<bool, Fault> {
        let (change, vault) = (change.clone(), Arc::clone(&self.vault));
        self.take(move |database| update(database, &change, &vault)).await
    }

    async fn lease_establishment(&self, now: Timestamp, until: Timestamp) -> Result<Option<HeldEstablishment>, Fault> {
        if self.read(|database| database.find(IS_DUE, [now.millis()], |_| Ok(())))?.is_none() {
            return Ok(None);
        }
        let vault = Arc::clone(&self.vault);
        self.write(move |database| {
            database.find_readable(LEASE, params![now.millis(), until.millis()], |row| held(row, &vault))
        })
        .await
    }
}
