//! Where an application stands, and where it can go from there.

use crate::domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an application stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationState {
    /// It is with the municipality (到達).
    Arrived,
    /// The municipality looks into it (審査中).
    UnderReview,
    /// The municipality asks that it be mended (補正待ち).
    AmendmentRequested,
    /// It was mended (補正済).
    Amended,
    /// What was applied for is given (承認).
    Approved,
    /// It is not (不承認).
    Rejected,
    /// Whoever applied took it back (取下げ).
    Withdrawn,
}

impl ApplicationState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Arrived,
        Self::UnderReview,
        Self::AmendmentRequested,
        Self::Amended,
        Self::Approved,
        Self::Rejected,
        Self::Withdrawn,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::UnderReview => "under_review",
            Self::AmendmentRequested => "amendment_requested",
            Self::Amended => "amended",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Approved | Self::Rejected | Self::Withdrawn)
    }

    /// Whether it can go there from here.
    #[must_use]
    pub const fn may_become(self, to: Self) -> bool {
        match to {
            Self::Arrived => false,
            Self::UnderReview | Self::Rejected | Self::Withdrawn => !self.is_over(),
            Self::Amended => matches!(self, Self::AmendmentRequested),
            Self::AmendmentRequested | Self::Approved => {
                matches!(self, Self::Arrived | Self::UnderReview | Self::Amended)
            }
        }
    }

    /// That it can.
    ///
    /// # Errors
    /// `conflict`, naming both.
    pub fn check(self, to: Self) -> Result<(), Refusal> {
        if self.may_become(to) {
            return Ok(());
        }
        let (is, becomes) = (self.as_str(), to.as_str());
        Err(Refusal::new("conflict", format!("It is {is}, so it cannot become {becomes}.")))
    }
}
