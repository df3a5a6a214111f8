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

/// Texts, one after another in one buffer: lists of them are made and dropped by the thousand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Texts {
    /// A list of one text.
    pub(super) fn of(text: &[u8]) -> Self {
        Self { bytes: text.to_vec(), ends: vec![text.len()] }
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Each of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let text = self.bytes.get(start..end).unwrap_or_default();
            start = end;
            text
        })
    }

    /// How long the shortest is; 0 where there is none.
    pub(super) fn shortest(&self) -> usize {
        self.iter().map(<[u8]>::len).min().unwrap_or(0)
    }

    /// Adds a text, given in two halves.
    pub(super) fn push(&mut self, head: &[u8], tail: &[u8]) {
        self.bytes.extend_from_slice(head);
        self.bytes.extend_from_slice(tail);
        self.ends.push(self.bytes.len());
    }

    /// Adds the texts of another list.
    pub(super) fn append(&mut self, other: &Self) {
        let from = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes);
        self.ends.extend(other.ends.iter().map(|end| from + end));
    }

    /// Each of these followed by each of `next`; `None` where that makes too many.
    pub(super) fn crossed(&self, next: &Self, most: usize) -> Option<Self> {
        let count = self.len().saturating_mul(next.len());
        (count <= most).then(|| {
            let bytes = self.bytes.len() * next.len() + next.bytes.len() * self.len();
            let mut all = Self { bytes: Vec::with_capacity(bytes), ends: Vec::with_capacity(count) };
            for head in self.iter() {
                next.iter().for_each(|tail| all.push(head, tail));
            }
            all
        })
    }
}

/// Every text that the piece matches; `None` where they are too many to list.
pub(super) fn texts(hir: &Hir) -> Option<Texts> {
    if hir.properties().maximum_len().is_none_or(|longest| longest > LONGEST) {
        return None;
    }
    let listed = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Texts::of(b""),
        HirKind::Literal(literal) => Texts::of(&literal.0),
        HirKind::Class(class) => members(class)?,
        HirKind::Capture(capture) => texts(&capture.sub)?,
        HirKind::Concat(parts) => {
            parts.iter().try_fold(Texts::of(b""), |so_far, part| so_far.crossed(&texts(part)?, SOME_TEXTS))?
        }
        HirKind::Alternation(branches) => {
            let mut all = Texts::default();
            for branch in branches {
                all.append(&texts(branch)?);
                if all.len() > SOME_TEXTS {
                    return None;
                }
            }
            all
        }
        HirKind::Repetition(repetition) => {
            let max = repetition.max.filter(|max| *max <= MAX_ROUNDS)?;
            let sub = texts(&repetition.sub)?;
            let mut all = Texts::default();
            let mut rounds = Texts::of(b"");
            for round in 0..=max {
                if round >= repetition.min {
                    all.append(&rounds);
                }
                if round < max {
                    rounds = rounds.crossed(&sub, SOME_TEXTS)?;
                }
            }
            all
        }
    };
    (listed.len() <= SOME_TEXTS).then_some(listed)
}

/// Texts of which every match starts with one; `None` where they are too many to list, or one is empty.
pub(super) fn beginnings(hir: &Hir) -> Option<Texts> {
    if let Some(all) = texts(hir).filter(|all| all.len() <= MAX_CLASS) {
        return (all.shortest() > 0).then_some(all);
    }
    match hir.kind() {
        HirKind::Capture(capture) => beginnings(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min >= 1 => {
            let one = beginnings(&repetition.sub)?;
            let exact = texts(&repetition.sub).is_some();
            let rounds = if exact { repetition.min.min(MAX_ROUNDS) } else { 1 };
            Some((1..rounds).fold(one.clone(), |so_far, _| {
                so_far.crossed(&one, SOME_TEXTS).filter(|longer| longer.len() <= MAX_CLASS).unwrap_or(so_far)
            }))
        }
        HirKind::Alternation(branches) => {
            let mut all = Texts::default();
            for branch in branches {
                all.append(&beginnings(branch)?);
            }
            (all.len() <= SOME_TEXTS).then_some(all)
        }
        HirKind::Concat(parts) => {
            let mut so_far = Texts::of(b"");
            for part in parts {
                let first = so_far.bytes.is_empty() && so_far.len() == 1;
                let fits = |longer: &Texts| longer.len() <= MAX_BEGINNINGS || first;
                let whole = texts(part).and_then(|next| so_far.crossed(&next, SOME_TEXTS)).filter(fits);
                if let Some(longer) = whole {
                    so_far = longer;
                    continue;
                }
                let begun = beginnings(part).and_then(|next| so_far.crossed(&next, SOME_TEXTS)).filter(fits);
                so_far = begun.unwrap_or(so_far);
                break;
            }
            (so_far.shortest() > 0).then_some(so_far)
        }
        HirKind::Empty
        | HirKind::Look(_)
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Repetition(_) => None,
    }
}

fn members(class: &Class) -> Option<Texts> {
    let mut all = Texts::default();
    match class {
        Class::Bytes(bytes) => {
            let count: usize = bytes.iter().map(|range| usize::from(range.end() - range.start()) + 1).sum();
            let each = bytes.iter().flat_map(|range| range.start()..=range.end());
            (count <= MAX_CLASS).then(|| each.for_each(|byte| all.push(&[byte], b"")))?;
        }
        Class::Unicode(chars) => {
            let count: usize = chars.iter().map(regex_syntax::hir::ClassUnicodeRange::len).sum();
            let each = chars.iter().flat_map(|range| range.start()..=range.end());
            let mut utf8 = [0; 4];
            (count <= MAX_CLASS)
                .then(|| each.for_each(|c| all.push(c.encode_utf8(&mut utf8).as_bytes(), b"")))?;
        }
    }
    Some(all)
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
