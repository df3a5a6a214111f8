//! Flows by their ends, and the slab they stand in.

use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use super::flow::Flow;
use super::list::{Linked, Links};
use super::{Endpoint, Segment};

/// Both ends in order, whoever sends. It is hashed with the standard library's keyed hash: captures are hostile.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    low: u128,
    high: u128,
    /// Ports of the lower and the higher end, 1 for IPv6 and 0 for IPv4, and the space.
    rest: u128,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut bytes = [0; 48];
        let (low, tail) = bytes.split_at_mut(16);
        let (high, rest) = tail.split_at_mut(16);
        low.copy_from_slice(&self.low.to_ne_bytes());
        high.copy_from_slice(&self.high.to_ne_bytes());
        rest.copy_from_slice(&self.rest.to_ne_bytes());
        state.write(&bytes);
    }
}

impl Key {
    /// The key of a segment, and whether the lower end sent it.
    #[inline]
    pub(super) fn of(segment: &Segment<'_>) -> (Self, bool) {
        let (source, target) = (number(segment.source), number(segment.target));
        let is_from_low = source <= target;
        let (low, high) = if is_from_low { (source, target) } else { (target, source) };
        let family = u128::from(low.1) | (u128::from(high.1) << 1);
        let ports = (u128::from(low.2) << 16) | u128::from(high.2);
        let rest = (u128::from(segment.space) << 64) | (family << 32) | ports;
        (Self { low: low.0, high: high.0, rest }, is_from_low)
    }
}

#[inline]
fn number(end: Endpoint) -> (u128, bool, u16) {
    match end.address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), false, end.port),
        IpAddr::V6(address) => (address.to_bits(), true, end.port),
    }
}

/// Flows in slots that are used again.
#[derive(Default)]
pub(super) struct Slots {
    flows: Vec<Option<Box<Flow>>>,
    free: Vec<u32>,
}

impl Slots {
    #[inline]
    pub(super) fn get(&mut self, slot: u32) -> Option<&mut Flow> {
        self.flows.get_mut(slot as usize)?.as_deref_mut()
    }

    pub(super) fn add(&mut self, flow: Flow) -> Option<u32> {
        let flow = Some(Box::new(flow));
        if let Some(slot) = self.free.pop() {
            *self.flows.get_mut(slot as usize)? = flow;
            return Some(slot);
        }
        let slot = u32::try_from(self.flows.len()).ok().filter(|slot| *slot != super::list::NONE)?;
        self.flows.push(flow);
        Some(slot)
    }

    pub(super) fn remove(&mut self, slot: u32) -> Option<Box<Flow>> {
        let flow = self.flows.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        Some(flow)
    }

    /// All slots in use, in order of their flows' first segments.
    pub(super) fn in_order(&self) -> Vec<u32> {
        let used = (0u32..).zip(&self.flows).filter_map(|(slot, flow)| Some((flow.as_ref()?.id, slot)));
        let mut slots: Vec<_> = used.collect();
        slots.sort_unstable();
        slots.into_iter().map(|(_, slot)| slot).collect()
    }
}

/// The lists in order of last use.
pub(super) struct ByUse<'a>(pub(super) &'a mut Slots);

impl Linked for ByUse<'_> {
    fn links(&mut self, slot: u32) -> Option<&mut Links> {
        self.0.get(slot).map(|flow| &mut flow.order)
    }
}

/// The list of flows that hold segments.
pub(super) struct ByHolding<'a>(pub(super) &'a mut Slots);

impl Linked for ByHolding<'_> {
    fn links(&mut self, slot: u32) -> Option<&mut Links> {
        self.0.get(slot).map(|flow| &mut flow.holding)
    }
}
