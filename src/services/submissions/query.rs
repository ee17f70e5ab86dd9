//! What is looked for.

use crate::domain::ids::{ClientId, SubmissionId};
use crate::domain::submission::SubmissionState;
use crate::domain::{Refusal, Timestamp};
use crate::services::body::{LISTED, entry, limit, unknown};
use crate::store::{Before, SubmissionFilter};
use crate::submissions::Submissions;
use chrono::{Days, NaiveDate};
use url::form_urlencoded;

/// A client's filings that fit a query.
///
/// # Errors
/// `invalid_value` naming the parameter.
pub(super) fn filings(query: &str, client: &ClientId) -> Result<(SubmissionFilter, Before<SubmissionId>), Refusal> {
    let mut filter = SubmissionFilter { client: client.clone(), key: None, state: None, from: None, to: None };
    let mut before = Before { entry: None, limit: LISTED };
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "key" => filter.key = Some(Submissions::digest_of_key(&value)),
            "state" => {
                let states = || SubmissionState::ALL.map(SubmissionState::as_str).join(", ");
                let state = SubmissionState::parse(&value);
                filter.state = Some(state.ok_or_else(|| wrong("state", &format!("It must be one of {}.", states())))?);
            }
            "from" => filter.from = Some(day(&value, 0, "from")?),
            "to" => filter.to = Some(day(&value, 1, "to")?),
            "after" => before.entry = Some(entry(&value, SubmissionId::parse)?),
            "limit" => before.limit = limit(&value)?,
            _ => return Err(unknown(&name, "key, state, from, to, after, limit")),
        }
    }
    Ok((filter, before))
}

/// From where events are read, and how many.
///
/// # Errors
/// `invalid_value` naming the parameter.
pub(super) fn events(query: &str) -> Result<(u64, u32), Refusal> {
    let (mut after, mut most) = (0, LISTED);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "after" => {
                let place = value.parse().ok().filter(|place: &u64| i64::try_from(*place).is_ok());
                after = place.ok_or_else(|| wrong("after", "It must be the `next` of an earlier page, or 0."))?;
            }
            "limit" => most = limit(&value)?,
            _ => return Err(unknown(&name, "after, limit")),
        }
    }
    Ok((after, most))
}

/// The first moment of a day in Japan, some days later.
fn day(text: &str, later: u64, name: &'static str) -> Result<Timestamp, Refusal> {
    let form = |t: &&str| t.len() == 10 && t.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let day = Some(text).filter(form).and_then(|t| NaiveDate::parse_from_str(t, "%Y-%m-%d").ok());
    let moment = day.and_then(|day| day.checked_add_days(Days::new(later))).and_then(Timestamp::of_day_in_japan);
    moment.ok_or_else(|| wrong(name, "Give a day of Japan as YYYY-MM-DD."))
}

fn wrong(name: &'static str, words: &str) -> Refusal {
    Refusal::new("invalid_value", words).at(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_looked_for_is_named() {
        let client = ClientId::parse("payroll").unwrap();
        for (query, place) in [
            ("state=lost", "state"),
            ("from=2026-13-01", "from"),
            ("to=yesterday", "to"),
            ("after=1", "after"),
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("colour=red", "colour"),
        ] {
            let refusal = filings(query, &client).unwrap_err();
            assert_eq!((refusal.code, refusal.pointer.as_deref()), ("invalid_value", Some(place)), "{query}");
        }
        for (query, place) in [("after=-1", "after"), ("after=99999999999999999999", "after"), ("x=1", "x")] {
            assert_eq!(events(query).unwrap_err().pointer.as_deref(), Some(place), "{query}");
        }
        let (filter, before) = filings("from=2026-11-20&to=2026-11-20&after=17.sub_1&limit=7", &client).unwrap();
        let (from, to) = (filter.from.unwrap(), filter.to.unwrap());
        assert_eq!(to.since(from).as_secs(), 24 * 3600, "a day is whole");
        assert_eq!((before.entry.unwrap().0.millis(), before.limit), (17, 7));
        assert_eq!(events("after=5&limit=2").unwrap(), (5, 2));
    }
}
