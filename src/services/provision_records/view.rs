//! What is told of records. Columns that are an office's own have no member here.

use super::merge::Entry;
use crate::catalog::Catalog;
use crate::catalog::provision_records::RecordNames;
use crate::domain::Words;
use crate::domain::access::Disposition;
use crate::domain::provision_record::{InquiryCondition, InquiryKind, ProvisionRecord, YearKind};
use crate::services::account::ListedAccess;
use serde::Serialize;
use utoipa::ToSchema;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// One body asked another (情報提供等記録).
    Provision,
    /// A third party read through this counter, or was refused (アクセス履歴).
    Access,
}

impl RecordKind {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provision => "provision",
            Self::Access => "access",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Provision, Self::Access].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A code with its name.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RecordName)]
pub struct RecordNameView {
    /// The code, as the record has it.
    #[schema(example = "0000000099990101")]
    pub code: String,
    /// Whether it is known here what it is called.
    pub is_known: bool,
    /// What it is called; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<Words>,
}

/// For which time it was asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RecordCondition)]
pub struct RecordConditionView {
    /// Which time (照会条件区分): the newest, a day, or between two days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub kind: Option<RecordNameView>,
    /// Which kind of year (照会年度区分).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub year: Option<RecordNameView>,
    /// From which day (照会開始日付).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date", example = "2025-04-01")]
    pub from: Option<String>,
    /// To which day (照会終了日付).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date", example = "2026-03-31")]
    pub to: Option<String>,
}

/// That one body asked another for something about the citizen.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Provision)]
pub struct ProvisionView {
    /// Who asked (情報照会者).
    pub asking_body: RecordNameView,
    /// For whom the asking body does that work, where it is not its own (委任元機関).
    pub delegating_bodies: Vec<RecordNameView>,
    /// Who provided (情報提供者).
    pub providing_body: RecordNameView,
    /// Under which work (事務).
    pub work: RecordNameView,
    /// Under which of its procedures (事務手続).
    pub procedure: RecordNameView,
    /// What (特定個人情報名).
    pub data_set: RecordNameView,
    /// For which time.
    pub condition: RecordConditionView,
}

/// A data set that a third party asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ReadDataSet)]
pub struct ReadDataSetView {
    /// The data set.
    pub data_set: RecordNameView,
    /// How it ended, as in self-information requests.
    #[schema(example = "ok")]
    pub outcome: &'static str,
}

/// That a third party read something about the citizen through this counter, or was refused it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AccessRead)]
pub struct AccessReadView {
    /// Who; absent when it is not registered any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub third_party: Option<Words>,
    /// What for, as the citizen agreed to it; absent where the consent names no purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub purpose: Option<Words>,
    /// What was asked for, and how each ended.
    pub data_sets: Vec<ReadDataSetView>,
    /// How many notices (お知らせ) were shown.
    pub notices: usize,
    /// How many documents from private delivery providers (民間送達) were shown.
    pub private_documents: usize,
    /// How many entries of this very list were shown; absent where it is about something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub records: Option<u32>,
    /// The problem's code, where it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "not_consented")]
    pub refused: Option<String>,
}

/// An entry of the list: `provision` or `access` is there, as `kind` says.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ProvisionRecordEntry)]
pub struct ProvisionRecordEntryView {
    /// Its id: the same each time that the list is read.
    #[schema(example = "prv_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// What it is.
    pub kind: RecordKind,
    /// When (RFC 3339, Japan's time).
    #[schema(format = "date-time", example = "2026-04-03T09:15:07+09:00")]
    pub at: String,
    /// Who asked whom for what.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub provision: Option<ProvisionView>,
    /// Who read what here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub access: Option<AccessReadView>,
}

/// Some entries, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProvisionRecordPage {
    /// The entries.
    pub items: Vec<ProvisionRecordEntryView>,
    /// `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// What codes are called, and the data sets.
type Names<'n> = (&'n RecordNames, &'n Catalog);

fn named(code: &impl ToString, name: Option<&Words>) -> RecordNameView {
    RecordNameView { code: code.to_string(), is_known: name.is_some(), name: name.cloned() }
}

fn words(ja: &str, en: &str) -> Words {
    Words { ja: ja.to_owned(), en: en.to_owned() }
}

fn condition(condition: InquiryCondition) -> RecordConditionView {
    let kind = |kind: InquiryKind| {
        let name = match kind {
            InquiryKind::Latest => Some(words("最新", "the newest")),
            InquiryKind::OnDate => Some(words("時点", "on a day")),
            InquiryKind::Range => Some(words("期間", "between two days")),
            InquiryKind::Other(_) => None,
        };
        named(&kind.code(), name.as_ref())
    };
    let year = |year: YearKind| {
        let name = match year {
            YearKind::Calendar => Some(words("年", "calendar year")),
            YearKind::Fiscal => Some(words("年度", "fiscal year")),
            YearKind::Other(_) => None,
        };
        named(&year.code(), name.as_ref())
    };
    RecordConditionView {
        kind: condition.kind.map(kind),
        year: condition.year.map(year),
        from: condition.from.map(|day| day.to_string()),
        to: condition.to.map(|day| day.to_string()),
    }
}

impl ProvisionView {
    /// A record in words.
    #[must_use]
    pub fn of(record: &ProvisionRecord, (names, catalog): Names<'_>) -> Self {
        Self {
            asking_body: named(&record.inquirer, names.body(record.inquirer)),
            delegating_bodies: record.delegators.iter().map(|code| named(code, names.body(*code))).collect(),
            providing_body: named(&record.provider, names.body(record.provider)),
            work: named(&record.work, names.work(record.work)),
            procedure: named(&record.procedure, names.procedure(record.procedure)),
            data_set: named(&record.data_set, catalog.data_set(record.data_set).map(|set| &set.name)),
            condition: condition(record.condition),
        }
    }
}

impl AccessReadView {
    fn of(listed: &ListedAccess, catalog: &Catalog) -> Self {
        let (access, client) = (&listed.access, listed.client.as_deref());
        let read = access.data_sets.iter().map(|set| ReadDataSetView {
            data_set: named(&set.code, catalog.data_set(set.code).map(|known| &known.name)),
            outcome: set.outcome.as_str(),
        });
        Self {
            third_party: client.map(|client| client.name.clone()),
            purpose: client.and_then(|client| client.purpose(&access.purpose)).map(|purpose| purpose.words.clone()),
            data_sets: read.collect(),
            notices: access.notices.len(),
            private_documents: access.private_documents.len(),
            records: access.records,
            refused: match &access.disposition {
                Disposition::Answered => None,
                Disposition::Refused { code, .. } => Some(code.clone()),
            },
        }
    }
}

impl ProvisionRecordEntryView {
    pub(super) fn of(entry: &Entry, names: Names<'_>) -> Self {
        match entry {
            Entry::Exchange(one) => Self {
                id: one.id.to_string(),
                kind: RecordKind::Provision,
                at: one.record().at.rfc3339(),
                provision: Some(ProvisionView::of(one.record(), names)),
                access: None,
            },
            Entry::Access(one) => Self {
                id: one.access.id.to_string(),
                kind: RecordKind::Access,
                at: one.access.at.rfc3339(),
                provision: None,
                access: Some(AccessReadView::of(one, names.1)),
            },
        }
    }
}
