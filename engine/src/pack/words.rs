//! Whether a text of a pattern starts a word in every match: then it need be looked for only where words start.
//!
//! A word is a run of ASCII letters and digits here; the letter of an escape (`\n`, `\t`) belongs to none, and the letter
//! after it starts a word.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Whether a text that begins with a letter or digit starts a word wherever it has `before` right before it.
pub(super) fn starts_word<'h>(before: impl DoubleEndedIterator<Item = &'h Hir> + Clone) -> bool {
    let mut pieces = before.rev();
    while let Some(piece) = pieces.next() {
        if is_escaped(piece, pieces.clone().next()) {
            return true;
        }
        match end_of(piece) {
            End::Apart => return true,
            End::ApartOrEmpty => {}
            End::Word => return false,
        }
    }
    false
}

/// What a piece ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Something that no word goes on after.
    Apart,
    /// That, or nothing.
    ApartOrEmpty,
    /// It may be a letter or digit.
    Word,
}

fn end_of(hir: &Hir) -> End {
    match hir.kind() {
        // A boundary before a letter or digit; what Unicode takes for part of a word, ASCII's letters are.
        HirKind::Look(
            Look::WordAscii | Look::WordUnicode | Look::WordStartAscii | Look::WordStartUnicode,
        ) => End::Apart,
        HirKind::Empty | HirKind::Look(_) => End::ApartOrEmpty,
        HirKind::Literal(literal) => match *literal.0 {
            [.., b'\\', last] if last.is_ascii_alphabetic() => End::Apart,
            [.., last] if !last.is_ascii_alphanumeric() => End::Apart,
            _ => End::Word,
        },
        HirKind::Class(class) => {
            let holds_word = match class {
                Class::Bytes(bytes) => bytes.iter().any(|range| holds_word(range.start(), range.end())),
                Class::Unicode(chars) => chars.iter().any(|range| {
                    let end = u8::try_from(range.end()).unwrap_or(u8::MAX);
                    u8::try_from(range.start()).is_ok_and(|start| holds_word(start, end))
                }),
            };
            if holds_word { End::Word } else { End::Apart }
        }
        HirKind::Capture(capture) => end_of(&capture.sub),
        HirKind::Repetition(repetition) => match end_of(&repetition.sub) {
            End::Apart if repetition.min == 0 => End::ApartOrEmpty,
            end => end,
        },
        HirKind::Alternation(branches) => {
            branches.iter().map(end_of).fold(End::Apart, |so_far, end| match (so_far, end) {
                (End::Word, _) | (_, End::Word) => End::Word,
                (End::ApartOrEmpty, _) | (_, End::ApartOrEmpty) => End::ApartOrEmpty,
                (End::Apart, End::Apart) => End::Apart,
            })
        }
        HirKind::Concat(parts) => {
            if starts_word(parts.iter()) {
                return End::Apart;
            }
            let empty = parts.iter().all(|part| end_of(part) == End::ApartOrEmpty);
            if empty { End::ApartOrEmpty } else { End::Word }
        }
    }
}

/// Whether a piece is the letter of an escape, whose backslash ends the piece before it.
fn is_escaped(piece: &Hir, before: Option<&Hir>) -> bool {
    let letters = match piece.kind() {
        HirKind::Class(Class::Bytes(bytes)) => {
            bytes.iter().all(|range| range.start().is_ascii_alphabetic() && range.end().is_ascii_alphabetic())
        }
        HirKind::Class(Class::Unicode(chars)) => {
            chars.iter().all(|range| range.start().is_ascii_alphabetic() && range.end().is_ascii_alphabetic())
        }
        _ => false,
    };
    let backslash = |hir: &Hir| matches!(hir.kind(), HirKind::Literal(literal) if literal.0.ends_with(b"\\"));
    letters && before.is_some_and(backslash)
}

fn holds_word(start: u8, end: u8) -> bool {
    (start..=end).any(|byte| byte.is_ascii_alphanumeric())
}

/// The places in a literal where words start for sure; the first byte's only where `starts` says so.
pub(crate) fn word_starts(literal: &[u8], starts: bool) -> impl Iterator<Item = usize> {
    let at = move |index: Option<usize>| index.and_then(|index| literal.get(index)).copied();
    literal
        .iter()
        .enumerate()
        .filter(move |(index, byte)| {
            let apart = match (at(index.checked_sub(1)), at(index.checked_sub(2))) {
                (None, _) => starts,
                (Some(before), Some(b'\\')) => {
                    before.is_ascii_alphabetic() || !before.is_ascii_alphanumeric()
                }
                (Some(before), _) => !before.is_ascii_alphanumeric(),
            };
            apart && byte.is_ascii_alphanumeric()
        })
        .map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_starts_follow_from_what_stands_before() {
        let parsed = |pattern: &str| {
            regex_syntax::ParserBuilder::new()
                .utf8(false)
                .unicode(false)
                .build()
                .parse(pattern)
                .expect("valid")
        };
        for pattern in [r"x\b", r"a(?:[\s*]|\\[nrt])+", r"\s+(?:\b)?", r"x[.,]", r"(?:\W|\\n)", r"-+[ ]{0,3}"]
        {
            assert!(starts_word([parsed(pattern)].iter()), "{pattern}");
        }
        for pattern in ["x", r"\s*", r"[a-z ]", r"(?:\s|n)", r"x[.,]?", r"\\n{2}", ""] {
            assert!(!starts_word([parsed(pattern)].iter()), "{pattern}");
        }
        assert_eq!(word_starts(b"a b\\nc-de", false).collect::<Vec<_>>(), [2, 4, 5, 7]);
        assert_eq!(word_starts(b"ab", true).collect::<Vec<_>>(), [0]);
    }
}
