//! What both engines make of drafts of applications in the same way.

use super::{InsertedApplicationDraft, record};
use crate::domain::Fault;
use crate::domain::application::ApplicationDraft;
use crate::domain::ids::DraftId;

/// As which kind a draft is sealed.
pub(super) const KIND: &str = "application draft";

/// Under which name it is sealed.
pub(super) fn name(id: &DraftId) -> String {
    format!("{KIND}:{id}")
}

/// A draft from its body.
pub(super) fn read(body: &str) -> Result<ApplicationDraft, Fault> {
    record::read(KIND, body)
}

/// What it means that another one has the key of `new`; none where that does not open any more.
pub(super) fn earlier(new: &ApplicationDraft, earlier: Option<ApplicationDraft>) -> InsertedApplicationDraft {
    match earlier {
        Some(one) if one.draft.key == new.draft.key => InsertedApplicationDraft::Same(Box::new(one)),
        _ => InsertedApplicationDraft::KeyReused,
    }
}
