//! What becomes of notices by themselves, and files of them.

use super::citizen_notices::{held, release, write};
use super::{PostgresStore, ask, body, end, is_one};
use crate::domain::citizen_notice::{HeldCitizenNotice, NewCitizenNotice};
use crate::domain::ids::{CitizenNoticeId, NoticeBulkId, SubjectId};
use crate::domain::notice_bulk::{NoticeBulk, NoticePiece, RejectedLine};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{NoticeWorkStore, citizen_notice, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::collections::HashMap;
use std::sync::Arc;

statements! {
    LIST_DUE = "SELECT id, subject_id FROM citizen_notices WHERE place IS NULL AND deliver_at <= $1 AND over_at > $1
        ORDER BY deliver_at LIMIT $2 FOR UPDATE SKIP LOCKED";
    LIST_REMINDERS = "SELECT body, id, subject_id, (SELECT sealed FROM data_keys WHERE data_keys.id = subject_id), place,
            read_at
        FROM citizen_notices WHERE remind_at <= $1 AND over_at > $1 ORDER BY remind_at LIMIT $2";
    TAKE_REMINDER = "UPDATE citizen_notices SET remind_at = NULL WHERE id = $1 AND remind_at IS NOT NULL";
    FIND_RECIPIENTS = "SELECT sub, subject_id FROM pairwise_subjects WHERE sub = ANY($1)";
    INSERT = "INSERT INTO notice_bulks (id, client_id, key, digest, created_at, bytes, lines, rejected, is_complete)
        VALUES ($1, $2, $3, $4, $5, 0, 0, 0, FALSE) ON CONFLICT (client_id, key) DO NOTHING";
    FIND = "SELECT id, client_id, key, digest, created_at, bytes, lines, rejected, is_complete
        FROM notice_bulks WHERE id = $1";
    FIND_BY_KEY = "SELECT id, client_id, key, digest, created_at, bytes, lines, rejected, is_complete
        FROM notice_bulks WHERE client_id = $1 AND key = $2";
    /// Of two pieces that begin at the same place, one is taken.
    ADVANCE = "UPDATE notice_bulks SET bytes = $3, lines = $4, rejected = $5, is_complete = $6
        WHERE id = $1 AND bytes = $2 AND NOT is_complete";
    REJECT = "INSERT INTO notice_bulk_rejections (bulk_id, line, body)
        SELECT $1, line, body FROM unnest($2::bigint[], $3::text[]) AS rejected (line, body)";
    LIST_REJECTED = "SELECT body FROM notice_bulk_rejections WHERE bulk_id = $1 AND line > $2 ORDER BY line LIMIT $3";
}

fn bulk(row: &PgRow) -> Result<NoticeBulk, Fault> {
    Ok(NoticeBulk {
        id: record::id(row.try_get(0)?)?,
        client: record::id(row.try_get(1)?)?,
        key: IdempotencyKey { key: digest(row, 2)?, body: digest(row, 3)? },
        created_at: Timestamp::from_millis(row.try_get(4)?),
        bytes: record::count(row.try_get(5)?)?,
        lines: record::count(row.try_get(6)?)?,
        rejected: record::count(row.try_get(7)?)?,
        is_complete: row.try_get(8)?,
    })
}

fn digest(row: &PgRow, column: usize) -> Result<Digest, Fault> {
    let bytes = <[u8; 32]>::try_from(row.try_get::<&[u8], _>(column)?);
    bytes.map(Digest::from_bytes).map_err(|_| Fault::Internal("a stored digest has another length".into()))
}

async fn release_due(
    connection: &mut PgConnection,
    (now, limit): (Timestamp, u32),
    vault: &Vault,
) -> Result<u64, Fault> {
    let rows = ask(LIST_DUE).bind(now.millis()).bind(i64::from(limit)).fetch_all(&mut *connection).await?;
    let read = |row: &PgRow| Ok((record::id(row.try_get(0)?)?, row.try_get(1)?));
    let mut due = rows.iter().map(read).collect::<Result<Vec<(CitizenNoticeId, String)>, Fault>>()?;
    // Citizens in one order, so that two of these cannot lock each other out; of one citizen's, the earlier first.
    due.sort_by(|a, b| a.1.cmp(&b.1));
    for (id, subject) in &due {
        release(&mut *connection, (id, subject), now, vault).await?;
    }
    Ok(due.len() as u64)
}

async fn append(connection: &mut PgConnection, piece: &NoticePiece, vault: &Vault) -> Result<bool, Fault> {
    let after = &piece.after;
    let advance =
        ask(ADVANCE).bind(after.id.as_str()).bind(record::column(piece.at)?).bind(record::column(after.bytes)?);
    let advance = advance.bind(record::column(after.lines)?).bind(record::column(after.rejected)?);
    if !is_one(advance.bind(after.is_complete), &mut *connection).await? {
        return Ok(false);
    }
    for new in &piece.notices {
        if !write(&mut *connection, new, vault).await? {
            return Err(Fault::Internal("a line of a file is there already".into()));
        }
    }
    let (mut lines, mut bodies) = (Vec::new(), Vec::new());
    for line in &piece.rejected {
        lines.push(record::column(line.line)?);
        bodies.push(record::write(line)?);
    }
    ask(REJECT).bind(after.id.as_str()).bind(lines).bind(bodies).execute(connection).await?;
    Ok(true)
}

async fn remind(
    connection: &mut PgConnection,
    (of, new): (&CitizenNoticeId, &NewCitizenNotice),
    vault: &Vault,
) -> Result<bool, Fault> {
    if !is_one(ask(TAKE_REMINDER).bind(of.as_str()), &mut *connection).await? {
        return Ok(false);
    }
    let one = &new.notice;
    if write(&mut *connection, new, vault).await? && citizen_notice::is_due(one) {
        release(connection, (&one.id, one.subject.as_str()), one.posted_at, vault).await?;
    }
    Ok(true)
}

#[async_trait]
impl NoticeWorkStore for PostgresStore {
    async fn release_notices(&self, now: Timestamp, limit: u32) -> Result<u64, Fault> {
        let vault = Arc::clone(&self.vault);
        self.transact(async move |mut transaction| {
            let released = release_due(&mut transaction, (now, limit), &vault).await?;
            transaction.commit().await?;
            Ok(released)
        })
        .await
    }

    async fn list_reminders(&self, now: Timestamp, limit: u32) -> Result<Vec<HeldCitizenNotice>, Fault> {
        let list = ask(LIST_REMINDERS).bind(now.millis()).bind(i64::from(limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn take_reminder(&self, of: &CitizenNoticeId, reminder: &NewCitizenNotice) -> Result<bool, Fault> {
        let (of, new, vault) = (of.clone(), reminder.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let is_first = remind(&mut transaction, (&of, &new), &vault).await?;
            end(transaction, is_first).await
        })
        .await
    }

    async fn find_recipients(&self, digests: &[Digest]) -> Result<HashMap<Digest, SubjectId>, Fault> {
        let digests: Vec<&[u8]> = digests.iter().map(|digest| digest.as_bytes().as_slice()).collect();
        let rows = ask(FIND_RECIPIENTS).bind(digests).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((digest(row, 0)?, record::id(row.try_get(1)?)?))).collect()
    }

    async fn insert_notice_bulk(&self, new: &NoticeBulk) -> Result<Option<NoticeBulk>, Fault> {
        let (client, key) = (new.client.as_str(), new.key.key.as_bytes().as_slice());
        let insert = ask(INSERT).bind(new.id.as_str()).bind(client).bind(key);
        let insert = insert.bind(new.key.body.as_bytes().as_slice()).bind(new.created_at.millis());
        if is_one(insert, &mut *self.pool.acquire().await?).await? {
            return Ok(None);
        }
        let found = ask(FIND_BY_KEY).bind(client).bind(key).fetch_optional(&self.pool).await?;
        found.as_ref().map(bulk).transpose()
    }

    async fn find_notice_bulk(&self, id: &NoticeBulkId) -> Result<Option<NoticeBulk>, Fault> {
        let found = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        found.as_ref().map(bulk).transpose()
    }

    async fn append_notices(&self, piece: &NoticePiece) -> Result<bool, Fault> {
        let (piece, vault) = (piece.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let is_first = append(&mut transaction, &piece, &vault).await?;
            end(transaction, is_first).await
        })
        .await
    }

    async fn list_rejected_lines(&self, id: &NoticeBulkId, after: u64, limit: u32) -> Result<Vec<RejectedLine>, Fault> {
        let list = ask(LIST_REJECTED).bind(id.as_str()).bind(record::column(after)?).bind(i64::from(limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().map(|row| record::read("rejected line", body(row)?)).collect()
    }
}
