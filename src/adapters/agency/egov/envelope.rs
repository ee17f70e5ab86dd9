//! What e-Gov's bodies look like, read strictly where something hangs on it.

use crate::domain::submission::{Finding, tamed};
use serde::{Deserialize, Deserializer, Serialize};

/// The envelope around every result. Its links are not followed: the paths are ours.
#[derive(Deserialize)]
pub(super) struct Envelope<R> {
    pub results: R,
    #[serde(default)]
    pub resultset: Option<ResultSet>,
}

/// Where a page is in its list.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct ResultSet {
    pub all_count: u64,
    pub count: u64,
}

/// A file in a body: its name and its bytes in Base64.
#[derive(Serialize)]
pub(super) struct SendFile<'a> {
    pub file_name: &'a str,
    pub file_data: &'a str,
}

/// `POST /apply/check`, `/bulk-apply`, `/apply/amend`, `/apply/withdraw`.
#[derive(Serialize)]
pub(super) struct Package<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proc_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrive_id: Option<&'a str>,
    pub send_file: SendFile<'a>,
}

#[derive(Deserialize)]
pub(super) struct Checked {
    pub error_count: u64,
    #[serde(default, deserialize_with = "or_empty")]
    pub report_list: Vec<ReportItem>,
}

#[derive(Deserialize)]
pub(super) struct BulkSent {
    pub send_number: String,
}

#[derive(Deserialize)]
pub(super) struct Amended {
    pub arrive_id: String,
}

#[derive(Deserialize)]
pub(super) struct Reports {
    #[serde(default, deserialize_with = "or_empty")]
    pub error_report_info: Vec<Report>,
}

/// What became of one bundle.
#[derive(Deserialize)]
pub(super) struct Report {
    #[serde(default, deserialize_with = "or_empty")]
    pub send_number: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub file_name: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub result: Vec<ReportResult>,
}

#[derive(Deserialize)]
pub(super) struct ReportResult {
    /// "-" where there was an error.
    #[serde(default, deserialize_with = "or_empty")]
    pub arrive_id: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub report_list: Vec<ReportItem>,
}

/// One thing that is wrong; "-" where a member does not apply.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct ReportItem {
    #[serde(default, deserialize_with = "or_empty")]
    pub form_name: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub attached_file_name: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub file_name: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub item: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub content: String,
}

/// A refusal as e-Gov writes one.
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    pub title: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub detail: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub report_list: Vec<ReportItem>,
    #[serde(default, deserialize_with = "or_empty")]
    pub error: Vec<BulkError>,
}

/// One thing that is wrong with a bundle.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BulkError {
    #[serde(default, deserialize_with = "or_empty")]
    pub error_file: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub content: String,
}

/// What is null is empty.
pub(super) fn or_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// Reads a refusal; none when e-Gov did not write it.
pub(super) fn problem(bytes: &[u8]) -> Option<Problem> {
    serde_json::from_slice::<Problem>(bytes).ok().filter(|problem| !problem.title.is_empty())
}

/// Where an item of a form came from in the filing's content: element → JSON pointer.
pub(super) type Pointers = std::collections::BTreeMap<String, String>;

/// What e-Gov found, in its words, at the member of the content that the item came from.
pub(super) fn findings(items: Vec<ReportItem>, pointers: &Pointers) -> Vec<Finding> {
    let find = |item: ReportItem| {
        let said = |text: &str| !text.is_empty() && text != "-";
        let places = [&item.form_name, &item.attached_file_name, &item.file_name, &item.item];
        let place: Vec<&str> = places.into_iter().map(String::as_str).filter(|text| said(text)).collect();
        let words = format!("{}：{}", place.join("・"), item.content);
        let pointer = pointers.get(&item.item).cloned().unwrap_or_default();
        Finding::reject("EG100", pointer, &words, &format!("e-Gov found a fault. Its own words: {words}"))
    };
    tamed(items.into_iter().map(find).collect())
}

impl Problem {
    /// The same as findings; there is always one.
    pub fn findings(self, pointers: &Pointers) -> Vec<Finding> {
        let bundle = self.error.into_iter().map(|error| ReportItem {
            file_name: error.error_file,
            content: error.content,
            ..ReportItem::default()
        });
        let found = findings(self.report_list.into_iter().chain(bundle).collect(), pointers);
        if !found.is_empty() {
            return found;
        }
        let words = format!("{} {}", self.title, self.detail);
        tamed(vec![Finding::reject("EG101", "", &words, &format!("e-Gov did not take it. Its own words: {words}"))])
    }
}
