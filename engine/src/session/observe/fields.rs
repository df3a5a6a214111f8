//! Header fields as an event has them: the name is a part under the field's label, and the value is another under the same one,
//! or follows the name in one part.

use coldcase_model::{Event, Part};

/// The value that a part of a header field holds; `None` where it holds the name alone, or belongs to no field.
pub(super) fn value<'e>(event: &'e Event, part: &Part) -> Option<&'e [u8]> {
    let (label, bytes) = (event.label(part), event.bytes(part));
    let named = bytes.split_at_checked(label.len()).filter(|(name, _)| name.eq_ignore_ascii_case(label));
    let value = named.and_then(|(_, rest)| rest.strip_prefix(b":")).unwrap_or(bytes).trim_ascii();
    (!label.is_empty() && !value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use coldcase_model::{EventHead, EventKind, Label, Origin, SessionKey, SourceSpan, Span, Surface};

    use super::*;

    /// What a part with this label and these bytes holds.
    fn value_of(label: &str, bytes: &str) -> Option<String> {
        let text = Bytes::copy_from_slice(bytes.as_bytes());
        let label = if label.is_empty() { Label::None } else { Label::Fixed(label.into()) };
        let origin = Origin::Decoded { offset: 0, len: text.len() as u64 };
        let part = Part { surface: Surface::Header, span: Span::new(0, text.len()), label, origin };
        let event = Event {
            head: EventHead::new(EventKind::HttpRequest, SessionKey::new("s"), SourceSpan::default()),
            parts: vec![part.clone()],
            text,
            document: Bytes::new(),
            document_offset: 0,
            extents: Vec::new(),
        };
        value(&event, &part).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    #[test]
    fn a_name_is_no_value() {
        assert_eq!(value_of("X-Key", "X-Key: "), None);
        assert_eq!(value_of("", "GET "), None);
        for bytes in ["abc\n", "X-Key: abc\n", "x-key:abc"] {
            assert_eq!(value_of("X-Key", bytes).as_deref(), Some("abc"), "{bytes:?}");
        }
        assert_eq!(value_of("abc", "abc\n").as_deref(), Some("abc"), "a value that is like its name");
    }
}
