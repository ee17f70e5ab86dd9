//! A document (添付書類) that goes with an application: it comes piece by piece before that is handed in, and goes with one once.
//!
//! awaited → ready, or refused by what its bytes are. Its name and what its sender calls it decide nothing: the content does.

mod scan;

pub use scan::{BadContent, MediaType, scan, sniff};

use super::ids::{ApplicationId, AttachmentId, ClientId, SubjectId};
use super::retrieval::IdempotencyKey;
use super::secret::Digest;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Most bytes of one piece.
pub const LARGEST_PIECE: u64 = 1024 * 1024;
/// Fewest bytes of a piece, unless it is the last.
pub const SMALLEST_PIECE: u64 = 64 * 1024;
/// Most bytes that any form lets one document have.
pub const MOST_BYTES: u64 = 20 * 1024 * 1024;
/// Most documents of one person by one client that go with nothing yet.
pub const MOST_WAITING: u32 = 50;
/// How long one that is not whole, or is refused, is kept after its last piece.
const AWAITED_LIFE: Duration = Duration::from_hours(24);
/// How long one that goes with nothing is kept: as long as a draft that speaks of it.
const READY_LIFE: Duration = super::draft::DRAFT_LIFE;

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AttachmentState {
    /// It is not whole yet.
    Awaited,
    /// It is whole, and can go with an application.
    Ready {
        /// What its bytes are.
        media_type: MediaType,
    },
    /// It cannot: nothing of it is kept.
    Refused {
        /// Why.
        because: BadContent,
    },
}

/// A document, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// By whose software it comes.
    pub client: ClientId,
    /// Of whom.
    pub subject: SubjectId,
    /// The form that it is for.
    pub form: String,
    /// As which of that form's documents.
    pub document: String,
    /// What its file is called.
    pub name: String,
    /// Its bytes.
    pub length: u64,
    /// SHA-256 of them.
    pub digest: Digest,
    /// By what the same call is known again.
    pub key: IdempotencyKey,
    /// How many bytes are here.
    pub received: u64,
    /// In how many pieces.
    pub pieces: u32,
    /// Where it stands.
    pub state: AttachmentState,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When its last piece came.
    pub changed_at: Timestamp,
}

impl Attachment {
    /// What its bytes are, once it can go with an application.
    #[must_use]
    pub const fn ready(&self) -> Option<MediaType> {
        match self.state {
            AttachmentState::Ready { media_type } => Some(media_type),
            AttachmentState::Awaited | AttachmentState::Refused { .. } => None,
        }
    }

    /// When it is forgotten, unless it goes with an application by then.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.changed_at.plus(if self.ready().is_some() { READY_LIFE } else { AWAITED_LIFE })
    }
}

/// A document as it went with an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachedFile {
    /// Which.
    pub id: AttachmentId,
    /// As which of the form's documents.
    pub document: String,
    /// What its file is called.
    pub name: String,
    /// What its bytes are.
    pub media_type: MediaType,
    /// How many.
    pub length: u64,
    /// SHA-256 of them.
    pub digest: Digest,
}

/// A document as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldAttachment {
    /// The document.
    pub attachment: Attachment,
    /// Counts its changes.
    pub version: u64,
    /// The application that it went with.
    pub application: Option<ApplicationId>,
}
