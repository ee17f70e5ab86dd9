//! The log of evidence.

use super::data_keys::{kept_key, key_of};
use super::{PostgresStore, ask, is_one};
use crate::domain::evidence::{Event, Leaf};
use crate::domain::ids::{ClientId, GrantId, ReceiptId, SubjectId};
use crate::domain::sealed::RecordKey;
use crate::domain::{Digest, Fault, Timestamp};
use crate::store::record;
use crate::store::statement::statements;
use crate::store::vault::{self, Vault};
use crate::store::{Append, AuditStore, EvidenceStore, HeldCheckpoint, HeldLeaf, HeldReceipt, HeldTile, PendingLeaf};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::time::Duration;

statements! {
    QUEUE = "WITH kept AS (
            INSERT INTO evidence_records (receipt, at, client_id, subject_id, salt, body, key_id, grant_id)
            SELECT * FROM
            unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::text[], $8::text[], $9::text[]))
        INSERT INTO evidence_queue (receipt, commitment) SELECT * FROM unnest($1::text[], $7::bytea[])";
    LIST_PENDING = "SELECT number, receipt, commitment FROM evidence_queue ORDER BY number LIMIT $1";
    COUNT_PENDING = "SELECT count(*) FROM evidence_queue";
    NEWEST_CHECKPOINT = "SELECT size, at, note FROM evidence_checkpoints ORDER BY size DESC LIMIT 1";
    CHECKPOINT_FROM = "SELECT size, at, note FROM evidence_checkpoints WHERE size >= $1 ORDER BY size LIMIT 1";
    LIST_TILES = "SELECT level, tile_index, hashes FROM evidence_tiles
        WHERE (level, tile_index) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[]))";
    /// Waits for an append under way, and then finds the size changed.
    GROW = "UPDATE evidence_head SET size = $2 WHERE id = 1 AND size = $1";
    TAKE_PENDING = "DELETE FROM evidence_queue
        WHERE (number, receipt) IN (SELECT * FROM unnest($1::bigint[], $2::text[]))";
    INSERT_LEAVES = "INSERT INTO evidence_leaves (leaf_index, receipt, commitment)
        SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])";
    PUT_TILES = "INSERT INTO evidence_tiles (level, tile_index, hashes)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])
        ON CONFLICT (level, tile_index) DO UPDATE SET hashes = excluded.hashes";
    INSERT_CHECKPOINT = "INSERT INTO evidence_checkpoints (size, at, note) VALUES ($1, $2, $3)
        ON CONFLICT (size) DO NOTHING";
    FIND_RECEIPT = "SELECT r.at, r.client_id, r.subject_id, r.salt, r.body, l.leaf_index, r.key_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = r.key_id)
        FROM evidence_records r LEFT JOIN evidence_leaves l ON l.receipt = r.receipt WHERE r.receipt = $1";
    LIST_OF_GRANT = "SELECT r.at, r.client_id, r.subject_id, r.salt, r.body, l.leaf_index, r.key_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = r.key_id), r.receipt
        FROM evidence_records r LEFT JOIN evidence_leaves l ON l.receipt = r.receipt
        WHERE r.grant_id = $1 ORDER BY r.at DESC LIMIT $2";
    LIST_COMMITMENTS = "SELECT commitment FROM evidence_leaves WHERE leaf_index >= $1 ORDER BY leaf_index LIMIT $2";
    SIZE = "SELECT size FROM evidence_head WHERE id = 1";
    LIST_LEAVES = "SELECT l.leaf_index, l.receipt, l.commitment, r.salt, r.body, r.key_id,
            (SELECT sealed FROM data_keys WHERE data_keys.id = r.key_id)
        FROM evidence_leaves l LEFT JOIN evidence_records r ON r.receipt = l.receipt
        WHERE l.leaf_index >= $1 ORDER BY l.leaf_index LIMIT $2";
    LIST_CHECKPOINTS = "SELECT size, at, note FROM evidence_checkpoints WHERE size > $1 ORDER BY size LIMIT $2";
    /// Time never runs back from one head to the next, so a head is the last of its span when the next is of another.
    THIN = "DELETE FROM evidence_checkpoints WHERE size IN (
        SELECT c.size FROM evidence_checkpoints c
        WHERE c.at < $1 AND (SELECT n.at FROM evidence_checkpoints n WHERE n.size > c.size ORDER BY n.size LIMIT 1) / $2
            = c.at / $2 LIMIT $3)";
    REPLACE_CHECKPOINT = "UPDATE evidence_checkpoints SET note = $3 WHERE size = $1 AND note = $2";
}

