//! The log of evidence.

use super::SqliteStore;
use super::data_keys::{kept_key, key_of};
use super::database::Database;
use crate::domain::evidence::{Event, Leaf};
use crate::domain::ids::{ClientId, GrantId, ReceiptId, SubjectId};
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::{self, Vault};
use crate::store::{Append, AuditStore, EvidenceStore, HeldCheckpoint, HeldLeaf, HeldReceipt, HeldTile, PendingLeaf};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::time::Duration;

statements! {
    KEEP = "INSERT INTO evidence_records (receipt, at, client_id, subject_id, key_id, salt, body, grant_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    QUEUE = "INSERT INTO evidence_queue (receipt, commitment) VALUES (?1, ?2)";
    LIST_PENDING = "SELECT number, receipt, commitment FROM evidence_queue WHERE number > 0 ORDER BY number LIMIT ?1";
    COUNT_PENDING = "SELECT count(*) FROM evidence_queue WHERE number > 0";
    NEWEST_CHECKPOINT = "SELECT size, at, note FROM evidence_checkpoints WHERE size >= 0
        ORDER BY size DESC LIMIT 1";
    CHECKPOINT_FROM = "SELECT size, at, note FROM evidence_checkpoints WHERE size >= ?1 ORDER BY size LIMIT 1";
    FIND_TILE = "SELECT hashes FROM evidence_tiles WHERE level = ?1 AND tile_index = ?2";
    GROW = "UPDATE evidence_head SET size = ?2 WHERE id = 1 AND size = ?1";
    TAKE_PENDING = "DELETE FROM evidence_queue WHERE number = ?1 AND receipt = ?2";
    INSERT_LEAF = "INSERT INTO evidence_leaves (leaf_index, receipt, commitment) VALUES (?1, ?2, ?3)";
    PUT_TILE = "INSERT INTO evidence_tiles (level, tile_index, hashes) VALUES (?1, ?2, ?3)
        ON CONFLICT (level, tile_index) DO UPDATE SET hashes = excluded.hashes";
    INSERT_CHECKPOINT = "INSERT INTO evidence_checkpoints (size, at, note) VALUES (?1, ?2, ?3)
        ON CONFLICT (size) DO NOTHING";
    FIND_RECEIPT = "SELECT r.at, r.client_id, r.subject_id, r.salt, r.body, l.leaf_index, r.key_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = r.key_id)
        FROM evidence_records r LEFT JOIN evidence_leaves l ON l.receipt = r.receipt WHERE r.receipt = ?1";
    LIST_OF_GRANT = "SELECT r.at, r.client_id, r.subject_id, r.salt, r.body, l.leaf_index, r.key_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = r.key_id), r.receipt
        FROM evidence_records r LEFT JOIN evidence_leaves l ON l.receipt = r.receipt
        WHERE r.grant_id = ?1 ORDER BY r.at DESC LIMIT ?2";
    LIST_COMMITMENTS = "SELECT commitment FROM evidence_leaves WHERE leaf_index >= ?1 ORDER BY leaf_index LIMIT ?2";
    SIZE = "SELECT size FROM evidence_head WHERE id = 1";
    LIST_LEAVES = "SELECT l.leaf_index, l.receipt, l.commitment, r.salt, r.body, r.key_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = r.key_id)
        FROM evidence_leaves l LEFT JOIN evidence_records r ON r.receipt = l.receipt
        WHERE l.leaf_index >= ?1 ORDER BY l.leaf_index LIMIT ?2";
    LIST_CHECKPOINTS = "SELECT size, at, note FROM evidence_checkpoints WHERE size > ?1 ORDER BY size LIMIT ?2";
    /// Time never runs back from one head to the next, so a head is the last of its span when the next is of another.
    THIN = "DELETE FROM evidence_checkpoints WHERE size IN (
        SELECT c.size FROM evidence_checkpoints c
        WHERE c.at < ?1 AND (SELECT n.at FROM evidence_checkpoints n WHERE n.size > c.size ORDER BY n.size LIMIT 1) / ?2
            = c.at / ?2 LIMIT ?3)";
    REPLACE_CHECKPOINT = "UPDATE evidence_checkpoints SET note = ?3 WHERE size = ?1 AND note = ?2";
}

