//! From a position in a document's text back to the source: the value there, its pointer, its bytes.
//!
//! Done on demand, for findings only, by reading the document again; the clean path never pays for it.

use super::{Kind, Tape, Value, source_position, unescape};
use crate::Span;

/// Where a stretch of a document's text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The JSON pointer (RFC 6901) of the innermost value or key, as bytes of the input.
    pub pointer: Vec<u8>,
    /// The stretch within that value: of a string its decoded content, of anything else its text.
    pub span: Span,
    /// The stretch in the document's source bytes.
    pub source: Span,
    /// All of the value's content in the document's source bytes.
    pub content: Span,
}

/// Longer pointers are cut; a hostile document could otherwise spend a megabyte on each finding.
const MAX_POINTER: usize = 1024;

/// Finds where `span`, measured in the text that [`super::flatten`] made of `document`, comes from.
pub fn locate(document: &[u8], span: Span) -> Option<Location> {
    let mut tape = Tape::default();
    let root = tape.parse(document).ok()?;
    let source = Span::new(source_of(document, root, span.start), source_of(document, root, span.end));
    let (value, pointer) = innermost(root, source.start);
    let content = value.content();
    let within = |at: usize| {
        decoded_distance(content.of(document), at.clamp(content.start, content.end) - content.start)
    };
    Some(Location { pointer, span: Span::new(within(source.start), within(source.end)), source, content })
}

/// The outermost value of a document whose content starts at this position of its text.
pub fn value_at<'t, 'd>(document: &'d [u8], root: Value<'t, 'd>, text: usize) -> Option<Value<'t, 'd>> {
    let at = source_of(document, root, text);
    let mut value = root;
    while value.content().start != at {
        let holds = |inner: &Value<'_, '_>| inner.span().start <= at && at < inner.span().end;
        value = value.members().map(|(_, inner)| inner).chain(value.items()).find(holds)?;
    }
    Some(value)
}

/// The source position of a text position.
fn source_of(document: &[u8], root: Value<'_, '_>, text: usize) -> usize {
    let whole = root.span();
    // `copied` in the source is `written` in the text.
    let (mut copied, mut written) = (whole.start, 0);
    for string in root.descendants().filter(|value| value.is_escaped()) {
        let content = string.content();
        let start = written + (content.start - copied);
        if text < start {
            break;
        }
        let decoded = unescape(content.of(document)).len();
        if text < start + decoded {
            return content.start + source_position(content.of(document), text - start);
        }
        (copied, written) = (content.end, start + decoded);
    }
    (copied + (text - written)).min(whole.end)
}

/// How many decoded bytes the first `source` bytes of a string's content give.
fn decoded_distance(content: &[u8], source: usize) -> usize {
    unescape(content.get(..source).unwrap_or(content)).len()
}

/// The innermost value or key round a source position, with its pointer; a key stands for its value's pointer.
fn innermost<'t, 'd>(root: Value<'t, 'd>, at: usize) -> (Value<'t, 'd>, Vec<u8>) {
    let holds = |value: &Value<'_, '_>| value.span().start <= at && at < value.span().end.max(1);
    let mut pointer = Vec::new();
    let mut value = root;
    loop {
        let member = value.members().find(|(key, inner)| holds(key) || holds(inner));
        let item = value.items().enumerate().find(|(_, inner)| holds(inner));
        match (member, item) {
            (Some((key, inner)), _) => {
                push_token(&mut pointer, key);
                if holds(&key) {
                    return (key, pointer);
                }
                value = inner;
            }
            (None, Some((index, inner))) => {
                pointer.extend_from_slice(format!("/{index}").as_bytes());
                value = inner;
            }
            (None, None) => return (value, pointer),
        }
        if pointer.len() > MAX_POINTER {
            pointer.truncate(MAX_POINTER);
            return (value, pointer);
        }
    }
}

/// RFC 6901 section 3: `~` and `/` are escaped.
fn push_token(pointer: &mut Vec<u8>, key: Value<'_, '_>) {
    pointer.push(b'/');
    let raw = key.raw();
    let content = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    let decoded = if key.is_escaped() { super::unescape(content) } else { content.to_vec() };
    debug_assert_eq!(key.kind(), Kind::Key);
    for byte in decoded.into_iter().take(MAX_POINTER) {
        match byte {
            b'~' => pointer.extend_from_slice(b"~0"),
            b'/' => pointer.extend_from_slice(b"~1"),
            byte => pointer.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Surface;
    use crate::json::flatten;
    use bytes::Bytes;

    #[test]
    fn a_hit_in_the_text_leads_back_to_pointer_and_source() {
        let document = Bytes::from_static(br#"{"a\/b":{"l":["x","tab\tkey=\u0041BC"]},"n":7}"#);
        let mut tape = Tape::default();
        let root = tape.parse(&document).expect("valid");
        let flat = flatten(&document, root, &[], Surface::JsonString);
        let at = flat.text.windows(3).position(|three| three == b"ABC").expect("decoded");
        let found = locate(&document, Span::new(at, at + 3)).expect("located");
        assert_eq!(found.pointer, b"/a~1b/l/1");
        assert_eq!(found.span, Span::new(8, 11));
        assert_eq!(found.source.of(&document), br"\u0041BC");
        assert_eq!(found.content.of(&document), br"tab\tkey=\u0041BC");
    }

    #[test]
    fn a_value_is_found_by_where_its_text_starts() {
        let document =
            Bytes::from_static(br#"{"s":"\u0041\n","c":{"arguments":{"p":"x\"y"},"t":"{\"q\":1}"}}"#);
        let mut tape = Tape::default();
        let root = tape.parse(&document).expect("valid");
        let flat = flatten(&document, root, &[], Surface::JsonString);
        let text =
            |needle: &[u8]| flat.text.windows(needle.len()).position(|part| part == needle).expect("there");
        let found = |at| value_at(&document, root, at).map(|value| value.raw().to_vec());
        assert_eq!(found(text(br#"{"p""#)).as_deref(), Some(&br#"{"p":"x\"y"}"#[..]));
        assert_eq!(found(text(br#"{"q""#)).as_deref(), Some(&br#""{\"q\":1}""#[..]));
        assert_eq!(found(text(br#""y"#)), None, "inside of a value");
    }

    #[test]
    fn keys_and_numbers_have_pointers_too() {
        let document = br#"{"secret-key":{"n":12345}}"#;
        assert_eq!(locate(document, Span::new(3, 6)).expect("key").pointer, b"/secret-key");
        assert_eq!(locate(document, Span::new(20, 22)).expect("number").pointer, b"/secret-key/n");
    }
}
