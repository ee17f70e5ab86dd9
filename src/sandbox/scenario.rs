//! Scenarios: the ways in which the pretend government can misbehave on request.

use serde::Deserialize;
use std::fmt;

/// One way to misbehave; asked for by a person's file, by the index page, or by the header
/// `X-Sandbox-Scenario` on `/request` (kept with the process) or `/result` (that answer only).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// The data takes seconds; statuses 01 and 09 until then, one call-back when it is there.
    Slow,
    /// Status 06: the provider is over capacity.
    CapacityOver,
    /// `resultCode` 1000: the portal turns requests away.
    Blocked,
    /// HTTP 500 with a page instead of JSON.
    #[serde(rename = "error_500")]
    Error500,
    /// HTTP 200 with JSON that breaks off.
    Malformed,
    /// The data of the year before, or data last updated two years ago.
    Stale,
    /// The connection ends in the middle of the answer.
    DropConnection,
    /// The call-back comes twice.
    CallbackTwice,
    /// The call-back never comes.
    CallbackNever,
}

impl Scenario {
    /// All of them, in the order shown.
    pub const ALL: [Self; 9] = [
        Self::Slow,
        Self::CapacityOver,
        Self::Blocked,
        Self::Error500,
        Self::Malformed,
        Self::Stale,
        Self::DropConnection,
        Self::CallbackTwice,
        Self::CallbackNever,
    ];

    /// The name on the wire and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::CapacityOver => "capacity_over",
            Self::Blocked => "blocked",
            Self::Error500 => "error_500",
            Self::Malformed => "malformed",
            Self::Stale => "stale",
            Self::DropConnection => "drop_connection",
            Self::CallbackTwice => "callback_twice",
            Self::CallbackNever => "callback_never",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name)
    }

    /// One byte for a switch that threads share; 0 is none.
    pub(super) fn to_byte(scenario: Option<Self>) -> u8 {
        let position = scenario.and_then(|wanted| Self::ALL.iter().position(|s| *s == wanted));
        position.and_then(|n| u8::try_from(n + 1).ok()).unwrap_or(0)
    }

    /// What [`to_byte`](Self::to_byte) made.
    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte).checked_sub(1)?).copied()
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_bytes_read_back() {
        for scenario in Scenario::ALL {
            assert_eq!(Scenario::parse(scenario.name()), Some(scenario));
            assert_eq!(Scenario::from_byte(Scenario::to_byte(Some(scenario))), Some(scenario));
        }
        assert_eq!(Scenario::from_byte(Scenario::to_byte(None)), None);
        assert_eq!(Scenario::from_byte(99), None);
        assert_eq!(Scenario::parse("Slow"), None);
    }
}
