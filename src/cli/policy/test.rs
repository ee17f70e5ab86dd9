//! `madoguchi policy test`.

use super::super::say;
use super::load;
use crate::policy;
use std::path::Path;

/// Runs the cases beside the rules, and looks for rules that can decide nothing.
pub fn run(directory: &Path) -> anyhow::Result<()> {
    let report = policy::run_cases(directory);
    for case in &report.cases {
        let ended = case.problem.as_ref().map_or_else(|| "ok".to_owned(), |problem| format!("FAILED: {problem}"));
        say(&format!("{} … {}: {ended}", case.file, case.name));
    }
    for fault in &report.faults {
        say(&fault.to_string());
    }
    for rule in &report.untested {
        say(&format!("the rule {rule} decides no case; write one"));
    }
    say(&format!("{} cases, {} failed", report.cases.len(), report.failed()));
    anyhow::ensure!(report.is_ok(), "the rules are not in order");
    let rules = load(directory)?;
    let faults = rules.prove(directory);
    for fault in &faults {
        say(&fault.to_string());
    }
    anyhow::ensure!(faults.is_empty(), "the rules are not in order");
    say(&format!("{} rules, digest {}", rules.rules().count(), rules.digest().base64url()));
    Ok(())
}
