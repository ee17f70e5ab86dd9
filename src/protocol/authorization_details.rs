//! What a third party asks for in detail (RFC 9396): of a citizen by `self_information`; for itself a token that is bound to one
//! file (`bulk_submission`), or to what one company files (`submission`).
//!
//! Only the form is judged here; whether the catalogue has the codes and whether this client may ask for them is the
//! issuer's question.

use super::code::INVALID_AUTHORIZATION_DETAILS;
use crate::domain::Refusal;
use crate::domain::consent::{Ask, AskedDataSet, AskedItem, AskedPredicate, Consent, Need, Period};
use crate::domain::data_set::{DataSetCode, ItemCode};
use crate::domain::predicate::Predicate;
use crate::domain::terms::{Frequency, LegalBasis, OnBehalfOf, Terms};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

mod own;

pub use own::{BulkSubmissionDetails, GivenDetails, SubmissionDetails, given, parse as parse_own};

/// What a citizen is asked for.
pub const TYPE: &str = "self_information";
/// A token for one file of many records, which a client asks for by itself.
pub const BULK_TYPE: &str = "bulk_submission";
/// A token for what one company files, which a client asks for by itself.
pub const FILING_TYPE: &str = "submission";
/// Every type.
pub const TYPES: [&str; 3] = [BULK_TYPE, TYPE, FILING_TYPE];
/// Most data sets in one request; the catalogue has fewer than a hundred.
const MOST_DATA_SETS: usize = 100;
/// Most items of one data set.
const MOST_ITEMS: usize = 500;
/// Most questions about one data set.
const MOST_PREDICATES: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Detail {
    #[serde(rename = "type")]
    _kind: String,
    purpose: String,
    data_sets: Vec<DetailDataSet>,
    #[serde(default)]
    access_days: u32,
    #[serde(default)]
    frequency: Option<Frequency>,
    #[serde(default)]
    legal_basis: LegalBasis,
    #[serde(default)]
    on_behalf_of: OnBehalfOf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DetailDataSet {
    code: DataSetCode,
    #[serde(default)]
    items: Vec<ItemCode>,
    #[serde(default)]
    optional_items: Vec<ItemCode>,
    #[serde(default)]
    period: Option<Period>,
    #[serde(default)]
    predicates: Vec<Predicate>,
    #[serde(default)]
    optional_predicates: Vec<Predicate>,
}

fn refused(public: impl Into<String>, pointer: impl Into<String>) -> Refusal {
    Refusal::new(INVALID_AUTHORIZATION_DETAILS, public).at(pointer)
}

/// Reads the `authorization_details` parameter.
///
/// # Errors
/// `invalid_authorization_details` with a JSON pointer to what is wrong.
pub fn parse(text: &str) -> Result<Ask, Refusal> {
    let all: Vec<Value> = serde_json::from_str(text)
        .map_err(|_| refused("authorization_details must be a JSON array of objects (RFC 9396)", ""))?;
    let [detail] = <[Value; 1]>::try_from(all)
        .map_err(|_| refused("authorization_details must have exactly one entry, of type self_information", ""))?;
    if detail.get("type").and_then(Value::as_str) != Some(TYPE) {
        return Err(refused("the only type that a citizen can be asked by is self_information", "/0/type"));
    }
    let detail: Detail = serde_json::from_value(detail).map_err(|error| {
        // The library's words name the field; they can quote the value, which came from the caller.
        let words: String = error.to_string().chars().take(200).collect();
        refused(format!("the entry is not of the documented form: {words}"), "/0")
    })?;
    if detail.data_sets.is_empty() || detail.data_sets.len() > MOST_DATA_SETS {
        return Err(refused("data_sets must have 1 to 100 entries", "/0/data_sets"));
    }
    check_frequency(detail.frequency, detail.access_days)?;
    let terms =
        Terms { frequency: detail.frequency, legal_basis: detail.legal_basis, on_behalf_of: detail.on_behalf_of };
    let mut data_sets: Vec<AskedDataSet> = Vec::with_capacity(detail.data_sets.len());
    for (index, asked) in detail.data_sets.into_iter().enumerate() {
        let place = format!("/0/data_sets/{index}");
        if data_sets.iter().any(|known| known.code == asked.code) {
            return Err(refused(format!("{} is asked for twice", asked.code), place));
        }
        data_sets.push(asked.read(&place)?);
    }
    Ok(Ask { purpose: detail.purpose, data_sets, access_days: detail.access_days, terms })
}

fn check_frequency(frequency: Option<Frequency>, access_days: u32) -> Result<(), Refusal> {
    let Some(Frequency { times, .. }) = frequency else { return Ok(()) };
    if !(1..=Frequency::MOST).contains(&times) {
        return Err(refused(format!("times must be 1 to {}", Frequency::MOST), "/0/frequency/times"));
    }
    if access_days == 0 {
        let public = "a frequency needs access_days of 1 or more; 0 is one retrieval";
        return Err(refused(public, "/0/frequency"));
    }
    Ok(())
}

impl DetailDataSet {
    fn read(self, place: &str) -> Result<AskedDataSet, Refusal> {
        let count = self.items.len() + self.optional_items.len();
        let is_only_asked = count == 0 && !(self.predicates.is_empty() && self.optional_predicates.is_empty());
        if (count == 0 && !is_only_asked) || count > MOST_ITEMS {
            let public = "items and optional_items must have 1 to 500 codes together, or there must be predicates";
            return Err(refused(public, place));
        }
        if is_only_asked && self.period.is_some() {
            let public = "a period is about items; a predicate names its own year";
            return Err(refused(public, format!("{place}/period")));
        }
        let predicates = read_predicates(self.predicates, self.optional_predicates, place)?;
        if self.period.is_some_and(|period| period.to.is_some_and(|to| to < period.from)) {
            return Err(refused("period.to is before period.from", format!("{place}/period/to")));
        }
        let required = self.items.into_iter().map(|code| AskedItem { code, need: Need::Required });
        let optional = self.optional_items.into_iter().map(|code| AskedItem { code, need: Need::Optional });
        let items: Vec<AskedItem> = required.chain(optional).collect();
        let mut codes: Vec<ItemCode> = items.iter().map(|item| item.code).collect();
        codes.sort_unstable();
        if let Some(twice) = codes.windows(2).find_map(|pair| match pair {
            [one, two] if one == two => Some(*one),
            _ => None,
        }) {
            return Err(refused(format!("item {twice} is asked for twice"), format!("{place}/items")));
        }
        Ok(AskedDataSet { code: self.code, items, period: self.period, predicates })
    }
}

fn read_predicates(
    required: Vec<Predicate>,
    optional: Vec<Predicate>,
    place: &str,
) -> Result<Vec<AskedPredicate>, Refusal> {
    if required.len() + optional.len() > MOST_PREDICATES {
        let public = format!("predicates and optional_predicates must have at most {MOST_PREDICATES} together");
        return Err(refused(public, format!("{place}/predicates")));
    }
    let named = [("predicates", Need::Required, required), ("optional_predicates", Need::Optional, optional)];
    let mut all: Vec<AskedPredicate> = Vec::new();
    for (member, need, asked) in named {
        for (n, predicate) in asked.into_iter().enumerate() {
            if all.iter().any(|known| known.predicate.tells_the_same_as(&predicate)) {
                let place = format!("{place}/{member}/{n}");
                return Err(refused(format!("{place}: another predicate tells the same as {predicate}"), place));
            }
            all.push(AskedPredicate { predicate, need });
        }
    }
    Ok(all)
}

/// What the citizen agreed to, as token responses and introspection give it back (RFC 9396 §7.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConsentedDetails {
    /// `self_information`.
    #[serde(rename = "type")]
    #[schema(example = "self_information")]
    kind: &'static str,
    /// The purpose that was agreed to.
    #[schema(example = "loan_examination")]
    purpose: String,
    /// What may be retrieved.
    data_sets: Vec<ConsentedDataSetDetails>,
    /// For how many days; 0 for once.
    access_days: u32,
    /// For how many days the third party may keep it.
    retention_days: u32,
    /// Whom it may be passed on to, by name.
    #[schema(example = json!([]))]
    recipients: Vec<String>,
    /// How often it may be retrieved; as often as the rate plan allows when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ConsentedFrequency>, nullable = false)]
    frequency: Option<Frequency>,
    /// On what basis in law it was asked for: `consent`, `contract` or `law`.
    #[schema(value_type = String, example = "consent")]
    legal_basis: LegalBasis,
    /// On whose behalf the person decided: their own (`self`), or that of another (`represented`), whose data it is.
    #[schema(value_type = String, example = "self")]
    on_behalf_of: OnBehalfOf,
}