/// Queues the leaves of events, in the transaction that writes the events down.
pub(super) async fn queue_events(
    connection: &mut PgConnection,
    events: &[Event<'_>],
    vault: &Vault,
) -> Result<(), Fault> {
    let mut leaves = Vec::new();
    for event in events {
        let key = match event.key_owner() {
            Some(owner) => Some(key_of(connection, vault, owner).await?),
            None => None,
        };
        leaves.push((Leaf::of(event, vault.entropy()), key));
    }
    queue_leaves(connection, &leaves, vault).await
}

/// Salt and body as they are kept of a leaf.
pub(super) fn kept(leaf: &Leaf, key: Option<&RecordKey>, vault: &Vault) -> Result<(Vec<u8>, String), Fault> {
    match key {
        None => Ok((leaf.salt.to_vec(), leaf.record.clone())),
        Some(key) => {
            let body = vault.seal_evidence(key, leaf.receipt.as_str(), (&leaf.salt, &leaf.record))?;
            Ok((Vec::new(), body))
        }
    }
}

/// The same for leaves that are made already, each with the key that it is kept under.
pub(super) async fn queue_leaves(
    connection: &mut PgConnection,
    leaves: &[(Leaf, Option<RecordKey>)],
    vault: &Vault,
) -> Result<(), Fault> {
    if leaves.is_empty() {
        return Ok(());
    }
    let records =
        leaves.iter().map(|(leaf, key)| kept(leaf, key.as_ref(), vault)).collect::<Result<Vec<_>, Fault>>()?;
    let leaves = || leaves.iter().map(|(leaf, _)| leaf);
    let clients: Vec<_> = leaves().map(|leaf| leaf.client.as_ref().map(ClientId::as_str)).collect();
    let subjects: Vec<_> = leaves().map(|leaf| leaf.subject.as_ref().map(SubjectId::as_str)).collect();
    let queue = ask(QUEUE).bind(leaves().map(|leaf| leaf.receipt.as_str()).collect::<Vec<_>>());
    let queue = queue.bind(leaves().map(|leaf| leaf.at.millis()).collect::<Vec<_>>()).bind(clients).bind(subjects);
    let queue = queue.bind(records.iter().map(|(salt, _)| salt.as_slice()).collect::<Vec<_>>());
    let queue = queue.bind(records.iter().map(|(_, body)| body.as_str()).collect::<Vec<_>>());
    let queue = queue.bind(leaves().map(|leaf| leaf.commitment.as_bytes().as_slice()).collect::<Vec<_>>());
    let queue = queue.bind(leaves().map(|leaf| leaf.key_owner.as_deref()).collect::<Vec<_>>());
    let grants: Vec<_> = leaves().map(|leaf| leaf.grant.as_ref().map(GrantId::as_str)).collect();
    queue.bind(grants).execute(connection).await?;
    Ok(())
}

fn bytes32(bytes: &[u8]) -> Result<[u8; 32], Fault> {
    bytes.try_into().map_err(|_| Fault::Internal("a stored digest has another length".into()))
}

/// The digest in a column.
pub(super) fn digest(row: &PgRow, column: usize) -> Result<Digest, Fault> {
    bytes32(row.try_get(column)?).map(Digest::from_bytes)
}

fn pending(row: &PgRow) -> Result<PendingLeaf, Fault> {
    Ok(PendingLeaf { number: row.try_get(0)?, receipt: record::id(row.try_get(1)?)?, commitment: digest(row, 2)? })
}

fn checkpoint(row: &PgRow) -> Result<HeldCheckpoint, Fault> {
    let size = record::count(row.try_get(0)?)?;
    Ok(HeldCheckpoint { size, at: Timestamp::from_millis(row.try_get(1)?), note: row.try_get(2)? })
}

fn tile(row: &PgRow) -> Result<HeldTile, Fault> {
    let level = u8::try_from(row.try_get::<i64, _>(0)?);
    let level = level.map_err(|_| Fault::Internal("a stored tile's level is out of range".into()))?;
    Ok(HeldTile { level, index: record::count(row.try_get(1)?)?, hashes: row.try_get(2)? })
}

fn leaf(row: &PgRow, vault: &Vault) -> Result<HeldLeaf, Fault> {
    let (salt, body): (Option<&[u8]>, Option<String>) = (row.try_get(3)?, row.try_get(4)?);
    let receipt: ReceiptId = record::id(row.try_get(1)?)?;
    let key = kept_key(row, vault, 5)?;
    let kept = salt.zip(body).map(|(salt, body)| vault::audit_evidence(key.as_ref(), receipt.as_str(), (salt, body)));
    Ok(HeldLeaf { index: record::count(row.try_get(0)?)?, receipt, commitment: digest(row, 2)?, kept: kept.flatten() })
}

fn receipt(id: &ReceiptId, row: &PgRow, vault: &Vault) -> Result<Option<HeldReceipt>, Fault> {
    let key = kept_key(row, vault, 6)?;
    let kept = vault::open_evidence(key.as_ref(), id.as_str(), (row.try_get(3)?, row.try_get(4)?))?;
    let Some((salt, record)) = kept else { return Ok(None) };
    let client: Option<String> = row.try_get(1)?;
    let subject: Option<String> = row.try_get(2)?;
    let index: Option<i64> = row.try_get(5)?;
    Ok(Some(HeldReceipt {
        receipt: id.clone(),
        at: Timestamp::from_millis(row.try_get(0)?),
        client: client.map(record::id).transpose()?,
        subject: subject.map(record::id).transpose()?,
        salt,
        record,
        index: index.map(record::count).transpose()?,
    }))
}

async fn append(connection: &mut PgConnection, append: &Append) -> Result<bool, Fault> {
    let (from, size) = (record::column(append.from)?, record::column(append.checkpoint.size)?);
    if !is_one(ask(GROW).bind(from).bind(size), connection).await? {
        return Ok(false);
    }
    let numbers: Vec<i64> = append.leaves.iter().map(|leaf| leaf.number).collect();
    let receipts: Vec<&str> = append.leaves.iter().map(|leaf| leaf.receipt.as_str()).collect();
    let taken = ask(TAKE_PENDING).bind(numbers).bind(&receipts).execute(&mut *connection).await?;
    if taken.rows_affected() != append.leaves.len() as u64 {
        return Ok(false);
    }
    let places: Vec<i64> = (from..).take(append.leaves.len()).collect();
    let commitments: Vec<&[u8]> = append.leaves.iter().map(|leaf| leaf.commitment.as_bytes().as_slice()).collect();
    ask(INSERT_LEAVES).bind(places).bind(receipts).bind(commitments).execute(&mut *connection).await?;
    let levels: Vec<i64> = append.tiles.iter().map(|tile| i64::from(tile.level)).collect();
    let places = append.tiles.iter().map(|tile| record::column(tile.index)).collect::<Result<Vec<i64>, Fault>>()?;
    let rows: Vec<&[u8]> = append.tiles.iter().map(|tile| tile.hashes.as_slice()).collect();
    ask(PUT_TILES).bind(levels).bind(places).bind(rows).execute(&mut *connection).await?;
    let head = &append.checkpoint;
    ask(INSERT_CHECKPOINT).bind(size).bind(head.at.millis()).bind(&head.note).execute(connection).await?;
    Ok(true)
}

#[async_trait]
impl EvidenceStore for PostgresStore {
    async fn list_pending_leaves(&self, limit: u32) -> Result<Vec<PendingLeaf>, Fault> {
        ask(LIST_PENDING).bind(i64::from(limit)).fetch_all(&self.pool).await?.iter().map(pending).collect()
    }

    async fn count_pending_leaves(&self) -> Result<u64, Fault> {
        record::count(ask(COUNT_PENDING).fetch_one(&self.pool).await?.try_get(0)?)
    }

    async fn find_checkpoint(&self, size: Option<u64>) -> Result<Option<HeldCheckpoint>, Fault> {
        let find = match size {
            None => ask(NEWEST_CHECKPOINT),
            Some(size) => ask(CHECKPOINT_FROM).bind(record::column(size)?),
        };
        find.fetch_optional(&self.pool).await?.as_ref().map(checkpoint).transpose()
    }

    async fn list_tiles(&self, ids: &[(u8, u64)]) -> Result<Vec<HeldTile>, Fault> {
        let levels: Vec<i64> = ids.iter().map(|(level, _)| i64::from(*level)).collect();
        let places = ids.iter().map(|(_, index)| record::column(*index)).collect::<Result<Vec<i64>, Fault>>()?;
        ask(LIST_TILES).bind(levels).bind(places).fetch_all(&self.pool).await?.iter().map(tile).collect()
    }

    async fn append_leaves(&self, wanted: &Append) -> Result<bool, Fault> {
        let wanted = wanted.clone();
        self.transact(async move |mut transaction| {
            let is_ours = append(&mut transaction, &wanted).await?;
            if is_ours {
                transaction.commit().await?;
            } else {
                transaction.rollback().await?;
            }
            Ok(is_ours)
        })
        .await
    }

    async fn find_receipt(&self, id: &ReceiptId) -> Result<Option<HeldReceipt>, Fault> {
        let row = ask(FIND_RECEIPT).bind(id.as_str()).fetch_optional(&self.pool).await?;
        let found = row.as_ref().map(|row| receipt(id, row, &self.vault)).transpose()?;
        Ok(found.flatten())
    }

    async fn list_consent_receipts(&self, grant: &GrantId, limit: u32) -> Result<Vec<HeldReceipt>, Fault> {
        let rows = ask(LIST_OF_GRANT).bind(grant.as_str()).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        let read = |row: &PgRow| receipt(&record::id(row.try_get(8)?)?, row, &self.vault);
        rows.iter().filter_map(|row| read(row).transpose()).collect()
    }

    async fn list_commitments(&self, from: u64, limit: u32) -> Result<Vec<Digest>, Fault> {
        let list = ask(LIST_COMMITMENTS).bind(record::column(from)?).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(|row| digest(row, 0)).collect()
    }
}

#[async_trait]
impl AuditStore for PostgresStore {
    async fn find_log_size(&self) -> Result<u64, Fault> {
        let row = ask(SIZE).fetch_optional(&self.pool).await?;
        record::count(row.ok_or_else(|| Fault::Internal("the log's head is missing".into()))?.try_get(0)?)
    }

    async fn list_leaves(&self, from: u64, limit: u32) -> Result<Vec<HeldLeaf>, Fault> {
        let list = ask(LIST_LEAVES).bind(record::column(from)?).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(|row| leaf(row, &self.vault)).collect()
    }

    async fn list_checkpoints(&self, after: Option<u64>, limit: u32) -> Result<Vec<HeldCheckpoint>, Fault> {
        let list = ask(LIST_CHECKPOINTS).bind(after.map_or(Ok(-1), record::column)?).bind(i64::from(limit));
        list.fetch_all(&self.pool).await?.iter().map(checkpoint).collect()
    }

    async fn thin_checkpoints(&self, until: Timestamp, span: Duration, limit: u32) -> Result<u64, Fault> {
        let span = record::column(u64::try_from(span.as_millis()).unwrap_or(u64::MAX))?;
        let thin = ask(THIN).bind(until.millis()).bind(span).bind(i64::from(limit));
        Ok(thin.execute(&self.pool).await?.rows_affected())
    }

    async fn replace_checkpoint(&self, seen: &HeldCheckpoint, note: &str) -> Result<bool, Fault> {
        let replace = ask(REPLACE_CHECKPOINT).bind(record::column(seen.size)?).bind(&seen.note).bind(note);
        Ok(replace.execute(&self.pool).await?.rows_affected() == 1)
    }
}
