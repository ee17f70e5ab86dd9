//! What became of a grant, as its third party is told at once.

use super::grant::{ConsentState, RevokedBy};
use super::ids::GrantId;

/// A change that a third party is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentChange {
    /// It ended.
    Revoked(RevokedBy),
    /// The person holds it still.
    Paused,
    /// The person let it go on.
    Resumed,
    /// A newer decision of the person changed what it allows.
    Changed,
    /// Its time is nearly over, and the person was reminded of that.
    Ending,
}

impl ConsentChange {
    /// How the grant stands after it.
    #[must_use]
    pub const fn state(self) -> ConsentState {
        match self {
            Self::Revoked(_) => ConsentState::Revoked,
            Self::Paused => ConsentState::Paused,
            Self::Resumed | Self::Changed | Self::Ending => ConsentState::Active,
        }
    }

    /// Who brought it about, in the words of CAEP (OpenID CAEP 1.0 §2, `initiating_entity`).
    #[must_use]
    pub const fn initiating_entity(self) -> &'static str {
        match self {
            Self::Revoked(RevokedBy::Operator) => "admin",
            Self::Revoked(RevokedBy::Citizen | RevokedBy::Representative)
            | Self::Paused
            | Self::Resumed
            | Self::Changed => "user",
            Self::Revoked(_) | Self::Ending => "system",
        }
    }
}

/// A change of one grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentEvent {
    /// The grant.
    pub grant: GrantId,
    /// What became of it.
    pub change: ConsentChange,
}
