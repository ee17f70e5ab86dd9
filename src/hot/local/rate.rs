//! A limit in the form the arithmetic wants, and where it stands; the same for every engine.

use crate::hot::ports::{Quota, Standing};
use std::num::NonZeroU32;
use std::time::Duration;

/// The longest period a limit may have; longer ones are taken as this. Keeps the arithmetic far from its ends.
const LONGEST_PERIOD: Duration = Duration::from_hours(366 * 24);

pub fn as_nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// A limit in the form the arithmetic wants.
#[derive(Clone, Copy)]
pub struct Rate {
    /// How many at once.
    pub burst: NonZeroU32,
    /// Nanoseconds in which one unit comes back.
    pub step: u64,
}

impl Rate {
    pub fn of(quota: Quota) -> Self {
        let burst = NonZeroU32::new(quota.burst).unwrap_or(NonZeroU32::MIN);
        let step = as_nanos(quota.period.min(LONGEST_PERIOD)) / u64::from(burst.get());
        Self { burst, step: step.max(1) }
    }

    /// Nanoseconds in which the whole burst comes back.
    pub fn whole(self) -> u64 {
        self.step.saturating_mul(u64::from(self.burst.get()))
    }

    pub fn shared_key(self) -> u64 {
        self.step.rotate_left(32) ^ u64::from(self.burst.get())
    }

    /// Where the limit stands when it will be whole again `ahead` nanoseconds from now.
    pub fn standing(self, ahead: u64) -> Standing {
        let left = self.whole().saturating_sub(ahead);
        let remaining = u32::try_from(left / self.step).unwrap_or(u32::MAX).min(self.burst.get());
        let wait = ahead.saturating_add(self.step).saturating_sub(self.whole());
        let retry_after = (remaining == 0).then(|| Duration::from_nanos(wait));
        Standing { remaining, reset: Duration::from_nanos(ahead), retry_after }
    }
}
