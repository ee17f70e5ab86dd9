//! What the numbers promise, and whoever tries to get around it.

use super::noise::draw;
use super::*;
use crate::domain::entropy::SeededEntropy;
use std::num::NonZeroU32;

fn scale(of: u32) -> NonZeroU32 {
    NonZeroU32::new(of).unwrap()
}

fn method() -> StatisticsMethod {
    StatisticsMethod::new(10, 2, scale(4))
}

fn count(series: Series, values: [&str; 2], persons: u64) -> ExactCount {
    ExactCount { series, values: values.map(str::to_owned), persons }
}

/// What is told of each count, in their order.
fn told(counts: &[ExactCount], seed: &SeededEntropy) -> Vec<Option<u64>> {
    let month = Month::parse("2026-10").unwrap();
    let release = StatisticsRelease::of((month, counts), method(), Timestamp::from_seconds(0), seed);
    let find = |count: &ExactCount| {
        let table = release.tables.iter().find(|table| table.series == count.series)?;
        table.cells.iter().find(|cell| cell.values == count.values).map(|cell| cell.persons)
    };
    counts.iter().map(find).collect()
}

#[test]
fn a_month_is_of_japan_and_reads_back() {
    // Half past midnight in Japan, and still October in Greenwich.
    let at = Timestamp::from_seconds(1_793_460_600);
    let month = Month::of(at);
    assert_eq!((month.to_string(), month.next().to_string()), ("2026-11".into(), "2026-12".into()));
    assert_eq!(Month::parse("2026-12").unwrap().next(), Month::parse("2027-01").unwrap());
    assert_eq!(serde_json::from_str::<Month>("\"2026-11\"").unwrap(), month);
    for wrong in ["", "2026", "2026-13", "2026-00", "2026-1", "26-11", "2026-11-01", "２０２６-11", "+026-11"] {
        assert_eq!(Month::parse(wrong), None, "{wrong}");
    }
    for series in Series::ALL {
        assert_eq!(Series::parse(series.as_str()), Some(series));
        assert_eq!(serde_json::to_value(series).unwrap(), series.as_str());
        for dimension in series.dimensions() {
            assert_eq!(serde_json::to_value(dimension).unwrap(), dimension.as_str());
        }
    }
}

#[test]
fn noise_is_spread_as_it_is_said_and_has_its_limit() {
    let (seed, draws) = (SeededEntropy::new(1), 40_000_u32);
    let drawn: Vec<i64> = (0..draws).map(|_| draw(scale(4), 56, &seed)).collect();
    let share = |holds: &dyn Fn(i64) -> bool| {
        f64::from(u32::try_from(drawn.iter().filter(|one| holds(**one)).count()).unwrap()) / f64::from(draws)
    };
    let ratio = (-0.25_f64).exp();
    let none = (1.0 - ratio) / (1.0 + ratio);
    for size in [0_i64, 1, 4, 9] {
        let wanted = none * ratio.powi(i32::try_from(size).unwrap());
        for one in [size, -size] {
            let seen = share(&|drawn| drawn == one);
            assert!((seen - wanted).abs() < 0.006, "{one}: {seen} for {wanted}");
        }
    }
    let margin = i64::from(method().margin_95);
    assert!(share(&|one| one.abs() <= margin) >= 0.945 && share(&|one| one.abs() < margin) < 0.955, "{margin}");
    assert!((0..2_000).all(|_| draw(scale(4), 2, &seed).abs() <= 2));
    assert!(drawn.iter().all(|one| one.abs() <= 56));
}

#[test]
fn the_method_says_what_it_takes() {
    let method = method();
    assert_eq!((method.noise_limit, method.least_told, method.margin_95), (56, 66, 12));
    assert!((method.epsilon - 0.5).abs() < 1e-12 && method.delta > 0.0 && method.delta < 1e-6, "{method:?}");
}

#[test]
fn nothing_is_told_of_fewer_than_k_whatever_the_noise_was() {
    let seed = SeededEntropy::new(2);
    let mut is_told = false;
    for persons in 0..140 {
        for _ in 0..40 {
            let one = told(&[count(Series::OutcomesByClass, ["bank", "approved"], persons)], &seed)[0];
            assert!(one.is_none() || persons >= 10, "{persons}");
            is_told |= one.is_some();
        }
    }
    assert!(is_told);
}

