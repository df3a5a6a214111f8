//! A map that knows which entry is the oldest.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Entries by key, and by the order in which they were put in.
#[derive(Debug)]
pub(super) struct Aged<K, V> {
    entries: HashMap<K, (u64, V)>,
    order: BTreeMap<u64, K>,
    next: u64,
}

impl<K, V> Default for Aged<K, V> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: BTreeMap::new(), next: 0 }
    }
}

impl<K: Hash + Eq + Copy, V> Aged<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key).map(|(_, value)| value)
    }

    /// Puts an entry in as the youngest; gives back the one that was there.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let old = self.remove(&key);
        self.order.insert(self.next, key);
        self.entries.insert(key, (self.next, value));
        self.next += 1;
        old
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let (number, value) = self.entries.remove(key)?;
        self.order.remove(&number);
        Some(value)
    }

    pub(super) fn oldest(&self) -> Option<K> {
        self.order.first_key_value().map(|(_, key)| *key)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}
