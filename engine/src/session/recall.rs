//! A table of hashes and the events that they were first seen in, bounded for each session and for all.
//!
//! Hashes lie in sets of four, so that finding and keeping one costs the same whatever the input. Where a set is full the
//! longest known gives way, what an injection brought last; how many did is counted. What is first seen stays: content
//! comes from where it was first. Left out: the bytes, and so any certainty beyond the hash.

use super::snapshot::MOST_COUNT;

/// How many hashes share a set.
const WAYS: usize = 4;
/// The size of a table with something in it; most sessions of a recording with many are short.
const FEWEST: usize = 8;

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

#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
struct Slot {
    hash: u64,
    origin: Origin,
    /// When it was kept; 0 for an empty slot.
    age: u32,
}

impl Slot {
    const fn is(&self, hash: u64) -> bool {
        self.age != 0 && self.hash == hash
    }
}

const EMPTY: Slot = Slot { hash: 0, origin: Origin::Ours, age: 0 };

/// Slots that all sessions together may still take.
#[derive(Debug)]
pub(super) struct Room(pub(super) usize);

impl Room {
    /// How many slots all sessions share, at 24 bytes each.
    pub(super) const ALL: usize = 16 << 20;
}

impl Default for Room {
    fn default() -> Self {
        Self(Self::ALL)
    }
}

/// The table of one session.
///
/// It is written as the slots that are taken, and has places for them only when [`Self::settle`] was called on what was read.
#[derive(Debug)]
pub(super) struct Recall {
    slots: Vec<Slot>,
    used: usize,
    most: usize,
    age: u32,
    /// How many hashes gave way to others or found no room.
    pub(super) lost: u64,
}

impl Recall {
    /// A table that grows to `most` slots.
    pub(super) const fn new(most: usize) -> Self {
        Self { slots: Vec::new(), used: 0, most, age: 0, lost: 0 }
    }

    /// Gives what was read its places, out of `room`; says whether they are enough and all there is is as it can be.
    pub(super) fn settle(&mut self, most: usize, room: &mut Room) -> bool {
        let size = std::mem::take(&mut self.used);
        let read = std::mem::take(&mut self.slots);
        let fits = size == 0 || (size.is_power_of_two() && (FEWEST..=most).contains(&size));
        if !fits || size > room.0 || self.lost >= MOST_COUNT {
            return false;
        }
        room.0 -= size;
        self.most = most;
        self.slots = vec![EMPTY; size];
        for slot in read {
            let known = |set: &[Slot]| set.iter().any(|other| other.is(slot.hash));
            let free = |set: &mut [Slot]| set.iter_mut().find(|free| free.age == 0).map(|free| *free = slot);
            if slot.age == 0 || slot.age > self.age || known(self.set(slot.hash)) {
                return false;
            }
            if self.set_mut(slot.hash).and_then(free).is_none() {
                return false;
            }
            self.used += 1;
        }
        true
    }

    /// How many slots it takes.
    pub(super) const fn size(&self) -> usize {
        self.slots.len()
    }

    /// Where a hash was first seen.
    pub(super) fn origin(&self, hash: u64) -> Option<Origin> {
        self.set(hash).iter().find(|slot| slot.is(hash)).map(|slot| slot.origin)
    }

    /// Keeps a hash, unless it is known; what came with an injection stands before what came without. Says whether it is
    /// new.
    pub(super) fn keep(&mut self, hash: u64, origin: Origin, room: &mut Room) -> bool {
        if let Some(known) = self.set_mut(hash).and_then(|set| set.iter_mut().find(|slot| slot.is(hash))) {
            if matches!((known.origin, origin), (Origin::Outside(_), Origin::Injected(_))) {
                known.origin = origin;
            }
            return false;
        }
        // A table grows before any of its sets is full, unless the hashes were chosen to share one.
        if self.set(hash).iter().all(|slot| slot.age != 0) && self.used * 8 >= self.slots.len() {
            self.grow(room);
        }
        self.age = self.age.saturating_add(1);
        let new = Slot { hash, origin, age: self.age };
        let Some(set) = self.set_mut(hash) else {
            self.lost += 1;
            return true;
        };
        let rank = |slot: &&mut Slot| (slot.age != 0 && matches!(slot.origin, Origin::Injected(_)), slot.age);
        let Some(slot) = set.iter_mut().min_by_key(rank) else { return true };
        let was_empty = slot.age == 0;
        *slot = new;
        if was_empty {
            self.used += 1;
        } else {
            self.lost += 1;
        }
        true
    }

    fn grow(&mut self, room: &mut Room) {
        let now = self.slots.len();
        let larger = if now == 0 { FEWEST } else { now * 2 };
        if larger > self.most || larger - now > room.0 {
            return;
        }
        room.0 -= larger - now;
        let before = std::mem::replace(&mut self.slots, vec![EMPTY; larger]);
        // A set's hashes go to two sets, so each finds a place.
        for slot in before.into_iter().filter(|slot| slot.age != 0) {
            if let Some(free) =
                self.set_mut(slot.hash).and_then(|set| set.iter_mut().find(|free| free.age == 0))
            {
                *free = slot;
            }
        }
    }

    fn place(&self, hash: u64) -> usize {
        let sets = (self.slots.len() / WAYS).max(1) as u64;
        // Sets are a power of two, fewer than 2^32.
        usize::try_from(hash & (sets - 1)).unwrap_or_default() * WAYS
    }

    fn set(&self, hash: u64) -> &[Slot] {
        let at = self.place(hash);
        self.slots.get(at..at + WAYS).unwrap_or_default()
    }

    fn set_mut(&mut self, hash: u64) -> Option<&mut [Slot]> {
        let at = self.place(hash);
        self.slots.get_mut(at..at + WAYS)
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
        let taken = self.slots.iter().filter(|slot| slot.age != 0).copied().collect();
        let written = Written { size: self.slots.len(), age: self.age, lost: self.lost, taken };
        serde::Serialize::serialize(&written, to)
    }
}

impl<'de> serde::Deserialize<'de> for Recall {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Written { size, age, lost, taken } = <Written as serde::Deserialize>::deserialize(from)?;
        Ok(Self { slots: taken, used: size, most: 0, age, lost })
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
        assert_eq!(room.0, Room::ALL - recall.slots.len());
        for number in 300..5000 {
            recall.keep(mixed(number), Origin::Outside(2), &mut room);
        }
        assert_eq!(recall.slots.len(), 1024);
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
        assert_eq!((recall.slots.len(), room.0), (32, 8));
        assert!(recall.lost > 100);
    }
}