/// How often data may be retrieved, by Japan's calendar.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes `Frequency`, which the domain writes")]
pub struct ConsentedFrequency {
    /// So many requests.
    #[schema(minimum = 1, maximum = 10000, example = 3)]
    times: u32,
    /// In a `day`, a `month`, or the whole `consent`.
    #[schema(example = "day")]
    per: String,
}

/// One data set agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConsentedDataSetDetails {
    /// Its code.
    #[schema(value_type = String, example = "TM00000000000002")]
    code: DataSetCode,
    /// The items that will be given.
    #[schema(value_type = Vec<String>, example = json!(["0200000010"]))]
    items: Vec<ItemCode>,
    /// The items that the citizen refused.
    #[schema(value_type = Vec<String>, example = json!([]))]
    refused_items: Vec<ItemCode>,
    /// What time the data may be about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ConsentedPeriod>, nullable = false)]
    period: Option<Period>,
    /// The questions that will be answered yes or no.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<PredicateDetails>, required = false)]
    predicates: Vec<Predicate>,
    /// The questions that the citizen refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<PredicateDetails>, required = false)]
    refused_predicates: Vec<Predicate>,
}

/// A question that is answered yes or no.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes `Predicate`, which the domain writes")]
pub struct PredicateDetails {
    /// About which fact of the data set; see `GET /v1/data-sets/{code}`.
    #[schema(pattern = "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$", max_length = 64, example = "income.total")]
    fact: String,
    /// How it is compared: `ge` (at least), `gt` (more than), `le` (at most) or `lt` (less than).
    #[schema(pattern = "^(ge|gt|le|lt)$", example = "ge")]
    operator: String,
    /// With what.
    #[schema(maximum = 4_294_967_295_u32, example = 3_000_000)]
    value: u32,
    /// In which year, where the fact is one of years.
    #[schema(minimum = 2000, maximum = 2100, nullable = false, example = 2025)]
    year: Option<u16>,
}

/// The days that data may be about, both ends included.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes `Period`, which the domain writes")]
pub struct ConsentedPeriod {
    /// First day.
    #[schema(example = "2024-01-01")]
    from: String,
    /// Last day; open when null.
    #[schema(example = "2025-12-31")]
    to: Option<String>,
}

/// What the citizen agreed to, enriched (RFC 9396 §7.1).
#[must_use]
pub fn consented(consent: &Consent) -> Vec<ConsentedDetails> {
    let data_sets = consent.data_sets.iter().map(|set| ConsentedDataSetDetails {
        code: set.code,
        items: set.items.clone(),
        refused_items: set.refused.clone(),
        period: set.period,
        predicates: set.predicates.clone(),
        refused_predicates: set.refused_predicates.clone(),
    });
    vec![ConsentedDetails {
        kind: TYPE,
        purpose: consent.purpose.clone(),
        data_sets: data_sets.collect(),
        access_days: consent.access_days,
        retention_days: consent.retention_days,
        recipients: consent.recipients.iter().map(|words| words.ja.clone()).collect(),
        frequency: consent.terms.frequency,
        legal_basis: consent.terms.legal_basis,
        on_behalf_of: consent.terms.on_behalf_of,
    }]
}

#[cfg(test)]
mod tests;
