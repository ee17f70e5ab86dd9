//! Bulk filings.

use super::{PostgresStore, ask, is_one};
use crate::domain::bulk::Bulk;
use crate::domain::ids::{BulkId, ClientId};
use crate::domain::submission::{Finding, SubmissionState};
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{
    BulkChange, BulkHoldingStore, BulkPiece, BulkStore, HeldBulk, InsertedBulk, NewPiece, SealedBulk, filing, record,
};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

statements! {
    /// Waits for another caller with the same key, and then finds the key taken.
    INSERT = "INSERT INTO bulk_submissions (id, client_id, idempotency_key, due_at, office, body)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (client_id, idempotency_key) DO NOTHING";
    FIND = "SELECT body, version, office FROM bulk_submissions WHERE id = $1";
    FIND_BY_KEY = "SELECT body, version, office FROM bulk_submissions WHERE client_id = $1 AND idempotency_key = $2";
    LIST_OFFICES = "SELECT id, NULL::bigint, office FROM bulk_submissions
        WHERE office IS NOT NULL AND id > $1 ORDER BY id LIMIT $2";
    LIST_SEALED = "SELECT bulk_id, no, content FROM bulk_pieces
        WHERE content IS NOT NULL AND (bulk_id, no) > ($1, $2) ORDER BY bulk_id, no LIMIT $3";
    /// No change of the bulk filing: whoever holds it goes on with it.
    RESEAL_OFFICE = "UPDATE bulk_submissions SET office = $3 WHERE id = $1 AND office = $2";
    RESEAL_PIECE = "UPDATE bulk_pieces SET content = $3 WHERE bulk_id = $1 AND no = $4 AND content = $2";
    UPDATE = "UPDATE bulk_submissions SET body = $3, due_at = $4, version = version + 1 WHERE id = $1 AND version = $2";
    LEASE = "UPDATE bulk_submissions SET due_at = $2, version = version + 1 WHERE id = (
            SELECT id FROM bulk_submissions WHERE due_at <= $1 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING body, version, office";
    INSERT_PIECE = "INSERT INTO bulk_pieces (bulk_id, no, first_line, lines, rejected, content)
        VALUES ($1, $2, $3, $4, $5, $6)";
    INSERT_OUTCOMES = "INSERT INTO bulk_outcomes (bulk_id, line, findings)
        SELECT $1, o.line, o.findings FROM unnest($2::bigint[], $3::text[]) AS o (line, findings)";
    HAND_ON = "UPDATE bulk_pieces SET submission_id = $3, content = NULL WHERE bulk_id = $1 AND no = $2";
    END = "UPDATE bulk_submissions SET office = NULL, kept_from = $2 WHERE id = $1";
    ERASE_PIECES = "UPDATE bulk_pieces SET content = NULL WHERE bulk_id = $1";
    FIND_PIECE = "SELECT no, first_line, lines, submission_id, content FROM bulk_pieces WHERE bulk_id = $1 AND no = $2";
    LIST_PIECES = "SELECT no, first_line, lines, submission_id FROM bulk_pieces
        WHERE bulk_id = $1 AND no >= coalesce(
            (SELECT no FROM bulk_pieces WHERE bulk_id = $1 AND first_line <= $2 ORDER BY first_line DESC LIMIT 1), 0)
        ORDER BY no LIMIT $3";
    LIST_OUTCOMES = "SELECT line, findings FROM bulk_outcomes WHERE bulk_id = $1 AND line BETWEEN $2 AND $3 ORDER BY line";
    COUNT = "SELECT s.state, p.lines - p.rejected FROM bulk_pieces p LEFT JOIN submissions s ON s.id = p.submission_id
        WHERE p.bulk_id = $1 AND (p.submission_id IS NULL OR s.id IS NOT NULL)";
}

fn bulk(row: &PgRow) -> Result<HeldBulk, Fault> {
    Ok(HeldBulk {
        bulk: record::read("bulk filing", row.try_get(0)?)?,
        version: record::count(row.try_get(1)?)?,
        office: row.try_get(2)?,
    })
}

