//! A draft (下書き) of an application: what software prepared for a person, and the person, or that software, hands in.

use crate::domain::draft::Draft;
use crate::domain::electronic_signature::Signing;
use crate::domain::ids::SubjectId;
use serde::{Deserialize, Serialize};

/// Most drafts of one person by one client.
pub const MOST_DRAFTS: u32 = 100;

/// A draft with what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationDraft {
    /// The draft.
    pub draft: Draft,
    /// For whom.
    pub subject: SubjectId,
    /// What it says: a JSON object, which need not be whole or right yet.
    pub content: String,
    /// How far it is with the person's signature (電子署名).
    #[serde(default, skip_serializing_if = "Signing::is_none")]
    pub signing: Signing,
}
