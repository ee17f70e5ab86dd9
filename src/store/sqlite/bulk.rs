//! Bulk filings.

use super::SqliteStore;
use super::database::Database;
use crate::domain::bulk::Bulk;
use crate::domain::ids::{BulkId, ClientId};
use crate::domain::submission::{Finding, SubmissionState};
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::statement::statements;
use crate::store::{
    BulkChange, BulkHoldingStore, BulkPiece, BulkStore, HeldBulk, InsertedBulk, SealedBulk, filing, record,
};
use async_trait::async_trait;
use rusqlite::{Row, params};

statements! {
    INSERT = "INSERT INTO bulk_submissions (id, client_id, idempotency_key, due_at, office, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (client_id, idempotency_key) DO NOTHING";
    FIND = "SELECT body, version, office FROM bulk_submissions WHERE id = ?1";
    FIND_BY_KEY = "SELECT body, version, office FROM bulk_submissions WHERE client_id = ?1 AND idempotency_key = ?2";
    LIST_OFFICES = "SELECT id, NULL, office FROM bulk_submissions WHERE office IS NOT NULL AND id > ?1 ORDER BY id LIMIT ?2";
    LIST_SEALED = "SELECT bulk_id, no, content FROM bulk_pieces
        WHERE content IS NOT NULL AND (bulk_id, no) > (?1, ?2) ORDER BY bulk_id, no LIMIT ?3";
    /// No change of the bulk filing: whoever holds it goes on with it.
    RESEAL_OFFICE = "UPDATE bulk_submissions SET office = ?3 WHERE id = ?1 AND office = ?2";
    RESEAL_PIECE = "UPDATE bulk_pieces SET content = ?3 WHERE bulk_id = ?1 AND no = ?4 AND content = ?2";
    UPDATE = "UPDATE bulk_submissions SET body = ?3, due_at = ?4, version = version + 1 WHERE id = ?1 AND version = ?2";
    /// Asked first: most of the time nothing is due, and the writer need not be troubled.
    IS_DUE = "SELECT 1 FROM bulk_submissions WHERE due_at <= ?1 LIMIT 1";
    LEASE = "UPDATE bulk_submissions SET due_at = ?2, version = version + 1 WHERE id = (
            SELECT id FROM bulk_submissions WHERE due_at <= ?1 ORDER BY due_at LIMIT 1)
        RETURNING body, version, office";
    INSERT_PIECE = "INSERT INTO bulk_pieces (bulk_id, no, first_line, lines, rejected, content)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    INSERT_OUTCOME = "INSERT INTO bulk_outcomes (bulk_id, line, findings) VALUES (?1, ?2, ?3)";
    HAND_ON = "UPDATE bulk_pieces SET submission_id = ?3, content = NULL WHERE bulk_id = ?1 AND no = ?2";
    END = "UPDATE bulk_submissions SET office = NULL, kept_from = ?2 WHERE id = ?1";
    ERASE_PIECES = "UPDATE bulk_pieces SET content = NULL WHERE bulk_id = ?1";
    FIND_PIECE = "SELECT no, first_line, lines, submission_id, content FROM bulk_pieces WHERE bulk_id = ?1 AND no = ?2";
    LIST_PIECES = "SELECT no, first_line, lines, submission_id FROM bulk_pieces
        WHERE bulk_id = ?1 AND no >= coalesce(
            (SELECT no FROM bulk_pieces WHERE bulk_id = ?1 AND first_line <= ?2 ORDER BY first_line DESC LIMIT 1), 0)
        ORDER BY no LIMIT ?3";
    LIST_OUTCOMES = "SELECT line, findings FROM bulk_outcomes WHERE bulk_id = ?1 AND line BETWEEN ?2 AND ?3 ORDER BY line";
    COUNT = "SELECT s.state, p.lines - p.rejected FROM bulk_pieces p LEFT JOIN submissions s ON s.id = p.submission_id
        WHERE p.bulk_id = ?1 AND (p.submission_id IS NULL OR s.id IS NOT NULL)";
}

fn bulk(row: &Row<'_>) -> Result<HeldBulk, Fault> {
    let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(HeldBulk { bulk: record::read("bulk filing", body)?, version: record::count(row.get(1)?)?, office: row.get(2)? })
}

fn piece(row: &Row<'_>) -> Result<BulkPiece, Fault> {
    Ok(BulkPiece {
        no: row.get(0)?,
        first_line: record::count(row.get(1)?)?,
        lines: record::count(row.get(2)?)?,
        submission: row.get::<_, Option<String>>(3)?.map(record::id).transpose()?,
    })
}

fn outcome(row: &Row<'_>) -> Result<(u64, Vec<Finding>), Fault> {
    let findings = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
    Ok((record::count(row.get(0)?)?, record::read("line's outcome", findings)?))
}

fn count(row: &Row<'_>) -> Result<(Option<SubmissionState>, u64), Fault> {
    let state = row.get::<_, Option<String>>(0)?;
    Ok((state.as_deref().map(filing::state).transpose()?, record::count(row.get(1)?)?))
}

