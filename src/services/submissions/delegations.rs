//! What an office sees of the delegations that companies gave it.

use crate::domain::delegation::{Delegation, DelegationStatus};
use crate::domain::representation::RepresentationEnd;
use crate::domain::{Refusal, Timestamp};
use crate::services::body;
use crate::submissions::Software;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether anything can be filed by a delegation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DelegationState)]
pub enum DelegationState {
    /// It can.
    Active,
    /// Not now: the company holds it still (一時停止), and may let it go on.
    Paused,
    /// No more: the company, you or the operator ended it.
    Ended,
    /// No more: its time is over.
    Expired,
}

/// Who ended a delegation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DelegationEnd)]
pub enum DelegationEnd {
    /// The company.
    Principal,
    /// You.
    Representative,
    /// The operator.
    Operator,
    /// Nobody: its time was over.
    Time,
}

/// A delegation (委任): that you, or software of yours, may file for a company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delegation)]
pub struct DelegationView {
    /// Its id.
    #[schema(example = "dlg_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// The company that gave it (委任者): what a filing's `applicant` says.
    #[schema(example = "7000012050002")]
    pub company: String,
    /// On what ground you act.
    #[schema(example = "labor_consultant")]
    pub kind: String,
    /// The office's delegation by which it let you file; absent where the company gave it to you itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dlg_cXV4MTIzNFptOXZZbUZ5")]
    pub via: Option<String>,
    /// Whose software files by it, by its id here.
    #[schema(example = "payroll")]
    pub client: String,
    /// The procedures that may be filed; `*` alone for every one.
    #[schema(example = json!(["2200700"]))]
    pub procedures: Vec<String>,
    /// Since when.
    #[schema(format = "date-time")]
    pub since: String,
    /// When it ends, whatever happens.
    #[schema(format = "date-time")]
    pub until: String,
    /// Whether anything can be filed by it now.
    pub state: DelegationState,
    /// Since when the company holds it still.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub paused_at: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub ended_at: Option<String>,
    /// By whom it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ended_by: Option<DelegationEnd>,
}

/// One page of delegations, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct DelegationPage {
    /// The delegations.
    pub items: Vec<DelegationView>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

impl From<RepresentationEnd> for DelegationEnd {
    fn from(end: RepresentationEnd) -> Self {
        match end {
            RepresentationEnd::Principal => Self::Principal,
            RepresentationEnd::Representative => Self::Representative,
            RepresentationEnd::Operator => Self::Operator,
            RepresentationEnd::Time => Self::Time,
        }
    }
}

impl DelegationView {
    /// A delegation as its office sees it at `now`.
    #[must_use]
    pub fn of(one: &Delegation, now: Timestamp) -> Self {
        let over = (DelegationState::Expired, None, Some((one.expires_at, RepresentationEnd::Time)));
        let (state, paused, ended) = match one.status {
            DelegationStatus::Ended { at, by: RepresentationEnd::Time } => {
                (DelegationState::Expired, None, Some((at, RepresentationEnd::Time)))
            }
            DelegationStatus::Ended { at, by } => (DelegationState::Ended, None, Some((at, by))),
            DelegationStatus::Active | DelegationStatus::Paused { .. } if now >= one.expires_at => over,
            DelegationStatus::Active => (DelegationState::Active, None, None),
            DelegationStatus::Paused { since } => (DelegationState::Paused, Some(since), None),
        };
        Self {
            id: one.id.to_string(),
            company: one.company.to_string(),
            via: one.via.as_ref().map(ToString::to_string),
            client: one.client.to_string(),
            kind: one.kind.as_str().to_owned(),
            procedures: one.procedures.names().to_vec(),
            since: one.created_at.rfc3339(),
            until: one.expires_at.rfc3339(),
            state,
            paused_at: paused.map(Timestamp::rfc3339),
            ended_at: ended.map(|(at, _)| at.rfc3339()),
            ended_by: ended.map(|(_, by)| by.into()),
        }
    }
}

/// Which software you let file by a delegation that you hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SoftwareRequest {
    /// The software, by its id here.
    #[schema(example = "payroll")]
    pub client: String,
    /// Which procedures; all that you may file when absent.
    #[serde(default)]
    #[schema(example = json!(["2200700"]))]
    pub procedures: Vec<String>,
    /// The last day; that of your delegation when absent.
    #[serde(default)]
    #[schema(nullable = false, format = "date", example = "2027-03-31")]
    pub until: Option<String>,
}

/// The software that you let file by one delegation, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SoftwareList {
    /// The delegations that you gave it, at most 100.
    pub items: Vec<DelegationView>,
}

/// Reads the body of a request.
///
/// # Errors
/// `invalid_request`; `invalid_value` for what is no day.
pub(super) fn read(bytes: &[u8]) -> Result<Software, Refusal> {
    let SoftwareRequest { client, procedures, until } = body::read(bytes)?;
    let day = |text: &String| NaiveDate::parse_from_str(text, "%Y-%m-%d");
    let wrong = |_| Refusal::new("invalid_value", "Give a day of Japan as YYYY-MM-DD.").at("/until");
    let until = until.as_ref().map(day).transpose().map_err(wrong)?;
    Ok(Software { client, procedures, until })
}
