//! What a request came to: one outcome for each data set, told apart by a constant `outcome`.

use super::body::ConditionBody;
use crate::catalog::record::kind_tag;
use crate::catalog::{CodedItem, DataSetRecord, ItemFault};
use crate::domain::Words;
use crate::domain::predicate::Answer;
use crate::domain::retrieval::OutcomeKind;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

kind_tag! {
    OkKind = "ok", NoRecordKind = "no_record", UnsupportedProviderKind = "unsupported_provider",
    NotYetReflectedKind = "not_yet_reflected", RetentionExpiredKind = "retention_expired",
    NonDisclosedKind = "non_disclosed", RefusedByCitizenKind = "refused_by_citizen", FailedKind = "failed",
    CompletedKind = "completed", AcceptedKind = "accepted", RetentionNoticeKind = "retention_expired",
}

/// A finished request.
#[derive(Debug, Serialize, ToSchema)]
pub struct SelfInformationResult {
    /// The request's id.
    #[schema(example = "sir_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Always `completed`.
    #[schema(inline)]
    pub status: CompletedKind,
    /// When it ended (RFC 3339, Japan's time).
    #[schema(format = "date-time")]
    pub completed_at: String,
    /// Under which `GET /v1/receipts/{id}` gives the proof that this disclosure is in the log of evidence; there within
    /// two seconds.
    #[schema(example = "r_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub receipt_id: String,
    /// One result for each data set, in the order asked.
    pub data_sets: Vec<DataSetResult>,
    /// One answer for each question, in the order asked. The whole body is as long whatever the answers are: what they
    /// are shorter than the longest is made up with spaces at its end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub predicates: Vec<PredicateResult>,
}

/// What one question came to. The value itself is not in it, nor anything that follows from it but the answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct PredicateResult {
    /// About what.
    #[schema(example = "income.total")]
    pub fact: String,
    /// How it was compared.
    #[schema(value_type = super::body::PredicateOperator, example = "ge")]
    pub operator: &'static str,
    /// With what.
    #[schema(maximum = 4_294_967_295_u32, example = 3_000_000)]
    pub value: u32,
    /// In which year.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 2025)]
    pub year: Option<u16>,
    /// `yes` or `no`; `unknown` where the data are missing, cannot be read, contradict each other, are not disclosed, or
    /// could not be had.
    #[schema(value_type = PredicateAnswer, example = "yes")]
    pub answer: Answer,
    /// Why the data could not be had, where that may be another time; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub failure: Option<PredicateFailure>,
}

/// An answer.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum PredicateAnswer {
    /// It is so.
    Yes,
    /// It is not.
    No,
    /// The data do not say.
    Unknown,
}

/// Why data could not be had.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PredicateFailure {
    /// What stood in the way.
    #[schema(example = "capacity_over")]
    pub reason: &'static str,
    /// Whether a new request may succeed.
    pub is_retryable: bool,
    /// When a new request is worth making, in seconds from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retry_after_seconds: Option<u64>,
}

/// A request that is being worked on.
#[derive(Debug, Serialize, ToSchema)]
pub struct SelfInformationJob {
    /// The request's id.
    #[schema(example = "sir_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Always `accepted`.
    #[schema(inline)]
    pub status: AcceptedKind,
    /// When it was taken on.
    #[schema(format = "date-time")]
    pub created_at: String,
    /// When it is given up, or its results are dropped.
    #[schema(format = "date-time")]
    pub expires_at: String,
}

/// How one data set ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "outcome", mapping(
    ("ok" = "#/components/schemas/OkResult"),
    ("no_record" = "#/components/schemas/NoRecordResult"),
    ("unsupported_provider" = "#/components/schemas/UnsupportedProviderResult"),
    ("not_yet_reflected" = "#/components/schemas/NotYetReflectedResult"),
    ("retention_expired" = "#/components/schemas/RetentionExpiredResult"),
    ("non_disclosed" = "#/components/schemas/NonDisclosedResult"),
    ("refused_by_citizen" = "#/components/schemas/RefusedByCitizenResult"),
    ("failed" = "#/components/schemas/FailedResult"),
)))]
pub enum DataSetResult {
    /// There is data.
    Ok(Box<OkResult>),
    /// Nothing is on record.
    NoRecord(NoRecordResult),
    /// The provider does not answer for it yet.
    UnsupportedProvider(UnsupportedProviderResult),
    /// On paper, but not in the system yet.
    NotYetReflected(NotYetReflectedResult),
    /// Older than the law lets it be kept.
    RetentionExpired(RetentionExpiredResult),
    /// The provider does not disclose it.
    NonDisclosed(NonDisclosedResult),
    /// The citizen refused every item.
    RefusedByCitizen(RefusedByCitizenResult),
    /// It could not be had.
    Failed(FailedResult),
}

