//! Which texts a piece of a pattern can match, where they are few enough to list.
//!
//! What is said of a piece is never too little: every text that the piece matches is in the list. Look-around counts
//! as matching anywhere.

use regex_syntax::hir::{Class, Hir, HirKind};

/// More texts than this make a poor anchor.
pub(super) const MAX_TEXTS: usize = 400;
/// So many texts are tried for without need.
pub(super) const SOME_TEXTS: usize = 96;
/// A beginning that is a text already is not spelled out further into more than this.
const MAX_BEGINNINGS: usize = 32;
/// A piece that can match more bytes is not spelled out.
const LONGEST: usize = 256;
/// A class of more bytes is not spelled out.
const MAX_CLASS: usize = 66;
/// A repetition of more rounds is not spelled out.
const MAX_ROUNDS: u32 = 4;

/// Every text that the piece matches; `None` where they are too many to list.
pub(super) fn texts(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    if hir.properties().maximum_len().is_none_or(|longest| longest > LONGEST) {
        return None;
    }
    let listed = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![Vec::new()],
        HirKind::Literal(literal) => vec![literal.0.to_vec()],
        HirKind::Class(class) => members(class)?,
        HirKind::Capture(capture) => texts(&capture.sub)?,
        HirKind::Concat(parts) => parts
            .iter()
            .try_fold(vec![Vec::new()], |so_far, part| crossed(&so_far, &texts(part)?, SOME_TEXTS))?,
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(texts(branch)?);
                if all.len() > SOME_TEXTS {
                    return None;
                }
            }
            all
        }
        HirKind::Repetition(repetition) => {
            let max = repetition.max.filter(|max| *max <= MAX_ROUNDS)?;
            let sub = texts(&repetition.sub)?;
            let mut all = Vec::new();
            let mut rounds = vec![Vec::new()];
            for round in 0..=max {
                if round >= repetition.min {
                    all.extend(rounds.iter().cloned());
                }
                if round < max {
                    rounds = crossed(&rounds, &sub, SOME_TEXTS)?;
                }
            }
            all
        }
    };
    (listed.len() <= SOME_TEXTS).then_some(listed)
}

/// Texts of which every match starts with one; `None` where they are too many to list, or one is empty.
pub(super) fn beginnings(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    if let Some(all) = texts(hir).filter(|all| all.len() <= MAX_CLASS) {
        return all.iter().all(|text| !text.is_empty()).then_some(all);
    }
    match hir.kind() {
        HirKind::Capture(capture) => beginnings(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min >= 1 => {
            let one = beginnings(&repetition.sub)?;
            let exact = texts(&repetition.sub).is_some();
            let rounds = if exact { repetition.min.min(MAX_ROUNDS) } else { 1 };
            Some((1..rounds).fold(one.clone(), |so_far, _| {
                crossed(&so_far, &one, SOME_TEXTS)
                    .filter(|longer| longer.len() <= MAX_CLASS)
                    .unwrap_or(so_far)
            }))
        }
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(beginnings(branch)?);
            }
            (all.len() <= SOME_TEXTS).then_some(all)
        }
        HirKind::Concat(parts) => {
            let mut so_far = vec![Vec::new()];
            for part in parts {
                let fits = |longer: &Vec<Vec<u8>>| longer.len() <= MAX_BEGINNINGS || so_far == [[]];
                let whole = texts(part).and_then(|next| crossed(&so_far, &next, SOME_TEXTS)).filter(fits);
                if let Some(longer) = whole {
                    so_far = longer;
                    continue;
                }
                let begun =
                    beginnings(part).and_then(|next| crossed(&so_far, &next, SOME_TEXTS)).filter(fits);
                so_far = begun.unwrap_or(so_far);
                break;
            }
            so_far.iter().all(|text| !text.is_empty()).then_some(so_far)
        }
        HirKind::Empty
        | HirKind::Look(_)
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Repetition(_) => None,
    }
}

/// Each text of the first list followed by each of the second; `None` where that makes too many.
pub(super) fn crossed(first: &[Vec<u8>], second: &[Vec<u8>], most: usize) -> Option<Vec<Vec<u8>>> {
    let fits = first.len().saturating_mul(second.len()) <= most;
    let joined = |head: &Vec<u8>| {
        let head = head.clone();
        second.iter().map(move |tail| [head.as_slice(), tail].concat())
    };
    fits.then(|| first.iter().flat_map(joined).collect())
}

fn members(class: &Class) -> Option<Vec<Vec<u8>>> {
    match class {
        Class::Bytes(bytes) => {
            let count: usize = bytes.iter().map(|range| usize::from(range.end() - range.start()) + 1).sum();
            let all = || bytes.iter().flat_map(|range| range.start()..=range.end()).map(|byte| vec![byte]);
            (count <= MAX_CLASS).then(|| all().collect())
        }
        Class::Unicode(chars) => {
            let count: usize = chars.iter().map(regex_syntax::hir::ClassUnicodeRange::len).sum();
            let all = || chars.iter().flat_map(|range| range.start()..=range.end());
            (count <= MAX_CLASS).then(|| all().map(|c| c.to_string().into_bytes()).collect())
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
    fn small_pieces_are_spelled_out() {
        let listed = |pattern: &str| {
            texts(&parsed(pattern)).map(|texts| {
                texts.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect::<Vec<_>>()
            })
        };
        assert_eq!(listed("gh[pos]_").expect("few"), ["gho_", "ghp_", "ghs_"]);
        assert_eq!(listed("ab?(?:c|d)").expect("few"), ["ac", "ad", "abc", "abd"]);
        assert_eq!(listed(r"\bx{2}\b").expect("few"), ["xx"]);
        assert_eq!(listed(r"[\x00-\x7f]"), None);
        assert_eq!(listed("(?:a|b)+"), None);
    }

    #[test]
    fn a_piece_of_unknown_length_still_begins_somehow() {
        let begins = |pattern: &str| {
            let texts = beginnings(&parsed(pattern))?;
            Some(texts.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect::<Vec<_>>())
        };
        assert_eq!(begins("(?:pt|st(?:x+)?)y").expect("few"), ["pt", "st"]);
        assert_eq!(begins("A{20,24}").expect("few"), ["AAAA"]);
        assert_eq!(begins("b[01]+c").expect("few"), ["b0", "b1"]);
        assert_eq!(begins("(?:ab)*c"), None);
    }
}
