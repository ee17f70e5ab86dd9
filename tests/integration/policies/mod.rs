//! The shipped rules and the shipped catalogue, held against each other.

mod operator;

use madoguchi::catalog::{Catalog, DataSet};
use madoguchi::domain::acr::Acr;
use madoguchi::domain::client::{ClientClass, ClientStatus};
use madoguchi::domain::ids::ClientId;
use madoguchi::policy::{Action, Decision, Policies, Question};
use std::fmt::Write;
use std::path::Path;

const CLASSES: [ClientClass; 10] = ClientClass::ALL;

/// What a professional may be engaged for, as the rules know it; each opens other data.
const PROFESSIONAL: [&str; 2] = ["tax_return", "social_insurance_procedure"];

fn shipped() -> (Policies, Catalog) {
    let catalog = Catalog::load(Path::new("policies/data-sets")).unwrap();
    (Policies::load(Path::new("policies")).unwrap(), catalog)
}

fn decide_for(policies: &Policies, action: Action, class: ClientClass, set: &DataSet, purpose: &str) -> Decision {
    let facts = set.facts();
    policies.decide(&Question {
        client: &ClientId::parse("c_any").unwrap(),
        class,
        status: ClientStatus::Production,
        action,
        data_set: Some(&facts),
        acr: Some(Acr::Aal3),
        purpose: Some(purpose),
        access_days: Some(0),
        hour: 12,
    })
}

fn decide(policies: &Policies, action: Action, class: ClientClass, set: &DataSet) -> Decision {
    match class {
        ClientClass::Professional => PROFESSIONAL
            .map(|purpose| decide_for(policies, action, class, set, purpose))
            .into_iter()
            .reduce(|one, other| if one.is_allowed { one } else { other })
            .unwrap(),
        ClientClass::Insurer => decide_for(policies, action, class, set, "insurance_claim"),
        _ => decide_for(policies, action, class, set, "any"),
    }
}

#[test]
fn the_catalogue_promises_nothing_that_the_rules_refuse() {
    let (policies, catalog) = shipped();
    for set in catalog.data_sets() {
        for class in &set.classes {
            for action in [Action::RequestDataSet, Action::RetrieveDataSet] {
                let decision = decide(&policies, action, *class, set);
                assert!(decision.is_allowed, "{} {}: {}", set.code, class.as_str(), decision.rule);
            }
        }
    }
}

#[test]
fn who_may_be_asked_may_be_answered() {
    let (policies, catalog) = shipped();
    for set in catalog.data_sets() {
        for class in CLASSES {
            let [asked, answered] =
                [Action::RequestDataSet, Action::RetrieveDataSet].map(|action| decide(&policies, action, class, set));
            assert_eq!(asked, answered, "{} {}", set.code, class.as_str());
        }
    }
}

#[test]
fn every_group_that_a_rule_names_is_in_the_catalogue() {
    let (_, catalog) = shipped();
    let mut named = 0;
    for file in std::fs::read_dir("policies").unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "cedar") {
            let text = std::fs::read_to_string(&path).unwrap();
            for group in text.split("Group::\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(catalog.group(group).is_some(), "{}: {group}", path.display());
                named += 1;
            }
        }
    }
    assert!(named > 20);
}

/// The whole matrix, so that a change of a rule or of the catalogue shows what it changes for whom.
#[test]
fn decision_matrix() {
    let (policies, catalog) = shipped();
    let mut sets: Vec<&DataSet> = catalog.data_sets().collect();
    sets.sort_by_key(|set| set.code);
    let mut matrix = String::new();
    for set in sets {
        writeln!(matrix, "{} {}", set.code, set.group).unwrap();
        for class in CLASSES {
            let decision = decide(&policies, Action::RetrieveDataSet, class, set);
            let word = if decision.is_allowed { "yes" } else { "no" };
            writeln!(matrix, "    {:<17} {word:<4} {}", class.as_str(), decision.rule).unwrap();
        }
    }
    insta::assert_snapshot!(matrix);
}
