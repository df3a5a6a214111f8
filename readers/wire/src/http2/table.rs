//! The dynamic table of HPACK, and the address space that it shares with the static one.
//!
//! Source: RFC 7541, sections 2.3 and 4.

use std::collections::VecDeque;

use bytes::Bytes;

use super::field::{Field, Known};
use super::static_table::STATIC;

/// What an entry counts besides its name and value. Units: bytes. Source: RFC 7541, section 4.1.
const OVERHEAD: usize = 32;

/// The size of a field as HPACK counts it.
pub(super) fn size_of(field: &Field) -> usize {
    field.name.len().saturating_add(field.value.len()).saturating_add(OVERHEAD)
}

/// Entries, the newest first.
#[derive(Debug)]
pub(super) struct Table {
    entries: VecDeque<Field>,
    size: usize,
    max: usize,
}

impl Table {
    pub(super) fn new(max: usize) -> Self {
        Self { entries: VecDeque::new(), size: 0, max }
    }

    /// The field at an index of the common address space.
    pub(super) fn get(&self, index: u32) -> Option<Field> {
        let index = (index as usize).checked_sub(1)?;
        match STATIC.get(index) {
            Some((name, value)) => Some(Field {
                name: Bytes::from_static(name.as_bytes()),
                value: Bytes::from_static(value.as_bytes()),
                known: Known::All,
            }),
            None => self.entries.get(index - STATIC.len()).cloned(),
        }
    }

    /// Adds an entry and evicts what no longer fits; an entry larger than the table empties it.
    pub(super) fn insert(&mut self, field: Field) {
        let size = size_of(&field);
        self.evict(self.max.saturating_sub(size));
        if size <= self.max {
            self.size += size;
            self.entries.push_front(field);
        }
    }

    pub(super) fn set_max(&mut self, max: usize) {
        self.max = max;
        self.evict(max);
    }

    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// Forgets all entries.
    pub(super) fn clear(&mut self) {
        self.evict(0);
    }

    fn evict(&mut self, to: usize) {
        while self.size > to {
            let Some(oldest) = self.entries.pop_back() else { break };
            self.size = self.size.saturating_sub(size_of(&oldest));
        }
    }

    #[cfg(test)]
    pub(super) fn shown(&self) -> (usize, Vec<String>) {
        (self.size, self.entries.iter().map(ToString::to_string).collect())
    }
}
