//! A deposit (クラウド提出): a company files data that stays in its own cloud; what is filed is where it is, and its digests.
//!
//! declared → filed → withdrawn, or expired. What is filed stands at its moment whatever the cloud does afterwards; the
//! company keeps it there for as long as its duty to keep it (保存義務) lasts, and may take it back only then.

mod reference;
mod share;
mod span;

pub use reference::{CloudAsk, HeldReference, Outage, Outcome, Reference, ReferenceEnd, Trouble};
pub use share::Share;
pub use span::{ByteSpan, Unsatisfiable};

use super::corporate_number::CorporateNumber;
use super::ids::{ClientId, DelegationId, DepositId, SubmissionId};
use super::refusal::Refusal;
use super::retrieval::IdempotencyKey;
use super::secret::Digest;
use super::time::Timestamp;
use chrono::Months;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// Bytes of each piece but the last, which is the rest.
pub const PIECE: u64 = 1024 * 1024;
/// Most pieces of one deposit.
pub const MOST_PIECES: usize = 4096;
/// How long a declaration waits to be filed.
const WAITS: Duration = Duration::from_hours(400 * 24);

/// Where a deposit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DepositState {
    /// The company said that it will file by cloud.
    Declared,
    /// It has filed; the agency may reference it.
    Filed,
    /// The company took it back: before it filed, or when its duty was over.
    Withdrawn,
    /// It was never filed in time, or its duty is long over; nobody can reference it.
    Expired,
}

/// What a company says that it will file by cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The deposit's id.
    pub id: DepositId,
    /// By whose software.
    pub client: ClientId,
    /// Which company's data it is.
    pub company: CorporateNumber,
    /// By which delegation, where the software is another company's.
    pub delegation: Option<DelegationId>,
    /// To which agency, by its name in the configuration.
    pub agency: String,
    /// Which procedure.
    pub procedure: String,
    /// Where the company's cloud is: scheme, host and port, without a slash at its end.
    pub origin: String,
    /// The company's own name for it.
    pub reference: Option<String>,
    /// By what the same call is known again.
    pub key: IdempotencyKey,
    /// When.
    pub declared_at: Timestamp,
}

/// Where data is, and by what it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// Its address, under the origin that was declared.
    pub location: String,
    /// How many bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
    /// In which schema it is.
    pub schema: String,
    /// SHA-256 of the whole.
    pub digest: Digest,
}

/// That it was filed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filed {
    /// When: this stands.
    pub at: Timestamp,
    /// The filing by which the agency was told.
    pub submission: SubmissionId,
    /// What was filed.
    pub holding: Holding,
    /// Until when the company must keep it.
    pub keep_until: Timestamp,
    /// From when on nobody references it any more.
    pub expires_at: Timestamp,
}

/// A deposit as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// What was declared.
    pub declared: Declaration,
    /// That it was filed, if it was.
    pub filed: Option<Filed>,
    /// When it was taken back, if it was.
    pub withdrawn_at: Option<Timestamp>,
    /// Since when its cloud does not give it, and why, if it does not.
    pub outage: Option<Outage>,
    /// Its place among those filed to its agency, from 1.
    pub place: Option<u64>,
}

/// What can be done with one, for the log of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepositAct<'a> {
    /// It was declared.
    Declared,
    /// It was filed; SHA-256 of the whole.
    Filed(Digest),
    /// It was taken back.
    Withdrawn,
    /// Somebody is about to be given some of it.
    Referenced(&'a Reference),
    /// A reference to it ended.
    Ended(Ended<'a>),
    /// Its company shares it.
    Shared(&'a Share),
    /// Its company ended that.
    Unshared(&'a Share),
}

/// How a reference ended, for the log of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended<'a> {
    /// Which.
    pub reference: &'a Reference,
    /// How.
    pub end: ReferenceEnd,
    /// Whether all that is deposited was asked for, and not a part of it.
    pub is_whole: bool,
}

/// What its company is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DepositNews {
    /// Somebody who may reference it could not: its cloud is away, or gives something else than was filed.
    CloudFailed,
    /// Its cloud gives it again.
    CloudBack,
    /// The duty to keep it (保存義務) ends soon: from then on it can be withdrawn.
    DutyEnding,
}

impl DepositNews {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CloudFailed => "cloud_failed",
            Self::CloudBack => "cloud_back",
            Self::DutyEnding => "duty_ending",
        }
    }
}

