//! The shipped rules hold against their cases; broken rules are found when they are loaded; nothing is allowed by
//! mistake.

use super::*;
use crate::domain::acr::Acr;
use crate::domain::client::{ClientClass, ClientStatus};
use crate::domain::data_set::DataSetCode;
use crate::domain::ids::ClientId;
use proptest::prelude::*;
use std::fs;

const SCHEMA: &str = include_str!("../../policies/madoguchi.cedarschema");

fn client() -> ClientId {
    ClientId::parse("c_1").unwrap()
}

fn facts() -> DataSetFacts {
    DataSetFacts {
        code: DataSetCode::parse("TM00000000000002").unwrap(),
        group: "tax_and_income".to_owned(),
        classes: vec![ClientClass::Bank],
        min_acr: Acr::Aal3,
        is_sensitive: false,
    }
}

fn question<'a>(client: &'a ClientId, facts: Option<&'a DataSetFacts>) -> Question<'a> {
    Question {
        client,
        class: ClientClass::Bank,
        status: ClientStatus::Production,
        action: Action::RetrieveDataSet,
        data_set: facts,
        acr: Some(Acr::Aal3),
        purpose: Some("loan_examination"),
        access_days: Some(30),
        hour: 12,
    }
}

/// A directory of rules: `(file, text)`, the shipped schema unless another is given.
fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("x.cedarschema"), SCHEMA).unwrap();
    for (file, text) in files {
        let path = directory.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

fn faults(files: &[(&str, &str)]) -> String {
    let loaded = RuleSet::load(directory(files).path());
    loaded.err().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn shipped() -> RuleSet {
    RuleSet::load(Path::new("policies")).unwrap()
}

#[test]
fn the_shipped_rules_hold_against_their_cases() {
    let report = run_cases(Path::new("policies"));
    let failed: Vec<_> = report.cases.iter().filter(|case| case.problem.is_some()).collect();
    assert!(report.is_ok(), "{:?} {failed:#?} untested: {:?}", report.faults, report.untested);
    assert!(report.cases.len() > 40);
}

#[test]
fn every_shipped_rule_has_words_for_people() {
    let policies = shipped();
    for rule in policies.rules() {
        assert!(policies.reason(rule, Lang::En).is_some_and(|reason| reason.ends_with('.')), "{rule}");
        assert!(policies.reason(rule, Lang::Ja).is_some_and(|reason| reason.ends_with('。')), "{rule}");
    }
    assert_eq!(policies.reason(DEFAULT_DENY, Lang::En), None);
}

#[test]
fn every_shipped_rule_can_decide_something() {
    let rules = shipped();
    assert_eq!(rules.prove(Path::new("policies")), []);
    assert!(rules.rules().count() > 24);
}

#[test]
fn a_rule_that_can_decide_nothing_is_found() {
    let all = "(principal, action, resource)";
    let asked = "(principal, action == Action::\"request_data_set\", resource)";
    for (rules, said) in [
        (format!("@id(\"a\") permit {all}; @id(\"b\") forbid {all};"), "rule a can't decide anything: it is always overruled by b"),
        (format!("@id(\"a\") permit {all}; @id(\"b\") permit {all};"), "rule b can't decide anything: it says only what is said before by a"),
        (
            format!("@id(\"a\") permit {all}; @id(\"b\") forbid {asked} when {{ context.hour > 20 && context.hour < 20 }};"),
            "rule b can't decide anything: its conditions never hold together",
        ),
        // Two halves that leave nothing between them.
        (
            format!(
                "@id(\"a\") permit {asked} when {{ resource.is_sensitive }};
                @id(\"b\") forbid {asked} when {{ context.hour < 12 && context has purpose }};
                @id(\"c\") forbid {asked} when {{ context.hour >= 12 || resource.is_sensitive }};"
            ),
            "rule a can't decide anything: it is always overruled by b, c",
        ),
        (
            format!("@id(\"a\") permit {asked} when {{ resource.min_acr + 9223372036854775807 > 0 }};"),
            "there are questions for which it can't be evaluated",
        ),
        (
            "@id(\"a\") permit (principal in ClientClass::\"bank\", action, resource);
            @id(\"b\") permit (principal == Client::\"c_1\", action, resource) when { principal in ClientClass::\"bank\" };"
                .to_owned(),
            "rule b can't decide anything: it says only what is said before by a",
        ),
    ] {
        let directory = directory(&[("a.cedar", &rules)]);
        let faults = inspect::inspect(&RuleSet::load(directory.path()).unwrap().evaluator);
        let told: Vec<String> = faults.iter().map(ToString::to_string).filter(|fault| fault.contains("can't")).collect();
        assert!(told.len() == 1 && told[0].contains(said), "{rules}\n{faults:#?}");
    }
}

#[test]
fn rules_that_divide_a_matter_between_them_are_all_in_order() {
    let asked = "(principal, action == Action::\"request_data_set\", resource)";
    let rules = format!(
        "@id(\"a\") permit {asked};
        @id(\"b\") forbid {asked} when {{ context.hour < 12 }};
        @id(\"c\") forbid {asked} when {{ context.hour < 13 && context has access_days && context.access_days > 90 }};
        @id(\"d\") permit (principal == Client::\"c_1\", action, resource);
        @id(\"e\") forbid (principal, action, resource == DataSet::\"TM00000000000002\") when {{ resource.min_acr > 2 }};"
    );
    let directory = directory(&[("a.cedar", &rules)]);
    let faults = inspect::inspect(&RuleSet::load(directory.path()).unwrap().evaluator);
    assert!(faults.iter().all(|fault| fault.problem.contains("@reason")), "{faults:#?}");
}

#[test]
fn broken_rules_are_found_when_loaded() {
    for (text, said) in [
        ("permit (principal, action, resource);", "rule 1 needs an @id"),
        ("@id(\"A b\") permit (principal, action, resource);", "rule 1 needs an @id"),
        ("@id(\"default_deny\") permit (principal, action, resource);", "rule 1 needs an @id"),
        ("@id(\"a\") permit (principal, action, resource)", "unexpected end"),
        ("@id(\"a\") permit (principal, action, resource) when { principal.nonsense };", "rule a:"),
        ("@id(\"a\") permit (principal, action == Action::\"reqest_data_set\", resource);", "rule a:"),
        ("@id(\"a\") permit (principal in Klass::\"bank\", action, resource);", "rule a:"),
        ("@id(\"a\") permit (principal, action, resource) when { context.acr > 2 };", "rule a:"),
        ("@id(\"a\") permit (principal == ?principal, action, resource);", "template"),
        ("", "holds no *.cedar"),
    ] {
        let files = if text.is_empty() { vec![] } else { vec![("a.cedar", text)] };
        let found = faults(&files);
        assert!(found.contains(said), "{text}\n{found}");
    }
}

#[test]
fn an_id_is_taken_once_and_all_faults_are_told_at_once() {
    let rule = "@id(\"a\") permit (principal, action, resource);";
    let found = faults(&[("1.cedar", rule), ("2.cedar", rule), ("3.cedar", "@id(\"c\") permit (")]);
    assert!(found.contains("2.cedar: the @id a is already taken in 1.cedar") && found.contains("3.cedar"), "{found}");
}

#[test]
fn a_schema_that_lacks_what_is_asked_about_is_found() {
    let rule = ("a.cedar", "@id(\"a\") permit (principal, action, resource);");
    for (from, to) in
        [("read_catalogue", "read_catalog"), ("is_sensitive: Bool", "is_sensitive: Long"), ("purpose?:", "goal?:")]
    {
        let found = faults(&[rule, ("x.cedarschema", &SCHEMA.replace(from, to))]);
        assert!(found.contains("does not fit the question"), "{from}: {found}");
    }
    assert!(faults(&[rule, ("x.cedarschema", "entity {")]).contains("x.cedarschema"));
    assert!(faults(&[rule, ("y.cedarschema", SCHEMA)]).contains("more than one"));
    assert!(RuleSet::load(Path::new("policies/none")).is_err());
}

#[test]
fn a_rule_that_fails_to_evaluate_denies() {
    // The sum overflows, so that this forbid fails; Cedar alone would leave it out and permit.
    let rules = "@id(\"all\") permit (principal, action, resource);
        @id(\"broken\") forbid (principal, action == Action::\"retrieve_data_set\", resource)
        when { resource.min_acr + 9223372036854775807 > 0 };";
    let policies = RuleSet::load(directory(&[("a.cedar", rules)]).path()).unwrap();
    let (client, facts) = (client(), facts());
    let decision = policies.decide(&question(&client, Some(&facts)));
    assert_eq!((decision.is_allowed, &*decision.rule), (false, POLICY_ERROR));
}

#[test]
fn a_question_without_its_data_set_is_denied() {
    let (policies, client) = (shipped(), client());
    let decision = policies.decide(&question(&client, None));
    assert_eq!((decision.is_allowed, &*decision.rule), (false, POLICY_ERROR));
}

#[test]
fn asking_again_gives_the_same_and_facts_are_part_of_the_question() {
    let (policies, client, facts) = (shipped(), client(), facts());
    let first = policies.decide(&question(&client, Some(&facts)));
    assert_eq!((first.is_allowed, &*first.rule), (true, "bank_means"));
    assert_eq!(policies.decide(&question(&client, Some(&facts))), first);
    let closed = DataSetFacts { classes: vec![], ..facts.clone() };
    assert_eq!(&*policies.decide(&question(&client, Some(&closed))).rule, "class_not_in_catalogue");
    let suspended = Question { status: ClientStatus::Suspended, ..question(&client, Some(&facts)) };
    assert_eq!(&*policies.decide(&suspended).rule, "client_suspended");
}

#[test]
fn rules_may_name_one_client() {
    let rules = "@id(\"one\") permit (principal == Client::\"c_1\", action, resource);";
    let policies = RuleSet::load(directory(&[("a.cedar", rules)]).path()).unwrap();
    let (one, two, facts) = (client(), ClientId::parse("c_2").unwrap(), facts());
    assert!(policies.decide(&question(&one, Some(&facts))).is_allowed);
    assert_eq!(&*policies.decide(&question(&two, Some(&facts))).rule, DEFAULT_DENY);
}

#[test]
fn cases_that_are_wrong_are_told() {
    let rule = ("a.cedar", "@id(\"a\") permit (principal, action, resource);");
    let run = |cases: &str| run_cases(directory(&[rule, ("cases/a.toml", cases)]).path());
    let case =
        "[[case]]\nname = \"n\"\nclass = \"bank\"\naction = \"read_catalogue\"\nexpect = \"allow\"\nrule = \"a\"\n";
    assert!(run(case).is_ok());
    assert!(!run("").is_ok(), "no cases, nothing held");
    let other = run(&case.replace("\"allow\"", "\"deny\""));
    assert_eq!(other.cases[0].problem.as_deref(), Some("expected deny by a, came allow by a"));
    assert_eq!(other.to_string(), "a.toml: \"n\": expected deny by a, came allow by a\n0 passed, 1 failed");
    for bad in ["bank\"", "expect", "[[case"] {
        assert!(!run(&case.replace(bad, "oops")).faults.is_empty(), "{bad}");
    }
    let named = run(&format!("{case}data_set = \"none\"\n"));
    assert!(named.faults[0].problem.contains("names the data set none"), "{:?}", named.faults);
    let two = ("b.cedar", "@id(\"b\") permit (principal, action == Action::\"request_data_set\", resource);");
    assert_eq!(run_cases(directory(&[rule, two, ("cases/a.toml", case)]).path()).untested, ["b"]);
    assert!(!run_cases(directory(&[rule]).path()).faults.is_empty(), "a missing folder of cases is told");
}

const CLASSES: [ClientClass; 10] = ClientClass::ALL;
const PURPOSES: [&str; 4] = ["p", "insurance_claim", "tax_return", "advertising"];
const GROUPS: [&str; 8] = [
    "tax_and_income",
    "household",
    "disability",
    "public_assistance",
    "vaccination",
    "pension",
    "name_unknown",
    "a_group_of_tomorrow",
];

proptest! {
    /// Whatever the facts: no data leave without class, level and purpose, none that are sensitive leave care, and the
    /// rule named exists.
    #[test]
    fn nothing_is_allowed_by_mistake(
        class in 0_usize..9, group in 0_usize..8, open in prop::collection::vec(0_usize..9, 0..9),
        levels in (0_usize..3, 0_usize..4), flags in (any::<bool>(), any::<bool>(), any::<bool>()),
        purpose in 0_usize..4, term in (0_u32..1000, 0_u8..24),
    ) {
        static POLICIES: std::sync::LazyLock<RuleSet> = std::sync::LazyLock::new(shipped);
        let acrs = [Some(Acr::Aal1), Some(Acr::Aal2), Some(Acr::Aal3), None];
        let (is_sensitive, has_purpose, is_active) = flags;
        let facts = DataSetFacts {
            code: DataSetCode::parse("TM00000000000002").unwrap(),
            group: GROUPS[group].to_owned(),
            classes: open.iter().map(|n| CLASSES[*n]).collect(),
            min_acr: acrs[levels.0].unwrap(),
            is_sensitive,
        };
        let (class, acr, client) = (CLASSES[class], acrs[levels.1], client());
        let decision = POLICIES.decide(&Question {
            class,
            acr,
            status: if is_active { ClientStatus::Production } else { ClientStatus::Suspended },
            purpose: has_purpose.then_some(PURPOSES[purpose]),
            access_days: Some(term.0),
            hour: term.1,
            ..question(&client, Some(&facts))
        });
        let is_known = POLICIES.rules().any(|rule| *rule == *decision.rule) || *decision.rule == *DEFAULT_DENY;
        prop_assert!(is_known, "{}", decision.rule);
        if decision.is_allowed {
            prop_assert!(is_active && has_purpose && facts.classes.contains(&class));
            prop_assert!(acr.is_some_and(|acr| acr >= facts.min_acr));
            let examines_a_claim = class == ClientClass::Insurer && PURPOSES[purpose] == "insurance_claim";
            let cares = matches!(class, ClientClass::HealthApp | ClientClass::LocalGovernment);
            prop_assert!(!is_sensitive || cares || examines_a_claim);
            prop_assert!(PURPOSES[purpose] != "advertising");
            let is_present = matches!(class, ClientClass::Kiosk | ClientClass::ChatFront);
            prop_assert!(!is_present || term.0 == 0);
            prop_assert!(facts.group != "name_unknown");
        }
    }
}
