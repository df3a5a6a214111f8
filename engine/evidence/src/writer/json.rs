//! Any JSON as a detail: keys sorted, numbers that readers disagree on as strings.
//!
//! Left out: the bytes of the source. Whoever needs them keeps their hash, or takes them as a text.

use coldcase_model::json::{Kind, Tape, Value, unescape};

use super::{Altered, Detail, DetailError};

impl Detail {
    /// Takes any JSON over into what every reader agrees on.
    ///
    /// Keys are sorted. A number that is not whole, has more than 53 bits or an odd spelling (`-0`, `1e3`) becomes
    /// a string of its spelling, and is flagged. Escapes that are none stay in the text as they are.
    ///
    /// # Errors
    ///
    /// What is not JSON, nests deeper than [`Detail::DEEPEST`], or holds a key twice is refused; it can still be
    /// recorded as a [`Detail::text`].
    pub fn from_json(json: &[u8]) -> Result<Self, DetailError> {
        let mut tape = Tape::default();
        let root = tape.parse(json)?;
        let nodes: Vec<_> = root.descendants().collect();
        // From the end of the document, what a container holds is done before it, its first value last.
        let mut done: Vec<Detail> = Vec::new();
        for value in nodes.into_iter().rev() {
            let detail = match value.kind() {
                Kind::Key => continue,
                Kind::Object => object(value, json, &mut done)?,
                Kind::Array => {
                    let items: Vec<_> = value.items().filter_map(|_| done.pop()).collect();
                    Detail::list(items)?
                }
                Kind::String => text(value, json),
                Kind::Number => number(value.raw()),
                Kind::Literal if value.is_null() => Detail::null(),
                Kind::Literal => Detail::from(value.raw() == b"true"),
            };
            done.push(detail);
        }
        Ok(done.pop().unwrap_or_default())
    }
}

fn object(value: Value<'_, '_>, json: &[u8], done: &mut Vec<Detail>) -> Result<Detail, DetailError> {
    let mut altered = Altered::default();
    let members: Vec<_> = value
        .members()
        .filter_map(|(key, _)| {
            let content = key.content().of(json);
            altered.text |= key.is_escaped() && has_half_a_pair(content);
            let name = if key.is_escaped() { unescape(content) } else { content.to_vec() };
            Some((name, done.pop()?))
        })
        .collect();
    Ok(Detail::object(members)?.flag(altered))
}

fn text(value: Value<'_, '_>, json: &[u8]) -> Detail {
    let half = value.is_escaped() && has_half_a_pair(value.content().of(json));
    Detail::text(&value.string().unwrap_or_default()).flag(Altered { text: half, ..Altered::default() })
}

/// A number stays one if there is no doubt about what a reader makes of it.
fn number(raw: &[u8]) -> Detail {
    let read = std::str::from_utf8(raw).ok().and_then(|text| text.parse::<i64>().ok());
    match read.map(Detail::from) {
        Some(detail) if detail.json() == raw => detail,
        _ => Detail::spelled_number(raw),
    }
}

/// Whether an escape stands for half a surrogate pair, which resolves to U+FFFD.
fn has_half_a_pair(content: &[u8]) -> bool {
    let mut at = 0;
    while let Some(found) = content.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        at += found;
        let rest = content.get(at..).unwrap_or_default();
        at += match (surrogate(rest), rest.get(6..).and_then(surrogate)) {
            (Some(Half::High), Some(Half::Low)) => 12,
            (Some(_), _) => return true,
            (None, _) => 2,
        };
    }
    false
}

enum Half {
    High,
    Low,
}

/// The half that an escape at the start of this text stands for.
fn surrogate(text: &[u8]) -> Option<Half> {
    let [b'\\', b'u', b'd' | b'D', high, third, fourth] = text.first_chunk::<6>()? else { return None };
    if !third.is_ascii_hexdigit() || !fourth.is_ascii_hexdigit() {
        return None;
    }
    match high {
        b'8' | b'9' | b'a' | b'b' | b'A' | b'B' => Some(Half::High),
        b'c'..=b'f' | b'C'..=b'F' => Some(Half::Low),
        _ => None,
    }
}
