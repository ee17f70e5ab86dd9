//! Policy: which kind of third party may ask for what, as rules in Cedar that the operator writes.
//!
//! What for: who may ask whom about what is for people to read, argue about and change, without a new release.
//! `policies/*.cedar` are the rules, `policies/*.cedarschema` what they may speak of, `policies/cases/*.toml` what they
//! must come to.
//!
//! How it flows: (1) [`Policies::load`] reads the rules, checks them strictly against the schema and tells all faults at
//! once. (2) A use case asks a [`Question`]; the facts about a data set come along as [`DataSetFacts`]. (3) The rules are
//! evaluated once for each different question and the [`Decision`] is kept, so that asking again costs a look-up.
//! (4) [`run_cases`] holds the rules against their test cases, and says which rule no case ever needed.
//!
//! Of what form authorization details are (RFC 9396) is text too: [`DetailTypes`] holds them against one JSON Schema a type;
//! [`ConsentLimits`] says for how long a citizen can be asked.
//!
//! How to add one more: a rule is text under `policies/` and a case beside it. A new action is a line in the schema, a
//! variant of [`Action`] and its resource in `evaluate.rs`.
//!
//! What it must never do: allow what no rule permits; let a rule that failed to evaluate be as if it weren't there;
//! decide without naming the rule.

mod cache;
mod cases;
mod details;
mod evaluate;
mod limits;
mod load;
mod schema;

pub use cases::{CaseOutcome, Report, run_cases};
pub use details::DetailTypes;
pub use limits::ConsentLimits;
pub use load::PolicyFault;
pub use schema::Misfit;

use crate::domain::acr::Acr;
use crate::domain::client::{ClientClass, ClientStatus};
use crate::domain::data_set::DataSetCode;
use crate::domain::ids::ClientId;
use cache::Cache;
use evaluate::Evaluator;
use std::path::Path;
use std::sync::Arc;

/// What a refusal names when no rule permitted.
pub const DEFAULT_DENY: &str = "default_deny";
/// What a refusal names when a rule could not be evaluated; the log says which.
pub const POLICY_ERROR: &str = "policy_error";

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read the catalogue.
    ReadCatalogue,
    /// Ask a citizen for a data set.
    RequestDataSet,
    /// Have a data set fetched under a citizen's consent.
    RetrieveDataSet,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 3] = [Self::ReadCatalogue, Self::RequestDataSet, Self::RetrieveDataSet];

    /// The action's name in the rules.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadCatalogue => "read_catalogue",
            Self::RequestDataSet => "request_data_set",
            Self::RetrieveDataSet => "retrieve_data_set",
        }
    }
}

/// What the rules know of a data set; the catalogue's facts, handed over by whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DataSetFacts {
    /// Its code.
    pub code: DataSetCode,
    /// Its group's code.
    pub group: String,
    /// Which kinds of third party the catalogue opens it to.
    pub classes: Vec<ClientClass>,
    /// How surely the citizen must be recognised.
    pub min_acr: Acr,
    /// Whether it is sensitive (要配慮個人情報 and the like).
    pub is_sensitive: bool,
}

/// May this third party do this?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question<'a> {
    /// Who asks.
    pub client: &'a ClientId,
    /// What kind of third party that is.
    pub class: ClientClass,
    /// Whether it may act at all.
    pub status: ClientStatus,
    /// What is to be done.
    pub action: Action,
    /// With which data set; nothing for the catalogue as a whole.
    pub data_set: Option<&'a DataSetFacts>,
    /// How surely the citizen was recognised, once that is known.
    pub acr: Option<Acr>,
    /// The code of the purpose, as registered.
    pub purpose: Option<&'a str>,
}

/// The answer, and the rule it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may be done.
    pub is_allowed: bool,
    /// The `@id` of the rule that permitted or forbade; [`DEFAULT_DENY`] when no rule permitted.
    pub rule: Arc<str>,
}

/// The operator's rules at work.
pub struct Policies {
    evaluator: Evaluator,
    cache: Cache,
    details: DetailTypes,
    limits: ConsentLimits,
}

impl Policies {
    /// Reads `*.cedar`, the one `*.cedarschema` and `authorization-details/*.json` in `directory`.
    ///
    /// # Errors
    /// Every fault found: a file that can't be read or parsed, a rule without `@id` or with another's, a rule that
    /// doesn't fit the schema, a schema that lacks what the product asks about.
    pub fn load(directory: &Path) -> Result<Self, Vec<PolicyFault>> {
        let (loaded, details) = match (load::load(directory), DetailTypes::load(directory)) {
            (Ok(loaded), Ok(details)) => (loaded, details),
            (loaded, details) => return Err([loaded.err(), details.err()].into_iter().flatten().flatten().collect()),
        };
        let limits = ConsentLimits::load(directory)?;
        Ok(Self { evaluator: Evaluator::new(loaded)?, cache: Cache::default(), details, limits })
    }

    /// Decides. What no rule permits is denied; a rule that forbids wins over any that permits.
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        self.cache.get_or_make(question, || self.evaluator.decide(question))
    }

    /// The types of authorization details that can be asked for, and their forms.
    #[must_use]
    pub const fn details(&self) -> &DetailTypes {
        &self.details
    }

    /// For how long a citizen can be asked.
    #[must_use]
    pub const fn limits(&self) -> &ConsentLimits {
        &self.limits
    }

    /// The `@id` of every rule, in the files' order.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.evaluator.rules()
    }

    /// The rule's `@reason`: one sentence for people, where it has one.
    #[must_use]
    pub fn reason(&self, rule: &str) -> Option<&str> {
        self.evaluator.reason(rule)
    }
}

#[cfg(test)]
mod tests;
