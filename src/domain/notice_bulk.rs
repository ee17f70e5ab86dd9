//! A file of notices that an agency posts line by line: how far it has come, and what is wrong in which line.
//!
//! A piece is taken where the one before ended, by one conditional write together with its notices: whoever sends a piece
//! again is told how far the file is, and no line is posted twice or lost.

use super::citizen_notice::NewCitizenNotice;
use super::ids::{ClientId, NoticeBulkId};
use super::retrieval::IdempotencyKey;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A file, as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeBulk {
    /// Its id.
    pub id: NoticeBulkId,
    /// Whose.
    pub client: ClientId,
    /// By what the same call is known again.
    pub key: IdempotencyKey,
    /// When it was begun.
    pub created_at: Timestamp,
    /// How many of its bytes are here: where the next piece begins.
    pub bytes: u64,
    /// How many of its lines.
    pub lines: u64,
    /// How many of them were rejected.
    pub rejected: u64,
    /// Whether it is whole.
    pub is_complete: bool,
}

/// A line that was not posted. It never repeats what stood there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RejectedLine {
    /// Which, from 1.
    pub line: u64,
    /// The stable code of what is wrong.
    pub code: String,
    /// Where in the line (RFC 6901).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What would be right.
    pub words: String,
}

/// A piece of a file, read.
#[derive(Clone, Debug)]
pub struct NoticePiece {
    /// The file as it is when the piece is in it.
    pub after: NoticeBulk,
    /// Where the piece begins.
    pub at: u64,
    /// What is posted.
    pub notices: Vec<NewCitizenNotice>,
    /// What is not.
    pub rejected: Vec<RejectedLine>,
}
