//! What was learnt a moment ago.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};
use vitrine_clock::Timestamp;

/// A bounded map whose entries are forgotten when their time is over. The keys hold no secrets: at most hashes of them.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    entries: Mutex<HashMap<K, Entry<V>>>,
    capacity: usize,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    since: Timestamp,
    until: Timestamp,
}

impl<V> Entry<V> {
    /// A clock that was set back must not make an entry last.
    fn is_live(&self, now: Timestamp) -> bool {
        (self.since..self.until).contains(&now)
    }
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    /// Remembers `capacity` entries at most.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { entries: Mutex::default(), capacity }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<K, Entry<V>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        self.entries().get(key).filter(|entry| entry.is_live(now)).map(|entry| entry.value.clone())
    }

    pub(crate) fn insert(&self, key: K, value: V, now: Timestamp, until: Timestamp) {
        let mut entries = self.entries();
        if entries.len() >= self.capacity {
            entries.retain(|_, entry| entry.is_live(now));
        }
        if entries.len() >= self.capacity {
            // Only what was found to be valid gets here; starting over costs a look-up each.
            entries.clear();
        }
        entries.insert(key, Entry { value, since: now, until });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn an_entry_lasts_as_long_as_it_was_told() {
        let recent = Recent::new(10);
        recent.insert("a", 1, at(1000), at(1500));
        assert_eq!([999, 1000, 1499, 1500].map(|now| recent.get(&"a", at(now))), [None, Some(1), Some(1), None]);
    }

    #[test]
    fn it_stays_within_its_bounds() {
        let recent = Recent::new(10);
        for n in 0..1000 {
            recent.insert(n, n, at(n), at(n + 20));
            assert_eq!(recent.get(&n, at(n)), Some(n));
            assert!(recent.entries().len() <= 10);
        }
    }
}