/// By how much somebody who guesses well is better than `ratio` allows: the most, over all that they could look for, of the share
/// of those with the person beyond so many times the share of those without.
fn advantage(with: &[Option<u64>], without: &[Option<u64>], ratio: f64) -> f64 {
    let share = |all: &[Option<u64>], least: u64| {
        let many = all.iter().filter(|one| one.is_some_and(|one| one >= least)).count();
        f64::from(u32::try_from(many).unwrap()) / f64::from(u32::try_from(all.len()).unwrap())
    };
    let seen = with.iter().chain(without).flatten();
    seen.fold(0.0_f64, |most, least| most.max(share(with, *least) - ratio * share(without, *least)))
}

const TRIALS: usize = 4_000;
/// How far shares of so many trials are off by chance.
const CHANCE: f64 = 0.04;

#[test]
fn who_knows_all_the_others_of_a_cell_does_not_learn_of_the_last() {
    // Whether it is told at all, and by how much, near to where it begins to be and far from it.
    for others in [65_u64, 66, 70, 500] {
        let seed = SeededEntropy::new(others);
        let look = |persons: u64| -> Vec<Option<u64>> {
            (0..TRIALS)
                .map(|_| told(&[count(Series::OutcomesByClass, ["bank", "approved"], persons)], &seed)[0])
                .collect()
        };
        let one_cell = 0.25_f64.exp();
        let found = advantage(&look(others + 1), &look(others), one_cell);
        assert!(found < CHANCE, "{others}: {found}");
        // The same attack on exact counts does not fail.
        let exact = |persons| vec![Some(persons); 10];
        assert!(advantage(&exact(others + 1), &exact(others), one_cell) > 0.9);
    }
}

#[test]
fn a_difference_of_two_tables_does_not_show_who_is_in_neither() {
    // A prefecture of two municipalities, one of them with our person alone: the difference of what is told is that person.
    let seed = SeededEntropy::new(3);
    let counts = |small: u64| {
        let procedure = "damage-certificate";
        vec![
            count(Series::ApplicationsByPrefecture, [procedure, "99"], 300 + small),
            count(Series::ApplicationsByMunicipality, [procedure, "999016"], 300),
            count(Series::ApplicationsByMunicipality, [procedure, "999024"], small),
        ]
    };
    let difference = |counts: &[Option<u64>]| match counts {
        // So that less than nothing is a number, too.
        [Some(whole), Some(large), None] => Some((1_000 + whole).saturating_sub(*large)),
        _ => None,
    };
    let look =
        |small: u64| -> Vec<Option<u64>> { (0..TRIALS).map(|_| difference(&told(&counts(small), &seed))).collect() };
    // The person counts in a cell of both tables.
    let two_cells = 0.5_f64.exp();
    let (with, without) = (look(1), look(0));
    assert!(with.iter().all(Option::is_some), "the small one is never told");
    let found = advantage(&with, &without, two_cells);
    assert!(found < CHANCE, "{found}");
    let exact = |small: u64| vec![Some(1_000 + small); 10];
    assert!(advantage(&exact(1), &exact(0), two_cells) > 0.9, "the same attack on exact counts does not fail");
}

#[test]
fn a_month_as_csv_has_a_line_for_each_count() {
    let counts = [
        count(Series::UsageByClass, ["get_account", "bank"], 500),
        count(Series::UsageByClass, ["get_consent", "bank"], 5),
    ];
    let month = Month::parse("2026-10").unwrap();
    let release = StatisticsRelease::of((month, &counts), method(), Timestamp::from_seconds(0), &SeededEntropy::new(4));
    let csv = release.csv();
    let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(lines[0], "month,series,dimension_1,value_1,dimension_2,value_2,persons");
    let persons = release.tables.last().unwrap().cells[0].persons;
    assert_eq!(lines[1..], [format!("2026-10,usage_by_class,operation,get_account,third_party_class,bank,{persons}")]);
    assert_eq!(release.tables.len(), Series::ALL.len(), "each is there");
    let kept: StatisticsRelease = serde_json::from_str(&serde_json::to_string(&release).unwrap()).unwrap();
    assert_eq!(kept, release);
}
