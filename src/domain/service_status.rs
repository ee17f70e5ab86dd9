//! How the parts of the counter stand (稼働状況), and what the operator tells of it: incidents (障害) and planned
//! maintenance (計画停止).

use super::ids::StatusNoticeId;
use super::time::Timestamp;
use super::words::Words;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most updates of one notice.
const MOST_UPDATES: usize = 100;
/// Most components that one notice is about.
const MOST_COMPONENTS: usize = 50;
/// Most characters of a title, and of a text.
const LONGEST_TITLE: usize = 200;
const LONGEST_TEXT: usize = 2000;

/// The components that every counter has.
const OWN: [&str; 8] =
    ["counter", "sign-in", "deliveries", "evidence", "search", "payments", "provision-records", "health-insurance"];

/// A part of the counter: `counter`, `agency:NAME`, `backend:NAME`, ….
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ComponentCode(String);

impl ComponentCode {
    /// Reads one: a part that every counter has, or an agency or backend by its name in the configuration.
    ///
    /// # Errors
    /// What there is to choose from.
    pub fn parse(text: &str) -> Result<Self, String> {
        let named = text.strip_prefix("agency:").or_else(|| text.strip_prefix("backend:"));
        let is_name = |name: &str| {
            let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
            (1..=64).contains(&name.len()) && name.bytes().all(fits)
        };
        if OWN.contains(&text) || named.is_some_and(is_name) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("a component is one of {}, agency:NAME or backend:NAME", OWN.join(", ")))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ComponentCode {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<ComponentCode> for String {
    fn from(code: ComponentCode) -> Self {
        code.0
    }
}

impl fmt::Display for ComponentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a component stands; the later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComponentState {
    /// Nobody called it since this process began, so nothing is known.
    Unknown,
    /// It works.
    Operational,
    /// It is stopped as planned.
    Maintenance,
    /// It works in part, or slowly.
    Degraded,
    /// It does not work.
    Outage,
}

impl ComponentState {
    const ALL: [Self; 5] = [Self::Unknown, Self::Operational, Self::Maintenance, Self::Degraded, Self::Outage];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Operational => "operational",
            Self::Maintenance => "maintenance",
            Self::Degraded => "degraded",
            Self::Outage => "outage",
        }
    }

    /// How bad it is, 0 to 4, as it is kept.
    #[must_use]
    pub const fn rank(self) -> i64 {
        self as i64
    }

    /// From how bad it is.
    #[must_use]
    pub fn from_rank(rank: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.rank() == rank)
    }

    /// From its word, where an incident can have that effect: `degraded` or `outage`.
    #[must_use]
    pub fn parse_impact(word: &str) -> Option<Self> {
        [Self::Degraded, Self::Outage].into_iter().find(|one| one.as_str() == word)
    }
}

/// The worst that a component was seen in on one day of Japan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentDay {
    /// Which.
    pub component: ComponentCode,
    /// When.
    pub day: NaiveDate,
    /// How it stood at worst.
    pub worst: ComponentState,
}

/// What a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusNoticeKind {
    /// Something broke (障害).
    Incident,
    /// Something is stopped as planned (計画停止).
    Maintenance,
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusStep {
    /// An incident: what broke is being looked for.
    Investigating,
    /// An incident: it is known.
    Identified,
    /// An incident: it is mended, and watched.
    Monitoring,
    /// An incident: it is over.
    Resolved,
    /// A maintenance: it is to come, or under way by its times.
    Planned,
    /// A maintenance: it was begun by hand, and lasts until it is ended.
    Begun,
    /// A maintenance: it is over.
    Ended,
    /// A maintenance: it does not take place.
    Cancelled,
}

impl StatusStep {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
            Self::Planned => "planned",
            Self::Begun => "begun",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
        }
    }

    /// From its word, where an open incident can be in it.
    #[must_use]
    pub fn parse_open(word: &str) -> Option<Self> {
        [Self::Investigating, Self::Identified, Self::Monitoring].into_iter().find(|one| one.as_str() == word)
    }

    /// Whether nothing comes after it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Resolved | Self::Ended | Self::Cancelled)
    }

    /// Whether a notice of this kind that stands here may go there.
    const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (
                Self::Investigating | Self::Identified | Self::Monitoring,
                Self::Investigating | Self::Identified | Self::Monitoring | Self::Resolved,
            ) | (Self::Planned, Self::Begun | Self::Cancelled)
                | (Self::Begun, Self::Ended)
        )
    }
}

