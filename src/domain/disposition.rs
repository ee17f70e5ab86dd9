//! A disposition notice (処分通知): what an agency decided on a filing, put down by deposit for the company to fetch.
//!
//! put down → delivered (到達: the first time that the company is given it) → expired. A notice is never changed and never
//! taken away: a later one corrects or revokes it, and each is known by which one came after it.

use super::corporate_number::CorporateNumber;
use super::deposit::{Holding, Pieces};
use super::ids::{ClientId, DelegationId, DeliveryId, DepositId, DispositionNoticeId, ReceiptId, SubmissionId};
use super::retrieval::IdempotencyKey;
use super::time::Timestamp;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DispositionKind {
    /// What was decided (処分).
    Disposition,
    /// An earlier notice was wrong; this is right (訂正).
    Correction,
    /// What an earlier notice told of does not hold any more (取消し・撤回).
    Revocation,
}

impl DispositionKind {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disposition => "disposition",
            Self::Correction => "correction",
            Self::Revocation => "revocation",
        }
    }
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DispositionState {
    /// The company can fetch it, and has not.
    Available,
    /// The company was given it (到達), and can be given it again.
    Delivered,
    /// Its time here is over.
    Expired,
}

/// Which filing a notice answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The filing.
    pub submission: SubmissionId,
    /// The part of it that went to the agency.
    pub delivery: DeliveryId,
    /// The deposit that was filed by it, where it was one.
    pub deposit: Option<DepositId>,
    /// Whose software filed it.
    pub client: ClientId,
    /// For which company.
    pub company: CorporateNumber,
    /// By which delegation, where the software is another company's.
    pub delegation: Option<DelegationId>,
    /// Which procedure.
    pub procedure: String,
}

/// Where a notice's content is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum KeptAt {
    /// Here, sealed under a key of its own.
    Here,
    /// At the agency's own cloud, in these pieces.
    Cloud(Pieces),
}

/// A notice as it was put down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DispositionNotice {
    /// Its id.
    pub id: DispositionNoticeId,
    /// By whose software: the agency's.
    pub client: ClientId,
    /// Which agency, by its name in the configuration.
    pub agency: String,
    /// What it answers.
    pub answered: Answered,
    /// What it is.
    pub kind: DispositionKind,
    /// Its title.
    pub title: String,
    /// The day of the decision.
    pub decided_on: NaiveDate,
    /// The earlier one that it corrects or revokes.
    pub supersedes: Option<DispositionNoticeId>,
    /// What its content is; the address is empty where it is here.
    pub holding: Holding,
    /// Where the content is.
    pub kept: KeptAt,
    /// By what the same call is known again.
    pub key: IdempotencyKey,
    /// When.
    pub put_at: Timestamp,
    /// From when on nobody is given it any more.
    pub expires_at: Timestamp,
    /// What the log of evidence knows its putting down by.
    pub receipt: ReceiptId,
}

/// That a company was given a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// By whose software.
    pub client: ClientId,
    /// When.
    pub at: Timestamp,
    /// What the log of evidence knows it by.
    pub receipt: ReceiptId,
}

/// A notice as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldDisposition {
    /// As it was put down.
    pub notice: DispositionNotice,
    /// When the company was first given it (到達), if it was.
    pub delivered_at: Option<Timestamp>,
    /// The later one that corrects or revokes it, if there is one.
    pub superseded_by: Option<DispositionNoticeId>,
}

/// What can be done with one, for the log of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DispositionAct<'a> {
    /// The agency put it down.
    PutDown,
    /// The company was given it for the first time.
    Delivered(&'a Fetch),
    /// It was given it again.
    Fetched(&'a Fetch),
}

impl<'a> DispositionAct<'a> {
    /// Whose software did it.
    #[must_use]
    pub const fn by(self, one: &'a DispositionNotice) -> &'a ClientId {
        match self {
            Self::PutDown => &one.client,
            Self::Delivered(fetch) | Self::Fetched(fetch) => &fetch.client,
        }
    }

    /// What the log of evidence knows it by.
    #[must_use]
    pub const fn receipt(self, one: &'a DispositionNotice) -> &'a ReceiptId {
        match self {
            Self::PutDown => &one.receipt,
            Self::Delivered(fetch) | Self::Fetched(fetch) => &fetch.receipt,
        }
    }
}

/// What is told of it: to the company that it is there, to the agency that it was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DispositionNews {
    /// It can be fetched.
    Available,
    /// It was not fetched yet, and soon cannot be any more.
    Expiring,
    /// The company was given it for the first time (到達).
    Delivered,
}

impl DispositionNews {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Expiring => "expiring",
            Self::Delivered => "delivered",
        }
    }
}

/// What happened to which notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispositionMention {
    /// Which.
    pub id: DispositionNoticeId,
    /// What happened.
    pub news: DispositionNews,
}

impl HeldDisposition {
    /// One that was just put down.
    #[must_use]
    pub const fn new(notice: DispositionNotice) -> Self {
        Self { notice, delivered_at: None, superseded_by: None }
    }

    /// Whether the company is to be warned: nobody has fetched it, and it waits until `by` at most.
    #[must_use]
    pub fn is_ending(&self, (now, by): (Timestamp, Timestamp)) -> bool {
        let is_waiting = self.state(now) == DispositionState::Available && self.superseded_by.is_none();
        is_waiting && self.notice.expires_at <= by
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> DispositionState {
        match self.delivered_at {
            _ if now >= self.notice.expires_at => DispositionState::Expired,
            Some(_) => DispositionState::Delivered,
            None => DispositionState::Available,
        }
    }
}
