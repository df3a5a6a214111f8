//! Keywords of a rule, and whether every match of its pattern contains one of them, in any case.
//!
//! A keyword that its own pattern spells out says nothing that the pattern does not, so it need not be asked for. The
//! answer errs towards no.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::account::ChangeKind;
use crate::dialect::parsed;
use crate::draft::{Draft, Drafts, FARTHEST, Near};

/// How many spellings of a run of parts are told apart.
const MOST_SPELLINGS: usize = 128;
/// The longest run that is looked at.
const MOST_LENGTH: usize = 256;

/// Asks for a keyword near the match, where the pattern does not spell one out.
pub(crate) fn keywords(words: &[String], drafts: &mut Drafts, draft: &mut Draft) {
    let words: Vec<String> =
        words.iter().map(|word| word.to_lowercase()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() || parsed(&draft.regex).is_ok_and(|hir| contains_one_of(&hir, &words)) {
        return;
    }
    drafts.change(draft.of, ChangeKind::Keyword, "");
    draft.company.extend(words.first().cloned());
    draft.near.push(Near { any: words, regex: None, within: FARTHEST, weight: None });
}

/// Whether every match contains one of these words, which are lower case.
pub(crate) fn contains_one_of(hir: &Hir, words: &[String]) -> bool {
    if spellings(hir).is_some_and(|all| has_word(&all, words)) {
        return true;
    }
    match hir.kind() {
        HirKind::Capture(capture) => contains_one_of(&capture.sub, words),
        HirKind::Repetition(repetition) => repetition.min > 0 && contains_one_of(&repetition.sub, words),
        HirKind::Alternation(branches) => branches.iter().all(|branch| contains_one_of(branch, words)),
        HirKind::Concat(parts) => {
            parts.iter().any(|part| contains_one_of(part, words))
                || runs(parts).any(|run| has_word(&run, words))
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}

fn has_word(spellings: &[Vec<u8>], words: &[String]) -> bool {
    let holds = |text: &Vec<u8>| {
        words
            .iter()
            .any(|word| !word.is_empty() && text.windows(word.len()).any(|part| part == word.as_bytes()))
    };
    !spellings.is_empty() && spellings.iter().all(holds)
}

/// The spellings, in lower case, of the runs of neighbouring parts that have few of them.
fn runs(parts: &[Hir]) -> impl Iterator<Item = Vec<Vec<u8>>> {
    (0..parts.len()).map(|first| {
        let mut run = vec![Vec::new()];
        for part in parts.get(first..).unwrap_or_default() {
            let Some(longer) = spellings(part).and_then(|next| joined(&run, &next)) else { break };
            run = longer;
        }
        run
    })
}

fn joined(heads: &[Vec<u8>], tails: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    if heads.len() * tails.len() > MOST_SPELLINGS {
        return None;
    }
    let mut all: Vec<Vec<u8>> =
        heads.iter().flat_map(|head| tails.iter().map(|tail| [head.as_slice(), tail].concat())).collect();
    all.sort_unstable();
    all.dedup();
    all.iter().all(|text| text.len() <= MOST_LENGTH).then_some(all)
}

/// All texts of a part, in lower case; `None` where there are many.
fn spellings(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.to_ascii_lowercase()]),
        HirKind::Class(class) => of_class(class),
        HirKind::Capture(capture) => spellings(&capture.sub),
        HirKind::Concat(parts) => {
            parts.iter().try_fold(vec![Vec::new()], |run, part| joined(&run, &spellings(part)?))
        }
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(spellings(branch)?);
                all.sort_unstable();
                all.dedup();
                if all.len() > MOST_SPELLINGS {
                    return None;
                }
            }
            Some(all)
        }
        HirKind::Repetition(repetition) => {
            let most = repetition.max.filter(|most| *most <= 4)?;
            let one = spellings(&repetition.sub)?;
            let mut all = Vec::new();
            let mut run = vec![Vec::new()];
            for count in 0..=most {
                if count >= repetition.min {
                    all.extend(run.clone());
                }
                if count < most {
                    run = joined(&run, &one)?;
                }
            }
            all.sort_unstable();
            all.dedup();
            (all.len() <= MOST_SPELLINGS).then_some(all)
        }
    }
}

/// The members of a small class. A letter in both its cases is one.
fn of_class(class: &Class) -> Option<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    match class {
        Class::Bytes(bytes) => {
            for range in bytes.ranges() {
                let members = (range.start()..=range.end()).map(|byte| vec![byte.to_ascii_lowercase()]);
                all.extend(members.take(MOST_SPELLINGS + 1));
            }
        }
        Class::Unicode(chars) => {
            for range in chars.ranges() {
                for c in (range.start()..=range.end()).take(MOST_SPELLINGS + 1) {
                    all.push(c.to_lowercase().collect::<String>().into_bytes());
                }
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    (all.len() <= MOST_SPELLINGS).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(pattern: &str, words: &[&str]) -> bool {
        let hir = crate::dialect::parsed(pattern).unwrap();
        contains_one_of(&hir, &words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_word_that_the_pattern_spells_out_is_in_every_match() {
        assert!(contains(r"(?i)[\w.-]{0,50}?(?:adafruit)(?:x)?[a-z]{4}", &["adafruit"]));
        assert!(contains(r"\b((?:A3T[A-Z0-9]|AKIA|ASIA)[A-Z2-7]{16})\b", &["a3t", "akia", "asia"]));
        assert!(contains(r"(?-i:[Jj]ira|JIRA)x", &["jira"]));
        assert!(contains(r"sk-(?:ant)?-api", &["-api"]));
        assert!(contains(r"gh[pousr]_x", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]));
        assert!(contains(r"(?:x(?:abc)+){1,3}", &["abc"]));
    }

    #[test]
    fn a_word_that_may_be_absent_is_not() {
        assert!(!contains(r"(?:adafruit)?x", &["adafruit"]));
        assert!(!contains(r"akia|asia", &["akia"]));
        assert!(!contains(r"[a-z]{40}", &["token"]));
        assert!(!contains(r"ab[a-z]*cd", &["abcd"]));
        assert!(!contains(r"gh[pousr]_x", &["ghp_"]));
        assert!(!contains("x", &[""]), "no word");
    }
}
