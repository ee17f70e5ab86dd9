//! Disasters as municipalities record them, and as everybody sees them.

use crate::domain::disaster::Disaster;
use crate::domain::{Timestamp, Words};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is said of a disaster (災害).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DisasterDetails)]
pub struct ChangeDisaster {
    /// What it is called: 1 to 60 characters in each language.
    pub name: Words,
    /// Its first day in Japan.
    #[schema(format = "date", example = "2026-09-10")]
    pub from: String,
    /// Its last day; absent while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date", nullable = false, example = "2026-09-12")]
    pub until: Option<String>,
    /// The last day on which one can apply (受付期限); absent where none is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date", nullable = false, example = "2027-09-09")]
    pub apply_until: Option<String>,
    /// What one can apply for on its account: 1 to 20 procedures whose forms ask for a disaster.
    #[schema(min_items = 1, max_items = 20, example = json!(["damage-certificate"]))]
    pub procedures: Vec<String>,
}

/// A disaster to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordDisaster {
    /// The code that applications will name: 1 to 20 of `A-Z`, `0-9` and `-`, which is this municipality's own.
    #[schema(example = "R8-09")]
    pub code: String,
    /// What is said of it.
    pub details: ChangeDisaster,
}

/// A disaster of one municipality.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Disaster)]
pub struct DisasterView {
    /// Whose (全国地方公共団体コード).
    #[schema(example = "999016")]
    pub municipality: String,
    /// Its code, which the item of a form names.
    #[schema(example = "R8-09")]
    pub code: String,
    /// What is said of it.
    pub details: ChangeDisaster,
    /// Whether one can apply on its account today.
    pub is_open: bool,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time", nullable = false)]
    pub closed_at: Option<String>,
    /// When it was recorded.
    #[schema(format = "date-time")]
    pub recorded_at: String,
    /// When it was changed last.
    #[schema(format = "date-time")]
    pub changed_at: String,
    /// Counts its changes: its `ETag`.
    #[schema(example = 1)]
    pub version: u64,
}

/// Disasters of one municipality, by code.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisasterPage {
    /// The disasters.
    pub items: Vec<DisasterView>,
    /// What `after` says to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

impl DisasterView {
    pub(super) fn of(one: &Disaster, today: NaiveDate) -> Self {
        let details = one.details.clone();
        Self {
            municipality: one.municipality.clone(),
            code: one.code.as_str().to_owned(),
            details: ChangeDisaster {
                name: details.name,
                from: details.from.to_string(),
                until: details.until.map(|day| day.to_string()),
                apply_until: details.apply_until.map(|day| day.to_string()),
                procedures: details.procedures,
            },
            is_open: one.is_open(today),
            closed_at: one.closed_at.map(Timestamp::rfc3339),
            recorded_at: one.recorded_at.rfc3339(),
            changed_at: one.changed_at.rfc3339(),
            version: one.version,
        }
    }
}
