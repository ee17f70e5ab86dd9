//! The bytes of IF001, written exactly and read strictly: a backend's answer is a stranger's.
//!
//! `serde_json` bounds the depth and refuses bad UTF-8; a known member given twice or of another type is an error;
//! unknown members are passed over, since a backend may grow. Lengths are bounded here, the whole body by `client`.

use super::{RawItem, Reason, Record, Retrieved, Trouble};

use crate::domain::data_set::DataSetCode;
use crate::domain::retrieval::{Condition, Query};
use serde::{Deserialize, Serialize};

/// Most items in one answer.
const MOST_ITEMS: usize = 20_000;
/// Most characters of one item's content.
const MOST_CONTENT: usize = 4_096;
/// Most characters of a name or a code.
const MOST_NAME: usize = 512;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommonHeader<'a> {
    pub client_id: &'a str,
    pub request_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope<'a, T> {
    pub common_header: CommonHeader<'a>,
    pub req_body: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestBody<'a> {
    pub person_info_name_cd: &'a str,
    pub inquiry_cond: InquiryCond,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ResultQuery<'a> {
    pub process_id: &'a str,
}

/// 照会条件: only the members of its kind are sent.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InquiryCond {
    cond_kbn: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_year: Option<String>,
}

impl From<&Condition> for InquiryCond {
    fn from(condition: &Condition) -> Self {
        let day = |date: chrono::NaiveDate| Some(date.format("%Y%m%d").to_string());
        match *condition {
            Condition::Latest => Self { cond_kbn: "1", ..Self::default() },
            Condition::OnDate { date } => Self { cond_kbn: "2", date: day(date), ..Self::default() },
            Condition::Range { from, to } => {
                Self { cond_kbn: "3", start_date: day(from), end_date: day(to), ..Self::default() }
            }
            Condition::TaxYear { year } => {
                Self { cond_kbn: "4", target_year: Some(format!("{year:04}")), ..Self::default() }
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    pub access_token: String,
    pub token_type: String,
    #[serde(default)]
    pub expires_in: u32,
}

#[derive(Deserialize)]
struct WireError {
    #[serde(rename = "errorCode")]
    code: String,
}

#[derive(Deserialize)]
struct RequestAnswer {
    #[serde(rename = "resultCode")]
    result_code: String,
    process_id: Option<String>,
    #[serde(default)]
    errors: Vec<WireError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultAnswer {
    result_code: String,
    selfi_tran_status_cd: Option<String>,
    self_personal_data: Option<PersonalData>,
    #[serde(default)]
    errors: Vec<WireError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersonalData {
    #[serde(default)]
    result_list: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    person_info_name_cd: String,
    #[serde(default, rename = "notifiernmWithOutsourcernm")]
    notifier: Option<String>,
    data_set_version: Option<String>,
    time_and_date_of_update: Option<String>,
    not_disclosed_cd: Option<String>,
    #[serde(default)]
    person_info_name_detail_list: Vec<Detail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    hierarchy: String,
    person_initem_cd: String,
    #[serde(default)]
    person_initem_name: Option<String>,
    #[serde(default)]
    person_initem_content: Option<String>,
}

/// What `/request` came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is being worked on, under this `process_id`.
    On(String),
    /// Not taken on: no capacity.
    Busy,
    /// The token is not valid any more.
    TokenRefused,
    /// It ended at once.
    Ended(Retrieved),
}

/// What `/result` came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Still being worked on.
    Pending,
    /// Given up for want of capacity: ask anew later.
    Busy,
    /// The token is not valid any more.
    TokenRefused,
    /// It ended.
    Ended(Retrieved),
}

fn malformed() -> Retrieved {
    Retrieved::Failed(Trouble::from(Reason::MalformedAnswer))
}

/// 9000's own codes. `None` asks for a new token.
fn refused(errors: &[WireError]) -> Option<Retrieved> {
    match errors.first().map(|e| e.code.as_str()) {
        Some("ED1107") => None,
        Some("ED3001") => Some(Retrieved::UnsupportedProvider),
        Some("ED3002") => Some(Retrieved::NotYetReflected),
        Some("ED3003") => Some(Retrieved::RetentionExpired),
        _ => Some(Retrieved::Failed(Trouble::from(Reason::BackendError))),
    }
}

/// Reads the answer to `/request`.
pub(super) fn read_taken(bytes: &[u8]) -> Taken {
    let Ok(answer) = serde_json::from_slice::<RequestAnswer>(bytes) else { return Taken::Ended(malformed()) };
    match (answer.result_code.as_str(), answer.process_id) {
        ("0000", Some(id)) if is_process_id(&id) => Taken::On(id),
        ("1000", _) => Taken::Busy,
        ("9000", _) => refused(&answer.errors).map_or(Taken::TokenRefused, Taken::Ended),
        _ => Taken::Ended(malformed()),
    }
}

fn is_process_id(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Reads the answer to `/result`, for `query`.
pub(super) fn read_progress(bytes: &[u8], query: &Query) -> Progress {
    let Ok(answer) = serde_json::from_slice::<ResultAnswer>(bytes) else { return Progress::Ended(malformed()) };
    match (answer.result_code.as_str(), answer.selfi_tran_status_cd.as_deref()) {
        ("0000", Some("01" | "09")) => Progress::Pending,
        ("0000", Some("02" | "04")) => Progress::Ended(Retrieved::NoRecord),
        ("0000", Some("03")) => Progress::Ended(read_records(answer.self_personal_data, query.code)),
        ("0000", Some("06")) | ("1000", _) => Progress::Busy,
        ("9000", _) => refused(&answer.errors).map_or(Progress::TokenRefused, Progress::Ended),
        _ => Progress::Ended(malformed()),
    }
}

fn read_records(data: Option<PersonalData>, code: DataSetCode) -> Retrieved {
    let Some(data) = data else { return malformed() };
    let items: usize = data.result_list.iter().map(|e| e.person_info_name_detail_list.len()).sum();
    if items > MOST_ITEMS || data.result_list.len() > MOST_NAME {
        return malformed();
    }
    // What was not asked for is not looked at, whatever the backend means by it.
    let asked = data.result_list.into_iter().filter(|e| e.person_info_name_cd == code.as_str());
    let (hidden, open): (Vec<_>, Vec<_>) = asked.partition(|e| e.not_disclosed_cd.as_deref() == Some("1"));
    let records: Option<Vec<Record>> =
        open.into_iter().filter(|e| !e.person_info_name_detail_list.is_empty()).map(read_record).collect();
    match records {
        None => malformed(),
        Some(records) if !records.is_empty() => Retrieved::Data(records),
        Some(_) if !hidden.is_empty() => Retrieved::NonDisclosed,
        Some(_) => Retrieved::NoRecord,
    }
}

fn read_record(entry: Entry) -> Option<Record> {
    let short = |text: Option<String>| Some(text.unwrap_or_default()).filter(|t| t.chars().count() <= MOST_NAME);
    Some(Record {
        provider: short(entry.notifier)?,
        version: short(entry.data_set_version)?,
        updated_at: short(entry.time_and_date_of_update)?,
        items: entry.person_info_name_detail_list.into_iter().map(read_item).collect::<Option<_>>()?,
    })
}

fn read_item(detail: Detail) -> Option<RawItem> {
    let name = detail.person_initem_name.unwrap_or_default();
    let is_short = detail.hierarchy.len() <= 2
        && detail.person_initem_cd.len() <= 16
        && name.chars().count() <= MOST_NAME
        && detail.person_initem_content.as_ref().is_none_or(|c| c.chars().count() <= MOST_CONTENT);
    let (hierarchy, code, content) = (detail.hierarchy, detail.person_initem_cd, detail.person_initem_content);
    is_short.then_some(RawItem { hierarchy, code, name, content })
}
