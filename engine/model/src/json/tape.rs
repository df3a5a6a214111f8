//! The tape: one node for each value and key of a document, in document order, with byte positions.
//!
//! Built in one pass without recursion; a tape is reused from record to record. Depth and node count are capped.
//! Left out: the value of numbers (they stay as written) and UTF-8 validation of strings (bytes stay bytes).

use std::fmt;

use super::string_end;
use super::value::Value;
use crate::Span;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An object; its nodes follow as key, value, key, value.
    Object,
    /// An array; its items follow.
    Array,
    /// The key of a member.
    Key,
    /// A string.
    String,
    /// A number.
    Number,
    /// `true`, `false` or `null`.
    Literal,
}

/// One value or key.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// The first byte: the opening quote or bracket.
    pub(super) start: u32,
    /// One past the last byte.
    pub(super) end: u32,
    /// The index of the node after this one and all that it holds.
    pub(super) next: u32,
    /// What it is.
    pub(super) kind: Kind,
    /// Whether a string or key holds a backslash.
    pub(super) escaped: bool,
    /// Of a key, its first and last byte: enough to pass over most keys without a look at the text. Of an object,
    /// a filter over its keys: enough to tell most keys that it does not have without a look at those it has.
    pub(super) tag: u16,
}

impl Node {
    /// A string's or key's content.
    pub(super) const fn content(&self) -> Span {
        Span::new(self.start as usize + 1, self.start as usize + 1 + self.content_len())
    }

    /// The length of a string's or key's content.
    pub(super) const fn content_len(&self) -> usize {
        (self.end - self.start).saturating_sub(2) as usize
    }
}

/// The first and the last byte.
#[inline]
pub(super) fn tag(key: &[u8]) -> u16 {
    u16::from_le_bytes([key.first().copied().unwrap_or_default(), key.last().copied().unwrap_or_default()])
}

/// The bit of an object's filter that a key sets.
#[inline]
pub(super) fn filter_bit(tag: u16, len: usize) -> u16 {
    // The low bits of ASCII letters and of a length differ most; odd factors spread them over four bits.
    let mixed = usize::from(tag & 0xFF) * 5 + usize::from(tag >> 8) * 3 + len * 7;
    1 << (mixed & 15)
}

/// Why a text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text ends inside a value.
    EndsEarly,
    /// A byte stands where the grammar allows no such byte.
    Unexpected,
    /// Values nest deeper than 128.
    TooDeep,
    /// More than a million values and keys, or more than 4 GiB of text.
    TooLarge,
    /// Bytes follow the value.
    Trailing,
}

/// A syntax error with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error {
    /// Why.
    pub kind: ErrorKind,
    /// The byte offset in the text.
    pub offset: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ErrorKind::EndsEarly => "ends inside a value",
            ErrorKind::Unexpected => "is not JSON",
            ErrorKind::TooDeep => "nests deeper than 128",
            ErrorKind::TooLarge => "holds over a million values",
            ErrorKind::Trailing => "goes on after its value",
        };
        write!(f, "{what} at byte {}", self.offset)
    }
}

impl std::error::Error for Error {}

/// Positions of all values of one document.
#[derive(Debug, Default)]
pub struct Tape {
    nodes: Vec<Node>,
    open: Vec<u32>,
}

/// What may come next while a document is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrArrayEnd,
    KeyOrObjectEnd,
    Key,
    CommaOrEnd,
}

impl Tape {
    /// How deep values may nest; the recorder's own limit, and that of most parsers.
    pub const MAX_DEPTH: usize = 128;
    /// How many values and keys one document may hold: 16 MB of tape.
    pub const MAX_NODES: usize = 1 << 20;

    /// Reads one document, with nothing but white space round it.
    pub fn parse<'t, 'd>(&'t mut self, text: &'d [u8]) -> Result<Value<'t, 'd>, Error> {
        let end = self.parse_prefix(text)?;
        let rest = skip_space(text, end);
        if rest < text.len() {
            return Err(Error { kind: ErrorKind::Trailing, offset: rest });
        }
        Ok(Value { nodes: &self.nodes, text, index: 0 })
    }

    /// Reads the document at the start of a text, and gives it with the offset at which it ends.
    pub fn parse_first<'t, 'd>(&'t mut self, text: &'d [u8]) -> Result<(Value<'t, 'd>, usize), Error> {
        let end = self.parse_prefix(text)?;
        Ok((Value { nodes: &self.nodes, text, index: 0 }, end))
    }