fn update(database: Database<'_>, change: &BulkChange) -> Result<bool, Fault> {
    let (own, version) = (&change.bulk, record::column(change.version)?);
    let id = own.id.as_str();
    let due = change.due_at.map(Timestamp::millis);
    if database.execute(UPDATE, params![id, version, record::write(own)?, due])? != 1 {
        return Ok(false);
    }
    if let Some(piece) = &change.piece {
        let (first, lines) = (record::column(piece.first_line)?, record::column(piece.lines)?);
        let values = params![id, piece.no, first, lines, record::column(piece.rejected)?, piece.content];
        database.execute(INSERT_PIECE, values)?;
        for (line, findings) in &piece.outcomes {
            database.execute(INSERT_OUTCOME, params![id, record::column(*line)?, record::write(findings)?])?;
        }
    }
    if let Some((no, submission)) = &change.handed_on {
        database.execute(HAND_ON, params![id, no, submission.as_str()])?;
    }
    if let Some(since) = own.kept_from() {
        database.execute(END, params![id, since.millis()])?;
        database.execute(ERASE_PIECES, [id])?;
    }
    Ok(true)
}

#[async_trait]
impl BulkStore for SqliteStore {
    async fn insert_bulk(&self, new: &Bulk, office: &[u8]) -> Result<InsertedBulk, Fault> {
        let (new, office) = (new.clone(), office.to_vec());
        self.write(move |database| {
            let (client, key) = (new.client.as_str(), new.key.key.as_bytes());
            let values = params![new.id.as_str(), client, key, new.expires_at.millis(), office, record::write(&new)?];
            if database.execute(INSERT, values)? == 1 {
                return Ok(InsertedBulk::New);
            }
            let earlier = database.find(FIND_BY_KEY, params![client, key], bulk)?;
            let earlier = earlier.ok_or_else(|| Fault::Internal("a bulk filing's key is taken by none".into()))?;
            Ok(InsertedBulk::from_earlier(&new, earlier.bulk))
        })
        .await
    }

    async fn find_bulk(&self, id: &BulkId) -> Result<Option<HeldBulk>, Fault> {
        self.read(|database| database.find(FIND, [id.as_str()], bulk))
    }

    async fn update_bulk(&self, change: &BulkChange) -> Result<bool, Fault> {
        let change = change.clone();
        self.take(move |database| update(database, &change)).await
    }

    async fn lease_bulk(&self, now: Timestamp, until: Timestamp) -> Result<Option<HeldBulk>, Fault> {
        if self.read(|database| database.find(IS_DUE, [now.millis()], |_| Ok(())))?.is_none() {
            return Ok(None);
        }
        self.write(move |database| database.find(LEASE, params![now.millis(), until.millis()], bulk)).await
    }

    async fn find_bulk_piece(&self, id: &BulkId, no: u32) -> Result<Option<(BulkPiece, Option<Vec<u8>>)>, Fault> {
        let whole = |row: &Row<'_>| Ok((piece(row)?, row.get(4)?));
        self.read(|database| database.find(FIND_PIECE, params![id.as_str(), no], whole))
    }

    async fn list_bulk_pieces(&self, id: &BulkId, line: u64, limit: u32) -> Result<Vec<BulkPiece>, Fault> {
        let line = record::column(line)?;
        self.read(|database| database.list(LIST_PIECES, params![id.as_str(), line, limit], piece))
    }

    async fn list_bulk_outcomes(&self, id: &BulkId, from: u64, to: u64) -> Result<Vec<(u64, Vec<Finding>)>, Fault> {
        let (from, to) = (record::column(from)?, record::column(to)?);
        self.read(|database| database.list(LIST_OUTCOMES, params![id.as_str(), from, to], outcome))
    }

    async fn count_bulk_records(&self, id: &BulkId) -> Result<Vec<(Option<SubmissionState>, u64)>, Fault> {
        self.read(|database| database.list(COUNT, [id.as_str()], count)).map(filing::together)
    }
}

fn sealed(row: &Row<'_>) -> Result<SealedBulk, Fault> {
    Ok(SealedBulk { bulk: record::id(row.get(0)?)?, piece: row.get(1)?, sealed: row.get(2)? })
}

#[async_trait]
impl BulkHoldingStore for SqliteStore {
    async fn find_bulk_by_key(&self, client: &ClientId, key: Digest) -> Result<Option<HeldBulk>, Fault> {
        self.read(|database| database.find(FIND_BY_KEY, params![client.as_str(), key.as_bytes()], bulk))
    }

    async fn list_sealed_offices(&self, after: &str, limit: u32) -> Result<Vec<SealedBulk>, Fault> {
        self.read(|database| database.list(LIST_OFFICES, params![after, limit], sealed))
    }

    async fn list_sealed_pieces(&self, (after, no): (&str, i64), limit: u32) -> Result<Vec<SealedBulk>, Fault> {
        self.read(|database| database.list(LIST_SEALED, params![after, no, limit], sealed))
    }

    async fn reseal_bulk(&self, seen: &SealedBulk, sealed: &[u8]) -> Result<bool, Fault> {
        let (seen, new) = (seen.clone(), sealed.to_vec());
        self.take(move |database| {
            let id = seen.bulk.as_str();
            let count = match seen.piece {
                None => database.execute(RESEAL_OFFICE, params![id, seen.sealed, new])?,
                Some(no) => database.execute(RESEAL_PIECE, params![id, seen.sealed, new, no])?,
            };
            Ok(count == 1)
        })
        .await
    }
}
