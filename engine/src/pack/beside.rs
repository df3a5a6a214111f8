//! What may stand beside a text in a match, and how far a pattern runs there before it asks for something.
//!
//! The sets are never too small: look-around counts as matching anywhere, but for a word boundary right at the text.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// A set of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteSet([u64; 4]);

impl ByteSet {
    const NONE: Self = Self([0; 4]);
    const ALL: Self = Self([u64::MAX; 4]);

    /// Whether it holds a byte.
    pub(crate) const fn contains(&self, byte: u8) -> bool {
        let [a, b, c, d] = self.0;
        let word = match byte >> 6 {
            0 => a,
            1 => b,
            2 => c,
            _ => d,
        };
        word >> (byte & 63) & 1 != 0
    }

    fn insert(&mut self, byte: u8) {
        if let Some(word) = self.0.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }

    fn of(bytes: impl Iterator<Item = u8>) -> Self {
        let mut set = Self::NONE;
        bytes.for_each(|byte| set.insert(byte));
        set
    }

    fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| {
            self.0.get(word).copied().unwrap_or(0) | other.0.get(word).copied().unwrap_or(0)
        }))
    }

    fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| {
            self.0.get(word).copied().unwrap_or(0) & other.0.get(word).copied().unwrap_or(0)
        }))
    }

    fn in_either_case(self) -> Self {
        let both = |byte: u8| [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
        Self::of((0..=u8::MAX).filter(|byte| self.contains(*byte)).flat_map(both))
    }
}

/// From which end a piece is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    First,
    Last,
}

/// What may stand beside a text: one of these bytes, and at an edge nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Beside {
    pub(crate) bytes: ByteSet,
    pub(crate) nothing: bool,
}

impl Beside {
    /// No demand.
    pub(crate) const ANYTHING: Self = Self { bytes: ByteSet::ALL, nothing: true };

    /// Whether a neighbour is one that a match can have.
    pub(crate) fn allows(&self, neighbour: Option<&u8>) -> bool {
        neighbour.map_or(self.nothing, |byte| self.bytes.contains(*byte))
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self { bytes: self.bytes.or(other.bytes), nothing: self.nothing || other.nothing }
    }

    pub(super) fn in_either_case(self) -> Self {
        Self { bytes: self.bytes.in_either_case(), nothing: self.nothing }
    }
}

/// What may stand beside texts that have `pieces` next to them, the nearest first. `word` says whether every text
/// has a word character at that edge, which lets a word boundary be told from the neighbour alone.
pub(super) fn beside<'h>(pieces: impl Iterator<Item = &'h Hir>, side: Side, word: bool) -> Beside {
    let mut bytes = ByteSet::NONE;
    let mut limit = ByteSet::ALL;
    for piece in pieces {
        // `is_word` holds of no byte beyond ASCII, so that letters of other scripts stay possible.
        if let HirKind::Look(Look::WordAscii | Look::WordUnicode) = piece.kind()
            && word
            && bytes == ByteSet::NONE
        {
            limit = ByteSet::of((0..=u8::MAX).filter(|byte| !is_word(*byte)));
        }
        let (set, may_be_empty) = edge(piece, side);
        bytes = bytes.or(set);
        if !may_be_empty {
            return Beside { bytes: bytes.and(limit), nothing: false };
        }
    }
    Beside { bytes: limit, nothing: true }
}

/// How many bytes of nearly any kind a pattern may pass over before `pieces`, the nearest first, ask for something.
pub(super) fn slack<'h>(pieces: impl Iterator<Item = &'h Hir>, side: Side) -> usize {
    let mut all: usize = 0;
    for piece in pieces {
        let (own, asks) = slack_of(piece, side);
        all = all.saturating_add(own);
        if asks {
            break;
        }
    }
    all
}

/// Whether a piece asks for something that not every text has.
pub(super) fn asks(hir: &Hir, side: Side) -> bool {
    slack_of(hir, side).1
}

/// What an unbounded repetition counts for.
const UNBOUNDED: usize = 64;

