//! Texts of four bytes of which every match of a pattern contains one, for patterns that the engine finds none in.
//!
//! The engine reads them from the parts that a pattern spells out. Here classes are spelled out too, as far as that leaves a
//! few hundred texts: `0x[0-9a-f]{64}` holds `0x` and two of sixteen digits.

use regex_syntax::hir::{Class, Hir, HirKind};

/// The shortest text that the engine looks for. A longer one tells no more here.
const LENGTH: usize = 4;
/// How many texts a rule is worth.
const MOST: usize = 600;

/// The fewest such texts that are found, sorted.
pub(crate) fn promised(hir: &Hir) -> Option<Vec<String>> {
    let texts = within(hir)?;
    texts.into_iter().map(|text| String::from_utf8(text).ok()).collect()
}

type Texts = Vec<Vec<u8>>;

fn within(hir: &Hir) -> Option<Texts> {
    match hir.kind() {
        HirKind::Capture(capture) => within(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 && !is_small(&repetition.sub) => {
            within(&repetition.sub)
        }
        HirKind::Alternation(branches) => {
            let mut all = Texts::new();
            for branch in branches {
                all.extend(within(branch)?);
                all.sort_unstable();
                all.dedup();
                if all.len() > MOST {
                    return None;
                }
            }
            Some(all)
        }
        HirKind::Concat(parts) => {
            let runs = (0..parts.len()).filter_map(|first| run(parts.get(first..).unwrap_or_default()));
            runs.chain(parts.iter().filter_map(within)).min_by_key(Vec::len)
        }
        _ => run(std::slice::from_ref(hir)),
    }
}

fn is_small(hir: &Hir) -> bool {
    beginnings(hir).is_some_and(|(texts, _)| texts.len() <= 64)
}

/// The texts that parts start with, if all of them are long enough.
fn run(parts: &[Hir]) -> Option<Texts> {
    let mut texts = vec![Vec::new()];
    for part in parts {
        let (next, whole) = beginnings(part)?;
        texts = joined(&texts, &next)?;
        if texts.iter().all(|text| text.len() >= LENGTH) {
            return Some(texts);
        }
        // What follows a part that may go on does not follow these texts.
        if !whole {
            return None;
        }
    }
    None
}

fn joined(heads: &[Vec<u8>], tails: &[Vec<u8>]) -> Option<Texts> {
    let mut all = Texts::new();
    for head in heads {
        if head.len() >= LENGTH {
            all.push(head.clone());
            continue;
        }
        for tail in tails {
            let mut text = [head.as_slice(), tail].concat();
            text.truncate(LENGTH);
            all.push(text);
        }
        if all.len() > MOST * 4 {
            return None;
        }
    }
    all.sort_unstable();
    all.dedup();
    (all.len() <= MOST).then_some(all)
}

/// What a part can start with, up to the length that counts, and whether that is each time the whole of it or long enough.
fn beginnings(hir: &Hir) -> Option<(Texts, bool)> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some((vec![Vec::new()], true)),
        HirKind::Literal(literal) => {
            Some((vec![literal.0.get(..LENGTH.min(literal.0.len())).unwrap_or_default().to_vec()], true))
        }
        HirKind::Class(class) => Some((members(class)?, true)),
        HirKind::Capture(capture) => beginnings(&capture.sub),
        HirKind::Concat(parts) => {
            let mut texts = vec![Vec::new()];
            for part in parts {
                let (next, whole) = beginnings(part)?;
                texts = joined(&texts, &next)?;
                if !whole && texts.iter().any(|text| text.len() < LENGTH) {
                    return Some((texts, false));
                }
            }
            Some((texts, true))
        }
        HirKind::Alternation(branches) => {
            let (mut texts, mut whole) = (Texts::new(), true);
            for branch in branches {
                let (more, of_branch) = beginnings(branch)?;
                texts.extend(more);
                whole &= of_branch;
                if texts.len() > MOST {
                    return None;
                }
            }
            Some((texts, whole))
        }
        HirKind::Repetition(repetition) => {
            let (one, whole) = beginnings(&repetition.sub)?;
            let least = usize::try_from(repetition.min).ok()?.min(LENGTH);
            let mut texts = vec![Vec::new()];
            // A round that may go on in several ways tells nothing of what follows it.
            for _ in 0..if whole { least } else { least.min(1) } {
                texts = joined(&texts, &one)?;
            }
            let is_exact = repetition.max == Some(repetition.min);
            let is_long = texts.iter().all(|text| text.len() >= LENGTH);
            Some((texts, is_long || (whole && is_exact)))
        }
    }
}

fn members(class: &Class) -> Option<Texts> {
    let Class::Bytes(bytes) = class else { return None };
    let all: Texts =
        bytes.ranges().iter().flat_map(|range| range.start()..=range.end()).map(|byte| vec![byte]).collect();
    (all.len() <= 128).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::parsed;
    use crate::sample::sample;

    #[test]
    fn every_match_holds_one_of_the_texts() {
        for pattern in [
            "(?i)(AKIA|A3T|AGPA)[A-Z0-9]{16,}",
            r"\b0x[0-9a-f]{64}\b",
            "SK[0-9a-fA-F]{32}",
            "x?ab[0-9]{2,3}",
            "(?:ab|c[de])[0-9]{3}",
            "(?:[ab]{2}c?){3}dd",
            "a(?:b|cd)+?[ef]{2}",
        ] {
            let hir = parsed(pattern).unwrap();
            let texts = promised(&hir);
            for variant in 0..40 {
                let Some(text) = sample(&hir, pattern, variant) else { continue };
                let Some(texts) = &texts else { continue };
                assert!(texts.iter().any(|one| text.contains(one.as_str())), "{pattern}: {text}: {texts:?}");
            }
        }
        assert_eq!(promised(&parsed("(?:A3T|AKIA)[0-1]{2}").unwrap()).unwrap(), ["A3T0", "A3T1", "AKIA"]);
        assert_eq!(promised(&parsed("[0-1]x[0-1]y").unwrap()).unwrap().len(), 4);
    }

    #[test]
    fn what_leaves_too_many_texts_has_none() {
        for pattern in
            [r"\b\d{3}-\d{3}-\d{4}\b", "[a-f0-9]{40}", "ab", "ab[0-9]*cd", "(?:abcd)?", "ey[A-Za-z0-9]{10,}"]
        {
            assert_eq!(promised(&parsed(pattern).unwrap()), None, "{pattern}");
        }
    }
}
