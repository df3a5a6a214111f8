//! A table of hashes and the events that they were first seen in, bounded for each session and for all.
//!
//! Hashes lie in sets of four, so that finding and keeping one costs the same whatever the input. Where a set is full the
//! longest known gives way, what an injection brought last; how many did is counted. What is first seen stays: content
//! comes from where it was first. Left out: the bytes, and so any certainty beyond the hash.

use super::snapshot::MOST_COUNT;

/// How many hashes share a set.
const WAYS: usize = 4;
/// The size of a table with something in it; most sessions of a recording with many are short.
const FEWEST: usize = WAYS;

/// Where a hash was first seen: the session's own words, or the event from outside with this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(super) enum Origin {
    /// The operator, the user or the model.
    Ours,
    /// An event from outside.
    Outside(u32),
    /// One with an injection in it.
    Injected(u32),
}

impl Origin {
    /// Events whose number is not below this are not told from one another, and bring nothing that is kept.
    const MOST: u32 = 1 << 30;

    /// In 32 bits, none of them where the number is too large.
    const fn packed(self) -> Option<u32> {
        match self {
            Self::Ours => Some(0),
            Self::Outside(number) if number < Self::MOST => Some(1 << 30 | number),
            Self::Injected(number) if number < Self::MOST => Some(2 << 30 | number),
            Self::Outside(_) | Self::Injected(_) => None,
        }
    }

    const fn unpacked(packed: u32) -> Self {
        let number = packed & (Self::MOST - 1);
        match packed >> 30 {
            0 => Self::Ours,
            1 => Self::Outside(number),
            _ => Self::Injected(number),
        }
    }

    const fn is_injected(packed: u32) -> bool {
        packed >> 30 > 1
    }
}

/// A hash as it is written.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
struct Slot {
    hash: u64,
    origin: Origin,
    age: u32,
}

/// Hashes that share a set: one line of the processor's cache, since each look at a table is at another place of it.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Set {
    hashes: [u64; WAYS],
    origins: [u32; WAYS],
    /// When each was kept; 0 for an empty slot.
    ages: [u32; WAYS],
}

impl Set {
    const EMPTY: Self = Self { hashes: [0; WAYS], origins: [0; WAYS], ages: [0; WAYS] };

    /// Where a hash is.
    fn find(&self, hash: u64) -> Option<usize> {
        let slots = self.hashes.iter().zip(&self.ages);
        slots.enumerate().find(|(_, (known, age))| **known == hash && **age != 0).map(|(way, _)| way)
    }

    /// Where there is room.
    fn free(&self) -> Option<usize> {
        self.ages.iter().position(|age| *age == 0)
    }

    /// What gives way: nothing, then the longest known, what an injection brought last.
    fn eldest(&self) -> usize {
        let rank = |way: &usize| {
            let age = self.ages.get(*way).copied().unwrap_or(u32::MAX);
            let injected = self.origins.get(*way).is_some_and(|origin| Origin::is_injected(*origin));
            (age != 0 && injected, age)
        };
        (0..WAYS).min_by_key(rank).unwrap_or_default()
    }

    fn put(&mut self, way: usize, hash: u64, origin: u32, age: u32) {
        let slot = (self.hashes.get_mut(way), self.origins.get_mut(way), self.ages.get_mut(way));
        if let (Some(known), Some(from), Some(when)) = slot {
            (*known, *from, *when) = (hash, origin, age);
        }
    }

    /// What is in it.
    fn taken(&self) -> impl Iterator<Item = (u64, u32, u32)> {
        let slots = self.hashes.iter().zip(&self.origins).zip(&self.ages);
        slots.map(|((hash, origin), age)| (*hash, *origin, *age)).filter(|(.., age)| *age != 0)
    }
}

/// Slots that all sessions together may still take.
#[derive(Debug)]
pub(super) struct Room(pub(super) usize);

impl Room {
    /// How many slots all sessions share, at 16 bytes each.
    pub(super) const ALL: usize = 16 << 20;
}

impl Default for Room {
    fn default() -> Self {
        Self(Self::ALL)
    }
}

/// The table of one session.
///
/// What was read has places only when [`Self::settle`] was called on it.
#[derive(Debug)]
pub(super) struct Recall {
    sets: Vec<Set>,
    used: usize,
    most: usize,
    age: u32,
    /// How many hashes gave way to others or found no room.
    pub(super) lost: u64,
    /// What was read, and into how many slots it goes.
    read: Option<Box<(Vec<Slot>, usize)>>,
}

impl Recall {
    /// A table that grows to `most` slots.
    pub(super) const fn new(most: usize) -> Self {
        Self { sets: Vec::new(), used: 0, most, age: 0, lost: 0, read: None }
    }

    /// Gives what was read its places, out of `room`; says whether they are enough and all there is is as it can be.
    pub(super) fn settle(&mut self, most: usize, room: &mut Room) -> bool {
        let (read, size) = self.read.take().map_or((Vec::new(), 0), |read| *read);
        let fits = size == 0 || (size.is_power_of_two() && (FEWEST..=most).contains(&size));
        if !fits || size > room.0 || self.lost >= MOST_COUNT {
            return false;
        }
        room.0 -= size;
        self.most = most;
        self.sets = vec![Set::EMPTY; size / WAYS];
        self.used = read.len();
        read.into_iter().all(|Slot { hash, origin, age }| {
            let Some(origin) = origin.packed().filter(|_| age != 0 && age <= self.age) else { return false };
            let Some(set) = self.set_mut(hash).filter(|set| set.find(hash).is_none()) else { return false };
            set.free().map(|way| set.put(way, hash, origin, age)).is_some()
        })
    }

    /// How many slots it takes.
    pub(super) const fn size(&self) -> usize {
        self.sets.len() * WAYS
    }

