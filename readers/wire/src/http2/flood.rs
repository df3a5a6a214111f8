//! Frames that cost a receiver more than their sender, counted.
//!
//! They cost nothing here. Each beyond what a sane peer sends is counted in the notes, by kind.

use super::frame::{ACK, DATA, END_STREAM, Frame, PING, RST_STREAM, SETTINGS};
use crate::Notes;

/// Empty DATA frames that do not end their stream. Writers have no use for them (CVE-2019-9518).
const EMPTY_DATA: u64 = 100;
/// Resets, if they are more than half the streams (CVE-2023-44487).
const RESETS: u64 = 100;
/// SETTINGS, of which most connections have one a side (CVE-2019-9515).
const SETTINGS_FRAMES: u64 = 100;
/// PING, which a long connection has many of: one a second for three hours (CVE-2019-9512).
const PINGS: u64 = 10_000;

/// What a side has sent so far.
#[derive(Debug, Default)]
pub(super) struct Flood {
    empty_data: u64,
    resets: u64,
    settings: u64,
    pings: u64,
}

impl Flood {
    /// Counts a frame; `opened` is how many streams there were.
    pub(super) fn count(&mut self, frame: &Frame, opened: u64, notes: &mut Notes) {
        match frame.kind {
            DATA if frame.length == 0 && !frame.has(END_STREAM) => {
                self.empty_data += 1;
                if self.empty_data > EMPTY_DATA {
                    notes.add("h2_empty_data_flood", frame.at, "another empty DATA frame");
                }
            }
            RST_STREAM => {
                self.resets += 1;
                if self.resets > RESETS && self.resets > opened / 2 {
                    notes.add("h2_reset_flood", frame.at, "another reset, for more than half the streams");
                }
            }
            SETTINGS if !frame.has(ACK) => {
                self.settings += 1;
                if self.settings > SETTINGS_FRAMES {
                    notes.add("h2_settings_flood", frame.at, "another SETTINGS frame");
                }
            }
            PING if !frame.has(ACK) => {
                self.pings += 1;
                if self.pings > PINGS {
                    notes.add("h2_ping_flood", frame.at, "another PING frame");
                }
            }
            _ => {}
        }
    }
}
