//! What breaks the rules of its layer. Zeek calls such a thing a weird.

use std::borrow::Cow;

/// More notes of one kind are counted, not kept.
const MOST: usize = 64;

/// Something that is not as its standard says: it may be damage, a lenient writer, or an attempt to be read differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// A short name that stays the same, in snake_case: `tcp_overlap_conflict`.
    pub kind: &'static str,
    /// Where in the capture file the bytes stand that it is about.
    pub at: u64,
    /// What was seen, for a person.
    pub what: Cow<'static, str>,
}

/// Notes so far; a flood of one kind is counted.
#[derive(Debug, Default)]
pub struct Notes {
    kept: Vec<Note>,
    counts: Vec<(&'static str, u64)>,
}

impl Notes {
    /// Adds a note.
    pub fn add(&mut self, kind: &'static str, at: u64, what: impl Into<Cow<'static, str>>) {
        let index = self.counts.iter().position(|(other, _)| *other == kind).unwrap_or_else(|| {
            self.counts.push((kind, 0));
            self.counts.len() - 1
        });
        let Some((_, count)) = self.counts.get_mut(index) else { return };
        *count += 1;
        if *count <= MOST as u64 {
            self.kept.push(Note { kind, at, what: what.into() });
        }
    }

    /// The notes that were kept since the last call.
    pub fn take(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.kept)
    }

    /// How many notes of each kind there were in all.
    pub fn counts(&self) -> &[(&'static str, u64)] {
        &self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_kind_is_counted_and_hides_no_other() {
        let mut notes = Notes::default();
        for at in 0..1000 {
            notes.add("flood", at, "again");
        }
        notes.add("other", 5, "once");
        assert_eq!(notes.counts(), [("flood", 1000), ("other", 1)]);
        let kept = notes.take();
        assert_eq!((kept.len(), kept.last().map(|note| note.kind)), (MOST + 1, Some("other")));
        assert!(notes.take().is_empty());
    }
}
