//! The fingerprint of a match: rule, value and logical place, keyed, from the bytes before anything is redacted.
//!
//! What a finding is about is its value where a value is the point: a credential, a number, an address. Where words are the
//! point (orders to a model, dangerous commands), the match alone would cover every later text with the same phrase in it;
//! there the whole text round it counts, so that one changed letter is a finding again.
//!
//! No offset, time, session or run goes in, and of a pointer no array index: a place is the same in the next recording.

use coldcase_model::{Category, Detail, Event, Fingerprint, Origin, Part, RuleInfo, Span, Surface, json};

use super::MacKey;
use crate::scan::Located;

/// Keeps these codes apart from any other use of the key; its number changes with what goes in.
const PURPOSE: &str = "coldcase.fingerprint/1";

pub(super) fn fingerprint(key: &MacKey, event: &Event, rule: &RuleInfo, found: &Located) -> Fingerprint {
    let head = &event.head;
    let (surface, pointer, whole) = place(event, found.secret);
    let tool = match &head.detail {
        Detail::Rpc { tool, .. } | Detail::Model { tool, .. } => tool.as_deref().unwrap_or_default(),
        Detail::None | Detail::Http { .. } | Detail::Log { .. } => "",
    };
    let views: Vec<&str> = found.views.iter().map(|view| view.as_str()).collect();
    let value = if is_about_a_value(rule.category) { found.secret_bytes.as_slice() } else { whole };
    let code = key.mac(
        PURPOSE,
        &[
            rule.id.as_bytes(),
            head.kind.as_str().as_bytes(),
            head.direction.map_or("", |direction| direction.as_str()).as_bytes(),
            surface.as_str().as_bytes(),
            &pointer,
            tool.as_bytes(),
            head.server.as_deref().unwrap_or_default().as_bytes(),
            host(event),
            views.join(" ").as_bytes(),
            value,
        ],
    );
    let mut print = [0; 16];
    print.iter_mut().zip(code).for_each(|(to, byte)| *to = byte);
    Fingerprint(print)
}

const fn is_about_a_value(category: Category) -> bool {
    match category {
        Category::Dlp | Category::Ssrf | Category::Egress => true,
        Category::Injection | Category::ToolPoison | Category::ToolDrift | Category::ToolPolicy => false,
        Category::Chain | Category::Exfil | Category::Smuggling | Category::Taint => false,
        Category::Integrity => false,
    }
}

/// Surface, pointer without array indexes, and the whole text that a stretch stands in.
fn place(event: &Event, secret: Span) -> (Surface, Vec<u8>, &[u8]) {
    let Some(part) = event.part_at(secret.start) else {
        return (Surface::Body, Vec::new(), &event.text);
    };
    let is_of_document = |part: &&Part| matches!(part.origin, Origin::Document | Origin::Body { .. });
    if is_of_document(&part) {
        // The document's first part starts where the document's text starts.
        let base = event.parts.iter().find(is_of_document).map_or(0, |part| part.span.start);
        let in_text = Span::new(secret.start.saturating_sub(base), secret.end.saturating_sub(base));
        if let Some(found) = json::locate(&event.document, in_text) {
            return (part.surface, without_indexes(&found.pointer), found.content.of(&event.document));
        }
    }
    let label = event.label(part);
    let pointer = match part.surface {
        // Names of fields are the same in any case.
        Surface::Header => label.to_ascii_lowercase(),
        _ => without_indexes(label),
    };
    (part.surface, pointer, event.bytes(part))
}

/// A JSON pointer with `*` for each array index; any other name as it is.
fn without_indexes(pointer: &[u8]) -> Vec<u8> {
    if pointer.first() != Some(&b'/') {
        return pointer.to_vec();
    }
    let token = |token: &[u8]| -> Vec<u8> {
        let is_index = !token.is_empty() && token.iter().all(u8::is_ascii_digit);
        if is_index { b"*".to_vec() } else { token.to_vec() }
    };
    pointer.split(|byte| *byte == b'/').map(token).collect::<Vec<_>>().join(&b'/')
}

/// Whom the event goes to or comes from, by its URL: what is accepted towards one host is not towards another.
fn host(event: &Event) -> &[u8] {
    let Some(url) = event.first_on(Surface::Url) else {
        return event.first_on(Surface::Host).map(|part| event.bytes(part)).unwrap_or_default();
    };
    let url = event.bytes(url);
    let start = memchr::memmem::find(url, b"://").map_or(0, |at| at + 3);
    let rest = url.get(start..).unwrap_or_default();
    // A backslash ends the authority for browsers, and for others it does not: what stands behind it counts as host.
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    let host = memchr::memrchr(b'@', authority).map_or(0, |at| at + 1);
    authority.get(host..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn array_indexes_of_pointers_are_left_out_and_nothing_else() {
        let pointers: [(&[u8], &[u8]); 6] = [
            (b"/messages/12/content", b"/messages/*/content"),
            (b"/0/1/2", b"/*/*/*"),
            (b"/a1/2b/", b"/a1/2b/"),
            (b"", b""),
            (b"x-api-key", b"x-api-key"),
            (b"12", b"12"),
        ];
        for (pointer, wanted) in pointers {
            assert_eq!(without_indexes(pointer), wanted);
        }
    }
}
