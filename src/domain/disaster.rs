//! Disasters (災害), as a municipality records them: after which one can ask it for certificates and relief, and until when.

use super::refusal::Refusal;
use super::time::Timestamp;
use super::words::Words;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most characters of a code.
const LONGEST: usize = 20;

/// A disaster's code, as its municipality made it: 1 to 20 of `A-Z`, `0-9` and `-`, as `R8-09`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisasterCode(String);

/// What is no [`DisasterCode`].
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidDisasterCode;

impl fmt::Display for InvalidDisasterCode {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "must be 1 to {LONGEST} of A-Z, 0-9 and -")
    }
}

impl DisasterCode {
    /// # Errors
    /// [`InvalidDisasterCode`].
    pub fn parse(text: &str) -> Result<Self, InvalidDisasterCode> {
        let is_known = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
        let is_good = (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_known);
        if is_good { Ok(Self(text.to_owned())) } else { Err(InvalidDisasterCode) }
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for DisasterCode {
    type Error = InvalidDisasterCode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<DisasterCode> for String {
    fn from(code: DisasterCode) -> Self {
        code.0
    }
}

/// What a municipality says of a disaster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisasterDetails {
    /// What it is called.
    pub name: Words,
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day; none while it goes on.
    pub until: Option<NaiveDate>,
    /// The last day on which one can apply; none where none is set.
    pub apply_until: Option<NaiveDate>,
    /// For which procedures, by the codes that they have at every municipality.
    pub procedures: Vec<String>,
}

/// A disaster of one municipality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disaster {
    /// Whose: 全国地方公共団体コード.
    pub municipality: String,
    /// Its code, which is that municipality's own.
    pub code: DisasterCode,
    /// What is said of it now.
    pub details: DisasterDetails,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// When it was closed, if it was.
    pub closed_at: Option<Timestamp>,
    /// Counts its changes.
    pub version: u64,
}

/// Why one cannot apply on account of a disaster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisasterRefusal {
    /// It is closed, or its last day to apply has passed.
    Over,
    /// It is recorded for other procedures.
    OtherProcedure,
    /// The day of the damage is not one of its days, or has yet to come.
    OutsideItsDays,
}

impl Disaster {
    /// Whether one can apply on its account on a day in Japan.
    #[must_use]
    pub fn is_open(&self, today: NaiveDate) -> bool {
        self.closed_at.is_none() && self.details.apply_until.is_none_or(|last| today <= last)
    }

    /// Whether one can apply for a procedure on its account: what was damaged on which day, where the form asks. What was
    /// `named_before`, as by an application that is mended, may be over by now.
    ///
    /// # Errors
    /// [`DisasterRefusal`].
    pub fn may_be_named(
        &self,
        (procedure, damaged_on): (&str, Option<NaiveDate>),
        today: NaiveDate,
        named_before: bool,
    ) -> Result<(), DisasterRefusal> {
        let details = &self.details;
        if !(named_before || self.is_open(today)) {
            return Err(DisasterRefusal::Over);
        }
        if !details.procedures.iter().any(|one| one == procedure) {
            return Err(DisasterRefusal::OtherProcedure);
        }
        let last = details.until.unwrap_or(today).min(today);
        if damaged_on.is_some_and(|day| day < details.from || day > last) {
            return Err(DisasterRefusal::OutsideItsDays);
        }
        Ok(())
    }

    /// Says something else of it.
    ///
    /// # Errors
    /// `conflict` when it is closed.
    pub fn change(&mut self, details: DisasterDetails, now: Timestamp) -> Result<(), Refusal> {
        self.is_changeable()?;
        self.details = details;
        self.changed(now);
        Ok(())
    }

    /// Closes it: nobody applies on its account any more.
    ///
    /// # Errors
    /// `conflict` when it is closed.
    pub fn close(&mut self, now: Timestamp) -> Result<(), Refusal> {
        self.is_changeable()?;
        self.closed_at = Some(now);
        self.changed(now);
        Ok(())
    }

    fn changed(&mut self, now: Timestamp) {
        self.changed_at = now;
        self.version = self.version.saturating_add(1);
    }

    fn is_changeable(&self) -> Result<(), Refusal> {
        let words = "It is closed, and stays as it was: record another one under another code.";
        if self.closed_at.is_none() { Ok(()) } else { Err(Refusal::new("conflict", words)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn typhoon() -> Disaster {
        Disaster {
            municipality: "999016".into(),
            code: DisasterCode::parse("R8-09").unwrap(),
            details: DisasterDetails {
                name: Words { ja: "令和8年見本台風".into(), en: "Typhoon Mihon".into() },
                from: day("2026-09-10"),
                until: Some(day("2026-09-12")),
                apply_until: Some(day("2026-12-11")),
                procedures: vec!["damage-certificate".into()],
            },
            recorded_at: NOW,
            changed_at: NOW,
            closed_at: None,
            version: 1,
        }
    }

    #[test]
    fn a_code_is_short_and_plain() {
        for good in ["R801", "R8-09", "A", "01234567890123456789"] {
            assert_eq!(DisasterCode::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "r801", "R 8", "令和8", "012345678901234567890", "R8/1", "R8\n"] {
            assert_eq!(DisasterCode::parse(bad), Err(InvalidDisasterCode), "{bad}");
        }
    }

    #[test]
    fn one_applies_on_its_account_in_time_for_its_procedures_and_its_days() {
        let (one, today) = (typhoon(), day("2026-11-20"));
        let named = |procedure, damaged: &str, today: &str, before| {
            one.may_be_named((procedure, Some(day(damaged))), day(today), before)
        };
        let damage = "damage-certificate";
        assert_eq!(named(damage, "2026-09-10", "2026-11-20", false), Ok(()));
        assert_eq!(named(damage, "2026-09-12", "2026-12-11", false), Ok(()), "on the last day");
        assert_eq!(named(damage, "2026-09-10", "2026-12-12", false), Err(DisasterRefusal::Over));
        assert_eq!(named(damage, "2026-09-10", "2026-12-12", true), Ok(()), "it was named in time");
        assert_eq!(named("disaster-loan", "2026-09-10", "2026-11-20", false), Err(DisasterRefusal::OtherProcedure));
        for outside in ["2026-09-09", "2026-09-13"] {
            assert_eq!(named(damage, outside, "2026-11-20", true), Err(DisasterRefusal::OutsideItsDays), "{outside}");
        }
        let mut going_on = typhoon();
        going_on.details.until = None;
        let tomorrow = going_on.may_be_named((damage, Some(day("2026-11-21"))), today, false);
        assert_eq!(tomorrow, Err(DisasterRefusal::OutsideItsDays), "it has yet to come");
        assert_eq!(going_on.may_be_named((damage, Some(today)), today, false), Ok(()));
        assert_eq!(going_on.may_be_named((damage, None), today, false), Ok(()), "the form asks for no day");
    }

    #[test]
    fn what_is_closed_stays_as_it_was() {
        let mut one = typhoon();
        one.close(NOW.plus(std::time::Duration::from_secs(1))).unwrap();
        assert_eq!((one.version, one.is_open(day("2026-11-20"))), (2, false));
        let details = typhoon().details;
        assert_eq!(one.change(details, NOW).unwrap_err().code, "conflict");
        assert_eq!(one.close(NOW).unwrap_err().code, "conflict");
        assert_eq!(one.version, 2);
    }
}
