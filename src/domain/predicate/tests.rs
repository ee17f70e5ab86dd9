//! One threshold for every way to ask, and nothing in clear in what is counted.

use super::*;
use proptest::prelude::*;

fn asked(fact: &str, operator: Operator, value: u32, year: Option<u16>) -> Predicate {
    Predicate { fact: FactCode::parse(fact).unwrap(), operator, value, year }
}

#[test]
fn codes_have_one_form() {
    for good in ["age", "income.total", "vaccinated.covid19", "a_b.c"] {
        assert_eq!(FactCode::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", ".", "a.", ".a", "a..b", "A", "1a", "a b", "年齢", "a-b", &"a".repeat(65)] {
        assert!(FactCode::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn every_way_to_ask_is_one_threshold() {
    for (operator, value, threshold) in
        [(Operator::Ge, 20, 20), (Operator::Lt, 20, 20), (Operator::Gt, 19, 20), (Operator::Le, 19, 20)]
    {
        assert_eq!(asked("age", operator, value, None).threshold(), threshold, "{operator:?}");
    }
    assert_eq!(asked("age", Operator::Gt, u32::MAX, None).threshold(), i64::from(u32::MAX) + 1);
}

#[test]
fn a_question_reads_as_it_is_written() {
    assert_eq!(
        asked("income.total", Operator::Ge, 3_000_000, Some(2025)).to_string(),
        "income.total >= 3000000 in 2025"
    );
    assert_eq!(asked("age", Operator::Lt, 20, None).to_string(), "age < 20");
    let text = r#"{"fact":"income.total","operator":"ge","value":3000000,"year":2025}"#;
    let read: Predicate = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    for bad in [
        r#"{"fact":"age","operator":"eq","value":1}"#,
        r#"{"fact":"age","operator":"ge","value":1.0}"#,
        r#"{"fact":"age","operator":"ge","value":"1"}"#,
        r#"{"fact":"age","operator":"ge","value":-1}"#,
        r#"{"fact":"age","operator":"ge","value":4294967296}"#,
        r#"{"fact":"Age","operator":"ge","value":1}"#,
        r#"{"fact":"age","operator":"ge","value":1,"more":1}"#,
        r#"{"fact":"age","value":1}"#,
    ] {
        assert!(serde_json::from_str::<Predicate>(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_line_is_of_one_person_one_party_one_fact_and_one_year() {
    let entropy = crate::domain::entropy::SeededEntropy::new(1);
    let (one, other) = (SubjectId::generate(&entropy), SubjectId::generate(&entropy));
    let limit = ThresholdLimit { thresholds: 3, days: 10 };
    let now = Timestamp::from_seconds(1_800_000_000);
    let question = asked("income.total", Operator::Ge, 3, Some(2025));
    let of = |subject, party, question: &Predicate| Threshold::of((subject, party), question, limit, now);
    let first = of(&one, "bank", &question);
    assert_eq!(first.kept_until, now.plus(std::time::Duration::from_hours(240)));
    assert_eq!(of(&one, "bank", &asked("income.total", Operator::Le, 2, Some(2025))), first);
    let higher = of(&one, "bank", &asked("income.total", Operator::Ge, 4, Some(2025)));
    assert!(higher.line == first.line && higher.point != first.point);
    for differs in [
        of(&other, "bank", &question),
        of(&one, "lone", &question),
        of(&one, "bank", &asked("income.total", Operator::Ge, 3, Some(2024))),
        of(&one, "bank", &asked("income.gross", Operator::Ge, 3, Some(2025))),
    ] {
        assert!(differs.line != first.line && differs.point != first.point);
    }
}

proptest! {
    #[test]
    fn a_question_holds_exactly_where_its_words_say(value in 0_u32..200, number in -5_i64..210) {
        let wide = i64::from(value);
        for (operator, expected) in [
            (Operator::Ge, number >= wide),
            (Operator::Gt, number > wide),
            (Operator::Le, number <= wide),
            (Operator::Lt, number < wide),
        ] {
            let question = asked("age", operator, value, None);
            prop_assert_eq!(question.holds(number), expected);
            // Its threshold says as much, and no more.
            let at_least = asked("age", Operator::Ge, u32::try_from(question.threshold()).unwrap(), None);
            let is_opposite = matches!(operator, Operator::Le | Operator::Lt);
            prop_assert_eq!(at_least.holds(number) != is_opposite, expected);
        }
    }
}
