//! The tables: whole, consistent, and honest about their tests.

use super::Catalogue;
use super::catalogue::Asks;
use super::{configured, recorded};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

const LEVELS: [&str; 10] =
    ["shall", "shall not", "should", "should not", "must", "must not", "may", "recommended", "encouraged", "draft"];

/// The names of all functions in the sources that are tests.
fn tests_in_the_sources() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("tests")];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.extend(tests_of(&std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// A test is a function after an attribute whose last word is `test`.
fn tests_of(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_marked = false;
    for line in source.lines().map(str::trim) {
        let is_attribute = line.starts_with("#[");
        let name = line.trim_start_matches("pub ").trim_start_matches("async ").strip_prefix("fn ");
        if is_attribute {
            is_marked |= line.trim_end_matches(']').split('(').next().is_some_and(|path| path.ends_with("test"));
        } else if let Some(name) = name {
            if is_marked {
                found.push(name.split(['(', '<']).next().unwrap().to_owned());
            }
            is_marked = false;
        }
    }
    found
}

#[test]
fn every_test_that_a_clause_names_is_in_the_sources() {
    let known = tests_in_the_sources();
    assert!(known.len() > 200, "the sources were not found");
    let mut lacking = String::new();
    for clause in Catalogue::load().unwrap().clauses {
        let names: BTreeSet<&String> = clause.tests.iter().collect();
        assert_eq!(names.len(), clause.tests.len(), "{} names a test twice", clause.id);
        for test in clause.tests.iter().filter(|test| !known.contains(*test)) {
            let _ = writeln!(lacking, "{}: {test}", clause.id);
        }
    }
    assert!(lacking.is_empty(), "no such tests:\n{lacking}");
}

#[test]
fn the_tables_hold_together() {
    let Catalogue { sections, clauses, checks } = Catalogue::load().unwrap();
    let sections: Vec<&str> = sections.iter().map(|section| section.id.as_str()).collect();
    assert_eq!(sections, ["2a", "2b", "2c", "2d", "2e", "2f", "2g", "2h", "2i", "2j"]);
    let mut ids = BTreeSet::new();
    let mut used = BTreeSet::new();
    for clause in &clauses {
        assert!(sections.contains(&clause.section.as_str()), "{}", clause.id);
        assert!(ids.insert(&clause.id), "{} is there twice", clause.id);
        assert!(LEVELS.contains(&clause.level.as_str()), "{}: {}", clause.id, clause.level);
        assert!(clause.ja.ends_with('。') && clause.en.ends_with('.'), "{}", clause.id);
        for check in &clause.checks {
            assert!(checks.contains_key(check), "{}: there is no check {check}", clause.id);
            used.insert(check.as_str());
        }
        let is_said = clause.partial.is_some() || clause.not_offered.is_some();
        let is_shown = !clause.tests.is_empty() || !clause.checks.is_empty();
        assert!(is_said || is_shown || clause.section == "2j", "{} has no evidence at all", clause.id);
    }
    let idle: Vec<&String> = checks.keys().filter(|id| !used.contains(id.as_str())).collect();
    assert!(idle.is_empty(), "no clause asks for {idle:?}");
}

#[test]
fn every_check_has_somebody_who_looks() {
    let checks = Catalogue::load().unwrap().checks;
    let of = |asks: Asks| checks.values().filter(|c| c.asks == asks).map(|c| c.id.as_str()).collect::<BTreeSet<_>>();
    assert_eq!(of(Asks::Configuration), configured::KNOWN.into());
    assert_eq!(of(Asks::Records), recorded::KNOWN.into());
    for check in checks.values() {
        let is_document = matches!(check.asks, Asks::Metadata | Asks::Resource);
        assert_eq!(check.pointer.is_some(), is_document, "{}", check.id);
        let wants = check.equals.is_some() || check.within.is_some() || check.is_there;
        assert_eq!(wants || !check.holds.is_empty() || !check.lacks.is_empty(), is_document, "{}", check.id);
    }
}

#[test]
fn a_test_is_a_marked_function() {
    let source = "#[test]\nfn one() {}\nfn helper() {}\n#[tokio::test(flavor = \"x\")]\nasync fn two() {}\n#[cfg(test)]\n\
                  mod x {}\nfn three() {}\n#[actix_web::test]\npub async fn four() {}";
    assert_eq!(tests_of(source), ["one", "two", "four"]);
}
