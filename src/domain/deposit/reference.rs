//! That somebody references what is deposited, and what came of it.

use super::ByteSpan;
use crate::domain::ids::{ClientId, DepositId, DepositReferenceId};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A reference, as it is written down before a byte is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its id.
    pub id: DepositReferenceId,
    /// To what.
    pub deposit: DepositId,
    /// By whose software.
    pub client: ClientId,
    /// What for, by its code.
    pub purpose: String,
    /// Which bytes.
    pub span: ByteSpan,
    /// When.
    pub at: Timestamp,
}

/// What a cloud is asked, for the token that it is shown.
#[derive(Clone, Debug)]
pub struct CloudAsk<'a> {
    /// The cloud: its origin.
    pub origin: &'a str,
    /// The address that is asked for.
    pub location: &'a str,
    /// Which bytes.
    pub span: ByteSpan,
    /// What is referenced, by its id.
    pub deposit: &'a str,
    /// By which reference.
    pub reference: &'a str,
    /// Who references it, by name.
    pub by: &'a str,
    /// What for.
    pub purpose: &'a str,
    /// The token's own id.
    pub id: &'a str,
    /// When.
    pub at: Timestamp,
}

/// Why a cloud does not give what was filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// There is no connection, or no answer in time.
    Unreachable,
    /// It answers with a redirect, which is not followed.
    Redirected,
    /// It answers that it does not give it.
    Refused,
    /// It answers with something else than the range that it was asked for.
    Malformed,
    /// It gives other bytes than were filed.
    Changed,
}

impl Trouble {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Unreachable, Self::Redirected, Self::Refused, Self::Malformed, Self::Changed];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Redirected => "redirected",
            Self::Refused => "refused",
            Self::Malformed => "malformed",
            Self::Changed => "changed",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// That a cloud does not give something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Since when that is known.
    pub since: Timestamp,
    /// Why, at first.
    pub because: Trouble,
}

/// How a reference ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every byte was given.
    Delivered,
    /// Whoever asked went away, or may not have it any more.
    BrokenOff,
    /// The cloud did not give it.
    Failed(Trouble),
}

impl Outcome {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::BrokenOff => "broken_off",
            Self::Failed(trouble) => trouble.as_str(),
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "delivered" => Some(Self::Delivered),
            "broken_off" => Some(Self::BrokenOff),
            _ => Trouble::parse(text).map(Self::Failed),
        }
    }
}

/// That a reference ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceEnd {
    /// How.
    pub outcome: Outcome,
    /// How many bytes were given before that.
    pub sent: u64,
    /// When.
    pub at: Timestamp,
}

/// A reference as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldReference {
    /// As it was written down.
    pub reference: Reference,
    /// That it ended; none while it is under way, or when this service broke off meanwhile.
    pub end: Option<ReferenceEnd>,
}
