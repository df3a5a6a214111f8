//! A hit of the prefilter to a match: the rule's regex in a window, then its validators and context.

use coldcase_model::Span;
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input, meta};

use crate::pack::CompiledRule;

/// A rule's pattern where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    /// The rule.
    pub(crate) rule: u32,
    /// The whole match in the text that was searched.
    pub(crate) span: Span,
    /// The part of it that is the secret.
    pub(crate) secret: Span,
}

/// What a rule needs per thread.
#[derive(Debug)]
pub(crate) struct RuleState {
    cache: meta::Cache,
    captures: Captures,
}

impl RuleState {
    pub(crate) fn new(rule: &CompiledRule) -> Self {
        Self { cache: rule.regex.create_cache(), captures: rule.regex.create_captures() }
    }
}

/// How many matches of one rule in one text are reported; that there were more is said.
pub(crate) const MAX_MATCHES: usize = 64;

/// Searches the windows of one rule in one text, in order; says whether it stopped at the most matches.
pub(crate) fn confirm(
    rule: &CompiledRule,
    index: u32,
    state: &mut RuleState,
    text: &[u8],
    windows: &[Span],
    out: &mut Vec<Match>,
) -> bool {
    let already = out.len();
    for &window in windows {
        search(rule, state, text, window, index, out);
        if out.len() - already >= MAX_MATCHES {
            return true;
        }
    }
    false
}

/// How far a match that touches the window's end is followed.
const FOLLOW: usize = 8192;

fn search(
    rule: &CompiledRule,
    state: &mut RuleState,
    text: &[u8],
    window: Span,
    index: u32,
    out: &mut Vec<Match>,
) {
    let mut window = window;
    let mut from = window.start;
    let most = out.len() + MAX_MATCHES;
    while from < window.end && out.len() < most {
        // The range bounds the search; look-around still sees the bytes beyond its edges.
        let anchored = if rule.reach.starts_match() { Anchored::Yes } else { Anchored::No };
        let input = Input::new(text).range(from..window.end).anchored(anchored);
        rule.regex.search_captures_with(&mut state.cache, &input, &mut state.captures);
        let Some(whole) = state.captures.get_match() else { return };
        let span = Span::new(whole.start(), whole.end());
        if span.end == window.end && window.end < text.len() && window.len() < FOLLOW {
            // The match may go on beyond the window: a token is to be taken whole.
            window.end = window.end.saturating_add(FOLLOW).min(text.len());
            continue;
        }
        let secret =
            state.captures.get_group(rule.secret).map_or(span, |group| Span::new(group.start, group.end));
        from = span.end.max(from + 1);
        if accepted(rule, text, span, secret) {
            out.push(Match { rule: index, span, secret });
        }
        if rule.reach.starts_match() {
            return;
        }
    }
}

fn accepted(rule: &CompiledRule, text: &[u8], span: Span, secret: Span) -> bool {
    let bytes = secret.of(text);
    let near = |keywords: &crate::pack::Keywords| {
        let end = span.end.saturating_add(keywords.within).min(text.len());
        let input = Input::new(text).range(span.start.saturating_sub(keywords.within)..end);
        keywords.any.is_match(input)
    };
    rule.entropy.is_none_or(|least| entropy(bytes) >= least)
        && rule.keywords.as_ref().is_none_or(near)
        && rule.validators.iter().all(|validator| validator.accepts(bytes))
        && !rule.allow.as_ref().is_some_and(|allow| allow.is_match(bytes))
}

/// Shannon entropy in bits per byte.
#[expect(clippy::cast_precision_loss, reason = "counts of a credential's bytes are far below 2^24")]
fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    for &byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let total = bytes.len().max(1) as f32;
    counts.iter().filter(|&&count| count > 0).map(|&count| count as f32 / total).map(|p| -p * p.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_zero_for_one_letter_and_eight_at_most() {
        assert!(entropy(b"aaaa").abs() < 1e-6);
        assert!((entropy(b"abcd") - 2.0).abs() < 1e-6);
        let all: Vec<u8> = (0..=255).collect();
        assert!((entropy(&all) - 8.0).abs() < 1e-4);
    }
}
