//! A changed grant never allows what the person did not say.

use super::super::terms::Terms;
use super::*;
use crate::domain::consent::Period;
use crate::domain::data_set::{DataSetCode, ItemCode};
use crate::domain::entropy::SeededEntropy;
use crate::domain::grant::{GrantStatus, RevokedBy};
use crate::domain::ids::{ClientId, SubjectId};
use crate::domain::scope::ScopeSet;
use crate::domain::{Timestamp, Words};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn item(n: u32) -> ItemCode {
    ItemCode::parse(&format!("{n:010}")).unwrap()
}

fn set(items: &[u32], refused: &[u32]) -> ConsentedDataSet {
    ConsentedDataSet {
        code: DataSetCode::parse("TM00000000000002").unwrap(),
        items: items.iter().map(|n| item(*n)).collect(),
        refused: refused.iter().map(|n| item(*n)).collect(),
        period: None,
        predicates: vec![],
        refused_predicates: vec![],
    }
}

fn consent(sets: Vec<ConsentedDataSet>) -> Consent {
    let words = Words { ja: "見本".into(), en: "sample".into() };
    Consent {
        purpose: "p".into(),
        purpose_words: words,
        data_sets: sets,
        access_days: 30,
        retention_days: 1,
        recipients: vec![],
        terms: Terms::default(),
    }
}

fn grant(scope: &str, consent: Option<Consent>, at: Timestamp) -> Grant {
    Grant {
        id: GrantId::generate(&SeededEntropy::new(1)),
        client: ClientId::parse("bank").unwrap(),
        subject: Some(SubjectId::generate(&SeededEntropy::new(2))),
        scope: ScopeSet::parse(scope).unwrap(),
        consent,
        resources: vec![],
        authentication: None,
        created_at: at,
        updated_at: None,
        acting: None,
        expires_at: at.plus(std::time::Duration::from_hours(24)),
        status: GrantStatus::Active,
    }
}

fn later() -> Timestamp {
    NOW.plus(std::time::Duration::from_hours(1))
}

#[test]
fn a_merge_adds_and_what_is_refused_now_is_refused() {
    let older = grant("openid self_information", Some(consent(vec![set(&[1, 2], &[3])])), NOW);
    let newer = grant("self_information offline_access", Some(consent(vec![set(&[3, 4], &[2])])), later());
    let merged = older.amended(&newer, Amendment::Merge).unwrap();
    assert_eq!(merged.scope.to_string(), "openid offline_access self_information");
    assert_eq!(merged.consent.unwrap().data_sets, [set(&[1, 3, 4], &[2])]);
    assert_eq!((merged.created_at, merged.updated_at, merged.expires_at), (NOW, Some(later()), newer.expires_at));
}

#[test]
fn a_replacement_keeps_nothing_but_the_id_and_the_beginning() {
    let older = grant("openid self_information", Some(consent(vec![set(&[1, 2], &[])])), NOW);
    let newer = grant("openid", None, later());
    let replaced = older.amended(&newer, Amendment::Replace).unwrap();
    assert_eq!(replaced, Grant { created_at: NOW, updated_at: Some(later()), ..newer });
}

#[test]
fn a_new_sign_in_alone_leaves_consent_and_end_as_they_were() {
    let older = grant("openid self_information", Some(consent(vec![set(&[1], &[])])), NOW);
    let merged = older.amended(&grant("openid", None, later()), Amendment::Merge).unwrap();
    assert_eq!((merged.consent, merged.expires_at), (older.consent.clone(), older.expires_at));
}

#[test]
fn what_cannot_be_one_stays_as_it_is() {
    let older = grant("self_information", Some(consent(vec![set(&[1], &[])])), NOW);
    let newer = || grant("self_information", Some(consent(vec![set(&[2], &[])])), later());
    let other_person = Grant { subject: Some(SubjectId::generate(&SeededEntropy::new(9))), ..newer() };
    let nobody = Grant { subject: None, ..newer() };
    let other_client = Grant { client: ClientId::parse("other").unwrap(), ..newer() };
    let too_late = Grant { created_at: older.expires_at, ..newer() };
    let mut revoked = older.clone();
    revoked.revoke(NOW, RevokedBy::Citizen);
    for how in [Amendment::Merge, Amendment::Replace] {
        for newer in [&other_person, &nobody, &other_client, &too_late] {
            assert_eq!(older.amended(newer, how), None, "{how:?}");
        }
        assert_eq!(revoked.amended(&newer(), how), None, "{how:?}");
        assert_eq!(Grant { subject: None, ..older.clone() }.amended(&nobody, how), None, "{how:?}");
    }
    let other_purpose = Consent { purpose: "q".into(), ..consent(vec![set(&[2], &[])]) };
    let day = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
    let other_time = ConsentedDataSet { period: Some(Period { from: day, to: None }), ..set(&[2], &[]) };
    for consent in [other_purpose, consent(vec![other_time])] {
        let newer = Grant { consent: Some(consent), ..newer() };
        assert_eq!(older.amended(&newer, Amendment::Merge), None);
        assert!(older.amended(&newer, Amendment::Replace).is_some());
    }
    let elsewhere = Grant { resources: vec!["https://a.example".into()], ..newer() };
    assert_eq!(older.amended(&elsewhere, Amendment::Merge), None);
}

proptest! {
    #[test]
    fn an_item_is_allowed_only_if_the_newest_word_about_it_was_yes(
        older in proptest::collection::btree_map(0_u32..12, any::<bool>(), 1..10),
        newer in proptest::collection::btree_map(0_u32..12, any::<bool>(), 1..10),
    ) {
        let side = |said: &std::collections::BTreeMap<u32, bool>, is: bool| -> Vec<u32> {
            said.iter().filter(|(_, yes)| **yes == is).map(|(n, _)| *n).collect()
        };
        let one = consent(vec![set(&side(&older, true), &side(&older, false))]);
        let merged = one.merged(&consent(vec![set(&side(&newer, true), &side(&newer, false))])).unwrap();
        let merged = &merged.data_sets[0];
        for n in 0..12 {
            let last = newer.get(&n).or_else(|| older.get(&n)).copied().unwrap_or(false);
            prop_assert_eq!(merged.allows(item(n)), last);
            prop_assert!(!(merged.allows(item(n)) && merged.refused.contains(&item(n))));
        }
    }
}
