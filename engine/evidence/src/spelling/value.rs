//! Values: where one ends, and whether it is JSON without white space, as the writer compacts it.
//!
//! Left out: order and uniqueness of keys, which the writer keeps as raw JSON gave them.

use super::text::{Strictness, string};

/// Go's encoder and decoder refuse deeper nesting.
/// Source: Go, `encoding/json`, `maxNestingDepth`.
const DEEPEST: usize = 10_000;

/// The end of the value that starts at `from`; where it goes wrong, that place. `open` is room to work in.
pub(crate) fn value(text: &[u8], from: usize, open: &mut Vec<bool>) -> Result<usize, usize> {
    open.clear();
    let mut at = from;
    loop {
        at = match text.get(at).ok_or(at)? {
            b'{' => match text.get(at + 1) {
                Some(b'}') => at + 2,
                _ => {
                    enter(open, true, at)?;
                    at = key(text, at + 1)?;
                    continue;
                }
            },
            b'[' => match text.get(at + 1) {
                Some(b']') => at + 2,
                _ => {
                    enter(open, false, at)?;
                    at += 1;
                    continue;
                }
            },
            b'"' => string(text, at + 1, Strictness::Detail)?.end + 1,
            b'-' | b'0'..=b'9' => number(text, at)?,
            b't' => literal(text, at, b"true")?,
            b'f' => literal(text, at, b"false")?,
            b'n' => literal(text, at, b"null")?,
            _ => return Err(at),
        };
        // After a value: close what ends here, until another value follows.
        loop {
            let Some(in_object) = open.last().copied() else { return Ok(at) };
            match (text.get(at), in_object) {
                (Some(b','), true) => {
                    at = key(text, at + 1)?;
                    break;
                }
                (Some(b','), false) => {
                    at += 1;
                    break;
                }
                (Some(b'}'), true) | (Some(b']'), false) => {
                    open.pop();
                    at += 1;
                }
                _ => return Err(at),
            }
        }
    }
}

fn enter(open: &mut Vec<bool>, object: bool, at: usize) -> Result<(), usize> {
    if open.len() == DEEPEST {
        return Err(at);
    }
    open.push(object);
    Ok(())
}

/// The place after a key and its colon.
fn key(text: &[u8], at: usize) -> Result<usize, usize> {
    if text.get(at) != Some(&b'"') {
        return Err(at);
    }
    let end = string(text, at + 1, Strictness::Detail)?.end;
    if text.get(end + 1) == Some(&b':') { Ok(end + 2) } else { Err(end + 1) }
}

fn literal(text: &[u8], at: usize, word: &[u8]) -> Result<usize, usize> {
    let rest = text.get(at..).unwrap_or_default();
    let same = rest.iter().zip(word).take_while(|(byte, wanted)| byte == wanted).count();
    if same == word.len() { Ok(at + same) } else { Err(at + same) }
}

/// RFC 8259, section 6.
fn number(text: &[u8], from: usize) -> Result<usize, usize> {
    let digits = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let some_digits = |at: usize| match digits(at) {
        end if end > at => Ok(end),
        _ => Err(at),
    };
    let whole = from + usize::from(text.get(from) == Some(&b'-'));
    let mut at = some_digits(whole)?;
    if text.get(whole) == Some(&b'0') && at > whole + 1 {
        return Err(whole);
    }
    if text.get(at) == Some(&b'.') {
        at = some_digits(at + 1)?;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        at = some_digits(at + 1 + sign)?;
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn end(text: &str) -> Result<usize, usize> {
        value(text.as_bytes(), 0, &mut Vec::new())
    }

    #[test]
    fn compact_values_end_where_they_end() {
        for text in [
            "null",
            "true",
            "false",
            "0",
            "-0",
            "1.50",
            "1e3",
            "-1.5E-7",
            "\"\"",
            "{}",
            "[]",
            "[[],{}]",
            r#"{"a":[1,{"b":null}],"a":"x\/"}"#,
            "[[[[1]]]]",
        ] {
            assert_eq!(end(text), Ok(text.len()), "{text}");
            assert_eq!(end(&format!("{text},\"next\":1")), Ok(text.len()), "{text}");
        }
    }

    #[test]
    fn what_is_not_json_or_not_compact_is_refused() {
        for text in [
            "",
            " 1",
            "{ }",
            "[1 ]",
            "[1, 2]",
            r#"{"a": 1}"#,
            "01",
            "1.",
            "-",
            "1e",
            "+1",
            ".5",
            "nul",
            "[1,]",
            "{,}",
            r#"{"a"}"#,
            "[1}",
            r#"{"a":1]"#,
            "[",
            "{\"a\":",
            "\"a",
            "NaN",
            "'a'",
            "{1:2}",
        ] {
            assert!(end(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_was_open_before_is_forgotten() {
        let mut open = Vec::new();
        assert_eq!(value(b"[[", 0, &mut open), Err(2));
        assert_eq!(value(b"1]", 0, &mut open), Ok(1));
    }

    #[test]
    fn nesting_ends_at_the_limit_without_recursion() {
        let nested = |depth: usize| "[".repeat(depth) + "1" + &"]".repeat(depth);
        assert!(end(&nested(DEEPEST)).is_ok());
        assert_eq!(end(&nested(DEEPEST + 1)), Err(DEEPEST));
        assert_eq!(end(&"[".repeat(1_000_000)), Err(DEEPEST));
    }

    proptest! {
        #[test]
        fn serde_agrees(text in r#"[\[\]{}",:a0-9e.+\-\\utrfnl ]{0,40}"#) {
            let ours = end(&text) == Ok(text.len());
            let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            let has_space = text.contains(' ');
            // White space may stand inside a string; elsewhere it is what serde takes and we do not.
            prop_assert!(ours <= theirs || text.contains("\\u"), "{text}");
            prop_assert!(ours || !theirs || has_space, "{text}");
        }
    }
}
