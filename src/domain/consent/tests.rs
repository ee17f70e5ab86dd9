//! Consent: what a choice leaves of an ask.

use super::*;

fn ask() -> Ask {
    let item = |code: &str, need| AskedItem { code: ItemCode::parse(code).unwrap(), need };
    Ask {
        purpose: "loan".into(),
        data_sets: vec![AskedDataSet {
            code: DataSetCode::parse("TM00000000000002").unwrap(),
            items: vec![item("0200000020", Need::Optional), item("0200000010", Need::Required)],
            period: None,
            predicates: vec![],
        }],
        access_days: 30,
        terms: Terms::default(),
    }
}

fn purpose() -> Purpose {
    let words = Words { ja: "審査".into(), en: "examination".into() };
    Purpose {
        code: "loan".into(),
        words: words.clone(),
        if_refused: words,
        retention_days: 10,
        recipients: vec![],
        max_access_days: 30,
    }
}

fn refuse(item: &str) -> Choice {
    let code = DataSetCode::parse("TM00000000000002").unwrap();
    Choice { refused: [(code, ItemCode::parse(item).unwrap())].into(), ..Choice::default() }
}

#[test]
fn an_optional_item_can_be_refused_alone() {
    let consent = Consent::decide(&ask(), &purpose(), &refuse("0200000020")).unwrap();
    let set = consent.data_set(DataSetCode::parse("TM00000000000002").unwrap()).unwrap();
    assert!(set.allows(ItemCode::parse("0200000010").unwrap()));
    assert!(!set.allows(ItemCode::parse("0200000020").unwrap()));
    assert_eq!(set.refused.len(), 1);
}

#[test]
fn a_required_or_unasked_item_cannot_be_refused_alone() {
    for item in ["0200000010", "0200000099"] {
        assert!(matches!(Consent::decide(&ask(), &purpose(), &refuse(item)), Err(ChoiceError::NotOptional(..))));
    }
}

#[test]
fn a_consent_is_never_longer_than_asked() {
    let choice = Choice { access_days: 31, ..Choice::default() };
    assert_eq!(Consent::decide(&ask(), &purpose(), &choice), Err(ChoiceError::TooLong(31, 30)));
}

#[test]
fn refusing_everything_is_no_consent() {
    let mut ask = ask();
    ask.data_sets[0].items.pop();
    assert_eq!(Consent::decide(&ask, &purpose(), &refuse("0200000020")), Err(ChoiceError::Nothing));
}
