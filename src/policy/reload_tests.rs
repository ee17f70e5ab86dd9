//! Rules are exchanged whole or not at all, also while they are asked.

use super::*;
use crate::domain::acr::Acr;
use crate::domain::client::{ClientClass, ClientStatus};
use crate::domain::data_set::DataSetCode;
use crate::domain::ids::ClientId;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const SCHEMA: &str = include_str!("../../policies/madoguchi.cedarschema");

/// Rules of which every one is called after `edition`, with a case that needs it.
fn write(directory: &Path, edition: &str, effect: &str) {
    let reason = "@reason(\"It is tried.\") @reason_ja(\"試験です。\")";
    let rules = format!("@id(\"{edition}\") {reason} {effect} (principal, action, resource);");
    let expect = if effect == "permit" { "allow" } else { "deny" };
    let cases = format!(
        "[[case]]\nname = \"n\"\nclass = \"bank\"\naction = \"read_catalogue\"\nexpect = \"{expect}\"\nrule = \"{edition}\"\n"
    );
    fs::create_dir_all(directory.join("cases")).unwrap();
    fs::write(directory.join("x.cedarschema"), SCHEMA).unwrap();
    fs::write(directory.join("a.cedar"), rules).unwrap();
    fs::write(directory.join("cases/a.toml"), cases).unwrap();
}

fn facts(n: usize) -> DataSetFacts {
    DataSetFacts {
        code: DataSetCode::parse(&format!("TM{n:014}")).unwrap(),
        group: "tax_and_income".to_owned(),
        classes: vec![ClientClass::Bank],
        min_acr: Acr::Aal3,
        is_sensitive: false,
    }
}

fn question<'a>(client: &'a ClientId, facts: &'a DataSetFacts) -> Question<'a> {
    Question {
        client,
        class: ClientClass::Bank,
        status: ClientStatus::Production,
        action: Action::RetrieveDataSet,
        data_set: Some(facts),
        acr: Some(Acr::Aal3),
        purpose: Some("loan_examination"),
        access_days: Some(30),
        hour: 12,
    }
}

#[test]
fn other_rules_are_in_force_at_once_and_nothing_of_the_old_ones_is_left() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "one", "permit");
    let policies = Policies::load(directory.path()).unwrap();
    let (client, facts) = (ClientId::parse("c_1").unwrap(), facts(1));
    assert!(policies.decide(&question(&client, &facts)).is_allowed);
    write(directory.path(), "two", "forbid");
    let reloaded = policies.reload().unwrap();
    assert_ne!(reloaded.before, reloaded.after);
    assert_eq!(policies.now().digest(), reloaded.after);
    assert_eq!(&*policies.decide(&question(&client, &facts)).rule, "two", "no kept decision survives");
    let again = policies.reload().unwrap();
    assert_eq!(again.before, again.after, "the same texts are the same rules");
}

#[test]
fn rules_that_are_not_in_order_leave_everything_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "one", "permit");
    let policies = Policies::load(directory.path()).unwrap();
    let before = policies.now().digest();
    let cases = fs::read_to_string(directory.path().join("cases/a.toml")).unwrap();
    let rules = fs::read_to_string(directory.path().join("a.cedar")).unwrap();
    let schema = SCHEMA.replace("is_sensitive: Bool", "is_sensitive: Long");
    let unreasoned = rules.replace("@reason_ja(\"試験です。\")", "");
    let twice = format!("{rules}{}", rules.replace("\"one\"", "\"second\""));
    for (file, text, said) in [
        ("x.cedarschema", schema.as_str(), "does not fit the question"),
        ("a.cedar", "@id(\"a\") permit (", "unexpected"),
        ("a.cedar", unreasoned.as_str(), "needs an @reason_ja"),
        ("a.cedar", twice.as_str(), "second can't decide anything: it says only what is said before by one"),
        ("cases/a.toml", &cases.replace("allow", "deny"), "expected deny by one, came allow by one"),
        ("cases/a.toml", "", "holds no case"),
    ] {
        write(directory.path(), "one", "permit");
        fs::write(directory.path().join(file), text).unwrap();
        let faults: Vec<String> = policies.reload().unwrap_err().iter().map(ToString::to_string).collect();
        assert!(faults.iter().any(|fault| fault.contains(said)), "{said}: {faults:#?}");
        assert_eq!(policies.now().digest(), before);
    }
    fs::write(directory.path().join("cases/a.toml"), cases.replace("allow", "deny")).unwrap();
    fs::write(directory.path().join("a.cedar"), &twice).unwrap();
    assert!(policies.reload().unwrap_err().len() >= 3, "all faults at once");
}

#[test]
fn a_reload_under_load_mixes_no_decisions() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "one", "permit");
    let policies = Policies::load(directory.path()).unwrap();
    let (is_over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let client = ClientId::parse("c_1").unwrap();
                let mut last = None;
                while !is_over.load(Ordering::SeqCst) {
                    // What one ask does: several data sets by one set of rules.
                    let rules = policies.now();
                    let named: Vec<Arc<str>> =
                        (1..6).map(|n| rules.decide(&question(&client, &facts(n))).rule).collect();
                    assert!(named.iter().all(|rule| *rule == named[0]), "{named:?}");
                    let edition = named[0].to_string();
                    // Every thread only ever sees later rules: n1, n2, …
                    let number: usize = edition.trim_start_matches('n').parse().unwrap_or(0);
                    assert!(last.is_none_or(|last| last <= number), "{last:?} then {number}");
                    last = Some(number);
                    asked.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        for n in 1..12 {
            let before = asked.load(Ordering::SeqCst);
            write(directory.path(), &format!("n{n}"), if n % 2 == 0 { "permit" } else { "forbid" });
            policies.reload().unwrap();
            while asked.load(Ordering::SeqCst) < before + 8 {
                std::thread::yield_now();
            }
        }
        is_over.store(true, Ordering::SeqCst);
    });
    assert_eq!(policies.now().rules().next(), Some("n11"));
}
