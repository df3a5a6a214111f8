//! Values that tell something by themselves: URLs, hosts, e-mail addresses, file paths, tokens; each as a hash.
//!
//! They are looked for in runs of the bytes that URLs and paths are made of, round the telling places of the text
//! (`view/landmarks.rs`). Left out: values that are split by escapes or white space, addresses that are numbers, hosts that
//! are not written in ASCII, and paths of programs and devices that every system has.

use coldcase_model::Span;

use super::prints::mixed;
use crate::view::Landmarks;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(crate) enum ValueKind {
    /// Words with dots between them: a host or a file, which nothing tells apart.
    Name,
    /// The host of a URL, or a name where a host stands.
    Host,
    /// A file's path.
    Path,
    /// A long word of letters and digits.
    Token,
    /// An e-mail address.
    Address,
    /// A URL.
    Url,
}

impl ValueKind {
    /// How the value is called in an edge.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Name => "a name",
            Self::Host => "a host",
            Self::Path => "a file's path",
            Self::Token => "a token",
            Self::Address => "an e-mail address",
            Self::Url => "a URL",
        }
    }
}

/// A value, without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Value {
    pub(crate) hash: u64,
    pub(crate) kind: ValueKind,
    /// How many bytes it has.
    pub(crate) len: u32,
}

impl Value {
    fn new(kind: ValueKind, bytes: &[u8]) -> Self {
        Self { hash: hash(bytes), kind, len: u32::try_from(bytes.len()).unwrap_or(u32::MAX) }
    }

    /// Hosts and addresses are the same in either case.
    fn in_lower_case(kind: ValueKind, bytes: &[u8]) -> Self {
        Self::new(kind, &bytes.to_ascii_lowercase())
    }
}

/// FNV-1a, spread over all bits. A collision would only add an edge.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let sum = bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325_u64, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
    mixed(sum)
}

/// The longest; what is longer is data, and is told by its prints.
const LONGEST_RUN: usize = 2048;
/// The shortest name, host or address.
const SHORTEST: usize = 5;
/// The shortest path.
const SHORTEST_PATH: usize = 7;
/// Where programs and devices lie that every system has: everyone knows them, so they tell nothing.
const STOCK: [&[u8]; 4] = [b"/usr/bin/", b"/bin/", b"/usr/local/bin/", b"/dev/"];
/// The shortest token.
pub(crate) const SHORTEST_TOKEN: usize = 12;
const fn is_run(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-'..=b':' | b'_' | b'@' | b'~' | b'%' | b'+' | b'=' | b'?' | b'&')
}

/// Adds the values of a stretch of a text, `most` in all at the most. Gives how many of its bytes were not looked at.
pub(crate) fn add(
    text: &[u8],
    span: Span,
    landmarks: &Landmarks,
    most: usize,
    values: &mut Vec<Value>,
) -> u64 {
    let mut until = span.start;
    for place in landmarks.telling(span) {
        if place < until {
            continue;
        }
        let (start, end) = run_at(span.of(text), place - span.start, until - span.start);
        let (start, end) = (start + span.start, end + span.start);
        if values.len() >= most {
            return span.end.saturating_sub(start) as u64;
        }
        if end - start <= LONGEST_RUN {
            of_run(text.get(start..end).unwrap_or_default(), most, values);
        }
        until = end;
    }
    0
}

/// The values of a part that is nothing but a name.
pub(super) fn of_name(text: &[u8], most: usize, values: &mut Vec<Value>) {
    let name = text.trim_ascii();
    let name = name.strip_suffix(b".").unwrap_or(name);
    if name.len() >= SHORTEST && name.len() <= LONGEST_RUN && is_dotted(name) && values.len() < most {
        values.push(Value::in_lower_case(ValueKind::Host, name));
    }
}

fn run_at(text: &[u8], place: usize, floor: usize) -> (usize, usize) {
    let before = text.get(floor..place).unwrap_or_default();
    let start = place - before.iter().rev().take_while(|byte| is_run(**byte)).count();
    let after = text.get(place..).unwrap_or_default();
    (start, place + after.iter().take_while(|byte| is_run(**byte)).count())
}

