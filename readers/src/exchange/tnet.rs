//! Tnetstrings: `LENGTH:PAYLOAD` and a byte for the type, lists and maps inside of payloads.
//!
//! Source: tnetstrings.org, and `mitmproxy/io/tnetstring.py`, which adds `;` for text in UTF-8. Where an element inside of a
//! map or list is damaged, the rest of that map or list is left out; the record's bytes are scanned all the same.

use coldcase_model::Span;

use super::tree::{Content, Node};
use crate::frame::length;

/// How deep maps and lists are followed.
const MAX_DEPTH: usize = 48;
/// How many values of one record are told apart.
const MAX_NODES: usize = 1 << 20;

/// Reads the element that a record is; also says whether all of it was read.
pub(super) fn parse(record: &[u8]) -> Option<(Node<'_>, bool)> {
    let mut reader = Reader { record, nodes: 0, is_whole: true };
    let (node, end) = reader.element(0, record.len(), 0)?;
    Some((node, reader.is_whole && end == record.len()))
}

struct Reader<'d> {
    record: &'d [u8],
    nodes: usize,
    is_whole: bool,
}

impl<'d> Reader<'d> {
    /// The element at a position, which may reach up to `limit`, and where it ends.
    fn element(&mut self, at: usize, limit: usize, depth: usize) -> Option<(Node<'d>, usize)> {
        let rest = self.record.get(at..limit)?;
        let (length, before) = length(rest)?;
        let start = at + before;
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        let kind = *self.record.get(end).filter(|_| end < limit)?;
        let payload = self.record.get(start..end)?;
        self.nodes += 1;
        let is_container = matches!(kind, b'}' | b']');
        if is_container && (depth >= MAX_DEPTH || self.nodes >= MAX_NODES) {
            self.is_whole = false;
            return Some((Node::null(Span::new(at, end + 1)), end + 1));
        }
        let span = if is_container { Span::new(at, end + 1) } else { Span::new(start, end) };
        let content = match kind {
            b',' | b';' => Content::Text { bytes: payload.into(), is_plain: false },
            b'#' | b'^' | b'!' => Content::Text { bytes: payload.into(), is_plain: true },
            b'~' => Content::Null,
            b']' => Content::List(self.elements(start, end, depth)),
            b'}' => {
                let mut members = Vec::new();
                let mut elements = self.elements(start, end, depth).into_iter();
                while let (Some(key), Some(value)) = (elements.next(), elements.next()) {
                    members.push((key, value));
                }
                Content::Map(members)
            }
            _ => return None,
        };
        Some((Node { span, content }, end + 1))
    }

    fn elements(&mut self, start: usize, end: usize, depth: usize) -> Vec<Node<'d>> {
        let (mut at, mut found) = (start, Vec::new());
        while at < end && self.nodes < MAX_NODES {
            let Some((node, next)) = self.element(at, end, depth + 1) else { break };
            found.push(node);
            at = next;
        }
        self.is_whole &= at == end;
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_lists_and_every_type_are_read_with_their_places() {
        let record = b"57:1:a;3:b\0c,1:n;2:42#1:l;16:3:1.5^4:true!0:~]1:m;7:1:k;0:;}}";
        let (node, is_whole) = parse(record).unwrap();
        assert!(is_whole);
        let text = node.get("a").unwrap();
        assert_eq!((text.bytes(), text.span.of(record)), (Some(&b"b\0c"[..]), &b"b\0c"[..]));
        assert_eq!(node.get("n").unwrap().str(), Some("42"));
        assert_eq!(node.get("l").unwrap().items().len(), 3);
        assert_eq!(node.at(&["m", "k"]).unwrap().bytes(), Some(&b""[..]));
    }

    #[test]
    fn damage_inside_leaves_the_rest_of_its_map_out() {
        let (node, is_whole) = parse(b"14:1:a;1:b;9:x;99}").unwrap();
        assert!(!is_whole);
        assert_eq!(node.get("a").unwrap().str(), Some("b"));
        for broken in [&b"5:abc,"[..], b"3:abc", b"3:abc?", b"", b"x"] {
            assert!(parse(broken).is_none(), "{broken:?}");
        }
    }

    #[test]
    fn what_is_too_deep_is_not_followed() {
        let mut record = b"0:]".to_vec();
        for _ in 0..200 {
            record = [format!("{}:", record.len()).as_bytes(), &record, b"]"].concat();
        }
        assert!(!parse(&record).unwrap().1);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_within_bounds(record in "[0-9:,;#^!~}\\]a]{0,60}") {
            if let Some((node, _)) = parse(record.as_bytes()) {
                proptest::prop_assert!(node.span.end <= record.len());
            }
        }
    }
}
