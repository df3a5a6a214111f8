//! Lists of what was met, of which a bounded part is kept: a hostile folder must not fill the memory.

use serde::Serialize;

/// What is kept of a list may take so many bytes.
const MOST_BYTES: usize = 1 << 20;

/// The first items of a list, and how many there are beyond them.
#[derive(Debug)]
pub(crate) struct Capped<T> {
    kept: Vec<T>,
    bytes: usize,
    more: u64,
}

impl<T> Default for Capped<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), bytes: 0, more: 0 }
    }
}

impl<T> Capped<T> {
    /// Adds an item whose texts take so many bytes.
    pub(crate) fn push(&mut self, item: T, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes + size_of::<T>());
        if self.more == 0 && self.bytes <= MOST_BYTES {
            self.kept.push(item);
        } else {
            self.more += 1;
        }
    }

    pub(crate) fn kept(&self) -> &[T] {
        &self.kept
    }

    /// How many were not kept.
    pub(crate) fn more(&self) -> u64 {
        self.more
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.more == 0
    }
}

impl Capped<String> {
    pub(crate) fn text(&mut self, text: String) {
        let bytes = text.len();
        self.push(text, bytes);
    }
}

impl<T: Serialize> Serialize for Capped<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.kept.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mebibyte_is_kept_and_the_rest_is_counted() {
        let mut list = Capped::default();
        for _ in 0..3000 {
            list.text("x".repeat(1024));
        }
        assert!((900..1024).contains(&list.kept().len()), "{}", list.kept().len());
        assert_eq!(list.kept().len() as u64 + list.more(), 3000);
        // What is left out is left out to the end, so that the kept ones are the first.
        list.text(String::new());
        assert_eq!(list.kept().len() as u64 + list.more(), 3001);
        assert!(!list.is_empty() && Capped::<u8>::default().is_empty());
    }
}
