//! Test cases of the rules: `cases/*.toml` beside them, run by `madoguchi policy test` and by the tests.
//!
//! A case asks one question and says what must come of it, by which rule. A rule that decides no case is reported too:
//! nobody would notice if it went.

use super::load::files;
use super::{Action, DataSetFacts, PolicyFault, Question, RuleSet};
use crate::domain::acr::Acr;
use crate::domain::client::{ClientClass, ClientStatus};
use crate::domain::data_set::DataSetCode;
use crate::domain::ids::ClientId;
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::Path;

/// How one case went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseOutcome {
    /// The file's name.
    pub file: String,
    /// The case's name.
    pub name: String,
    /// What was expected and what came instead; nothing when it came as expected.
    pub problem: Option<String>,
}

/// How all cases went.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is wrong with the rules or the files of cases; when there is any, no case was run.
    pub faults: Vec<PolicyFault>,
    /// Every case, in the files' order.
    pub cases: Vec<CaseOutcome>,
    /// Rules that decided no case.
    pub untested: Vec<String>,
}

impl Report {
    /// Whether there were cases, all came as expected, and every rule decided one.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.faults.is_empty() && self.untested.is_empty() && !self.cases.is_empty() && self.failed() == 0
    }

    /// Everything that is wrong, as faults of the directory.
    pub(super) fn into_faults(self) -> Vec<PolicyFault> {
        let has_none = self.faults.is_empty() && self.cases.is_empty();
        let mut faults = self.faults;
        faults.extend(self.cases.into_iter().filter_map(|case| {
            let problem = case.problem?;
            Some(PolicyFault::new(&format!("cases/{}", case.file), format!("case \"{}\": {problem}", case.name)))
        }));
        let untested = self.untested.into_iter().filter(|_| !has_none);
        faults.extend(untested.map(|rule| PolicyFault::new("cases", format!("no case needs the rule {rule}"))));
        if has_none {
            faults.push(PolicyFault::new("cases", "holds no case, so nothing shows what the rules come to"));
        }
        faults
    }

    /// How many cases came out otherwise than expected.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|case| case.problem.is_some()).count()
    }
}

/// Everything that isn't as it should be, a line each, and a last line with the numbers.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.faults.iter().try_for_each(|fault| writeln!(f, "{fault}"))?;
        for CaseOutcome { file, name, problem } in &self.cases {
            if let Some(problem) = problem {
                writeln!(f, "{file}: \"{name}\": {problem}")?;
            }
        }
        self.untested.iter().try_for_each(|rule| writeln!(f, "the rule {rule} decides no case"))?;
        write!(f, "{} passed, {} failed", self.cases.len() - self.failed(), self.failed())
    }
}

/// Runs every case of `directory/cases/*.toml` on the rules of `directory`.
#[must_use]
pub fn run_cases(directory: &Path) -> Report {
    match RuleSet::load(directory) {
        Ok(rules) => run_on(&rules, directory),
        Err(mut faults) => {
            let _ = case_files(&directory.join("cases"), &mut faults);
            Report { faults, ..Report::default() }
        }
    }
}

/// Runs every case of `directory/cases/*.toml` on `rules`.
pub(super) fn run_on(rules: &RuleSet, directory: &Path) -> Report {
    let mut faults = Vec::new();
    let files = case_files(&directory.join("cases"), &mut faults);
    if !faults.is_empty() {
        return Report { faults, ..Report::default() };
    }
    let (mut cases, mut deciding) = (Vec::new(), HashSet::new());
    for (file, content) in files {
        for case in &content.case {
            let (problem, rule) = run(rules, &content, case);
            deciding.extend(rule);
            cases.push(CaseOutcome { file: file.clone(), name: case.name.clone(), problem });
        }
    }
    let untested = rules.rules().filter(|rule| !deciding.contains(*rule)).map(str::to_owned).collect();
    Report { faults, cases, untested }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    /// Data sets that cases name.
    #[serde(default)]
    data_sets: BTreeMap<String, CaseDataSet>,
    #[serde(default)]
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseDataSet {
    code: DataSetCode,
    group: String,
    classes: Vec<ClientClass>,
    min_acr: Acr,
    #[serde(default)]
    is_sensitive: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    class: ClientClass,
    #[serde(default = "active")]
    status: ClientStatus,
    #[serde(default = "any_client")]
    client: ClientId,
    action: Action,
    data_set: Option<String>,
    acr: Option<Acr>,
    purpose: Option<String>,
    access_days: Option<u32>,
    /// Noon, unless the case is about the hour.
    #[serde(default = "noon")]
    hour: u8,
    expect: Expected,
    /// The rule that must decide.
    rule: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Expected {
    Allow,
    Deny,
}

const fn active() -> ClientStatus {
    ClientStatus::Production
}

const fn noon() -> u8 {
    12
}

fn any_client() -> ClientId {
    ClientId::generate(&crate::domain::entropy::SeededEntropy::new(1))
}

fn case_files(directory: &Path, faults: &mut Vec<PolicyFault>) -> Vec<(String, CaseFile)> {
    let mut found = Vec::new();
    for (file, text) in files(directory, "toml", faults) {
        match toml::from_str::<CaseFile>(&text) {
            Ok(content) => found.push((file, content)),
            Err(error) => faults.push(PolicyFault::new(&file, error.to_string())),
        }
    }
    for (file, content) in &found {
        let named = content.case.iter().filter_map(|case| Some((case, case.data_set.as_ref()?)));
        for (case, name) in named.filter(|(_, name)| !content.data_sets.contains_key(*name)) {
            let problem = format!("case \"{}\" names the data set {name}, which is not in [data_sets]", case.name);
            faults.push(PolicyFault::new(file, problem));
        }
    }
    found
}

/// What went otherwise, and which rule decided.
fn run(rules: &RuleSet, content: &CaseFile, case: &Case) -> (Option<String>, Option<String>) {
    let data_set = case.data_set.as_ref().and_then(|name| content.data_sets.get(name)).map(|set| DataSetFacts {
        code: set.code,
        group: set.group.clone(),
        classes: set.classes.clone(),
        min_acr: set.min_acr,
        is_sensitive: set.is_sensitive,
    });
    let decision = rules.decide(&Question {
        client: &case.client,
        class: case.class,
        status: case.status,
        action: case.action,
        data_set: data_set.as_ref(),
        acr: case.acr,
        purpose: case.purpose.as_deref(),
        access_days: case.access_days,
        hour: case.hour,
    });
    let words = |is_allowed: bool| if is_allowed { "allow" } else { "deny" };
    let is_expected = decision.is_allowed == (case.expect == Expected::Allow) && *decision.rule == *case.rule;
    let problem = (!is_expected).then(|| {
        format!(
            "expected {} by {}, came {} by {}",
            words(case.expect == Expected::Allow),
            case.rule,
            words(decision.is_allowed),
            decision.rule
        )
    });
    (problem, Some(decision.rule.to_string()))
}