/// Queues the leaf of an event, in the transaction that writes the event down.
pub(super) fn queue_event(database: Database<'_>, event: &Event<'_>, vault: &Vault) -> Result<(), Fault> {
    let leaf = Leaf::of(event, vault.entropy());
    let (client, subject) = (leaf.client.as_ref().map(ClientId::as_str), leaf.subject.as_ref().map(SubjectId::as_str));
    let grant = leaf.grant.as_ref().map(GrantId::as_str);
    let receipt = leaf.receipt.as_str();
    let (salt, body) = match &leaf.key_owner {
        None => (leaf.salt.to_vec(), leaf.record),
        Some(owner) => {
            let key = key_of(database, vault, owner)?;
            (Vec::new(), vault.seal_evidence(&key, receipt, (&leaf.salt, &leaf.record))?)
        }
    };
    database.execute(KEEP, params![receipt, leaf.at.millis(), client, subject, leaf.key_owner, salt, body, grant])?;
    database.execute(QUEUE, params![leaf.receipt.as_str(), leaf.commitment.as_bytes()]).map(drop)
}

fn digest(row: &Row<'_>, column: usize) -> Result<Digest, Fault> {
    Ok(Digest::from_bytes(row.get(column)?))
}

fn pending(row: &Row<'_>) -> Result<PendingLeaf, Fault> {
    Ok(PendingLeaf { number: row.get(0)?, receipt: record::id(row.get(1)?)?, commitment: digest(row, 2)? })
}

fn checkpoint(row: &Row<'_>) -> Result<HeldCheckpoint, Fault> {
    let size = record::count(row.get(0)?)?;
    Ok(HeldCheckpoint { size, at: Timestamp::from_millis(row.get(1)?), note: row.get(2)? })
}

fn leaf(row: &Row<'_>, vault: &Vault) -> Result<HeldLeaf, Fault> {
    let (salt, body): (Option<Vec<u8>>, Option<String>) = (row.get(3)?, row.get(4)?);
    let receipt: ReceiptId = record::id(row.get(1)?)?;
    let key = kept_key(row, vault, 5)?;
    let kept = salt.zip(body).map(|(salt, body)| vault::audit_evidence(key.as_ref(), receipt.as_str(), (&salt, body)));
    Ok(HeldLeaf { index: record::count(row.get(0)?)?, receipt, commitment: digest(row, 2)?, kept: kept.flatten() })
}

fn receipt(id: &ReceiptId, row: &Row<'_>, vault: &Vault) -> Result<Option<HeldReceipt>, Fault> {
    let (key, salt): (_, Vec<u8>) = (kept_key(row, vault, 6)?, row.get(3)?);
    let kept = vault::open_evidence(key.as_ref(), id.as_str(), (&salt, row.get(4)?))?;
    let Some((salt, record)) = kept else { return Ok(None) };
    let client: Option<String> = row.get(1)?;
    let subject: Option<String> = row.get(2)?;
    let index: Option<i64> = row.get(5)?;
    Ok(Some(HeldReceipt {
        receipt: id.clone(),
        at: Timestamp::from_millis(row.get(0)?),
        client: client.map(record::id).transpose()?,
        subject: subject.map(record::id).transpose()?,
        salt,
        record,
        index: index.map(record::count).transpose()?,
    }))
}

fn append(database: Database<'_>, append: &Append) -> Result<bool, Fault> {
    let (from, size) = (record::column(append.from)?, record::column(append.checkpoint.size)?);
    if database.execute(GROW, [from, size])? != 1 {
        return Ok(false);
    }
    for (leaf, index) in append.leaves.iter().zip(from..) {
        if database.execute(TAKE_PENDING, params![leaf.number, leaf.receipt.as_str()])? != 1 {
            return Ok(false);
        }
        database.execute(INSERT_LEAF, params![index, leaf.receipt.as_str(), leaf.commitment.as_bytes()])?;
    }
    for tile in &append.tiles {
        database.execute(PUT_TILE, params![tile.level, record::column(tile.index)?, tile.hashes])?;
    }
    let head = &append.checkpoint;
    database.execute(INSERT_CHECKPOINT, params![size, head.at.millis(), head.note])?;
    Ok(true)
}

