//! Questions to citizens who answer away from the client.

use super::erasure::is_closed;
use super::grants::insert_grant;
use super::representations::may_be_given;
use super::{PostgresStore, ask, is_one};
use crate::domain::decoupled::DecoupledRequest;
use crate::domain::grant::Grant;
use crate::domain::ids::{ClientId, DecoupledId, SubjectId};
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{DecoupledStore, EARLY, NewDecoupled, Polled, SLOWER, SLOWEST};
use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO decoupled
            (id, digest, user_code, client_id, subject_id, state, pace_millis, expires_at, body)
        VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8) ON CONFLICT (user_code) DO NOTHING";
    CLAIM = "UPDATE decoupled SET subject_id = $2
        WHERE user_code = $1 AND state = 'open' AND expires_at > $3 AND (subject_id IS NULL OR subject_id = $2)
        RETURNING body, id";
    FIND = "SELECT body, id FROM decoupled WHERE id = $1 AND subject_id = $2 AND state = 'open' AND expires_at > $3";
    LIST = "SELECT body, id FROM decoupled WHERE subject_id = $1 AND state = 'open' AND expires_at > $2
        ORDER BY expires_at, id LIMIT $3";
    DECIDE = "UPDATE decoupled SET state = CASE WHEN $3::text IS NULL THEN 'refused' ELSE 'granted' END, grant_id = $3
        WHERE id = $1 AND subject_id = $2 AND state = 'open' AND expires_at > $4";
    TAKE = "UPDATE decoupled SET state = 'taken'
        WHERE digest = $1 AND client_id = $2 AND state = 'granted' AND expires_at > $3 RETURNING grant_id";
    /// In time as to the pace, or asked for the first time.
    POLL = "UPDATE decoupled SET asked_at = $3 WHERE digest = $1 AND client_id = $2 AND state = 'open'
        AND expires_at > $3 AND (asked_at IS NULL OR asked_at + pace_millis - $4 <= $3)";
    SLOW_DOWN = "UPDATE decoupled SET asked_at = $3, pace_millis = least(pace_millis + $4, $5)
        WHERE digest = $1 AND client_id = $2 AND state = 'open' AND expires_at > $3";
    STATE = "SELECT state, expires_at FROM decoupled WHERE digest = $1 AND client_id = $2";
    PUT_PAIRWISE = "INSERT INTO pairwise_subjects (sub, subject_id) VALUES ($1, $2) ON CONFLICT (sub) DO NOTHING";
    FIND_PAIRWISE = "SELECT subject_id FROM pairwise_subjects WHERE sub = $1";
}

fn request(row: &PgRow, vault: &Vault) -> Result<DecoupledRequest, Fault> {
    let body = vault.show(&named(row.try_get(1)?), row.try_get(0)?)?;
    record::read("decoupled request", &body)
}

fn named(id: &str) -> String {
    format!("decoupled request:{id}")
}

#[async_trait]
impl DecoupledStore for PostgresStore {
    async fn insert_decoupled(&self, new: &NewDecoupled<'_>) -> Result<bool, Fault> {
        let insert = ask(INSERT).bind(new.request.id.as_str()).bind(new.digest.as_bytes());
        let body = self.vault.hide(&named(new.request.id.as_str()), &record::write(new.request)?)?;
        let insert = insert.bind(new.user_code.as_ref().map(Digest::as_bytes)).bind(new.request.client.as_str());
        let insert = insert.bind(new.subject.map(SubjectId::as_str)).bind(record::millis(new.pace));
        let insert = insert.bind(new.request.expires_at.millis()).bind(body);
        Ok(insert.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn claim_decoupled(
        &self,
        user_code: Digest,
        subject: &SubjectId,
        now: Timestamp,
    ) -> Result<Option<DecoupledRequest>, Fault> {
        let claim = ask(CLAIM).bind(user_code.as_bytes()).bind(subject.as_str()).bind(now.millis());
        let row = claim.fetch_optional(&self.pool).await?;
        row.as_ref().map(|row| request(row, &self.vault)).transpose()
    }

    async fn find_decoupled(
        &self,
        id: &DecoupledId,
        subject: &SubjectId,
        now: Timestamp,
    ) -> Result<Option<DecoupledRequest>, Fault> {
        let find = ask(FIND).bind(id.as_str()).bind(subject.as_str()).bind(now.millis());
        let row = find.fetch_optional(&self.pool).await?;
        row.as_ref().map(|row| request(row, &self.vault)).transpose()
    }

    async fn list_decoupled(
        &self,
        subject: &SubjectId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<DecoupledRequest>, Fault> {
        let list = ask(LIST).bind(subject.as_str()).bind(now.millis()).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(|row| request(row, &self.vault)).collect()
    }

    async fn take_decoupled_decision(
        &self,
        id: &DecoupledId,
        subject: &SubjectId,
        grant: Option<&Grant>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let (id, subject, grant) = (id.clone(), subject.clone(), grant.cloned());
        let vault = Arc::clone(&self.vault);
        self.transact(async move |mut transaction| {
            let decide = ask(DECIDE).bind(id.as_str()).bind(subject.as_str());
            let decide = decide.bind(grant.as_ref().map(|grant| grant.id.as_str())).bind(now.millis());
            if is_closed(&mut transaction, subject.as_str()).await? || !is_one(decide, &mut transaction).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            if let Some(grant) = &grant {
                if !may_be_given(&mut transaction, grant, now).await? {
                    transaction.rollback().await?;
                    return Ok(false);
                }
                insert_grant(&mut transaction, grant, &vault).await?;
            }
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn poll_decoupled(&self, digest: Digest, client: &ClientId, now: Timestamp) -> Result<Polled, Fault> {
        let (key, id, at) = (digest.as_bytes(), client.as_str(), now.millis());
        // Each statement decides by itself; between two of them only the citizen can answer, and then the next poll
        // finds it.
        let taken = ask(TAKE).bind(key).bind(id).bind(at).fetch_optional(&self.pool).await?;
        if let Some(row) = taken {
            return Ok(Polled::Granted(record::id(row.try_get(0)?)?));
        }
        let poll = ask(POLL).bind(key).bind(id).bind(at).bind(record::millis(EARLY));
        if poll.execute(&self.pool).await?.rows_affected() == 1 {
            return Ok(Polled::Pending);
        }
        let slow_down = ask(SLOW_DOWN).bind(key).bind(id).bind(at);
        let slow_down = slow_down.bind(record::millis(SLOWER)).bind(record::millis(SLOWEST));
        if slow_down.execute(&self.pool).await?.rows_affected() == 1 {
            return Ok(Polled::TooSoon);
        }
        let state = ask(STATE).bind(key).bind(id).fetch_optional(&self.pool).await?;
        let Some(row) = state else { return Ok(Polled::Unknown) };
        record::polled(row.try_get(0)?, Timestamp::from_millis(row.try_get(1)?), now)
    }

    async fn put_pairwise(&self, sub: Digest, subject: &SubjectId) -> Result<(), Fault> {
        ask(PUT_PAIRWISE).bind(sub.as_bytes()).bind(subject.as_str()).execute(&self.pool).await?;
        Ok(())
    }

    async fn find_pairwise(&self, sub: Digest) -> Result<Option<SubjectId>, Fault> {
        let row = ask(FIND_PAIRWISE).bind(sub.as_bytes()).fetch_optional(&self.pool).await?;
        row.map(|row| record::id(row.try_get(0)?)).transpose()
    }
}
