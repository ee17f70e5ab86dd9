//! Checkpoints (C2SP tlog-checkpoint): which log, how many leaves, which root, as a signed note.

use super::note::{Note, NoteError, Signer, Verifier};
use super::tree::{Hash, Head};
use crate::domain::Timestamp;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;

/// Why a checkpoint shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Its note.
    #[error("the checkpoint {0}")]
    Note(#[from] NoteError),
    /// Its text is no checkpoint.
    #[error("the checkpoint has no origin, size and root hash on its first three lines")]
    Form,
    /// It is another log's.
    #[error("the checkpoint is another log's")]
    Origin,
}

/// A log's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: its address without the scheme.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// Their root.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads a checkpoint's text; lines below the third are passed over.
    ///
    /// # Errors
    /// [`CheckpointError::Form`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Form)?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Form);
        };
        if origin.is_empty() || lines.any(str::is_empty) {
            return Err(CheckpointError::Form);
        }
        let read = size.parse::<u64>().ok().filter(|read| read.to_string() == size);
        let root = STANDARD.decode(root).ok().and_then(|root| Hash::try_from(root).ok());
        let (Some(size), Some(root)) = (read, root) else { return Err(CheckpointError::Form) };
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// Opens a note as a checkpoint that `log` has signed for itself.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn open(note: &str, log: &Verifier) -> Result<Self, CheckpointError> {
        let note = Note::parse(note)?;
        let checkpoint = Self::parse(note.verify(log)?)?;
        if checkpoint.origin == log.name() { Ok(checkpoint) } else { Err(CheckpointError::Origin) }
    }

    /// The note by which `log` signs it.
    #[must_use]
    pub fn sign(&self, log: &Signer, at: Timestamp) -> String {
        log.sign(&self.to_string(), at)
    }

    /// Its size and root.
    #[must_use]
    pub const fn head(&self) -> Head {
        (self.size, self.root)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, STANDARD.encode(self.root))
    }
}

/// A checkpoint's note with one more signature below it.
///
/// # Errors
/// [`NoteError::Form`] when it is no note.
pub fn cosign(note: &str, witness: &Signer, at: Timestamp) -> Result<String, NoteError> {
    let text = Note::parse(note)?;
    Ok(format!("{note}{}", witness.line(text.unverified_text(), at)))
}

#[cfg(test)]
mod tests;