macro_rules! results {
    ($( $(#[$doc:meta])* $name:ident: $kind:ident = $text:literal { $( $(#[$attr:meta])* $field:ident: $type:ty, )* } )*) => { $(
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        pub struct $name {
            #[doc = concat!("Always `", $text, "`.")]
            #[schema(inline)]
            pub outcome: $kind,
            /// The data set.
            #[schema(pattern = "^(TM|HI)[0-9]{14}$", example = "TM00000000000002")]
            pub code: String,
            /// What was asked.
            pub condition: ConditionBody,
            /// What to know beside it.
            pub notices: Vec<Notice>,
            $( $(#[$attr])* pub $field: $type, )*
        }
    )* };
}

results! {
    /// There is data.
    OkResult: OkKind = "ok" {
        /// One record for each provider that has data.
        records: Vec<ProviderRecord>,
        /// Items of this data set that the citizen refused; nothing of them is in the records.
        refused_items: Vec<String>,
    }
    /// The provider answered: nothing is on record.
    NoRecordResult: NoRecordKind = "no_record" {}
    /// The provider does not answer for this data set yet.
    UnsupportedProviderResult: UnsupportedProviderKind = "unsupported_provider" {}
    /// The provider has it on paper, but not in the system yet.
    NotYetReflectedResult: NotYetReflectedKind = "not_yet_reflected" {}
    /// All that was asked for is older than the law lets it be kept.
    RetentionExpiredResult: RetentionExpiredKind = "retention_expired" {}
    /// The provider does not disclose it (不開示).
    NonDisclosedResult: NonDisclosedKind = "non_disclosed" {}
    /// The citizen refused every item of it.
    RefusedByCitizenResult: RefusedByCitizenKind = "refused_by_citizen" {}
    /// It could not be had.
    FailedResult: FailedKind = "failed" {
        /// What stood in the way.
        #[schema(example = "capacity_over")]
        reason: &'static str,
        /// Whether a new request may succeed.
        is_retryable: bool,
        /// When a new request is worth making, in seconds from now.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        retry_after_seconds: Option<u64>,
    }
}

/// What one provider has on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderRecord {
    /// Who provided it (情報提供者), as told; may be empty.
    pub provider: String,
    /// Version of the data set, as told; may be empty.
    pub version: String,
    /// When it was last changed, 14 digits in Japan's time, as told; may be empty.
    pub updated_at: String,
    /// The data in its typed shape.
    pub data: DataSetRecord,
    /// Agreed items that the shape has no place for.
    pub items: Vec<CodedItem>,
    /// Agreed items that came in a form that cannot be read.
    pub faults: Vec<ItemFault>,
}

/// Something to know beside a result: for now only that older data is not kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notice {
    /// Always `retention_expired`.
    #[schema(inline)]
    pub code: RetentionNoticeKind,
    /// Data about days before this one is not kept by the provider any more.
    pub available_from: NaiveDate,
    /// In words.
    pub words: Words,
}

impl DataSetResult {
    /// Which outcome it is.
    #[must_use]
    pub const fn kind(&self) -> OutcomeKind {
        match self {
            Self::Ok(_) => OutcomeKind::Ok,
            Self::NoRecord(_) => OutcomeKind::NoRecord,
            Self::UnsupportedProvider(_) => OutcomeKind::UnsupportedProvider,
            Self::NotYetReflected(_) => OutcomeKind::NotYetReflected,
            Self::RetentionExpired(_) => OutcomeKind::RetentionExpired,
            Self::NonDisclosed(_) => OutcomeKind::NonDisclosed,
            Self::RefusedByCitizen(_) => OutcomeKind::RefusedByCitizen,
            Self::Failed(_) => OutcomeKind::Failed,
        }
    }
}
