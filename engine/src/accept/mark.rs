//! Marks at the end of a line, of Pipelock's shape: `# pipelock:ignore`, `// pipelock:ignore NAME`.
//!
//! A mark stands in what is scanned, and whoever attacks may have written it. So it counts only for rules that a baseline names,
//! and only for a credential or personal data in a text that an agent read: a string of a tool's, resource's or prompt's result
//! that is named as such a text is. Match and mark stand in that one string, on one line of it, as they are, and the mark after
//! white space. What goes out is never marked away, nor are orders, definitions, links, fields of protocols, what a model says or
//! calls, and bodies of HTTP. Left out: marks for a whole file or for the next line, and values that are disguised.

use coldcase_model::json::{self, unescape};
use coldcase_model::{Category, Direction, Event, Origin, Part, RuleInfo, Span, Surface};

use crate::scan::Located;

const MARK: &[u8] = b"pipelock:ignore";
/// How far behind a value its line may end.
const MOST_BYTES: usize = 4096;

/// Whether a mark may speak of what a rule finds.
pub fn may_be_marked(category: Category) -> bool {
    category == Category::Dlp
}

/// Whether the line on which a match stands ends with a mark for its rule.
pub(super) fn is_marked(event: &Event, rule: &RuleInfo, found: &Located) -> bool {
    if !may_be_marked(rule.category)
        || event.head.direction != Some(Direction::Ingress)
        || !found.views.is_empty()
    {
        return false;
    }
    let Some(part) = event.part_at(found.secret.start).filter(|part| found.secret.end <= part.span.end)
    else {
        return false;
    };
    let Some((text, secret)) = string(event, part, found.secret) else { return false };
    let rest = text.get(secret.end..).unwrap_or_default();
    let near = rest.get(..MOST_BYTES).unwrap_or(rest);
    let end = line_end(near);
    if end == near.len() && near.len() < rest.len() {
        return false;
    }
    let line = near.get(..end).unwrap_or_default();
    let value = secret.of(&text);
    // Of a value on several lines only the last could be marked.
    line_end(value) == value.len() && speaks_of(line, rule)
}

/// The string that a value stands in, and where in it; `None` where no mark counts.
fn string(event: &Event, part: &Part, found: Span) -> Option<(Vec<u8>, Span)> {
    /// What strings that hold what was read are called.
    const TEXTS: [&[u8]; 4] = [b"text", b"content", b"output", b"stdout"];
    let is_of_document = |part: &&Part| matches!(part.origin, Origin::Document | Origin::Body { .. });
    if part.surface != Surface::ToolResult || !is_of_document(&part) {
        return None;
    }
    // The document's first part starts where the document's text starts.
    let base = event.parts.iter().find(is_of_document).map_or(0, |part| part.span.start);
    let in_text = Span::new(found.start.checked_sub(base)?, found.end.checked_sub(base)?);
    let place = json::locate(&event.document, in_text)?;
    let name = place.pointer.rsplit(|byte| *byte == b'/').find(|step| !step.iter().all(u8::is_ascii_digit));
    let before = place.content.start.checked_sub(1).and_then(|at| event.document.get(at));
    let after = event.document.get(place.content.end..)?;
    // A string, and not the key of one.
    let is_string = before == Some(&b'"') && !after.get(1..)?.trim_ascii_start().starts_with(b":");
    let text = unescape(place.content.of(&event.document));
    let is_whole = place.span.of(&text) == found.of(&event.text);
    (is_string && is_whole && name.is_some_and(|name| TEXTS.contains(&name))).then_some((text, place.span))
}

/// Where the first line of a text ends, by any sign that a program may take for its end.
fn line_end(text: &[u8]) -> usize {
    let is_end = |at: usize| match text.get(at..).unwrap_or_default() {
        [b'\n' | b'\r' | 0x0B | 0x0C | 0x1C..=0x1E, ..] => true,
        // U+0085, U+2028 and U+2029.
        [0xC2, 0x85, ..] | [0xE2, 0x80, 0xA8 | 0xA9, ..] => true,
        _ => false,
    };
    (0..text.len()).find(|at| is_end(*at)).unwrap_or(text.len())
}

/// Whether what follows a match on its line ends with a mark for all rules, or for this one by its id or title.
fn speaks_of(line: &[u8], rule: &RuleInfo) -> bool {
    let Some(at) = memchr::memmem::rfind(line, MARK) else { return false };
    let Some((before, after)) = line.split_at_checked(at) else { return false };
    let before = before.trim_ascii_end();
    let Some(before) = before.strip_suffix(b"//").or_else(|| before.strip_suffix(b"#")) else { return false };
    // A comment, and not the fragment of a URL.
    if !before.last().is_some_and(u8::is_ascii_whitespace) {
        return false;
    }
    let after = after.get(MARK.len()..).unwrap_or_default();
    let name = after.trim_ascii();
    let is_named = |own: &str| name.eq_ignore_ascii_case(own.as_bytes());
    name.is_empty()
        || after.first().is_some_and(u8::is_ascii_whitespace) && (is_named(&rule.id) || is_named(&rule.title))
}

#[cfg(test)]
mod tests {
    use coldcase_model::{Confidence, References, Severity};

    use super::*;

    #[test]
    fn a_mark_ends_its_line_in_a_comment_and_names_its_rule_or_none() {
        let rule = RuleInfo {
            id: "dlp.acme.key".into(),
            title: "Acme key".into(),
            gain: "".into(),
            pack: "".into(),
            category: Category::Dlp,
            severity: Severity::High,
            lowered_from: None,
            confidence: Confidence(1.0),
            references: References::default(),
        };
        for (line, wanted) in [
            ("\" # pipelock:ignore", true),
            ("; //pipelock:ignore \t\r", true),
            ("#pipelock:ignore", false),
            ("&x=1#pipelock:ignore", false),
            (" #  pipelock:ignore ACME KEY", true),
            (" # pipelock:ignore dlp.acme.key ", true),
            (" # pipelock:ignore other", false),
            (" # pipelock:ignore Acme key, it's a test", false),
            (" # pipelock:ignoreAcme key", false),
            (" pipelock:ignore", false),
            (" # not pipelock:ignore", false),
            (" # Pipelock:Ignore", false),
            ("", false),
        ] {
            assert_eq!(speaks_of(line.as_bytes(), &rule), wanted, "{line:?}");
        }
    }
}
