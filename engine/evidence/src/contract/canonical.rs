//! The canonical form that evidence receipts and rosters are signed in. It is called JCS and is not RFC 8785.
//!
//! Strings are in NFC and spelled as Go spells them, keys sorted by their UTF-8 bytes, numbers whole and kept
//! digit by digit. Left out: the joiner that Go's normaliser puts into runs of more than thirty combining marks.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 11.

use coldcase_model::json::{Error, Kind, Tape, Value};
use unicode_normalization::UnicodeNormalization as _;

use crate::spelling;

/// Why a document has no canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CanonicalError {
    /// No JSON, or nested deeper than 128.
    #[error("the document {0}")]
    Syntax(Error),
    /// A string with a bad escape, half a surrogate pair, a control character, or bytes that are not UTF-8.
    #[error("no text in the string at byte {offset}")]
    NotText {
        /// The opening quote.
        offset: usize,
    },
    /// A fraction, an exponent, or more than a signed 64-bit integer holds.
    #[error("no 64-bit integer at byte {offset}")]
    NotWhole {
        /// The first digit or the sign.
        offset: usize,
    },
    /// A key stands twice in its object, or two keys are one after normalisation.
    #[error("two keys are one in the object at byte {offset}")]
    KeysMeet {
        /// The opening bracket.
        offset: usize,
    },
}

/// What the four members of a receipt's signature read while it is signed.
const BLANK: &[u8] = br#"{"algorithm":"","key_purpose":"","signature":"","signer_key_id":""}"#;

/// The canonical form of a document.
pub fn canonical_form(json: &[u8]) -> Result<Vec<u8>, CanonicalError> {
    let mut tape = Tape::default();
    whole(tape.parse(json).map_err(CanonicalError::Syntax)?)
}

/// The canonical form of a value.
pub(super) fn whole(value: Value<'_, '_>) -> Result<Vec<u8>, CanonicalError> {
    write(value, Signature::Kept)
}

/// The canonical form of a receipt while it is signed: the members of its signature are empty.
pub(super) fn unsigned(receipt: Value<'_, '_>) -> Result<Vec<u8>, CanonicalError> {
    write(receipt, Signature::Blank)
}

/// A string or key as text; none if a strict reader would refuse it.
pub(super) fn decode(string: Value<'_, '_>) -> Option<String> {
    serde_json::from_slice(string.raw()).ok()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Signature {
    Kept,
    Blank,
}

/// An object or array that is being written.
struct Open<'t, 'd> {
    rest: std::vec::IntoIter<(Option<String>, Value<'t, 'd>)>,
    first: bool,
    end: u8,
}

/// Values wait on a list, not on the stack: documents are hostile.
fn write(root: Value<'_, '_>, signature: Signature) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::with_capacity(root.raw().len());
    let mut open = Vec::new();
    open.extend(begin(root, &mut out)?);
    loop {
        let depth = open.len();
        let Some(innermost) = open.last_mut() else { return Ok(out) };
        let Some((key, value)) = innermost.rest.next() else {
            out.push(innermost.end);
            open.pop();
            continue;
        };
        if !std::mem::replace(&mut innermost.first, false) {
            out.push(b',');
        }
        if let Some(key) = &key {
            spelling::encode(key.as_bytes(), &mut out);
            out.push(b':');
        }
        if depth == 1 && signature == Signature::Blank && key.as_deref() == Some("signature") {
            out.extend_from_slice(BLANK);
        } else {
            open.extend(begin(value, &mut out)?);
        }
    }
}

/// Writes a value, or its opening bracket; then what stands in it is given back.
fn begin<'t, 'd>(value: Value<'t, 'd>, out: &mut Vec<u8>) -> Result<Option<Open<'t, 'd>>, CanonicalError> {
    match value.kind() {
        Kind::Object => {
            out.push(b'{');
            return Ok(Some(Open { rest: sorted(value)?.into_iter(), first: true, end: b'}' }));
        }
        Kind::Array => {
            out.push(b'[');
            let items: Vec<_> = value.items().map(|item| (None, item)).collect();
            return Ok(Some(Open { rest: items.into_iter(), first: true, end: b']' }));
        }
        Kind::String | Kind::Key => spelling::encode(normal(value)?.as_bytes(), out),
        Kind::Number => {
            let digits = std::str::from_utf8(value.raw()).ok();
            if digits.and_then(|digits| digits.parse::<i64>().ok()).is_none() {
                return Err(CanonicalError::NotWhole { offset: value.span().start });
            }
            out.extend_from_slice(value.raw());
        }
        Kind::Literal => out.extend_from_slice(value.raw()),
    }
    Ok(None)
}

/// The members of an object by their normalised keys. Rust orders text by its UTF-8 bytes.
fn sorted<'t, 'd>(object: Value<'t, 'd>) -> Result<Vec<(Option<String>, Value<'t, 'd>)>, CanonicalError> {
    let mut members = Vec::new();
    for (key, value) in object.members() {
        members.push((Some(normal(key)?), value));
    }
    members.sort_by(|(left, _), (right, _)| left.cmp(right));
    let meet = members.iter().zip(members.iter().skip(1)).any(|((left, _), (right, _))| left == right);
    if meet { Err(CanonicalError::KeysMeet { offset: object.span().start }) } else { Ok(members) }
}

fn normal(string: Value<'_, '_>) -> Result<String, CanonicalError> {
    let text = decode(string).ok_or(CanonicalError::NotText { offset: string.span().start })?;
    Ok(if text.is_ascii() { text } else { text.nfc().collect() })
}

#[cfg(test)]
mod tests;
