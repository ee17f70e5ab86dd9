//! Where a filing stands, and which step may follow which.

use serde::{Deserialize, Serialize};

/// Where a filing, or the part of it that goes to one agency, stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionState {
    /// Being written; nothing is acknowledged and nobody has it.
    Draft,
    /// Taken on, with a receipt; not looked at yet.
    Accepted,
    /// Being held against the rules that are known here.
    Validating,
    /// Waits for its turn at the agency, at first or once more.
    Queued,
    /// On its way: a call was or may have been made, and its outcome is not known yet.
    Delivering,
    /// The agency has it under a number (到達番号).
    Arrived,
    /// The agency examines it (審査中).
    UnderReview,
    /// The agency asks for an amendment (補正) by a day.
    ActionRequired,
    /// The agency has decided (手続終了).
    Completed,
    /// Not taken, by the rules here or by the agency (返戻); file anew.
    Returned,
    /// Given up: the agency was away for too long and certainly has nothing.
    Failed,
    /// Called off before it was sent, or withdrawn (取下げ).
    Cancelled,
}

impl SubmissionState {
    /// Every state, from the first to the last.
    pub const ALL: [Self; 12] = [
        Self::Draft,
        Self::Accepted,
        Self::Validating,
        Self::Queued,
        Self::Delivering,
        Self::Arrived,
        Self::UnderReview,
        Self::ActionRequired,
        Self::Completed,
        Self::Returned,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The name on the wire and in the engines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Accepted => "accepted",
            Self::Validating => "validating",
            Self::Queued => "queued",
            Self::Delivering => "delivering",
            Self::Arrived => "arrived",
            Self::UnderReview => "under_review",
            Self::ActionRequired => "action_required",
            Self::Completed => "completed",
            Self::Returned => "returned",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing can happen to it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Returned | Self::Failed | Self::Cancelled)
    }

    /// Whether no agency can have it: then it can be called off by us alone.
    #[must_use]
    pub const fn is_unsent(self) -> bool {
        matches!(self, Self::Draft | Self::Accepted | Self::Validating | Self::Queued)
    }

    /// Whether an agency has it and has not decided.
    #[must_use]
    pub const fn is_with_agency(self) -> bool {
        matches!(self, Self::Arrived | Self::UnderReview | Self::ActionRequired)
    }

    /// Whether the step from here to `next` is legal.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Draft => matches!(next, Self::Accepted | Self::Cancelled),
            Self::Accepted => matches!(next, Self::Validating | Self::Cancelled),
            Self::Validating => matches!(next, Self::Queued | Self::Returned | Self::Cancelled),
            // An amendment that was called off, or given up, leaves the filing where the agency has it.
            Self::Queued => {
                matches!(
                    next,
                    Self::Delivering | Self::Failed | Self::Cancelled | Self::UnderReview | Self::ActionRequired
                )
            }
            // Back to the queue when the agency certainly does not have it.
            Self::Delivering => matches!(
                next,
                Self::Queued
                    | Self::Arrived
                    | Self::UnderReview
                    | Self::ActionRequired
                    | Self::Completed
                    | Self::Returned
                    | Self::Cancelled
            ),
            // To the queue with a withdrawal; an agency may withdraw by itself, too.
            Self::Arrived => matches!(
                next,
                Self::UnderReview
                    | Self::ActionRequired
                    | Self::Queued
                    | Self::Completed
                    | Self::Returned
                    | Self::Cancelled
            ),
            Self::UnderReview => {
                matches!(next, Self::ActionRequired | Self::Queued | Self::Completed | Self::Returned | Self::Cancelled)
            }
            // To the queue with an amendment or a withdrawal.
            Self::ActionRequired => {
                matches!(next, Self::UnderReview | Self::Queued | Self::Completed | Self::Returned | Self::Cancelled)
            }
            Self::Completed | Self::Returned | Self::Failed | Self::Cancelled => false,
        }
    }

    /// Where a filing stands as a whole, by where its parts stand: what the filer must act on comes first, then the part
    /// that is furthest behind; when all are over, the worst end.
    #[must_use]
    pub fn of_parts(parts: &[Self]) -> Self {
        if parts.contains(&Self::ActionRequired) {
            return Self::ActionRequired;
        }
        let open = parts.iter().filter(|part| !part.is_final()).min_by_key(|part| part.rank());
        let worst = || parts.iter().min_by_key(|part| part.badness());
        open.copied().or_else(|| worst().copied()).unwrap_or(Self::Draft)
    }

    const fn rank(self) -> u8 {
        self as u8
    }

    const fn badness(self) -> u8 {
        match self {
            Self::Failed => 0,
            Self::Returned => 1,
            Self::Completed => 2,
            _ => 3,
        }
    }
}
