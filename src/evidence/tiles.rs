//! The tree cut into tiles of 256 hashes (C2SP tlog-tiles): how they are named, how they grow, how proofs read them.
//!
//! Level 0 holds the leaves' hashes; each hash of level `l + 1` is the root of one full tile of level `l`. A tile that is
//! not full yet is a part of the full one from its left, so one growing row is kept for it and any shorter form is cut
//! from that.

use super::tree::{self, Hash, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

/// Hashes in a full tile.
pub const WIDTH: u16 = 256;
/// Tree levels in a tile, as a power of two.
const HEIGHT: u32 = 8;
/// Levels that a tree of up to 2^64 leaves can have.
const LEVELS: u8 = 8;

/// A tile's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// Its level; 0 holds the leaves' hashes.
    pub level: u8,
    /// Its index within the level.
    pub index: u64,
}

/// What a path below `tile/` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The first hashes of a tile.
    Hashes(TileId),
    /// The first entries of the bundle with this index.
    Entries(u64),
}

/// A path below `tile/`: what, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TilePath {
    /// What.
    pub resource: Resource,
    /// How many hashes or entries: 256, or fewer for a partial one.
    pub width: u16,
}

impl TilePath {
    /// Reads `<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]`, in its one spelling; none for any other text.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (kind, rest) = path.split_once('/')?;
        let (number, width) = match rest.split_once(".p/") {
            None => (rest, WIDTH),
            Some((number, width)) => (number, decimal(width).filter(|width| (1..WIDTH).contains(width))?),
        };
        let index = parse_index(number)?;
        let resource = match kind {
            "entries" => Resource::Entries(index),
            level => Resource::Hashes(TileId { level: decimal(level).filter(|level| *level < 64)?, index }),
        };
        Some(Self { resource, width })
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let index = match self.resource {
            Resource::Entries(index) => {
                f.write_str("entries/")?;
                index
            }
            Resource::Hashes(id) => {
                write!(f, "{}/", id.level)?;
                id.index
            }
        };
        write_index(index / 1000, f)?;
        write!(f, "{:03}", index % 1000)?;
        if self.width < WIDTH { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

fn write_index(above: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if above == 0 {
        return Ok(());
    }
    write_index(above / 1000, f)?;
    write!(f, "x{:03}/", above % 1000)
}

/// A number without a sign or zeroes before it.
fn decimal<T: std::str::FromStr>(text: &str) -> Option<T> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain)
}

fn parse_index(text: &str) -> Option<u64> {
    let mut elements = text.split('/').rev();
    let last = elements.next()?;
    let mut above: Vec<&str> = elements.map(|e| e.strip_prefix('x')).collect::<Option<_>>()?;
    above.reverse();
    if above.first().is_some_and(|first| *first == "000") {
        return None;
    }
    above.into_iter().chain([last]).try_fold(0_u64, |index, element| {
        let is_element = element.len() == 3 && element.bytes().all(|b| b.is_ascii_digit());
        let value: u64 = element.parse().ok().filter(|_| is_element)?;
        index.checked_mul(1000)?.checked_add(value)
    })
}

/// How many hashes the tile has in a tree of `size` leaves; 0 when it is not in it.
#[must_use]
pub fn width_in(id: TileId, size: u64) -> u16 {
    let hashes = size.checked_shr(HEIGHT * u32::from(id.level)).unwrap_or(0);
    let before = id.index.saturating_mul(u64::from(WIDTH));
    u16::try_from(hashes.saturating_sub(before).min(u64::from(WIDTH))).unwrap_or(WIDTH)
}

/// The tiles at the right edge of a tree of `size` leaves that are not full: what an append must know.
#[must_use]
pub fn edge_of(size: u64) -> Vec<TileId> {
    let at = |level: u8| {
        let hashes = size.checked_shr(HEIGHT * u32::from(level)).unwrap_or(0);
        let id = TileId { level, index: hashes >> HEIGHT };
        (!hashes.is_multiple_of(u64::from(WIDTH))).then_some(id)
    };
    (0..LEVELS).filter_map(at).collect()
}

/// Every tile of a tree of `size` leaves at `level`, from left to right.
pub fn tiles_at(level: u8, size: u64) -> impl Iterator<Item = TileId> {
    let hashes = size.checked_shr(HEIGHT * u32::from(level)).unwrap_or(0);
    (0..hashes.div_ceil(u64::from(WIDTH))).map(move |index| TileId { level, index })
}

/// Why tiles cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// One is not there, or is shorter than the tree's size demands.
    #[error("tile {}/{} is missing or too short", .0.level, .0.index)]
    Missing(TileId),
    /// Its bytes are no row of hashes.
    #[error("tile {}/{} is no row of 32-byte hashes", .0.level, .0.index)]
    Torn(TileId),
}

/// Tiles that were fetched, to read a tree's hashes from.
#[derive(Clone, Debug, Default)]
pub struct Tiles(BTreeMap<TileId, Vec<Hash>>);

