//! All connections of a capture: finds the flow of a segment, and keeps their number, memory and age within bounds.

use std::collections::HashMap;

use super::flow::{Class, Flow, Outcome};
use super::half::Rival;
use super::list::{List, NONE};
use super::pool::Pool;
use super::table::{ByHolding, ByUse, Key, Slots};
use super::{Close, Counts, Flags, FlowId, FlowInfo, Limits, Segment, Sink, roles};
use crate::Notes;
use crate::Side;

/// Idle flows are looked for once in so much capture time, in nanoseconds.
const SWEEP: u64 = 1_000_000_000;
/// Flows of which one side was heard make room before others when they are more than one in so many: a flood of SYNs
/// does not drive established flows out, and full tables still take new ones.
const FRESH_SHARE: usize = 8;

/// How a flow begins.
#[derive(Clone, Copy)]
enum Start {
    /// With the segment at hand.
    Unknown,
    /// With a SYN that was seen before, and that the segment at hand confirms.
    Syn { is_client_low: bool, rival: Rival },
}

/// Segments in, ordered streams out.
pub struct Reassembler {
    pool: Pool,
    map: HashMap<Key, u32>,
    slots: Slots,
    /// Flows by [`Class`], each in order of last use.
    done: List,
    fresh: List,
    live: List,
    /// Flows that hold segments, in order of when they began to.
    holding: List,
    /// The flow of the segment before: most segments follow one of their own flow.
    last: Option<(Key, u32)>,
    opened: u64,
    /// Time of the segment before.
    before: Option<i64>,
    swept: Option<i64>,
}

impl Default for Reassembler {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Reassembler {
    /// An empty reassembler with these caps.
    pub fn new(limits: Limits) -> Self {
        Self {
            pool: Pool::new(limits),
            map: HashMap::new(),
            slots: Slots::default(),
            done: List::default(),
            fresh: List::default(),
            live: List::default(),
            holding: List::default(),
            last: None,
            opened: 0,
            before: None,
            swept: None,
        }
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.pool.counts
    }

    /// What was noted so far.
    pub fn notes(&mut self) -> &mut Notes {
        &mut self.pool.notes
    }

    /// Memory of segments that wait, with overhead, in bytes.
    pub fn held(&self) -> usize {
        self.pool.held
    }

    /// Flows that are kept, those just closed included.
    pub fn flows(&self) -> usize {
        self.map.len()
    }

    #[cfg(test)]
    pub(super) fn pool_limits(&self) -> Limits {
        self.pool.limits
    }

    /// Takes the next segment of the capture.
    pub fn segment(&mut self, segment: &Segment<'_>, out: &mut impl Sink) {
        self.pool.counts.segments += 1;
        self.pool.counts.payload += segment.payload.len() as u64;
        let (key, is_from_low) = Key::of(segment);
        let mut slot = match self.find(&key) {
            Some(slot) => slot,
            None => self.open(key, is_from_low, segment, Start::Unknown, out),
        };
        if let Some(start) = self.run(slot, is_from_low, segment, out) {
            self.end(slot, Close::Replaced, out);
            slot = self.open(key, is_from_low, segment, start, out);
            self.run(slot, is_from_low, segment, out);
        }
        self.file(slot, segment.time);
        self.keep_to_cap(out);
        if let Some(time) = segment.time {
            // One record with a wrong time, far ahead, ends no flow: the one before must agree.
            let before = self.before.replace(time).unwrap_or(time);
            self.sweep(time.min(before), out);
        }
    }

    /// The capture is over: hands on what waits, and closes all flows in the order in which they began.
    pub fn finish(&mut self, out: &mut impl Sink) {
        for slot in self.slots.in_order() {
            self.end(slot, Close::EndOfCapture, out);
        }
    }

    #[inline]
    fn find(&mut self, key: &Key) -> Option<u32> {
        if let Some((last, slot)) = self.last
            && last == *key
        {
            return Some(slot);
        }
        let slot = *self.map.get(key)?;
        self.last = Some((*key, slot));
        Some(slot)
    }

    /// Has the flow take the segment; gives the SYN of another flow that the segment belongs to.
    #[inline]
    fn run(
        &mut self,
        slot: u32,
        is_from_low: bool,
        segment: &Segment<'_>,
        out: &mut impl Sink,
    ) -> Option<Start> {
        let flow = self.slots.get(slot)?;
        let side = flow.side(is_from_low);
        match flow.segment(segment, side, &mut self.pool, out) {
            Outcome::Taken => None,
            Outcome::Restart(None) => Some(Start::Unknown),
            Outcome::Restart(Some((side, rival))) => {
                let is_low = flow.is_client_low == (side == Side::Client);
                Some(Start::Syn { is_client_low: is_low != rival.is_reply, rival })
            }
        }
    }

