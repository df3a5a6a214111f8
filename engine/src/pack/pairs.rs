//! Which two bytes can stand next to a text in a match of its pattern: nearly all hits of everyday words are told from
//! these alone, before any automaton runs.
//!
//! The sets are never too small. Bytes are told apart by 64 codes: letters without their case, all bytes beyond ASCII
//! alike, control bytes as the signs thirty-two places on. Look-around counts as matching anywhere.

use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind, Repetition};

use super::beside::Side;

/// What a piece of a pattern can have at one end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pairs {
    /// Whether it can match nothing, and so says nothing of what stands there.
    empty: bool,
    /// The codes of bytes that can be all of it.
    single: u64,
    /// For the code of the nearest byte those of the one behind it.
    rows: [u64; 64],
}

/// All bytes beyond ASCII.
const FOREIGN: u8 = 63;

/// The code of a byte.
pub(crate) const fn code(byte: u8) -> u8 {
    if byte.is_ascii() { (byte & 0x40) >> 1 | byte & 0x1F } else { FOREIGN }
}

impl Pairs {
    /// A piece that matches nothing but the empty text.
    const EMPTY: Self = Self { empty: true, single: 0, rows: [0; 64] };
    /// A piece that cannot match.
    const NONE: Self = Self { empty: false, single: 0, rows: [0; 64] };

