//! All datagrams that are not whole yet, under caps.

use super::aged::Aged;
use super::building::{Building, DATAGRAM_COST, Took};
use super::datagram::Datagram;
use super::runs::{RUN_COST, Runs};
use crate::Notes;
use crate::packet::checksum::Checksum;
use crate::packet::decoder::Count;
use crate::packet::segment::{Fragment, Tunnels};
use std::collections::VecDeque;
use std::net::IpAddr;

/// Which copy of a byte is taken where fragments overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overlap {
    /// The one that came first.
    #[default]
    First,
    /// The one that came last.
    Last,
}

/// What is kept of fragments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Memory for datagrams that are not whole, in bytes. Linux allows 4 MiB (`ipfrag_high_thresh`); a busy capture of NFS
    /// over UDP has some 10 MiB open.
    pub bytes: usize,
    /// How many datagrams may be open.
    pub datagrams: usize,
    /// Memory for datagrams that were whole, to know copies by, in bytes.
    pub remembered_bytes: usize,
    /// For how long a datagram is waited for, and remembered, in nanoseconds of capture time. RFC 8200 section 4.5: 60 s.
    pub age_ns: i64,
    /// Versions of a datagram beside the first that are handed out.
    pub versions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 16 << 20,
            datagrams: 8192,
            remembered_bytes: 4 << 20,
            age_ns: 60_000_000_000,
            versions: 4,
        }
    }
}

/// Nanoseconds in a second.
const SECOND_NS: i64 = 1_000_000_000;

/// Whose fragments belong together. Source: RFC 791 section 2.3; RFC 8200 section 4.5, without the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    source: IpAddr,
    target: IpAddr,
    id: u32,
    protocol: Option<u8>,
    tunnels: Tunnels,
    is_bad: bool,
}

impl Key {
    fn of(fragment: &Fragment<'_>) -> Self {
        Self {
            source: fragment.source,
            target: fragment.target,
            id: fragment.id,
            protocol: fragment.source.is_ipv4().then_some(fragment.protocol),
            tunnels: fragment.tunnels,
            is_bad: fragment.ip_checksum == Checksum::Bad,
        }
    }
}

/// A datagram that was whole.
#[derive(Debug)]
struct Whole {
    seen: Option<i64>,
    runs: Runs,
    cost: usize,
}

/// Why a datagram is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    /// Its time is over, or the capture.
    Up,
    /// For others to have room.
    Room,
}

/// Joins fragments to datagrams.
#[derive(Debug, Default)]
pub struct Defragmenter {
    limits: Limits,
    policy: Overlap,
    open: Aged<Key, Building>,
    open_cost: usize,
    whole: Aged<Key, Whole>,
    whole_cost: usize,
    ready: VecDeque<Datagram>,
    /// Capture time of the last look for what is too old.
    looked: Option<i64>,
}

impl Defragmenter {
    /// With nothing open.
    pub fn new(limits: Limits, policy: Overlap) -> Self {
        Self { limits, policy, ..Self::default() }
    }

    /// Takes a fragment in; `time` is that of its capture, in nanoseconds since 1970. Its bytes must be in `count.held`.
    pub fn push(&mut self, fragment: &Fragment<'_>, time: Option<i64>, count: &mut Count, notes: &mut Notes) {
        let key = Key::of(fragment);
        if self.open.get(&key).is_none() {
            self.open.insert(key, Building::new(fragment, time));
            self.open_cost = self.open_cost.saturating_add(DATAGRAM_COST);
        }
        let Some(building) = self.open.get_mut(&key) else { return };
        let before = building.cost;
        let took = building.push(fragment, self.policy, self.limits.versions);
        self.open_cost = self.open_cost.saturating_add(building.cost.saturating_sub(before));
        let is_whole = building.is_whole();
        account(took, fragment, count, notes);
        if is_whole {
            self.complete(key, time, count);
        }
        while self.open_cost > self.limits.bytes || self.open.len() > self.limits.datagrams {
            let Some(oldest) = self.open.oldest() else { break };
            self.give(oldest, Given::Room, count, notes);
        }
    }

    /// Gives up what is too old at `time`; looks once in a second of capture time.
    pub fn expire(&mut self, time: i64, count: &mut Count, notes: &mut Notes) {
        if self.looked.is_some_and(|looked| (0..SECOND_NS).contains(&time.saturating_sub(looked))) {
            return;
        }
        self.looked = Some(time);
        let age = self.limits.age_ns;
        let is_old = |started: Option<i64>| started.is_some_and(|started| time.saturating_sub(started) > age);
        while let Some(key) =
            self.open.oldest().filter(|key| self.open.get(key).is_some_and(|old| is_old(old.started)))
        {
            self.give(key, Given::Up, count, notes);
        }
        while let Some(key) =
            self.whole.oldest().filter(|key| self.whole.get(key).is_some_and(|old| is_old(old.seen)))
        {
            self.forget(key);
        }
    }

