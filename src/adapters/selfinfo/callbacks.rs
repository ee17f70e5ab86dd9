//! Who waits for which call-back (IF001-05), by the digest of an unguessable handle.

use crate::domain::{Digest, Entropy};
use dashmap::DashMap;
use std::sync::Arc;
use tokio::sync::Notify;

/// The waiting ones.
#[derive(Debug, Default)]
pub(super) struct Callbacks {
    waiting: DashMap<Digest, Arc<Notify>>,
}

/// One place in the waiting room; given back when dropped.
pub(super) struct Waiting<'a> {
    room: &'a Callbacks,
    digest: Digest,
    bell: Arc<Notify>,
    /// Goes into the address that the backend is told.
    pub handle: String,
}

impl Callbacks {
    /// A place with a fresh handle.
    pub fn wait(&self, entropy: &dyn Entropy) -> Waiting<'_> {
        let handle = entropy.handle();
        let digest = Digest::of(&handle);
        let bell = Arc::new(Notify::new());
        self.waiting.insert(digest, Arc::clone(&bell));
        Waiting { room: self, digest, bell, handle }
    }

    /// Rings for `handle`. A ring before anyone listens is kept, a second one changes nothing.
    pub fn ring(&self, handle: &str) {
        if let Some(bell) = self.waiting.get(&Digest::of(handle)) {
            bell.notify_one();
        }
    }
}

impl Waiting<'_> {
    /// Until the bell rings.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.room.waiting.remove(&self.digest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SystemEntropy;

    #[tokio::test]
    async fn a_ring_wakes_its_own_waiter_and_nothing_is_left_behind() {
        let room = Callbacks::default();
        let waiting = room.wait(&SystemEntropy);
        room.ring("unknown");
        room.ring(&waiting.handle.clone());
        room.ring(&waiting.handle.clone());
        waiting.rung().await;
        drop(waiting);
        assert!(room.waiting.is_empty());
    }
}
