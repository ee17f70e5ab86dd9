//! Policy: which kind of third party may ask for what, as rules in Cedar that the operator writes.
//!
//! What for: who may ask whom about what is for people to read, argue about and change, without a new release and
//! without a restart. `policies/*.cedar` are the rules, `policies/*.cedarschema` what they may speak of,
//! `policies/cases/*.toml` what they must come to.
//!
//! How it flows: (1) [`RuleSet::load`] reads the rules, checks them strictly against the schema and tells all faults at
//! once. (2) [`RuleSet::prove`] holds them against their cases and looks for a rule that can decide nothing (`inspect`
//! says what that covers); a counter opens with proven rules only. (3) A use case takes the rules that are in force
//! ([`Policies::now`]) once for all that must be decided alike, and asks a [`Question`]; the facts about a data set come
//! along as [`DataSetFacts`]. (4) The rules are evaluated once for each different question and the [`Decision`] is kept
//! beside them, so that asking again costs a look-up. (5) [`Policies::reload`] puts other rules in force in one step, or
//! leaves everything as it is.
//!
//! Of what form authorization details are (RFC 9396) is text too: [`DetailTypes`] holds them against one JSON Schema a type;
//! [`ConsentLimits`] says for how long a citizen can be asked and a visit to a shared terminal lasts,
//! [`RepresentationLimits`] who may act for another,
//! [`Retention`] for how long records about people are kept.
//!
//! How to add one more: a rule is text under `policies/` and a case beside it. A new action is a line in the schema, a
//! variant of [`Action`] and its resource in `evaluate.rs`; a new fact is a member of
//! [`Facts`](crate::domain::decision::Facts), its place in `evaluate.rs` and its values in `space.rs`.
//!
//! What it must never do: allow what no rule permits; let a rule that failed to evaluate be as if it weren't there;
//! decide without naming the rule; decide two parts of one thing by different rules.

mod cache;
mod cases;
mod details;
mod evaluate;
mod file;
mod inspect;
mod limits;
mod load;
mod question;
mod reads;
mod representation;
mod retention;
mod schema;
mod space;

pub use crate::domain::decision::{Action, DataSetFacts};
pub use cases::{CaseOutcome, Report, run_cases};
pub use details::DetailTypes;
pub use file::read_file;
pub use limits::ConsentLimits;
pub use load::PolicyFault;
pub use question::Question;
pub use representation::{NotRepresentable, RepresentationLimits};
pub use retention::Retention;
pub use schema::Misfit;

use crate::domain::decision::DecisionRecord;
use crate::domain::representation::RepresentationKind;
use crate::domain::terminal::{VisitLimits, Visits};
use crate::domain::{Digest, Lang, Timestamp};
use cache::Cache;
use evaluate::Evaluator;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// What a refusal names when no rule permitted.
pub const DEFAULT_DENY: &str = "default_deny";
/// What a refusal names when a rule could not be evaluated; the log says which.
pub const POLICY_ERROR: &str = "policy_error";

/// The answer, and the rule it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may be done.
    pub is_allowed: bool,
    /// The `@id` of the rule that permitted or forbade; [`DEFAULT_DENY`] when no rule permitted.
    pub rule: Arc<str>,
}

/// One rule that holds for a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldingRule {
    /// Its `@id`.
    pub rule: Arc<str>,
    /// Whether it permits; else it forbids.
    pub permits: bool,
}

/// One directory's rules as they were read: never changed, only replaced.
pub struct RuleSet {
    evaluator: Evaluator,
    cache: Cache,
    details: DetailTypes,
    limits: ConsentLimits,
    retention: Retention,
    representation: Option<RepresentationLimits>,
    digest: Digest,
}

