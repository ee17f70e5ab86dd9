//! The consent as it stands: what a third party may still do, without asking a backend.

use crate::domain::Timestamp;
use crate::domain::Words;
use crate::domain::consent::{Consent, ConsentedDataSet, Period};
use crate::domain::grant::ConsentState;
use crate::domain::predicate::Predicate;
use crate::domain::terms::{Frequency, LegalBasis, OnBehalfOf};
use crate::gateway::{Permit, Uses};
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
    /// Whom it may be passed on to.
    pub recipients: Vec<Words>,
    /// How often it may be retrieved, and how far that is used; as often as the rate plan allows when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub frequency: Option<FrequencyView>,
    /// On what basis in law it was asked for: `consent`, `contract` or `law`.
    #[schema(value_type = String, example = "consent")]
    pub legal_basis: LegalBasis,
    /// On whose behalf the person decided: their own (`self`), or that of another (`represented`), whose data it is.
    #[schema(value_type = String, example = "self")]
    pub on_behalf_of: OnBehalfOf,
    /// Where it stands: `active`. Under a consent in any other state there is no answer.
    #[schema(example = "active")]
    pub state: &'static str,
    /// Since when (RFC 3339, Japan's time).
    #[schema(format = "date-time")]
    pub since: String,
    /// Until when.
    #[schema(format = "date-time")]
    pub expires_at: String,
}

/// How often a consent may be used, by Japan's calendar.
#[derive(Debug, Serialize, ToSchema)]
pub struct FrequencyView {
    /// So many requests.
    #[schema(minimum = 1, maximum = 10000, example = 3)]
    pub times: u32,
    /// In a `day`, a `month`, or the whole `consent`.
    #[schema(example = "day")]
    pub per: &'static str,
    /// How many of them are used in the present span.
    #[schema(example = 1)]
    pub used: u32,
    /// When the next span begins (RFC 3339, Japan's time); absent where the whole consent is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub frees_at: Option<String>,
}

impl From<Uses> for FrequencyView {
    fn from(uses: Uses) -> Self {
        let Frequency { times, per } = uses.frequency;
        Self { times, per: per.as_str(), used: uses.used, frees_at: uses.frees_at.map(Timestamp::rfc3339) }
    }
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
    /// The questions that may be answered yes or no.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<crate::services::self_information::PredicateQuery>, required = false)]
    pub predicates: Vec<Predicate>,
    /// The questions that the citizen refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<crate::services::self_information::PredicateQuery>, required = false)]
    pub refused_predicates: Vec<Predicate>,
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

/// The consent behind `permit`, and how far it is used.
#[must_use]
pub fn view(permit: &Permit, uses: Option<Uses>) -> Option<ConsentView> {
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
        recipients: consent.recipients.clone(),
        frequency: uses.map(FrequencyView::from),
        legal_basis: consent.terms.legal_basis,
        on_behalf_of: consent.terms.on_behalf_of,
        // A permit is given under a grant in force only.
        state: ConsentState::Active.as_str(),
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
            predicates: set.predicates.clone(),
            refused_predicates: set.refused_predicates.clone(),
        }
    }
}
