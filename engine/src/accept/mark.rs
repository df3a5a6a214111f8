//! Marks at the end of a line, of Pipelock's shape: `# pipelock:ignore`, `// pipelock:ignore NAME`.
//!
//! A mark stands in what is scanned, and whoever attacks may have written it. So it counts only for rules that a baseline names,
//! and only for a credential or personal data that came in, in a file that an agent read. What goes out is never marked away, and
//! neither are orders and definitions. Left out: marks for a whole file or for the next line.

use coldcase_model::{Category, Direction, Event, RuleInfo, Span};

const MARK: &[u8] = b"pipelock:ignore";
/// How far behind a match its line may end.
const MOST_BYTES: usize = 4096;

/// Whether a mark may speak of what a rule finds.
pub fn may_be_marked(category: Category) -> bool {
    category == Category::Dlp
}

/// Whether the line on which a match stands ends with a mark for its rule.
pub(super) fn is_marked(event: &Event, rule: &RuleInfo, found: Span) -> bool {
    if !may_be_marked(rule.category) || event.head.direction != Some(Direction::Ingress) {
        return false;
    }
    let Some(part) = event.part_at(found.start).filter(|part| found.end <= part.span.end) else {
        return false;
    };
    let end = part.span.end.min(found.end.saturating_add(MOST_BYTES));
    let rest = Span::new(found.end, end).of(&event.text);
    let line = match memchr::memchr(b'\n', rest) {
        Some(at) => rest.get(..at).unwrap_or_default(),
        None if end == part.span.end => rest,
        None => return false,
    };
    // Of a match on several lines only the last could be marked.
    memchr::memchr(b'\n', found.of(&event.text)).is_none() && speaks_of(line, rule)
}

/// Whether what follows a match on its line ends with a mark for all rules, or for this one by its id or title.
fn speaks_of(line: &[u8], rule: &RuleInfo) -> bool {
    let Some(at) = memchr::memmem::rfind(line, MARK) else { return false };
    let Some((before, after)) = line.split_at_checked(at) else { return false };
    let before = before.trim_ascii_end();
    if !before.ends_with(b"//") && !before.ends_with(b"#") {
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
