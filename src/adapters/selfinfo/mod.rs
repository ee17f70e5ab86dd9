//! 自己情報取得 (interface IF001): asks a backend for one person's one data set, and waits for the answer.
//!
//! What for: the real interface is asynchronous (a request gives a `process_id`, a call-back or polling tells when it
//! is done, a third call fetches it) and says no in many ways. Here it becomes one call with one typed answer.
//!
//! How it flows:
//! 1. a place among the calls that run at once, and leave of the provider's breaker;
//! 2. a token for the person, kept until shortly before it ends (IF001-03; `private_key_jwt`, and the person named by
//!    a signed assertion of ours: the real interface exchanges a code of the portal's own screen, but here the
//!    counter is the portal's side, so that part is decided by us);
//! 3. `/request` gives a `process_id` (IF001-04); with it goes an address of ours with an unguessable handle;
//! 4. `/result` is asked at once, then with growing pauses, or as soon as the call-back (IF001-05) comes. The
//!    call-back only wakes; its content is never read, it may come twice or never (IF001-06);
//! 5. what came is read strictly (`wire`) and handed on as it was sent: minimising is the use case's.
//!
//! Repeated are only calls that change nothing (`/oauth/token`, `/result`), and `/request` when the backend said it
//! did not take it on (resultCode 1000, status 06) or was never reached.
//!
//! How to add one more backend: an entry in the operator's backends file; the wire is the same.
//!
//! What it must never do: see [`adapters`](super).

mod backend;
mod callbacks;
mod client;
mod settings;
mod token;
mod wire;

pub use backend::SelfInformationBackend;
pub(super) use settings::is_safe;
pub use settings::{BackendSettings, InvalidBackend};

use crate::adapters::breaker::Pulse;
use crate::catalog::RawItem;
use crate::domain::clearance::Clearance;
use crate::domain::ids::RequestId;
use crate::domain::subject::UpstreamAccount;
use async_trait::async_trait;
use std::time::Duration;

/// A source of self-information.
#[async_trait]
pub trait SelfInformationSource: Send + Sync {
    /// Asks for what `clearance` clears. Ends by itself within the backend's deadline.
    async fn retrieve(&self, clearance: &Clearance, call: &Call<'_>) -> Retrieved;
    /// A call-back came for `handle`: whoever waits for it looks again. Unknown handles are passed over.
    fn wake(&self, handle: &str);
    /// How each provider behind it did lately that was asked since this process began.
    fn pulses(&self) -> Vec<Pulse>;
}

/// What a call needs besides its clearance.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The person, as the identity provider names them to us.
    pub person: &'a UpstreamAccount,
    /// Who provides the data set: each has a breaker of its own.
    pub provider: &'a str,
    /// The job, told to the backend as `requestId` so that both logs can be laid side by side.
    pub request: &'a RequestId,
    /// A sandbox scenario to ask for; sent only by a backend that is configured to.
    pub scenario: Option<&'a str>,
}

/// One provider's record, as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Who provided it (情報提供者).
    pub provider: String,
    /// Version of the data set.
    pub version: String,
    /// When it was last changed: 14 digits, or empty when not told.
    pub updated_at: String,
    /// Its items in order.
    pub items: Vec<RawItem>,
}

/// How asking ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retrieved {
    /// There is data; never empty.
    Data(Vec<Record>),
    /// Nothing is on record.
    NoRecord,
    /// The provider does not answer for this data set.
    UnsupportedProvider,
    /// Not in the provider's system yet.
    NotYetReflected,
    /// Older than it may be kept.
    RetentionExpired,
    /// Not disclosed (不開示).
    NonDisclosed,
    /// It could not be had.
    Failed(Trouble),
}

/// Why it could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Stable word for the caller and the log.
    pub reason: Reason,
    /// When it is worth asking again, if it is.
    pub retry_after: Option<Duration>,
}

/// What stood in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The backend could not be reached, or dropped the connection.
    Unreachable,
    /// It answered too late.
    Timeout,
    /// It has no capacity now.
    CapacityOver,
    /// It answered with an error of its own.
    BackendError,
    /// It answered with something that is no answer.
    MalformedAnswer,
    /// It has failed so often that it is being left alone for a while.
    Resting,
    /// It refused our own credentials or request: the operator must look.
    Refused,
    /// It is stopped as planned (計画停止).
    Maintenance,
}

impl Reason {
    /// The word on the wire and in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::CapacityOver => "capacity_over",
            Self::BackendError => "backend_error",
            Self::MalformedAnswer => "malformed_answer",
            Self::Resting => "resting",
            Self::Refused => "refused",
            Self::Maintenance => "maintenance",
        }
    }

    /// The usual pause before asking again is worth it, if it ever is.
    const fn usual_pause(self) -> Option<Duration> {
        match self {
            Self::Unreachable | Self::Timeout | Self::BackendError => Some(Duration::from_secs(30)),
            Self::CapacityOver => Some(Duration::from_mins(1)),
            Self::MalformedAnswer | Self::Maintenance => Some(Duration::from_mins(5)),
            Self::Resting => Some(Duration::from_secs(10)),
            Self::Refused => None,
        }
    }
}

impl From<Reason> for Trouble {
    fn from(reason: Reason) -> Self {
        Self { reason, retry_after: reason.usual_pause() }
    }
}

#[cfg(test)]
mod tests;
