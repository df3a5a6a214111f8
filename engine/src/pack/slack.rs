//! How far a pattern runs from one of its ends before it asks for something that not every text has: how soon a try from
//! there is over.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::ways::ascii;

/// From which end a piece is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    First,
    Last,
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
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (0, false),
        HirKind::Literal(_) => (0, true),
        HirKind::Class(class) => {
            let wide = is_wide(class);
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

/// Whether a class has most bytes, of which those beyond ASCII are half.
fn is_wide(class: &Class) -> bool {
    /// A class of at least as many bytes asks for nothing.
    const WIDE: usize = 128;
    let (ascii, beyond) = ascii(class);
    ascii.len() + if beyond { 128 } else { 0 } >= WIDE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_passed_over_until_something_is_asked_for() {
        let of = |pattern: &str, side| {
            let hir = regex_syntax::ParserBuilder::new()
                .utf8(false)
                .unicode(false)
                .build()
                .parse(pattern)
                .expect("valid");
            (slack([&hir].into_iter(), side), asks(&hir, side))
        };
        assert_eq!(of(r"[^.]{0,60}rules", Side::First), (60, true));
        assert_eq!(of(r"[^.]{0,60}rules", Side::Last), (0, true));
        assert_eq!(of(r"\s+(?:x|[^a])", Side::First), (0, true));
        assert_eq!(of(r"(?:x|[^a]{9})", Side::First), (9, false));
        assert_eq!(of(r".*", Side::Last), (64, false));
    }
}
