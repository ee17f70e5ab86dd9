//! What the log answers: its head, its tiles, and receipts.

use super::log::EvidenceLog;
use super::receipt::{Consistency, Receipt, spell};
use super::tiles::{self, Resource, TilePath, WIDTH};
use super::tree::{self, Hash};
use crate::domain::ids::{ClientId, ReceiptId, SubjectId};
use crate::domain::{Failure, Fault, Refusal};
use crate::store::HeldReceipt;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::ops::Range;
use std::time::Duration;

/// When a receipt that waits is worth asking for again.
const SOON: Duration = Duration::from_secs(1);

/// Who asks for a receipt.
#[derive(Clone, Copy, Debug)]
pub enum Reader<'a> {
    /// A third party: for what concerns it.
    Client(&'a ClientId),
    /// A person: for what concerns them.
    Subject(&'a SubjectId),
    /// The auditor.
    Auditor,
}

impl Reader<'_> {
    fn may_read(&self, held: &HeldReceipt) -> bool {
        match self {
            Self::Client(client) => held.client.as_ref() == Some(*client),
            Self::Subject(subject) => held.subject.as_ref() == Some(*subject),
            Self::Auditor => true,
        }
    }
}

fn not_found() -> Refusal {
    Refusal::new("not_found", "There is no such receipt of yours, or its record was erased in its time.")
}

impl EvidenceLog {
    /// The newest head, as a signed note.
    ///
    /// # Errors
    /// `temporarily_unavailable` before there is one.
    pub async fn checkpoint(&self) -> Result<String, Failure> {
        let newest = self.parts.store.find_checkpoint(None).await?;
        let none = || Refusal::new("temporarily_unavailable", "The log has not signed its first checkpoint yet.");
        Ok(newest.ok_or_else(|| none().retry_after(SOON))?.note)
    }

    /// The bytes of a tile or bundle; none when the log has not so much of it.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, Fault> {
        let width = usize::from(path.width);
        match path.resource {
            Resource::Hashes(id) => {
                let found = self.parts.store.list_tiles(&[(id.level, id.index)]).await?.pop();
                Ok(found.and_then(|tile| tile.hashes.get(..width * 32).map(<[u8]>::to_vec)))
            }
            Resource::Entries(index) => {
                let Some(from) = index.checked_mul(u64::from(WIDTH)) else { return Ok(None) };
                let entries = self.parts.store.list_commitments(from, u32::from(path.width)).await?;
                let is_whole = entries.len() == width;
                let bundle = tiles::bundle(entries.iter().map(|entry| entry.as_bytes().as_slice()));
                Ok(bundle.filter(|_| is_whole))
            }
        }
    }

    /// A receipt with its proof; with the proof that the log grew from `from` leaves, where that is asked for.
    ///
    /// # Errors
    /// `not_found` for what is not the reader's; `receipt_pending` while its leaf waits; `invalid_value` when the log
    /// has never had `from` leaves.
    pub async fn receipt(&self, id: &str, reader: Reader<'_>, from: Option<u64>) -> Result<Receipt, Failure> {
        let id = ReceiptId::parse(id).map_err(|_| not_found())?;
        let held = self.parts.store.find_receipt(&id).await?;
        let held = held.filter(|held| reader.may_read(held)).ok_or_else(not_found)?;
        let pending = || Refusal::new("receipt_pending", "The event is on its way into the log.").retry_after(SOON);
        let index = held.index.ok_or_else(pending)?;
        let newest = self.parts.store.find_checkpoint(None).await?.ok_or_else(pending)?;
        let size = newest.size;
        let inclusion = tree::inclusion_ranges(index, size).ok_or_else(pending)?;
        let growth = match from {
            None => Vec::new(),
            Some(from) => tree::consistency_ranges(from, size).ok_or_else(|| {
                let words = format!("The log has {size} leaves: name a number from 1 to that.");
                Refusal::new("invalid_value", words).at("from")
            })?,
        };
        let proofs = self.proofs(&inclusion, &growth).await?;
        let record = serde_json::from_str(&held.record);
        Ok(Receipt {
            receipt: id.to_string(),
            record: record.map_err(|_| Fault::Internal("a kept record is no JSON".into()))?,
            salt: STANDARD.encode(held.salt),
            leaf_index: index,
            inclusion_proof: proofs.0.iter().map(spell).collect(),
            checkpoint: newest.note,
            consistency: from.map(|from| Consistency { from, proof: proofs.1.iter().map(spell).collect() }),
        })
    }

    pub(super) async fn proofs(
        &self,
        one: &[Range<u64>],
        other: &[Range<u64>],
    ) -> Result<(Vec<Hash>, Vec<Hash>), Fault> {
        let mut ids = tiles::tiles_for(one);
        ids.extend(tiles::tiles_for(other));
        let tiles = self.tiles(ids).await?;
        let damaged = |error| Fault::Internal(format!("the log of evidence is damaged ({error})"));
        Ok((tiles.proof(one).map_err(damaged)?, tiles.proof(other).map_err(damaged)?))
    }

    /// Checks a receipt that someone kept, with the keys of this log.
    ///
    /// # Errors
    /// `invalid_value` with what does not hold; [`Fault`] when the store is away.
    pub async fn check(&self, receipt: &Receipt) -> Result<super::checkpoint::Checkpoint, Failure> {
        let keys = self.verifiers().await?;
        receipt.verify(&keys).map_err(|error| Refusal::new("invalid_value", error.to_string()).into())
    }
}