impl RuleSet {
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
        let retention = Retention::load(directory)?;
        let representation = RepresentationLimits::load_if_there(directory)?;
        let texts = [loaded.digest, details.digest(), limits.digest(), retention.digest()];
        let texts = texts.into_iter().chain(representation.as_ref().map(RepresentationLimits::digest));
        let digest = Digest::of(&texts.map(|digest| digest.base64url()).collect::<Vec<_>>().join(" "));
        let (evaluator, cache) = (Evaluator::new(loaded)?, Cache::default());
        Ok(Self { evaluator, cache, details, limits, retention, representation, digest })
    }

    /// What is wrong with rules that load: a case of `directory` that comes out otherwise, a rule that decides no case,
    /// a rule that can decide nothing at all, a rule without its reason in both languages. Nothing when all is well.
    #[must_use]
    pub fn prove(&self, directory: &Path) -> Vec<PolicyFault> {
        let mut faults = cases::run_on(self, directory).into_faults();
        faults.extend(inspect::inspect(&self.evaluator));
        faults
    }

    /// Decides. What no rule permits is denied; a rule that forbids wins over any that permits.
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        self.cache.get_or_make(question, || self.evaluator.decide(question))
    }

    /// What is kept of a decision, made by these rules at `at`.
    #[must_use]
    pub fn record(&self, question: &Question<'_>, decision: &Decision, at: Timestamp) -> DecisionRecord {
        DecisionRecord::new(question.facts(), (decision.is_allowed, &decision.rule), self.digest, at)
    }

    /// Every rule that holds for the question, in the files' order, whether or not it decided.
    pub fn holding(&self, question: &Question<'_>) -> Vec<HoldingRule> {
        self.evaluator.holding(question)
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

    /// For how long records about people are kept.
    #[must_use]
    pub const fn retention(&self) -> &Retention {
        &self.retention
    }

    /// Whether a representative on this ground may decide about data sets of `group`.
    #[must_use]
    pub fn may_represent(&self, kind: RepresentationKind, group: &str) -> bool {
        self.representation.as_ref().is_some_and(|limits| limits.covers(kind, group))
    }

    /// Who may act for another; none where nobody may.
    #[must_use]
    pub const fn representation_limits(&self) -> Option<&RepresentationLimits> {
        self.representation.as_ref()
    }

    /// The `@id` of every rule, in the files' order.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.evaluator.rules().map(|rule| &*rule.id)
    }

    /// The rule's reason: one sentence for people, where it has one in that language.
    #[must_use]
    pub fn reason(&self, rule: &str, lang: Lang) -> Option<&str> {
        self.evaluator.rules().find(|known| &*known.id == rule).and_then(|rule| rule.reason(lang))
    }

    /// What the rules, the schema, the forms of authorization details, the limits and the schedule of erasure come to: the same for the same texts.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }
}

/// The rules in force. Everybody holds the same one; what it holds can be exchanged.
pub struct Policies {
    directory: PathBuf,
    current: RwLock<Arc<RuleSet>>,
}

impl Policies {
    /// The rules of `directory`, unproven.
    ///
    /// # Errors
    /// As [`RuleSet::load`].
    pub fn load(directory: &Path) -> Result<Self, Vec<PolicyFault>> {
        Ok(Self { directory: directory.to_owned(), current: RwLock::new(Arc::new(RuleSet::load(directory)?)) })
    }

    /// The rules in force at this moment. Take them once for everything that must be decided alike.
    #[must_use]
    pub fn now(&self) -> Arc<RuleSet> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Decides one thing by the rules in force.
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        self.now().decide(question)
    }

    /// Reads the directory again and puts its rules in force, all at once; whoever took the rules before goes on with
    /// those. Reading and proving take a while: keep it off the threads that answer.
    ///
    /// # Errors
    /// Every fault of [`RuleSet::load`], else every one of [`RuleSet::prove`]; the rules in force stay.
    pub fn reload(&self) -> Result<Reloaded, Vec<PolicyFault>> {
        let read = RuleSet::load(&self.directory)?;
        let faults = read.prove(&self.directory);
        if !faults.is_empty() {
            return Err(faults);
        }
        let (before, after) = (self.now().digest(), read.digest());
        if before != after {
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
        }
        Ok(Reloaded { before, after })
    }
}

impl Visits for Policies {
    fn visit(&self) -> VisitLimits {
        self.now().limits().visit()
    }
}

/// Which rules gave way to which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// Digest of the rules that were in force.
    pub before: Digest,
    /// Digest of those that are now; the same when the texts hadn't changed.
    pub after: Digest,
}

#[cfg(test)]
mod reload_tests;
#[cfg(test)]
mod tests;
