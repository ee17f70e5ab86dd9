//! Self-information requests and their sealed results.

use super::SqliteStore;
use super::accesses::insert_access;
use super::data_keys::{key_of, opened};
use super::database::Database;
use crate::domain::access::Access;
use crate::domain::ids::{ClientId, RequestId};
use crate::domain::retrieval::{IdempotencyKey, RequestState, RetrievalRequest};
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{InsertedRequest, RequestStore};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    /// Writes nothing when the key is known, or when the grant is not in force at the request's own time.
    INSERT = "INSERT INTO requests (id, client_id, grant_id, idempotency_key, idempotency_body, state, lease_owner,
            lease_until, expires_at, body)
        SELECT ?1, ?2, id, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM grants
        WHERE id = ?3 AND state = 'active' AND paused_at IS NULL AND held_at IS NULL AND expires_at > ?11
        ON CONFLICT (client_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING";
    FIND = "SELECT body, state, id, grant_id, (SELECT sealed FROM data_keys WHERE data_keys.id = grant_id)
        FROM requests WHERE id = ?1";
    FIND_BY_KEY = "SELECT body, state, id, grant_id, (SELECT sealed FROM data_keys WHERE data_keys.id = grant_id)
        FROM requests WHERE client_id = ?1 AND idempotency_key = ?2";
    LEASE = "UPDATE requests SET lease_owner = ?1, lease_until = ?3 WHERE id IN (
            SELECT id FROM requests WHERE state = 'accepted' AND lease_until <= ?2 AND expires_at > ?2
            ORDER BY lease_until LIMIT ?4)
        RETURNING body, state, id, grant_id, (SELECT sealed FROM data_keys WHERE data_keys.id = grant_id)";
    FINISH = "UPDATE requests SET state = CASE WHEN ?2 IS NULL THEN 'delivered' ELSE 'completed' END, result = ?2
        WHERE id = ?1 AND state = 'accepted'
        AND EXISTS (SELECT 1 FROM grants
                WHERE grants.id = requests.grant_id AND grants.state = 'active' AND grants.paused_at IS NULL
                AND grants.held_at IS NULL)";
    FIND_RESULT = "SELECT result FROM requests WHERE id = ?1 AND state = 'completed'";
    DELIVER = "UPDATE requests SET state = 'delivered', result = NULL WHERE id = ?1 AND state = 'completed'";
    END = "UPDATE requests SET state = ?2, result = NULL WHERE id = ?1 AND state IN ('accepted', 'completed')";
    CANCEL_OF = "UPDATE requests SET state = 'cancelled', result = NULL
        WHERE grant_id = ?1 AND state IN ('accepted', 'completed')";
}

/// Cancels what is open under a grant and drops its results, within the grant's revocation.
pub(super) fn cancel_requests_of(database: Database<'_>, grant: &str) -> Result<(), Fault> {
    database.execute(CANCEL_OF, [grant]).map(drop)
}

fn request(row: &Row<'_>, vault: &Vault) -> Result<Option<RetrievalRequest>, Fault> {
    let Some(body) = opened(row, vault, "request", 2)? else { return Ok(None) };
    record::request(&body, row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?).map(Some)
}

/// A caller's key, by which the request is found: guessable, so it is kept as no digest of it alone.
fn blinded(vault: &Vault, digest: &Digest) -> Result<[u8; 32], Fault> {
    vault.blinded("idempotency", digest)
}