    /// Gives up the oldest datagram, at the end of the capture; `false` if none is open.
    pub fn finish_one(&mut self, count: &mut Count, notes: &mut Notes) -> bool {
        let oldest = self.open.oldest();
        if let Some(key) = oldest {
            self.give(key, Given::Up, count, notes);
        }
        oldest.is_some()
    }

    /// A datagram that is ready to be peeled. An alternative follows the one that it contradicts.
    pub fn next_ready(&mut self) -> Option<Datagram> {
        self.ready.pop_front()
    }

    /// How many datagrams are open.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// The memory that is held, in bytes, at most that of the limits.
    pub fn memory(&self) -> usize {
        self.open_cost.saturating_add(self.whole_cost)
    }

    fn complete(&mut self, key: Key, time: Option<i64>, count: &mut Count) {
        let Some(building) = self.take(&key) else { return };
        let is_copy = self.whole.get(&key).is_some_and(|whole| {
            whole.runs.filled == building.runs.filled && building.runs.agrees_with(&whole.runs)
        });
        if is_copy {
            count.release_repeated(building.runs.filled);
        } else {
            count.release(building.runs.filled);
            self.ready.push_back(building.join());
        }
        self.ready.extend(building.alternatives());
        if !is_copy {
            self.remember(key, building, time);
        }
    }

    fn remember(&mut self, key: Key, building: Building, seen: Option<i64>) {
        let cost = DATAGRAM_COST + building.runs.filled + building.runs.count().saturating_mul(RUN_COST);
        self.whole_cost = self.whole_cost.saturating_add(cost);
        if let Some(old) = self.whole.insert(key, Whole { seen, runs: building.runs, cost }) {
            self.whole_cost = self.whole_cost.saturating_sub(old.cost);
        }
        while self.whole_cost > self.limits.remembered_bytes {
            let Some(oldest) = self.whole.oldest() else { break };
            self.forget(oldest);
        }
    }

    fn forget(&mut self, key: Key) {
        if let Some(old) = self.whole.remove(&key) {
            self.whole_cost = self.whole_cost.saturating_sub(old.cost);
        }
    }

    fn take(&mut self, key: &Key) -> Option<Building> {
        let building = self.open.remove(key)?;
        self.open_cost = self.open_cost.saturating_sub(building.cost);
        Some(building)
    }

    /// Hands out what there is of a datagram that will not get whole.
    fn give(&mut self, key: Key, given: Given, count: &mut Count, notes: &mut Notes) {
        let Some(building) = self.take(&key) else { return };
        let filled = building.runs.filled;
        if let Some(whole) = self.whole.get(&key) {
            count.release_repeated(filled);
            for late in building.over(&whole.runs) {
                let at = late.pieces.first().map_or(0, |piece| piece.at);
                notes.add(
                    "ip_fragment_conflict",
                    at,
                    "fragments that differ came after the datagram was whole",
                );
                self.ready.push_back(late);
            }
            return;
        }
        let part = building.join();
        let at = part.pieces.first().map_or(0, |piece| piece.at);
        count.release(part.bytes.len());
        let rest = filled.saturating_sub(part.bytes.len());
        match given {
            Given::Up => {
                count.release_lost(rest);
                notes.add("ip_fragment_missing", at, "fragments of a datagram never came");
            }
            Given::Room => {
                count.release_over_limit(rest);
                notes.add("ip_fragment_evicted", at, "a datagram was given up before its time, to make room");
            }
        }
        let others: Vec<_> = building.alternatives().filter(|other| other.bytes != part.bytes).collect();
        self.ready.extend(std::iter::once(part).chain(others).filter(|one| !one.bytes.is_empty()));
    }
}

/// Books what became of a fragment, and notes what is odd about it.
fn account(took: Took, fragment: &Fragment<'_>, count: &mut Count, notes: &mut Notes) {
    count.release_repeated(took.repeated);
    count.release_over_limit(took.over_limit);
    let at = fragment.places.at(0);
    if took.conflict {
        notes.add("ip_fragment_conflict", at, "a fragment contradicts one before it");
    }
    if took.overlap && fragment.source.is_ipv6() {
        notes.add(
            "ip6_fragment_overlap",
            at,
            "fragments overlap: a receiver drops the whole datagram (RFC 5722)",
        );
    }
    if took.over_limit > 0 {
        notes.add("ip_fragment_versions", at, "more versions of a datagram than are handed out");
    }
}
