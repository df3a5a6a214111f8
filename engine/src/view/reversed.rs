//! Text written from its end to its start, a character at a time.

use coldcase_model::Span;

use super::utf8::char_at;

/// Decodes; bytes that are no UTF-8 count as characters. Source and output run against each other: see [`mirror`].
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>) {
    let before = out.len();
    out.resize(before + source.len(), 0);
    let slots = out.get_mut(before..).unwrap_or_default();
    let mut at = 0;
    while at < source.len() {
        let end = at + char_at(source, at).map_or(1, char::len_utf8);
        let place = Span::new(source.len() - end, source.len() - at);
        if let (Some(slot), Some(bytes)) = (slots.get_mut(place.start..place.end), source.get(at..end)) {
            slot.copy_from_slice(bytes);
        }
        at = end;
    }
}

/// Turns spans of the decoded form into spans of the source, which is `len` bytes long.
pub(super) fn mirror(len: usize, spans: &mut [Span]) {
    for span in spans {
        *span = Span::new(len.saturating_sub(span.end), len.saturating_sub(span.start));
    }
}
