//! Walking a tape: values, their members and items, and where they stand.

use std::fmt;

use super::tape::{Kind, Node, filter_bit, tag};
use crate::Span;

/// A value on a tape.
#[derive(Clone, Copy)]
pub struct Value<'t, 'd> {
    pub(super) nodes: &'t [Node],
    pub(super) text: &'d [u8],
    pub(super) index: usize,
}

impl fmt::Debug for Value<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {:?}", self.kind(), self.span())
    }
}

impl<'t, 'd> Value<'t, 'd> {
    #[inline]
    fn node(self) -> Option<&'t Node> {
        self.nodes.get(self.index)
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        self.node().map_or(Kind::Literal, |node| node.kind)
    }

    /// Where it stands in the document, quotes and brackets included.
    pub fn span(self) -> Span {
        self.node().map_or(Span::default(), |node| Span::new(node.start as usize, node.end as usize))
    }

    /// Its bytes as written.
    pub fn raw(self) -> &'d [u8] {
        self.span().of(self.text)
    }

    /// The span of a string's content, without its quotes; of anything else, the whole span.
    pub fn content(self) -> Span {
        let span = self.span();
        match self.kind() {
            Kind::String | Kind::Key => {
                Span::new(span.start + 1, span.end.saturating_sub(1).max(span.start + 1))
            }
            Kind::Object | Kind::Array | Kind::Number | Kind::Literal => span,
        }
    }

    /// Whether it is a string (or key) that holds a backslash.
    pub fn is_escaped(self) -> bool {
        self.node().is_some_and(|node| node.escaped)
    }

    /// A string's bytes with escapes resolved; `None` for anything else.
    pub fn string(self) -> Option<std::borrow::Cow<'d, [u8]>> {
        let bytes = (self.kind() == Kind::String).then(|| self.content().of(self.text))?;
        Some(if self.is_escaped() { super::unescape(bytes).into() } else { bytes.into() })
    }

    /// A string as text; `None` where it is not a string or not UTF-8.
    pub fn str(self) -> Option<std::borrow::Cow<'d, str>> {
        match self.string()? {
            std::borrow::Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Into::into),
            std::borrow::Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Into::into),
        }
    }

    /// A number that is a whole non-negative one.
    pub fn u64(self) -> Option<u64> {
        (self.kind() == Kind::Number).then(|| std::str::from_utf8(self.raw()).ok()?.parse().ok())?
    }

    /// A number as a float.
    pub fn f64(self) -> Option<f64> {
        (self.kind() == Kind::Number).then(|| std::str::from_utf8(self.raw()).ok()?.parse().ok())?
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Literal && self.raw() == b"null"
    }

    /// The members of an object, in order, duplicates included; nothing for anything else.
    pub fn members(self) -> impl Iterator<Item = (Value<'t, 'd>, Value<'t, 'd>)> + use<'t, 'd> {
        let end = if self.kind() == Kind::Object { self.end() } else { 0 };
        let mut at = self.index + 1;
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let key = Value { index: at, ..self };
            let value = Value { index: at + 1, ..self };
            at = value.end();
            Some((key, value))
        })
    }

    /// The items of an array; nothing for anything else.
    pub fn items(self) -> impl Iterator<Item = Value<'t, 'd>> + use<'t, 'd> {
        let end = if self.kind() == Kind::Array { self.end() } else { 0 };
        let mut at = self.index + 1;
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let item = Value { index: at, ..self };
            at = item.end();
            Some(item)
        })
    }

    /// The first member with this key.
    #[inline]
    pub fn get(self, key: &str) -> Option<Value<'t, 'd>> {
        let object = self.node().filter(|node| node.kind == Kind::Object)?;
        let tag = tag(key.as_bytes());
        if object.tag & filter_bit(tag, key.len()) == 0 {
            return None;
        }
        self.find(key, tag, object.next as usize)
    }

    /// The first member with a key that has this tag, before the node at `end`.
    fn find(self, key: &str, tag: u16, end: usize) -> Option<Value<'t, 'd>> {
        let mut at = self.index + 1;
        while at < end {
            let name = self.nodes.get(at)?;
            let same = if name.escaped {
                Value { index: at, ..self }.is_key(key)
            } else {
                name.tag == tag
                    && name.content_len() == key.len()
                    && name.content().of(self.text) == key.as_bytes()
            };
            if same {
                return Some(Value { index: at + 1, ..self });
            }
            at = self.nodes.get(at + 1)?.next as usize;
        }
        None
    }

    /// The value at the end of a path of keys.
    pub fn at(self, path: &[&str]) -> Option<Value<'t, 'd>> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The string at a key.
    pub fn get_str(self, key: &str) -> Option<std::borrow::Cow<'d, str>> {
        self.get(key)?.str()
    }

    /// Whether a key reads like this once its escapes are resolved.
    pub fn is_key(self, key: &str) -> bool {
        let bytes = self.content().of(self.text);
        if self.is_escaped() { super::unescape(bytes) == key.as_bytes() } else { bytes == key.as_bytes() }
    }

    /// It and everything in it, in document order.
    pub fn descendants(self) -> impl Iterator<Item = Value<'t, 'd>> + use<'t, 'd> {
        (self.index..self.end()).map(move |index| Value { index, ..self })
    }

    fn end(self) -> usize {
        self.node().map_or(0, |node| node.next as usize)
    }
}
