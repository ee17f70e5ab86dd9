//! A receipt: what happened, and the proof that it is in the log. It is checked with the log's public key alone.

use super::checkpoint::{Checkpoint, CheckpointError};
use super::note::Verifier;
use super::tree::{self, Hash, ProofError};
use crate::domain::Digest;
use crate::domain::evidence::{canonical, commitment};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// That the log's tree grew from an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consistency {
    /// How many leaves the earlier tree had.
    pub from: u64,
    /// Hashes (base64) that lead from its root to the checkpoint's (RFC 9162 §2.1.4).
    pub proof: Vec<String>,
}

/// A receipt as it is given out and kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its id.
    pub receipt: String,
    /// What happened.
    pub record: Value,
    /// What hides the record in the log: 32 bytes, base64.
    pub salt: String,
    /// Which leaf of the log it is.
    pub leaf_index: u64,
    /// Hashes (base64) that lead from the leaf to the checkpoint's root (RFC 9162 §2.1.3).
    pub inclusion_proof: Vec<String>,
    /// A signed head of the log (C2SP tlog-checkpoint).
    pub checkpoint: String,
    /// That the log grew from an earlier head, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consistency: Option<Consistency>,
}

/// Why a receipt shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// A member of it cannot be read.
    #[error("the receipt's {0} cannot be read: the file was cut or changed")]
    Form(&'static str),
    /// The record names another receipt.
    #[error("the record is another receipt's")]
    Other,
    /// Its checkpoint.
    #[error("{0}")]
    Checkpoint(#[from] CheckpointError),
    /// Its proof.
    #[error(
        "this record is not the one that was logged as leaf {index}: {why}. The record, the salt or the proof was changed"
    )]
    Proof {
        /// Which leaf it claims to be.
        index: u64,
        /// What the proof lacks.
        why: ProofError,
    },
}

/// A hash as receipts spell it.
#[must_use]
pub fn spell(hash: &Hash) -> String {
    STANDARD.encode(hash)
}

fn read(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// What the leaf of a commitment hashes to.
#[must_use]
pub fn leaf_of(commitment: Digest) -> Hash {
    tree::leaf_hash(commitment.as_bytes())
}

impl Receipt {
    /// Reads a receipt that was kept.
    ///
    /// # Errors
    /// [`ReceiptError::Form`].
    pub fn parse(text: &str) -> Result<Self, ReceiptError> {
        serde_json::from_str(text).map_err(|_| ReceiptError::Form("JSON"))
    }

    /// Checks that the record is in the log whose keys these are; gives the log's head that shows it.
    ///
    /// # Errors
    /// [`ReceiptError`] with the first thing that does not hold.
    pub fn verify(&self, log: &[Verifier]) -> Result<Checkpoint, ReceiptError> {
        if self.record.get("receipt").and_then(Value::as_str) != Some(self.receipt.as_str()) {
            return Err(ReceiptError::Other);
        }
        let salt = read(&self.salt).ok_or(ReceiptError::Form("salt"))?;
        let proof = self.inclusion_proof.iter().map(|hash| read(hash)).collect::<Option<Vec<Hash>>>();
        let proof = proof.ok_or(ReceiptError::Form("inclusion_proof"))?;
        let checkpoint = open(&self.checkpoint, log)?;
        let leaf = leaf_of(commitment(&salt, &canonical(&self.record)));
        let at = (self.leaf_index, checkpoint.size);
        let proven = tree::verify_inclusion(at, &leaf, &proof, &checkpoint.root);
        proven.map_err(|why| ReceiptError::Proof { index: self.leaf_index, why })?;
        Ok(checkpoint)
    }
}

/// Opens a checkpoint with whichever of the log's keys signed it.
///
/// # Errors
/// [`CheckpointError`] of the last key that was tried.
pub fn open(note: &str, log: &[Verifier]) -> Result<Checkpoint, CheckpointError> {
    let mut last = Err(CheckpointError::Note(super::note::NoteError::Unsigned));
    for key in log {
        last = Checkpoint::open(note, key);
        if last != Err(CheckpointError::Note(super::note::NoteError::Unsigned)) {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests;
