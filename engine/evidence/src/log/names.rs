//! Many names in little memory: their bytes in a row, and four bytes for each.
//!
//! A folder may hold a million files; a list of paths would take a hundred megabytes of them.

use std::hash::{BuildHasher, RandomState};

/// Names lie in chunks of so many bytes, so that growing never copies them.
const CHUNK: usize = 1 << 16;
/// In front of each stands its length.
const LENGTH: usize = 2;

/// Names in a row, each told by where it starts.
#[derive(Debug, Default)]
struct Arena {
    chunks: Vec<Vec<u8>>,
}

impl Arena {
    /// Adds a name; gives the chunk, and the place in it in the lower half.
    fn push(&mut self, name: &str) -> Option<u32> {
        let length = i16::try_from(name.len()).ok()?;
        if self.chunks.last().is_none_or(|chunk| chunk.len() + LENGTH + name.len() > CHUNK) {
            self.chunks.push(Vec::with_capacity(if self.chunks.is_empty() { 0 } else { CHUNK }));
        }
        let number = u16::try_from(self.chunks.len() - 1).ok()?;
        let chunk = self.chunks.last_mut()?;
        let place = u16::try_from(chunk.len()).ok()?;
        chunk.extend_from_slice(&length.to_le_bytes());
        chunk.extend_from_slice(name.as_bytes());
        Some(u32::from(number) << 16 | u32::from(place))
    }

    fn at(&self, start: u32) -> &str {
        let (number, place) = ((start >> 16) as usize, (start & 0xFFFF) as usize);
        let rest = self.chunks.get(number).and_then(|chunk| chunk.get(place..)).unwrap_or_default();
        let Some((length, rest)) = rest.split_first_chunk::<LENGTH>() else { return "" };
        let name = rest.get(..usize::from(u16::from_le_bytes(*length))).unwrap_or_default();
        std::str::from_utf8(name).unwrap_or_default()
    }

    /// Where the names start, in the order in which they were added.
    fn starts(&self) -> impl Iterator<Item = u32> {
        (0_u32..).zip(&self.chunks).flat_map(move |(number, chunk)| {
            let next = move |place: &u32| {
                let after = *place + u32::try_from(LENGTH + self.at(number << 16 | *place).len()).ok()?;
                (after < u32::try_from(chunk.len()).ok()?).then_some(after)
            };
            let first = (!chunk.is_empty()).then_some(0);
            std::iter::successors(first, next).map(move |place| number << 16 | place)
        })
    }

    fn bytes(&self) -> usize {
        self.chunks.len() * CHUNK
    }
}

/// A list of names.
#[derive(Debug, Default)]
pub struct NameList {
    names: Arena,
    starts: Vec<u32>,
}

impl NameList {
    /// Adds a name. `false`: it is over 32 KiB, or there is no room; no file's name is as long.
    pub fn push(&mut self, name: &str) -> bool {
        let start = self.names.push(name);
        self.starts.extend(start);
        start.is_some()
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
        self.names.bytes() + self.starts.len() * size_of::<u32>()
    }

    /// A name, by its place in the list.
    pub fn get(&self, index: usize) -> Option<&str> {
        self.starts.get(index).map(|start| self.names.at(*start))
    }

    /// The names in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.starts.iter().map(|start| self.names.at(*start))
    }

    /// Puts the names in the order of their bytes.
    pub fn sort(&mut self) {
        let names = &self.names;
        self.starts.sort_unstable_by(|one, other| names.at(*one).cmp(names.at(*other)));
    }
}

/// Names of which each is kept once, and told by a number.
#[derive(Debug, Default)]
pub(super) struct NameSet {
    names: Arena,
    count: usize,
    /// One more than a name's number where its hash leads, or the next free place; 0 is free. At most half is taken.
    table: Vec<u32>,
    hasher: RandomState,
}

impl NameSet {
    /// The number of a name, new or not; none if there is no room for it.
    pub(super) fn number(&mut self, name: &str) -> Option<u32> {
        if self.count * 2 >= self.table.len() {
            self.grow();
        }
        let place = self.place(name);
        let slot = self.table.get_mut(place)?;
        if *slot == 0 {
            *slot = self.names.push(name)?.checked_add(1)?;
            self.count += 1;
        }
        slot.checked_sub(1)
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// About how many bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        self.names.bytes() + self.table.len() * size_of::<u32>()
    }

    /// The name of a number.
    pub(super) fn name(&self, number: u32) -> &str {
        self.names.at(number)
    }

    /// The numbers in the order of their names. What is needed to add more is given back until then.
    pub(super) fn sorted(&mut self) -> Vec<u32> {
        self.table = Vec::new();
        let mut numbers = Vec::with_capacity(self.count);
        numbers.extend(self.names.starts());
        numbers.sort_unstable_by(|one, other| self.name(*one).cmp(self.name(*other)));
        numbers
    }

    /// Where a name stands, or would.
    fn place(&self, name: &str) -> usize {
        let mask = self.table.len().wrapping_sub(1);
        let mut place = usize::try_from(self.hasher.hash_one(name)).unwrap_or_default() & mask;
        loop {
            match self.table.get(place) {
                Some(slot @ 1..) if self.name(*slot - 1) != name => place = (place + 1) & mask,
                _ => return place,
            }
        }
    }

    fn grow(&mut self) {
        self.table = vec![0; ((self.count + 1) * 2).next_power_of_two().max(64)];
        let starts: Vec<u32> = self.names.starts().collect();
        for start in starts {
            let place = self.place(self.name(start));
            if let Some(slot) = self.table.get_mut(place) {
                *slot = start.saturating_add(1);
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
        assert!(list.is_empty());
        let long = "é".repeat(200);
        let names: Vec<String> = (0..2000).rev().map(|at| format!("{at:04}{long}")).collect();
        assert!(names.iter().all(|name| list.push(name)));
        assert!(list.push("") && !list.is_empty());
        // Of about 900 KB of names, in chunks of 64 KiB.
        assert!((800_000..1_200_000).contains(&list.bytes()), "{}", list.bytes());
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
        let name = |at: u32| format!("name {:05}", (at * 7919) % 10_000);
        let numbers: Vec<u32> = (0..10_000).map(|at| set.number(&name(at)).unwrap()).collect();
        assert!((0..10_000).all(|at| set.name(numbers[at as usize]) == name(at)));
        let sorted = set.sorted();
        assert_eq!((set.len(), sorted.len()), (10_000, 10_000));
        assert!(sorted.iter().enumerate().all(|(at, number)| set.name(*number) == format!("name {at:05}")));
        // The same numbers, also after the table was given back.
        assert!((0..10_000).all(|at| set.number(&name(at)) == Some(numbers[at as usize])));
        assert_eq!(
            set.number("another").map(|number| set.name(number).to_owned()).as_deref(),
            Some("another")
        );
        assert_eq!(set.len(), 10_001);
    }
}
