//! The report: each clause's state, worked out from its checks and its tests.

use super::catalogue::{Asks, Catalogue, Check, Clause};
use super::facts::Facts;
use super::{configured, described, recorded};
use crate::domain::{Timestamp, Words};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a clause, or one check of it, stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConformanceState)]
pub enum State {
    /// It holds.
    Met,
    /// It holds in part, or no test in the sources shows it yet.
    Partial,
    /// This installation does not offer it.
    NotOffered,
    /// It does not hold: something is set or registered wrongly, or the build is wrong.
    Broken,
}

impl State {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Partial => "partial",
            Self::NotOffered => "not_offered",
            Self::Broken => "broken",
        }
    }
}

/// Every clause as it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ConformanceReport)]
pub struct Report {
    /// The authorization server.
    #[schema(format = "uri")]
    pub issuer: String,
    /// The version of the program.
    pub version: &'static str,
    /// When it was worked out (RFC 3339).
    pub checked_at: String,
    /// Whether a broken clause keeps the process from being ready.
    pub strict: bool,
    /// How many clauses stand how.
    pub counts: Counts,
    /// The clauses, in the order of the checklist.
    pub sections: Vec<SectionReport>,
}

/// How many clauses stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ConformanceCounts)]
pub struct Counts {
    /// Met.
    pub met: usize,
    /// Met in part.
    pub partial: usize,
    /// Not offered.
    pub not_offered: usize,
    /// Broken.
    pub broken: usize,
}

/// A group of clauses.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ConformanceSection)]
pub struct SectionReport {
    /// As the checklist numbers it.
    pub id: String,
    /// What it is about.
    pub title: Words,
    /// Its clauses.
    pub clauses: Vec<ClauseReport>,
}

/// One clause.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ConformanceClause)]
pub struct ClauseReport {
    /// Its number in its text.
    pub id: String,
    /// How much it binds: `shall`, `should`, `must`, …
    pub level: String,
    /// The requirement, restated.
    pub requirement: Words,
    /// How it stands.
    pub state: State,
    /// Why it is not simply met, where that does not follow from the findings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<Words>,
    /// What was looked at just now.
    pub findings: Vec<Finding>,
    /// The tests that show it: functions in the sources.
    pub tests: Vec<String>,
}

/// What one check found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ConformanceFinding)]
pub struct Finding {
    /// The check's name.
    pub check: String,
    /// Where it looked: `configuration`, `metadata`, `resource_metadata`, `records` or `self_test`.
    pub asks: &'static str,
    /// What it wants.
    pub wants: Words,
    /// How it stands.
    pub state: State,
    /// What it saw: a line of the configuration or of the document, or what the self-test says.
    pub saw: String,
}

impl Report {
    /// Whether no clause is broken.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.counts.broken == 0
    }

    /// The clauses that are broken.
    pub fn broken(&self) -> impl Iterator<Item = &ClauseReport> {
        self.clauses().filter(|clause| clause.state == State::Broken)
    }

    /// Every clause.
    pub fn clauses(&self) -> impl Iterator<Item = &ClauseReport> {
        self.sections.iter().flat_map(|section| &section.clauses)
    }
}

fn words(ja: &str, en: &str) -> Words {
    Words { ja: ja.to_owned(), en: en.to_owned() }
}

pub(super) fn work_out(catalogue: &Catalogue, facts: &Facts<'_>, now: Timestamp) -> Report {
    let sections: Vec<SectionReport> = catalogue
        .sections
        .iter()
        .map(|section| SectionReport {
            id: section.id.clone(),
            title: words(&section.ja, &section.en),
            clauses: catalogue
                .clauses
                .iter()
                .filter(|clause| clause.section == section.id)
                .map(|clause| judge(catalogue, clause, facts))
                .collect(),
        })
        .collect();
    let mut counts = Counts::default();
    for clause in sections.iter().flat_map(|section| &section.clauses) {
        match clause.state {
            State::Met => counts.met += 1,
            State::Partial => counts.partial += 1,
            State::NotOffered => counts.not_offered += 1,
            State::Broken => counts.broken += 1,
        }
    }
    Report {
        issuer: facts.issuer.to_owned(),
        version: env!("CARGO_PKG_VERSION"),
        checked_at: now.rfc3339(),
        strict: facts.deployment.strict,
        counts,
        sections,
    }
}

fn judge(catalogue: &Catalogue, clause: &Clause, facts: &Facts<'_>) -> ClauseReport {
    let known = clause.checks.iter().filter_map(|id| catalogue.checks.get(id));
    let findings: Vec<Finding> = known.map(|check| find(check, facts)).collect();
    let seen = findings.iter().map(|finding| finding.state).max().unwrap_or(State::Met);
    let untested = || words("この条を示す自動の試験がまだない。", "No automated test shows this clause yet.");
    let (said, reason) = match (&clause.not_offered, &clause.partial) {
        (Some(why), _) => (State::NotOffered, Some(why.clone())),
        (None, Some(why)) => (State::Partial, Some(why.clone())),
        (None, None) if clause.tests.is_empty() && seen != State::NotOffered => (State::Partial, Some(untested())),
        (None, None) => (State::Met, None),
    };
    ClauseReport {
        id: clause.id.clone(),
        level: clause.level.clone(),
        requirement: words(&clause.ja, &clause.en),
        state: seen.max(said),
        reason,
        findings,
        tests: clause.tests.clone(),
    }
}

fn find(check: &Check, facts: &Facts<'_>) -> Finding {
    let (state, saw) = match check.asks {
        Asks::Metadata => described::look(check, &facts.metadata),
        Asks::Resource => described::look(check, &facts.resource),
        Asks::Configuration => configured::look(&check.id, facts),
        Asks::Records => recorded::look(&check.id, facts),
        Asks::SelfTest => facts.self_test.look(&check.id),
    };
    let wants = words(&check.ja, &check.en);
    Finding { check: check.id.clone(), asks: check.asks.as_str(), wants, state, saw }
}
