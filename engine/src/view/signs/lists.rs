//! Lists of numbers that spell text: hex pairs apart (`69 67`, `69:67`, `0x69, 0x67`) and decimal character codes.
//!
//! They have no byte of their own to search for. Eight numbers take 23 bytes, so every sixteenth byte is looked at with
//! the seven after it, all eight at once; prose is passed over for its letters beyond `f`, a hash for want of anything
//! between its digits.

use coldcase_model::{Span, ViewKind};

use super::{Region, reads_as_text};
use crate::view::{codes, hex};

/// How many numbers in a row are a list.
const SHORTEST: usize = 8;
/// Every how many bytes a list is looked for, and how many of its bytes tell it.
const STRIDE: usize = 16;

pub(super) fn lists(text: &[u8], bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let (mut probe, mut floor) = (0, 0);
    while let Some(window) = text.get(probe..).and_then(|rest| rest.first_chunk()) {
        if !may_be_list(*window) {
            probe += STRIDE;
            continue;
        }
        let part = bounds(probe);
        let before = Span::new(part.start.max(floor), probe).of(text);
        let back = before.iter().rev().take_while(|byte| is_of_list(**byte)).count();
        let after = Span::new(probe, part.end).of(text);
        let on = after.iter().take_while(|byte| is_of_list(**byte)).count();
        let run = Span::new(probe - back, probe + on);
        if run.len() >= SHORTEST * 3 - 1 {
            read(text, run, out);
        }
        floor = run.end;
        probe = floor.max(probe + 1);
    }
}

/// Whether eight bytes may stand in a list: something between numbers, and digits, since the first digit of a hex pair
/// of text is no letter.
fn may_be_list(window: [u8; 8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let bytes = u64::from_le_bytes(window);
    // The high bit of a byte tells, first that it is from `g` on or beyond ASCII, then that it is no `x`.
    let beyond = bytes.wrapping_add((0x80 - u64::from(b'g')) * EACH) | bytes;
    let other = (bytes | (0x20 * EACH)) ^ (u64::from(b'x') * EACH);
    let not_x = ((other & !HIGH) + !HIGH) | other;
    if beyond & not_x & HIGH != 0 {
        return false;
    }
    // A high bit is left where a byte is below `0`, and where one is a colon or semicolon.
    let below = bytes.wrapping_sub(u64::from(b'0') * EACH) & !bytes;
    let colons = (bytes & !EACH) ^ (u64::from(b':') * EACH);
    let colon = colons.wrapping_sub(EACH) & !colons;
    (below | colon) & HIGH != 0
        && window.iter().all(|byte| is_of_list(*byte))
        && window.iter().any(u8::is_ascii_digit)
}

fn is_of_list(byte: u8) -> bool {
    OF_LIST.get(usize::from(byte)).copied().unwrap_or(false)
}

/// Digits, the `x` before them, and what stands between numbers.
#[expect(clippy::indexing_slicing, reason = "evaluated at compile time: a bad index would not build")]
const OF_LIST: [bool; 256] = {
    let mut of_list = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        of_list[byte as usize] = byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X') || is_between(byte);
        byte += 1;
    }
    of_list
};

const fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b',' | b':' | b'-' | b';' | b'\n' | b'\r' | b'\t')
}

/// Finds the lists in a run of digits and what may stand between them.
fn read(text: &[u8], run: Span, out: &mut Vec<Region>) {
    let mut lists = [Spelling::Pair, Spelling::Prefixed, Spelling::Code].map(List::new);
    let is_word = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let bytes = run.of(text);
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let gap = rest.iter().take_while(|byte| is_between(**byte)).count();
        let len = rest.iter().skip(gap).take_while(|byte| !is_between(**byte)).count();
        let place = Span::new(run.start + at + gap, run.start + at + gap + len);
        at += gap + len;
        let joined = joins(rest.get(..gap).unwrap_or_default());
        // At the run's ends a number may be what is left of a word.
        let cut = place.start == run.start && is_word(run.start.checked_sub(1))
            || place.end == run.end && is_word(Some(run.end));
        for list in &mut lists {
            let byte = list.spelling.byte(place.of(text)).filter(|_| !cut);
            if byte.is_none() || !joined {
                list.end(out);
            }
            if let Some(byte) = byte {
                list.add(place, byte);
            }
        }
    }
    for list in &mut lists {
        list.end(out);
    }
}

/// Whether this stands between two numbers of one list: white space, and one sign at most.
fn joins(gap: &[u8]) -> bool {
    gap.len() <= 24 && gap.iter().filter(|byte| !byte.is_ascii_whitespace()).count() <= 1
}

/// How the numbers of a list are written.
#[derive(Debug, Clone, Copy)]
enum Spelling {
    /// Two hex digits.
    Pair,
    /// One or two hex digits after `0x`.
    Prefixed,
    /// Up to three decimal digits.
    Code,
}

impl Spelling {
    const fn kind(self) -> ViewKind {
        match self {
            Self::Pair | Self::Prefixed => ViewKind::Hex,
            Self::Code => ViewKind::CharCodes,
        }
    }

    /// The byte that a number stands for if it is written so.
    fn byte(self, number: &[u8]) -> Option<u8> {
        match (self, number) {
            (Self::Pair, [_, _]) => hex::byte(number),
            (Self::Prefixed, [b'0', b'x' | b'X', digits @ ..]) if digits.len() <= 2 => hex::byte(digits),
            (Self::Code, _) => codes::code(number),
            _ => None,
        }
    }
}

/// Numbers in a row that are spelt alike.
struct List {
    spelling: Spelling,
    span: Span,
    count: usize,
    /// What the first of them stand for.
    sample: [u8; 48],
}

impl List {
    const fn new(spelling: Spelling) -> Self {
        Self { spelling, span: Span::new(0, 0), count: 0, sample: [0; 48] }
    }

    fn add(&mut self, number: Span, byte: u8) {
        if self.count == 0 {
            self.span.start = number.start;
        }
        self.span.end = number.end;
        if let Some(room) = self.sample.get_mut(self.count) {
            *room = byte;
        }
        self.count += 1;
    }

    /// Tells of the list if it is long enough and reads as text.
    fn end(&mut self, out: &mut Vec<Region>) {
        let count = std::mem::take(&mut self.count);
        if count >= SHORTEST && reads_as_text(self.sample.get(..count).unwrap_or(&self.sample)) {
            out.push(Region { span: self.span, kind: self.spelling.kind() });
        }
    }
}