    /// Where a hash was first seen.
    pub(super) fn origin(&self, hash: u64) -> Option<Origin> {
        let set = self.sets.get(self.place(hash))?;
        set.find(hash).and_then(|way| set.origins.get(way)).map(|origin| Origin::unpacked(*origin))
    }

    /// Keeps a hash, unless it is known; what came with an injection stands before what came without. Says whether it is
    /// new.
    pub(super) fn keep(&mut self, hash: u64, origin: Origin, room: &mut Room) -> bool {
        let Some(packed) = origin.packed() else {
            self.lost += 1;
            return self.origin(hash).is_none();
        };
        if let Some(set) = self.set_mut(hash)
            && let Some(way) = set.find(hash)
        {
            if let (Origin::Injected(_), Some(known)) = (origin, set.origins.get_mut(way))
                && matches!(Origin::unpacked(*known), Origin::Outside(_))
            {
                *known = packed;
            }
            return false;
        }
        // A table grows before any of its sets is full, unless the hashes were chosen to share one.
        if self.set_mut(hash).is_none_or(|set| set.free().is_none()) && self.used * 8 >= self.size() {
            self.grow(room);
        }
        self.age = self.age.saturating_add(1);
        let age = self.age;
        let Some(set) = self.set_mut(hash) else {
            self.lost += 1;
            return true;
        };
        let free = set.free();
        set.put(free.unwrap_or_else(|| set.eldest()), hash, packed, age);
        match free {
            Some(_) => self.used += 1,
            None => self.lost += 1,
        }
        true
    }

    fn grow(&mut self, room: &mut Room) {
        let now = self.size();
        let larger = if now == 0 { FEWEST } else { now * 2 };
        if larger > self.most || larger - now > room.0 {
            return;
        }
        room.0 -= larger - now;
        let before = std::mem::replace(&mut self.sets, vec![Set::EMPTY; larger / WAYS]);
        // A set's hashes go to two sets, so each finds a place.
        for (hash, origin, age) in before.iter().flat_map(Set::taken) {
            let set = self.set_mut(hash);
            if let Some((set, way)) = set.and_then(|set| set.free().map(|way| (set, way))) {
                set.put(way, hash, origin, age);
            }
        }
    }

    fn place(&self, hash: u64) -> usize {
        // Sets are a power of two, fewer than 2^32.
        let sets = self.sets.len().max(1) as u64;
        usize::try_from(hash & (sets - 1)).unwrap_or_default()
    }

    fn set_mut(&mut self, hash: u64) -> Option<&mut Set> {
        let at = self.place(hash);
        self.sets.get_mut(at)
    }
}

/// A table as it is written.
#[derive(serde::Serialize, serde::Deserialize)]
struct Written {
    size: usize,
    age: u32,
    lost: u64,
    taken: Vec<Slot>,
}

impl serde::Serialize for Recall {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let slot = |(hash, origin, age)| Slot { hash, origin: Origin::unpacked(origin), age };
        let taken = self.sets.iter().flat_map(Set::taken).map(slot).collect();
        let written = Written { size: self.size(), age: self.age, lost: self.lost, taken };
        serde::Serialize::serialize(&written, to)
    }
}

impl<'de> serde::Deserialize<'de> for Recall {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Written { size, age, lost, taken } = <Written as serde::Deserialize>::deserialize(from)?;
        Ok(Self { age, lost, read: Some(Box::new((taken, size))), ..Self::new(0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::observe::mixed;

    #[test]
    fn what_is_first_seen_stays_but_an_injection_stands_before_what_has_none() {
        let (mut recall, mut room) = (Recall::new(64), Room::default());
        for (hash, origin) in [
            (1, Origin::Ours),
            (1, Origin::Injected(4)),
            (2, Origin::Outside(5)),
            (2, Origin::Outside(6)),
            (3, Origin::Outside(6)),
            (3, Origin::Injected(7)),
        ] {
            recall.keep(hash, origin, &mut room);
        }
        assert_eq!(recall.origin(1), Some(Origin::Ours));
        assert_eq!(recall.origin(2), Some(Origin::Outside(5)));
        assert_eq!(recall.origin(3), Some(Origin::Injected(7)));
        assert_eq!(recall.origin(4), None);
    }

    #[test]
    fn a_table_grows_with_what_it_holds_and_forgets_only_at_its_bound() {
        let (mut recall, mut room) = (Recall::new(1024), Room::default());
        for number in 0..300 {
            recall.keep(mixed(number), Origin::Outside(1), &mut room);
        }
        let kept = (0..300).filter(|number| recall.origin(mixed(*number)).is_some()).count();
        assert!(kept >= 290, "{kept}");
        assert_eq!(room.0, Room::ALL - recall.size());
        for number in 300..5000 {
            recall.keep(mixed(number), Origin::Outside(2), &mut room);
        }
        assert_eq!(recall.size(), 1024);
        assert!(recall.lost > 3500, "{}", recall.lost);
    }

    #[test]
    fn what_an_injection_brought_gives_way_last_and_no_room_is_no_table() {
        let (mut recall, mut room) = (Recall::new(32), Room::default());
        recall.keep(mixed(0), Origin::Injected(1), &mut room);
        for number in 1..3000 {
            recall.keep(mixed(number), Origin::Outside(2), &mut room);
        }
        assert_eq!(recall.origin(mixed(0)), Some(Origin::Injected(1)));
        let (mut recall, mut room) = (Recall::new(1024), Room(40));
        for number in 0..200 {
            recall.keep(mixed(number), Origin::Ours, &mut room);
        }
        assert_eq!((recall.size(), room.0), (32, 8));
        assert!(recall.lost > 100);
    }
}
