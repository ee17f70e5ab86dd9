//! Facts: the shipped ones read, each from made-up data, and everything doubtful unknown.

use super::*;
use crate::catalog::normalise::MAX_RAW_ITEMS;
use std::path::Path;

fn catalog() -> Catalog {
    Catalog::load(Path::new("policies/data-sets")).unwrap()
}

fn fact<'c>(catalog: &'c Catalog, code: &str) -> (&'c Fact, &'c DataSet) {
    let fact = catalog.fact(&FactCode::parse(code).unwrap()).unwrap();
    (fact, catalog.data_set(fact.data_set).unwrap())
}

fn raw(items: &[(&str, &str)]) -> Vec<RawItem> {
    let item = |(code, content): &(&str, &str)| RawItem {
        code: (*code).into(),
        content: (!content.is_empty()).then(|| (*content).into()),
        ..RawItem::default()
    };
    items.iter().map(item).collect()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn number(code: &str, records: &[Vec<RawItem>], year: Option<u16>) -> Option<i64> {
    let catalog = catalog();
    let (fact, set) = fact(&catalog, code);
    fact.number(set, records.iter().map(Vec::as_slice), (year, day("2026-11-21")))
}

#[test]
fn every_shipped_fact_can_be_asked_and_read_in_words() {
    let catalog = catalog();
    let all: Vec<&Fact> = catalog.data_sets().flat_map(|set| catalog.facts_of(set.code)).collect();
    assert!(all.len() > 20);
    for fact in all {
        let year = fact.window.is_of_years().then_some(2025);
        let asked = Predicate { fact: fact.code.clone(), operator: Operator::Ge, value: 1, year };
        assert_eq!(fact.check(&asked), Ok(()), "{}", fact.code);
        let set = catalog.data_set(fact.data_set).unwrap();
        let query = fact.query(set, year, day("2026-11-21")).unwrap();
        assert!(set.answers(&query.condition), "{}: {:?}", fact.code, query.condition);
        let words = catalog.question(&asked);
        assert!(words.ja.ends_with("以上か") && words.en.ends_with(" or more?"), "{words:?}");
        assert_eq!(fact.number(set, std::iter::empty(), (year, day("2026-11-21"))), None, "{}", fact.code);
        assert_eq!(fact.number(set, [&[][..]].into_iter(), (year, day("2026-11-21"))), None, "{}", fact.code);
    }
}

#[test]
fn a_question_reads_as_it_is_asked() {
    let catalog = catalog();
    let fact = FactCode::parse("income.total").unwrap();
    for (operator, ja, en) in [
        (Operator::Ge, "合計所得金額（2025年度）は3,000,000円以上か", "Total income (2025): 3,000,000 yen or more?"),
        (
            Operator::Gt,
            "合計所得金額（2025年度）は3,000,000円を超えるか",
            "Total income (2025): more than 3,000,000 yen?",
        ),
        (Operator::Le, "合計所得金額（2025年度）は3,000,000円以下か", "Total income (2025): 3,000,000 yen or less?"),
        (Operator::Lt, "合計所得金額（2025年度）は3,000,000円未満か", "Total income (2025): less than 3,000,000 yen?"),
    ] {
        let asked = Predicate { fact: fact.clone(), operator, value: 3_000_000, year: Some(2025) };
        assert_eq!(catalog.question(&asked), Words { ja: ja.into(), en: en.into() });
    }
    for (value, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567_890, "1,234,567,890")] {
        assert_eq!(grouped(value), text);
    }
}

#[test]
fn an_amount_is_that_of_its_own_year_and_of_every_part() {
    let year = |year: &str, total: &str| raw(&[("0200000001", ""), ("0200000010", year), ("0200000050", total)]);
    let both: Vec<RawItem> = [year("2024", "100"), year("2025", "２，０００")].concat();
    assert_eq!(number("income.total", std::slice::from_ref(&both), Some(2025)), Some(2000));
    assert_eq!(number("income.total", std::slice::from_ref(&both), Some(2024)), Some(100));
    assert_eq!(number("income.total", &[both], Some(2023)), None);
    // Two providers agree, or nothing is known.
    assert_eq!(number("income.total", &[year("2025", "1"), year("2025", "1")], Some(2025)), Some(1));
    assert_eq!(number("income.total", &[year("2025", "1"), year("2025", "2")], Some(2025)), None);
    for doubtful in [
        year("2025", "a lot"),
        year("", "1"),
        raw(&[("0200000001", ""), ("0200000010", "2025")]),
        raw(&[("0200000001", ""), ("0200000010", "2025"), ("0200000050", "1"), ("0200000050", "2")]),
    ] {
        assert_eq!(number("income.total", &[doubtful], Some(2025)), None);
    }
    let parts = |more: &[(&str, &str)]| {
        let base = [("0200000001", ""), ("0200000010", "2025"), ("0200000400", ""), ("0200000420", "1")];
        raw(&[&base[..], more].concat())
    };
    let whole = parts(&[("0200000430", "2"), ("0200000440", "0")]);
    assert_eq!(number("dependants.count", &[whole], Some(2025)), Some(3), "the year is in the group around it");
    assert_eq!(number("dependants.count", &[parts(&[("0200000430", "2")])], Some(2025)), None, "a part is missing");
}

