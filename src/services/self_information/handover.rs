//! Handing a result straight to the caller who waits for it, without either side guessing about the other.
//!
//! The worker claims the handover before it ends the job as delivered; a caller who gives up first makes the claim
//! fail, and the result is sealed instead. So a result is never dropped because both sides thought the other had it.

use bytes::Bytes;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;

/// How a job ended for the one who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With a result.
    Finished(Bytes),
    /// Its grant ended, or the client gave it up.
    Cancelled,
    /// The store did not take the result; the job will be taken up again.
    Broken,
}

#[derive(Debug)]
enum State {
    Waiting,
    Claimed,
    Ended(End),
    Left,
}

/// The place between the two.
#[derive(Debug)]
pub(super) struct Handover {
    state: Mutex<State>,
    bell: Notify,
}

/// The caller's side; leaves when dropped.
pub(super) struct Waiter(Arc<Handover>);

impl Handover {
    pub fn open() -> (Arc<Self>, Waiter) {
        let place = Arc::new(Self { state: Mutex::new(State::Waiting), bell: Notify::new() });
        (Arc::clone(&place), Waiter(place))
    }

    /// Whether somebody waits; then they will wait until [`give`](Self::give).
    pub fn claim(&self) -> bool {
        let mut state = self.lock();
        let is_waited_for = matches!(*state, State::Waiting);
        if is_waited_for {
            *state = State::Claimed;
        }
        is_waited_for
    }

    pub fn give(&self, end: End) {
        *self.lock() = State::Ended(end);
        self.bell.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    /// The end of the job, or nothing when `span` is over first and nobody has claimed.
    pub async fn wait(&self, span: Duration) -> Option<End> {
        let _ = timeout(span, self.0.bell.notified()).await;
        {
            let mut state = self.0.lock();
            match &*state {
                State::Ended(end) => return Some(end.clone()),
                State::Waiting | State::Left => {
                    *state = State::Left;
                    return None;
                }
                State::Claimed => {}
            }
        }
        // The worker is writing: a few milliseconds, or as long as the store takes to fail.
        self.0.bell.notified().await;
        match &*self.0.lock() {
            State::Ended(end) => Some(end.clone()),
            _ => None,
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if matches!(*state, State::Waiting) {
            *state = State::Left;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_gives_up_first_is_not_claimed() {
        let (place, waiter) = Handover::open();
        assert_eq!(waiter.wait(Duration::from_millis(1)).await, None);
        assert!(!place.claim());
        let (place, waiter) = Handover::open();
        drop(waiter);
        assert!(!place.claim());
    }

    #[tokio::test]
    async fn who_is_claimed_waits_to_the_end() {
        let (place, waiter) = Handover::open();
        assert!(place.claim());
        let late = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(30)).await;
            place.give(End::Finished(Bytes::from_static(b"{}")));
        });
        assert_eq!(waiter.wait(Duration::from_millis(1)).await, Some(End::Finished(Bytes::from_static(b"{}"))));
        late.await.unwrap();
    }
}