/// What the operator told at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// When.
    pub at: Timestamp,
    /// Where it stood from then on.
    pub step: StatusStep,
    /// In words.
    pub text: Words,
    /// Under which name the operator's staff told it; the public is not told.
    pub by: String,
}

/// An incident or a planned maintenance, with all that was told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusNotice {
    /// Its id.
    pub id: StatusNoticeId,
    /// What it is.
    pub kind: StatusNoticeKind,
    /// What it is about.
    pub components: Vec<ComponentCode>,
    /// What it does to them while it lasts.
    pub impact: ComponentState,
    /// In a line.
    pub title: Words,
    /// When it began, or is to begin.
    pub starts_at: Timestamp,
    /// When a maintenance is to end.
    pub ends_at: Option<Timestamp>,
    /// What was told, in order; never empty.
    pub updates: Vec<StatusUpdate>,
    /// Counts its changes, from 1.
    pub version: u64,
}

/// Why a notice cannot be so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidStatusNotice(String);

fn fault(text: &str) -> InvalidStatusNotice {
    InvalidStatusNotice(text.to_owned())
}

impl StatusNotice {
    /// Looks whether it can be published.
    ///
    /// # Errors
    /// What is wrong, in a sentence.
    pub fn check(&self) -> Result<(), InvalidStatusNotice> {
        if self.components.is_empty() || self.components.len() > MOST_COMPONENTS {
            return Err(fault("it must name 1 to 50 components"));
        }
        let fits = |words: &Words, most: usize| {
            [&words.ja, &words.en].into_iter().all(|text| {
                (1..=most).contains(&text.chars().count())
                    && !text.trim().is_empty()
                    && !text.contains(char::is_control)
            })
        };
        if !fits(&self.title, LONGEST_TITLE) {
            return Err(fault("its title must have 1 to 200 characters in Japanese and in English, in one line"));
        }
        if !self.updates.iter().all(|update| fits(&update.text, LONGEST_TEXT) && (1..=200).contains(&update.by.len())) {
            return Err(fault(
                "each text must have 1 to 2000 characters in both languages, and a name of who tells it",
            ));
        }
        if self.updates.is_empty() || self.updates.len() > MOST_UPDATES {
            return Err(fault("it must have 1 to 100 updates: open another one"));
        }
        match (self.kind, self.ends_at) {
            (StatusNoticeKind::Incident, None) => Ok(()),
            (StatusNoticeKind::Maintenance, Some(end)) if end > self.starts_at => Ok(()),
            (StatusNoticeKind::Maintenance, _) => Err(fault("a maintenance must end after it begins")),
            (StatusNoticeKind::Incident, Some(_)) => Err(fault("when an incident ends is not known before")),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn step(&self) -> StatusStep {
        self.updates.last().map_or(StatusStep::Resolved, |update| update.step)
    }

    /// The same after one more update; what is over never changes.
    ///
    /// # Errors
    /// What is wrong, in a sentence.
    pub fn updated(&self, update: StatusUpdate) -> Result<Self, InvalidStatusNotice> {
        let (now, next) = (self.step(), update.step);
        if now.is_final() {
            return Err(fault(&format!("it is {} already, and what is over does not change", now.as_str())));
        }
        if !now.may_become(next) {
            return Err(fault(&format!("what is {} does not become {}", now.as_str(), next.as_str())));
        }
        let mut notice = self.clone();
        notice.updates.push(update);
        notice.version += 1;
        notice.check()?;
        Ok(notice)
    }

    /// Whether it is over: it was ended, or it is a maintenance that nobody began and whose time is past.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.step().is_final() || (self.step() == StatusStep::Planned && self.ends_at.is_some_and(|end| now >= end))
    }

    /// Whether it weighs on its components at this moment: an incident until it is resolved, a maintenance by its times or from
    /// its beginning by hand to its end by hand.
    #[must_use]
    pub fn is_in_effect(&self, now: Timestamp) -> bool {
        match self.step() {
            StatusStep::Investigating | StatusStep::Identified | StatusStep::Monitoring | StatusStep::Begun => true,
            StatusStep::Planned => now >= self.starts_at && !self.is_over(now),
            StatusStep::Resolved | StatusStep::Ended | StatusStep::Cancelled => false,
        }
    }

    /// When it was told that it is over.
    #[must_use]
    pub fn closed_at(&self) -> Option<Timestamp> {
        self.updates.last().filter(|update| update.step.is_final()).map(|update| update.at)
    }

    /// When it changed last.
    #[must_use]
    pub fn changed_at(&self) -> Timestamp {
        self.updates.last().map_or(self.starts_at, |update| update.at)
    }
}

#[cfg(test)]
mod tests;
