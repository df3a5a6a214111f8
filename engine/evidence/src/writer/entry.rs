//! One line of the log, spelled and hashed, and kept under the line limit.
//!
//! Left out: versions 1 and 3, and sidecars of raw bytes.

use super::members::Members;
use crate::entry::{Fields, hash};
use crate::hex;

/// Bytes of a line without its line feed. Readers refuse longer ones.
///
/// Source: FLIGHT_RECORDER_FORMAT, section 2, "Limits".
pub(super) const LONGEST: usize = 1_048_576;

/// How much of a text stays in a line that is too long even without its detail: four of them and the session fit
/// the limit, were every byte an escape of six.
const CUT: usize = 4096;

/// A line that is ready to be appended.
pub(super) struct Line {
    /// The entry's hash.
    pub(super) hash: [u8; 32],
    /// Whether its detail, or more, had to give way.
    pub(super) over_limit: bool,
}

/// Spells an entry into `out`, with its line feed. `room` is memory to work in.
///
/// A detail that would make the line too long is replaced by its size, so that the entry is recorded all the same;
/// if the texts alone are too long, they are cut.
pub(super) fn encode(fields: &Fields<'_>, out: &mut Vec<u8>, room: &mut Vec<u8>) -> Line {
    let hash = spell(fields, out, room);
    if fits(out) {
        return Line { hash, over_limit: false };
    }
    let detail = stand_in(fields.detail.len());
    let mut less = Fields { detail: &detail, ..*fields };
    let mut hash = spell(&less, out, room);
    if !fits(out) {
        for text in [&mut less.trace, &mut less.event_kind, &mut less.transport, &mut less.summary] {
            *text = cut(text);
        }
        hash = spell(&less, out, room);
    }
    Line { hash, over_limit: true }
}

fn fits(line: &[u8]) -> bool {
    line.len() <= LONGEST + 1
}

/// Source: FLIGHT_RECORDER_FORMAT, section 3: the order of keys, and which are left out when empty.
fn spell(fields: &Fields<'_>, out: &mut Vec<u8>, room: &mut Vec<u8>) -> [u8; 32] {
    let hash = hash(fields, room);
    out.clear();
    Members::begin(out)
        .number("v", u64::from(fields.version))
        .number("seq", fields.seq)
        .text("ts", fields.ts)
        .text("session_id", fields.session)
        .text_if("trace_id", fields.trace)
        .text("type", fields.kind)
        .text_if("event_kind", fields.event_kind)
        .text("transport", fields.transport)
        .text("summary", fields.summary)
        .raw("detail", fields.detail)
        .text("prev_hash", fields.prev_hash)
        .text("hash", &hex::encode32(&hash))
        .end();
    out.push(b'\n');
    hash
}

/// What stands for a detail of this size.
fn stand_in(size: usize) -> Vec<u8> {
    format!(r#"{{"original_size":{size},"reason":"over the line limit","redacted":true}}"#).into_bytes()
}

/// The start of a text, up to the end of a character.
fn cut(text: &[u8]) -> &[u8] {
    let Some(start) = text.get(..CUT) else { return text };
    let is_whole = text.get(CUT).is_none_or(|byte| byte & 0xC0 != 0x80);
    let end = if is_whole { CUT } else { start.iter().rposition(|byte| byte & 0xC0 != 0x80).unwrap_or(0) };
    start.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests;
