//! Takes what was found out of the strings that hold it, or says that it cannot.
//!
//! Only what stands in a string value as it is written, between two characters: a finding behind a decoding, in a key
//! or across values has no bytes that could be cut out without guessing.

use coldcase_model::json::{Kind, Tape, Value};
use coldcase_model::{Finding, Span};

/// The message at `message` of a line, without what the findings rest on; `None` where that cannot be done exactly.
///
/// The caller judges the result again: what a mark leaves behind may be found by another rule.
pub(super) fn strip(line: &[u8], message: Span, findings: &[Finding]) -> Option<Vec<u8>> {
    let text = message.of(line);
    let mut tape = Tape::default();
    let root = tape.parse(text).ok()?;
    // What ties messages together is not rewritten.
    let kept: Vec<Span> =
        ["jsonrpc", "id", "method"].iter().filter_map(|key| root.get(key)).map(Value::span).collect();
    let mut cuts = Vec::with_capacity(findings.len());
    for finding in findings {
        let start = usize::try_from(finding.source.pos.offset).ok()?.checked_sub(message.start)?;
        let span = Span::new(start, start + usize::try_from(finding.source.len).ok()?);
        let string = root.descendants().find(|value| holds(*value, span))?;
        let is_exact = finding.views.is_empty() && !span.is_empty() && !kept.contains(&string.span());
        if !is_exact || !is_between_characters(text, string.content(), span) {
            return None;
        }
        cuts.push((span, format!("[removed: {}]", finding.rule.id)));
    }
    cuts.sort_by_key(|(span, _)| *span);
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for (span, mark) in cuts {
        if span.start >= at {
            out.extend_from_slice(text.get(at..span.start)?);
            // A rule's name is the pack's own text, and may hold anything.
            let mark = serde_json::to_string(&mark).ok()?;
            out.extend_from_slice(mark.as_bytes().get(1..mark.len() - 1)?);
        }
        at = at.max(span.end);
    }
    out.extend_from_slice(text.get(at..)?);
    Some(out)
}

fn holds(value: Value<'_, '_>, span: Span) -> bool {
    let content = value.content();
    value.kind() == Kind::String && content.start <= span.start && span.end <= content.end
}

/// Whether both ends of a span of a string's content stand between two characters or escapes.
fn is_between_characters(text: &[u8], content: Span, span: Span) -> bool {
    let (mut at, mut ends) = (content.start, 0);
    while at <= content.end {
        ends += usize::from(at == span.start) + usize::from(at == span.end);
        if at >= span.end {
            break;
        }
        at += character(text.get(at..content.end).unwrap_or_default());
    }
    ends == 2
}

/// How many bytes the first character takes as it is written.
fn character(text: &[u8]) -> usize {
    match text {
        // A pair of surrogates is one character.
        [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', _, _, b'\\', b'u', ..] => 12,
        [b'\\', b'u', ..] => 6,
        [b'\\', ..] => 2,
        [0xC0..=0xDF, ..] => 2,
        [0xE0..=0xEF, ..] => 3,
        [0xF0..=0xFF, ..] => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_lie_between_characters() {
        let text = r#""a\u0041\ud83d\ude00é\\z""#.as_bytes();
        let content = Span::new(1, text.len() - 1);
        let between = |start, end| is_between_characters(text, content, Span::new(start, end));
        assert!(between(1, 2) && between(2, 8) && between(8, 20) && between(20, 22) && between(22, 24));
        assert!(between(1, content.end));
        for (start, end) in [(2, 5), (3, 8), (8, 14), (14, 20), (20, 21), (22, 23), (23, 24)] {
            assert!(!between(start, end), "{start}..{end}");
        }
    }
}