/// The values of a run.
fn of_run(run: &[u8], most: usize, values: &mut Vec<Value>) {
    let mut add = |value: Value| {
        if values.len() < most && !values.iter().rev().take(32).any(|known| known.hash == value.hash) {
            values.push(value);
        }
    };
    let Some(at) = memchr::memmem::find(run, b"://") else { return of_pieces(run, &mut add) };
    let scheme = run
        .get(..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    of_pieces(run.get(..at - scheme).unwrap_or_default(), &mut add);
    let url = trimmed(run.get(at - scheme..).unwrap_or_default());
    let Some(rest) = url.get(scheme + 3..) else { return };
    let authority_end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    let authority = rest.get(..authority_end).unwrap_or_default();
    let host = authority.rsplit(|byte| *byte == b'@').next().unwrap_or_default();
    let host = host.split(|byte| *byte == b':').next().unwrap_or_default();
    if host.len() >= SHORTEST {
        add(Value::in_lower_case(ValueKind::Host, host));
    }
    let tail = rest.get(authority_end..).unwrap_or_default();
    if tail.len() > 1 {
        add(Value::new(ValueKind::Url, url));
        let path = tail.split(|byte| *byte == b'?').next().unwrap_or_default();
        if path.len() > 1 && path.len() < tail.len() {
            let without = url.len() - (tail.len() - path.len());
            add(Value::new(ValueKind::Url, url.get(..without).unwrap_or_default()));
        }
        // A parameter may be a value of its own.
        of_pieces(tail.get(path.len()..).unwrap_or_default(), &mut add);
    }
}

/// The values of a run that is no URL.
fn of_pieces(run: &[u8], add: &mut impl FnMut(Value)) {
    for piece in run.split(|byte| matches!(byte, b':' | b'=' | b'?' | b'&' | b'%' | b'+')) {
        let piece = trimmed(piece);
        if piece.len() < SHORTEST {
            continue;
        }
        let count = |byte: u8| memchr::memchr(byte, piece);
        if let Some(at) = count(b'@') {
            let host = piece.get(at + 1..).unwrap_or_default();
            if is_dotted(host) {
                add(Value::in_lower_case(ValueKind::Address, piece));
                add(Value::in_lower_case(ValueKind::Host, host));
            }
        } else if count(b'/').is_some() {
            let path = piece.strip_prefix(b"./").unwrap_or(piece);
            let letters = path.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
            let is_stock = STOCK.iter().any(|stock| path.starts_with(stock));
            if path.len() >= SHORTEST_PATH && letters >= 4 && !is_stock {
                add(Value::new(ValueKind::Path, path));
            }
        } else if is_token(piece) {
            add(Value::new(ValueKind::Token, piece));
        } else if is_dotted(piece) {
            add(Value::in_lower_case(ValueKind::Name, piece));
        }
    }
}

/// Without the punctuation of the sentence round it.
fn trimmed(mut piece: &[u8]) -> &[u8] {
    while let Some((b'.' | b':' | b'-' | b'=' | b'?' | b'&' | b'+', rest)) = piece.split_last() {
        piece = rest;
    }
    // `@` says that a file's content is meant: `--data @/tmp/x`.
    while let Some((b'.' | b'-' | b'=' | b'@', rest)) = piece.split_first() {
        if piece.starts_with(b"./") || piece.starts_with(b"../") {
            break;
        }
        piece = rest;
    }
    piece
}

/// Whether it is labels with dots between them, the last of them letters.
fn is_dotted(piece: &[u8]) -> bool {
    let mut labels = piece.rsplit(|byte| *byte == b'.');
    let last = labels.next().unwrap_or_default();
    last.len() >= 2
        && last.iter().all(u8::is_ascii_alphabetic)
        && labels.next().is_some_and(|label| !label.is_empty())
        && piece.iter().any(u8::is_ascii_alphabetic)
}

/// Whether it is a token as ids and keys are: long, of letters and digits that change more than once. Dates, versions and
/// names with a number at their end are none.
fn is_token(piece: &[u8]) -> bool {
    let class = |byte: &u8| match byte {
        b'0'..=b'9' => 1_u8,
        b'a'..=b'z' | b'A'..=b'Z' => 2,
        _ => 0,
    };
    let (mut changes, mut letters, mut before) = (0, 0, 0);
    for class in piece.iter().map(class).filter(|class| *class != 0) {
        changes += u32::from(before != 0 && before != class);
        letters += u32::from(class == 2);
        before = class;
    }
    piece.len() >= SHORTEST_TOKEN && changes >= 3 && letters >= 3
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn added(text: &[u8], most: usize, values: &mut Vec<Value>) -> u64 {
        let (mut hints, mut landmarks) = (crate::view::Hints::default(), Landmarks::default());
        hints.find(text, std::iter::once(0));
        hints.swap_landmarks(&mut landmarks);
        add(text, Span::new(0, text.len()), &landmarks, most, values)
    }

    fn of(text: &str) -> Vec<(ValueKind, u32)> {
        let mut values = Vec::new();
        assert_eq!(added(text.as_bytes(), 64, &mut values), 0);
        values.iter().map(|value| (value.kind, value.len)).collect()
    }

    #[test]
    fn values_are_told_by_their_shape() {
        use ValueKind::{Address, Host, Name, Path, Token, Url};
        assert_eq!(of("see https://evil.example/a?b=1, then"), [(Host, 12), (Url, 26), (Url, 22)]);
        assert_eq!(of("mail to: drop@collect.example."), [(Address, 20), (Host, 15)]);
        assert_eq!(of("read ~/.ssh/id_rsa and src/main.rs:12"), [(Path, 13), (Path, 11)]);
        assert_eq!(of("the id is \"a1b2c3d4e5f6a7\" today"), [(Token, 14)]);
        assert_eq!(of("on 2026-03-01T10 from updates.example.org"), [(Name, 19)]);
        assert_eq!(of("curl --data @/tmp/out.bin"), [(Path, 12)]);
        assert_eq!(of("#!/usr/bin/env python3 > /dev/null"), []);
    }

    #[test]
    fn prose_has_no_values() {
        let text =
            "An ordinary sentence about international understanding, 12 apples, version 1.2.3 and so on...";
        assert_eq!(of(text), []);
    }

    #[test]
    fn the_same_host_in_either_case_is_one_value() {
        let (mut one, mut two) = (Vec::new(), Vec::new());
        added(b"https://Evil.Example/", 9, &mut one);
        added(b"visit evil.example now", 9, &mut two);
        assert_eq!(one.first().map(|value| value.hash), two.first().map(|value| value.hash));
    }

    proptest! {
        #[test]
        fn a_value_is_found_wherever_it_stands(before in "[a-z ,]{0,150}", after in "[a-z ,]{0,150}") {
            let mut values = Vec::new();
            added(format!("{before} https://evil.example/path7 {after}").as_bytes(), 64, &mut values);
            let wanted = Value::new(ValueKind::Url, b"https://evil.example/path7");
            prop_assert!(values.contains(&wanted), "{:?}", values);
        }

        #[test]
        fn any_bytes_are_read(text in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut values = Vec::new();
            added(&text, 8, &mut values);
            prop_assert!(values.len() <= 8);
        }
    }
}
