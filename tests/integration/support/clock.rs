//! The machine's clock, put forward by a test.

use madoguchi::domain::{Clock, SystemClock, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Starts at the machine's time.
#[derive(Default)]
pub struct ShiftedClock(AtomicU64);

impl ShiftedClock {
    /// Puts it forward by `span`.
    pub fn advance(&self, span: Duration) {
        self.0.fetch_add(span.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(Duration::from_secs(self.0.load(Ordering::SeqCst)))
    }
}
