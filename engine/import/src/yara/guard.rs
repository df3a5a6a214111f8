//! A look at a YARA file before its parser sees it: whether it is one, and how long and how deep it is.
//!
//! Texts, regular expressions and comments are passed over as YARA's own tokens are. Left out: whether anything is right.

use crate::limits::{MOST_DEPTH, MOST_TOKENS};

/// Whether a text begins as a YARA file does.
pub(crate) fn is_yara(text: &str) -> bool {
    let mut rest = past_trivia(text);
    loop {
        let (word, after) = word(rest);
        rest = past_trivia(after);
        match word {
            "private" | "global" => {}
            "import" | "include" => return rest.starts_with('"'),
            "rule" => return begins_rule(rest),
            _ => return false,
        }
    }
}

/// Whether a rule's name and what may follow it stand here.
fn begins_rule(text: &str) -> bool {
    let (name, after) = word(text);
    let mut rest = past_trivia(after);
    if name.is_empty() {
        return false;
    }
    if let Some(tags) = rest.strip_prefix(':') {
        rest = past_trivia(tags);
        loop {
            let (tag, after) = word(rest);
            if tag.is_empty() {
                break;
            }
            rest = past_trivia(after);
        }
    }
    rest.starts_with('{')
}

fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// What follows spaces and comments.
fn past_trivia(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        rest = if let Some(comment) = rest.strip_prefix("//") {
            comment.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return rest;
        }
        .trim_start();
    }
}

/// What is too much for the parser, and where.
pub(super) fn too_much(text: &str) -> Option<(usize, String)> {
    too_much_of(text, MOST_DEPTH, MOST_TOKENS)
}

fn too_much_of(text: &str, most_depth: usize, most_tokens: usize) -> Option<(usize, String)> {
    let bytes = text.as_bytes();
    let (mut depth, mut tokens) = (0_usize, 0_usize);
    let (mut at, mut goes_on) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let is_word = byte.is_ascii_alphanumeric() || byte == b'_';
        // A word is one token, and so is each other sign.
        let is_more = is_word && goes_on;
        tokens += usize::from(!byte.is_ascii_whitespace() && !is_more);
        goes_on = is_word;
        at += 1;
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'/' if rest.starts_with(b"/") => at += until(rest, b"\n"),
            b'/' if rest.starts_with(b"*") => at += until(rest, b"*/"),
            b'"' | b'/' => at += literal(rest, byte),
            _ => {}
        }
        if depth > most_depth {
            return Some((at - 1, format!("brackets more than {most_depth} deep")));
        }
        if tokens > most_tokens {
            return Some((at - 1, format!("more than {most_tokens} words and signs")));
        }
    }
    None
}

fn until(bytes: &[u8], end: &[u8]) -> usize {
    memchr::memmem::find(bytes, end).map_or(bytes.len(), |found| found + end.len())
}

/// How long a text or regular expression is, from behind the sign that opens it; none is longer than its line.
fn literal(bytes: &[u8], close: u8) -> usize {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\n' => return at,
            byte if byte == close => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yara_file_is_told_by_how_it_begins() {
        for text in [
            "rule a { condition: true }",
            "// one\n/* two\nrule */ private global rule a:b c\n{",
            "import \"pe\"\n",
            "include /* x */ \"a.yar\"",
        ] {
            assert!(is_yara(text), "{text}");
        }
        for text in
            ["", "rules:\n- id: a\n", "rule: a", "rule a: b\n", "import: \"pe\"", "{}", "// rule a {", "rule"]
        {
            assert!(!is_yara(text), "{text}");
        }
    }

    #[test]
    fn brackets_are_counted_where_they_are_brackets() {
        let deeper = |text: &str, most: usize| too_much_of(text, most, usize::MAX).map(|(at, _)| at);
        let deep = format!("{}1{}", "(".repeat(101), ")".repeat(101));
        assert_eq!(deeper(&deep, 100), Some(100));
        assert_eq!(deeper(&"([{}])".repeat(1000), 3), None);
        for text in [
            format!("\"{}\"", "(".repeat(200)),
            format!("/{}/", r"\(".repeat(200)),
            format!("\"\\\"{}\"", "(".repeat(200)),
            format!("// {}\n", "(".repeat(200)),
            format!("/* {} */", "(".repeat(200)),
        ] {
            assert_eq!(deeper(&text, 100), None, "{text}");
            assert!(deeper(&format!("{text}{deep}"), 100).is_some(), "{text}");
        }
        assert_eq!(deeper("\"\\", 1), None, "an open end");
    }

    #[test]
    fn words_and_signs_are_counted() {
        let more = |text: &str, most: usize| too_much_of(text, usize::MAX, most).is_some();
        for (text, tokens) in
            [("rule a { $x = \"a b c\" }", 8), ("4D 5A ?? ~41", 6), ("a/*b c*/d", 3), ("", 0)]
        {
            assert!(!more(text, tokens) && (tokens == 0 || more(text, tokens - 1)), "{text}");
        }
    }
}