/// Writes a new request, alone or with the use that it counts as.
pub(super) fn insert(
    database: Database<'_>,
    request_row: &RetrievalRequest,
    (owner, lease_until): (&str, Timestamp),
    vault: &Vault,
) -> Result<InsertedRequest, Fault> {
    let key = request_row.idempotency.as_ref();
    let name = key.map(|key| blinded(vault, &key.key)).transpose()?;
    let sent = key.map(|key| blinded(vault, &key.body)).transpose()?;
    let record_key = key_of(database, vault, request_row.grant.as_str())?;
    let values = params![
        request_row.id.as_str(),
        request_row.client.as_str(),
        request_row.grant.as_str(),
        name,
        sent,
        request_row.state.as_str(),
        owner,
        lease_until.millis(),
        request_row.expires_at.millis(),
        vault.seal(&record_key, &format!("request:{}", request_row.id), request_row)?,
        request_row.created_at.millis(),
    ];
    if database.execute(INSERT, values)? == 1 {
        return Ok(InsertedRequest::New);
    }
    let Some(name) = name else { return Ok(InsertedRequest::GrantOver) };
    let values = params![request_row.client.as_str(), name];
    let earlier = database.find_readable(FIND_BY_KEY, values, |row| request(row, vault))?;
    Ok(InsertedRequest::from_earlier(request_row, earlier))
}

#[async_trait]
impl RequestStore for SqliteStore {
    async fn insert_request(
        &self,
        request: &RetrievalRequest,
        owner: &str,
        lease_until: Timestamp,
    ) -> Result<InsertedRequest, Fault> {
        let (request, owner, vault) = (request.clone(), owner.to_owned(), Arc::clone(&self.vault));
        self.write(move |database| insert(database, &request, (&owner, lease_until), &vault)).await
    }

    async fn find_request(&self, id: &RequestId) -> Result<Option<RetrievalRequest>, Fault> {
        self.read(|database| database.find_readable(FIND, [id.as_str()], |row| request(row, &self.vault)))
    }

    async fn lease_requests(
        &self,
        owner: &str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<RetrievalRequest>, Fault> {
        let (owner, vault) = (owner.to_owned(), Arc::clone(&self.vault));
        self.write(move |database| {
            let values = params![owner, now.millis(), lease_until.millis(), limit];
            database.list_readable(LEASE, values, |row| request(row, &vault))
        })
        .await
    }

    async fn finish_request(&self, id: &RequestId, result: Option<&[u8]>, access: &Access) -> Result<bool, Fault> {
        let (id, result, access) = (id.clone(), result.map(<[u8]>::to_vec), access.clone());
        let vault = Arc::clone(&self.vault);
        self.take(move |database| {
            let is_finished = database.execute(FINISH, params![id.as_str(), result])? == 1;
            if is_finished {
                insert_access(database, &access, &vault)?;
            }
            Ok(is_finished)
        })
        .await
    }

    async fn find_result(&self, id: &RequestId) -> Result<Option<Vec<u8>>, Fault> {
        self.read(|database| database.find(FIND_RESULT, [id.as_str()], |row| Ok(row.get(0)?)))
    }

    async fn take_result(&self, id: &RequestId) -> Result<Option<Vec<u8>>, Fault> {
        let id = id.clone();
        self.write(move |database| {
            // There is one writer, so nothing comes between these two; the second still says whose result it is.
            let result = database.find(FIND_RESULT, [id.as_str()], |row| Ok(row.get(0)?))?;
            let is_taken = database.execute(DELIVER, [id.as_str()])? == 1;
            Ok(result.filter(|_| is_taken))
        })
        .await
    }

    async fn end_request(&self, id: &RequestId, state: RequestState) -> Result<bool, Fault> {
        if !matches!(state, RequestState::Cancelled | RequestState::Expired) {
            return Err(Fault::Internal(format!("a request cannot be ended as {}", state.as_str())));
        }
        let id = id.clone();
        self.take(move |database| Ok(database.execute(END, params![id.as_str(), state.as_str()])? == 1)).await
    }

    async fn find_request_by_key(
        &self,
        client: &ClientId,
        key: &IdempotencyKey,
    ) -> Result<Option<RetrievalRequest>, Fault> {
        let values = params![client.as_str(), blinded(&self.vault, &key.key)?];
        self.read(|database| database.find_readable(FIND_BY_KEY, values, |row| request(row, &self.vault)))
    }
}
