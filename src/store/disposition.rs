//! What both engines make of a disposition notice's records in the same way.

use super::{InsertedDisposition, record};
use crate::domain::disposition::{DispositionNotice, HeldDisposition};
use crate::domain::{Fault, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// As which kind a notice is sealed.
pub(super) const KIND: &str = "disposition notice";
/// As which kind its content is.
pub(super) const CONTENT: &str = "disposition content";

/// Under which name a notice is sealed.
pub(super) fn name(id: &str) -> String {
    format!("{KIND}:{id}")
}

/// Under which name its content is.
pub(super) fn content_name(id: &str) -> String {
    format!("{CONTENT}:{id}")
}

/// A content as it is sealed.
pub(super) fn text(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

/// The same, back.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, Fault> {
    let torn = |_| Fault::Internal("a stored notice's content cannot be read".into());
    STANDARD_NO_PAD.decode(text).map_err(torn)
}

/// A notice from its body and from the columns that may have changed since.
pub(super) fn read(
    body: &str,
    delivered_at: Option<i64>,
    superseded_by: Option<String>,
) -> Result<HeldDisposition, Fault> {
    Ok(HeldDisposition {
        notice: record::read("disposition notice", body)?,
        delivered_at: delivered_at.map(Timestamp::from_millis),
        superseded_by: superseded_by.map(record::id).transpose()?,
    })
}

/// What it means that another one has the key of `new`.
pub(super) fn earlier(new: &DispositionNotice, earlier: HeldDisposition) -> InsertedDisposition {
    if earlier.notice.key == new.key {
        InsertedDisposition::Same(Box::new(earlier))
    } else {
        InsertedDisposition::KeyReused
    }
}