    /// What can stand at one end of a piece.
    pub(super) fn of(hir: &Hir, side: Side) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::EMPTY,
            HirKind::Literal(literal) => match side {
                Side::First => Self::of_text(literal.0.iter().copied()),
                Side::Last => Self::of_text(literal.0.iter().rev().copied()),
            },
            HirKind::Class(class) => Self::of_class(class),
            HirKind::Capture(capture) => Self::of(&capture.sub, side),
            HirKind::Alternation(branches) => {
                branches.iter().fold(Self::NONE, |all, branch| all.or(&Self::of(branch, side)))
            }
            HirKind::Concat(parts) => match side {
                Side::First => Self::of_all(parts.iter(), side),
                Side::Last => Self::of_all(parts.iter().rev(), side),
            },
            HirKind::Repetition(repetition) => Self::of_rounds(repetition, side),
        }
    }

    /// Whether a neighbour, and the byte behind it, are such that a match can have them.
    pub(crate) fn allows(&self, nearest: Option<&u8>, behind: Option<&u8>) -> bool {
        let Some(row) = nearest.map(|byte| code(*byte)) else { return self.empty };
        let second = behind.map_or(u64::MAX, |byte| 1 << code(*byte));
        let pair = self.rows.get(usize::from(row)).is_some_and(|row| row & second != 0);
        self.empty || pair || self.single >> row & 1 != 0
    }

    /// Whether a byte may stand nearest.
    pub(crate) fn starts(&self, nearest: u8) -> bool {
        self.allows(Some(&nearest), None)
    }

    /// Whether a byte may stand behind the nearest one, whatever that is.
    pub(crate) fn goes_on(&self, behind: u8) -> bool {
        let bit = 1 << code(behind);
        self.empty || self.single != 0 || self.rows.iter().any(|row| row & bit != 0)
    }

    fn of_text(mut bytes: impl Iterator<Item = u8>) -> Self {
        let mut pairs = Self::NONE;
        match (bytes.next().map(code), bytes.next().map(code)) {
            (Some(nearest), Some(behind)) => pairs.insert(nearest, 1 << behind),
            (Some(nearest), None) => pairs.single = 1 << nearest,
            (None, _) => pairs.empty = true,
        }
        pairs
    }

    fn of_class(class: &Class) -> Self {
        let mut pairs = Self::NONE;
        let mut add = |from: u8, to: u8| {
            pairs.single |= (from..=to).fold(0, |codes, byte| codes | 1 << code(byte));
        };
        match class {
            Class::Bytes(bytes) => bytes.iter().for_each(|range| add(range.start(), range.end())),
            Class::Unicode(chars) => {
                let ascii = |range: &ClassUnicodeRange| {
                    let end = u8::try_from(range.end().min('\x7F')).unwrap_or(0x7F);
                    u8::try_from(range.start()).ok().filter(u8::is_ascii).map(|start| (start, end))
                };
                chars.iter().filter_map(ascii).for_each(|(start, end)| add(start, end));
                if chars.iter().any(|range| !range.end().is_ascii()) {
                    // Two bytes at the least.
                    pairs.insert(FOREIGN, 1 << FOREIGN);
                }
            }
        }
        pairs
    }

    fn of_all<'h>(parts: impl Iterator<Item = &'h Hir>, side: Side) -> Self {
        let mut so_far = Self::EMPTY;
        for part in parts {
            if !so_far.empty && so_far.single == 0 {
                break;
            }
            so_far = so_far.then(&Self::of(part, side));
        }
        so_far
    }

    fn of_rounds(repetition: &Repetition, side: Side) -> Self {
        if repetition.max == Some(0) {
            return Self::EMPTY;
        }
        let one = Self::of(&repetition.sub, side);
        let two = if repetition.max == Some(1) { Self::NONE } else { one.then(&one) };
        let rounds = if repetition.min > 1 { two } else { two.or(&one) };
        if repetition.min == 0 { rounds.or(&Self::EMPTY) } else { rounds }
    }

    /// This, and `next` behind it.
    fn then(&self, next: &Self) -> Self {
        let mut all = self.clone();
        let firsts =
            next.rows.iter().enumerate().fold(next.single, |firsts, (row, behind)| {
                if *behind == 0 { firsts } else { firsts | 1 << row }
            });
        for nearest in 0..64 {
            if self.single >> nearest & 1 != 0 {
                all.insert(nearest, firsts);
            }
        }
        if self.empty {
            all.join(&next.rows);
        }
        all.single = (if next.empty { self.single } else { 0 }) | (if self.empty { next.single } else { 0 });
        all.empty = self.empty && next.empty;
        all
    }

    fn or(mut self, other: &Self) -> Self {
        self.join(&other.rows);
        self.single |= other.single;
        self.empty |= other.empty;
        self
    }

    fn insert(&mut self, nearest: u8, behind: u64) {
        if let Some(row) = self.rows.get_mut(usize::from(nearest)) {
            *row |= behind;
        }
    }

    fn join(&mut self, rows: &[u64; 64]) {
        for (row, other) in self.rows.iter_mut().zip(rows) {
            *row |= other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(pattern: &str, side: Side, text: &str) -> bool {
        let hir = regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern).expect("valid");
        let bytes = text.as_bytes();
        let at = |index: usize| match side {
            Side::First => bytes.get(index),
            Side::Last => bytes.len().checked_sub(index + 1).and_then(|at| bytes.get(at)),
        };
        Pairs::of(&hir, side).allows(at(0), at(1))
    }

    #[test]
    fn two_bytes_are_told_across_pieces() {
        for (pattern, fits, unfit) in [
            (r"\s+(?:you|all)", [" y", " A", "  "], [" x", "yo", "o "]),
            (r"s?\b[.!]?x{3,}", ["sx", "xx", ".x"], ["sa", "ax", "x."]),
            (r"[ab]c?", ["ab", "bc", "a!"], ["cc", "xx", "!a"]),
            (r"(?:ж|é)z", ["é", "ж", "日"], ["z ", "ab", "\u{1}z"]),
        ] {
            for text in fits {
                assert!(allows(pattern, Side::First, text), "{pattern} {text}");
            }
            for text in unfit {
                assert!(!allows(pattern, Side::First, text), "{pattern} {text}");
            }
        }
        assert!(allows(r"(?:of|the) ", Side::Last, "of "));
        assert!(allows(r"(?:of|the) ", Side::Last, "if "));
        assert!(!allows(r"(?:of|the) ", Side::Last, "or "));
        assert!(allows(r".*", Side::Last, "or ") && allows("(?:ab)*", Side::First, ""));
    }
}
