//! What both engines make of the documents of applications in the same way.

use super::{InsertedAttachment, record};
use crate::domain::Fault;
use crate::domain::application::Application;
use crate::domain::attachment::{Attachment, HeldAttachment};
use crate::domain::ids::AttachmentId;

/// As which kind a document is sealed.
pub(super) const KIND: &str = "attachment";
/// As which kind a piece of its bytes is.
pub(super) const PIECE: &str = "attachment piece";

/// Under which name it is sealed.
pub(super) fn name(id: &AttachmentId) -> String {
    format!("{KIND}:{id}")
}

/// Under which name a piece of it is.
pub(super) fn piece_name(id: &AttachmentId, number: u32) -> String {
    format!("{PIECE}:{id}:{number}")
}

/// The documents that go with an application, each once, in the order in which both engines take them.
pub(super) fn of(one: &Application) -> Vec<&str> {
    let mut ids: Vec<&str> = one.files.iter().map(|file| file.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// A document from its body and from the columns that change beside it.
pub(super) fn read(body: &str, version: i64, application: Option<String>) -> Result<HeldAttachment, Fault> {
    Ok(HeldAttachment {
        attachment: record::read(KIND, body)?,
        version: record::count(version)?,
        application: application.map(record::id).transpose()?,
    })
}

/// What it means that another one has the key of `new`; none where that does not open any more.
pub(super) fn earlier(new: &Attachment, earlier: Option<HeldAttachment>) -> InsertedAttachment {
    match earlier {
        Some(held) if held.attachment.key == new.key => InsertedAttachment::Same(Box::new(held)),
        _ => InsertedAttachment::KeyReused,
    }
}
