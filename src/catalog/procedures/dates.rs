//! Days and months as filers write them, and as the pension agency's forms say them: by era (元号).

use chrono::{Datelike as _, NaiveDate};

/// An era of the forms. Its code is the agency's: 昭和 5, 平成 7, 令和 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Era {
    /// The code.
    pub code: char,
    /// The letter by which it is written in short.
    pub letter: char,
    /// The name.
    pub name: &'static str,
    first: (i32, u32, u32),
    last: (i32, u32, u32),
}

/// The eras, latest first.
pub const ERAS: [Era; 3] = [
    Era { code: '9', letter: 'R', name: "令和", first: (2019, 5, 1), last: (2117, 12, 31) },
    Era { code: '7', letter: 'H', name: "平成", first: (1989, 1, 8), last: (2019, 4, 30) },
    Era { code: '5', letter: 'S', name: "昭和", first: (1926, 12, 25), last: (1989, 1, 7) },
];

/// Why a text is no day of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDate {
    /// It has another form.
    Form,
    /// There is no such day.
    NoSuchDay,
    /// The era had ended, or not begun, on that day.
    OutsideEra(&'static str),
    /// It is before the eras that the forms know.
    TooEarly,
}

impl Era {
    /// The era of a day, and the year in it.
    #[must_use]
    pub fn of(day: NaiveDate) -> Option<(Self, i32)> {
        let ymd = (day.year(), day.month(), day.day());
        let era = ERAS.into_iter().find(|era| era.first <= ymd && ymd <= era.last)?;
        Some((era, day.year() - era.first.0 + 1))
    }
}

/// Reads a day: `2026-11-01`, or by era `R08-11-01` or `令和8年11月1日`.
///
/// # Errors
/// [`NoDate`].
pub fn day(text: &str) -> Result<NaiveDate, NoDate> {
    read(text, true)
}

/// Reads a month, as its first day: `2026-09`, or by era `R08-09` or `令和8年9月`.
///
/// # Errors
/// [`NoDate`].
pub fn month(text: &str) -> Result<NaiveDate, NoDate> {
    read(text, false)
}

/// A day as the forms say it: the era's code, and year, month and day in two digits each.
#[must_use]
pub fn written_day(day: NaiveDate) -> Option<(String, String)> {
    let (era, year) = Era::of(day)?;
    Some((era.code.to_string(), format!("{year:02}{:02}{:02}", day.month(), day.day())))
}

/// A month as the forms say it: the era's code, the year and the month.
#[must_use]
pub fn written_month(first: NaiveDate) -> Option<(String, String, String)> {
    // The era of a month is that of its last day: 2019-05 is 令和, and so is a month in which one begins.
    let (era, year) = Era::of(first + chrono::Months::new(1) - chrono::Days::new(1))?;
    Some((era.code.to_string(), format!("{year:02}"), format!("{:02}", first.month())))
}

/// A day, read from the forms' own words.
#[must_use]
pub fn read_day(code: &str, digits: &str) -> Option<NaiveDate> {
    let era = ERAS.iter().find(|era| code.len() == 1 && code.starts_with(era.code))?;
    let number = |at: std::ops::Range<usize>| digits.get(at)?.parse::<u32>().ok();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let day = NaiveDate::from_ymd_opt(year_of(*era, number(0..2)?)?, number(2..4)?, number(4..6)?)?;
    Era::of(day).is_some_and(|(found, _)| found.code == era.code).then_some(day)
}

fn year_of(era: Era, year: u32) -> Option<i32> {
    (year >= 1).then_some(era.first.0 - 1 + i32::try_from(year).ok()?)
}

