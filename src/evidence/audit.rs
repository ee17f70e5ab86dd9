//! The auditor's reading of a whole log: what it says of itself, held against what it holds.
//!
//! First the heads: each is signed by a key of the log, is no smaller and no earlier than the one before it, and has the
//! root that the tiles lead to; so each follows from the one before. Then the leaves: none is missing, each is what its tile
//! holds, and what is kept of an event is what its leaf committed to. A full reading also grows the tree anew from its
//! first leaf and compares every tile.

use super::checkpoint::{Checkpoint, CheckpointError};
use super::note::{Note, NoteError, Verifier};
use super::receipt::{leaf_of, open};
use super::tiles::{self, Edge, TileId, Tiles, WIDTH};
use super::tree::{self, Hash};
use crate::domain::evidence::commitment;
use crate::domain::ids::ReceiptId;
use crate::domain::{Fault, Timestamp};
use crate::store::{HeldCheckpoint, HeldLeaf, Store};
use std::fmt;
use std::ops::Range;

/// Leaves and heads read at once.
const PAGE: u32 = 2048;
/// Leaves that a reading that is not full looks at: the newest.
const NEWEST: u64 = 16 * WIDTH as u64;

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// There are leaves or heads, and no key of the log's.
    KeyLost,
    /// A head that was signed is over more leaves than are left.
    Truncated {
        /// Leaves that were signed.
        signed: u64,
        /// Leaves that are left, without a gap.
        left: u64,
    },
    /// Leaves were appended without a signed head.
    Unsigned {
        /// Leaves that the log says it has.
        said: u64,
        /// Leaves that were signed.
        signed: u64,
    },
    /// A head has another root than the log leads to.
    Forked(u64),
    /// A head does not verify.
    Head(u64, CheckpointError),
    /// A head is earlier than the one before it.
    ClockWentBack {
        /// Its size.
        size: u64,
        /// Its time.
        at: Timestamp,
        /// The time of the one before.
        before: Timestamp,
    },
    /// What is kept of an event is not what was logged.
    Tampered(u64, ReceiptId),
    /// A leaf is not the one that its tile holds.
    Leaf(u64),
    /// A tile is missing, or not what its leaves lead to.
    Tile(TileId),
    /// A witness's signature does not verify.
    Witness(u64),
    /// No head has been seen by the witness.
    Unwitnessed,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyLost => f.write_str(
                "key lost: the log was signed, and none of its keys is in the store. Restore the keys from a backup, \
                 or check with --key and a public key that was kept elsewhere",
            ),
            Self::Truncated { signed, left } => {
                write!(f, "truncated log: a checkpoint was signed over {signed} leaves, and {left} are left")
            }
            Self::Unsigned { said, signed } => {
                write!(f, "the log says it has {said} leaves, and its newest checkpoint is over {signed}")
            }
            Self::Forked(size) => write!(
                f,
                "forked log: the checkpoint over {size} leaves has another root than the log leads to; leaves were \
                 changed, put in or taken out after it was signed"
            ),
            Self::Head(size, error) => write!(f, "the checkpoint over {size} leaves does not verify: {error}"),
            Self::ClockWentBack { size, at, before } => write!(
                f,
                "clock going back: the checkpoint over {size} leaves was signed at {}, the one before it at {}",
                at.rfc3339(),
                before.rfc3339()
            ),
            Self::Tampered(index, receipt) => write!(
                f,
                "tampered receipt: what is kept under {receipt} is not what was logged as leaf {index}; its record or \
                 its salt was changed"
            ),
            Self::Leaf(index) => write!(f, "leaf {index} was changed: its tile holds another"),
            Self::Tile(id) => write!(f, "tile {}/{} is missing or was changed", id.level, id.index),
            Self::Witness(size) => {
                write!(f, "the witness's signature of the checkpoint over {size} leaves does not verify")
            }
            Self::Unwitnessed => f.write_str("no checkpoint carries a signature of this witness"),
        }
    }
}