    fn parse_prefix(&mut self, text: &[u8]) -> Result<usize, Error> {
        self.nodes.clear();
        self.open.clear();
        if u32::try_from(text.len()).is_err() {
            return Err(Error { kind: ErrorKind::TooLarge, offset: 0 });
        }
        let mut expect = Expect::Value;
        let mut at = 0;
        loop {
            at = skip_space(text, at);
            let Some(&byte) = text.get(at) else {
                return Err(Error { kind: ErrorKind::EndsEarly, offset: text.len() });
            };
            (at, expect) = self.step(text, at, byte, expect)?;
            if self.open.is_empty() {
                return Ok(at);
            }
        }
    }

    fn step(&mut self, text: &[u8], at: usize, byte: u8, expect: Expect) -> Result<(usize, Expect), Error> {
        let unexpected = Err(Error { kind: ErrorKind::Unexpected, offset: at });
        match (expect, byte) {
            (Expect::CommaOrEnd, b',') => {
                let in_object = self.innermost() == Some(Kind::Object);
                Ok((at + 1, if in_object { Expect::Key } else { Expect::Value }))
            }
            (Expect::CommaOrEnd | Expect::KeyOrObjectEnd, b'}') => self.close(Kind::Object, at),
            (Expect::CommaOrEnd | Expect::ValueOrArrayEnd, b']') => self.close(Kind::Array, at),
            (Expect::Key | Expect::KeyOrObjectEnd, b'"') => {
                let end = self.string(text, at, Kind::Key)?;
                let colon = skip_space(text, end);
                match text.get(colon) {
                    Some(b':') => Ok((colon + 1, Expect::Value)),
                    Some(_) => Err(Error { kind: ErrorKind::Unexpected, offset: colon }),
                    None => Err(Error { kind: ErrorKind::EndsEarly, offset: colon }),
                }
            }
            (Expect::Value | Expect::ValueOrArrayEnd, _) => match byte {
                b'{' => self.begin(Kind::Object, at, Expect::KeyOrObjectEnd),
                b'[' => self.begin(Kind::Array, at, Expect::ValueOrArrayEnd),
                b'"' => Ok((self.string(text, at, Kind::String)?, Expect::CommaOrEnd)),
                b't' => self.literal(text, at, b"true"),
                b'f' => self.literal(text, at, b"false"),
                b'n' => self.literal(text, at, b"null"),
                b'-' | b'0'..=b'9' => self.number(text, at),
                _ => unexpected,
            },
            _ => unexpected,
        }
    }

    fn innermost(&self) -> Option<Kind> {
        let index = *self.open.last()?;
        self.nodes.get(index as usize).map(|node| node.kind)
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize, escaped: bool) -> Result<(), Error> {
        if self.nodes.len() >= Self::MAX_NODES {
            return Err(Error { kind: ErrorKind::TooLarge, offset: start });
        }
        let next = low32(self.nodes.len() + 1);
        self.nodes.push(Node { start: low32(start), end: low32(end), next, kind, escaped, tag: 0 });
        Ok(())
    }

    fn begin(&mut self, kind: Kind, at: usize, expect: Expect) -> Result<(usize, Expect), Error> {
        if self.open.len() >= Self::MAX_DEPTH {
            return Err(Error { kind: ErrorKind::TooDeep, offset: at });
        }
        let index = low32(self.nodes.len());
        self.push(kind, at, at + 1, false)?;
        self.open.push(index);
        Ok((at + 1, expect))
    }

    fn close(&mut self, kind: Kind, at: usize) -> Result<(usize, Expect), Error> {
        if self.innermost() != Some(kind) {
            return Err(Error { kind: ErrorKind::Unexpected, offset: at });
        }
        let next = low32(self.nodes.len());
        if let Some(node) = self.open.pop().and_then(|index| self.nodes.get_mut(index as usize)) {
            node.end = low32(at + 1);
            node.next = next;
        }
        Ok((at + 1, Expect::CommaOrEnd))
    }

    fn string(&mut self, text: &[u8], at: usize, kind: Kind) -> Result<usize, Error> {
        let found = string_end(text, at + 1);
        if !found.closed {
            return Err(Error { kind: ErrorKind::EndsEarly, offset: text.len() });
        }
        self.push(kind, at, found.at + 1, found.escaped)?;
        if kind == Kind::Key {
            self.tag_key(text.get(at + 1..found.at).unwrap_or_default(), found.escaped);
        }
        Ok(found.at + 1)
    }

