//! Forms of a pattern that an automaton can run fast: letters in both cases, no Unicode word boundaries, few counters.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex_syntax::hir::{
    Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look, Repetition,
};

/// The pattern with every letter in both cases. ASCII letters stay within ASCII, as they do where literals are compared.
pub(super) fn in_either_case(hir: &Hir) -> Hir {
    let all = |parts: &[Hir]| parts.iter().map(in_either_case).collect();
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => hir.clone(),
        HirKind::Literal(literal) => match str::from_utf8(&literal.0) {
            Ok(text) => Hir::concat(text.chars().map(either_char).collect()),
            Err(_) => Hir::concat(literal.0.iter().map(|&byte| either_byte(byte)).collect()),
        },
        HirKind::Class(class) => {
            let mut class = class.clone();
            match &mut class {
                Class::Bytes(bytes) => bytes.case_fold_simple(),
                Class::Unicode(chars) => in_either_case_of(chars),
            }
            Hir::class(class)
        }
        HirKind::Capture(capture) => in_either_case(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(all(parts)),
        HirKind::Alternation(branches) => Hir::alternation(all(branches)),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            sub: Box::new(in_either_case(&repetition.sub)),
            ..repetition.clone()
        }),
    }
}

/// Adds the other case of a class's characters. To look each of them up takes a thousand times as long as to see that
/// a class, like `[^.]`, has all characters beyond ASCII.
fn in_either_case_of(chars: &mut ClassUnicode) {
    let has_all_beyond = chars.iter().any(|range| range.start() <= '\u{80}' && range.end() == char::MAX);
    if !has_all_beyond {
        *chars = folded(chars);
        return;
    }
    let other_case = |from: u8, to: u8, shift: i8| {
        let ranges = chars.iter().filter_map(move |range| {
            let start = range.start().max(char::from(from));
            let end = range.end().min(char::from(to));
            let shifted =
                |c: char| u8::try_from(c).ok().map(|byte| char::from(byte.wrapping_add_signed(shift)));
            (start <= end).then(|| Some(ClassUnicodeRange::new(shifted(start)?, shifted(end)?))).flatten()
        });
        ranges.collect::<Vec<_>>()
    };
    let (lower, upper) = (other_case(b'A', b'Z', 32), other_case(b'a', b'z', -32));
    chars.union(&ClassUnicode::new(lower.into_iter().chain(upper)));
}

/// A class with the other case of its characters. Patterns use the same few classes over and over, and each costs as much
/// as it has characters.
fn folded(chars: &ClassUnicode) -> ClassUnicode {
    /// Packs with more classes than this pay for each.
    const MOST: usize = 4096;
    type Known = HashMap<Vec<(char, char)>, ClassUnicode>;
    static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
    let key: Vec<(char, char)> = chars.iter().map(|range| (range.start(), range.end())).collect();
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folded) = known().get(&key) {
        return folded.clone();
    }
    let mut folded = chars.clone();
    // The tables for it are compiled in; without them the class would stay as it is.
    drop(folded.try_case_fold_simple());
    let mut known = known();
    if known.len() < MOST {
        known.insert(key, folded.clone());
    }
    folded
}

fn either_char(c: char) -> Hir {
    if let Ok(byte) = u8::try_from(c)
        && byte.is_ascii()
    {
        return either_byte(byte);
    }
    let range = ClassUnicodeRange::new(c, c);
    let mut class = ClassUnicode::new([range]);
    drop(class.try_case_fold_simple());
    Hir::class(Class::Unicode(class))
}

fn either_byte(byte: u8) -> Hir {
    let both = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
    let ranges = both.map(|byte| ClassBytesRange::new(byte, byte));
    Hir::class(Class::Bytes(ClassBytes::new(ranges)))
}

/// The pattern without Unicode word boundaries, which the automata cannot tell.
pub(crate) fn without_unicode_words(hir: &Hir) -> Hir {
    let all = |parts: &[Hir]| parts.iter().map(without_unicode_words).collect();
    match hir.kind() {
        HirKind::Look(look) if is_unicode_word(*look) => Hir::empty(),
        HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) | HirKind::Class(_) => hir.clone(),
        HirKind::Capture(capture) => without_unicode_words(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(all(parts)),
        HirKind::Alternation(branches) => Hir::alternation(all(branches)),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            sub: Box::new(without_unicode_words(&repetition.sub)),
            ..repetition.clone()
        }),
    }
}

/// A repetition that may end after so many rounds more than it needs keeps its end.
const FEW_ROUNDS: u32 = 4;

/// The pattern without the ends of its long repetitions: an automaton needs states for each round that is counted,
/// and tables that outgrow the cache are slow. Matches all that the pattern matches, and more.
pub(super) fn uncounted(hir: &Hir) -> Hir {
    let all = |parts: &[Hir]| parts.iter().map(uncounted).collect();
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) | HirKind::Class(_) => hir.clone(),
        HirKind::Capture(capture) => uncounted(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(all(parts)),
        HirKind::Alternation(branches) => Hir::alternation(all(branches)),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            max: repetition.max.filter(|max| max - repetition.min <= FEW_ROUNDS),
            sub: Box::new(uncounted(&repetition.sub)),
            ..repetition.clone()
        }),
    }
}

const fn is_unicode_word(look: Look) -> bool {
    matches!(
        look,
        Look::WordUnicode
            | Look::WordUnicodeNegate
            | Look::WordStartUnicode
            | Look::WordEndUnicode
            | Look::WordStartHalfUnicode
            | Look::WordEndHalfUnicode
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(pattern: &str) -> Hir {
        let unicode = !pattern.is_ascii() || pattern.contains(r"\b");
        regex_syntax::ParserBuilder::new().utf8(false).unicode(unicode).build().parse(pattern).expect("valid")
    }

    #[test]
    fn both_cases_are_those_of_the_regex_flag() {
        for pattern in ["Ignore (?:all|it)", "[a-c]{2}x?", "(?:é|ж)+"] {
            let flagged = parsed(&format!("(?i:{pattern})"));
            assert_eq!(in_either_case(&parsed(pattern)), flagged, "{pattern}");
        }
    }

    #[test]
    fn classes_of_all_beyond_ascii_fold_as_others_do() {
        for pattern in ["[^.a-c]", r"[^K-Zb\n]", "[^a-zA-Z]", "[^A]", "[^0-9a-z]"] {
            let parsed = parsed(&format!("(?u:{pattern})"));
            let HirKind::Class(Class::Unicode(slow)) = parsed.kind() else { panic!("{pattern} is a class") };
            let (mut slow, mut fast) = (slow.clone(), slow.clone());
            in_either_case_of(&mut fast);
            slow.try_case_fold_simple().expect("the tables are compiled in");
            // The Kelvin sign and the long s are the other case of letters; text that holds them has a view of its own.
            fast.union(&ClassUnicode::new("kKsS".chars().map(|c| ClassUnicodeRange::new(c, c))));
            assert_eq!(fast, slow, "{pattern}");
        }
    }

    #[test]
    fn only_long_repetitions_lose_their_end() {
        let pattern = parsed("a{2,5}(?:b|[^.]{0,60}){1,3}c{20,40}d+");
        assert_eq!(uncounted(&pattern), parsed("a{2,5}(?:b|[^.]*){1,3}c{20,}d+"));
    }

    #[test]
    fn only_word_boundaries_go() {
        assert_eq!(without_unicode_words(&parsed(r"\b(?:a|\Bb)$")), parsed("(?:a|b)$"));
    }
}
