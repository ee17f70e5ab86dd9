//! The Merkle tree (RFC 9162 §2.1) over SHA-256: hashes, what a proof is made of, and how one is checked. Pure.
//!
//! A proof is a list of hashes of ranges of leaves. Which ranges is decided here; what a range hashes to is put together
//! from perfect subtrees, which [`tiles`](super::tiles) hold.

use aws_lc_rs::digest::{Context, SHA256};
use std::ops::Range;

/// A SHA-256 hash of the tree.
pub type Hash = [u8; 32];

/// A subtree that is whole: `2^height` leaves, beginning with leaf `index * 2^height`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// How far above the leaves.
    pub height: u32,
    /// Its place among those of its height.
    pub index: u64,
}

/// Why a proof shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf would stand outside the tree, or the first tree is larger than the second.
    #[error("the sizes do not fit: the proof is about another tree")]
    Sizes,
    /// It has too few or too many hashes for these sizes.
    #[error("the proof has another length than these sizes demand")]
    Length,
    /// Its hashes lead to another root.
    #[error("the proof leads to another root hash")]
    Root,
}

fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0_u8; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// The hash of a tree without leaves (RFC 9162 §2.1.1).
#[must_use]
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// The hash of a leaf.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    sha256(&[&[0], entry])
}

/// The hash of two subtrees together.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// The root over hashes of subtrees that stand side by side, from large to small; the empty root over none.
#[must_use]
pub fn root_of_parts(parts: &[Hash]) -> Hash {
    let mut from_right = parts.iter().rev();
    let Some(last) = from_right.next() else { return empty_root() };
    from_right.fold(*last, |right, left| node_hash(left, &right))
}

/// The root over a whole number of hashes of equal height, as a tree of its own.
#[must_use]
pub fn root_of_row(row: &[Hash]) -> Hash {
    match row {
        [] => empty_root(),
        [one] => *one,
        more => {
            let (left, right) = more.split_at(largest_power_below(more.len() as u64).try_into().unwrap_or(1));
            node_hash(&root_of_row(left), &root_of_row(right))
        }
    }
}

/// The largest power of two below `n`, which is at least 2 (RFC 9162 §2.1.1: k < n <= 2k).
const fn largest_power_below(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The whole subtrees that a range of a tree consists of, from left to right. The range begins where RFC 9162's
/// recursion lets one begin, so their heights only fall.
#[must_use]
pub fn parts_of(range: &Range<u64>) -> Vec<Node> {
    let mut parts = Vec::new();
    let mut from = range.start;
    while from < range.end {
        let height = (range.end - from).ilog2().min(from.trailing_zeros());
        parts.push(Node { height, index: from >> height });
        from += 1 << height;
    }
    parts
}

/// The ranges whose hashes show that leaf `index` is in the tree of `size` leaves, from the leaf up (RFC 9162
/// §2.1.3.1); none when it is not in it.
#[must_use]
pub fn inclusion_ranges(index: u64, size: u64) -> Option<Vec<Range<u64>>> {
    if index >= size {
        return None;
    }
    let (mut low, mut high, mut ranges) = (0, size, Vec::new());
    while high - low > 1 {
        let middle = low + largest_power_below(high - low);
        if index < middle {
            ranges.push(middle..high);
            high = middle;
        } else {
            ranges.push(low..middle);
            low = middle;
        }
    }
    ranges.reverse();
    Some(ranges)
}

/// The ranges whose hashes show that the tree of `second` leaves begins with the tree of `first` (RFC 9162 §2.1.4.1);
/// none when `first` is zero or larger.
#[must_use]
pub fn consistency_ranges(first: u64, second: u64) -> Option<Vec<Range<u64>>> {
    if first == 0 || first > second {
        return None;
    }
    let (mut low, mut high, mut ranges) = (0, second, Vec::new());
    while first != high {
        let middle = low + largest_power_below(high - low);
        if first <= middle {
            ranges.push(middle..high);
            high = middle;
        } else {
            ranges.push(low..middle);
            low = middle;
        }
    }
    if low > 0 {
        ranges.push(low..high);
    }
    ranges.reverse();
    Some(ranges)
}

/// Checks that `leaf` is leaf `index` of the tree of `size` leaves with `root` (RFC 9162 §2.1.3.2).
///
/// # Errors
/// [`ProofError`] when the proof does not show it.
pub fn verify_inclusion(at: (u64, u64), leaf: &Hash, proof: &[Hash], root: &Hash) -> Result<(), ProofError> {
    let (index, size) = at;
    if index >= size {
        return Err(ProofError::Sizes);
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for step in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(step, &hash);
            rise_to_right_child(&mut place, &mut last);
        } else {
            hash = node_hash(&hash, step);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Leaves out the levels at which the last node of a row has no neighbour.
const fn rise_to_right_child(place: &mut u64, last: &mut u64) {
    while *place & 1 == 0 && *place != 0 {
        *place >>= 1;
        *last >>= 1;
    }
}

/// A tree as a checkpoint names it: its size and its root.
pub type Head = (u64, Hash);

/// Checks that the tree `second` begins with the tree `first` (RFC 9162 §2.1.4.2). Every tree begins with the empty one,
/// and needs no proof of it.
///
/// # Errors
/// [`ProofError`] when the proof does not show it.
pub fn verify_consistency(first: &Head, second: &Head, proof: &[Hash]) -> Result<(), ProofError> {
    let ((size, root), (larger, larger_root)) = (first, second);
    if size > larger {
        return Err(ProofError::Sizes);
    }
    if *size == 0 || size == larger {
        let is_root = if *size == 0 { *root == empty_root() } else { root == larger_root };
        return match (proof.is_empty(), is_root) {
            (false, _) => Err(ProofError::Length),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    // A first tree that is whole is itself the first hash.
    let own = size.is_power_of_two().then_some(root);
    let mut steps = own.into_iter().chain(proof);
    let (mut place, mut last) = (size - 1, larger - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let Some(start) = steps.next() else { return Err(ProofError::Length) };
    let (mut older, mut newer) = (*start, *start);
    for step in steps {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if place & 1 == 1 || place == last {
            older = node_hash(step, &older);
            newer = node_hash(step, &newer);
            rise_to_right_child(&mut place, &mut last);
        } else {
            newer = node_hash(&newer, step);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if older == *root && newer == *larger_root { Ok(()) } else { Err(ProofError::Root) }
}

#[cfg(test)]
mod tests;
