//! Where an establishment stands, and which step may follow which.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an establishment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstablishmentState {
    /// Not every founder has signed yet; nothing has gone out.
    AwaitingSignatures,
    /// The articles are with the notary (定款認証); of a 株式会社 alone.
    Certifying,
    /// The registration is with the legal affairs bureau (設立登記), or waits for its day.
    Registering,
    /// The company is there; every other office is told.
    Notifying,
    /// Every office has decided; look at the parts for what each said.
    Completed,
    /// A founder declined.
    Declined,
    /// Not every founder signed in time.
    Expired,
    /// It is being called off; what an agency has of it is asked back.
    Cancelling,
    /// It was called off before the company was there.
    Cancelled,
    /// The notary or the bureau did not take it: establish anew, with what was found mended.
    Returned,
}

impl EstablishmentState {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::AwaitingSignatures,
        Self::Certifying,
        Self::Registering,
        Self::Notifying,
        Self::Completed,
        Self::Declined,
        Self::Expired,
        Self::Cancelling,
        Self::Cancelled,
        Self::Returned,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingSignatures => "awaiting_signatures",
            Self::Certifying => "certifying",
            Self::Registering => "registering",
            Self::Notifying => "notifying",
            Self::Completed => "completed",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
            Self::Returned => "returned",
        }
    }

    /// Whether nothing can happen to it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Declined | Self::Expired | Self::Cancelled | Self::Returned)
    }

    /// Whether `next` may follow.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::AwaitingSignatures => {
                matches!(next, Self::Certifying | Self::Registering | Self::Declined | Self::Expired | Self::Cancelled)
            }
            Self::Certifying => matches!(next, Self::Registering | Self::Cancelling | Self::Returned | Self::Cancelled),
            Self::Registering => matches!(next, Self::Notifying | Self::Returned | Self::Cancelled),
            Self::Notifying => matches!(next, Self::Completed),
            Self::Cancelling => matches!(next, Self::Cancelled),
            Self::Completed | Self::Declined | Self::Expired | Self::Cancelled | Self::Returned => false,
        }
    }
}
