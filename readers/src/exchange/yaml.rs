//! YAML to a tree, with the places of its scalars.
//!
//! Aliases are not followed: what they stand for is scanned where it is written.

use std::borrow::Cow;

use coldcase_model::Span;
use granit_parser::{Event, Parser, ScalarStyle, options};

use super::tree::{Content, Node};
use crate::http;

/// How many values of one record are told apart.
const MAX_NODES: usize = 1 << 20;

/// A list or map that is not closed yet.
struct Open<'d> {
    start: usize,
    is_map: bool,
    nodes: Vec<Node<'d>>,
}

/// Reads the first document of a text; an error says what is wrong and where.
pub(super) fn parse(text: &str) -> Result<Node<'_>, (usize, String)> {
    let settings = options! { emit_unresolved_aliases: true };
    let mut open: Vec<Open<'_>> = Vec::new();
    for (count, next) in Parser::new_from_str_with_options(text, settings).enumerate() {
        let (event, span) = next.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or(0);
            (at, "the record is not YAML; scanned as plain text".to_owned())
        })?;
        let range = span.byte_range().unwrap_or(0..0);
        let span = Span::new(range.start, range.end.max(range.start));
        if count > MAX_NODES {
            return Err((span.start, "the record has too many values; scanned as plain text".to_owned()));
        }
        let node = match event {
            Event::SequenceStart(..) => {
                open.push(Open { start: span.start, is_map: false, nodes: Vec::new() });
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open { start: span.start, is_map: true, nodes: Vec::new() });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(done) = open.pop() else { continue };
                closed(done, span.end)
            }
            Event::Scalar(value, style, _, tag) => {
                let is_binary = tag.is_some_and(|tag| tag.suffix() == "binary");
                scalar(value, style, is_binary, span)
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => Node::null(span),
            Event::DocumentEnd | Event::StreamEnd => break,
            _ => continue,
        };
        match open.last_mut() {
            Some(outer) => outer.nodes.push(node),
            None => return Ok(node),
        }
    }
    Err((0, "the record is not a YAML value; scanned as plain text".to_owned()))
}

fn closed(done: Open<'_>, end: usize) -> Node<'_> {
    let span = Span::new(done.start, end.max(done.start));
    if !done.is_map {
        return Node { span, content: Content::List(done.nodes) };
    }
    let mut members = Vec::with_capacity(done.nodes.len() / 2);
    let mut nodes = done.nodes.into_iter();
    while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
        members.push((key, value));
    }
    Node { span, content: Content::Map(members) }
}

fn scalar(value: Cow<'_, str>, style: ScalarStyle, is_binary: bool, span: Span) -> Node<'_> {
    if is_binary && let Some(bytes) = http::base64(value.as_bytes()) {
        return Node::text(span, bytes.into(), false);
    }
    let is_bare = style == ScalarStyle::Plain;
    if is_bare && matches!(value.as_ref(), "" | "~" | "null" | "Null" | "NULL") {
        return Node::null(span);
    }
    let is_plain = is_bare && is_json_word(&value);
    let bytes = match value {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    };
    Node::text(span, bytes, is_plain)
}

/// Whether a bare scalar may stand in JSON as it is.
fn is_json_word(text: &str) -> bool {
    matches!(text, "true" | "false") || serde_json::from_str::<serde_json::Number>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_have_their_places_and_binary_ones_their_bytes() {
        let text = "- request:\n    body: !!binary |\n      aGk+\n    uri: \"a\\tb\"\n    n: 7\n    none: null\n    h:\n    - 'it''s'\n";
        let tree = parse(text).unwrap();
        let request = tree.items()[0].get("request").unwrap();
        assert_eq!(request.get("body").unwrap().bytes(), Some(&b"hi>"[..]));
        let uri = request.get("uri").unwrap();
        assert_eq!((uri.str(), uri.span.of(text.as_bytes())), (Some("a\tb"), &b"\"a\\tb\""[..]));
        assert!(request.get("none").is_none());
        assert_eq!(request.get("h").unwrap().items()[0].str(), Some("it's"));
        let mut json = Vec::new();
        request.write_json(&mut json);
        assert_eq!(json, br#"{"body":"hi>","uri":"a\u0009b","n":7,"none":null,"h":["it's"]}"#);
    }

    #[test]
    fn aliases_without_their_anchors_are_nothing_and_broken_text_says_where() {
        assert!(parse("a: *gone\nb: 1\n").unwrap().get("a").is_none());
        assert!(parse("a: \"x").is_err());
        assert!(parse("").is_err());
    }
}