#[test]
fn an_age_is_in_whole_years() {
    let catalog = catalog();
    let (fact, set) = fact(&catalog, "age");
    for (born, today, years) in [
        ("20061121", "2026-11-20", Some(19)),
        ("20061121", "2026-11-21", Some(20)),
        ("20040229", "2025-02-28", Some(20)),
        ("20040229", "2025-03-01", Some(21)),
        ("平成18年11月21日", "2026-11-21", Some(20)),
        ("20261122", "2026-11-21", None),
        ("soon", "2026-11-21", None),
    ] {
        let record = raw(&[("0100000030", born)]);
        assert_eq!(fact.number(set, [&record[..]].into_iter(), (None, day(today))), years, "{born} {today}");
    }
    // The ages of others in the household are not the person's.
    let others = raw(&[("0100000300", ""), ("0100000330", "20000101")]);
    assert_eq!(fact.number(set, [&others[..]].into_iter(), (None, day("2026-11-21"))), None);
}

#[test]
fn what_was_given_is_counted_and_what_was_put_off_is_not() {
    let shot =
        |vaccine: &str, result: &str| raw(&[("8400000001", ""), ("8400000010", vaccine), ("8400000150", result)]);
    let given = [shot("10", "1"), shot("11", "1"), shot("11", "2"), shot("09", "1")];
    assert_eq!(number("vaccinated.measles", &given, None), Some(2));
    assert_eq!(number("vaccinated.measles", &[given.concat()], None), Some(2), "in one record as in several");
    assert_eq!(number("vaccinated.bcg", &given, None), Some(1));
    assert_eq!(number("vaccinated.hpv", &given, None), Some(0));
    let untold = raw(&[("8400000001", ""), ("8400000010", "11")]);
    assert_eq!(number("vaccinated.measles", &[untold], None), Some(1), "nothing says that it was put off");
    assert_eq!(number("vaccinated.measles", &[shot("99", "1")], None), None, "it could be any");
    assert_eq!(number("vaccinated.measles", &[], None), None);
    let check = |on: &str| raw(&[("9020000001", ""), ("9020000010", on)]);
    let checks = [check("20260331"), check("20250401"), check("20250331")];
    assert_eq!(number("health_checks.count", &checks, Some(2025)), Some(2), "a year begins in April");
    assert_eq!(number("health_checks.count", &checks, Some(2024)), Some(1));
    assert_eq!(number("health_checks.count", &checks, Some(2023)), Some(0));
}

#[test]
fn more_than_is_read_says_nothing() {
    let many = raw(&vec![("0100000030", "20000101"); MAX_RAW_ITEMS + 1]);
    assert_eq!(number("age", &[many], None), None);
}

#[test]
fn what_is_asked_wrongly_is_told_by_member() {
    let catalog = catalog();
    for (code, value, year, member) in [
        ("age", 151, None, "value"),
        ("age", 1, Some(2025), "year"),
        ("income.total", 1, None, "year"),
        ("income.total", 1, Some(1999), "year"),
        ("income.total", 4_000_000_001, Some(2025), "value"),
    ] {
        let (fact, _) = fact(&catalog, code);
        let asked = Predicate { fact: fact.code.clone(), operator: Operator::Ge, value, year };
        assert_eq!(fact.check(&asked).unwrap_err().0, member, "{asked}");
    }
    let (fact, set) = fact(&catalog, "health_checks.count");
    for (year, range) in
        [(2025, Some(("2025-04-01", "2026-03-31"))), (2026, Some(("2026-04-01", "2026-11-21"))), (2027, None)]
    {
        let query = fact.query(set, Some(year), day("2026-11-21"));
        let range = range.map(|(from, to)| Condition::Range { from: day(from), to: day(to) });
        assert_eq!(query.map(|query| query.condition), range, "{year}");
    }
}
