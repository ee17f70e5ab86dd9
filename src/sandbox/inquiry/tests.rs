//! Every condition against years, events and states; retention; what has not been reflected.

use super::*;
use proptest::prelude::*;

#[derive(Debug, PartialEq, Eq)]
struct Record(Period, bool);

impl Dated for Record {
    fn period(&self) -> Period {
        self.0
    }
    fn is_reflected(&self) -> bool {
        self.1
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn event(text: &str) -> Record {
    Record(Period::Event(day(text)), true)
}

fn state(from: &str, to: Option<&str>) -> Record {
    Record(Period::State(day(from), to.map(day)), true)
}

fn year(year: i32) -> Record {
    Record(Period::Year(year), true)
}

fn periods(outcome: Outcome<'_, Record>) -> Vec<Period> {
    match outcome {
        Outcome::Found(records) => records.iter().map(|r| r.0).collect(),
        other => panic!("{other:?}"),
    }
}

const TODAY: &str = "2026-11-21";

#[test]
fn the_latest_year_the_present_state_and_all_events() {
    let today = day(TODAY);
    assert_eq!(
        periods(choose(&[year(2024), year(2026), year(2025)], Condition::Latest, today, None)),
        [Period::Year(2026)]
    );
    let moves = [state("2010-01-01", Some("2020-03-31")), state("2020-04-01", None)];
    assert_eq!(periods(choose(&moves, Condition::Latest, today, None)), [moves[1].0]);
    let events = [event("2001-05-05"), event("2026-01-01")];
    assert_eq!(periods(choose(&events, Condition::Latest, today, None)).len(), 2);
}

#[test]
fn a_past_day_gives_what_held_then() {
    let moves =
        [state("2010-01-01", Some("2020-03-31")), state("2020-04-01", Some("2024-09-30")), state("2024-10-01", None)];
    for (date, expected) in [("2015-06-01", 0), ("2020-03-31", 0), ("2020-04-01", 1), ("2026-11-21", 2)] {
        let found = periods(choose(&moves, Condition::OnDate(day(date)), day(TODAY), None));
        assert_eq!(found, [moves[expected].0], "{date}");
    }
    let before = choose(&moves, Condition::OnDate(day("2009-12-31")), day(TODAY), None);
    assert_eq!(before, Outcome::NothingMatches);
}

#[test]
fn a_period_takes_events_inside_it_and_years_that_touch_it() {
    let events = [event("2024-12-31"), event("2025-01-01"), event("2025-12-31"), event("2026-01-01")];
    let found = choose(&events, Condition::Range(day("2025-01-01"), day("2025-12-31")), day(TODAY), None);
    assert_eq!(periods(found), [events[1].0, events[2].0]);
    let years = [year(2023), year(2024), year(2025)];
    let found = choose(&years, Condition::Range(day("2024-06-01"), day("2025-06-01")), day(TODAY), None);
    assert_eq!(periods(found), [Period::Year(2024), Period::Year(2025)]);
}

#[test]
fn a_year_takes_the_records_of_that_year_only() {
    let years = [year(2025), year(2026)];
    assert_eq!(periods(choose(&years, Condition::Year(2025), day(TODAY), None)), [Period::Year(2025)]);
    assert_eq!(choose(&years, Condition::Year(1999), day(TODAY), None), Outcome::NothingMatches);
    let events = [event("2026-03-31"), event("2026-04-01")];
    assert_eq!(periods(choose(&events, Condition::Year(2026), day(TODAY), None)), [events[1].0]);
}

#[test]
fn what_the_law_no_longer_keeps_is_said_to_be_expired() {
    let today = day(TODAY);
    let events = [event("2018-05-01"), event("2021-11-20"), event("2021-11-21"), event("2025-05-01")];
    // Cut at the boundary: five years back to the day is kept.
    assert_eq!(periods(choose(&events, Condition::Latest, today, Some(5))), [events[2].0, events[3].0]);
    // Only old ones: never silently missing.
    assert_eq!(choose(&events[..2], Condition::Latest, today, Some(5)), Outcome::Expired);
    // Asked wholly about the time before.
    let old = Condition::Range(day("2015-01-01"), day("2021-11-20"));
    assert_eq!(choose(&events[3..], old, today, Some(5)), Outcome::Expired);
    assert_eq!(choose::<Record>(&[], old, today, Some(5)), Outcome::Expired);
    assert_eq!(choose(&events[3..], Condition::Year(2019), today, Some(5)), Outcome::Expired);
}

#[test]
fn nothing_held_nothing_matching_and_not_reflected_are_three_things() {
    let today = day(TODAY);
    assert_eq!(choose::<Record>(&[], Condition::Latest, today, None), Outcome::NothingHeld);
    assert_eq!(choose(&[year(2025)], Condition::Year(2026), today, None), Outcome::NothingMatches);
    let pending = [Record(Period::Year(2026), false), year(2025)];
    assert_eq!(choose(&pending, Condition::Year(2026), today, None), Outcome::NotReflected);
    assert_eq!(periods(choose(&pending, Condition::Latest, today, None)), [Period::Year(2025)]);
}

proptest! {
    #[test]
    fn a_chosen_event_is_always_inside_what_was_asked(
        days in proptest::collection::vec(0_i64..9000, 1..20), from in 0_i64..9000, length in 0_i64..2000,
    ) {
        let start = day("2005-01-01");
        let records: Vec<Record> =
            days.iter().map(|n| Record(Period::Event(start + chrono::Days::new(n.unsigned_abs())), true)).collect();
        let from = start + chrono::Days::new(from.unsigned_abs());
        let to = from + chrono::Days::new(length.unsigned_abs());
        let oldest = day(TODAY).checked_sub_months(Months::new(60)).unwrap();
        if let Outcome::Found(found) = choose(&records, Condition::Range(from, to), day(TODAY), Some(5)) {
            prop_assert!(!found.is_empty());
            for record in found {
                let Period::Event(on) = record.0 else { panic!("an event") };
                prop_assert!(from <= on && on <= to && on >= oldest);
            }
        }
    }
}
