//! Where a client is told of what changed, and what it is still to be told.

use super::ids::{ClientId, MessageId};
use super::submission::SubmissionEvent;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a client is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Whose.
    pub client: ClientId,
    /// The address, https.
    pub url: String,
    /// Since when.
    pub since: Timestamp,
}

/// Something that a client is still to be told, or that it could not be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookMessage {
    /// The same however often it is sent, so that its receiver knows it again.
    pub id: MessageId,
    /// Whom.
    pub client: ClientId,
    /// What.
    pub event: SubmissionEvent,
    /// When it happened.
    pub created_at: Timestamp,
    /// How often it was sent, this time included.
    pub attempts: u32,
    /// What came of the last try, in a word that holds nothing of the receiver's own.
    pub last: Option<String>,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// It was taken.
    Done,
    /// It is tried again then.
    Later(Timestamp, String),
    /// It is given up; its receiver can ask for it again.
    Dead(String),
}

impl Told {
    /// `done`, `later` or `dead`, as figures name it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Later(..) => "later",
            Self::Dead(_) => "dead",
        }
    }
}
