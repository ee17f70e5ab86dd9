//! How often consents are used, pauses, and earlier words.

use super::data_keys::{key_of, opened};
use super::evidence::queue_events;
use super::requests::{cancel_requests_of, insert};
use super::thresholds::tell;
use super::{PostgresStore, ask, is_one};
use crate::domain::consent_event::ConsentChange;
use crate::domain::evidence::{Change, Event};
use crate::domain::grant::Grant;
use crate::domain::ids::{ClientId, GrantId, SubjectId};
use crate::domain::retrieval::RetrievalRequest;
use crate::domain::{Fault, Timestamp};
use crate::store::record;
use crate::store::statement::{Statement, statements};
use crate::store::vault::Vault;
use crate::store::{Charge, ConsentStore, CountedRequest, InsertedRequest, Lease, RequestStore as _};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    /// Changes a row only while a use is left; of two at once the second waits and looks again.
    TAKE_USE = "INSERT INTO consent_uses (grant_id, span, used, kept_until)
        SELECT $1, $2, 1, $4 WHERE $3 > 0::bigint
        ON CONFLICT (grant_id, span) DO UPDATE SET used = consent_uses.used + 1 WHERE consent_uses.used < $3";
    FIND_USED = "SELECT used FROM consent_uses WHERE grant_id = $1 AND span = $2";
    PAUSE = "UPDATE grants SET paused_at = $2
        WHERE id = $1 AND state = 'active' AND paused_at IS NULL AND expires_at > $2 AND subject_id IS NOT NULL
        RETURNING client_id, subject_id";
    RESUME = "UPDATE grants SET paused_at = NULL
        WHERE id = $1 AND state = 'active' AND paused_at IS NOT NULL AND expires_at > $2
        RETURNING client_id, subject_id";
    SUPERSEDE = "INSERT INTO superseded_grants (grant_id, at, body) VALUES ($1, $2, $3)
        ON CONFLICT (grant_id, at) DO NOTHING";
    /// Only for a client that wants to be told, and of a person's grant.
    NOTE = "INSERT INTO logout_notices (sign_in_id, client_id, subject_id, created_at, due_at, event, grant_id)
        SELECT grants.id || '.' || $2::text || '.' || $3::bigint, client_id, subject_id, $3, $3, $2, grants.id
        FROM grants JOIN clients ON clients.id = grants.client_id
        WHERE grants.id = $1 AND subject_id IS NOT NULL
            AND clients.body::jsonb #>> '{profile,consent_events_uri}' IS NOT NULL
        ON CONFLICT (sign_in_id) DO NOTHING";
    LIST_SUPERSEDED = "SELECT body, at, grant_id || ':' || at, grant_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = grant_id)
        FROM superseded_grants WHERE grant_id = $1 ORDER BY at DESC";
}

/// Keeps what a grant was, within the decision that changes it.
pub(super) async fn insert_superseded(
    connection: &mut PgConnection,
    older: &Grant,
    at: Timestamp,
    vault: &Vault,
) -> Result<(), Fault> {
    let key = key_of(connection, vault, older.id.as_str()).await?;
    let body = vault.seal(&key, &format!("superseded grant:{}:{}", older.id, at.millis()), older)?;
    let insert = ask(SUPERSEDE).bind(older.id.as_str()).bind(at.millis()).bind(body);
    insert.execute(connection).await?;
    Ok(())
}

/// Leaves a notice of what became of a grant, within the write that did it.
pub(super) async fn note(
    connection: &mut PgConnection,
    grant: &str,
    change: ConsentChange,
    at: Timestamp,
) -> Result<(), Fault> {
    ask(NOTE).bind(grant).bind(record::change(change)).bind(at.millis()).execute(connection).await?;
    Ok(())
}

