//! On what terms a consent is used: how often, on what legal basis, on whose behalf; and how far it has been used.

use super::time::Timestamp;
use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// The span in which uses are counted, by Japan's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// A calendar day.
    Day,
    /// A calendar month.
    Month,
    /// The whole life of the consent.
    Consent,
}

impl Per {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Consent => "consent",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Day, Self::Month, Self::Consent].into_iter().find(|per| per.as_str() == text)
    }
}

/// How often data may be retrieved at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frequency {
    /// So many requests, 1 to [`Frequency::MOST`].
    pub times: u32,
    /// In this span.
    pub per: Per,
}

/// The span that a moment is in, as uses are counted in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseWindow {
    /// Its name among those of one grant.
    pub name: String,
    /// When the next one begins; never, for the whole consent.
    pub frees_at: Option<Timestamp>,
}

impl Frequency {
    /// Most requests that can be agreed to for one span.
    pub const MOST: u32 = 10_000;

    /// Whether it is no more than `other` in every span.
    #[must_use]
    pub fn is_within(self, other: Self) -> bool {
        self.per == other.per && self.times <= other.times
    }

    /// The span that `now` is in, under a consent that was last agreed to at `agreed_at`. Who agrees anew agrees to a
    /// whole consent's number anew; a day and a month stay what they were.
    #[must_use]
    pub fn window(self, now: Timestamp, agreed_at: Timestamp) -> UseWindow {
        let today = now.date_in_japan();
        let (name, next) = match self.per {
            Per::Day => (today.to_string(), today.checked_add_days(Days::new(1))),
            Per::Month => (today.format("%Y-%m").to_string(), first_of_month_after(today)),
            Per::Consent => (format!("since {}", agreed_at.millis()), None),
        };
        UseWindow { name, frees_at: next.and_then(Timestamp::of_day_in_japan) }
    }
}

fn first_of_month_after(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?.checked_add_months(Months::new(1))
}

/// On what basis in law a third party says that it asks. What the citizen answers is a consent in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalBasis {
    /// The person's consent alone (本人の同意, 個人情報保護法27条1項).
    #[default]
    Consent,
    /// A contract that the person asks for or has (契約の締結・履行).
    Contract,
    /// A procedure that a law or ordinance provides for (法令に基づく手続).
    Law,
}

impl LegalBasis {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::Law => "law",
        }
    }
}

/// On whose behalf the person who signs in decides. Deciding for another needs a registered representation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnBehalfOf {
    /// Their own.
    #[default]
    #[serde(rename = "self")]
    Own,
    /// That of somebody whom they represent.
    Represented,
    /// Either: only asked, for what was decided is one of the two.
    Either,
}

impl OnBehalfOf {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "self",
            Self::Represented => "represented",
            Self::Either => "either",
        }
    }

    /// What becomes of what was asked when the person decided as a representative, or for themselves; none where that
    /// was not asked for.
    #[must_use]
    pub const fn decided(self, is_acting: bool) -> Option<Self> {
        match (self, is_acting) {
            (Self::Own | Self::Either, false) => Some(Self::Own),
            (Self::Represented | Self::Either, true) => Some(Self::Represented),
            (Self::Own, true) | (Self::Represented, false) => None,
        }
    }
}

/// The terms of an ask, and of what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// How often at most; as often as the client's rate plan allows when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Frequency>,
    /// On what basis in law.
    #[serde(default)]
    pub legal_basis: LegalBasis,
    /// On whose behalf.
    #[serde(default)]
    pub on_behalf_of: OnBehalfOf,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
    }

    #[test]
    fn days_and_months_turn_at_midnight_in_japan() {
        let agreed = at("2026-11-01T10:00:00+09:00");
        for (per, now, name, frees) in [
            (Per::Day, "2026-11-21T23:59:59+09:00", "2026-11-21", Some("2026-11-22T00:00:00+09:00")),
            (Per::Day, "2026-11-21T15:00:00Z", "2026-11-22", Some("2026-11-23T00:00:00+09:00")),
            (Per::Month, "2026-12-31T23:59:59+09:00", "2026-12", Some("2027-01-01T00:00:00+09:00")),
            (Per::Month, "2028-02-29T00:00:00+09:00", "2028-02", Some("2028-03-01T00:00:00+09:00")),
            (Per::Consent, "2026-12-31T23:59:59+09:00", "since 1793494800000", None),
        ] {
            let window = Frequency { times: 1, per }.window(at(now), agreed);
            assert_eq!((window.name.as_str(), window.frees_at), (name, frees.map(at)), "{per:?} {now}");
        }
    }

    #[test]
    fn fewer_in_the_same_span_is_less_and_another_span_is_another_thing() {
        let of = |times, per| Frequency { times, per };
        assert!(of(3, Per::Day).is_within(of(3, Per::Day)) && of(1, Per::Day).is_within(of(3, Per::Day)));
        assert!(!of(4, Per::Day).is_within(of(3, Per::Day)) && !of(1, Per::Consent).is_within(of(3, Per::Day)));
    }
}
