//! The times in a token (`iat`, `nbf`, `exp`) against a clock, in one place.

use super::JoseError;
use crate::domain::Timestamp;
use serde::Deserialize;
use std::time::Duration;

/// Time claims as they stand in a token; a NumericDate may have a fraction (RFC 7519 §2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct Times {
    /// When it was made.
    #[serde(default)]
    pub iat: Option<f64>,
    /// From when on it is valid.
    #[serde(default)]
    pub nbf: Option<f64>,
    /// Until when it is valid.
    #[serde(default)]
    pub exp: Option<f64>,
}

impl Times {
    /// `nbf` as a moment.
    ///
    /// # Errors
    /// [`JoseError::Malformed`] when it is no time.
    pub fn not_before(self) -> Result<Option<Timestamp>, JoseError> {
        moment(self.nbf)
    }
}

/// Whether a claim must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
}

/// What times are accepted.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// How far `iat` and `nbf` may lie in the future: at least 10 s, at most 60 s (FAPI 2.0 SP §5.3.2.1-13).
    pub ahead: Duration,
    /// How old `iat` may be.
    pub oldest: Duration,
    /// How long after `exp` it is still accepted, for clocks that differ.
    pub grace: Duration,
    /// How far away `exp` may be; no bound when absent.
    pub longest: Option<Duration>,
    /// Must `iat` be there?
    pub iat: Presence,
    /// Must `exp` be there?
    pub exp: Presence,
}

impl Window {
    /// Checks `times` at `now`; gives `iat` and `exp` as moments where they are there.
    ///
    /// # Errors
    /// [`JoseError::Malformed`], [`JoseError::NotYet`], [`JoseError::Expired`], [`JoseError::TooLongLived`].
    pub fn check(&self, times: Times, now: Timestamp) -> Result<(Option<Timestamp>, Option<Timestamp>), JoseError> {
        let iat = moment(times.iat)?;
        let nbf = moment(times.nbf)?;
        let exp = moment(times.exp)?;
        if (self.iat == Presence::Required && iat.is_none()) || (self.exp == Presence::Required && exp.is_none()) {
            return Err(JoseError::Malformed);
        }
        let latest_start = now.plus(self.ahead);
        if iat.is_some_and(|t| t > latest_start) || nbf.is_some_and(|t| t > latest_start) {
            return Err(JoseError::NotYet);
        }
        if iat.is_some_and(|t| t.plus(self.oldest) < now) || exp.is_some_and(|t| t.plus(self.grace) <= now) {
            return Err(JoseError::Expired);
        }
        if exp.zip(self.longest).is_some_and(|(t, longest)| t > now.plus(longest)) {
            return Err(JoseError::TooLongLived);
        }
        Ok((iat, exp))
    }
}

/// The year 9999, in seconds: no honest NumericDate is later.
const LAST: f64 = 253_402_300_799.0;

#[expect(clippy::cast_possible_truncation, reason = "the range is checked on the line before")]
fn moment(seconds: Option<f64>) -> Result<Option<Timestamp>, JoseError> {
    match seconds {
        None => Ok(None),
        Some(s) if (0.0..=LAST).contains(&s) => Ok(Some(Timestamp::from_millis((s * 1000.0) as i64))),
        Some(_) => Err(JoseError::Malformed),
    }
}