fn piece(row: &PgRow) -> Result<BulkPiece, Fault> {
    let no = u32::try_from(row.try_get::<i64, _>(0)?);
    Ok(BulkPiece {
        no: no.map_err(|_| Fault::Internal("a stored piece's place is out of range".into()))?,
        first_line: record::count(row.try_get(1)?)?,
        lines: record::count(row.try_get(2)?)?,
        submission: row.try_get::<Option<String>, _>(3)?.map(record::id).transpose()?,
    })
}

fn outcome(row: &PgRow) -> Result<(u64, Vec<Finding>), Fault> {
    Ok((record::count(row.try_get(0)?)?, record::read("line's outcome", row.try_get(1)?)?))
}

fn count(row: &PgRow) -> Result<(Option<SubmissionState>, u64), Fault> {
    let state = row.try_get::<Option<&str>, _>(0)?;
    Ok((state.map(filing::state).transpose()?, record::count(row.try_get(1)?)?))
}

async fn insert_piece(connection: &mut PgConnection, id: &str, piece: &NewPiece) -> Result<(), Fault> {
    let insert = ask(INSERT_PIECE).bind(id).bind(i64::from(piece.no)).bind(record::column(piece.first_line)?);
    let insert = insert.bind(record::column(piece.lines)?).bind(record::column(piece.rejected)?).bind(&piece.content);
    insert.execute(&mut *connection).await?;
    if piece.outcomes.is_empty() {
        return Ok(());
    }
    let lines = piece.outcomes.iter().map(|(line, _)| record::column(*line)).collect::<Result<Vec<_>, Fault>>()?;
    let findings = piece.outcomes.iter().map(|(_, found)| record::write(found)).collect::<Result<Vec<_>, Fault>>()?;
    ask(INSERT_OUTCOMES).bind(id).bind(lines).bind(findings).execute(connection).await?;
    Ok(())
}

/// False when it is another by now.
async fn update(connection: &mut PgConnection, change: &BulkChange) -> Result<bool, Fault> {
    let own = &change.bulk;
    let id = own.id.as_str();
    let write = ask(UPDATE).bind(id).bind(record::column(change.version)?).bind(record::write(own)?);
    if !is_one(write.bind(change.due_at.map(Timestamp::millis)), connection).await? {
        return Ok(false);
    }
    if let Some(piece) = &change.piece {
        insert_piece(connection, id, piece).await?;
    }
    if let Some((no, submission)) = &change.handed_on {
        ask(HAND_ON).bind(id).bind(i64::from(*no)).bind(submission.as_str()).execute(&mut *connection).await?;
    }
    if let Some(since) = own.kept_from() {
        ask(END).bind(id).bind(since.millis()).execute(&mut *connection).await?;
        ask(ERASE_PIECES).bind(id).execute(&mut *connection).await?;
    }
    Ok(true)
}

#[async_trait]
impl BulkStore for PostgresStore {
    async fn insert_bulk(&self, new: &Bulk, office: &[u8]) -> Result<InsertedBulk, Fault> {
        let (client, key) = (new.client.as_str(), new.key.key.as_bytes().as_slice());
        let insert = ask(INSERT).bind(new.id.as_str()).bind(client).bind(key).bind(new.expires_at.millis());
        let insert = insert.bind(office).bind(record::write(new)?);
        if insert.execute(&self.pool).await?.rows_affected() == 1 {
            return Ok(InsertedBulk::New);
        }
        let earlier = ask(FIND_BY_KEY).bind(client).bind(key).fetch_optional(&self.pool).await?;
        let earlier = earlier.as_ref().map(bulk).transpose()?;
        let earlier = earlier.ok_or_else(|| Fault::Internal("a bulk filing's key is taken by none".into()))?;
        Ok(InsertedBulk::from_earlier(new, earlier.bulk))
    }

