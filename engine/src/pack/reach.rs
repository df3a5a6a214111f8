//! How far from an anchor a match can reach, read from the pattern: it bounds the window that a regex runs in.

use regex_syntax::hir::{Hir, HirKind};

/// Bytes before and after an anchor that belong to the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reach(pub(crate) usize);

impl Reach {
    /// What an unbounded repetition counts for beyond its minimum. A longer run still matches, cut at the window.
    const UNBOUNDED: usize = 24;
    /// The same for a run that has to be long: the body of a key. A PEM of RSA-8192 has 6,400 characters.
    const UNBOUNDED_BODY: usize = 8192;
    /// From which minimum on a run is such a body.
    const BODY: u32 = 32;
    /// The smallest and the largest window: keywords and context need some room, cost needs an end.
    const RANGE: (usize, usize) = (64, 8192);

    pub(super) fn of(pattern: &str) -> Result<Self, String> {
        let hir = regex_syntax::ParserBuilder::new()
            .utf8(false)
            .unicode(super::compile::needs_unicode(pattern))
            .build()
            .parse(&super::compile::in_bytes(pattern))
            .map_err(|error| format!("the regex is not valid: {error}"))?;
        Ok(Self(longest(&hir).clamp(Self::RANGE.0, Self::RANGE.1)))
    }
}

/// The longest match in bytes, where unbounded repetitions count for a fixed length.
fn longest(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(class) => class.maximum_len().unwrap_or(4),
        HirKind::Capture(capture) => longest(&capture.sub),
        HirKind::Concat(parts) => parts.iter().fold(0, |sum, part| sum.saturating_add(longest(part))),
        HirKind::Alternation(branches) => branches.iter().map(longest).max().unwrap_or(0),
        HirKind::Repetition(repetition) => {
            let each = longest(&repetition.sub);
            let times = repetition.max.map(|max| max as usize);
            match times {
                Some(times) => each.saturating_mul(times),
                None if repetition.min >= Reach::BODY => Reach::UNBOUNDED_BODY,
                None => each.saturating_mul(repetition.min as usize).saturating_add(Reach::UNBOUNDED),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reach_follows_the_pattern_and_has_a_floor_and_a_ceiling() {
        assert_eq!(Reach::of("a{200}b").map(|r| r.0), Ok(201));
        assert_eq!(Reach::of("ab").map(|r| r.0), Ok(64));
        assert_eq!(Reach::of("(?:a{100}){400}").map(|r| r.0), Ok(8192));
        assert_eq!(Reach::of("x{300}[ab]+y").map(|r| r.0), Ok(300 + 1 + 24 + 1));
    }
}