#[async_trait]
impl EvidenceStore for SqliteStore {
    async fn list_pending_leaves(&self, limit: u32) -> Result<Vec<PendingLeaf>, Fault> {
        self.read(|database| database.list(LIST_PENDING, [limit], pending))
    }

    async fn count_pending_leaves(&self) -> Result<u64, Fault> {
        let count = self.read(|database| database.find(COUNT_PENDING, [], |row| record::count(row.get(0)?)))?;
        Ok(count.unwrap_or_default())
    }

    async fn find_checkpoint(&self, size: Option<u64>) -> Result<Option<HeldCheckpoint>, Fault> {
        let from = size.map(record::column).transpose()?;
        self.read(|database| match from {
            None => database.find(NEWEST_CHECKPOINT, [], checkpoint),
            Some(from) => database.find(CHECKPOINT_FROM, [from], checkpoint),
        })
    }

    async fn list_tiles(&self, ids: &[(u8, u64)]) -> Result<Vec<HeldTile>, Fault> {
        self.read(|database| {
            let tile = |(level, index): &(u8, u64)| {
                let found = database.find(FIND_TILE, params![level, record::column(*index)?], |row| Ok(row.get(0)?))?;
                Ok(found.map(|hashes| HeldTile { level: *level, index: *index, hashes }))
            };
            ids.iter().filter_map(|id| tile(id).transpose()).collect()
        })
    }

    async fn append_leaves(&self, wanted: &Append) -> Result<bool, Fault> {
        let wanted = wanted.clone();
        self.take(move |database| append(database, &wanted)).await
    }

    async fn find_receipt(&self, id: &ReceiptId) -> Result<Option<HeldReceipt>, Fault> {
        self.read(|database| database.find_readable(FIND_RECEIPT, [id.as_str()], |row| receipt(id, row, &self.vault)))
    }

    async fn list_consent_receipts(&self, grant: &GrantId, limit: u32) -> Result<Vec<HeldReceipt>, Fault> {
        let read = |row: &Row<'_>| receipt(&record::id(row.get(8)?)?, row, &self.vault);
        self.read(|database| database.list_readable(LIST_OF_GRANT, params![grant.as_str(), limit], read))
    }

    async fn list_commitments(&self, from: u64, limit: u32) -> Result<Vec<Digest>, Fault> {
        let from = record::column(from)?;
        self.read(|database| database.list(LIST_COMMITMENTS, params![from, limit], |row| digest(row, 0)))
    }
}

#[async_trait]
impl AuditStore for SqliteStore {
    async fn find_log_size(&self) -> Result<u64, Fault> {
        let size = self.read(|database| database.find(SIZE, [], |row| record::count(row.get(0)?)))?;
        size.ok_or_else(|| Fault::Internal("the log's head is missing".into()))
    }

    async fn list_leaves(&self, from: u64, limit: u32) -> Result<Vec<HeldLeaf>, Fault> {
        let from = record::column(from)?;
        self.read(|database| database.list(LIST_LEAVES, params![from, limit], |row| leaf(row, &self.vault)))
    }

    async fn list_checkpoints(&self, after: Option<u64>, limit: u32) -> Result<Vec<HeldCheckpoint>, Fault> {
        let after = after.map_or(Ok(-1), record::column)?;
        self.read(|database| database.list(LIST_CHECKPOINTS, params![after, limit], checkpoint))
    }

    async fn thin_checkpoints(&self, until: Timestamp, span: Duration, limit: u32) -> Result<u64, Fault> {
        let span = record::column(u64::try_from(span.as_millis()).unwrap_or(u64::MAX))?;
        let dropped = self.write(move |database| database.execute(THIN, params![until.millis(), span, limit])).await?;
        Ok(dropped as u64)
    }

    async fn replace_checkpoint(&self, seen: &HeldCheckpoint, note: &str) -> Result<bool, Fault> {
        let (size, seen, note) = (record::column(seen.size)?, seen.note.clone(), note.to_owned());
        self.take(move |database| Ok(database.execute(REPLACE_CHECKPOINT, params![size, seen, note])? == 1)).await
    }
}
