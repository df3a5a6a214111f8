//! Parameters of header fields: the boundary, and names of parts (RFC 9110 section 5.6.6, RFC 6266).

use std::borrow::Cow;

/// The longest boundary that is taken; the standard allows 70 bytes (RFC 2046 section 5.1.1), senders use more.
const LONGEST: usize = 256;

/// The boundary that the value of a `Content-Type` field names; `None` where it names none.
pub fn boundary(content_type: &[u8]) -> Option<Vec<u8>> {
    let found = parameters(content_type).find(|(name, _)| name.eq_ignore_ascii_case(b"boundary"));
    found.map(|(_, value)| value.into_owned()).filter(|it| (1..=LONGEST).contains(&it.len()))
}

/// The boundary that a body seems to have: what follows two hyphens on its first line that is not empty.
pub fn guess_boundary(body: &[u8]) -> Option<&[u8]> {
    let start = body.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    let line = body.get(start..)?.strip_prefix(b"--")?;
    let line = line.get(..LONGEST + 1).unwrap_or(line);
    let end = line.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
    line.get(..end).map(<[u8]>::trim_ascii_end).filter(|it| !it.is_empty())
}

/// The parameters after a field's first word, in order. Quotes are taken off; a backslash is, where it stands before a
/// quote or a backslash, since names of files have others.
pub(super) fn parameters(field: &[u8]) -> impl Iterator<Item = (&[u8], Cow<'_, [u8]>)> {
    let mut rest = memchr::memchr(b';', field).and_then(|at| field.get(at + 1..)).unwrap_or_default();
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_ascii_start();
            let end = rest.iter().position(|byte| matches!(byte, b'=' | b';'));
            let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
            let name = name.trim_ascii_end();
            if let Some(value) = after.strip_prefix(b"=") {
                let (value, more) = value_of(value.trim_ascii_start());
                rest = more;
                return Some((name, value));
            }
            rest = after.get(1..)?;
        }
    })
}

/// A value, and what follows its semicolon.
fn value_of(text: &[u8]) -> (Cow<'_, [u8]>, &[u8]) {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        let (value, rest) = text.split_at(memchr::memchr(b';', text).unwrap_or(text.len()));
        return (value.trim_ascii_end().into(), rest.get(1..).unwrap_or_default());
    };
    let mut value = Vec::new();
    let mut bytes = quoted.iter().enumerate().peekable();
    let mut end = quoted.len();
    while let Some((at, byte)) = bytes.next() {
        match (byte, bytes.peek()) {
            (b'"', _) => {
                end = at;
                break;
            }
            (b'\\', Some((_, next @ (b'"' | b'\\')))) => {
                value.push(**next);
                bytes.next();
            }
            _ => value.push(*byte),
        }
    }
    let rest = quoted.get(end..).unwrap_or_default();
    let rest = memchr::memchr(b';', rest).and_then(|at| rest.get(at + 1..)).unwrap_or_default();
    (value.into(), rest)
}

/// Undoes `charset'language'percent-encoded` (RFC 8187 section 3.2.1); the charset is not looked at.
pub(super) fn extended(value: &[u8]) -> Vec<u8> {
    percent_decoded(value.splitn(3, |byte| *byte == b'\'').nth(2).unwrap_or(value))
}

/// Undoes percent-encoding (RFC 3986 section 2.1); a percent sign without two digits stands for itself.
pub fn percent_decoded(coded: &[u8]) -> Vec<u8> {
    let digit = |at: usize| coded.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::with_capacity(coded.len());
    let mut at = 0;
    while let Some(byte) = coded.get(at) {
        let decoded = match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => u8::try_from(high << 4 | low).ok(),
            _ => None,
        };
        out.push(decoded.unwrap_or(*byte));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_are_read_quoted_and_not() {
        // RFC 2046 section 5.1.1.
        let found = |field: &str| boundary(field.as_bytes()).map(|it| String::from_utf8(it).expect("text"));
        assert_eq!(
            found("multipart/mixed; boundary=gc0pJq0M:08jU534c0p").as_deref(),
            Some("gc0pJq0M:08jU534c0p")
        );
        assert_eq!(
            found("multipart/mixed; a=\"x;boundary=no\"; Boundary=\"a b\" ; c").as_deref(),
            Some("a b")
        );
        assert_eq!(found("multipart/mixed;flag; boundary = x ").as_deref(), Some("x"));
        for none in
            ["", "multipart/mixed", "multipart/mixed; boundary", "multipart/mixed; boundary=", "boundary=x"]
        {
            assert_eq!(found(none), None, "{none}");
        }
        assert_eq!(found(&format!("a; boundary={}", "x".repeat(257))), None);
    }

    #[test]
    fn boundaries_are_guessed_from_the_first_line() {
        assert_eq!(guess_boundary(b"\r\n--XyZ \r\nA: b"), Some(&b"XyZ"[..]));
        assert_eq!(guess_boundary(b"--XyZ"), None);
        assert_eq!(guess_boundary(b"text\n--XyZ\n"), None);
        assert_eq!(guess_boundary(&[b'-'; 1000]), None);
    }

    #[test]
    fn names_of_files_keep_their_backslashes() {
        let all: Vec<_> = parameters(
            br#"form-data; name="a\"b\\c"; filename="C:\dir\x.txt" junk; filename*=UTF-8''%e2%82%acx%"#,
        )
        .map(|(name, value)| (name.to_vec(), value.into_owned()))
        .collect();
        assert_eq!(all[0], (b"name".to_vec(), b"a\"b\\c".to_vec()));
        assert_eq!(all[1].1, b"C:\\dir\\x.txt");
        assert_eq!(extended(&all[2].1), "€x%".as_bytes());
    }
}
