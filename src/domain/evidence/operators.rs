//! What is kept of the operator's acts.

use crate::domain::client::Client;
use crate::domain::ids::{ClientId, RepresentationId, StatusNoticeId};
use crate::domain::service_status::StatusNotice;
use crate::domain::time::Timestamp;
use serde_json::{Value, json};

/// That an operator told of an incident or of a planned maintenance.
#[derive(Clone, Copy, Debug)]
pub struct StatusLeaf<'a> {
    /// Which.
    pub id: &'a StatusNoticeId,
    /// Where it stands from then on.
    pub word: &'a str,
    /// Under which name.
    pub operator: &'a str,
    /// When.
    pub at: Timestamp,
}

impl<'a> StatusLeaf<'a> {
    /// The leaf of a notice's last update.
    #[must_use]
    pub fn of(notice: &'a StatusNotice) -> Option<Self> {
        let last = notice.updates.last()?;
        Some(Self { id: &notice.id, word: last.step.as_str(), operator: &last.by, at: last.at })
    }
}

/// A registration was written.
pub(super) fn client(client: &Client) -> Value {
    json!({"kind": "operator", "action": "client_kept", "client": client.id.as_str(), "status": client.status.as_str()})
}

/// Operators asked for data in a disaster, or opened them.
pub(super) fn emergency(id: &RepresentationId, client: &ClientId, word: &str, operators: &str) -> Value {
    json!({
        "kind": "emergency", "representation": id.as_str(), "client": client.as_str(), "action": word,
        "operators": operators,
    })
}

/// A person came under protection measures, or is under them no more.
pub(super) fn protection(word: &str, operator: &str) -> Value {
    json!({"kind": "operator", "action": word, "operator": operator})
}

/// What the public was told of the service.
pub(super) fn status(leaf: &StatusLeaf<'_>) -> Value {
    let action = format!("status_{}", leaf.word);
    json!({"kind": "operator", "action": action, "notice": leaf.id.as_str(), "operator": leaf.operator})
}
