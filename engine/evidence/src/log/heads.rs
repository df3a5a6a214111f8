//! Heads that were recorded elsewhere, found by session and by hash: a million of them and a million sessions must not
//! be held against each other one by one.

use std::collections::{BTreeMap, BTreeSet};

use super::options::ExpectedHead;

/// Where heads stand in their list.
#[derive(Debug, Default)]
pub(crate) struct HeadIndex {
    by_session: BTreeMap<Box<str>, Vec<u32>>,
    /// Those that name no session.
    free: Vec<u32>,
    by_hash: BTreeMap<[u8; 32], Vec<u32>>,
    hashes: BTreeSet<[u8; 32]>,
}

impl HeadIndex {
    pub(crate) fn of(heads: &[ExpectedHead]) -> Self {
        let mut index = Self::default();
        for (at, head) in (0_u32..).zip(heads) {
            match &head.session {
                Some(session) => index.by_session.entry(session.as_str().into()).or_default().push(at),
                None => index.free.push(at),
            }
            index.by_hash.entry(head.hash).or_default().push(at);
            index.hashes.insert(head.hash);
        }
        index
    }

    /// All hashes.
    pub(crate) fn hashes(&self) -> &BTreeSet<[u8; 32]> {
        &self.hashes
    }

    /// The hashes that may stand in a session's log.
    pub(super) fn hashes_of(&self, session: &str, heads: &[ExpectedHead]) -> BTreeSet<[u8; 32]> {
        self.of_session(session).filter_map(|at| heads.get(at as usize)).map(|head| head.hash).collect()
    }

    /// The heads that a log must be held against, in their order: those of its session and those of none. Any may be
    /// in a log that states no session; there only those that were found count.
    pub(super) fn wanted<'h>(
        &self,
        session: Option<&str>,
        heads: &'h [ExpectedHead],
        found: &BTreeMap<[u8; 32], u64>,
    ) -> Vec<&'h ExpectedHead> {
        let mut places: Vec<u32> = match session {
            Some(session) => self.of_session(session).collect(),
            None => {
                let found = found.keys().filter_map(|hash| self.by_hash.get(hash)).flatten();
                found.chain(&self.free).copied().collect()
            }
        };
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|at| heads.get(at as usize)).collect()
    }

    fn of_session(&self, session: &str) -> impl Iterator<Item = u32> {
        let own = self.by_session.get(session).map(Vec::as_slice).unwrap_or_default();
        own.iter().chain(&self.free).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(byte: u8, session: Option<&str>) -> ExpectedHead {
        let session = session.map(str::to_owned);
        ExpectedHead { hash: [byte; 32], seq: None, session, source: String::new() }
    }

    #[test]
    fn a_session_is_held_against_its_own_heads_and_those_of_none() {
        let heads = [head(1, Some("a")), head(2, None), head(3, Some("b")), head(4, Some("a"))];
        let index = HeadIndex::of(&heads);
        let wanted = |session: Option<&str>, found: &[u8]| {
            let found = found.iter().map(|byte| ([*byte; 32], 0)).collect();
            index.wanted(session, &heads, &found).iter().map(|head| head.hash[0]).collect::<Vec<_>>()
        };
        assert_eq!(wanted(Some("a"), &[]), [1, 2, 4]);
        assert_eq!(wanted(Some("c"), &[1]), [2]);
        assert_eq!(wanted(None, &[]), [2]);
        assert_eq!(wanted(None, &[3, 2]), [2, 3]);
        assert_eq!(index.hashes_of("b", &heads), [[2; 32], [3; 32]].into());
        assert_eq!(index.hashes().len(), 4);
    }
}
