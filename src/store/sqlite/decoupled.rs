//! Questions to citizens who answer away from the client.

use super::SqliteStore;
use super::database::Database;
use super::erasure::is_closed;
use super::grants::insert_grant;
use super::representations::may_be_given;
use crate::domain::decoupled::DecoupledRequest;
use crate::domain::grant::Grant;
use crate::domain::ids::{ClientId, DecoupledId, GrantId, SubjectId};
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{DecoupledStore, EARLY, NewDecoupled, Polled, SLOWER, SLOWEST};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO decoupled
            (id, digest, user_code, client_id, subject_id, state, pace_millis, expires_at, body)
        VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6, ?7, ?8) ON CONFLICT (user_code) DO NOTHING";
    CLAIM = "UPDATE decoupled SET subject_id = ?2
        WHERE user_code = ?1 AND state = 'open' AND expires_at > ?3 AND (subject_id IS NULL OR subject_id = ?2)
        RETURNING body, id";
    FIND = "SELECT body, id FROM decoupled WHERE id = ?1 AND subject_id = ?2 AND state = 'open' AND expires_at > ?3";
    LIST = "SELECT body, id FROM decoupled WHERE subject_id = ?1 AND state = 'open' AND expires_at > ?2
        ORDER BY expires_at, id LIMIT ?3";
    DECIDE = "UPDATE decoupled SET state = CASE WHEN ?3 IS NULL THEN 'refused' ELSE 'granted' END, grant_id = ?3
        WHERE id = ?1 AND subject_id = ?2 AND state = 'open' AND expires_at > ?4";
    TAKE = "UPDATE decoupled SET state = 'taken'
        WHERE digest = ?1 AND client_id = ?2 AND state = 'granted' AND expires_at > ?3 RETURNING grant_id";
    /// In time as to the pace, or asked for the first time.
    POLL = "UPDATE decoupled SET asked_at = ?3 WHERE digest = ?1 AND client_id = ?2 AND state = 'open'
        AND expires_at > ?3 AND (asked_at IS NULL OR asked_at + pace_millis - ?4 <= ?3)";
    SLOW_DOWN = "UPDATE decoupled SET asked_at = ?3, pace_millis = min(pace_millis + ?4, ?5)
        WHERE digest = ?1 AND client_id = ?2 AND state = 'open' AND expires_at > ?3";
    STATE = "SELECT state, expires_at FROM decoupled WHERE digest = ?1 AND client_id = ?2";
    PUT_PAIRWISE = "INSERT INTO pairwise_subjects (sub, subject_id) VALUES (?1, ?2) ON CONFLICT (sub) DO NOTHING";
    FIND_PAIRWISE = "SELECT subject_id FROM pairwise_subjects WHERE sub = ?1";
}

fn request(row: &Row<'_>, vault: &Vault) -> Result<DecoupledRequest, Fault> {
    let id: String = row.get(1)?;
    record::read("decoupled request", &vault.show(&named(&id), row.get(0)?)?)
}

fn named(id: &str) -> String {
    format!("decoupled request:{id}")
}

/// One writer, so nothing comes between these statements; each still says by itself whom it is for.
fn poll(database: Database<'_>, digest: Digest, client: &ClientId, now: Timestamp) -> Result<Polled, Fault> {
    let (key, id, at) = (digest.as_bytes(), client.as_str(), now.millis());
    let taken: Option<GrantId> = database.find(TAKE, params![key, id, at], |row| record::id(row.get(0)?))?;
    if let Some(grant) = taken {
        return Ok(Polled::Granted(grant));
    }
    if database.execute(POLL, params![key, id, at, record::millis(EARLY)])? == 1 {
        return Ok(Polled::Pending);
    }
    let slower = params![key, id, at, record::millis(SLOWER), record::millis(SLOWEST)];
    if database.execute(SLOW_DOWN, slower)? == 1 {
        return Ok(Polled::TooSoon);
    }
    let found = database.find(STATE, params![key, id], |row| {
        let expires_at = Timestamp::from_millis(row.get(1)?);
        record::polled(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?, expires_at, now)
    })?;
    Ok(found.unwrap_or(Polled::Unknown))
}

#[async_trait]
impl DecoupledStore for SqliteStore {
    async fn insert_decoupled(&self, new: &NewDecoupled<'_>) -> Result<bool, Fault> {
        let body = self.vault.hide(&named(new.request.id.as_str()), &record::write(new.request)?)?;
        let request = new.request.clone();
        let (digest, user_code, pace) = (new.digest, new.user_code, record::millis(new.pace));
        let subject = new.subject.cloned();
        self.take(move |database| {
            let values = params![
                request.id.as_str(),
                digest.as_bytes(),
                user_code.as_ref().map(Digest::as_bytes),
                request.client.as_str(),
                subject.as_ref().map(SubjectId::as_str),
                pace,
                request.expires_at.millis(),
                body,
            ];
            Ok(database.execute(INSERT, values)? == 1)
        })
        .await
    }

    async fn claim_decoupled(
        &self,
        user_code: Digest,
        subject: &SubjectId,
        now: Timestamp,
    ) -> Result<Option<DecoupledRequest>, Fault> {
        let (subject, vault) = (subject.clone(), Arc::clone(&self.vault));
        self.write(move |database| {
            database
                .find(CLAIM, params![user_code.as_bytes(), subject.as_str(), now.millis()], |row| request(row, &vault))
        })
        .await
    }

    async fn find_decoupled(
        &self,
        id: &DecoupledId,
        subject: &SubjectId,
        now: Timestamp,
    ) -> Result<Option<DecoupledRequest>, Fault> {
        let values = params![id.as_str(), subject.as_str(), now.millis()];
        self.read(|database| database.find(FIND, values, |row| request(row, &self.vault)))
    }

    async fn list_decoupled(
        &self,
        subject: &SubjectId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<DecoupledRequest>, Fault> {
        let values = params![subject.as_str(), now.millis(), limit];
        self.read(|database| database.list(LIST, values, |row| request(row, &self.vault)))
    }

    async fn take_decoupled_decision(
        &self,
        id: &DecoupledId,
        subject: &SubjectId,
        grant: Option<&Grant>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let (id, subject) = (id.clone(), subject.clone());
        let granted = grant.cloned();
        let vault = Arc::clone(&self.vault);
        self.take(move |database| {
            let grant_id = granted.as_ref().map(|grant| grant.id.as_str());
            let values = params![id.as_str(), subject.as_str(), grant_id, now.millis()];
            if is_closed(database, subject.as_str())? || database.execute(DECIDE, values)? != 1 {
                return Ok(false);
            }
            if let Some(grant) = &granted {
                if !may_be_given(database, grant, now)? {
                    return Ok(false);
                }
                insert_grant(database, grant, &vault)?;
            }
            Ok(true)
        })
        .await
    }

    async fn poll_decoupled(&self, digest: Digest, client: &ClientId, now: Timestamp) -> Result<Polled, Fault> {
        let client = client.clone();
        self.write(move |database| poll(database, digest, &client, now)).await
    }

    async fn put_pairwise(&self, sub: Digest, subject: &SubjectId) -> Result<(), Fault> {
        let subject = subject.clone();
        self.write(move |database| database.execute(PUT_PAIRWISE, params![sub.as_bytes(), subject.as_str()]).map(drop))
            .await
    }

    async fn find_pairwise(&self, sub: Digest) -> Result<Option<SubjectId>, Fault> {
        self.read(|database| database.find(FIND_PAIRWISE, [sub.as_bytes()], |row| record::id(row.get(0)?)))
    }
}
