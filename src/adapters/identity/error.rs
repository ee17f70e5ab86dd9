//! Why a sign-in at the provider did not succeed: what, whose fault, and whether trying again can help.

use std::fmt;

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The browser brought something that does not fit (an old or foreign code).
    Caller,
    /// The provider did not answer, or not by its own protocol.
    Backend,
    /// Our registration, key or clock is wrong.
    Ours,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityErrorKind {
    /// No answer: connection, time limit, or a 5xx.
    Unreachable,
    /// An answer that breaks the protocol.
    Malformed,
    /// The code was not accepted (`invalid_grant`): used, old, or another browser's.
    CodeRefused,
    /// The provider does not accept us as a client.
    ClientRefused,
    /// The id_token does not verify.
    NotVerified,
    /// The person was recognised less surely than was asked.
    TooWeak,
    /// The person was recognised too long ago.
    TooOld,
    /// What the provider says of an account contradicts itself.
    Contradictory,
}

/// A sign-in that failed at the provider. `detail` is for the log: it never holds a token, a code or a `sub`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityError {
    /// What happened.
    pub kind: IdentityErrorKind,
    /// Words for the log.
    pub detail: String,
}

impl IdentityError {
    /// An error of this kind, with words for the log.
    pub fn new(kind: IdentityErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        match self.kind {
            IdentityErrorKind::CodeRefused | IdentityErrorKind::TooWeak | IdentityErrorKind::TooOld => Blame::Caller,
            IdentityErrorKind::Unreachable
            | IdentityErrorKind::Malformed
            | IdentityErrorKind::NotVerified
            | IdentityErrorKind::Contradictory => Blame::Backend,
            IdentityErrorKind::ClientRefused => Blame::Ours,
        }
    }

    /// Whether the same citizen may succeed by signing in once more, without anyone repairing anything.
    #[must_use]
    pub const fn is_worth_retrying(&self) -> bool {
        !matches!(
            self.kind,
            IdentityErrorKind::ClientRefused | IdentityErrorKind::NotVerified | IdentityErrorKind::Contradictory
        )
    }
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.detail)
    }
}

impl std::error::Error for IdentityError {}
