//! The writer's spelling of an object, built anew from its values.
//!
//! Needed only where the bytes as they stand do not carry the signature: most receipts never come here.

use coldcase_model::json::{Kind, Value};

use super::schema::{Presence, Shape, Table};
use super::walk::{decoded, is_empty};
use crate::spelling::encode;

/// Appends the object with its fields in the table's order; fields that the table does not have are left out.
pub(super) fn rebuild(table: &Table, object: Value<'_, '_>, out: &mut Vec<u8>) {
    out.push(b'{');
    let mut first = true;
    for field in table.fields {
        let value = object.get(field.name);
        let empty = value.is_none_or(|value| is_empty(field.shape, value.raw()) || value.is_null());
        if empty && field.presence == Presence::IfNotEmpty {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        encode(field.name.as_bytes(), out);
        out.push(b':');
        match value {
            Some(value) => shape(field.shape, value, out),
            None => out.extend_from_slice(zero(field.shape)),
        }
    }
    out.push(b'}');
}

/// What the writer spells where nothing was set.
fn zero(shape: Shape) -> &'static [u8] {
    match shape {
        Shape::Text | Shape::Time => b"\"\"",
        Shape::Bool => b"false",
        Shape::Int | Shape::Unsigned | Shape::Byte => b"0",
        Shape::Texts
        | Shape::TextsOrNull
        | Shape::Object(_)
        | Shape::Objects(_)
        | Shape::Counts
        | Shape::Any => b"null",
    }
}

fn shape(shape: Shape, value: Value<'_, '_>, out: &mut Vec<u8>) {
    match (shape, value.kind()) {
        (Shape::Object(table), Kind::Object) => rebuild(table, value, out),
        (Shape::Objects(table), Kind::Array) => list(value, out, |item, out| rebuild(table, item, out)),
        (Shape::Texts | Shape::TextsOrNull, Kind::Array) => list(value, out, text),
        (Shape::Counts, Kind::Object) => counts(value, out),
        (Shape::Any, _) => compact(value.raw(), out),
        (_, Kind::String) => text(value, out),
        _ => out.extend_from_slice(value.raw()),
    }
}

fn text(value: Value<'_, '_>, out: &mut Vec<u8>) {
    match value.string() {
        Some(text) => encode(&text, out),
        None => out.extend_from_slice(value.raw()),
    }
}

fn list(value: Value<'_, '_>, out: &mut Vec<u8>, mut item: impl FnMut(Value<'_, '_>, &mut Vec<u8>)) {
    out.push(b'[');
    for (index, value) in value.items().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        item(value, out);
    }
    out.push(b']');
}

fn counts(object: Value<'_, '_>, out: &mut Vec<u8>) {
    let mut members: Vec<_> = object.members().map(|(key, value)| (decoded(key), value.raw())).collect();
    members.sort();
    out.push(b'{');
    for (index, (key, number)) in members.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        encode(key, out);
        out.push(b':');
        out.extend_from_slice(number);
    }
    out.push(b'}');
}

/// JSON as given, without its white space, and safe inside HTML.
///
/// Source: FLIGHT_RECORDER_FORMAT, section 12, "RawMessage".
fn compact(raw: &[u8], out: &mut Vec<u8>) {
    let (mut in_string, mut escaped) = (false, false);
    let mut rest = raw;
    while let Some((byte, after)) = rest.split_first() {
        let mut next = after;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' if !in_string => {}
            b'<' | b'>' | b'&' => out.extend_from_slice(format!("\\u00{byte:02x}").as_bytes()),
            0xE2 if matches!(after, [0x80, 0xA8 | 0xA9, ..]) => {
                let last = after.get(1).copied().unwrap_or_default() & 0x0F;
                out.extend_from_slice(format!("\\u202{last:x}").as_bytes());
                next = after.get(2..).unwrap_or_default();
            }
            _ => out.push(*byte),
        }
        in_string ^= *byte == b'"' && !escaped;
        escaped = in_string && *byte == b'\\' && !escaped;
        rest = next;
    }
}
