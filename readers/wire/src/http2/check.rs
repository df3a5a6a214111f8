//! What is odd about a list of fields: much of it is harmless in HTTP/2 and means something else once a proxy writes it as
//! HTTP/1.
//!
//! Source: RFC 9113, sections 8.2, 8.3 and 10.3. Fields of which a part is not known are not judged.

use super::field::{Field, Known};
use super::message::{Message, value_of};
use crate::Side;

/// Fields that belong to a connection of HTTP/1. Source: RFC 9113, section 8.2.2.
const OF_A_CONNECTION: [&[u8]; 5] =
    [b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade"];
/// RFC 9113, section 8.3.1, and RFC 8441, section 4.
const OF_A_REQUEST: [&[u8]; 5] = [b":method", b":scheme", b":authority", b":path", b":protocol"];
const OF_AN_ANSWER: [&[u8]; 1] = [b":status"];

/// Notes what is odd about the fields of a head, read from the block that starts at `at`.
///
/// `is_part` says that there may be more than these.
pub(super) fn head(message: &mut Message, fields: &[Field], is_part: bool, at: u64) {
    let is_request = message.side == Side::Client || message.promised_on.is_some();
    let allowed: &[&[u8]] = if is_request { &OF_A_REQUEST } else { &OF_AN_ANSWER };
    let mut has_regular = false;
    let mut seen: Vec<&[u8]> = Vec::new();
    for field in fields.iter().filter(|field| field.known == Known::All) {
        let name = &field.name[..];
        if !name.starts_with(b":") {
            has_regular = true;
            continue;
        }
        if has_regular {
            message.note("h2_pseudo_after_regular", at, format!("{} after other fields", shown(name)));
        }
        if !allowed.contains(&name) {
            message.note("h2_unknown_pseudo", at, format!("{} is none of this side's", shown(name)));
        } else if seen.contains(&name) {
            message.note("h2_duplicate_pseudo", at, format!("{} is there twice", shown(name)));
        } else {
            // One entry for each of at most five names.
            seen.push(name);
        }
        if is_request && name != b":authority" && field.value.contains(&b' ') {
            message.note("h2_space_in_pseudo", at, format!("a space in {}", shown(name)));
        }
    }
    let is_known = fields.iter().all(|field| field.known == Known::All);
    if is_known && !is_part {
        missing(message, fields, &seen, is_request, at);
    }
    if let (Some(authority), Some(host)) = (value_of(fields, ":authority"), value_of(fields, "host"))
        && !authority.eq_ignore_ascii_case(host)
    {
        message.note("h2_host_differs", at, "host and :authority are not the same");
    }
    regular(message, fields, at);
}

fn missing(message: &mut Message, fields: &[Field], seen: &[&[u8]], is_request: bool, at: u64) {
    let is_connect = value_of(fields, ":method").is_some_and(|method| method == "CONNECT");
    let needed: &[&[u8]] = match (is_request, is_connect) {
        (true, true) => &[b":method", b":authority"],
        (true, false) => &[b":method", b":scheme", b":path"],
        (false, _) => &OF_AN_ANSWER,
    };
    if let Some(name) = needed.iter().find(|name| !seen.contains(name)) {
        message.note("h2_missing_pseudo", at, format!("{} is missing", shown(name)));
    }
}

/// Notes what is odd about trailers.
pub(super) fn trailers(message: &mut Message, fields: &[Field], at: u64) {
    if fields.iter().any(|field| field.name.starts_with(b":")) {
        message.note("h2_pseudo_in_trailers", at, "a pseudo-header field after the body");
    }
    regular(message, fields, at);
}

/// What holds for the fields of heads and trailers alike.
fn regular(message: &mut Message, fields: &[Field], at: u64) {
    for field in fields {
        if field.known == Known::All {
            name(message, field, at);
        }
        let value = &field.value[..];
        if value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            let what = format!("CR, LF or NUL in the value of {}", shown(&field.name));
            message.note("h2_control_in_value", at, what);
        }
        let is_space = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
        if is_space(value.first()) || is_space(value.last()) {
            message.note("h2_space_round_value", at, format!("{} in spaces", shown(&field.name)));
        }
    }
}

/// The start of a name or value, for a note.
fn shown(bytes: &[u8]) -> std::slice::EscapeAscii<'_> {
    bytes.get(..64).unwrap_or(bytes).escape_ascii()
}

fn name(message: &mut Message, field: &Field, at: u64) {
    let name = &field.name[..];
    if name.iter().any(u8::is_ascii_uppercase) {
        message.note("h2_upper_case_field", at, format!("{} is not in lower case", shown(name)));
    }
    let after_colon = name.strip_prefix(b":").unwrap_or(name);
    if after_colon.is_empty() || after_colon.iter().any(|byte| matches!(byte, 0..=b' ' | b':' | 0x7f..)) {
        message.note("h2_bad_field_name", at, format!("'{}' is no name", shown(name)));
    }
    if OF_A_CONNECTION.iter().any(|other| name.eq_ignore_ascii_case(other)) {
        message.note("h2_connection_field", at, format!("{} has no place in HTTP/2", shown(name)));
    }
    if name.eq_ignore_ascii_case(b"te") && !field.value.trim_ascii().eq_ignore_ascii_case(b"trailers") {
        message.note("h2_te", at, format!("te: {}", shown(&field.value)));
    }
}

/// Holds `content-length` to the body of a message that was seen whole. `true` if it is there and right.
///
/// An answer without a body may give the length that it would have: to HEAD, and with 304. Where the request is not
/// known, an empty answer is not judged.
pub(super) fn content_length(message: &mut Message, data: u64, may_be_empty: bool) -> bool {
    let mut lengths =
        message.fields.iter().filter(|field| field.name == "content-length").map(|field| &field.value);
    let Some(first) = lengths.next().cloned() else { return false };
    let all_same = lengths.all(|other| *other == first);
    let digits = if first.iter().all(u8::is_ascii_digit) { std::str::from_utf8(&first).ok() } else { None };
    let length = digits.and_then(|digits| digits.parse::<u64>().ok());
    let is_right = all_same && length == Some(data);
    let may_be_empty = may_be_empty || message.field(":status").is_some_and(|status| status == "304");
    if is_right || message.has_gap || message.is_cut || (all_same && data == 0 && may_be_empty) {
        return is_right;
    }
    let what = format!("{data} bytes of body, content-length: {}", shown(&first));
    message.note("h2_content_length_differs", message.at, what);
    false
}