fn slack_of(hir: &Hir, side: Side) -> (usize, bool) {
    /// A class of at least as many bytes asks for nothing.
    const WIDE: u32 = 128;
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (0, false),
        HirKind::Literal(_) => (0, true),
        HirKind::Class(class) => {
            let wide = of_class(class).0.iter().map(|word| word.count_ones()).sum::<u32>() >= WIDE;
            (usize::from(wide), !wide)
        }
        HirKind::Capture(capture) => slack_of(&capture.sub, side),
        HirKind::Repetition(repetition) => {
            let (own, asks) = slack_of(&repetition.sub, side);
            let rounds = repetition.max.map_or(UNBOUNDED, |max| max as usize);
            let slack = if asks { own } else { own.saturating_mul(rounds) };
            (slack, asks && repetition.min > 0)
        }
        HirKind::Alternation(branches) => branches.iter().fold((0, true), |so_far, branch| {
            let (own, asks) = slack_of(branch, side);
            (so_far.0.max(own), so_far.1 && asks)
        }),
        HirKind::Concat(parts) => {
            let mut all: usize = 0;
            let forwards = parts.iter();
            let mut take = |part: &Hir| {
                let (own, asks) = slack_of(part, side);
                all = all.saturating_add(own);
                asks
            };
            let asks = match side {
                Side::First => forwards.into_iter().any(&mut take),
                Side::Last => forwards.rev().any(&mut take),
            };
            (all, asks)
        }
    }
}

/// A word character, as `\w` without Unicode has it.
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The bytes that can stand at one end of what a piece matches, and whether it can match nothing.
fn edge(hir: &Hir, side: Side) -> (ByteSet, bool) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (ByteSet::NONE, true),
        HirKind::Literal(literal) => {
            let byte = match side {
                Side::First => literal.0.first(),
                Side::Last => literal.0.last(),
            };
            (ByteSet::of(byte.copied().into_iter()), false)
        }
        HirKind::Class(class) => (of_class(class), false),
        HirKind::Capture(capture) => edge(&capture.sub, side),
        HirKind::Repetition(repetition) => {
            let (set, empty) = edge(&repetition.sub, side);
            (set, empty || repetition.min == 0)
        }
        HirKind::Alternation(branches) => branches.iter().fold((ByteSet::NONE, false), |so_far, branch| {
            let (set, empty) = edge(branch, side);
            (so_far.0.or(set), so_far.1 || empty)
        }),
        HirKind::Concat(parts) => {
            let mut set = ByteSet::NONE;
            for index in 0..parts.len() {
                let place = if side == Side::First { index } else { parts.len() - 1 - index };
                let Some(part) = parts.get(place) else { break };
                let (own, empty) = edge(part, side);
                set = set.or(own);
                if !empty {
                    return (set, false);
                }
            }
            (set, true)
        }
    }
}

/// The bytes of a class; characters beyond ASCII count as any byte of theirs.
fn of_class(class: &Class) -> ByteSet {
    match class {
        Class::Bytes(bytes) => ByteSet::of(bytes.iter().flat_map(|range| range.start()..=range.end())),
        Class::Unicode(chars) => {
            let ascii = chars
                .iter()
                .filter(|range| range.start().is_ascii())
                .flat_map(|range| range.start()..=range.end().min('\x7F'))
                .filter_map(|c| u8::try_from(c).ok());
            let beyond = chars.iter().any(|range| !range.end().is_ascii());
            ByteSet::of(ascii.chain((0x80..=u8::MAX).filter(|_| beyond)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(pattern: &str) -> Hir {
        regex_syntax::ParserBuilder::new().utf8(false).unicode(false).build().parse(pattern).expect("valid")
    }

    #[test]
    fn neighbours_follow_from_what_stands_next() {
        let boundary = [parsed(r"\b")];
        let found = beside(boundary.iter(), Side::First, true);
        assert!(found.nothing && found.allows(Some(&b' ')) && !found.allows(Some(&b'x')));
        let optional = [parsed(r"s?"), parsed(r"\s+")];
        let found = beside(optional.iter(), Side::First, true);
        assert!(!found.nothing && found.allows(Some(&b's')) && found.allows(Some(&b'\n')));
        assert!(!found.allows(Some(&b'x')) && !found.allows(None));
        let last = [parsed("(?:ab|[0-9])")];
        let found = beside(last.iter(), Side::Last, false);
        assert!(found.allows(Some(&b'b')) && found.allows(Some(&b'7')) && !found.allows(Some(&b'a')));
    }
}