/// What happened to which deposit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositMention {
    /// Which.
    pub id: DepositId,
    /// What happened.
    pub news: DepositNews,
}

/// SHA-256 of each piece, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pieces(Vec<Digest>);

impl Pieces {
    /// The digests of what is `size` bytes large.
    ///
    /// # Errors
    /// How many there must be, when there are more or fewer; the most that there can be, when it is larger.
    pub fn of(digests: Vec<Digest>, size: u64) -> Result<Self, String> {
        let wanted = Self::count(size);
        if size == 0 || wanted > MOST_PIECES {
            return Err(format!("must have 1 to {MOST_PIECES} pieces of {PIECE} bytes"));
        }
        if digests.len() == wanted { Ok(Self(digests)) } else { Err(format!("must have {wanted} pieces")) }
    }

    /// How many pieces `size` bytes are.
    #[must_use]
    pub fn count(size: u64) -> usize {
        usize::try_from(size.div_ceil(PIECE)).unwrap_or(usize::MAX)
    }

    /// As they are kept: 32 bytes each.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|digest| *digest.as_bytes()).collect()
    }

    /// From how they are kept; none when that is torn.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (whole, rest) = bytes.as_chunks::<32>();
        rest.is_empty().then(|| Self(whole.iter().map(|digest| Digest::from_bytes(*digest)).collect()))
    }

    /// Whether these bytes are the piece with this number, from 0.
    #[must_use]
    pub fn is(&self, number: u64, bytes: &[u8]) -> bool {
        let wanted = usize::try_from(number).ok().and_then(|number| self.0.get(number));
        wanted.is_some_and(|wanted| *wanted == Digest::of_bytes(bytes))
    }
}

impl Declaration {
    /// From when on it cannot be filed any more.
    #[must_use]
    pub fn waits_until(&self) -> Timestamp {
        self.declared_at.plus(WAITS)
    }
}

impl Filed {
    /// From when on what is filed at `at` need not be kept any more: the day in Japan so many years later.
    #[must_use]
    pub fn duty_ends(at: Timestamp, years: u32) -> Timestamp {
        let day = at.date_in_japan().checked_add_months(Months::new(years.saturating_mul(12)));
        day.and_then(Timestamp::of_day_in_japan).unwrap_or(Timestamp::from_millis(i64::MAX))
    }
}

impl Deposit {
    /// Where it stands.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> DepositState {
        match (&self.withdrawn_at, &self.filed) {
            (Some(_), _) => DepositState::Withdrawn,
            (None, None) if now >= self.declared.waits_until() => DepositState::Expired,
            (None, None) => DepositState::Declared,
            (None, Some(filed)) if now >= filed.expires_at => DepositState::Expired,
            (None, Some(_)) => DepositState::Filed,
        }
    }

    /// Whether these bytes are all that was filed.
    #[must_use]
    pub fn is_whole(&self, span: ByteSpan) -> bool {
        let size = self.filed.as_ref().map(|filed| filed.holding.size);
        size.and_then(ByteSpan::whole) == Some(span)
    }

    /// Whether it can be filed now.
    ///
    /// # Errors
    /// `conflict` unless it is declared.
    pub fn check_filing(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.state(now) {
            DepositState::Declared => Ok(()),
            DepositState::Filed => Err(Refusal::new("conflict", "It is filed already, and stands as it was filed.")),
            DepositState::Withdrawn | DepositState::Expired => Err(over()),
        }
    }

    /// Whether it can be taken back now.
    ///
    /// # Errors
    /// `kept_by_duty` naming the day, while it must be kept; `conflict` when it is over.
    pub fn check_withdrawal(&self, now: Timestamp) -> Result<(), Refusal> {
        match (self.state(now), &self.filed) {
            (DepositState::Filed, Some(filed)) if now < filed.keep_until => {
                let day = filed.keep_until.date_in_japan();
                let words =
                    format!("It must be kept in your cloud (保存義務) before {day}: it can be withdrawn from then on.");
                Err(Refusal::new("kept_by_duty", words))
            }
            (DepositState::Declared | DepositState::Filed, _) => Ok(()),
            (DepositState::Withdrawn | DepositState::Expired, _) => Err(over()),
        }
    }
}

fn over() -> Refusal {
    Refusal::new("conflict", "It was withdrawn, or has expired.")
}

#[cfg(test)]
mod tests;
