//! The canonical form of a JSON value: members sorted by key, no white space, escapes as few as can be.
//!
//! Numbers stay as they are written. Members with the same key stay in their order. Two definitions that differ in spelling
//! only have the same form, and so the same digest.

use coldcase_model::json::{Kind, Value, unescape};
use coldcase_model::{Digest, Span};
use sha2::Digest as _;

/// Appends the canonical form of a value.
pub(crate) fn write(value: Value<'_, '_>, out: &mut Vec<u8>) {
    match value.kind() {
        Kind::Object => write_object(sorted(value), out),
        Kind::Array => {
            out.push(b'[');
            for (index, item) in value.items().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Kind::String | Kind::Key => write_string(&content(value), out),
        Kind::Number | Kind::Literal => out.extend_from_slice(value.raw()),
    }
}

/// The digest of a value's canonical form; `room` is overwritten.
pub(crate) fn digest(value: Value<'_, '_>, room: &mut Vec<u8>) -> Digest {
    room.clear();
    write(value, room);
    digest_of(room)
}

/// The digest of bytes.
pub(crate) fn digest_of(bytes: &[u8]) -> Digest {
    Digest(sha2::Sha256::digest(bytes).into())
}

/// The members of an object by their keys, which are resolved.
pub(crate) fn sorted<'t, 'd>(object: Value<'t, 'd>) -> Vec<(Vec<u8>, Value<'t, 'd>)> {
    let mut members: Vec<_> = object.members().map(|(key, value)| (content(key), value)).collect();
    members.sort_by(|(a, _), (b, _)| a.cmp(b));
    members
}

/// Appends an object of these members.
pub(crate) fn write_object(members: Vec<(Vec<u8>, Value<'_, '_>)>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, (key, value)) in members.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_string(&key, out);
        out.push(b':');
        write(value, out);
    }
    out.push(b'}');
}

/// A string's or key's bytes with escapes resolved.
pub(crate) fn content(value: Value<'_, '_>) -> Vec<u8> {
    let raw = value.raw();
    let bytes = Span::new(1, raw.len().saturating_sub(1)).of(raw);
    if value.is_escaped() { unescape(bytes) } else { bytes.to_vec() }
}

fn write_string(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            byte if byte < 0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            byte => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldcase_model::json::Tape;

    fn canonical(text: &str) -> String {
        let (mut tape, mut out) = (Tape::default(), Vec::new());
        write(tape.parse(text.as_bytes()).expect("valid"), &mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn spelling_and_order_of_members_do_not_matter() {
        let one = canonical(r#" {"b": [1, 2.50], "a": {"\u0079": "t\u0061b\t\"", "x": null}} "#);
        assert_eq!(one, r#"{"a":{"x":null,"y":"tab\u0009\""},"b":[1,2.50]}"#);
        assert_eq!(canonical(&one), one);
        assert_ne!(canonical("[1,2]"), canonical("[2,1]"));
    }
}