    /// Tags the key that was read last, and the object that it stands in.
    fn tag_key(&mut self, key: &[u8], escaped: bool) {
        let tag = tag(key);
        if let Some(node) = self.nodes.last_mut() {
            node.tag = tag;
        }
        // A key with escapes may read like any other.
        let bit = if escaped { u16::MAX } else { filter_bit(tag, key.len()) };
        let object = self.open.last().and_then(|index| self.nodes.get_mut(*index as usize));
        if let Some(object) = object {
            object.tag |= bit;
        }
    }

    fn literal(&mut self, text: &[u8], at: usize, word: &[u8]) -> Result<(usize, Expect), Error> {
        let rest = text.get(at..).unwrap_or_default();
        if !rest.starts_with(word) {
            let cut = word.starts_with(rest);
            let kind = if cut { ErrorKind::EndsEarly } else { ErrorKind::Unexpected };
            return Err(Error { kind, offset: at });
        }
        self.push(Kind::Literal, at, at + word.len(), false)?;
        Ok((at + word.len(), Expect::CommaOrEnd))
    }

    /// RFC 8259 section 6: minus, digits without a leading zero, fraction, exponent.
    fn number(&mut self, text: &[u8], at: usize) -> Result<(usize, Expect), Error> {
        let digits = |from: usize| {
            let rest = text.get(from..).unwrap_or_default();
            from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let bad = |offset: usize| {
            let kind = if offset >= text.len() { ErrorKind::EndsEarly } else { ErrorKind::Unexpected };
            Err(Error { kind, offset })
        };
        let int = at + usize::from(text.get(at) == Some(&b'-'));
        let mut end = digits(int);
        if end == int || (text.get(int) == Some(&b'0') && end > int + 1) {
            return bad(int);
        }
        if text.get(end) == Some(&b'.') {
            let fraction = end + 1;
            end = digits(fraction);
            if end == fraction {
                return bad(end);
            }
        }
        if matches!(text.get(end), Some(b'e' | b'E')) {
            let exponent = end + 1 + usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
            end = digits(exponent);
            if end == exponent {
                return bad(end);
            }
        }
        self.push(Kind::Number, at, end, false)?;
        Ok((end, Expect::CommaOrEnd))
    }
}

/// Offsets fit 32 bits: longer texts are refused before the first node.
fn low32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn skip_space(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> Option<ErrorKind> {
        Tape::default().parse(text.as_bytes()).err().map(|error| error.kind)
    }

    #[test]
    fn members_items_and_positions_are_found() {
        let mut tape = Tape::default();
        let text = br#" {"a":[1,{"b":"x\"y"}],"a":null,"c":-1.5e3} "#;
        let root = tape.parse(text).expect("valid");
        let items: Vec<_> = root.get("a").expect("first a").items().collect();
        assert_eq!(items.len(), 2);
        assert_eq!(items[1].get("b").and_then(Value::string).as_deref(), Some(&b"x\"y"[..]));
        assert_eq!(root.members().count(), 3);
        assert_eq!(root.get("c").map(Value::raw), Some(&b"-1.5e3"[..]));
        assert_eq!(root.get("c").and_then(Value::f64), Some(-1500.0));
    }

    #[test]
    fn what_is_not_json_is_told_by_kind() {
        for cut in ["", "{", "[1,", "\"a", "{\"a\"", "{\"a\":", "tru", "-", "1."] {
            assert_eq!(error(cut), Some(ErrorKind::EndsEarly), "{cut}");
        }
        for bad in ["}", "[1}", "{1:2}", "[1,]", "{\"a\":1,}", "01", "'a'", "nil", "+1", "[1 2]"] {
            assert_eq!(error(bad), Some(ErrorKind::Unexpected), "{bad}");
        }
        assert_eq!(error("1 2"), Some(ErrorKind::Trailing));
        assert_eq!(error(&"[".repeat(129)), Some(ErrorKind::TooDeep));
        assert_eq!(error(&format!("{}1{}", "[".repeat(128), "]".repeat(128))), None);
        let many = format!("[{}1]", "1,".repeat(Tape::MAX_NODES));
        assert_eq!(error(&many), Some(ErrorKind::TooLarge));
    }
}