    fn open(
        &mut self,
        key: Key,
        is_from_low: bool,
        segment: &Segment<'_>,
        start: Start,
        out: &mut impl Sink,
    ) -> u32 {
        while self.map.len() >= self.pool.limits.flows.max(1) {
            let Some(slot) = self.victim() else { break };
            self.end(slot, Close::Evicted, out);
        }
        let id = FlowId(self.opened);
        self.opened += 1;
        self.pool.counts.flows += 1;
        let is_client_low = match start {
            Start::Unknown => is_from_low == (roles::sender(segment, out) == Side::Client),
            Start::Syn { is_client_low, .. } => is_client_low,
        };
        let mut flow = Flow::new(id, key, is_client_low);
        let mut has_syn = segment.flags.has(Flags::SYN);
        if let Start::Syn { rival, .. } = start {
            flow.adopt(if rival.is_reply { Side::Server } else { Side::Client }, rival);
            has_syn = true;
        }
        let (client, server) = match flow.side(is_from_low) {
            Side::Client => (segment.source, segment.target),
            Side::Server => (segment.target, segment.source),
        };
        let Segment { space, at, time, .. } = *segment;
        out.open(id, &FlowInfo { space, client, server, has_syn, at, time });
        let slot = self.slots.add(flow).unwrap_or(NONE);
        self.map.insert(key, slot);
        self.last = Some((key, slot));
        self.fresh.push(slot, &mut ByUse(&mut self.slots));
        slot
    }

    /// Moves the flow to the new end of its list, and in or out of the list of those that hold segments.
    #[inline]
    fn file(&mut self, slot: u32, time: Option<i64>) {
        let Some(flow) = self.slots.get(slot) else { return };
        flow.last = time.or(flow.last);
        let (from, to) = (flow.class, flow.classify());
        flow.class = to;
        let (was_holding, is_holding) = (flow.is_holding, flow.holds());
        flow.is_holding = is_holding;
        if from != to || !self.list(to).is_newest(slot) {
            self.leave(from, slot);
            let Self { slots, done, fresh, live, .. } = self;
            pick(to, done, fresh, live).push(slot, &mut ByUse(slots));
        }
        if is_holding && !was_holding {
            self.holding.push(slot, &mut ByHolding(&mut self.slots));
        } else if was_holding && !is_holding {
            self.holding.remove(slot, &mut ByHolding(&mut self.slots));
        }
    }

    /// Frees held memory over the cap: who has held longest hands on first.
    #[inline]
    fn keep_to_cap(&mut self, out: &mut impl Sink) {
        while self.pool.held > self.pool.limits.held_total {
            let Some(slot) = self.holding.oldest() else { return };
            self.pool.counts.holes_over_cap += 1;
            if let Some(flow) = self.slots.get(slot) {
                flow.flush(&mut self.pool, out);
                flow.is_holding = false;
            }
            self.holding.remove(slot, &mut ByHolding(&mut self.slots));
        }
    }

    /// Which flow makes room: one that is over, then one of too many that had no answer, then the one idle longest.
    fn victim(&self) -> Option<u32> {
        let Self { done, fresh, live, .. } = self;
        let is_flood = fresh.len() > self.pool.limits.flows / FRESH_SHARE;
        let fresh_first = fresh.oldest().filter(|_| is_flood);
        done.oldest().or(fresh_first).or(live.oldest()).or(fresh.oldest())
    }

    /// Closes flows that were idle for too long.
    #[inline]
    fn sweep(&mut self, now: i64, out: &mut impl Sink) {
        if self.swept.is_some_and(|swept| now.abs_diff(swept) < SWEEP) {
            return;
        }
        self.swept = Some(now);
        let Limits { idle, idle_done, .. } = self.pool.limits;
        for (class, limit) in [(Class::Done, idle_done), (Class::Fresh, idle), (Class::Live, idle)] {
            while let Some(slot) = self.list(class).oldest() {
                let last = self.slots.get(slot).and_then(|flow| flow.last);
                if last.is_none_or(|last| now.saturating_sub(last) <= limit) {
                    break;
                }
                self.end(slot, Close::Timeout, out);
            }
        }
    }

    fn list(&mut self, class: Class) -> &mut List {
        pick(class, &mut self.done, &mut self.fresh, &mut self.live)
    }

    fn leave(&mut self, class: Class, slot: u32) {
        let Self { slots, done, fresh, live, .. } = self;
        pick(class, done, fresh, live).remove(slot, &mut ByUse(slots));
    }

    /// Closes a flow and forgets it.
    fn end(&mut self, slot: u32, why: Close, out: &mut impl Sink) {
        let Some(flow) = self.slots.get(slot) else { return };
        self.pool.counts.evicted += u64::from(why == Close::Evicted && !flow.is_closed);
        flow.close(why, &mut self.pool, out);
        let (class, was_holding) = (flow.class, flow.is_holding);
        self.leave(class, slot);
        if was_holding {
            self.holding.remove(slot, &mut ByHolding(&mut self.slots));
        }
        if let Some(flow) = self.slots.remove(slot) {
            self.map.remove(&flow.key);
        }
        self.last = self.last.filter(|(_, last)| *last != slot);
    }
}

fn pick<'a>(class: Class, done: &'a mut List, fresh: &'a mut List, live: &'a mut List) -> &'a mut List {
    match class {
        Class::Done => done,
        Class::Fresh => fresh,
        Class::Live => live,
    }
}
