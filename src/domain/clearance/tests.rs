//! Each rule of a clearance, broken once.

use super::super::consent::Consent;
use super::super::data_set::DataSetCode;
use super::super::grant::{GrantStatus, RevokedBy};
use super::super::ids::ClientId;
use super::super::scope::ScopeSet;
use super::super::terms::Terms;
use super::super::words::Words;
use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn grant() -> Grant {
    let words = Words { ja: "審査".into(), en: "examination".into() };
    let set = |code: &str, items: &[&str]| ConsentedDataSet {
        code: DataSetCode::parse(code).unwrap(),
        items: items.iter().map(|i| ItemCode::parse(i).unwrap()).collect(),
        refused: vec![],
        period: Some(Period { from: day("2024-01-01"), to: Some(day("2025-12-31")) }),
        predicates: vec![],
        refused_predicates: vec![],
    };
    Grant {
        id: GrantId::parse("g_1").unwrap(),
        client: ClientId::parse("c_1").unwrap(),
        subject: Some(SubjectId::parse("s_1").unwrap()),
        scope: ScopeSet::of(&[Scope::SelfInformation]),
        consent: Some(Consent {
            purpose: "loan".into(),
            purpose_words: words,
            data_sets: vec![set("TM00000000000002", &["0200000010"]), set("TM00000000000001", &[])],
            access_days: 30,
            retention_days: 10,
            recipients: vec![],
            terms: Terms::default(),
        }),
        resources: vec![],
        authentication: None,
        created_at: Timestamp::from_seconds(0),
        updated_at: None,
        acting: None,
        expires_at: Timestamp::from_seconds(2_000_000_000),
        status: GrantStatus::Active,
    }
}

fn check(grant: Grant, code: &str, condition: Condition) -> Result<Clearance, NotCleared> {
    let query = Query { code: DataSetCode::parse(code).unwrap(), condition };
    Clearance::check(&Arc::new(grant), query, Timestamp::from_seconds(1_795_000_000))
}

const INCOME: &str = "TM00000000000002";

#[test]
fn a_query_within_the_consent_is_cleared_for_the_agreed_items_only() {
    let cleared = check(grant(), INCOME, Condition::TaxYear { year: 2025 }).unwrap();
    assert!(cleared.allows(ItemCode::parse("0200000010").unwrap()));
    assert!(!cleared.allows(ItemCode::parse("0200000020").unwrap()));
}

#[test]
fn each_broken_rule_is_named() {
    let year = Condition::TaxYear { year: 2025 };
    let mut ended = grant();
    ended.revoke(Timestamp::from_seconds(1), RevokedBy::Citizen);
    let mut scopeless = grant();
    scopeless.scope = ScopeSet::default();
    let mut nobodys = grant();
    nobodys.subject = None;
    let mut over = grant();
    over.expires_at = Timestamp::from_seconds(5);
    let range = |from, to| Condition::Range { from: day(from), to: day(to) };
    for (grant, code, condition, expected) in [
        (ended, INCOME, year, NotCleared::GrantOver),
        (over, INCOME, year, NotCleared::GrantOver),
        (nobodys, INCOME, year, NotCleared::GrantOver),
        (scopeless, INCOME, year, NotCleared::NotConsented),
        (grant(), "TM00000000000084", year, NotCleared::NotConsented),
        (grant(), "TM00000000000001", year, NotCleared::EveryItemRefused),
        (grant(), INCOME, Condition::TaxYear { year: 2023 }, NotCleared::OutsidePeriod),
        (grant(), INCOME, Condition::Latest, NotCleared::OutsidePeriod),
        (grant(), INCOME, Condition::OnDate { date: day("2026-01-01") }, NotCleared::OutsidePeriod),
        (grant(), INCOME, range("2023-12-31", "2024-12-31"), NotCleared::OutsidePeriod),
    ] {
        assert_eq!(check(grant, code, condition).unwrap_err(), expected, "{code} {condition:?}");
    }
}
