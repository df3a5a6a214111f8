//! The id of a message that cannot be read as a whole: too long, or no JSON.
//!
//! It follows strings and brackets, whatever comes between them, and looks at the members of the outermost object.
//! What it tells only chooses whom an error is sent to and under which id; nothing is judged by it.

use coldcase_model::json::{Kind, Tape};

/// Longer ids are none.
pub(super) const LONGEST_ID: usize = 1024;

/// What is seen of a message, byte by byte.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub(super) struct Glimpse {
    depth: u64,
    in_string: bool,
    escaped: bool,
    /// It does not start as an object does.
    is_other: bool,
    key: Vec<u8>,
    /// The key or scalar under way, and whether more came than is kept.
    text: Vec<u8>,
    is_cut: bool,
    is_nested: bool,
    id: Option<Vec<u8>>,
    has_method: bool,
    is_answer: bool,
}

impl Glimpse {
    /// Looks at a whole text.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut glimpse = Self::default();
        glimpse.feed(text);
        glimpse
    }

    /// Looks at what comes next.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if self.is_other {
                return;
            }
            self.byte(byte);
        }
    }

    /// The id as it is written, if it is a text, a number or a literal.
    pub(super) fn id(&self) -> Option<&[u8]> {
        self.id.as_deref()
    }

    /// Whether it names a method: then it is no answer.
    pub(super) fn has_method(&self) -> bool {
        self.has_method
    }

    /// Whether it names a result or an error.
    pub(super) fn is_answer(&self) -> bool {
        self.is_answer
    }

    fn byte(&mut self, byte: u8) {
        if self.in_string {
            self.keep(byte);
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'{' | b'[' => {
                self.is_other |= self.depth == 0 && byte == b'[';
                self.is_nested |= self.depth == 1;
                self.depth += 1;
            }
            b'}' | b']' => {
                if self.depth == 1 {
                    self.end_member();
                }
                self.depth = self.depth.saturating_sub(1);
                self.is_other |= self.depth == 0;
            }
            b':' if self.depth == 1 => {
                self.key = std::mem::take(&mut self.text);
                self.has_method |= self.key == b"\"method\"";
                self.is_answer |= [&b"\"result\""[..], b"\"error\""].contains(&self.key.as_slice());
                self.begin();
            }
            b',' if self.depth == 1 => self.end_member(),
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ if self.depth == 0 => self.is_other = true,
            b'"' => {
                self.in_string = true;
                self.keep(byte);
            }
            _ => self.keep(byte),
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.depth == 1 {
            if self.text.len() < LONGEST_ID {
                self.text.push(byte);
            } else {
                self.is_cut = true;
            }
        }
    }

    fn begin(&mut self) {
        self.text.clear();
        (self.is_cut, self.is_nested) = (false, false);
    }

    fn end_member(&mut self) {
        let is_id = self.key == b"\"id\"" && self.id.is_none() && !self.is_cut && !self.is_nested;
        if is_id && is_scalar(&self.text) {
            self.id = Some(std::mem::take(&mut self.text));
        }
        self.key.clear();
        self.begin();
    }
}

/// Whether a text is one JSON scalar, so that it can stand in an answer.
fn is_scalar(text: &[u8]) -> bool {
    let mut tape = Tape::default();
    let scalar = tape.parse(text).is_ok_and(|value| !matches!(value.kind(), Kind::Object | Kind::Array));
    scalar && std::str::from_utf8(text).is_ok() && !text.iter().any(|byte| *byte < b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> (Option<String>, bool) {
        let glimpse = Glimpse::of(text.as_bytes());
        (glimpse.id().map(|id| String::from_utf8(id.to_vec()).unwrap()), glimpse.has_method())
    }

    #[test]
    fn the_outermost_id_and_method_are_seen_whatever_follows() {
        for (text, id, method) in [
            (r#"{"jsonrpc":"2.0","id":7,"method":"x","params":{"id":8,"#, Some("7"), true),
            (r#"{"params":{"id":1,"method":"y"},"id": "a\"}b" , "x"#, Some(r#""a\"}b""#), false),
            (r#"{"id":null,"result":[{"id":3}],}"#, Some("null"), false),
            (
                r#"{"id":123456789012345678901234567890.5e3}"#,
                Some("123456789012345678901234567890.5e3"),
                false,
            ),
            (r#"{"id":{"a":1},"id":[1],"method":"m"}"#, None, true),
            (r#"{"id":nul,"method":"m"}"#, None, true),
            (r#"{"a":{"id":1}}{"id":2}"#, None, false),
            (r#"[{"id":1}]"#, None, false),
            (r#"hello {"id":1}"#, None, false),
            ("", None, false),
        ] {
            assert_eq!(seen(text), (id.map(str::to_owned), method), "{text}");
        }
    }

    #[test]
    fn an_id_that_is_cut_off_or_too_long_is_none() {
        assert_eq!(seen(r#"{"id":12"#).0, None);
        assert_eq!(seen(&format!(r#"{{"id":"{}"}}"#, "x".repeat(LONGEST_ID))).0, None);
    }

    #[test]
    fn pieces_give_what_the_whole_gives() {
        let text = br#"{"a":"\\\"}","id":"q","method":"m","params":{}}"#;
        for cut in 0..text.len() {
            let mut glimpse = Glimpse::of(&text[..cut]);
            glimpse.feed(&text[cut..]);
            assert_eq!(glimpse.id(), Some(&b"\"q\""[..]), "{cut}");
            assert!(glimpse.has_method());
        }
    }
}
