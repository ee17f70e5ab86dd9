//! A self-information request (自己情報取得要求) as a job: what was asked, where it stands, how each data set ended.

use super::consent::ConsentedDataSet;
use super::data_set::DataSetCode;
use super::ids::{ClientId, GrantId, RequestId, SubjectId};
use super::predicate::Inquiry;
use super::secret::Digest;
use super::time::Timestamp;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What time the data is wanted for (照会条件区分).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// The newest there is (最新情報指定).
    Latest,
    /// As it stood on a day.
    OnDate {
        /// The day.
        date: NaiveDate,
    },
    /// Everything between two days, both included.
    Range {
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
    },
    /// A tax year (年度).
    TaxYear {
        /// The year, four digits.
        year: u16,
    },
}

/// One data set wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// The data set.
    pub code: DataSetCode,
    /// For what time.
    pub condition: Condition,
}

/// How one data set's retrieval ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// There is data.
    Ok,
    /// Questions about it were answered, and nothing of it left.
    Answered,
    /// The provider answered: nothing on record.
    NoRecord,
    /// The provider does not answer for this data set yet.
    UnsupportedProvider,
    /// The provider has it on paper, but not in the system yet.
    NotYetReflected,
    /// Older than the law lets it be kept.
    RetentionExpired,
    /// The provider does not disclose it.
    NonDisclosed,
    /// The citizen refused every item of it.
    RefusedByCitizen,
    /// It could not be had; see whether to retry.
    Failed,
}

impl OutcomeKind {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Answered => "answered",
            Self::NoRecord => "no_record",
            Self::UnsupportedProvider => "unsupported_provider",
            Self::NotYetReflected => "not_yet_reflected",
            Self::RetentionExpired => "retention_expired",
            Self::NonDisclosed => "non_disclosed",
            Self::RefusedByCitizen => "refused_by_citizen",
            Self::Failed => "failed",
        }
    }
}

/// Where a job stands. `accepted → completed → delivered`, or `cancelled` from either of the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Taken on; being worked on.
    Accepted,
    /// Every data set has an outcome; the results wait, sealed.
    Completed,
    /// Read once, whole; the results are gone.
    Delivered,
    /// Given up by the client or ended with its grant; nothing is kept.
    Cancelled,
    /// Nobody read the results in time; they are gone.
    Expired,
}

impl RequestState {
    /// The name on the wire and in the engines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Completed => "completed",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Whether nothing can happen to it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Cancelled | Self::Expired)
    }

    /// Whether the step from here to `next` is legal.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Accepted, Self::Completed | Self::Delivered | Self::Cancelled | Self::Expired)
                | (Self::Completed, Self::Delivered | Self::Cancelled | Self::Expired)
        )
    }
}

/// A caller's `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header), as digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyKey {
    /// Digest of the key.
    pub key: Digest,
    /// Digest of the body it came with.
    pub body: Digest,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetrievalRequest {
    /// Its id, and last part of its address.
    pub id: RequestId,
    /// Who asked.
    pub client: ClientId,
    /// Under which grant.
    pub grant: GrantId,
    /// About whom.
    pub subject: SubjectId,
    /// What data was asked for, in the caller's order; each code once.
    pub queries: Vec<Query>,
    /// What was asked to be answered yes or no, in the caller's order; where there is no query, there is an inquiry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inquiries: Vec<Inquiry>,
    /// The part of the consent that it may use, where its token was narrowed to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Vec<ConsentedDataSet>>,
    /// The caller's idempotency key, if it sent one.
    pub idempotency: Option<IdempotencyKey>,
    /// Where it stands.
    pub state: RequestState,
    /// When it was taken on.
    pub created_at: Timestamp,
    /// When it is given up or its results are dropped.
    pub expires_at: Timestamp,
}

impl RetrievalRequest {
    /// The data sets that it concerns, each once, in the caller's order.
    #[must_use]
    pub fn codes(&self) -> Vec<DataSetCode> {
        let mut codes: Vec<DataSetCode> = Vec::new();
        for code in self.queries.iter().map(|query| query.code).chain(self.inquiries.iter().map(Inquiry::code)) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes
    }
}
