//! The canonical form of JSON: one spelling for each value, so that a hash of it means something.
//!
//! Source: RFC 8785. Input that I-JSON (RFC 7493) does not allow has no canonical form and is refused: a key twice
//! in one object, half a surrogate pair, a number beyond the doubles. Written without recursion.
//! What the form cannot show: two numbers of many digits may be one double. Such numbers are told of.

use std::borrow::Cow;

use coldcase_model::json::{Kind, Value};

use super::text::decode;

/// Why a value has no canonical form, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct Irregular {
    /// Why.
    pub kind: IrregularKind,
    /// The byte offset in the line.
    pub offset: usize,
}

/// Why a value has no canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IrregularKind {
    /// A key that its object has already.
    #[error("a key stands twice in one object")]
    DuplicateKey,
    /// A string that is not UTF-8, or holds a bare control character, an unknown escape or half a surrogate pair.
    #[error("a string has no single reading")]
    Text,
    /// A number beyond the largest double.
    #[error("a number is beyond the doubles")]
    Number,
}

/// A value, with its key if it stands in an object.
type Member<'t, 'd> = (Option<Cow<'d, str>>, Value<'t, 'd>);

/// An object or array that is being written.
struct Open<'t, 'd> {
    rest: std::vec::IntoIter<Member<'t, 'd>>,
    close: u8,
    first: bool,
}

/// Writes the canonical form to `out`, which is emptied before, and tells whether every number kept all its digits.
///
/// `leave_out`: members of the outermost object that are not written.
pub(super) fn canonical(
    root: Value<'_, '_>,
    leave_out: &[&str],
    out: &mut Vec<u8>,
) -> Result<bool, Irregular> {
    out.clear();
    let mut exact = true;
    let mut open: Vec<Open<'_, '_>> = Vec::new();
    let mut next = Some(root);
    loop {
        if let Some(value) = next.take() {
            match value.kind() {
                Kind::Object => {
                    let rest = members(value, if open.is_empty() { leave_out } else { &[] })?.into_iter();
                    out.push(b'{');
                    open.push(Open { rest, close: b'}', first: true });
                }
                Kind::Array => {
                    let rest = value.items().map(|item| (None, item)).collect::<Vec<_>>().into_iter();
                    out.push(b'[');
                    open.push(Open { rest, close: b']', first: true });
                }
                Kind::String | Kind::Key => string(&text(value)?, out),
                Kind::Number => exact &= number(value, out)?,
                Kind::Literal => out.extend_from_slice(value.raw()),
            }
        }
        let Some(level) = open.last_mut() else { return Ok(exact) };
        if let Some((key, value)) = level.rest.next() {
            if !std::mem::take(&mut level.first) {
                out.push(b',');
            }
            if let Some(key) = key {
                string(&key, out);
                out.push(b':');
            }
            next = Some(value);
        } else {
            out.push(level.close);
            open.pop();
        }
    }
}

/// An object's members in the order of their keys' UTF-16 code units (section 3.2.3).
fn members<'t, 'd>(object: Value<'t, 'd>, leave_out: &[&str]) -> Result<Vec<Member<'t, 'd>>, Irregular> {
    let mut members = Vec::new();
    for (key, value) in object.members() {
        members.push((text(key)?, key.span().start, value));
    }
    // A stable sort: of equal keys the later one comes second, and is told of.
    members.sort_by(|(a, ..), (b, ..)| a.encode_utf16().cmp(b.encode_utf16()));
    let twice = members.iter().zip(members.iter().skip(1)).find(|((a, ..), (b, ..))| a == b);
    if let Some((_, (_, offset, _))) = twice {
        return Err(Irregular { kind: IrregularKind::DuplicateKey, offset: *offset });
    }
    let kept = members.into_iter().filter(|(key, ..)| !leave_out.contains(&key.as_ref()));
    Ok(kept.map(|(key, _, value)| (Some(key), value)).collect())
}

/// The text of a string or key.
fn text<'d>(value: Value<'_, 'd>) -> Result<Cow<'d, str>, Irregular> {
    let raw = value.raw();
    let content = raw.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let offset = value.span().start;
    content.and_then(decode).ok_or(Irregular { kind: IrregularKind::Text, offset })
}

/// Section 3.2.2.2: only what must be escaped is.
fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(br#"\""#),
            b'\\' => out.extend_from_slice(br"\\"),
            0x08 => out.extend_from_slice(br"\b"),
            b'\t' => out.extend_from_slice(br"\t"),
            b'\n' => out.extend_from_slice(br"\n"),
            0x0C => out.extend_from_slice(br"\f"),
            b'\r' => out.extend_from_slice(br"\r"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Section 3.2.2.3; tells whether the number kept all its digits.
fn number(value: Value<'_, '_>, out: &mut Vec<u8>) -> Result<bool, Irregular> {
    let offset = value.span().start;
    let double = value.f64().filter(|double| double.is_finite());
    let double = double.ok_or(Irregular { kind: IrregularKind::Number, offset })?;
    let written = ecma(double);
    out.extend_from_slice(written.as_bytes());
    Ok(written.as_bytes() == value.raw() || digits(written.as_bytes()) == digits(value.raw()))
}

/// A number's digits without sign, point, exponent and the zeros at both ends.
fn digits(number: &[u8]) -> Vec<u8> {
    let mantissa = number.iter().copied().take_while(|byte| !matches!(byte, b'e' | b'E'));
    let mut digits: Vec<u8> =
        mantissa.filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').collect();
    digits.truncate(digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1));
    digits
}

/// A double as ECMAScript writes it.
///
/// Source: ECMA-262, `Number::toString` with radix 10, and the second note there: of several shortest texts the
/// nearest one, of two as near the even one.
fn ecma(double: f64) -> String {
    let shortest = nearest(double.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let digits = mantissa.replace('.', "");
    // Where the point stands in the digits, counted from their start.
    let point = exponent.parse::<i32>().unwrap_or_default() + 1;
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let split =
        |at: i32| digits.split_at_checked(usize::try_from(at).unwrap_or_default()).unwrap_or_default();
    let laid_out = match point {
        1..=21 if count <= point => format!("{digits}{}", zeros(point - count)),
        1..=21 => format!("{}.{}", split(point).0, split(point).1),
        -5..=0 => format!("0.{}{digits}", zeros(-point)),
        _ => {
            let (first, rest) = split(1);
            let dot = if rest.is_empty() { "" } else { "." };
            format!("{first}{dot}{rest}e{:+}", point - 1)
        }
    };
    if double < 0.0 { format!("-{laid_out}") } else { laid_out }
}

/// The shortest digits that read back as the double, with an exponent.
///
/// Rust finds how many are needed, but of two as near it may take the odd one; rounded to so many digits, the even
/// one is right. Beside a power of two the nearest may not read back: then it is no candidate.
fn nearest(double: f64) -> String {
    let shortest = format!("{double:e}");
    let count = shortest.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    let rounded = format!("{double:.*e}", count.saturating_sub(1));
    let reads_back = rounded.parse::<f64>().is_ok_and(|read| read.to_bits() == double.to_bits());
    if reads_back { rounded } else { shortest }
}

#[cfg(test)]
mod tests;
