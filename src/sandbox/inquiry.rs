//! Which of a person's dated records answer an inquiry (照会条件): latest, on a date, within a period, of a year.

use chrono::{Months, NaiveDate};

/// What is asked for, by its 照会条件区分.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// 1: what holds now.
    Latest,
    /// 2: what held on a day.
    OnDate(NaiveDate),
    /// 3: what happened or held between two days, both included.
    Range(NaiveDate, NaiveDate),
    /// 4: a tax year or fiscal year (April to March).
    Year(i32),
}

/// What a record is about in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    /// A tax year or fiscal year.
    Year(i32),
    /// Something that happened.
    Event(NaiveDate),
    /// Something that holds from a day, until a day or still.
    State(NaiveDate, Option<NaiveDate>),
}

/// A record as far as choosing goes.
pub(super) trait Dated {
    /// What it is about in time.
    fn period(&self) -> Period;
    /// Whether the provider has put it into the network.
    fn is_reflected(&self) -> bool;
}

/// What an inquiry comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome<'a, R> {
    /// These records, in their order.
    Found(Vec<&'a R>),
    /// The provider has nothing at all about the person.
    NothingHeld,
    /// It has something, but nothing that the condition is about.
    NothingMatches,
    /// What the condition is about has happened and is not in the network yet.
    NotReflected,
    /// What the condition is about is older than the law has it kept.
    Expired,
}

/// A fiscal year's first and last day (1 April to 31 March).
fn fiscal_year(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    Some((NaiveDate::from_ymd_opt(year, 4, 1)?, NaiveDate::from_ymd_opt(year.checked_add(1)?, 3, 31)?))
}

fn overlaps(period: Period, from: NaiveDate, to: NaiveDate) -> bool {
    match period {
        Period::Event(on) => from <= on && on <= to,
        Period::State(begin, end) => begin <= to && end.is_none_or(|end| end >= from),
        Period::Year(year) => fiscal_year(year).is_some_and(|(begin, end)| begin <= to && end >= from),
    }
}

impl Condition {
    /// Whether a record is about what is asked, `today` being the present day. Of years and states only the newest
    /// that matches is wanted for [`Latest`](Self::Latest) and [`OnDate`](Self::OnDate): the caller keeps that one.
    fn matches(self, period: Period, today: NaiveDate) -> bool {
        match (self, period) {
            (Self::Latest, Period::Year(_) | Period::Event(_)) => true,
            (Self::Latest, Period::State(..)) => overlaps(period, today, today),
            // The records of events as they stood on that day.
            (Self::OnDate(date), Period::Event(on)) => on <= date,
            (Self::OnDate(date), _) => overlaps(period, date, date),
            (Self::Range(from, to), _) => overlaps(period, from, to),
            (Self::Year(year), Period::Year(about)) => year == about,
            (Self::Year(year), _) => fiscal_year(year).is_some_and(|(from, to)| overlaps(period, from, to)),
        }
    }

    /// The last day asked about, where the condition has one.
    fn last_day(self) -> Option<NaiveDate> {
        match self {
            Self::Latest => None,
            Self::OnDate(date) => Some(date),
            Self::Range(_, to) => Some(to),
            Self::Year(year) => fiscal_year(year).map(|(_, to)| to),
        }
    }
}

/// Chooses the records that answer `condition`. `retention_years` is how long the law has this data kept.
pub(super) fn choose<R: Dated>(
    records: &[R],
    condition: Condition,
    today: NaiveDate,
    retention_years: Option<u32>,
) -> Outcome<'_, R> {
    let oldest_kept = retention_years.and_then(|years| today.checked_sub_months(Months::new(years.saturating_mul(12))));
    // Asked wholly about days before: the provider cannot know any more whether there was something.
    if let (Some(oldest), Some(last)) = (oldest_kept, condition.last_day())
        && last < oldest
    {
        return Outcome::Expired;
    }
    if records.is_empty() {
        return Outcome::NothingHeld;
    }
    let mut found: Vec<&R> = Vec::new();
    let mut is_any_expired = false;
    let mut is_any_pending = false;
    for record in records.iter().filter(|record| condition.matches(record.period(), today)) {
        if oldest_kept.is_some_and(|oldest| has_ended_before(record.period(), oldest)) {
            is_any_expired = true;
        } else if record.is_reflected() {
            found.push(record);
        } else {
            is_any_pending = true;
        }
    }
    keep_newest(&mut found, condition);
    match (found.is_empty(), is_any_pending, is_any_expired) {
        (false, ..) => Outcome::Found(found),
        (true, true, _) => Outcome::NotReflected,
        (true, false, true) => Outcome::Expired,
        (true, false, false) => Outcome::NothingMatches,
    }
}

fn has_ended_before(period: Period, day: NaiveDate) -> bool {
    match period {
        Period::Event(on) => on < day,
        Period::State(_, end) => end.is_some_and(|end| end < day),
        Period::Year(year) => fiscal_year(year).is_some_and(|(_, end)| end < day),
    }
}

/// Of years and states, one answers: the newest. Over a period every year answers, but one state: the last.
fn keep_newest<R: Dated>(found: &mut Vec<&R>, condition: Condition) {
    let newest_year = found.iter().filter_map(|r| if let Period::Year(y) = r.period() { Some(y) } else { None }).max();
    let newest_state =
        found.iter().filter_map(|r| if let Period::State(from, _) = r.period() { Some(from) } else { None }).max();
    let one_year = matches!(condition, Condition::Latest | Condition::OnDate(_));
    found.retain(|record| match record.period() {
        Period::Event(_) => true,
        Period::Year(year) => !one_year || Some(year) == newest_year,
        Period::State(from, _) => Some(from) == newest_state,
    });
}

#[cfg(test)]
#[path = "inquiry/tests.rs"]
mod tests;
