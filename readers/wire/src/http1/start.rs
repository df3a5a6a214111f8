//! First lines of messages: which lines are ones, and where one starts in bytes that are none.

use super::message::{Span, Start};
use crate::Side;

/// A first line is told from garbage by as many bytes at most.
pub(super) const SHORTEST: usize = 64;

/// The longest method that is taken for one (RFC 9110 section 9 sets no limit; the longest registered has 17).
const METHOD: usize = 32;

/// Methods that are found in the middle of a line, after the body of a message whose end is unknown.
const METHODS: [&[u8]; 13] = [
    b"GET",
    b"POST",
    b"PUT",
    b"DELETE",
    b"HEAD",
    b"OPTIONS",
    b"PATCH",
    b"CONNECT",
    b"TRACE",
    b"QUERY",
    b"PROPFIND",
    b"REPORT",
    b"SEARCH",
];

/// A first line that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) start: Start,
    /// How it is not as the standard says.
    pub(super) odd: Option<&'static str>,
    /// Whether its version is neither 1.0 nor 1.1.
    pub(super) is_obsolete: bool,
}

impl Line {
    /// Whether it is a request of HTTP/0.9, which is only this line.
    pub(super) fn is_simple(&self) -> bool {
        matches!(self.start, Start::Request { version, .. } if version.start == version.end)
    }
}

/// Whether a byte may stand in a method or name (RFC 9110 section 5.6.2).
pub(super) fn is_token(byte: u8) -> bool {
    TOKEN.get(usize::from(byte)).copied().unwrap_or(false)
}

static TOKEN: [bool; 256] = token_table();

#[expect(clippy::indexing_slicing, reason = "in a constant; a byte is an index of 256 entries")]
const fn token_table() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
            );
        byte += 1;
    }
    table
}

const fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Reads a line without its LF, with or without its CR, as the first of a message.
pub(super) fn parse(side: Side, line: &[u8]) -> Option<Line> {
    match side {
        Side::Client => request(line, false),
        Side::Server => response(line, false),
    }
}

/// What can be read of a first line that is cut off.
pub(super) fn parse_cut(side: Side, line: &[u8]) -> Option<Line> {
    match side {
        Side::Client => {
            let method = line.split(|byte| is_blank(*byte)).next()?;
            METHODS.contains(&method).then(|| request(line, true))?
        }
        Side::Server => response(line, true),
    }
}

/// Whether a first line may start like this: at least [`SHORTEST`] bytes of one.
pub(super) fn may_start(side: Side, line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    match side {
        Side::Client => {
            let method = line.iter().take_while(|byte| is_token(**byte)).count();
            (1..=METHOD).contains(&method) && line.get(method).copied().is_some_and(is_blank)
        }
        Side::Server => response(line, true).is_some(),
    }
}

/// The version at the end of a request line: where it starts.
fn version_at(line: &[u8]) -> Option<usize> {
    let at = line.iter().rposition(|byte| is_blank(*byte))? + 1;
    is_version(line.get(at..)?).then_some(at)
}

/// Where white space and the beginning of a version stand at the end of a line that is cut off.
fn begun_version_at(line: &[u8]) -> Option<usize> {
    let at = line.iter().rposition(|byte| is_blank(*byte))?;
    let begun = line.get(at + 1..)?;
    // Of `HTTP/1.` the point is missing or the minor number.
    let is_begun = b"HTTP/1.".starts_with(begun);
    is_begun.then(|| line.get(..at).map(|line| line.trim_ascii_end().len())).flatten()
}

