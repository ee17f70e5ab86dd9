//! What happened to an application, as its municipality and the software that it is of are told.

use crate::domain::ids::ApplicationId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What happened to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationNews {
    /// It arrived.
    Arrived,
    /// It was withdrawn.
    Withdrawn,
    /// It was mended as it was asked.
    Amended,
    /// The municipality looks into it.
    UnderReview,
    /// The municipality asks that it be mended.
    AmendmentRequested,
    /// The result was delivered.
    Decided,
    /// The municipality was given what it says.
    Read,
    /// A certificate that goes with it was taken back by its company.
    CertificateRevoked,
    /// A time for its interview was booked, or another one instead.
    InterviewBooked,
    /// Whoever applied gave that up.
    InterviewCancelled,
    /// The municipality withdrew the time that was booked.
    InterviewWithdrawn,
    /// The municipality recorded what became of the interview.
    InterviewRecorded,
}

impl ApplicationNews {
    /// Whether the municipality is told of it: what others did, and not what it did itself.
    #[must_use]
    pub const fn is_for_municipality(self) -> bool {
        matches!(
            self,
            Self::Arrived
                | Self::Withdrawn
                | Self::Amended
                | Self::CertificateRevoked
                | Self::InterviewBooked
                | Self::InterviewCancelled
        )
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Withdrawn => "withdrawn",
            Self::Amended => "amended",
            Self::UnderReview => "under_review",
            Self::AmendmentRequested => "amendment_requested",
            Self::Decided => "decided",
            Self::Read => "read",
            Self::CertificateRevoked => "certificate_revoked",
            Self::InterviewBooked => "interview_booked",
            Self::InterviewCancelled => "interview_cancelled",
            Self::InterviewWithdrawn => "interview_withdrawn",
            Self::InterviewRecorded => "interview_recorded",
        }
    }
}

/// What happened to which application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationMention {
    /// Which.
    pub id: ApplicationId,
    /// What happened.
    pub news: ApplicationNews,
}
