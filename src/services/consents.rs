//! The consent as it stands: what a third party may still do, without asking a backend.

use crate::domain::Words;
use crate::domain::consent::{Consent, ConsentedDataSet, Period};
use crate::gateway::Permit;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// A consent in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentView {
    /// The grant that holds it.
    #[schema(example = "g_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub grant_id: String,
    /// The scopes that the token allows.
    #[schema(example = "self_information")]
    pub scope: String,
    /// The registered purpose.
    #[schema(example = "loan_examination")]
    pub purpose: String,
    /// The purpose as the citizen read it.
    pub purpose_words: Words,
    /// What was agreed to.
    pub data_sets: Vec<ConsentedDataSetView>,
    /// For how many days data may be retrieved; 0 for one complete retrieval.
    pub access_days: u32,
    /// For how many days the third party may keep what it retrieved.
    pub retention_days: u32,
    /// Since when (RFC 3339, Japan's time).
    #[schema(format = "date-time")]
    pub since: String,
    /// Until when.
    #[schema(format = "date-time")]
    pub expires_at: String,
}

/// One data set agreed to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentedDataSetView {
    /// The data set.
    #[schema(pattern = "^(TM|HI)[0-9]{14}$", example = "TM00000000000002")]
    pub code: String,
    /// The items that may leave.
    pub items: Vec<String>,
    /// The items that the citizen refused.
    pub refused_items: Vec<String>,
    /// What time the data may be about; any when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub period: Option<PeriodView>,
}

/// A period, both ends included.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodView {
    /// First day.
    pub from: NaiveDate,
    /// Last day; open when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub to: Option<NaiveDate>,
}

/// The consent behind `permit`.
#[must_use]
pub fn view(permit: &Permit) -> Option<ConsentView> {
    let grant = permit.grant();
    let consent: &Consent = grant.consent.as_ref()?;
    Some(ConsentView {
        grant_id: grant.id.to_string(),
        scope: permit.scope().to_string(),
        purpose: consent.purpose.clone(),
        purpose_words: consent.purpose_words.clone(),
        data_sets: consent.data_sets.iter().map(ConsentedDataSetView::of).collect(),
        access_days: consent.access_days,
        retention_days: consent.retention_days,
        since: grant.created_at.rfc3339(),
        expires_at: grant.expires_at.rfc3339(),
    })
}

impl ConsentedDataSetView {
    fn of(set: &ConsentedDataSet) -> Self {
        let texts = |codes: &[crate::domain::data_set::ItemCode]| codes.iter().map(ToString::to_string).collect();
        let period = |p: Period| PeriodView { from: p.from, to: p.to };
        Self {
            code: set.code.to_string(),
            items: texts(&set.items),
            refused_items: texts(&set.refused),
            period: set.period.map(period),
        }
    }
}
