//! Short strings that repeat from event to event (methods, sessions, servers), shared instead of copied.

use std::collections::HashSet;
use std::sync::Arc;

/// A short, shared string.
pub type Name = Arc<str>;

/// What ties the events of one monitored run together.
///
/// It comes from the recording (a recorder's session id, an MCP transcript's file, the caller's name).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct SessionKey(pub Name);

impl SessionKey {
    /// The key with this text.
    pub fn new(text: &str) -> Self {
        Self(Name::from(text))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Hands out one shared copy for each distinct string.
///
/// Bounded: a hostile recording with millions of distinct names only costs the sharing, not memory.
#[derive(Debug)]
pub struct Interner {
    known: HashSet<Name>,
    /// What was asked for last, by a glance at its bytes: most names are those of the event before.
    recent: [Option<Name>; Self::RECENT],
}

impl Default for Interner {
    fn default() -> Self {
        Self { known: HashSet::new(), recent: [const { None }; Self::RECENT] }
    }
}

impl Interner {
    /// How many distinct names are kept before the table starts anew.
    const CAP: usize = 4096;
    /// How many names are found without a hash of them.
    const RECENT: usize = 128;
    /// Longer names are cut here; they are labels, the full bytes stay in the event's text.
    const MAX_BYTES: usize = 256;

    /// The shared copy of `text`, cut to 256 bytes at a character boundary.
    pub fn name(&mut self, text: &str) -> Name {
        let text = cut(text, Self::MAX_BYTES);
        if let Some(recent) = self.recent(text.as_bytes()) {
            return recent;
        }
        let name = self.hashed(text);
        if let Some(slot) = self.recent.get_mut(Self::slot(text.as_bytes())) {
            *slot = Some(name.clone());
        }
        name
    }

    fn hashed(&mut self, text: &str) -> Name {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        if self.known.len() >= Self::CAP {
            self.known.clear();
        }
        let name = Name::from(text);
        self.known.insert(name.clone());
        name
    }

    /// As [`Interner::name`], for bytes that may not be UTF-8; what is not becomes U+FFFD.
    pub fn name_lossy(&mut self, bytes: &[u8]) -> Name {
        if let Some(recent) = self.recent(bytes) {
            return recent;
        }
        let end = bytes.len().min(Self::MAX_BYTES + 4);
        self.name(&String::from_utf8_lossy(bytes.get(..end).unwrap_or(bytes)))
    }

    /// The name with exactly these bytes, if it was asked for of late.
    fn recent(&self, bytes: &[u8]) -> Option<Name> {
        let recent = self.recent.get(Self::slot(bytes))?.as_ref()?;
        (recent.as_bytes() == bytes).then(|| recent.clone())
    }

    fn slot(bytes: &[u8]) -> usize {
        let byte = |at: Option<&u8>| usize::from(at.copied().unwrap_or_default());
        let middle = byte(bytes.get(bytes.len() / 2));
        let mixed = byte(bytes.first()) * 5 + middle * 11 + byte(bytes.last()) * 3 + bytes.len() * 7;
        mixed % Self::RECENT
    }
}

fn cut(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_share_one_allocation_and_long_ones_are_cut() {
        let mut interner = Interner::default();
        assert!(Arc::ptr_eq(&interner.name("tools/call"), &interner.name("tools/call")));
        assert_eq!(interner.name(&"é".repeat(200)).len(), 256);
    }
}