/// `HTTP/` digit, and a point and a digit if there is one; peers take lower case.
fn is_version(text: &[u8]) -> bool {
    let Some((name, number)) = text.split_at_checked(5) else { return false };
    name.eq_ignore_ascii_case(b"HTTP/")
        && matches!(number, [major] if major.is_ascii_digit())
            | matches!(number, [major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit())
}

/// Trims white space at both ends; gives the range that is left.
fn trim(line: &[u8]) -> (usize, usize) {
    let end = line.trim_ascii_end().len();
    (line.len() - line.trim_ascii_start().len().min(line.len()), end)
}

fn request(line: &[u8], cut: bool) -> Option<Line> {
    let (from, to) = trim(line);
    let text = line.get(from..to)?;
    let method = text.iter().take_while(|byte| is_token(**byte)).count();
    if !(1..=METHOD).contains(&method) || !text.get(method).copied().is_some_and(is_blank) {
        return None;
    }
    let blanks = text.get(method..)?.iter().take_while(|byte| is_blank(**byte)).count();
    let target = method + blanks;
    let version = version_at(text).filter(|at| *at > target);
    let is_simple = version.is_none() && !cut;
    if is_simple && !is_simple_request(text.get(..method)?, text.get(target..)?) {
        return None;
    }
    let end = match version {
        Some(at) => text.get(..at)?.trim_ascii_end().len(),
        None if cut => begun_version_at(text).filter(|at| *at > target).unwrap_or(text.len()),
        None => text.len(),
    };
    if end <= target {
        return None;
    }
    let number = version.and_then(|at| text.get(at..)).unwrap_or_default();
    let is_plain = from == 0
        && blanks == 1
        && matches!(line.get(to..), Some(b"" | b"\r"))
        && version.is_none_or(|at| at == end + 1)
        && !text.get(target..end)?.iter().any(|byte| *byte <= b' ')
        && !text.contains(&b'\t');
    let span = |start: usize, end: usize| Span::new(from + start..from + end);
    Some(Line {
        start: Start::Request {
            method: span(0, method),
            target: span(target, end),
            version: span(text.len() - number.len(), text.len()),
        },
        odd: (!is_plain && !cut).then_some("white space in the request line"),
        is_obsolete: !matches!(number, b"HTTP/1.1" | b"HTTP/1.0") && !cut,
    })
}

/// HTTP/0.9 has one method, and no version that would tell it from other protocols; so the target is a path.
fn is_simple_request(method: &[u8], target: &[u8]) -> bool {
    method == b"GET" && target.first() == Some(&b'/') && target.iter().all(|byte| *byte > b' ')
}

fn response(line: &[u8], cut: bool) -> Option<Line> {
    let (from, to) = trim(line);
    let text = line.get(from..to)?;
    let version = text.iter().position(|byte| is_blank(*byte)).unwrap_or(text.len());
    let number = text.get(..version)?;
    if !is_version(number) && number != b"ICY" {
        return None;
    }
    let rest = text.get(version..)?;
    let code = version + (rest.len() - rest.trim_ascii_start().len());
    let digits = text.get(code..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let after = text.get(code + digits).copied();
    let is_code = digits == 3 && after.is_none_or(is_blank);
    let may_be_code = cut && after.is_none() && digits < 3;
    if !(is_code || may_be_code) {
        return None;
    }
    let status =
        text.get(code..code + digits)?.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    let reason = (code + digits + 1).min(text.len());
    let is_plain =
        from == 0 && (code == version + 1) && matches!(line.get(to..), Some(b"" | b"\r" | b" \r" | b" "));
    Some(Line {
        start: Start::Response {
            version: Span::new(from..from + version),
            status: if is_code { status } else { 0 },
            reason: Span::new(from + reason..from + text.len()),
        },
        odd: (!is_plain && !cut).then_some("white space in the status line"),
        is_obsolete: !matches!(number, b"HTTP/1.1" | b"HTTP/1.0") && !cut,
    })
}

/// Where a first line starts in a line whose beginning may be the end of a body.
pub(super) fn find(side: Side, line: &[u8]) -> Option<usize> {
    let text = line.trim_ascii_end();
    match side {
        Side::Client => {
            let version = version_at(text)?;
            let before = text.get(..version)?.trim_ascii_end();
            let target = before.iter().rposition(|byte| is_blank(*byte))? + 1;
            let word = before.get(..target)?.trim_ascii_end();
            let at = METHODS
                .iter()
                .filter(|method| word.ends_with(method))
                .map(|method| word.len() - method.len());
            let at = at.min()?;
            request(line.get(at..)?, false).map(|_| at)
        }
        Side::Server => {
            let at = memchr::memmem::rfind(text, b"HTTP/1.")?;
            response(line.get(at..)?, false).map(|_| at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Option<(String, String, String)> {
        let show = |span: Span| String::from_utf8_lossy(span.of(line.as_bytes())).into_owned();
        Some(match parse(Side::Client, line.as_bytes())?.start {
            Start::Request { method, target, version } => (show(method), show(target), show(version)),
            Start::Response { .. } | Start::Absent => return None,
        })
    }

    fn three(method: &str, target: &str, version: &str) -> (String, String, String) {
        (method.into(), target.into(), version.into())
    }

    /// RFC 9112 section 3.2.
    #[test]
    fn the_four_forms_of_targets_are_read() {
        for target in
            ["/where?q=now", "http://www.example.org/pub/WWW/TheProject.html", "www.example.com:80", "*"]
        {
            let line = format!("OPTIONS {target} HTTP/1.1\r");
            assert_eq!(words(&line), Some(three("OPTIONS", target, "HTTP/1.1")));
            assert_eq!(parse(Side::Client, line.as_bytes()).unwrap().odd, None);
        }
    }

    #[test]
    fn lenient_forms_are_read_and_told_apart() {
        for (line, expected) in [
            (" GET / HTTP/1.1\r", three("GET", "/", "HTTP/1.1")),
            ("GET  /a  HTTP/1.1", three("GET", "/a", "HTTP/1.1")),
            ("GET /a b HTTP/1.1 ", three("GET", "/a b", "HTTP/1.1")),
            ("GET\t/\tHTTP/1.0", three("GET", "/", "HTTP/1.0")),
        ] {
            assert_eq!(words(line), Some(expected));
            assert!(parse(Side::Client, line.as_bytes()).unwrap().odd.is_some(), "{line:?}");
        }
        assert_eq!(words("GET /old\r"), Some(three("GET", "/old", "")));
        for line in [
            "",
            "GET",
            "POST /x",
            "{\"a\": 1} HTTP/1.1",
            "GET / HTTP/x",
            "\u{1}A B HTTP/1.1",
            "GET HTTP/1.1 x y",
        ] {
            assert_eq!(words(line), None, "{line:?}");
        }
    }

    #[test]
    fn the_beginning_of_a_version_is_no_part_of_a_target_that_is_cut_off() {
        let target = |line: &str| match parse_cut(Side::Client, line.as_bytes())?.start {
            Start::Request { target, .. } => {
                Some(String::from_utf8_lossy(target.of(line.as_bytes())).into_owned())
            }
            _ => None,
        };
        for line in ["GET /a.gif", "GET /a.gif HTT", "GET /a.gif HTTP/1.", "GET /a.gif HTTP/1.1"] {
            assert_eq!(target(line), Some("/a.gif".into()), "{line}");
        }
        assert_eq!(target("GET /a HAT"), Some("/a HAT".into()));
    }

    #[test]
    fn status_lines_with_and_without_reason_are_read() {
        let status = |line: &str| match parse(Side::Server, line.as_bytes())?.start {
            Start::Response { status, reason, .. } => {
                Some((status, String::from_utf8_lossy(reason.of(line.as_bytes())).into_owned()))
            }
            _ => None,
        };
        assert_eq!(status("HTTP/1.1 200 OK\r"), Some((200, "OK".into())));
        assert_eq!(status("HTTP/1.1 200\r"), Some((200, String::new())));
        assert_eq!(status("HTTP/1.0 404  Not  Found"), Some((404, " Not  Found".into())));
        assert_eq!(status("ICY 200 OK"), Some((200, "OK".into())));
        for line in ["HTTP/1.1 2000 OK", "HTTP/1.1 OK", "HTTP/1.1", "HTTPS/1.1 200 OK", "SSH-2.0-x"] {
            assert_eq!(status(line), None, "{line}");
        }
    }

    #[test]
    fn a_start_is_found_after_the_end_of_a_body_but_not_in_a_log_line() {
        assert_eq!(find(Side::Client, b"{\"a\":1}POST /mcp HTTP/1.1\r"), Some(7));
        assert_eq!(find(Side::Server, b"0123HTTP/1.1 200 OK\r"), Some(4));
        assert_eq!(find(Side::Client, b"10.0.0.1 \"GET / HTTP/1.1\" 200"), None);
        assert_eq!(find(Side::Server, b"speaks HTTP/1.1 since then"), None);
    }
}
