//! The shards of a folder, by session and in order.
//!
//! Sixteen bytes a shard, and a session's name once, so that a folder of a million shards stays small: names are
//! spelled anew when needed.

use super::name::EvidenceName;
use super::names::{NameList, NameSet};

/// The logs of one folder. Folders are sets of their own: shards never join across them.
#[derive(Debug, Default)]
pub struct EvidenceSet {
    sessions: NameSet,
    /// The numbers of the sessions in the order of their names.
    order: Vec<u32>,
    shards: Vec<Shard>,
    /// Names that the writer would spell otherwise.
    odd: NameList,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Shard {
    session: u32,
    /// One more than the index of an odd name; 0 if the name is regular.
    odd: u32,
    start: u64,
}

/// The shards of one session, in order.
#[derive(Debug, Clone, Copy)]
pub struct SessionShards<'s> {
    /// The session.
    pub session: &'s str,
    shards: &'s [Shard],
    odd: &'s NameList,
}

impl EvidenceSet {
    /// Makes room for so many shards, so that growing copies none.
    pub fn reserve(&mut self, shards: usize) {
        self.shards.reserve_exact(shards);
    }

    /// Adds a file by its name; gives what it is. Only shards are kept.
    pub fn push<'n>(&mut self, name: &'n str) -> EvidenceName<'n> {
        let kind = EvidenceName::of(name);
        if let EvidenceName::Shard { session, start, canonical } = kind {
            let Some(session) = self.sessions.number(session) else { return kind };
            if !canonical {
                self.odd.push(name);
            }
            let odd = if canonical { 0 } else { u32::try_from(self.odd.len()).unwrap_or(u32::MAX) };
            self.shards.push(Shard { session, odd, start });
        }
        kind
    }

    /// Puts the shards in order: by start as a number, never by name.
    pub fn sort(&mut self) {
        self.order = self.sessions.sorted();
        let odd = &self.odd;
        let name = |shard: &Shard| shard.odd.checked_sub(1).and_then(|index| odd.get(index as usize));
        self.shards.sort_unstable_by(|one, other| {
            (one.session, one.start, name(one)).cmp(&(other.session, other.start, name(other)))
        });
    }

    /// How many shards there are.
    pub fn len(&self) -> usize {
        self.shards.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.shards.is_empty()
    }

    /// About how many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        self.shards.len() * size_of::<Shard>() + self.sessions.bytes() + self.odd.bytes()
    }

    /// How many sessions there are.
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }

    /// The sessions by name, each with its shards. Sort first.
    pub fn sessions(&self) -> impl Iterator<Item = SessionShards<'_>> {
        self.order.iter().map(|number| {
            let session = self.sessions.name(*number);
            let first = self.shards.partition_point(|shard| shard.session < *number);
            let end = self.shards.partition_point(|shard| shard.session <= *number);
            let shards = self.shards.get(first..end).unwrap_or_default();
            SessionShards { session, shards, odd: &self.odd }
        })
    }
}

impl SessionShards<'_> {
    /// How many shards there are.
    pub fn len(&self) -> usize {
        self.shards.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.shards.is_empty()
    }

    /// A shard's file name.
    pub fn name(&self, index: usize) -> String {
        let Some(shard) = self.shards.get(index) else { return String::new() };
        match shard.odd.checked_sub(1).and_then(|odd| self.odd.get(odd as usize)) {
            Some(odd) => odd.to_owned(),
            None => format!("evidence-{}-{}.jsonl", self.session, shard.start),
        }
    }

    /// The sequence number that a shard's name states.
    pub fn start(&self, index: usize) -> Option<u64> {
        self.shards.get(index).map(|shard| shard.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_counted_once_each_and_more_names_take_more_memory() {
        let mut set = EvidenceSet::default();
        let empty = set.bytes();
        for session in 0..3000 {
            for start in [0, 7] {
                set.push(&format!("evidence-session-{session}-{start}.jsonl"));
            }
        }
        assert_eq!((set.session_count(), set.len()), (3000, 6000));
        // At least the names of sessions and a start for each shard, and not a string for each.
        let taken = set.bytes() - empty;
        assert!((3000 * 12 + 6000 * 8..6000 * 60).contains(&taken), "{taken}");
    }

    #[test]
    fn shards_are_ordered_by_number_within_their_session() {
        let mut set = EvidenceSet::default();
        for name in [
            "evidence-p-10.jsonl",
            "evidence-p-9.jsonl",
            "evidence-p-evil-0.jsonl",
            "x",
            "evidence-p-0.jsonl",
        ] {
            set.push(name);
        }
        set.sort();
        let sessions: Vec<_> = set.sessions().collect();
        assert_eq!(sessions.iter().map(|one| one.session).collect::<Vec<_>>(), ["p", "p-evil"]);
        let names: Vec<_> = (0..sessions[0].len()).map(|index| sessions[0].name(index)).collect();
        assert_eq!(names, ["evidence-p-0.jsonl", "evidence-p-9.jsonl", "evidence-p-10.jsonl"]);
        assert_eq!(sessions[0].start(2), Some(10));
    }

    /// Names that the writer would spell otherwise are kept as they are, behind the regular one of the same start.
    #[test]
    fn odd_names_are_kept_and_ordered_by_start_and_then_by_name() {
        let mut set = EvidenceSet::default();
        assert!(set.is_empty());
        for name in
            ["evidence-p-000.jsonl", "evidence-q-007.jsonl", "evidence-p-00.jsonl", "evidence-p-3.jsonl"]
        {
            set.push(name);
        }
        set.push("evidence-p-0.jsonl");
        set.push("evidence-o-x.jsonl");
        set.sort();
        assert_eq!((set.len(), set.is_empty()), (6, false));
        let named = |session: &SessionShards<'_>| {
            let shards = (0..session.len()).map(|index| (session.name(index), session.start(index)));
            (session.session.to_owned(), shards.collect::<Vec<_>>())
        };
        let all: Vec<_> = set.sessions().collect();
        assert!(all.iter().all(|session| !session.is_empty()));
        let of = |session: &str, shards: &[(&str, u64)]| {
            let shards = shards.iter().map(|(name, start)| ((*name).to_owned(), Some(*start)));
            (session.to_owned(), shards.collect::<Vec<_>>())
        };
        let p = [
            ("evidence-p-0.jsonl", 0),
            ("evidence-p-00.jsonl", 0),
            ("evidence-p-000.jsonl", 0),
            ("evidence-p-3.jsonl", 3),
        ];
        let right =
            [of("o", &[("evidence-o-x.jsonl", 0)]), of("p", &p), of("q", &[("evidence-q-007.jsonl", 7)])];
        assert_eq!(all.iter().map(named).collect::<Vec<_>>(), right);
        assert_eq!((all[0].name(1), all[0].start(1)), (String::new(), None));
    }

    #[test]
    fn a_shard_is_sixteen_bytes() {
        assert_eq!(size_of::<Shard>(), 16);
    }
}