    async fn find_bulk(&self, id: &BulkId) -> Result<Option<HeldBulk>, Fault> {
        let row = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        row.as_ref().map(bulk).transpose()
    }

    async fn update_bulk(&self, change: &BulkChange) -> Result<bool, Fault> {
        let change = change.clone();
        self.transact(async move |mut transaction| {
            if !update(&mut transaction, &change).await? {
                return Ok(false);
            }
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn lease_bulk(&self, now: Timestamp, until: Timestamp) -> Result<Option<HeldBulk>, Fault> {
        let row = ask(LEASE).bind(now.millis()).bind(until.millis()).fetch_optional(&self.pool).await?;
        row.as_ref().map(bulk).transpose()
    }

    async fn find_bulk_piece(&self, id: &BulkId, no: u32) -> Result<Option<(BulkPiece, Option<Vec<u8>>)>, Fault> {
        let row = ask(FIND_PIECE).bind(id.as_str()).bind(i64::from(no)).fetch_optional(&self.pool).await?;
        row.map_or(Ok(None), |row| Ok(Some((piece(&row)?, row.try_get(4)?))))
    }

    async fn list_bulk_pieces(&self, id: &BulkId, line: u64, limit: u32) -> Result<Vec<BulkPiece>, Fault> {
        let list = ask(LIST_PIECES).bind(id.as_str()).bind(record::column(line)?).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(piece).collect()
    }

    async fn list_bulk_outcomes(&self, id: &BulkId, from: u64, to: u64) -> Result<Vec<(u64, Vec<Finding>)>, Fault> {
        let list = ask(LIST_OUTCOMES).bind(id.as_str()).bind(record::column(from)?).bind(record::column(to)?);
        list.fetch_all(&self.pool).await?.iter().map(outcome).collect()
    }

    async fn count_bulk_records(&self, id: &BulkId) -> Result<Vec<(Option<SubmissionState>, u64)>, Fault> {
        let rows = ask(COUNT).bind(id.as_str()).fetch_all(&self.pool).await?;
        Ok(filing::together(rows.iter().map(count).collect::<Result<_, Fault>>()?))
    }
}

fn sealed(row: &PgRow) -> Result<SealedBulk, Fault> {
    let piece = row.try_get::<Option<i64>, _>(1)?.map(u32::try_from).transpose();
    Ok(SealedBulk {
        bulk: record::id(row.try_get(0)?)?,
        piece: piece.map_err(|_| Fault::Internal("a stored piece has no place".into()))?,
        sealed: row.try_get(2)?,
    })
}

#[async_trait]
impl BulkHoldingStore for PostgresStore {
    async fn find_bulk_by_key(&self, client: &ClientId, key: Digest) -> Result<Option<HeldBulk>, Fault> {
        let find = ask(FIND_BY_KEY).bind(client.as_str()).bind(key.as_bytes().as_slice());
        find.fetch_optional(&self.pool).await?.as_ref().map(bulk).transpose()
    }

    async fn list_sealed_offices(&self, after: &str, limit: u32) -> Result<Vec<SealedBulk>, Fault> {
        let list = ask(LIST_OFFICES).bind(after).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(sealed).collect()
    }

    async fn list_sealed_pieces(&self, (after, no): (&str, i64), limit: u32) -> Result<Vec<SealedBulk>, Fault> {
        let list = ask(LIST_SEALED).bind(after).bind(no).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(sealed).collect()
    }

    async fn reseal_bulk(&self, seen: &SealedBulk, sealed: &[u8]) -> Result<bool, Fault> {
        let statement = if seen.piece.is_some() { RESEAL_PIECE } else { RESEAL_OFFICE };
        let reseal = ask(statement).bind(seen.bulk.as_str()).bind(&seen.sealed).bind(sealed);
        let reseal = if let Some(no) = seen.piece { reseal.bind(i64::from(no)) } else { reseal };
        Ok(reseal.execute(&self.pool).await?.rows_affected() == 1)
    }
}
