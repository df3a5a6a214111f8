//! Lists of numbers that spell text: hex pairs apart (`69 67`, `69:67`, `0x69, 0x67`) and decimal character codes.
//!
//! They have no byte of their own to search for. Eight numbers take 23 bytes, so every sixteenth byte is looked at with
//! the six after it; prose is passed over at its first letter beyond `f`.

use coldcase_model::{Span, ViewKind};

use super::{Region, reads_as_text};
use crate::view::{codes, hex};

/// How many numbers in a row are a list.
const SHORTEST: usize = 8;
/// Every how many bytes a list is looked for, and how many of its bytes tell it.
const STRIDE: usize = 16;
const WINDOW: usize = 7;

pub(super) fn lists(text: &[u8], bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let (mut probe, mut floor) = (0, 0);
    while let Some(window) = text.get(probe..probe + WINDOW) {
        // The high digit of a hex pair of text is no letter.
        if !window.iter().all(|byte| is_of_list(*byte)) || !window.iter().any(u8::is_ascii_digit) {
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

fn is_of_list(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X') || is_between(byte)
}

const fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b',' | b':' | b'-' | b';' | b'\n' | b'\r' | b'\t')
}

/// Finds the lists in a run of digits and what may stand between them.
fn read(text: &[u8], run: Span, out: &mut Vec<Region>) {
    let mut lists = [Spelling::Pair, Spelling::Prefixed, Spelling::Code].map(List::new);
    let bytes = run.of(text);
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let gap = rest.iter().take_while(|byte| is_between(**byte)).count();
        let len = rest.iter().skip(gap).take_while(|byte| !is_between(**byte)).count();
        let place = Span::new(run.start + at + gap, run.start + at + gap + len);
        let joined = joins(rest.get(..gap).unwrap_or_default());
        // At the run's ends a number may be what is left of a word.
        let beside = [place.start.checked_sub(1), Some(place.end)];
        let is_word =
            |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        let stands_alone = !beside.into_iter().any(is_word);
        for list in &mut lists {
            let is_number = stands_alone && list.spelling.byte(place.of(text)).is_some();
            if !is_number || !joined {
                list.end(text, out);
            }
            if is_number {
                list.add(place);
            }
        }
        at += gap + len;
    }
    for list in &mut lists {
        list.end(text, out);
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
}

impl List {
    const fn new(spelling: Spelling) -> Self {
        Self { spelling, span: Span::new(0, 0), count: 0 }
    }

    fn add(&mut self, number: Span) {
        if self.count == 0 {
            self.span.start = number.start;
        }
        self.span.end = number.end;
        self.count += 1;
    }

    /// Tells of the list if it is long enough and reads as text.
    fn end(&mut self, text: &[u8], out: &mut Vec<Region>) {
        if std::mem::take(&mut self.count) < SHORTEST {
            return;
        }
        let numbers = self.span.of(text).split(|byte| is_between(*byte)).filter(|number| !number.is_empty());
        let mut sample = [0; 48];
        let mut len = 0;
        for (number, room) in numbers.zip(&mut sample) {
            *room = self.spelling.byte(number).unwrap_or_default();
            len += 1;
        }
        if sample.get(..len).is_some_and(reads_as_text) {
            out.push(Region { span: self.span, kind: self.spelling.kind() });
        }
    }
}
