//! The machine's clock, put forward or stopped by a test.

use madoguchi::domain::{Clock, SystemClock, Timestamp};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Starts at the machine's time.
#[derive(Default)]
pub struct ShiftedClock {
    ahead: AtomicU64,
    stopped_at: OnceLock<Timestamp>,
}

impl ShiftedClock {
    /// Puts it forward by `span`.
    pub fn advance(&self, span: Duration) {
        self.ahead.fetch_add(span.as_secs(), Ordering::SeqCst);
    }

    /// By how many seconds it is ahead of the machine's.
    pub fn ahead(&self) -> i64 {
        i64::try_from(self.ahead.load(Ordering::SeqCst)).expect("some days")
    }

    /// Stops it at a whole second, for a test that counts seconds; it can still be put forward.
    pub fn stop(&self) {
        self.stopped_at.get_or_init(|| Timestamp::from_seconds(SystemClock.now().seconds()));
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        let now = self.stopped_at.get().copied().unwrap_or_else(|| SystemClock.now());
        now.plus(Duration::from_secs(self.ahead.load(Ordering::SeqCst)))
    }
}
