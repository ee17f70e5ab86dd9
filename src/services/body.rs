//! Bodies and parameters of any family, read strictly.

use crate::domain::corporate_number::CorporateNumber;
use crate::domain::evidence::canonical;
use crate::domain::ids::InvalidId;
use crate::domain::{Digest, Refusal, Timestamp};
use crate::store::Before;
use chrono::NaiveDate;
use serde::Deserialize;
use std::fmt::Display;
use url::form_urlencoded;

/// Most characters of what the JSON reader says.
const LONGEST_WORDS: usize = 200;
/// Entries of a page when nothing is said.
pub(super) const LISTED: u32 = 50;
/// Most entries of one page.
pub const MOST_LISTED: u32 = 100;

/// Reads a body. What the JSON reader says names fields and places, and never more of the body than a field's name.
///
/// # Errors
/// `invalid_request`.
pub(super) fn read<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| {
        let words: String = error.to_string().chars().take(LONGEST_WORDS).collect();
        Refusal::new("invalid_request", format!("The body is not as documented: {words}."))
    })
}

/// What a body says, the same whatever its white space and the order of its members.
///
/// # Errors
/// `invalid_request` where it is no JSON.
pub(super) fn digest_of(bytes: &[u8]) -> Result<Digest, Refusal> {
    Ok(Digest::of(&canonical(&read(bytes)?)))
}

/// A day as `2027-06-30`, written so and not otherwise.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| day.to_string() == text)
}

/// From where a list is read, newest first, and how many.
///
/// # Errors
/// `invalid_value` naming the parameter.
pub(super) fn page_after<Id>(query: &str, id_of: fn(&str) -> Result<Id, InvalidId>) -> Result<Before<Id>, Refusal> {
    let mut before = Before { entry: None, limit: LISTED };
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "after" => before.entry = Some(entry(&value, id_of)?),
            "limit" => before.limit = limit(&value)?,
            _ => return Err(unknown(&name, "after, limit")),
        }
    }
    Ok(before)
}

/// Asks for one entry more than a page holds, to see whether there is another page; gives how many it holds.
pub(super) fn one_more<Id>(before: &mut Before<Id>) -> usize {
    let limit = before.limit as usize;
    before.limit = before.limit.saturating_add(1);
    limit
}

/// Cuts what was found, one more than a page holds at most, to the page; gives its `next`, where there is another page.
/// `place` tells where an entry stands.
pub(super) fn cut<T, P>(found: &mut Vec<T>, limit: usize, place: impl FnOnce(&T) -> P) -> Option<P> {
    let is_more = found.len() > limit;
    found.truncate(limit);
    found.last().filter(|_| is_more).map(place)
}

/// Where an entry stands in a list from new to old, as [`entry`] reads it back.
pub(super) fn place(at: Timestamp, id: &impl Display) -> String {
    format!("{}.{id}", at.millis())
}

/// From which place on a list in order goes on, and how many.
pub(super) fn feed(query: &str) -> Result<(u64, u32), Refusal> {
    let (mut after, mut most) = (0, LISTED);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "after" => {
                let wrong = |_| Refusal::new("invalid_value", "It must be the `next` of an earlier page.").at("after");
                after = value.parse::<u64>().map_err(wrong)?;
            }
            "limit" => most = limit(&value)?,
            _ => return Err(unknown(&name, "after, limit")),
        }
    }
    // What is larger than any place is after all of them.
    Ok((after.min(i64::MAX.unsigned_abs()), most))
}

/// The `Idempotency-Key` without which repeating a call is not safe; `effect` says what it then does not do twice.
///
/// # Errors
/// `invalid_request` without one.
pub(super) fn idempotency_key<'k>(key: Option<&'k str>, effect: &str) -> Result<&'k str, Refusal> {
    key.ok_or_else(|| {
        let words = format!("Send an Idempotency-Key: with it, repeating the call {effect}.");
        Refusal::new("invalid_request", words).at("Idempotency-Key")
    })
}

/// How many entries a page holds.
pub(super) fn limit(text: &str) -> Result<u32, Refusal> {
    let limit = text.parse().ok().filter(|limit| (1..=MOST_LISTED).contains(limit));
    let wrong = || Refusal::new("invalid_value", format!("It must be 1 to {MOST_LISTED}.")).at("limit");
    limit.ok_or_else(wrong)
}

/// The last entry of the page before.
pub(super) fn entry<Id>(text: &str, id_of: fn(&str) -> Result<Id, InvalidId>) -> Result<(Timestamp, Id), Refusal> {
    let read = |(at, id): (&str, &str)| Some((Timestamp::from_millis(at.parse().ok()?), id_of(id).ok()?));
    let wrong = || Refusal::new("invalid_value", "It must be the `next` of an earlier page.").at("after");
    text.split_once('.').and_then(read).ok_or_else(wrong)
}

/// The refusal of a parameter that there is not, with those there are.
pub(super) fn unknown(name: &str, known: &str) -> Refusal {
    let name: String = name.chars().filter(char::is_ascii_graphic).take(64).collect();
    Refusal::new("invalid_value", format!("There is no such parameter; there are {known}.")).at(name)
}

/// The company that something is filed for.
///
/// # Errors
/// `invalid_value` for what is no corporate number.
pub(super) fn applicant(text: Option<&str>) -> Result<Option<CorporateNumber>, Refusal> {
    let wrong = |error| Refusal::new("invalid_value", format!("A corporate number {error}.")).at("/applicant");
    text.map(CorporateNumber::parse).transpose().map_err(wrong)
}

/// RFC 4180 §2. What a spreadsheet would run as a formula begins with an apostrophe: others write these texts.
pub(super) fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DelegationId;

    #[test]
    fn a_page_goes_on_where_the_one_before_ended() {
        for (query, place) in
            [("after=1", "after"), ("limit=0", "limit"), ("limit=101", "limit"), ("company=1", "company")]
        {
            let refusal = page_after(query, DelegationId::parse).unwrap_err();
            assert_eq!((refusal.code, refusal.pointer.as_deref()), ("invalid_value", Some(place)), "{query}");
        }
        let before = page_after("after=17.dlg_1&limit=7", DelegationId::parse).unwrap();
        let (at, id) = before.entry.unwrap();
        assert_eq!((at.millis(), id.as_str(), before.limit), (17, "dlg_1", 7));
    }
}