impl Tiles {
    /// Takes a tile in, from its bytes.
    ///
    /// # Errors
    /// [`TileError::Torn`] when they are no row of hashes.
    pub fn insert(&mut self, id: TileId, bytes: &[u8]) -> Result<(), TileError> {
        let (row, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || row.len() > usize::from(WIDTH) {
            return Err(TileError::Torn(id));
        }
        self.0.insert(id, row.to_vec());
        Ok(())
    }

    /// The row of a tile, cut to what it has in a tree of `size` leaves.
    ///
    /// # Errors
    /// [`TileError::Missing`] when there is less of it.
    pub fn row(&self, id: TileId, size: u64) -> Result<&[Hash], TileError> {
        let width = usize::from(width_in(id, size));
        self.0.get(&id).and_then(|row| row.get(..width)).ok_or(TileError::Missing(id))
    }

    fn node(&self, node: Node) -> Result<Hash, TileError> {
        let (id, offsets) = place_of(node);
        let row = self.0.get(&id).and_then(|row| row.get(offsets));
        row.map(tree::root_of_row).ok_or(TileError::Missing(id))
    }

    /// The hash of a range of leaves.
    ///
    /// # Errors
    /// [`TileError::Missing`] when a tile of it is not there.
    pub fn hash(&self, range: &Range<u64>) -> Result<Hash, TileError> {
        let parts = tree::parts_of(range).into_iter().map(|node| self.node(node));
        Ok(tree::root_of_parts(&parts.collect::<Result<Vec<_>, _>>()?))
    }

    /// The hashes of ranges: a proof.
    ///
    /// # Errors
    /// [`TileError::Missing`] when a tile of one is not there.
    pub fn proof(&self, ranges: &[Range<u64>]) -> Result<Vec<Hash>, TileError> {
        ranges.iter().map(|range| self.hash(range)).collect()
    }
}

/// The tile that holds a subtree's hash or what it is made of, and where in it.
fn place_of(node: Node) -> (TileId, Range<usize>) {
    let (level, above) = (node.height / HEIGHT, node.height % HEIGHT);
    let first = node.index << above;
    let offset = usize::try_from(first % u64::from(WIDTH)).unwrap_or(0);
    let id = TileId { level: u8::try_from(level).unwrap_or(LEVELS), index: first / u64::from(WIDTH) };
    (id, offset..offset + (1 << above))
}

/// The tiles that the hashes of ranges are read from.
#[must_use]
pub fn tiles_for(ranges: &[Range<u64>]) -> BTreeSet<TileId> {
    ranges.iter().flat_map(tree::parts_of).map(|node| place_of(node).0).collect()
}

/// The right edge of a growing tree: all that an append must know, some kilobytes whatever the tree's size.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    size: u64,
    rows: Vec<Vec<Hash>>,
    full: Vec<(TileId, Vec<Hash>)>,
    touched: usize,
}

impl Edge {
    /// The edge of a tree of `size` leaves from its tiles.
    ///
    /// # Errors
    /// [`TileError`] when one of them is missing.
    pub fn read(size: u64, tiles: &Tiles) -> Result<Self, TileError> {
        let mut rows = Vec::new();
        for id in edge_of(size) {
            rows.resize(usize::from(id.level), Vec::new());
            rows.push(tiles.row(id, size)?.to_vec());
        }
        Ok(Self { size, rows, full: Vec::new(), touched: 0 })
    }

    /// How many leaves the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn append(&mut self, leaf: Hash) {
        let (mut hash, mut level) = (leaf, 0);
        loop {
            if self.rows.len() == level {
                self.rows.push(Vec::with_capacity(usize::from(WIDTH)));
            }
            let Some(row) = self.rows.get_mut(level) else { break };
            row.push(hash);
            self.touched = self.touched.max(level + 1);
            if row.len() < usize::from(WIDTH) {
                break;
            }
            hash = tree::root_of_row(row);
            let index = self.size.checked_shr(HEIGHT * (level_of(level) + 1)).unwrap_or(0);
            let id = TileId { level: u8::try_from(level).unwrap_or(LEVELS), index };
            self.full.push((id, std::mem::take(row)));
            level += 1;
        }
        self.size += 1;
    }

    /// The root of the tree as it stands.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut parts = Vec::new();
        for row in self.rows.iter().rev() {
            let length = row.len() as u64;
            for node in tree::parts_of(&(0..length)) {
                let from = usize::try_from(node.index << node.height).unwrap_or(0);
                parts.extend(row.get(from..from + (1 << node.height)).map(tree::root_of_row));
            }
        }
        tree::root_of_parts(&parts)
    }

    /// The tiles that were changed or filled since this was last asked, with their rows, each as it stands now.
    #[must_use]
    pub fn take_changed(&mut self) -> Vec<(TileId, Vec<u8>)> {
        let (filled, touched) = (std::mem::take(&mut self.full), std::mem::take(&mut self.touched));
        let edge = self.rows.iter().take(touched).enumerate().filter(|(_, row)| !row.is_empty());
        let edge = edge.map(|(level, row)| {
            let index = self.size.checked_shr(HEIGHT * (level_of(level) + 1)).unwrap_or(0);
            (TileId { level: u8::try_from(level).unwrap_or(LEVELS), index }, row)
        });
        let full = filled.iter().map(|(id, row)| (*id, row));
        full.chain(edge).map(|(id, row)| (id, row.concat())).collect()
    }
}

fn level_of(level: usize) -> u32 {
    u32::try_from(level).unwrap_or(u32::from(LEVELS))
}

/// Entries as a bundle: each with its length before it, in two bytes; none when one is longer than those can say.
#[must_use]
pub fn bundle<'e>(entries: impl IntoIterator<Item = &'e [u8]>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for entry in entries {
        out.extend_from_slice(&u16::try_from(entry.len()).ok()?.to_be_bytes());
        out.extend_from_slice(entry);
    }
    Some(out)
}

/// The entries of a bundle; none when its lengths do not fit it.
#[must_use]
pub fn unbundle(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        bytes = rest;
    }
    bytes.is_empty().then_some(entries)
}

#[cfg(test)]
mod tests;
