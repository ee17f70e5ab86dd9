//! Time as a value: [`Timestamp`] (milliseconds since 1970, UTC) and the [`Clock`] that is passed in.

use chrono::{DateTime, FixedOffset, NaiveDate, Timelike as _, Utc};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Seconds that Japan is ahead of UTC; the country keeps no summer time.
const JAPAN_OFFSET_SECONDS: i32 = 9 * 3600;

/// A moment: whole milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the epoch (a JWT `NumericDate`).
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch (a JWT `NumericDate`).
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment and `span` more; stays at the last moment instead of overflowing.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This moment less `span`.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long from `earlier` to this moment; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// `2026-11-21T12:00:00+09:00`: RFC 3339 in Japan's time, whole seconds.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.in_japan().map_or_else(String::new, |t| t.to_rfc3339_opts(chrono::SecondsFormat::Secs, false))
    }

    /// The calendar day in Japan at this moment.
    #[must_use]
    pub fn date_in_japan(self) -> NaiveDate {
        self.in_japan().map_or(NaiveDate::MIN, |t| t.date_naive())
    }

    /// The first moment of a calendar day in Japan.
    #[must_use]
    pub fn of_day_in_japan(day: NaiveDate) -> Option<Self> {
        let midnight = day.and_hms_opt(0, 0, 0)?.and_utc().timestamp();
        Some(Self::from_seconds(midnight - i64::from(JAPAN_OFFSET_SECONDS)))
    }

    /// The hour of the day in Japan at this moment, 0 to 23.
    #[must_use]
    pub fn hour_in_japan(self) -> u8 {
        self.in_japan().and_then(|t| u8::try_from(t.hour()).ok()).unwrap_or(0)
    }

    fn in_japan(self) -> Option<DateTime<FixedOffset>> {
        let zone = FixedOffset::east_opt(JAPAN_OFFSET_SECONDS)?;
        Some(DateTime::<Utc>::from_timestamp_millis(self.0)?.with_timezone(&zone))
    }
}

/// Where the time comes from; passed in, so that a test can hold it still.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// A clock that stands still until it is moved; for tests and dry runs.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock standing at `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.millis()))
    }

    /// Moves the clock forward by `span`.
    pub fn advance(&self, span: Duration) {
        self.0.fetch_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_japans_time() {
        assert_eq!(Timestamp::from_seconds(0).rfc3339(), "1970-01-01T09:00:00+09:00");
        assert_eq!(Timestamp::from_seconds(0).hour_in_japan(), 9);
        assert_eq!(Timestamp::from_seconds(15 * 3600).hour_in_japan(), 0);
    }

    #[test]
    fn arithmetic_never_overflows() {
        let last = Timestamp::from_millis(i64::MAX);
        assert_eq!(last.plus(Duration::from_secs(1)), last);
        assert_eq!(Timestamp::from_millis(5).since(last), Duration::ZERO);
    }
}