/// What is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Signed heads, by the size of the newest.
    Heads,
    /// Leaves.
    Leaves,
}

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many leaves the log has.
    pub size: u64,
    /// How many heads were checked.
    pub heads: u64,
    /// How many leaves were checked.
    pub leaves: u64,
    /// How many of them still have their record.
    pub kept: u64,
    /// The largest tree that the witness has signed.
    pub witnessed: Option<u64>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// An audit of a log.
pub struct Audit<'a> {
    /// Holds it.
    pub store: &'a dyn Store,
    /// What its heads are verified with.
    pub keys: Vec<Verifier>,
    /// Who must have seen it.
    pub witness: Option<Verifier>,
    /// A head that was kept elsewhere: the log must still follow from it.
    pub kept: Option<String>,
}

/// Told how far an audit is: the step, and done of how many.
pub type Progress<'p> = dyn FnMut(Step, u64, u64) + Send + 'p;

impl Audit<'_> {
    /// Reads the log.
    ///
    /// # Errors
    /// [`Fault`] when the store is away. What is wrong with the log is in the report.
    pub async fn run(&self, is_full: bool, progress: &mut Progress<'_>) -> Result<Report, Fault> {
        let newest = self.store.find_checkpoint(None).await?;
        let signed = newest.map_or(0, |head| head.size);
        let mut report = Report { size: signed, ..Report::default() };
        let said = self.store.find_log_size().await?;
        if said != signed {
            report.findings.push(Finding::Unsigned { said, signed });
        }
        if self.keys.is_empty() && (said > 0 || signed > 0) {
            report.findings.push(Finding::KeyLost);
        }
        self.read_heads(&mut report, progress).await?;
        self.read_kept(&mut report).await?;
        self.read_leaves(&mut report, is_full, progress).await?;
        Ok(report)
    }

    async fn read_heads(&self, report: &mut Report, progress: &mut Progress<'_>) -> Result<(), Fault> {
        let (mut after, mut before) = (None, None);
        loop {
            let page = self.store.list_checkpoints(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.size);
            for head in &page {
                self.read_head(head, before, report).await?;
                before = Some(head.at);
            }
            progress(Step::Heads, after.unwrap_or_default(), report.size);
        }
        if self.witness.is_some() && report.witnessed.is_none() {
            report.findings.push(Finding::Unwitnessed);
        }
        Ok(())
    }

    async fn read_head(
        &self,
        head: &HeldCheckpoint,
        before: Option<Timestamp>,
        report: &mut Report,
    ) -> Result<(), Fault> {
        report.heads += 1;
        if let Some(before) = before.filter(|before| head.at < *before) {
            report.findings.push(Finding::ClockWentBack { size: head.size, at: head.at, before });
        }
        if let Some(witness) = &self.witness {
            match Note::parse(&head.note).and_then(|note| note.seen(witness)) {
                Ok(_) => report.witnessed = Some(head.size),
                Err(NoteError::Forged) => report.findings.push(Finding::Witness(head.size)),
                Err(NoteError::Unsigned | NoteError::Form) => {}
            }
        }
        if self.keys.is_empty() {
            return Ok(());
        }
        match open(&head.note, &self.keys) {
            Err(error) => report.findings.push(Finding::Head(head.size, error)),
            Ok(signed) if signed.size != head.size => {
                report.findings.push(Finding::Head(head.size, CheckpointError::Form));
            }
            Ok(signed) => self.compare(&signed, report).await?,
        }
        Ok(())
    }

    /// Holds a head that verifies against the tiles.
    async fn compare(&self, signed: &Checkpoint, report: &mut Report) -> Result<(), Fault> {
        match self.root(signed.size).await? {
            Ok(root) if root == signed.root => {}
            Ok(_) => report.findings.push(Finding::Forked(signed.size)),
            Err(missing) => report.findings.push(Finding::Tile(missing)),
        }
        Ok(())
    }

    /// The root over the first leaves, from the tiles; or the tile that is missing.
    async fn root(&self, size: u64) -> Result<Result<Hash, TileId>, Fault> {
        if size == 0 {
            return Ok(Ok(tree::empty_root()));
        }
        let whole: Range<u64> = 0..size;
        let (tiles, torn) = self.tiles(tiles::tiles_for(std::slice::from_ref(&whole))).await?;
        let read = tiles.hash(&whole).map_err(|error| match error {
            tiles::TileError::Missing(id) | tiles::TileError::Torn(id) => id,
        });
        Ok(torn.map_or(read, Err))
    }

    async fn tiles(&self, ids: impl IntoIterator<Item = TileId>) -> Result<(Tiles, Option<TileId>), Fault> {
        let ids: Vec<(u8, u64)> = ids.into_iter().map(|id| (id.level, id.index)).collect();
        let (mut tiles, mut torn) = (Tiles::default(), None);
        for tile in self.store.list_tiles(&ids).await? {
            let id = TileId { level: tile.level, index: tile.index };
            if tiles.insert(id, &tile.hashes).is_err() {
                torn = Some(id);
            }
        }
        Ok((tiles, torn))
    }

    /// Holds a head that was kept elsewhere against the log.
    async fn read_kept(&self, report: &mut Report) -> Result<(), Fault> {
        let Some(note) = &self.kept else { return Ok(()) };
        match open(note, &self.keys) {
            Err(error) => report.findings.push(Finding::Head(0, error)),
            Ok(kept) if kept.size > report.size => {
                report.findings.push(Finding::Truncated { signed: kept.size, left: report.size });
            }
            Ok(kept) => self.compare(&kept, report).await?,
        }
        Ok(())
    }

    async fn read_leaves(&self, report: &mut Report, is_full: bool, progress: &mut Progress<'_>) -> Result<(), Fault> {
        let first = report.size.saturating_sub(if is_full { report.size } else { NEWEST });
        let mut next = first - first % u64::from(WIDTH);
        let mut grown = is_full.then(Edge::default);
        while next < report.size {
            let page = self.store.list_leaves(next, PAGE).await?;
            // A gap ends the reading: what stands behind it is at another place than was signed.
            let whole = page.iter().zip(next..report.size).take_while(|(leaf, index)| leaf.index == *index).count();
            let page = page.get(..whole).unwrap_or_default();
            if page.is_empty() {
                report.findings.push(Finding::Truncated { signed: report.size, left: next });
                return Ok(());
            }
            self.read_page(page, report, grown.as_mut()).await?;
            next += page.len() as u64;
            progress(Step::Leaves, report.leaves, report.size - (first - first % u64::from(WIDTH)));
        }
        Ok(())
    }

    async fn read_page(&self, page: &[HeldLeaf], report: &mut Report, grown: Option<&mut Edge>) -> Result<(), Fault> {
        let place = |index: u64| TileId { level: 0, index: index / u64::from(WIDTH) };
        let mut wanted: Vec<TileId> = page.iter().map(|leaf| place(leaf.index)).collect();
        wanted.dedup();
        let (tiles, torn) = self.tiles(wanted).await?;
        report.findings.extend(torn.map(Finding::Tile));
        for leaf in page {
            report.leaves += 1;
            let hash = leaf_of(leaf.commitment);
            if tiles.hash(&(leaf.index..leaf.index + 1)) != Ok(hash) {
                report.findings.push(Finding::Leaf(leaf.index));
            }
            let Some((salt, record)) = &leaf.kept else { continue };
            report.kept += 1;
            if commitment(salt, record) != leaf.commitment || !is_record_of(record, &leaf.receipt) {
                report.findings.push(Finding::Tampered(leaf.index, leaf.receipt.clone()));
            }
        }
        let Some(edge) = grown else { return Ok(()) };
        for leaf in page {
            edge.append(leaf_of(leaf.commitment));
        }
        for (id, row) in edge.take_changed() {
            let held = self.store.list_tiles(&[(id.level, id.index)]).await?.pop();
            if held.is_none_or(|held| !held.hashes.starts_with(&row)) {
                report.findings.push(Finding::Tile(id));
            }
        }
        Ok(())
    }
}

fn is_record_of(record: &str, receipt: &ReceiptId) -> bool {
    let read: Result<serde_json::Value, _> = serde_json::from_str(record);
    read.is_ok_and(|record| record.get("receipt").and_then(serde_json::Value::as_str) == Some(receipt.as_str()))
}