fn read(text: &str, has_day: bool) -> Result<NaiveDate, NoDate> {
    let bytes = text.as_bytes();
    if bytes.first().is_some_and(u8::is_ascii_digit) {
        let (year, rest) = text.split_at_checked(4).ok_or(NoDate::Form)?;
        let (month, day) = numbers(rest, has_day)?;
        let year = year.parse().map_err(|_| NoDate::Form)?;
        let found = NaiveDate::from_ymd_opt(year, month, day).ok_or(NoDate::NoSuchDay)?;
        let is_known = Era::of(found).is_some() || (!has_day && written_month(found).is_some());
        return if is_known { Ok(found) } else { Err(NoDate::TooEarly) };
    }
    let short = |era: &&Era| text.starts_with(era.letter);
    let found = ERAS.iter().find(short).and_then(|era| Some((era, text.get(1..3)?, text.get(3..)?)));
    let parsed = match found {
        Some((era, year, rest)) => {
            let (month, day) = numbers(rest, has_day)?;
            Some((*era, year.parse().map_err(|_| NoDate::Form)?, month, day))
        }
        None => in_words(text, has_day),
    };
    let (era, year, month, day) = parsed.ok_or(NoDate::Form)?;
    let year = year_of(era, year).ok_or(NoDate::NoSuchDay)?;
    let found = NaiveDate::from_ymd_opt(year, month, day).ok_or(NoDate::NoSuchDay)?;
    let last = if has_day { found } else { found + chrono::Months::new(1) - chrono::Days::new(1) };
    let is_inside = [found, last].iter().any(|day| Era::of(*day).is_some_and(|(of, _)| of.code == era.code));
    if is_inside { Ok(found) } else { Err(NoDate::OutsideEra(era.name)) }
}

/// `-MM-DD`, or `-MM`.
fn numbers(rest: &str, has_day: bool) -> Result<(u32, u32), NoDate> {
    let two = |text: &str| text.parse().ok().filter(|_| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()));
    let mut parts = rest.strip_prefix('-').ok_or(NoDate::Form)?.split('-');
    let month = parts.next().and_then(two).ok_or(NoDate::Form)?;
    let day = if has_day { parts.next().and_then(two).ok_or(NoDate::Form)? } else { 1 };
    if parts.next().is_none() { Ok((month, day)) } else { Err(NoDate::Form) }
}

/// `令和8年11月1日`, `令和元年5月`.
fn in_words(text: &str, has_day: bool) -> Option<(Era, u32, u32, u32)> {
    let era = ERAS.iter().find(|era| text.starts_with(era.name))?;
    let rest = text.strip_prefix(era.name)?;
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() <= 2 && !text.starts_with('+'));
    let (year, rest) = rest.split_once('年')?;
    let year = if year == "元" { 1 } else { number(year)? };
    let (month, rest) = rest.split_once('月')?;
    let day = if has_day {
        number(rest.strip_suffix('日')?)?
    } else if rest.is_empty() {
        1
    } else {
        return None;
    };
    Some((*era, year, number(month)?, day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_are_read_in_three_forms_and_an_era_ends() {
        let wanted = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        for text in ["2026-11-01", "R08-11-01", "令和8年11月1日"] {
            assert_eq!(day(text), Ok(wanted), "{text}");
        }
        assert_eq!(day("令和元年5月1日"), Ok(NaiveDate::from_ymd_opt(2019, 5, 1).unwrap()));
        for (text, fault) in [
            ("2026-02-29", NoDate::NoSuchDay),
            ("R00-01-01", NoDate::NoSuchDay),
            ("平成31年5月1日", NoDate::OutsideEra("平成")),
            ("R01-04-30", NoDate::OutsideEra("令和")),
            ("S64-01-08", NoDate::OutsideEra("昭和")),
            ("1926-12-24", NoDate::TooEarly),
            ("大正15年1月1日", NoDate::Form),
            ("2026/11/01", NoDate::Form),
            ("2026-1-1", NoDate::Form),
            ("2026-11-01T00:00", NoDate::Form),
            ("２０２６-11-01", NoDate::Form),
            ("", NoDate::Form),
        ] {
            assert_eq!(day(text), Err(fault), "{text}");
        }
        for text in ["2019-05", "R01-05", "令和元年5月"] {
            assert_eq!(month(text).map(|m| written_month(m).unwrap()), Ok(("9".into(), "01".into(), "05".into())));
        }
        assert_eq!(month("2026-13"), Err(NoDate::NoSuchDay));
        assert_eq!(written_day(wanted), Some(("9".into(), "081101".into())));
    }

    proptest! {
        #[test]
        fn every_day_of_the_eras_is_written_and_read_back(number in 0..65_000_u64) {
            let one = NaiveDate::from_ymd_opt(1926, 12, 25).unwrap() + chrono::Days::new(number);
            let (code, digits) = written_day(one).unwrap();
            prop_assert_eq!(read_day(&code, &digits), Some(one));
            prop_assert_eq!(day(&one.to_string()), Ok(one));
        }

        #[test]
        fn nothing_read_panics(text in "\\PC{0,14}") {
            let _ = (day(&text), month(&text), read_day("9", &text));
        }
    }
}
