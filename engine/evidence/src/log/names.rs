//! Many names in little memory: their bytes in a row, and four bytes for each.
//!
//! A folder may hold a million files; a list of paths would take a hundred megabytes of them.

use std::hash::{BuildHasher, RandomState};

/// Names lie in chunks of so many bytes, so that growing never copies them.
const CHUNK: usize = 1 << 16;
/// In front of each stands its length.
const LENGTH: usize = 2;

/// A list of names.
#[derive(Debug, Default)]
pub struct NameList {
    chunks: Vec<Vec<u8>>,
    /// Where each name starts: the chunk, and the place in it in the lower half.
    starts: Vec<u32>,
}

impl NameList {
    /// Adds a name. `false`: it is over 32 KiB, or there is no room; no file's name is as long.
    pub fn push(&mut self, name: &str) -> bool {
        let Ok(length) = i16::try_from(name.len()) else { return false };
        let full = self.chunks.last().is_none_or(|chunk| chunk.len() + LENGTH + name.len() > CHUNK);
        if full {
            self.chunks.push(Vec::new());
        }
        let Ok(number) = u16::try_from(self.chunks.len() - 1) else { return false };
        let Some(chunk) = self.chunks.last_mut() else { return false };
        let Ok(place) = u16::try_from(chunk.len()) else { return false };
        chunk.extend_from_slice(&length.to_le_bytes());
        chunk.extend_from_slice(name.as_bytes());
        self.starts.push(u32::from(number) << 16 | u32::from(place));
        true
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// About how many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        self.chunks.len() * CHUNK + self.starts.len() * size_of::<u32>()
    }

    /// A name, by its place in the list.
    pub fn get(&self, index: usize) -> Option<&str> {
        self.starts.get(index).map(|start| self.at(*start))
    }

    /// The names in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.starts.iter().map(|start| self.at(*start))
    }

    /// Puts the names in the order of their bytes.
    pub fn sort(&mut self) {
        let mut starts = std::mem::take(&mut self.starts);
        starts.sort_unstable_by(|one, other| self.at(*one).cmp(self.at(*other)));
        self.starts = starts;
    }

    fn at(&self, start: u32) -> &str {
        let (number, place) = ((start >> 16) as usize, (start & 0xFFFF) as usize);
        let rest = self.chunks.get(number).and_then(|chunk| chunk.get(place..)).unwrap_or_default();
        let Some((length, rest)) = rest.split_first_chunk::<LENGTH>() else { return "" };
        let name = rest.get(..usize::from(u16::from_le_bytes(*length))).unwrap_or_default();
        std::str::from_utf8(name).unwrap_or_default()
    }
}

/// Names of which each is kept once, and told by its number.
#[derive(Debug, Default)]
pub(super) struct NameSet {
    names: NameList,
    /// One more than a name's number where its hash leads, or the next free place; 0 is free. At most half is taken.
    table: Vec<u32>,
    hasher: RandomState,
}

impl NameSet {
    /// The number of a name, new or not; none if there is no room for it.
    pub(super) fn number(&mut self, name: &str) -> Option<u32> {
        if self.names.len() * 2 >= self.table.len() {
            self.grow();
        }
        let place = self.place(name);
        let slot = self.table.get_mut(place)?;
        if *slot == 0 {
            let next = u32::try_from(self.names.len() + 1).ok().filter(|_| self.names.push(name))?;
            *slot = next;
        }
        slot.checked_sub(1)
    }

    /// About how many bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        self.names.bytes() + self.table.len() * size_of::<u32>()
    }

    /// The names by number.
    pub(super) fn names(&self) -> &NameList {
        &self.names
    }

    /// Where a name stands, or would.
    fn place(&self, name: &str) -> usize {
        let mask = self.table.len().wrapping_sub(1);
        // The upper bits of a hash are as good as the lower ones.
        let mut place = usize::try_from(self.hasher.hash_one(name)).unwrap_or_default() & mask;
        loop {
            match self.table.get(place) {
                Some(slot @ 1..) if self.names.get(*slot as usize - 1) != Some(name) => {
                    place = (place + 1) & mask;
                }
                _ => return place,
            }
        }
    }

    fn grow(&mut self) {
        self.table = vec![0; (self.table.len() * 2).max(64)];
        for index in 0..self.names.len() {
            let place = self.names.get(index).map(|name| self.place(name));
            if let Some(slot) = place.and_then(|place| self.table.get_mut(place)) {
                *slot = u32::try_from(index + 1).unwrap_or_default();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were_and_in_order() {
        let mut list = NameList::default();
        let long = "é".repeat(200);
        let names: Vec<String> = (0..2000).rev().map(|at| format!("{at:04}{long}")).collect();
        assert!(names.iter().all(|name| list.push(name)));
        assert!(list.push(""));
        assert_eq!((list.len(), list.get(0), list.get(2000)), (2001, Some(names[0].as_str()), Some("")));
        list.sort();
        let sorted: Vec<&str> = std::iter::once("").chain(names.iter().rev().map(String::as_str)).collect();
        assert_eq!(list.iter().collect::<Vec<_>>(), sorted);
        assert_eq!(list.get(2001), None);
    }

    #[test]
    fn a_name_that_no_file_has_is_refused() {
        let mut list = NameList::default();
        assert!(list.push(&"x".repeat(0x7FFF)) && list.push("y") && !list.push(&"x".repeat(0x8000)));
        assert_eq!((list.len(), list.get(1)), (2, Some("y")));
    }

    #[test]
    fn each_name_of_a_set_has_one_number() {
        let mut set = NameSet::default();
        for _ in 0..2 {
            for at in 0..1000_u32 {
                assert_eq!(set.number(&format!("name {}", at * 7)), Some(at));
            }
        }
        assert_eq!(set.names().len(), 1000);
    }
}
