//! Lists of numbers that spell text: hex pairs apart (`69 67`, `69:67`, `0x69, 0x67`) and decimal character codes.
//!
//! They have no byte of their own to search for. Eight numbers take 23 bytes of digits and gaps, with never five digits
//! in a row.

use coldcase_model::{Span, ViewKind};

use super::{Places, Region, reads_as_text};
use crate::view::{codes, hex};

/// How many numbers in a row are a list.
const SHORTEST: usize = 8;

pub(super) fn lists(
    text: &[u8],
    mut places: Places<'_>,
    bounds: &impl Fn(usize) -> Span,
    out: &mut Vec<Region>,
) {
    let mut floor = 0;
    while let Some(place) = places.next(floor) {
        let part = bounds(place);
        let before = Span::new(part.start.max(floor), place).of(text);
        let back = before.iter().rev().take_while(|byte| is_of_list(**byte)).count();
        let after = Span::new(place, part.end).of(text);
        let on = after.iter().take_while(|byte| is_of_list(**byte)).count();
        let run = Span::new(place - back, place + on);
        if run.len() >= SHORTEST * 3 - 1 && numbers(run.of(text)) >= SHORTEST {
            read(text, run, out);
        }
        floor = run.end.max(place + 1);
    }
}

/// How many numbers a run has: a date and a time have six.
fn numbers(run: &[u8]) -> usize {
    let begins =
        run.array_windows::<2>().filter(|[before, byte]| is_between(*before) && !is_between(*byte)).count();
    begins + usize::from(run.first().is_some_and(|byte| !is_between(*byte)))
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
