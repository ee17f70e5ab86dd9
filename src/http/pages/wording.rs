//! Times, days and spans as people read them, always in Japan's time.

use super::reply::Shell;
use crate::domain::representation::RepresentationKind;
use crate::domain::{Lang, Timestamp};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// As what somebody acts for another, in words.
#[must_use]
pub fn acting(shell: &Shell<'_>, kind: RepresentationKind) -> String {
    shell.t(&format!("representation-{}", kind.as_str()))
}

/// A moment, for people and for machines (`datetime` of a `time` element).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// For people.
    pub text: String,
    /// RFC 3339.
    pub machine: String,
}

/// A moment to the minute.
#[must_use]
pub fn moment(at: Timestamp, lang: Lang) -> Moment {
    let machine = at.rfc3339();
    let read: Option<DateTime<FixedOffset>> = DateTime::parse_from_rfc3339(&machine).ok();
    let clock = read.map_or_else(String::new, |t| format!("{:02}:{:02}", t.hour(), t.minute()));
    let day = day(at.date_in_japan(), lang);
    let text = match lang {
        Lang::Ja => format!("{day} {clock}"),
        Lang::En => format!("{day}, {clock} (Japan)"),
    };
    Moment { text, machine }
}

/// A calendar day.
#[must_use]
pub fn day(date: NaiveDate, lang: Lang) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    match lang {
        Lang::Ja => format!("{year}年{month}月{day}日"),
        Lang::En => {
            let name = usize::try_from(date.month0()).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
            format!("{day} {name} {year}")
        }
    }
}

/// A number of days; whole years are told as years.
#[must_use]
pub fn span(shell: &Shell<'_>, days: u32) -> String {
    if days > 0 && days.is_multiple_of(365) {
        shell.count("span-years", days / 365)
    } else {
        shell.count("span-days", days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_in_japans_time() {
        let at = Timestamp::from_seconds(1_795_274_999); // 2026-11-21T15:29:59Z
        assert_eq!(moment(at, Lang::Ja).text, "2026年11月22日 00:29");
        assert_eq!(moment(at, Lang::En).text, "22 November 2026, 00:29 (Japan)");
        assert_eq!(moment(at, Lang::En).machine, "2026-11-22T00:29:59+09:00");
    }
}
