//! Self-information requests and their sealed results.

use super::data_keys::{key_of, opened};
use super::evidence::kept;
use super::{PostgresStore, ask, is_one};
use crate::domain::access::Access;
use crate::domain::evidence::{Event, Leaf};
use crate::domain::ids::{ClientId, RequestId};
use crate::domain::retrieval::{IdempotencyKey, RequestState, RetrievalRequest};
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{InsertedRequest, RequestStore};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

statements! {
    /// Writes nothing when the key is known, or when the grant is not in force at the request's own time. Waits for a
    /// revocation under way, and is waited for by one that comes after.
    INSERT = "INSERT INTO requests (id, client_id, grant_id, idempotency_key, idempotency_body, state, lease_owner,
            lease_until, expires_at, body)
        SELECT $1, $2, id, $4, $5, $6, $7, $8, $9, $10 FROM grants
        WHERE id = $3 AND state = 'active' AND paused_at IS NULL AND held_at IS NULL AND expires_at > $11 FOR SHARE
        ON CONFLICT (client_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING";
    FIND = "SELECT body, state, id, grant_id, (SELECT sealed FROM data_keys WHERE data_keys.id = grant_id)
        FROM requests WHERE id = $1";
    FIND_BY_KEY = "SELECT body, state, id, grant_id, (SELECT sealed FROM data_keys WHERE data_keys.id = grant_id)
        FROM requests WHERE client_id = $1 AND idempotency_key = $2";
    LEASE = "WITH free AS MATERIALIZED (
            SELECT id FROM requests WHERE state = 'accepted' AND lease_until <= $2 AND expires_at > $2
            ORDER BY lease_until LIMIT $4 FOR UPDATE SKIP LOCKED)
        UPDATE requests SET lease_owner = $1, lease_until = $3 FROM free WHERE requests.id = free.id
        RETURNING body, state, requests.id, grant_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grant_id)";
    /// Needs no lock on the grant: a revocation under way waits for this row, and cancels what it then finds.
    FINISH = "WITH finished AS (
            UPDATE requests SET result = $2,
                state = CASE WHEN $2::bytea IS NULL THEN 'delivered' ELSE 'completed' END
            WHERE id = $1 AND state = 'accepted'
            AND EXISTS (SELECT 1 FROM grants
                WHERE grants.id = requests.grant_id AND grants.state = 'active' AND grants.paused_at IS NULL
                AND grants.held_at IS NULL)
            RETURNING id),
        line AS (INSERT INTO accesses (id, at, subject_id, body, grant_id) SELECT $3, $4, $5, $6, $12 FROM finished),
        kept AS (INSERT INTO evidence_records (receipt, at, client_id, subject_id, salt, body, key_id)
            SELECT $7, $4, $8, $5, $9, $10, $12 FROM finished)
        INSERT INTO evidence_queue (receipt, commitment) SELECT $7, $11 FROM finished";
    FIND_RESULT = "SELECT result FROM requests WHERE id = $1 AND state = 'completed'";
    TAKE_RESULT = "WITH waiting AS MATERIALIZED (
            SELECT id, result FROM requests WHERE id = $1 AND state = 'completed' FOR UPDATE)
        UPDATE requests SET state = 'delivered', result = NULL FROM waiting
        WHERE requests.id = waiting.id AND requests.state = 'completed' RETURNING waiting.result";
    END = "UPDATE requests SET state = $2, result = NULL WHERE id = $1 AND state IN ('accepted', 'completed')";
    CANCEL_OF = "UPDATE requests SET state = 'cancelled', result = NULL
        WHERE grant_id = ANY($1) AND state IN ('accepted', 'completed')";
}

/// Cancels what is open under grants and drops its results, within the grants' revocation.
pub(super) async fn cancel_requests_of(connection: &mut PgConnection, grants: &[&str]) -> Result<(), Fault> {
    ask(CANCEL_OF).bind(grants).execute(connection).await?;
    Ok(())
}

/// Writes a new request, alone or with the use that it counts as; false when it was not written.
pub(super) async fn insert(
    connection: &mut PgConnection,
    request: &RetrievalRequest,
    (owner, lease_until): (&str, Timestamp),
    vault: &Vault,
) -> Result<bool, Fault> {
    let key = request.idempotency.as_ref();
    let name = key.map(|key| blinded(vault, &key.key)).transpose()?;
    let sent = key.map(|key| blinded(vault, &key.body)).transpose()?;
    let record_key = key_of(connection, vault, request.grant.as_str()).await?;
    let insert = ask(INSERT)
        .bind(request.id.as_str())
        .bind(request.client.as_str())
        .bind(request.grant.as_str())
        .bind(name.as_ref().map(<[u8; 32]>::as_slice))
        .bind(sent.as_ref().map(<[u8; 32]>::as_slice))
        .bind(request.state.as_str())
        .bind(owner)
        .bind(lease_until.millis())
        .bind(request.expires_at.millis())
        .bind(vault.seal(&record_key, &format!("request:{}", request.id), request)?)
        .bind(request.created_at.millis());
    is_one(insert, connection).await
}