/// Changes a grant's state by a statement, and queues the leaf of the change under its word; false when nothing changed.
async fn change(
    connection: &mut PgConnection,
    how: (Statement, &str),
    which: (&GrantId, Timestamp),
    vault: &Vault,
) -> Result<bool, Fault> {
    let ((statement, word), (grant, at)) = (how, which);
    let found = ask(statement).bind(grant.as_str()).bind(at.millis()).fetch_optional(&mut *connection).await?;
    let Some(row) = found else { return Ok(false) };
    let client: ClientId = record::id(row.try_get(0)?)?;
    let subject: Option<String> = row.try_get(1)?;
    let subject: Option<SubjectId> = subject.map(record::id).transpose()?;
    let (client, subject) = (&client, subject.as_ref());
    let event = Event::Consent { grant, client, subject, change: Change::Other(word), at };
    queue_events(connection, &[event], vault).await?;
    Ok(true)
}

#[async_trait]
impl ConsentStore for PostgresStore {
    async fn insert_counted_request(
        &self,
        request: &RetrievalRequest,
        lease: Lease<'_>,
        charge: &Charge,
    ) -> Result<CountedRequest, Fault> {
        let (new, owner, until, charge) = (request.clone(), lease.owner.to_owned(), lease.until, charge.clone());
        let vault = Arc::clone(&self.vault);
        let counted = self.transact(async move |mut transaction| {
            if !insert(&mut transaction, &new, (&owner, until), &vault).await? {
                transaction.rollback().await?;
                return Ok(None);
            }
            if let Some(one) = &charge.one {
                let take = ask(TAKE_USE).bind(new.grant.as_str()).bind(one.span.as_str()).bind(i64::from(one.allowed));
                if !is_one(take.bind(one.kept_until.millis()), &mut transaction).await? {
                    transaction.rollback().await?;
                    return Ok(Some(CountedRequest::UsedUp));
                }
            }
            if let Some(told) = tell(&mut transaction, &charge.thresholds, new.created_at, &vault).await? {
                transaction.rollback().await?;
                return Ok(Some(CountedRequest::TooManyThresholds(told)));
            }
            transaction.commit().await?;
            Ok(Some(CountedRequest::Inserted(InsertedRequest::New)))
        });
        if let Some(counted) = counted.await? {
            return Ok(counted);
        }
        let Some(key) = &request.idempotency else {
            return Ok(CountedRequest::Inserted(InsertedRequest::GrantOver));
        };
        let earlier = self.find_request_by_key(&request.client, key).await?;
        Ok(CountedRequest::Inserted(InsertedRequest::from_earlier(request, earlier)))
    }

    async fn find_used(&self, grant: &GrantId, span: &str) -> Result<u32, Fault> {
        let row = ask(FIND_USED).bind(grant.as_str()).bind(span).fetch_optional(&self.pool).await?;
        let used: i64 = row.map_or(Ok(0), |row| row.try_get(0))?;
        u32::try_from(used).map_err(|_| Fault::Internal("a stored count is out of range".into()))
    }

    async fn pause_grant(&self, id: &GrantId, at: Timestamp) -> Result<bool, Fault> {
        let (id, vault) = (id.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            if !change(&mut transaction, (PAUSE, "paused"), (&id, at), &vault).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            cancel_requests_of(&mut transaction, &[id.as_str()]).await?;
            note(&mut transaction, id.as_str(), ConsentChange::Paused, at).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn resume_grant(&self, id: &GrantId, now: Timestamp) -> Result<bool, Fault> {
        let (id, vault) = (id.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            if !change(&mut transaction, (RESUME, "resumed"), (&id, now), &vault).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            note(&mut transaction, id.as_str(), ConsentChange::Resumed, now).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn list_superseded(&self, id: &GrantId) -> Result<Vec<Grant>, Fault> {
        let rows = ask(LIST_SUPERSEDED).bind(id.as_str()).fetch_all(&self.pool).await?;
        let read = |row: &PgRow| {
            let Some(body) = opened(row, &self.vault, "superseded grant", 2)? else { return Ok(None) };
            record::superseded(&body, row.try_get(1)?).map(Some)
        };
        rows.iter().filter_map(|row| read(row).transpose()).collect()
    }
}
