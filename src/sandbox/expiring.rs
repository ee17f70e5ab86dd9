//! Things that live for a while: codes, tokens, sign-ins under way, ids that count once.

use crate::domain::Timestamp;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A map whose entries end. It stops taking new ones when it is full, so that nobody can fill the memory.
pub(super) struct Expiring<K, V> {
    entries: DashMap<K, (Timestamp, V)>,
    capacity: usize,
    is_full: AtomicBool,
}

impl<K: Eq + Hash, V> Expiring<K, V> {
    /// An empty map that is full at `capacity` entries.
    pub(super) fn new(capacity: usize) -> Self {
        Self { entries: DashMap::new(), capacity, is_full: AtomicBool::new(false) }
    }

    /// Keeps `value` until `until`; false when the map is full or the key is there already and has not ended.
    pub(super) fn insert(&self, key: K, value: V, until: Timestamp, now: Timestamp) -> bool {
        if self.is_full.load(Ordering::Relaxed) {
            return false;
        }
        match self.entries.entry(key) {
            Entry::Occupied(entry) if entry.get().0 > now => false,
            Entry::Occupied(mut entry) => {
                entry.insert((until, value));
                true
            }
            Entry::Vacant(entry) => {
                entry.insert((until, value));
                true
            }
        }
    }

    /// Takes the value out: of many callers one gets it.
    pub(super) fn take(&self, key: &K, now: Timestamp) -> Option<V> {
        let (_, (until, value)) = self.entries.remove(key)?;
        (until > now).then_some(value)
    }

    /// Reads the value in place.
    pub(super) fn with<R>(&self, key: &K, now: Timestamp, read: impl FnOnce(&V) -> R) -> Option<R> {
        let entry = self.entries.get(key)?;
        (entry.0 > now).then(|| read(&entry.1))
    }

    /// Ends an entry early: nothing happens when it is not there.
    pub(super) fn shorten(&self, key: &K, until: Timestamp) {
        if let Some(mut entry) = self.entries.get_mut(key)
            && entry.0 > until
        {
            entry.0 = until;
        }
    }

    /// Whether an entry ends within `span`, or is not there.
    pub(super) fn ends_within(&self, key: &K, span: Duration, now: Timestamp) -> bool {
        self.entries.get(key).is_none_or(|entry| entry.0 <= now.plus(span))
    }

    /// Forgets what has ended, and looks whether the map is full.
    pub(super) fn sweep(&self, now: Timestamp) {
        self.entries.retain(|_, (until, _)| *until > now);
        self.is_full.store(self.entries.len() >= self.capacity, Ordering::Relaxed);
    }
}

impl<K: Eq + Hash, V: Clone> Expiring<K, V> {
    /// A copy of the value.
    pub(super) fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        self.with(key, now, V::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_value_is_taken_once_and_ends_in_time() {
        let map = Expiring::new(10);
        assert!(map.insert("code", 1, at(60), at(0)));
        assert!(!map.insert("code", 2, at(60), at(0)));
        assert_eq!(map.take(&"code", at(59)), Some(1));
        assert_eq!(map.take(&"code", at(59)), None);
        assert!(map.insert("code", 3, at(60), at(0)));
        assert_eq!(map.take(&"code", at(60)), None);
    }

    #[test]
    fn an_ended_key_is_free_again_and_a_shortened_one_ends() {
        let map = Expiring::new(10);
        assert!(map.insert("jti", (), at(60), at(0)));
        assert!(map.insert("jti", (), at(120), at(60)));
        map.shorten(&"jti", at(61));
        assert_eq!(map.get(&"jti", at(61)), None);
    }

    #[test]
    fn a_full_map_takes_no_more_until_something_ends() {
        let map = Expiring::new(2);
        assert!(map.insert(1, (), at(60), at(0)) && map.insert(2, (), at(90), at(0)));
        map.sweep(at(0));
        assert!(!map.insert(3, (), at(60), at(0)));
        map.sweep(at(60));
        assert!(map.insert(3, (), at(120), at(60)));
    }
}