fn request(row: &PgRow, vault: &Vault) -> Result<Option<RetrievalRequest>, Fault> {
    let Some(body) = opened(row, vault, "request", 2)? else { return Ok(None) };
    record::request(&body, row.try_get(1)?).map(Some)
}

/// A caller's key, by which the request is found: guessable, so it is kept as no digest of it alone.
fn blinded(vault: &Vault, digest: &Digest) -> Result<[u8; 32], Fault> {
    vault.blinded("idempotency", digest)
}

#[async_trait]
impl RequestStore for PostgresStore {
    async fn insert_request(
        &self,
        request: &RetrievalRequest,
        owner: &str,
        lease_until: Timestamp,
    ) -> Result<InsertedRequest, Fault> {
        if insert(&mut *self.pool.acquire().await?, request, (owner, lease_until), &self.vault).await? {
            return Ok(InsertedRequest::New);
        }
        let Some(key) = &request.idempotency else { return Ok(InsertedRequest::GrantOver) };
        let earlier = self.find_request_by_key(&request.client, key).await?;
        Ok(InsertedRequest::from_earlier(request, earlier))
    }

    async fn find_request(&self, id: &RequestId) -> Result<Option<RetrievalRequest>, Fault> {
        let row = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        Ok(row.as_ref().map(|row| request(row, &self.vault)).transpose()?.flatten())
    }

    async fn lease_requests(
        &self,
        owner: &str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<RetrievalRequest>, Fault> {
        let lease = ask(LEASE).bind(owner).bind(now.millis()).bind(lease_until.millis()).bind(i64::from(limit));
        let rows = lease.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| request(row, &self.vault).transpose()).collect()
    }

    async fn finish_request(&self, id: &RequestId, result: Option<&[u8]>, access: &Access) -> Result<bool, Fault> {
        let finish = ask(FINISH).bind(id.as_str()).bind(result).bind(access.id.as_str()).bind(access.at.millis());
        let leaf = Leaf::of(&Event::Access(access), self.vault.entropy());
        let mut connection = self.pool.acquire().await?;
        let key = key_of(&mut connection, &self.vault, access.grant.as_str()).await?;
        let (salt, record) = kept(&leaf, Some(&key), &self.vault)?;
        let line = self.vault.seal(&key, &format!("access:{}", access.id), access)?;
        let finish = finish.bind(access.subject.as_str()).bind(line);
        let finish = finish.bind(leaf.receipt.as_str()).bind(access.client.as_str()).bind(salt);
        let finish = finish.bind(record).bind(leaf.commitment.as_bytes().as_slice()).bind(access.grant.as_str());
        Ok(finish.execute(&mut *connection).await?.rows_affected() == 1)
    }

    async fn find_result(&self, id: &RequestId) -> Result<Option<Vec<u8>>, Fault> {
        let row = ask(FIND_RESULT).bind(id.as_str()).fetch_optional(&self.pool).await?;
        row.map(|row| Ok(row.try_get(0)?)).transpose()
    }

    async fn take_result(&self, id: &RequestId) -> Result<Option<Vec<u8>>, Fault> {
        let row = ask(TAKE_RESULT).bind(id.as_str()).fetch_optional(&self.pool).await?;
        row.map(|row| Ok(row.try_get(0)?)).transpose()
    }

    async fn end_request(&self, id: &RequestId, state: RequestState) -> Result<bool, Fault> {
        if !matches!(state, RequestState::Cancelled | RequestState::Expired) {
            return Err(Fault::Internal(format!("a request cannot be ended as {}", state.as_str())));
        }
        let end = ask(END).bind(id.as_str()).bind(state.as_str());
        Ok(end.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn find_request_by_key(
        &self,
        client: &ClientId,
        key: &IdempotencyKey,
    ) -> Result<Option<RetrievalRequest>, Fault> {
        let name = blinded(&self.vault, &key.key)?;
        let row = ask(FIND_BY_KEY).bind(client.as_str()).bind(name.as_slice()).fetch_optional(&self.pool).await?;
        Ok(row.as_ref().map(|row| request(row, &self.vault)).transpose()?.flatten())
    }
}
