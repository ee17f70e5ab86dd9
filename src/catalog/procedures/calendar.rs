//! Working days: until when something is filed when the last day is none.
//!
//! The rule: a period whose last day is a Sunday, a Saturday, a national holiday, or one of 29 December to 3 January ends on
//! the next day that is none of them (国税通則法 第10条第2項, 行政機関の休日に関する法律 第1条・第2条).

use chrono::{Datelike as _, Days, NaiveDate, Weekday};

/// The first working day from this one on.
#[must_use]
pub fn working_day_from(day: NaiveDate) -> NaiveDate {
    let mut found = day;
    // No run of days off is longer than two weeks.
    for _ in 0..20 {
        if !is_off(found) {
            return found;
        }
        found = found.checked_add_days(Days::new(1)).unwrap_or(found);
    }
    found
}

/// Whether public offices are closed.
#[must_use]
pub fn is_off(day: NaiveDate) -> bool {
    let is_new_year = matches!((day.month(), day.day()), (12, 29..=31) | (1, 1..=3));
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun) || is_new_year || is_holiday(day)
}

/// Whether it is a national holiday (国民の祝日に関する法律 第2条, 第3条), by the law as it stands from 2022 on.
#[must_use]
pub fn is_holiday(day: NaiveDate) -> bool {
    if is_named(day) {
        return true;
    }
    let before = |count: u64| day.checked_sub_days(Days::new(count));
    // 第3条第2項: a holiday on a Sunday moves to the next day that is none.
    let mut count = 1;
    while let Some(earlier) = before(count).filter(|earlier| is_named(*earlier)) {
        if earlier.weekday() == Weekday::Sun {
            return true;
        }
        count += 1;
    }
    // 第3条第3項: a day between two holidays is one.
    let after = day.checked_add_days(Days::new(1));
    before(1).is_some_and(is_named) && after.is_some_and(is_named) && day.weekday() != Weekday::Sun
}

fn is_named(day: NaiveDate) -> bool {
    let is_monday = |nth: u32| day.weekday() == Weekday::Mon && (day.day() - 1) / 7 + 1 == nth;
    match (day.month(), day.day()) {
        (1, 1) | (2, 11 | 23) | (4, 29) | (5, 3..=5) | (8, 11) | (11, 3 | 23) => true,
        (1 | 10, _) => is_monday(2),
        (3, date) => date == equinox(day.year(), 20.8431),
        (7, _) => is_monday(3),
        (9, date) => is_monday(3) || date == equinox(day.year(), 23.2488),
        _ => false,
    }
}

/// The day of an equinox from 1980 to 2099, by the formula that almanacs use; 国立天文台 publishes the same days.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a day of a month")]
fn equinox(year: i32, start: f64) -> u32 {
    let years = year - 1980;
    (start + 0.242_194 * f64::from(years) - f64::from(years / 4)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn holidays_are_those_of_the_calendar() {
        // As 内閣府 publishes them.
        let wanted = [
            "2026-01-01",
            "2026-01-12",
            "2026-02-11",
            "2026-02-23",
            "2026-03-20",
            "2026-04-29",
            "2026-05-03",
            "2026-05-04",
            "2026-05-05",
            "2026-05-06",
            "2026-07-20",
            "2026-08-11",
            "2026-09-21",
            "2026-09-22",
            "2026-09-23",
            "2026-10-12",
            "2026-11-03",
            "2026-11-23",
            "2027-01-01",
            "2027-01-11",
            "2027-02-11",
            "2027-02-23",
            "2027-03-21",
            "2027-03-22",
            "2027-04-29",
            "2027-05-03",
            "2027-05-04",
            "2027-05-05",
            "2027-07-19",
            "2027-08-11",
            "2027-09-20",
            "2027-09-23",
            "2027-10-11",
            "2027-11-03",
            "2027-11-23",
        ];
        let all = day("2026-01-01").iter_days().take_while(|day| day.year() < 2028);
        let found: Vec<String> = all.filter(|day| is_holiday(*day)).map(|day| day.to_string()).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_last_day_that_is_off_moves_on() {
        for (from, to) in [
            ("2026-11-20", "2026-11-20"),
            ("2026-11-21", "2026-11-24"),
            ("2026-12-29", "2027-01-04"),
            ("2026-05-02", "2026-05-07"),
            ("2026-07-10", "2026-07-10"),
        ] {
            assert_eq!(working_day_from(day(from)), day(to), "{from}");
        }
    }
}
