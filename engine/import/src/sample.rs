//! Texts that a pattern matches, made from its parts. The same pattern gives the same texts.
//!
//! They are proposals: look-around, entropy and allow lists may speak against them, so each is tried with the engine
//! before a pack holds it.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::limits::MOST_TEXT;

/// A text that the pattern may match. `seed` names the pattern, `variant` tells its texts apart.
pub(crate) fn sample(hir: &Hir, seed: &str, variant: u64) -> Option<String> {
    // FNV-1a: any spread of names over numbers will do.
    let hash = seed
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3));
    let mut maker =
        Maker { state: hash ^ (variant + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15), variant, out: Vec::new() };
    maker.push(hir)?;
    String::from_utf8(maker.out).ok().filter(|text| !text.is_empty())
}

struct Maker {
    state: u64,
    variant: u64,
    out: Vec<u8>,
}

impl Maker {
    /// A number below `below` (xorshift; `below` is small, so the bias does not matter).
    fn below(&mut self, below: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).unwrap_or(0) % below.max(1)
    }

    /// `None` where the text becomes too long or a class is empty.
    fn push(&mut self, hir: &Hir) -> Option<()> {
        if self.out.len() > MOST_TEXT {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.out.extend_from_slice(&literal.0),
            HirKind::Class(class) => self.push_member(class)?,
            HirKind::Capture(capture) => self.push(&capture.sub)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.push(part))?,
            HirKind::Alternation(branches) => {
                // The first branches first: they are what the author thought of.
                let chosen = if self.variant < 2 { 0 } else { self.below(branches.len()) };
                self.push(branches.get(chosen)?)?;
            }
            HirKind::Repetition(repetition) => {
                let least = usize::try_from(repetition.min).ok()?;
                let most = repetition.max.map_or(least.saturating_add(24), |most| most as usize);
                // Short gaps and long secrets: a part without bounds of its own is mostly a value.
                let room = most.saturating_sub(least);
                let more = match self.variant % 4 {
                    0 => usize::from(least == 0 && room > 0 && room < 64),
                    1 => 0,
                    2 => self.below(room.min(3) + 1),
                    _ => self.below(room.min(24) + 1),
                };
                for _ in 0..least + more {
                    self.push(&repetition.sub)?;
                }
            }
        }
        Some(())
    }

    fn push_member(&mut self, class: &Class) -> Option<()> {
        let has = |byte: u8| match class {
            Class::Bytes(bytes) => {
                bytes.ranges().iter().any(|range| (range.start()..=range.end()).contains(&byte))
            }
            Class::Unicode(chars) => {
                chars.ranges().iter().any(|range| (range.start()..=range.end()).contains(&char::from(byte)))
            }
        };
        // Where nearly anything may stand, a space keeps words apart.
        if self.variant.is_multiple_of(2) && [b' ', b'a', b'=', b'.'].into_iter().all(has) {
            self.out.push(b' ');
            return Some(());
        }
        let plain: Vec<u8> =
            (0..128).filter(|byte: &u8| byte.is_ascii_alphanumeric() && has(*byte)).collect();
        let visible: Vec<u8> =
            (0..128).filter(|byte: &u8| (byte.is_ascii_graphic() || *byte == b' ') && has(*byte)).collect();
        let any: Vec<u8> = (0..128).filter(|byte| has(*byte)).collect();
        for choice in [plain, visible, any] {
            if !choice.is_empty() {
                let chosen = self.below(choice.len());
                self.out.push(*choice.get(chosen)?);
                return Some(());
            }
        }
        match class {
            Class::Bytes(bytes) => self.out.push(bytes.ranges().first()?.start()),
            Class::Unicode(chars) => {
                self.out.extend_from_slice(chars.ranges().first()?.start().to_string().as_bytes());
            }
        }
        Some(())
    }
}

/// Texts near one that a rule matches, the nearest first: one of them the rule should leave alone.
pub(crate) fn near_misses(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let without = |from: usize, to: usize| -> String {
        chars.iter().enumerate().filter(|(at, _)| *at < from || *at >= to).map(|(_, c)| *c).collect()
    };
    let count = chars.len();
    let flat = |c: &char| match c {
        '0'..='9' => '0',
        'a'..='z' => 'a',
        'A'..='Z' => 'A',
        c => *c,
    };
    let third = count / 3;
    let mut all = vec![
        without(count / 2, count / 2 + 1),
        without(count.saturating_sub(1), count),
        without(0, 1),
        without(third, third * 2),
        without(count / 2, count),
        without(0, count / 2),
        chars.iter().map(flat).collect(),
        "nothing of the kind stands here".to_owned(),
    ];
    all.retain(|one| !one.trim().is_empty() && one != text);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::parsed;
    use regex_automata::meta::Regex;

    #[test]
    fn texts_match_what_they_are_made_from_and_are_the_same_each_time() {
        for pattern in [
            r"ghp_[A-Za-z0-9]{36}",
            r"(?:foo|bar)-[a-f]{2,}(?:x|y)?",
            r"\Akey=(?:a|[0-9]{3})\z",
            "(?i)token[^a]{3}",
        ] {
            let regex = Regex::new(pattern).unwrap();
            for variant in 0..8 {
                let text = sample(&parsed(pattern).unwrap(), "rule", variant).unwrap();
                assert!(regex.is_match(&text), "{pattern}: {text:?}");
                assert_eq!(sample(&parsed(pattern).unwrap(), "rule", variant).unwrap(), text);
            }
        }
    }

    #[test]
    fn no_text_grows_without_end() {
        let hir = parsed("(?:(?:a{100}){100}){2}").unwrap();
        assert_eq!(sample(&hir, "rule", 0), None);
    }

    #[test]
    fn near_misses_are_other_texts() {
        for text in ["a", "ab", "ghp_abc", "é"] {
            assert!(near_misses(text).iter().all(|near| near != text), "{text}");
        }
    }
}
