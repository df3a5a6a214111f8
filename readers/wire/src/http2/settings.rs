//! SETTINGS as far as they say how the peer writes: the table of HPACK and the length of frames.
//!
//! Source: RFC 9113, section 6.5.

use std::collections::VecDeque;

use super::frame::DEFAULT_MAX_FRAME;
use super::hpack::DEFAULT_TABLE;

const HEADER_TABLE_SIZE: u16 = 0x1;
const MAX_FRAME_SIZE: u16 = 0x5;
/// SETTINGS that wait for their acknowledgement. Writers wait for one before they send the next.
const MOST_PENDING: usize = 64;

/// What a side has asked for.
#[derive(Debug)]
pub(super) struct Settings {
    /// Any were seen.
    is_seen: bool,
    table: u32,
    /// The largest table it ever offered.
    largest_table: u32,
    /// The largest frame it ever said that it takes.
    pub(super) max_frame: u32,
    pending: VecDeque<u32>,
    entry: [u8; 6],
    have: usize,
}

impl Settings {
    pub(super) fn new() -> Self {
        Self {
            is_seen: false,
            table: DEFAULT_TABLE,
            largest_table: DEFAULT_TABLE,
            max_frame: DEFAULT_MAX_FRAME,
            pending: VecDeque::new(),
            entry: [0; 6],
            have: 0,
        }
    }

    /// Takes a piece of the payload.
    pub(super) fn push(&mut self, payload: &[u8]) {
        for byte in payload {
            if let Some(place) = self.entry.get_mut(self.have) {
                *place = *byte;
                self.have += 1;
            }
            if self.have == self.entry.len() {
                self.have = 0;
                self.set();
            }
        }
    }

    fn set(&mut self) {
        let [k0, k1, v0, v1, v2, v3] = self.entry;
        let value = u32::from_be_bytes([v0, v1, v2, v3]);
        match u16::from_be_bytes([k0, k1]) {
            HEADER_TABLE_SIZE => {
                self.table = value;
                self.largest_table = self.largest_table.max(value);
            }
            MAX_FRAME_SIZE => self.max_frame = self.max_frame.max(value),
            _ => {}
        }
    }

    /// The payload is over.
    pub(super) fn end(&mut self) {
        self.is_seen = true;
        self.have = 0;
        if self.pending.len() == MOST_PENDING {
            self.pending.clear();
        }
        self.pending.push_back(self.table);
    }

    /// They came with the request of an upgrade, which the answer acknowledges. Source: RFC 7540, section 3.2.1.
    pub(super) fn upgrade(&mut self, payload: &[u8]) {
        self.push(payload);
        self.end();
        self.pending.clear();
    }

    /// The peer acknowledges the oldest that wait: the table that it may use from here on.
    pub(super) fn acknowledge(&mut self) -> Option<u32> {
        self.pending.pop_front()
    }

    /// The largest table that the peer may use, if it can be known.
    pub(super) fn offered(&self) -> Option<u32> {
        self.is_seen.then_some(self.largest_table)
    }
}
