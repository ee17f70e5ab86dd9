//! Drafts of filings.

use super::{PostgresStore, ask, is_one};
use crate::domain::draft::Draft;
use crate::domain::ids::{ClientId, DraftId};
use crate::domain::{Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{DraftStore, HeldDraft, InsertedDraft, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

statements! {
    COUNT = "SELECT count(*) FROM submission_drafts WHERE client_id = $1 AND expires_at > $2";
    INSERT = "INSERT INTO submission_drafts (id, client_id, idempotency_key, tag, expires_at, content, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (client_id, idempotency_key) DO NOTHING";
    FIND = "SELECT body, content FROM submission_drafts WHERE id = $1 AND expires_at > $2";
    FIND_BY_KEY = "SELECT body, content FROM submission_drafts WHERE client_id = $1 AND idempotency_key = $2";
    LIST = "SELECT body FROM submission_drafts WHERE client_id = $1 AND expires_at > $2
        ORDER BY expires_at DESC LIMIT 1000";
    UPDATE = "UPDATE submission_drafts SET tag = $3, expires_at = $4, content = $5, body = $6 WHERE id = $1 AND tag = $2";
    DELETE = "DELETE FROM submission_drafts WHERE id = $1 AND tag = $2";
    LIST_SEALED = "SELECT body, content FROM submission_drafts WHERE id > $1 ORDER BY id LIMIT $2";
    /// No change of the draft: whoever saw it may go on with it.
    RESEAL = "UPDATE submission_drafts SET content = $3 WHERE id = $1 AND content = $2";
}

fn draft(row: &PgRow) -> Result<Draft, Fault> {
    record::read("draft", row.try_get(0)?)
}

fn held(row: &PgRow) -> Result<HeldDraft, Fault> {
    Ok(HeldDraft { draft: draft(row)?, content: row.try_get(1)? })
}

/// Takes away a draft that is handed in; false when it is another by now.
pub(super) async fn take_draft(connection: &mut PgConnection, (id, seen): &(DraftId, String)) -> Result<bool, Fault> {
    is_one(ask(DELETE).bind(id.as_str()).bind(seen), connection).await
}

impl PostgresStore {
    async fn draft_by_key(&self, one: &Draft) -> Result<Option<HeldDraft>, Fault> {
        let find = ask(FIND_BY_KEY).bind(one.client.as_str()).bind(one.key.key.as_bytes().as_slice());
        find.fetch_optional(&self.pool).await?.as_ref().map(held).transpose()
    }
}

#[async_trait]
impl DraftStore for PostgresStore {
    async fn insert_draft(&self, new: &HeldDraft, most: u32) -> Result<InsertedDraft, Fault> {
        let one = &new.draft;
        if let Some(earlier) = self.draft_by_key(one).await? {
            return Ok(InsertedDraft::Earlier(Box::new(earlier)));
        }
        let count = ask(COUNT).bind(one.client.as_str()).bind(one.created_at.millis());
        let count: i64 = count.fetch_one(&self.pool).await?.try_get(0)?;
        if count >= i64::from(most) {
            return Ok(InsertedDraft::TooMany);
        }
        let insert = ask(INSERT).bind(one.id.as_str()).bind(one.client.as_str());
        let insert = insert.bind(one.key.key.as_bytes().as_slice()).bind(&one.tag).bind(one.expires_at().millis());
        let insert = insert.bind(&new.content).bind(record::write(one)?).execute(&self.pool).await?;
        if insert.rows_affected() == 1 {
            return Ok(InsertedDraft::New);
        }
        let earlier = self.draft_by_key(one).await?;
        let earlier = earlier.ok_or_else(|| Fault::Internal("a draft's key is taken by none".into()))?;
        Ok(InsertedDraft::Earlier(Box::new(earlier)))
    }

    async fn find_draft(&self, id: &DraftId, now: Timestamp) -> Result<Option<HeldDraft>, Fault> {
        let find = ask(FIND).bind(id.as_str()).bind(now.millis());
        find.fetch_optional(&self.pool).await?.as_ref().map(held).transpose()
    }

    async fn list_drafts(&self, client: &ClientId, now: Timestamp) -> Result<Vec<Draft>, Fault> {
        let list = ask(LIST).bind(client.as_str()).bind(now.millis());
        list.fetch_all(&self.pool).await?.iter().map(draft).collect()
    }

    async fn update_draft(&self, next: &HeldDraft, seen: &str) -> Result<bool, Fault> {
        let one = &next.draft;
        let update = ask(UPDATE).bind(one.id.as_str()).bind(seen).bind(&one.tag).bind(one.expires_at().millis());
        let update = update.bind(&next.content).bind(record::write(one)?);
        Ok(update.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn delete_draft(&self, id: &DraftId, seen: &str) -> Result<bool, Fault> {
        Ok(ask(DELETE).bind(id.as_str()).bind(seen).execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn list_sealed_drafts(&self, after: &str, limit: u32) -> Result<Vec<HeldDraft>, Fault> {
        ask(LIST_SEALED).bind(after).bind(i64::from(limit)).fetch_all(&self.pool).await?.iter().map(held).collect()
    }

    async fn reseal_draft(&self, seen: &HeldDraft, sealed: &[u8]) -> Result<bool, Fault> {
        let reseal = ask(RESEAL).bind(seen.draft.id.as_str()).bind(&seen.content).bind(sealed);
        Ok(reseal.execute(&self.pool).await?.rows_affected() == 1)
    }
}
