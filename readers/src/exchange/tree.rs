//! A record as a tree of texts, lists and maps, each with its place in the record.

use std::borrow::Cow;

use coldcase_model::Span;
use coldcase_model::json::{Kind, Value};

/// A value.
#[derive(Debug, Clone)]
pub(super) struct Node<'d> {
    /// Where it stands in the record, as it is spelled.
    pub(super) span: Span,
    pub(super) content: Content<'d>,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Content<'d> {
    /// Nothing, or what is not followed.
    Null,
    /// Text, bytes, a number or a truth value.
    Text {
        /// Its bytes, decoded.
        bytes: Cow<'d, [u8]>,
        /// Whether it is one of JSON's own words or numbers.
        is_plain: bool,
    },
    List(Vec<Node<'d>>),
    Map(Vec<(Node<'d>, Node<'d>)>),
}

impl<'d> Node<'d> {
    pub(super) fn null(span: Span) -> Self {
        Self { span, content: Content::Null }
    }

    pub(super) fn text(span: Span, bytes: Cow<'d, [u8]>, is_plain: bool) -> Self {
        Self { span, content: Content::Text { bytes, is_plain } }
    }

    /// The tree of a JSON value; as deep as the tape allows.
    pub(super) fn of_json(value: Value<'_, 'd>) -> Self {
        let span = value.span();
        let content = match value.kind() {
            Kind::Object => {
                let members = value.members();
                Content::Map(members.map(|(key, value)| (Self::of_json(key), Self::of_json(value))).collect())
            }
            Kind::Array => Content::List(value.items().map(Self::of_json).collect()),
            Kind::String => Content::Text { bytes: value.string().unwrap_or_default(), is_plain: false },
            Kind::Key => {
                let raw = value.raw();
                let text = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
                let bytes = if value.is_escaped() {
                    coldcase_model::json::unescape(text).into()
                } else {
                    text.into()
                };
                Content::Text { bytes, is_plain: false }
            }
            Kind::Literal if value.is_null() => Content::Null,
            Kind::Literal | Kind::Number => Content::Text { bytes: value.raw().into(), is_plain: true },
        };
        Self { span, content }
    }

    /// The members of a map.
    pub(super) fn members(&self) -> &[(Node<'d>, Node<'d>)] {
        match &self.content {
            Content::Map(members) => members,
            Content::Null | Content::Text { .. } | Content::List(_) => &[],
        }
    }

    /// The items of a list.
    pub(super) fn items(&self) -> &[Node<'d>] {
        match &self.content {
            Content::List(items) => items,
            Content::Null | Content::Text { .. } | Content::Map(_) => &[],
        }
    }

    /// The bytes of a text.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Text { bytes, .. } => Some(bytes),
            Content::Null | Content::List(_) | Content::Map(_) => None,
        }
    }

    /// A text that is UTF-8.
    pub(super) fn str(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// The first member with this key that is not null.
    pub(super) fn get(&self, key: &str) -> Option<&Node<'d>> {
        let found = self.members().iter().find(|(name, _)| name.bytes() == Some(key.as_bytes()));
        found.map(|(_, value)| value).filter(|value| !matches!(value.content, Content::Null))
    }

    /// The value at the end of a path of keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Node<'d>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// It as JSON, for a body that a recording keeps as a structure.
    pub(super) fn write_json(&self, out: &mut Vec<u8>) {
        match &self.content {
            Content::Null => out.extend_from_slice(b"null"),
            Content::Text { bytes, is_plain: true } => out.extend_from_slice(bytes),
            Content::Text { bytes, is_plain: false } => quote(bytes, out),
            Content::List(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    item.write_json(out);
                }
                out.push(b']');
            }
            Content::Map(members) => {
                out.push(b'{');
                for (index, (key, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    quote(key.bytes().unwrap_or_default(), out);
                    out.push(b':');
                    value.write_json(out);
                }
                out.push(b'}');
            }
        }
    }
}

fn quote(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use coldcase_model::json::Tape;

    use super::*;

    #[test]
    fn a_tree_is_written_as_the_json_that_it_came_from() {
        let text = br#"{"a\"b":[1,true,null,"x\ny"],"c":{}}"#;
        let mut tape = Tape::default();
        let tree = Node::of_json(tape.parse(text).unwrap());
        let mut out = Vec::new();
        tree.write_json(&mut out);
        assert_eq!(out, text);
        assert_eq!(tree.get("a\"b").unwrap().items().len(), 4);
        assert!(tree.get("a\"b").unwrap().items()[2].bytes().is_none());
    }
}
