//! The port of documents that go with applications.

use crate::domain::attachment::{Attachment, HeldAttachment};
use crate::domain::ids::AttachmentId;
use crate::domain::{Fault, Timestamp};
use async_trait::async_trait;

/// What beginning one came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertedAttachment {
    /// It can come.
    New,
    /// This person began it before by this client, under the same key and from the same body.
    Same(Box<HeldAttachment>),
    /// They began another one under this key.
    KeyReused,
    /// Too many of theirs go with nothing yet.
    TooMany,
}

/// One step of its coming, whole or not at all.
#[derive(Clone, Debug)]
pub struct AttachmentChange {
    /// As it is from now on.
    pub attachment: Attachment,
    /// The version that was read.
    pub version: u64,
    /// The bytes that came, as which of its pieces; none where all of them go, because it is refused.
    pub piece: Option<(u32, Vec<u8>)>,
}

/// Documents that go with applications, each sealed under a key of its own.
#[async_trait]
pub trait AttachmentStore: Send + Sync {
    /// Writes a new one, unless its person has `most` by its client that go with nothing.
    async fn insert_attachment(&self, new: &Attachment, most: u32) -> Result<InsertedAttachment, Fault>;
    /// The one with this id, unless its time is over.
    async fn find_attachment(&self, id: &AttachmentId, now: Timestamp) -> Result<Option<HeldAttachment>, Fault>;
    /// Writes a step of what was read at this version; false when it is another by now.
    async fn update_attachment(&self, change: &AttachmentChange) -> Result<bool, Fault>;
    /// Its bytes, as far as they are here.
    async fn read_attachment(&self, id: &AttachmentId) -> Result<Vec<u8>, Fault>;
    /// Takes one away that goes with nothing, with its key; false when it went with something.
    async fn delete_attachment(&self, id: &AttachmentId) -> Result<bool, Fault>;
}
