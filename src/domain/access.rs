//! One line of the access history (アクセス履歴): who asked for what, when, what for, and how it ended.

use super::data_set::DataSetCode;
use super::ids::{AccessId, CitizenNoticeId, ClientId, DecisionId, GrantId, ReceiptId, RequestId, SubjectId};
use super::predicate::Predicate;
use super::representation::ActedUnder;
use super::retrieval::OutcomeKind;
use super::secret::Digest;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a provider sent that was not agreed to, and so did not leave: not what it was, but enough to hold a later claim
/// about it against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutItems {
    /// How many items.
    pub count: u32,
    /// Their digest under the counter's key, for this one job.
    pub digest: Digest,
}

/// What happened to one data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessedDataSet {
    /// The data set.
    pub code: DataSetCode,
    /// How it ended.
    pub outcome: OutcomeKind,
    /// How many items left the counter.
    pub items: u32,
    /// What was sent and held back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<CutItems>,
    /// The questions that were answered from it, never their answers. Of what was fetched for them nothing is noted: a
    /// count or a digest of it would be the same each time for the same data, and so an answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub predicates: Vec<Predicate>,
}

/// How the whole call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Disposition {
    /// Answered.
    Answered,
    /// Refused, by this problem code.
    Refused {
        /// The stable problem code.
        code: String,
        /// The decision of the operator's rules that it comes from, where it does and where that was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decision: Option<DecisionId>,
    },
}

/// One line of the access history. Holds codes and counts, never values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Its id; sorts by nothing.
    pub id: AccessId,
    /// When.
    pub at: Timestamp,
    /// About whom.
    pub subject: SubjectId,
    /// By whom.
    pub client: ClientId,
    /// Under which grant.
    pub grant: GrantId,
    /// For which job, where there is one.
    pub request: Option<RequestId>,
    /// What for: the consent's purpose code.
    pub purpose: String,
    /// What was asked, and how each ended.
    pub data_sets: Vec<AccessedDataSet>,
    /// Which notices (お知らせ) were shown, where it is about those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<CitizenNoticeId>,
    /// Which documents from private delivery providers (民間送達) were shown, by the ids that software knows them by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private_documents: Vec<String>,
    /// How many entries of the person's records (情報提供等記録, and this history) were shown, where it is about those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<u32>,
    /// How the call ended.
    pub disposition: Disposition,
    /// By which representation the grant had been given, where another acted for the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting: Option<ActedUnder>,
}

impl Access {
    /// Its receipt in the log of evidence.
    #[must_use]
    pub fn receipt(&self) -> ReceiptId {
        ReceiptId::of_access(&self.id)
    }
}
